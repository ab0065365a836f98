"""Rows locked for the running unit, in the order competition, application, assignment."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound
from grants_app.database import db, lock
from grants_app.reviews.models import Assignment, Review


def lock_competition(competition_id: int) -> Competition:
    """The competition, held till the end of the unit: its state cannot change meanwhile."""
    found = db.session.scalar(lock(sa.select(Competition).filter_by(id=competition_id)))
    if found is None:
        raise NotFound()
    return found


def lock_application(application_id: int) -> Application:
    """The application, held so that its stored totals are counted by one at a time."""
    found = db.session.scalar(lock(sa.select(Application).filter_by(id=application_id)))
    if found is None:
        raise NotFound()
    return found


def lock_assignment(assignment_id: int, *, with_competition: bool = False) -> Assignment:
    """The assignment with its application, competition, review and marks.

    The sheet of one expert is written under the lock of the assignment alone, so that experts do not wait for each
    other; whoever changes totals or states asks for the competition and the application too.
    """
    if with_competition:
        keys = db.session.execute(
            sa.select(Assignment.competition_id, Assignment.application_id).filter_by(id=assignment_id)
        ).one_or_none()
        if keys is None:
            raise NotFound()
        lock_competition(keys.competition_id)
        lock_application(keys.application_id)
    # Locked by a statement of its own: one that waits on the row goes on with the joined rows as they were before.
    db.session.scalar(sa.select(Assignment.id).filter_by(id=assignment_id).with_for_update())
    query = (
        sa.select(Assignment)
        .join(Assignment.application)
        .join(Application.competition)
        .outerjoin(Application.lot)
        .outerjoin(Assignment.review)
        .options(
            contains_eager(Assignment.application).options(
                contains_eager(Application.competition), contains_eager(Application.lot)
            ),
            contains_eager(Assignment.review).options(joinedload(Review.scores)),
        )
        .filter(Assignment.id == assignment_id)
        .execution_options(populate_existing=True)
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound()
    return found
