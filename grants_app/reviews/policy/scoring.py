"""Why an expert may not read, declare or score; None means they may. The reasons are English msgids."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews import queries
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.marks import has_scoring_ended
from grants_app.reviews.queries.people import ACTIVE, ENDED

NOT_YOURS = "This assignment is not yours"
NOT_SCORING = "Scoring of this competition is not open"
ENDED_ALREADY = "This assignment has ended"
TERM_OVER = "The time for scoring has ended. Ask the secretary to prolong it"
SUBMITTED = "The review is submitted and locked. The secretary can reopen it"


def why_not_see(user: User, assignment: Assignment) -> str | None:
    """Whether the application may open for its expert at all: a conflict or an end closes it for good."""
    if assignment.expert_id != user.id:
        return NOT_YOURS
    if assignment.state in ENDED:
        return ENDED_ALREADY
    before = (CompetitionState.FORMAL_CHECK, CompetitionState.CANCELLED)
    return NOT_SCORING if assignment.application.competition.state in before else None


def why_not_declare(user: User, assignment: Assignment) -> str | None:
    """Declaring that there is no conflict, or declining for another reason."""
    reason = _why_not_work(user, assignment)
    if reason is None and assignment.state != AssignmentState.PROPOSED:
        return "The declaration is already made"
    return reason


def why_not_declare_conflict(user: User, assignment: Assignment) -> str | None:
    """A conflict may be declared at any moment while scoring is open, also after the review was submitted."""
    if assignment.expert_id != user.id:
        return NOT_YOURS
    if assignment.state in ENDED:
        return ENDED_ALREADY
    if assignment.application.competition.state != CompetitionState.SCORING:
        return "Scoring is closed. Tell the secretary about the conflict at once"
    return None


def why_not_score(user: User, assignment: Assignment) -> str | None:
    """Writing in the sheet and submitting it."""
    reason = _why_not_work(user, assignment)
    if reason is not None:
        return reason
    if assignment.state == AssignmentState.PROPOSED:
        return "First declare your impartiality: then the application opens"
    if assignment.state == AssignmentState.DONE:
        return SUBMITTED
    return None


def why_not_read_others(user: User, assignment: Assignment) -> str | None:
    """Reviews of the other experts open after one's own is submitted."""
    if assignment.expert_id != user.id:
        return NOT_YOURS
    if assignment.state != AssignmentState.DONE:
        return "The other experts’ reviews open after yours"
    return None


def why_not_see_marks(user: User, competition: Competition) -> str | None:
    """Marks with their authors or codes, before the handover: never for a person who still scores here."""
    if not user.can(Permission.REVIEW_PROGRESS_READ):
        return "Your role does not open marks of experts"
    own = db.session.scalar(
        sa.select(Assignment.id).filter(
            Assignment.competition_id == competition.id,
            Assignment.expert_id == user.id,
            Assignment.state.in_(ACTIVE),
        )
    )
    return None if own is None else "You score applications of this competition yourself"


def _why_not_work(user: User, assignment: Assignment) -> str | None:
    reason = why_not_see(user, assignment)
    if reason is not None:
        return reason
    competition = assignment.application.competition
    if competition.state != CompetitionState.SCORING:
        return NOT_SCORING
    if assignment.application.state != ApplicationState.ADMITTED:
        return "This application is no longer in the competition"
    # A tie may have arisen since the assignment: the person has joined an applicant.
    if user.organisation_ids and queries.competing_people(competition, [user]):
        return "An organisation of this person competes here"
    return TERM_OVER if has_scoring_ended(competition) else None
