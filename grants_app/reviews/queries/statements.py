"""Blind calls: all applicants for an expert to name ties with, none linked to an application."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import ApplicationState
from grants_app.reviews.models import TieStatement
from grants_app.reviews.queries.masking import EXPERT, hides_applicant

_NOT_COMPETING = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)


@dataclass(frozen=True)
class Applicant:
    """An organisation that competes."""

    edrpou: str
    name: str


def applicants_of(competition: Competition) -> list[Applicant]:
    """Organisations that applied, by the alphabet: neither order nor count says whose an application is."""
    query = (
        sa.select(Organisation.edrpou, Organisation.name)
        .join(Application, Application.organisation_id == Organisation.id)
        .where(Application.competition_id == competition.id, Application.state.not_in(_NOT_COMPETING))
        .distinct()
    )
    rows = [Applicant(row.edrpou, row.name) for row in db.session.execute(query)]
    return sorted(rows, key=lambda row: (ukrainian_key(row.name), row.edrpou))


def statement_of(person: User, competition: Competition) -> TieStatement | None:
    """What the expert has said of ties in this competition, if anything yet."""
    return db.session.scalar(sa.select(TieStatement).filter_by(competition_id=competition.id, expert_id=person.id))


def lacks_statement(person: User, competition: Competition) -> bool:
    """Whether the expert must name ties before the first application of this call opens."""
    return hides_applicant(competition, EXPERT) and statement_of(person, competition) is None


def applications_from(competition: Competition, codes: frozenset[str]) -> list[Application]:
    """Applications of the organisations named, in the order in which rows are locked."""
    query = (
        sa.select(Application)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(
            Application.competition_id == competition.id,
            Application.state.not_in(_NOT_COMPETING),
            Organisation.edrpou.in_(codes),
        )
        .order_by(Application.id)
    )
    return list(db.session.scalars(query))
