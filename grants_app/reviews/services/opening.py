"""The door from the formal check into scoring, the end of scoring, reminders."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, ManyErrors, NotAllowed, WrongState
from grants_app.database import db
from grants_app.journal.models import LetterBatch
from grants_app.journal.services import SYSTEM, advance, held_batch, record
from grants_app.lifecycle import ApplicationState, AssignmentState, LetterBatchState
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.services.finding import find_conflicts
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.rows import lock_competition

REMINDER = "Reminder to the experts"
_OPEN = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)


def open_review(competition: Competition, by: User) -> None:
    """Take the competition from the formal check into scoring; every assigned expert gets one letter.

    Ties that our own data shows are written into the register of conflicts.
    Raises ManyErrors with everything that is not ready: applications not decided, too few experts, no term.
    """
    competition = lock_competition(competition.id)
    gaps = policy.gaps_before_review(competition)
    if gaps:
        raise ManyErrors(gaps)
    advance(competition, "open_review", by=by)
    find_conflicts(competition, SYSTEM)
    with held_batch("Open expert scoring", competition.code, by):
        for expert, count in _left_to_score(competition):
            write_letter("review_opened", expert, competition, count=count)


def prolong_scoring(competition: Competition, until: datetime, reason: str, by: User) -> None:
    """Move the end of scoring to a later instant (exclusive); experts with open sheets get a letter.

    Raises InvalidInput when the new end is not in the future or the reason is missing.
    """
    competition = lock_competition(competition.id)
    refusal = policy.why_not_prolong(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    if until <= clock.now():
        raise InvalidInput("The new end of scoring must be in the future", field="until")
    if not reason.strip():
        raise InvalidInput("Give the reason: experts will read it", field="reason")
    before = competition.scoring_until
    competition.scoring_until = until
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="prolong_scoring",
        by=by,
        reason=reason,
        facts={"from": before.isoformat() if before else None, "to": until.isoformat()},
    )
    with held_batch("End of scoring moved", competition.code, by):
        for expert, count in _left_to_score(competition):
            write_letter("review_prolonged", expert, competition, count=count, reason=reason)


def remind_experts(competition: Competition, by: User) -> int:
    """Write to every expert who has something left to score; answers how many letters wait for release.

    Raises NotAllowed, WrongState while the last reminder still waits: nobody is to get two.
    """
    competition = lock_competition(competition.id)
    refusal = policy.why_not_prolong(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    held = sa.select(LetterBatch.id).filter_by(step=REMINDER, scope=competition.code, state=LetterBatchState.HELD)
    # What was set aside waits for somebody else: this person may not even learn of it.
    if db.session.scalar(held.filter_by(is_set_aside=False).limit(1)) is not None:
        raise WrongState("The last reminder still waits: release it or withdraw it under “Letters”")
    waiting = _left_to_score(competition)
    with held_batch(REMINDER, competition.code, by):
        for expert, count in waiting:
            write_letter("review_reminder", expert, competition, count=count)
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="remind_experts",
        by=by,
        facts={"letters": len(waiting)},
    )
    return len(waiting)


def _left_to_score(competition: Competition) -> list[tuple[User, int]]:
    """Experts with the number of their unfinished sheets; withdrawn applications ask for nothing."""
    query = (
        sa.select(Assignment.expert_id, sa.func.count())
        .join(Application, Application.id == Assignment.application_id)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.state.in_(_OPEN),
            Application.state == ApplicationState.ADMITTED,
        )
        .group_by(Assignment.expert_id)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query) if row[0] is not None}
    people = db.session.scalars(sa.select(User).filter(User.id.in_(counts)).order_by(User.id))
    return [(person, counts[person.id]) for person in people]
