"""Which sheets an expert may keep for work without a network: those that are open to write in now."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.database import db
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.reviews.models import Assignment

_WRITTEN = (AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)


def written_now(user: User) -> list[Assignment]:
    """The person's assignments after the declaration and before the submission, by code; the policy is asked after."""
    query = (
        sa.select(Assignment)
        .join(Assignment.application)
        .join(Application.competition)
        .options(contains_eager(Assignment.application).options(contains_eager(Application.competition)))
        .filter(
            Assignment.expert_id == user.id,
            Assignment.state.in_(_WRITTEN),
            Assignment.doubted_at.is_(None),
        )
        .order_by(Application.code)
    )
    found = db.session.scalars(query).all()
    return [one for one in found if one.application.competition.state == CompetitionState.SCORING]
