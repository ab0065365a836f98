"""Rehearsals as their folders tell: no row of the database knows of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grants_app.competitions.rules.rehearsal import CODE, MOMENTS


@dataclass(frozen=True)
class Moment:
    """A moment that can be visited: its name, words (msgid) and where the clock stands."""

    name: str
    label: str
    at: datetime


@dataclass(frozen=True)
class Fault:
    """What the rehearsal found wrong with the settings: msgid, facts, whether it stops a real competition too."""

    message: str
    facts: dict[str, Any]
    is_grave: bool


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal of a call. status: waiting | playing | ready | failed."""

    code: str
    run: str
    status: str
    job: str
    made_at: datetime
    expires_at: datetime
    applications: int
    moments: tuple[Moment, ...]
    faults: tuple[Fault, ...]
    figures: dict[str, Any]
    failure: str
    path: Path


def folder_of(root: Path, code: str) -> Path:
    """Where the rehearsal of a call lies."""
    return root / code


def rehearsal_of(root: Path, code: str) -> Rehearsal | None:
    """The rehearsal of a call, None while there is none (or what is there cannot be read)."""
    if not CODE.fullmatch(code):
        return None
    path = folder_of(root, code)
    try:
        told = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        return Rehearsal(
            code=code,
            run=told["run"],
            status=told["status"],
            job=told["job"],
            made_at=datetime.fromisoformat(told["made_at"]),
            expires_at=datetime.fromisoformat(told["expires_at"]),
            applications=told["applications"],
            moments=tuple(
                Moment(one["name"], MOMENTS[one["name"]], datetime.fromisoformat(one["at"])) for one in told["moments"]
            ),
            faults=tuple(Fault(one["message"], one["facts"], one["is_grave"]) for one in told["faults"]),
            figures=told["figures"],
            failure=told["failure"],
            path=path,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def rehearsals_in(root: Path) -> list[Rehearsal]:
    """Every rehearsal of this installation."""
    if not root.is_dir():
        return []
    found = (rehearsal_of(root, path.name) for path in sorted(root.iterdir()))
    return [one for one in found if one is not None]
