"""Whom news of a call concerns: everybody who is writing or has sent an application for it."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role


def writers_of(competition: Competition) -> list[User]:
    """Who began an application of the competition that was not withdrawn, and the heads of those organisations."""
    of_call = (
        Application.competition_id == competition.id,
        Application.state != ApplicationState.WITHDRAWN,
    )
    organisations = sa.select(Application.organisation_id).where(*of_call)
    heads = sa.select(Membership.user_id).where(
        Membership.organisation_id.in_(organisations),
        Membership.role == Role.NGO_HEAD,
        Membership.ended_at.is_(None),
    )
    authors = sa.select(Application.created_by_id).where(*of_call)
    query = sa.select(User).where(User.active, sa.or_(User.id.in_(heads), User.id.in_(authors))).order_by(User.id)
    return list(db.session.scalars(query))
