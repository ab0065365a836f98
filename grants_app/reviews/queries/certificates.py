"""Certificates of work: what an expert may have confirmed, and what anybody may check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.identifiers import grouped
from grants_app.database import db
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.reviews.models import Assignment, Review, WorkCertificate
from grants_app.reviews.rules.experts import masked_name

HANDED_OVER = (
    CompetitionState.DELIBERATION,
    CompetitionState.DECIDED,
    CompetitionState.PUBLISHED,
    CompetitionState.COMPLETED,
)


@dataclass(frozen=True)
class WorkRow:
    """A competition in which the person has scored, and the certificate if there is one."""

    competition: str
    competition_code: str
    review_count: int
    first_on: date
    last_on: date
    is_handed_over: bool
    code: str
    issued_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str
    earlier: tuple[str, ...]  # revoked before the one in force, as people read them

    @property
    def code_text(self) -> str:
        """The code as people read it."""
        return grouped(self.code)


@dataclass(frozen=True)
class PublicCertificate:
    """What a stranger with the code learns: no name beyond its first letters, no application."""

    competition: str
    review_count: int
    first_on: date
    last_on: date
    issued_at: datetime
    name: str
    is_revoked: bool


@dataclass(frozen=True)
class WorkDone:
    """Finished reviews of a person in a competition: how many, from which day to which."""

    review_count: int
    first_on: date
    last_on: date


def work_rows(person: User) -> list[WorkRow]:
    """Competitions in which the person has finished reviews, the latest first."""
    issued: dict[int, list[WorkCertificate]] = defaultdict(list)
    query = sa.select(WorkCertificate).filter_by(user_id=person.id).order_by(WorkCertificate.id)
    for one in db.session.scalars(query):
        issued[one.competition_id].append(one)
    return [_work_row(found, issued[found.id]) for found in db.session.execute(_work(person.id))]


def _work_row(found: Any, papers: Sequence[WorkCertificate]) -> WorkRow:
    """A row of the statement, which has no type of its own, with the latest certificate."""
    paper = papers[-1] if papers else None
    done = _done(found.reviews, found.first_at, found.last_at)
    return WorkRow(
        competition=found.title,
        competition_code=found.code,
        review_count=paper.review_count if paper is not None else done.review_count,
        first_on=paper.first_on if paper is not None else done.first_on,
        last_on=paper.last_on if paper is not None else done.last_on,
        is_handed_over=found.state in HANDED_OVER,
        code=paper.code if paper is not None else "",
        issued_at=paper.issued_at if paper is not None else None,
        revoked_at=paper.revoked_at if paper is not None else None,
        revoked_reason=paper.revoked_reason if paper is not None else "",
        earlier=tuple(grouped(one.code) for one in papers[:-1]),
    )


def in_force(person_id: int, competition_id: int) -> WorkCertificate | None:
    """The certificate of a person for a competition that is not revoked."""
    query = sa.select(WorkCertificate).filter_by(user_id=person_id, competition_id=competition_id)
    return db.session.scalar(query.filter(WorkCertificate.revoked_at.is_(None)))


def was_revoked(person_id: int, competition_id: int) -> bool:
    """Whether a certificate of the person for the competition was revoked."""
    query = sa.select(WorkCertificate.id).filter_by(user_id=person_id, competition_id=competition_id)
    return db.session.scalar(query.filter(WorkCertificate.revoked_at.is_not(None)).limit(1)) is not None


def to_issue_anew(papers: Iterable[WorkCertificate]) -> frozenset[str]:
    """Codes of the latest certificates of people who have none in force; `papers` are those of a competition."""
    latest: dict[int, WorkCertificate] = {}
    for one in sorted(papers, key=lambda paper: paper.id):
        if one.user_id not in latest or latest[one.user_id].revoked_at is not None:
            latest[one.user_id] = one
    return frozenset(one.code for one in latest.values() if one.revoked_at is not None)


def work_done(person_id: int, competition_id: int) -> WorkDone | None:
    """What the person has finished in the competition; None for nothing."""
    found = db.session.execute(_work(person_id).filter(Competition.id == competition_id)).one_or_none()
    return None if found is None else _done(found.reviews, found.first_at, found.last_at)


def _work(person_id: int) -> Any:
    """The person's finished reviews by competition; a statement of many columns has no type worth writing."""
    return (
        sa.select(
            Competition.id,
            Competition.code,
            Competition.title,
            Competition.state,
            sa.func.count().label("reviews"),
            sa.func.min(sa.func.coalesce(Assignment.declared_at, Review.submitted_at)).label("first_at"),
            sa.func.max(Review.submitted_at).label("last_at"),
        )
        .select_from(Assignment)
        .join(Competition, Competition.id == Assignment.competition_id)
        .join(Review, Review.assignment_id == Assignment.id)
        .filter(
            Assignment.expert_id == person_id,
            Assignment.state == AssignmentState.DONE,
            Review.submitted_at.is_not(None),
        )
        .group_by(Competition.id, Competition.code, Competition.title, Competition.state)
        .order_by(sa.func.max(Review.submitted_at).desc())
    )


def _done(count: int, first_at: datetime, last_at: datetime) -> WorkDone:
    return WorkDone(count, clock.kyiv(first_at).date(), clock.kyiv(last_at).date())


def own_certificate(person: User, code: str) -> WorkCertificate | None:
    """A certificate of the person, for its paper."""
    query = sa.select(WorkCertificate).options(joinedload(WorkCertificate.competition))
    return db.session.scalar(query.filter_by(code=code, user_id=person.id))


def certificate_in(competition: Competition, code: str) -> WorkCertificate | None:
    """A certificate of this competition."""
    return db.session.scalar(sa.select(WorkCertificate).filter_by(code=code, competition_id=competition.id))


def certificates_of(competition: Competition) -> list[WorkCertificate]:
    """Certificates issued for this competition, the latest first."""
    query = sa.select(WorkCertificate).filter_by(competition_id=competition.id).order_by(WorkCertificate.id.desc())
    return list(db.session.scalars(query))


def public_certificate(code: str) -> PublicCertificate | None:
    """What the register says of a code; None when it holds no such certificate."""
    query = sa.select(WorkCertificate).options(joinedload(WorkCertificate.competition)).filter_by(code=code)
    found = db.session.scalar(query)
    if found is None:
        return None
    return PublicCertificate(
        competition=found.competition.title,
        review_count=found.review_count,
        first_on=found.first_on,
        last_on=found.last_on,
        issued_at=found.issued_at,
        name=masked_name(found.full_name),
        is_revoked=found.revoked_at is not None,
    )


def competition_of_work(person: User, code: str) -> Competition | None:
    """A competition in which the person has finished a review."""
    found = next((row for row in db.session.execute(_work(person.id)) if row.code == code), None)
    return None if found is None else db.session.get(Competition, found.id)
