"""«Мої заявки»: what an expert has to score, in which order, and what will not be ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.reviews.models import Assignment, Review
from grants_app.reviews.queries.conflicts import is_kept_out
from grants_app.reviews.queries.marks import SCORED_STATES
from grants_app.reviews.queries.masking import titles_of_hidden
from grants_app.reviews.queries.pace import Forecast, missing_on_the_day, opened_at
from grants_app.reviews.queries.people import ENDED
from grants_app.reviews.queries.sheets import HIDDEN_STAGES

_NEVER = datetime.min.replace(tzinfo=UTC)
_ORDER: dict[State, int] = {
    AssignmentState.IN_PROGRESS: 0,
    AssignmentState.ACCEPTED: 1,
    AssignmentState.PROPOSED: 2,
    AssignmentState.DONE: 3,
}


@dataclass(frozen=True)
class QueueRow:
    """An application on the expert's table."""

    code: str
    title: str
    organisation: str
    competition_code: str
    competition: str
    requested_kop: int
    state: State
    is_open: bool
    is_doubted: bool
    due_at: datetime | None
    declared_at: datetime | None
    saved_at: datetime | None
    submitted_at: datetime | None
    skipped_at: datetime | None
    total_text: str | None

    @property
    def waits(self) -> bool:
        """Whether this expert can work on it now."""
        return self.is_open and not self.is_doubted


def my_assignments(user: User) -> list[QueueRow]:
    """What the expert has to score and has scored, in the order in which to take it.

    What is begun comes first, then what has the fewest finished reviews, then what was put off. Of the other experts'
    pace the order is all that shows: no number of theirs is in a row.
    """
    bid, call, body = Application, Competition, Organisation
    query = (
        sa.select(
            bid.code, bid.title, body.short_name, call.code.label("call_code"), call.title.label("call_title"),
            call.state.label("call_state"), call.scoring_until, bid.requested_kop, Assignment.state,
            Assignment.doubted_at, Assignment.declared_at, Assignment.skipped_at, bid.review_count,
            bid.id.label("bid_id"), call.blind_phases, call.scoring_by,
            Review.saved_at, Review.submitted_at, Review.total_text,
        )
        .select_from(Assignment)
        .join(bid, bid.id == Assignment.application_id)
        .join(call, call.id == bid.competition_id)
        .outerjoin(body, body.id == bid.organisation_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .filter(
            Assignment.expert_id == user.id,
            Assignment.state.not_in(ENDED),
            ~is_kept_out(Assignment.expert_id, Assignment.application_id),
            bid.state.in_(SCORED_STATES),
            call.state.not_in(HIDDEN_STAGES),
        )
    )  # fmt: skip
    found = db.session.execute(query).all()
    veiled = titles_of_hidden(found)
    rows = [(_queue_row(one, veiled.get(one.bid_id)), one.review_count) for one in found]
    return [row for row, _count in sorted(rows, key=lambda pair: _turn(*pair))]


def _turn(row: QueueRow, review_count: int) -> tuple[bool, datetime, int, int, str]:
    """Where a row stands in the queue; the reviews of others move only what is still to be begun."""
    if not row.is_open:
        return True, _NEVER, _ORDER[row.state], 0, row.code
    begun = row.state == AssignmentState.IN_PROGRESS
    return False, row.skipped_at or _NEVER, int(not begun), 0 if begun else review_count, row.code


def _queue_row(one: Any, veiled_title: str | None) -> QueueRow:
    """A row of the statement, which has no type of its own; with a masked title it names no applicant."""
    return QueueRow(
        code=one.code or "",
        title=one.title if veiled_title is None else veiled_title,
        organisation=one.short_name or "" if veiled_title is None else "",
        competition_code=one.call_code,
        competition=one.call_title,
        requested_kop=one.requested_kop,
        state=one.state,
        is_open=one.call_state == CompetitionState.SCORING and one.state != AssignmentState.DONE,
        is_doubted=one.doubted_at is not None,
        due_at=one.scoring_until,
        declared_at=one.declared_at,
        saved_at=one.saved_at,
        submitted_at=one.submitted_at,
        skipped_at=one.skipped_at,
        total_text=one.total_text,
    )


def forecasts(rows: Sequence[QueueRow]) -> list[Forecast]:
    """The expert's own outlook by competition, from their own rows alone; only where something will be missing."""
    calls: dict[str, list[QueueRow]] = {}
    for row in rows:
        calls.setdefault(row.competition_code, []).append(row)
    opened = opened_at(code for code, own in calls.items() if any(row.is_open for row in own))
    found = []
    for code, own in calls.items():
        until, done = own[0].due_at, sum(row.state == AssignmentState.DONE for row in own)
        if code not in opened or until is None or until <= clock.now():
            continue
        missing = missing_on_the_day(len(own) - done, done, until, opened[code])
        if missing:
            found.append(Forecast(code, own[0].competition, done, len(own), missing, until))
    return found


def next_open(user: User, after_code: str) -> QueueRow | None:
    """The application to open after this one: the next that waits, else nothing."""
    return next_of(my_assignments(user), after_code)


def next_of(rows: Sequence[QueueRow], after_code: str) -> QueueRow | None:
    """The same, of rows that are at hand: on from this one in the order of the queue, and round to its beginning."""
    return next((row for row in _from(rows, after_code) if row.waits), None)


def neighbours(rows: Sequence[QueueRow], code: str) -> tuple[QueueRow | None, QueueRow | None]:
    """The applications before and after this one in the queue, finished ones included."""
    ring = [row for row in _from(rows, code) if not row.is_doubted]
    return (ring[-1], ring[0]) if ring else (None, None)


def _from(rows: Sequence[QueueRow], code: str) -> list[QueueRow]:
    """The other rows, beginning after this one."""
    places = [place for place, row in enumerate(rows) if row.code == code]
    if not places:
        return list(rows)
    return [*rows[places[0] + 1 :], *rows[: places[0]]]
