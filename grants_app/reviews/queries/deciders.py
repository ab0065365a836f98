"""Who of a commission decides on a conflict of interest, and who of its staff may hear of one."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import RoleGrant, User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import CommissionSeat
from grants_app.database import db
from grants_app.permissions import Permission, Role
from grants_app.reviews.models import Conflict
from grants_app.reviews.queries.people import secretaries_of


def deciders(conflict: Conflict) -> list[User]:
    """The chair; where the chair is concerned, the deputy; else a member, or anybody, with the chair's right.

    Nobody decides about themselves, about an application that is considered without them, or (while there is another)
    on what they reported themselves.
    """
    tiers = _tiers(conflict)
    for excluded in ({conflict.person_id, conflict.raised_by_id}, {conflict.person_id}):
        for tier in tiers:
            free = [person for person in tier if person.id not in excluded and may_hear(conflict.application, person)]
            if free:
                return free
    return []


def secretaries_for(application: Application) -> list[User]:
    """Who runs the review and may hear of this application; when its secretary may not, the other secretaries."""
    seated = [one for one in secretaries_of(application.competition) if may_hear(application, one)]
    return seated or [one for one in _holders(Role.SECRETARY) if may_hear(application, one)]


def may_hear(application: Application, person: User) -> bool:
    """Whether the application is not considered without this person."""
    return application.id not in hidden_ids(person, application.competition)


def _tiers(conflict: Conflict) -> list[list[User]]:
    query = (
        sa.select(CommissionSeat.office, User)
        .join(User, User.id == CommissionSeat.user_id)
        .where(CommissionSeat.competition_id == conflict.competition_id, User.active.is_(True))
        .order_by(CommissionSeat.id)
    )
    seats = db.session.execute(query).all()

    def of(office: str, permission: Permission) -> list[User]:
        return [person for held, person in seats if held == office and person.can(permission)]

    return [
        of("chair", Permission.CONFLICT_DECIDE),
        of("deputy", Permission.MEETING_VOTE),
        of("member", Permission.CONFLICT_DECIDE),
        _holders(Role.CHAIR),
    ]


def _holders(role: Role) -> list[User]:
    query = (
        sa.select(User)
        .where(User.grants.any(sa.and_(RoleGrant.role == role, RoleGrant.ended_at.is_(None))), User.active.is_(True))
        .order_by(User.id)
    )
    return list(db.session.scalars(query))
