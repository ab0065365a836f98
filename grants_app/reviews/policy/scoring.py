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
from grants_app.reviews.queries.invitations import is_removed
from grants_app.reviews.queries.marks import has_scoring_ended
from grants_app.reviews.queries.people import ACTIVE, ENDED
from grants_app.reviews.queries.statements import lacks_statement

NOT_YOURS = "This assignment is not yours"
NOT_SCORING = "Scoring of this competition is not open"
ENDED_ALREADY = "This assignment has ended"
TERM_OVER = "The time for scoring has ended. Ask the secretary to prolong it"
REVIEW_STANDS = "This expert has been removed from the panel: finished reviews stand as they are"
SUBMITTED = "The review is submitted and locked"


def why_not_see(user: User, assignment: Assignment) -> str | None:
    """Whether the application may open for its expert at all: a conflict or an end closes it for good."""
    if assignment.expert_id != user.id:
        return NOT_YOURS
    if assignment.state in ENDED or assignment.application_id in queries.barred_ids(user, assignment.competition_id):
        return ENDED_ALREADY
    before = (CompetitionState.FORMAL_CHECK, CompetitionState.CANCELLED)
    return NOT_SCORING if assignment.application.competition.state in before else None


def why_not_declare(user: User, assignment: Assignment) -> str | None:
    """Declaring that there is no conflict: not while the chair has an own doubt of this expert to decide."""
    reason = why_not_decline(user, assignment)
    if reason is None and assignment.doubted_at is not None:
        return "The chair decides on your doubt first. Until then the application stays closed"
    if reason is None and lacks_statement(user, assignment.application.competition):
        return "First name the applicants with whom you have ties"
    return reason


def why_not_decline(user: User, assignment: Assignment) -> str | None:
    """Declining for another reason than a conflict."""
    reason = why_not_work(user, assignment)
    if reason is None and assignment.state != AssignmentState.PROPOSED:
        return "The declaration is already made"
    return reason


def why_not_declare_conflict(user: User, assignment: Assignment) -> str | None:
    """A conflict may be declared after the review was submitted too, and until the commission has decided."""
    reason = why_not_see(user, assignment)
    if reason is not None:
        return reason
    if assignment.application.competition.state not in (CompetitionState.SCORING, CompetitionState.DELIBERATION):
        return "The commission has decided already. Tell its secretary about the conflict"
    return None


def why_not_score(user: User, assignment: Assignment) -> str | None:
    """Writing in the sheet and submitting it."""
    reason = why_not_work(user, assignment)
    if reason is not None:
        return reason
    if assignment.state == AssignmentState.PROPOSED:
        return "First declare your impartiality: then the application opens"
    if assignment.state == AssignmentState.DONE:
        return SUBMITTED
    return None


def why_not_read_others(user: User, assignment: Assignment) -> str | None:
    """Reviews of the other experts open when one's own is submitted and the expert has asked for them."""
    reason = why_not_open_others(user, assignment)
    if reason is None and assignment.others_opened_at is None:
        return "You have not opened the other experts’ reviews yet"
    return reason


def why_not_open_others(user: User, assignment: Assignment) -> str | None:
    """Asking for the reviews of the others, which ends the right to recall the own one."""
    reason = why_not_see(user, assignment)
    if reason is None and assignment.state != AssignmentState.DONE:
        return "The other experts’ reviews open after yours"
    if reason is None and is_removed(user.id, assignment.competition_id):
        return "You have been removed from the panel: the other experts’ reviews are closed to you"
    return reason


def why_not_recall(user: User, assignment: Assignment) -> str | None:
    """Taking back a submitted review to change it: until the others' have been opened."""
    reason = why_not_work(user, assignment)
    if reason is not None:
        return reason
    if assignment.state != AssignmentState.DONE:
        return "The review is not submitted"
    if is_removed(user.id, assignment.competition_id):
        return REVIEW_STANDS
    if assignment.others_opened_at is not None:
        return "You have opened the other experts’ reviews. Now only the secretary can open yours for changes"
    return None


def why_not_abstain(user: User, assignment: Assignment) -> str | None:
    """Giving the application back without a conflict, before the review is submitted."""
    reason = why_not_score(user, assignment)
    return "The review is submitted. Recall it first" if reason == SUBMITTED else reason


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


def why_not_work(user: User, assignment: Assignment) -> str | None:
    """What keeps the expert from any work on the application: a closed competition, a tie, the end of the term."""
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
