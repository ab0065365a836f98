"""Terms of corrections when the city names a new day off: those still running end later, by as many working days."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from grants_app.applications.models import Application, Correction
from grants_app.applications.queries import hidden_ids
from grants_app.applications.services.formal_check import CALENDAR_FROM
from grants_app.competitions.services.days import Days, MovedTerm, TermKeeper, keep_terms, moved_term
from grants_app.core import clock
from grants_app.database import db, lock

WHAT = "Correction of defects, once, of the named answers alone"


def _running() -> sa.Select[Any]:
    return (
        sa.select(Correction)
        .join(Correction.application)
        .where(Correction.answered_at.is_(None), Correction.due_at > clock.now())
        .order_by(Correction.id)
    )


def _moved(correction: Correction, old: Days, new: Days) -> MovedTerm | None:
    start = clock.kyiv(correction.sent_at).date()
    competition = correction.application.competition
    if competition.correction_days < CALENDAR_FROM:
        end = moved_term(start, correction.due_day, old, new)
    else:  # a term of calendar days moves only when its very end becomes a day off
        end = clock.add_term(correction.due_day, 0, working=False, days_off=new)
    code = competition.code
    return None if end == correction.due_day else MovedTerm(WHAT, code, correction.due_day, end)


def find(old: Days, new: Days, viewer: Any) -> list[MovedTerm]:
    """Corrections whose term moves; those of applications that the viewer is out of are not told."""
    query = _running().options(contains_eager(Correction.application).joinedload(Application.competition))
    rows = list(db.session.scalars(query))
    competitions = {row.application.competition_id: row.application.competition for row in rows}
    out = {key: hidden_ids(viewer, one) for key, one in competitions.items()}
    shown = [row for row in rows if row.application_id not in out[row.application.competition_id]]
    return [moved for row in shown if (moved := _moved(row, old, new)) is not None]


def move(old: Days, new: Days) -> int:
    """Move them all; how many."""
    count = 0
    for correction in db.session.scalars(lock(_running())):
        moved = _moved(correction, old, new)
        if moved is not None:
            correction.due_day, correction.due_at = moved.new, clock.end_of_day(moved.new)
            count += 1
    return count


def init_terms() -> None:
    """Let the calendar know of the terms of corrections."""
    keep_terms("corrections", TermKeeper(find, move))
