"""The decision as its applicant reads it, complaints, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards.models import (
    Attendance,
    Award,
    Complaint,
    Meeting,
    Minutes,
    Publication,
    Ranking,
    RankingLine,
)
from grants_app.awards.queries.access import PUBLIC_STATES, is_staff
from grants_app.competitions.models import CommissionSeat, Competition, Criterion
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import AwardState, ComplaintState, MeetingState
from grants_app.permissions import Permission, Role
from grants_app.reviews.models import Assignment, Review, Score


@dataclass(frozen=True)
class Decision:
    """Everything the applicant is told."""

    award: Award
    application: Application
    line: RankingLine
    comments: list[str]
    publication: Publication
    complaints: list[Complaint]
    reasons: list[tuple[str, list[str]]]


def decision_for(user: User, code: str) -> Decision:
    """The published decision about an application of the person's own organisation. Raises NotFound otherwise."""
    application = db.session.scalar(sa.select(Application).filter_by(code=code))
    if application is None or application.organisation_id not in user.organisation_ids:
        raise NotFound
    publication = db.session.scalar(sa.select(Publication).filter_by(competition_id=application.competition_id))
    award = db.session.scalar(sa.select(Award).filter_by(application_id=application.id))
    line = db.session.scalar(
        sa.select(RankingLine)
        .options(undefer(RankingLine.criteria))
        .join(Ranking, Ranking.id == RankingLine.ranking_id)
        .filter(RankingLine.application_id == application.id, Ranking.is_current.is_(True))
    )
    if publication is None or award is None or line is None or application.competition.state not in PUBLIC_STATES:
        raise NotFound
    comments = db.session.scalars(
        sa.select(Review.comment_applicant)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .filter(
            Assignment.application_id == application.id,
            Review.submitted_at.is_not(None),
            Review.comment_applicant != "",
        )
        .order_by(Assignment.expert_code)
    )
    complaints = db.session.scalars(
        sa.select(Complaint).filter_by(application_id=application.id).order_by(Complaint.filed_at)
    )
    reasons = _reasons(application)
    return Decision(award, application, line, list(comments), publication, list(complaints), reasons)


def _reasons(application: Application) -> list[tuple[str, list[str]]]:
    """Experts' justifications by criterion, in an order of their own: no text leads to the next of the same person."""
    query = (
        sa.select(Criterion.title, Score.justification)
        .join(Score, Score.criterion_id == Criterion.id)
        .join(Review, Review.id == Score.review_id)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .filter(
            Assignment.application_id == application.id,
            Review.submitted_at.is_not(None),
            Score.justification != "",
        )
        .order_by(Criterion.position, Criterion.id)
    )
    found: dict[str, list[str]] = {}
    for title, text in db.session.execute(query):
        found.setdefault(title, []).append(text)
    return [(title, sorted(texts)) for title, texts in found.items()]


@dataclass(frozen=True)
class ComplaintRow:
    """A complaint in the register."""

    code: str
    number: int | None
    organisation: str
    application: str
    competition: str
    state: ComplaintState
    filed_at: datetime
    answer_by: date


def complaint_rows(user: User) -> list[ComplaintRow]:
    """The register of complaints for who keeps or decides them. Raises NotFound for others."""
    if not is_staff(user):
        raise NotFound
    query = (
        sa.select(Complaint)
        .options(
            joinedload(Complaint.application).joinedload(Application.organisation), joinedload(Complaint.competition)
        )
        .order_by(Complaint.state != ComplaintState.FILED, Complaint.filed_at)
    )
    return [
        ComplaintRow(
            code=each.code,
            number=each.number,
            organisation=each.application.organisation.short_name if each.application.organisation else "",
            application=each.application.code or "",
            competition=each.competition.title,
            state=each.state,
            filed_at=each.filed_at,
            answer_by=each.answer_by,
        )
        for each in db.session.scalars(query)
    ]


def complaint_by_code(user: User, code: str) -> Complaint:
    """A complaint for the staff, or for the organisation that filed it. Raises NotFound."""
    complaint = db.session.scalar(sa.select(Complaint).filter_by(code=code))
    if complaint is None:
        raise NotFound
    if not is_staff(user) and complaint.application.organisation_id not in user.organisation_ids:
        raise NotFound
    return complaint


def awards_to_answer(user: User) -> list[Award]:
    """Published awards that wait for this head's answer."""
    ids = [each for each in user.organisation_ids if user.role_in(each) is Role.NGO_HEAD]
    if not ids:
        return []
    query = (
        sa.select(Award)
        .options(joinedload(Award.application))
        .join(Application, Application.id == Award.application_id)
        .join(Competition, Competition.id == Award.competition_id)
        .filter(
            Application.organisation_id.in_(ids),
            Award.state == AwardState.APPROVED,
            Competition.state.in_(PUBLIC_STATES),
        )
    )
    return list(db.session.scalars(query))


def coming_meetings(user: User) -> list[Meeting]:
    """Meetings not yet closed in which the person sits."""
    query = (
        sa.select(Meeting)
        .options(joinedload(Meeting.competition))
        .join(Attendance, Attendance.meeting_id == Meeting.id)
        .filter(Attendance.user_id == user.id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.OPEN)))
    )
    return list(db.session.scalars(query))


def minutes_to_sign(user: User) -> list[Meeting]:
    """Meetings whose minutes wait for this person's signature."""
    query = (
        sa.select(Meeting)
        .options(joinedload(Meeting.competition))
        .join(Minutes, Minutes.meeting_id == Meeting.id)
        .join(
            CommissionSeat,
            sa.and_(CommissionSeat.competition_id == Meeting.competition_id, CommissionSeat.user_id == user.id),
        )
    )
    if user.can(Permission.MEETING_CHAIR):
        query = query.filter(Minutes.chair_signed_at.is_(None), CommissionSeat.office.in_(("chair", "deputy")))
    elif user.can(Permission.MEETING_RUN):
        query = query.filter(Minutes.chair_signed_at.is_not(None), Minutes.secretary_signed_at.is_(None))
    else:
        return []
    return list(db.session.scalars(query))


def open_complaints(user: User) -> list[Complaint]:
    """Complaints that wait for registration or for a decision by people like this one."""
    query = sa.select(Complaint).filter(Complaint.state == ComplaintState.FILED)
    if user.can(Permission.MEETING_RUN):
        return list(db.session.scalars(query.filter(Complaint.number.is_(None))))
    if user.can(Permission.AWARD_PUBLISH):
        return list(db.session.scalars(query.filter(Complaint.number.is_not(None))))
    return []
