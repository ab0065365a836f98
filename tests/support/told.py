"""Which steps a test takes and which letters are written in the very units of these steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from grants_app.database import before_commit
from grants_app.journal.telling import STEPS, Silent

# Steps that may find nobody to tell, and why. Every other step of the table tells somebody in whatever test takes it.
MAY_FIND_NOBODY = {
    ("competition", "open_review"): "no expert has an application yet",
    ("voucher_programme", "activate"): "no organisation holds a voucher yet",
    ("voucher_programme", "suspend"): "the same",
    ("voucher_programme", "close"): "the same",
    ("assignment", "take_back"): "before scoring opens the expert had not been told of the assignment",
    ("assignment", "end_by_conflict"): "the same",
    ("conflict", "stand"): "named beforehand, or nobody is left who may hear of it",
    ("conflict", "dismiss"): "found by the machine: nobody had reported it",
}
# Folders of tests whose people and organisations are whole.
STAGES = frozenset({"applications", "awards", "competitions", "reviews", "vouchers"})


@dataclass
class Told:
    """Steps of the state tables that must tell somebody: taken, and taken in silence."""

    taken: set[tuple[str, str]] = field(default_factory=set)
    silent: set[tuple[str, str]] = field(default_factory=set)

    def look(self, session: Session) -> None:
        """Compare the entries of a unit with the letters of the same unit, before both are stored."""
        letters = {notice.template for notice in session.info.get("letters_written", [])}
        for entry in session.info.get("journal_pending", []):
            told = STEPS.get(entry["thing"], {}).get(entry["step"])
            if entry["to_state"] is None or told is None or isinstance(told, Silent):
                continue
            step = (str(entry["thing"]), str(entry["step"]))
            self.taken.add(step)
            if not letters & set(told):
                self.silent.add(step)


@contextmanager
def watched() -> Iterator[Told]:
    """Watch every unit inside."""
    told = Told()
    before_commit.insert(0, told.look)
    try:
        yield told
    finally:
        before_commit.remove(told.look)
