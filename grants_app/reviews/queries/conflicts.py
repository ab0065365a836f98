"""Who is out of which application: the one answer to it, for people, for statements and for whole competitions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.database import db
from grants_app.lifecycle import AssignmentState, ConflictState
from grants_app.reviews.models import Assignment, Conflict
from grants_app.reviews.queries.ties import competing_people, conflict_facts, ties_of
from grants_app.reviews.rules.ties import Tie

__all__ = [
    "Tie",
    "barred_ids",
    "barred_people",
    "barring",
    "competing_people",
    "conflict_facts",
    "is_kept_out",
    "keeps_out",
    "ties_of",
    "withheld_codes",
]


def barred_ids(person: User, competition_id: int | None = None) -> frozenset[int]:
    """Applications that are considered without this person, whatever their role: of one competition, or of all.

    The only place that says so: lines of the register that keep out, and assignments that ended by a declaration.
    """
    return frozenset(db.session.scalars(sa.union(*barring(person, competition_id))))


def barring(person: User, competition_id: int | None = None) -> tuple[sa.Select[int], sa.Select[int]]:
    """The same as statements, for whoever asks for more in one go."""
    register = sa.select(Conflict.application_id).where(Conflict.person_id == person.id, keeps_out())
    declared = sa.select(Assignment.application_id).where(
        Assignment.expert_id == person.id, Assignment.state == AssignmentState.DECLINED_COI
    )
    if competition_id is not None:
        register = register.where(Conflict.competition_id == competition_id)
        declared = declared.where(Assignment.competition_id == competition_id)
    return register, declared


def keeps_out() -> sa.ColumnElement[bool]:
    """Which lines of the register keep their person out: confirmed ones, and those of level block while undecided."""
    return sa.or_(
        Conflict.state == ConflictState.CONFIRMED,
        sa.and_(Conflict.state == ConflictState.OPEN, Conflict.level == "block"),
    )


def is_kept_out(
    person: sa.SQLColumnExpression[Any], application: sa.SQLColumnExpression[Any]
) -> sa.ColumnElement[bool]:
    """For statements over assignments or seats: whether the register keeps that person out of that application."""
    return sa.exists().where(Conflict.person_id == person, Conflict.application_id == application, keeps_out())


def withheld_codes(viewer: User) -> frozenset[str]:
    """Lines of the register about what is considered without this person: the journal does not tell them either."""
    hidden = hidden_ids(viewer)
    return frozenset(
        db.session.scalars(sa.select(Conflict.code).where(Conflict.application_id.in_(hidden))) if hidden else ()
    )


def barred_people(competition_id: int) -> list[sa.Row[int, str]]:
    """Pairs of a person and the code of an application considered without them, of one competition."""
    register = (
        sa.select(Conflict.person_id.label("user_id"), Application.code)
        .join(Application, Application.id == Conflict.application_id)
        .where(Conflict.competition_id == competition_id, Application.code.is_not(None), keeps_out())
    )
    declared = (
        sa.select(Assignment.expert_id.label("user_id"), Application.code)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Assignment.competition_id == competition_id,
            Assignment.expert_id.is_not(None),
            Application.code.is_not(None),
            Assignment.state == AssignmentState.DECLINED_COI,
        )
    )
    return list(db.session.execute(register.union(declared).order_by("user_id", "code")))
