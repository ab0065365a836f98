"""Whom a report of a conflict may name, under keys that tell nothing, and where an expert's place stands empty."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.competitions.rules import OFFICES
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.people import ACTIVE

MYSELF = "me"


@dataclass(frozen=True)
class Choice:
    """A person whom the reader may name: the key of the form, the name, the office (an English msgid) or nothing."""

    key: str
    name: str
    office: str
    user_id: int


def people_to_name(viewer: User, competition: Competition) -> list[Choice]:
    """The commission, whose names are public; for who may see whose marks are whose, the experts too."""
    seats = db.session.execute(
        sa.select(CommissionSeat.office, User.id, User.full_name, User.fs_uniquifier)
        .join(User, User.id == CommissionSeat.user_id)
        .where(CommissionSeat.competition_id == competition.id)
    ).all()
    order = list(OFFICES)
    found = [
        Choice(_key(competition, row.fs_uniquifier), row.full_name, OFFICES[row.office], row.id)
        for row in sorted(seats, key=lambda row: (order.index(row.office), ukrainian_key(row.full_name), row.id))
    ]
    if viewer.can(Permission.SCORE_AUTHOR_READ):
        found += _experts(competition)
    return [one for one in found if one.user_id != viewer.id]


def person_named(viewer: User, competition: Competition, *, key: str, expert_code: str) -> User | None:
    """Who is meant by a key of the form or by an expert's code in this competition."""
    if key == MYSELF:
        return viewer
    for one in people_to_name(viewer, competition) if key else ():
        if one.key == key:
            return db.session.get(User, one.user_id)
    if key or not expert_code:
        return None
    query = (
        sa.select(User)
        .join(Assignment, Assignment.expert_id == User.id)
        .where(Assignment.competition_id == competition.id, Assignment.expert_code == expert_code.strip().upper())
    )
    return db.session.scalars(query.limit(1)).first()


def has_office(viewer: User, competition: Competition) -> bool:
    """Whether the person takes part in the decision beside scoring, so that they may report themselves."""
    seat = sa.select(CommissionSeat.id).where(
        CommissionSeat.competition_id == competition.id, CommissionSeat.user_id == viewer.id
    )
    return viewer.can(Permission.COMPETITION_STAFF_READ) or db.session.scalar(seat) is not None


def vacated(competition: Competition, out: frozenset[int]) -> list[Application]:
    """Applications that an expert left because of a conflict and that have too few experts since."""
    if competition.state not in (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING):
        return []
    active = (
        sa.select(sa.func.count())
        .where(Assignment.application_id == Application.id, Assignment.state.in_(ACTIVE))
        .correlate(Application)
        .scalar_subquery()
    )
    left = sa.exists().where(
        Assignment.application_id == Application.id, Assignment.state == AssignmentState.DECLINED_COI
    )
    query = (
        sa.select(Application)
        .where(
            Application.competition_id == competition.id,
            Application.state == ApplicationState.ADMITTED,
            Application.id.not_in(out),
            left,
            active < competition.experts_per_application,
        )
        .order_by(Application.code)
    )
    return list(db.session.scalars(query))


def _experts(competition: Competition) -> list[Choice]:
    rows = db.session.execute(
        sa.select(User.id, User.full_name, User.fs_uniquifier)
        .join(Assignment, Assignment.expert_id == User.id)
        .where(Assignment.competition_id == competition.id)
        .distinct()
    ).all()
    rows = sorted(rows, key=lambda row: (ukrainian_key(row.full_name), row.id))
    return [Choice(_key(competition, row.fs_uniquifier), row.full_name, "Expert", row.id) for row in rows]


def _key(competition: Competition, uniquifier: str) -> str:
    return hashlib.sha256(f"{competition.code}:{uniquifier}".encode()).hexdigest()[:16]
