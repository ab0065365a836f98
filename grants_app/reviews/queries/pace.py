"""How many reviews will be missing at the end of scoring if somebody goes on as before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.core import clock
from grants_app.database import db
from grants_app.journal.models import JournalEntry

_DAY_S = 86_400


@dataclass(frozen=True)
class Forecast:
    """An expert's own outlook in one competition."""

    competition_code: str
    competition: str
    done_count: int
    all_count: int
    missing_count: int
    until: datetime


def opened_at(codes: Iterable[str]) -> dict[str, datetime]:
    """When scoring of these competitions was opened."""
    query = (
        sa.select(JournalEntry.scope, sa.func.min(JournalEntry.at))
        .filter(JournalEntry.scope.in_(sorted(codes)), JournalEntry.step == "open_review")
        .group_by(JournalEntry.scope)
    )
    return {scope: at for scope, at in db.session.execute(query) if scope is not None}


def missing_on_the_day(left: int, done: int, until: datetime | None, opened: datetime | None) -> int:
    """Reviews of `left` that will not be ready at the end at the pace of the `done` ones.

    The first day says nothing about anybody's pace.
    """
    if left == 0 or until is None or opened is None:
        return left
    passed = (clock.now() - opened).total_seconds()
    ahead = max(0.0, (until - clock.now()).total_seconds())
    if passed < _DAY_S and ahead > 0:
        return 0
    coming = int(done * ahead // passed) if passed > 0 else 0
    return max(0, left - coming)
