"""The rehearsal's own notes: progress to whoever waits, faults in words, copies of the database at its moments."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from grants_app.core import clock
from grants_app.core.errors import DomainError, ManyErrors

DATABASE = "play.sqlite3"


class Record:
    """What is told of a rehearsal while it is played; kept in manifest.json after every change."""

    def __init__(self, folder: Path, total: int) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self._done, self._total = 0, total
        self._known: set[str] = set()

    def step(self, count: int = 1) -> None:
        """So much of the work is done."""
        self._done = min(self._done + count, self._total)
        print(json.dumps({"done": self._done, "total": self._total}), flush=True)  # noqa: T201  the parent reads it

    def fault(self, message: str, facts: Mapping[str, Any] | None = None, *, is_grave: bool = True) -> None:
        """Something is wrong with the settings; said once however many applications stumble over it."""
        told = _plain(facts or {})
        one = {"message": message, "facts": told, "is_grave": is_grave}
        key = json.dumps(one, sort_keys=True)
        if key not in self._known:
            self._known.add(key)
            self.manifest["faults"].append(one)
            self.save()

    def condition(self, message: str, facts: Mapping[str, Any]) -> None:
        """A condition of announcing that is not met: its words say how it should be."""
        told = {"message": message, "facts": _plain(facts)}
        self.fault("A condition of announcing is not met: %(condition)s", {"condition": told})

    def refusals(self, error: DomainError, *, label: str = "", is_grave: bool = True) -> None:
        """What a service refused, as faults."""
        for one in error.errors if isinstance(error, ManyErrors) else [error]:
            if label:
                problem = {"message": one.message, "facts": _plain(one.facts)}
                self.fault("“%(label)s”: %(problem)s", {"label": label, "problem": problem}, is_grave=is_grave)
            else:
                self.fault(one.message, one.facts, is_grave=is_grave)

    def moment(self, name: str) -> None:
        """Keep the database as it stands now, to be visited with the clock standing here."""
        folder = self.folder / "moments"
        folder.mkdir(exist_ok=True)
        with (
            closing(sqlite3.connect(self.folder / DATABASE)) as source,
            closing(sqlite3.connect(folder / f"{name}.sqlite3")) as copy,
        ):
            source.backup(copy)
        self.manifest["moments"].append({"name": name, "at": clock.now().isoformat()})
        self.save()

    def finish(self, status: str, failure: str = "") -> None:
        """The last word; the working copy of the database goes, its moments stay."""
        self.manifest["status"], self.manifest["failure"] = status, failure
        for path in self.folder.glob(f"{DATABASE}*"):
            path.unlink(missing_ok=True)
        self.save()

    def figure(self, **figures: int) -> None:
        """Numbers for the page."""
        self.manifest["figures"].update(figures)
        self.save()

    def save(self) -> None:
        """Write the notes; a reader never sees half of them."""
        draft = self.folder / "manifest.part"
        draft.write_text(json.dumps(self.manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(self.folder / "manifest.json")


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | str | dict) else str(value) for name, value in facts.items()}
