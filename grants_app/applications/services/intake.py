"""The end of intake: all submitted applications get their register numbers at once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from grants_app.applications import policy
from grants_app.applications.models import Application
from grants_app.applications.services.loading import lock_competition, refuse_if
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM, Actor, advance
from grants_app.lifecycle import ApplicationState, CompetitionState


def close_intake(competition: Competition, by: Actor = SYSTEM) -> int:
    """Close the intake and number every submitted application in order of arrival; returns how many there are.

    Numbers 1, 2, 3 … without gaps are given in one statement under the competition's lock, ordered by the instant and
    then by the code. Doing it again changes nothing. Raises WrongState before the deadline.
    """
    competition = lock_competition(competition.id)
    if competition.intake_closed_at is not None:
        return _registered_count(competition)
    now = clock.now()
    if competition.intake_until is None or now < competition.intake_until:
        raise WrongState("The intake has not ended yet")
    if competition.state == CompetitionState.ANNOUNCED:
        advance(competition, "open", by=by)
    db.session.flush()
    _number_applications(competition)
    competition.intake_closed_at = now
    count = _registered_count(competition)
    advance(competition, "close", by=by, facts={"registered": count})
    db.session.flush()  # expiring would forget the state that is not written yet
    db.session.expire_all()
    return count


def close_for_check(competition: Competition) -> int:
    """Close the intake by hand, to begin the formal check. Raises NotAllowed while somebody may still come in time."""
    competition = lock_competition(competition.id)
    refuse_if(policy.why_not_begin_check(competition))
    return close_intake(competition)


def tick(now: datetime | None = None) -> int:
    """Close every intake whose term has ended; returns how many were closed. Called by the clock, harmless twice."""
    moment = now or clock.now()
    query = sa.select(Competition.id).where(
        Competition.state.in_((CompetitionState.ANNOUNCED, CompetitionState.OPEN)),
        Competition.intake_closed_at.is_(None),
        Competition.intake_until <= moment,
    )
    due = list(db.session.scalars(query))
    for competition_id in due:
        with unit_of_work():
            close_intake(lock_competition(competition_id))
    return len(due)


def _number_applications(competition: Competition) -> None:
    numbered = (
        sa.select(
            Application.id.label("id"),
            sa.func.row_number().over(order_by=(Application.submitted_at, Application.code)).label("number"),
        )
        .where(Application.competition_id == competition.id, Application.state == ApplicationState.SUBMITTED)
        .subquery()
    )
    db.session.execute(
        sa.update(Application)
        .where(Application.id == numbered.c.id)
        .values(register_number=numbered.c.number, version=Application.version + 1)
        .execution_options(synchronize_session=False)
    )


def _registered_count(competition: Competition) -> int:
    query = sa.select(sa.func.count(Application.id)).where(
        Application.competition_id == competition.id, Application.register_number.is_not(None)
    )
    return int(db.session.scalar(query) or 0)
