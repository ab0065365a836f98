"""How much waits in a competition's review: counted by the database, because every visit of the work list asks."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AssignmentState
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.discussion import wants_extra
from grants_app.reviews.queries.marks import SCORED_STATES
from grants_app.reviews.queries.people import ACTIVE


def waiting_of(competition: Competition, out: frozenset[int] = frozenset()) -> tuple[int, int]:
    """How many reviews are submitted, of how many asked for; applications of `out` are not counted."""
    is_done = sa.func.sum(sa.case((Assignment.state == AssignmentState.DONE, 1), else_=0))
    query = (
        sa.select(is_done, sa.func.count())
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.state.in_(ACTIVE),
            Application.state == ApplicationState.ADMITTED,
            Application.id.not_in(out),
        )
    )
    done, everything = db.session.execute(query).one()
    return int(done or 0), int(everything or 0)


def seats_wanted(competition: Competition, out: frozenset[int] = frozenset()) -> tuple[int, int]:
    """How many applications (but those of `out`) are to be scored, and how many of them have too few experts.

    One whose reviews diverge has too few until the extra expert of the announced rule is assigned.
    """
    wanting = wants_extra(competition)
    active = (
        sa.select(Assignment.application_id, sa.func.count().label("experts"))
        .filter(Assignment.competition_id == competition.id, Assignment.state.in_(ACTIVE))
        .group_by(Assignment.application_id)
        .subquery()
    )
    too_few = sa.func.coalesce(active.c.experts, 0) < competition.experts_per_application
    has_few = sa.or_(too_few, Application.id.in_(wanting))
    query = (
        sa.select(sa.func.count(), sa.func.sum(sa.case((has_few, 1), else_=0)))
        .select_from(Application)
        .outerjoin(active, active.c.application_id == Application.id)
        .filter(
            Application.competition_id == competition.id,
            Application.state.in_(SCORED_STATES),
            Application.id.not_in(out),
        )
    )
    everything, few = db.session.execute(query).one()
    return int(everything), int(few or 0)
