"""Steps after the votes: signature, publication, answers of applicants, complaints."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards.models import Award, Complaint, Meeting, Minutes, Publication
from grants_app.awards.policy.words import CHAIR_ONLY, NO_SEAT, ROLE
from grants_app.awards.queries.access import is_public, office_of
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db
from grants_app.lifecycle import (
    AwardState,
    ComplaintState,
)
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission, Role


def why_not_decide(user: User, competition: Competition) -> str | None:
    """The chair signs; what is still missing is listed by `queries.decision.unmet_decision_guards`."""
    if not user.can(Permission.MEETING_CHAIR):
        return CHAIR_ONLY
    if competition.state is not C.DELIBERATION:
        return "The competition is not with the commission"
    return None if office_of(user, competition.id) in {"chair", "deputy"} else NO_SEAT


def why_not_publish(user: User, competition: Competition) -> str | None:
    """The organizer publishes a signed decision, once."""
    if not user.can(Permission.AWARD_PUBLISH):
        return "Only the organizer of competitions may do this"
    if is_public(competition):
        return "The results are published already"
    return None if competition.state is C.DECIDED else "The commission has not signed its decision yet"


def why_not_answer(user: User, award: Award) -> str | None:
    """The head of the organisation accepts or declines within the term."""
    if not user.can(Permission.AWARD_ANSWER) or user.role_in(award.application.organisation_id) is not Role.NGO_HEAD:
        return "Only the head of the organisation may accept or decline"
    if not is_public(award.competition):
        return "The results are not published yet"
    if award.state is AwardState.PROPOSED:
        return "No money was awarded"
    if award.state is not AwardState.APPROVED:
        return "The answer has been given already"
    if award.answer_until is not None and clock.now() >= award.answer_until:
        return "The deadline for the answer has passed: write to the organizer"
    return None


def why_not_release(user: User, competition: Competition) -> str | None:
    """Freed money goes down the reserve list by the chair's hand, after publication."""
    if not user.can(Permission.MEETING_CHAIR):
        return CHAIR_ONLY
    if competition.state is not C.PUBLISHED:
        return "The reserve list is opened after publication"
    return None if office_of(user, competition.id) in {"chair", "deputy"} else NO_SEAT


def why_not_complain(user: User, application: Application, publication: Publication | None) -> str | None:
    """The head of an applicant complains within 30 calendar days of publication."""
    if not user.can(Permission.COMPLAINT_FILE) or user.role_in(application.organisation_id) is not Role.NGO_HEAD:
        return "Only the head of the organisation may complain"
    if publication is None:
        return "The results are not published yet"
    return None if clock.now() < publication.complaints_until else "The deadline for complaints has passed"


def why_not_register_complaint(user: User, complaint: Complaint) -> str | None:
    """The secretary enters it into the register once."""
    if not user.can(Permission.MEETING_RUN):
        return ROLE
    return "The complaint is registered already" if complaint.number is not None else None


def why_not_decide_complaint(user: User, complaint: Complaint) -> str | None:
    """Decided by somebody who neither filed it nor signed the act against which it is."""
    if not user.can(Permission.AWARD_PUBLISH):
        return "Only the organizer of competitions may do this"
    if complaint.state is not ComplaintState.FILED:
        return "The complaint is decided already"
    if complaint.number is None:
        return "Register the complaint first"
    if user.id == complaint.filed_by_id or user.role_in(complaint.application.organisation_id) is not None:
        return "Whoever complains does not decide"
    if user.id in _authors_of_the_act(complaint.competition_id) or office_of(user, complaint.competition_id):
        return "The author of the decision does not decide on the complaint"
    return None


def _authors_of_the_act(competition_id: int) -> set[int]:
    signed = db.session.execute(
        sa.select(Minutes.chair_id, Minutes.secretary_id)
        .join(Meeting, Meeting.id == Minutes.meeting_id)
        .filter(Meeting.competition_id == competition_id)
    ).all()
    approved = db.session.scalars(sa.select(Award.approved_by_id).filter_by(competition_id=competition_id).distinct())
    return {found for row in signed for found in row if found} | {found for found in approved if found}
