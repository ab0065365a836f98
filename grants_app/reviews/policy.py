"""Why a person may not do a step of the review; None means they may. The reasons are English msgids."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, WrongState
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
_STAGES_OF_ASSIGNING = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING)


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


def why_not_assign(user: User, competition: Competition) -> str | None:
    """Changing who scores what."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary assigns experts"
    if competition.state not in _STAGES_OF_ASSIGNING:
        return "Experts are assigned from the formal check until scoring is handed over"
    return None


def why_not_expert(expert: User, application: Application) -> DomainError | None:
    """Whether this person may score this application: the first obstacle, with its facts."""
    competition = application.competition
    if not expert.can(Permission.REVIEW_SUBMIT):
        return DomainError("This person is not an expert")
    if expert.can(Permission.REVIEW_PROGRESS_READ):
        return DomainError("This person runs the competition and sees everybody’s marks")
    barred = queries.competing_people(competition, [expert]).get(expert.id)
    if barred is not None:
        return DomainError(barred)
    ties = queries.conflict_facts(expert, application)
    if ties:
        return DomainError("Conflict of interest: this person %(tie)s", facts={"tie": ties[0].what})
    return None


def why_not_take_back(user: User, assignment: Assignment) -> str | None:
    """Taking an unfinished assignment away from an expert."""
    if assignment.state == AssignmentState.DONE:
        return "The review is submitted. Reopen it first"
    if assignment.state in ENDED:
        return ENDED_ALREADY
    return why_not_assign(user, assignment.application.competition)


def why_not_reopen(user: User, assignment: Assignment) -> str | None:
    """Opening a submitted review for changes: only before the ranking is made."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary reopens reviews"
    if assignment.application.competition.state != CompetitionState.SCORING:
        return "A review is reopened only while scoring is open: the ranking is already made from it"
    if assignment.state != AssignmentState.DONE:
        return "The review is not submitted"
    return None


def why_not_prolong(user: User, competition: Competition) -> str | None:
    """Moving the end of scoring."""
    if not user.can(Permission.COMPETITION_RUN):
        return "Only the secretary or the organizer moves the end of scoring"
    return None if competition.state == CompetitionState.SCORING else NOT_SCORING


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


def why_not_open_review(user: User, competition: Competition) -> str | None:
    """The first thing that keeps the competition from scoring, as one sentence."""
    if not user.can(Permission.COMPETITION_RUN):
        return "Only the secretary or the organizer opens scoring"
    gaps = gaps_before_review(competition)
    return str(gaps[0]) if gaps else None


def gaps_before_review(competition: Competition) -> list[DomainError]:
    """Everything that must be done before scoring opens, each as a sentence with its facts."""
    if competition.state != CompetitionState.FORMAL_CHECK:
        return [
            WrongState(
                "Scoring opens after the formal check: the state is “%(state)s”",
                facts={"state": competition.state.label},
            )
        ]
    undecided = _count(competition, ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.CORRECTED)
    gaps: list[DomainError] = []
    if undecided:
        gaps.append(DomainError("Applications not yet admitted or rejected: %(count)s", facts={"count": undecided}))
    if not _count(competition, ApplicationState.ADMITTED):
        gaps.append(DomainError("No application is admitted"))
    short = short_of_experts(competition)
    if short:
        facts = {"codes": ", ".join(short[:10]), "needed": competition.experts_per_application}
        gaps.append(DomainError("Assign %(needed)s experts to each application. Too few have: %(codes)s", facts=facts))
    if competition.scoring_until is None or has_scoring_ended(competition):
        gaps.append(DomainError("The end of scoring is not set or has passed. Set it in the calendar"))
    return gaps


def short_of_experts(competition: Competition) -> list[str]:
    """Codes of admitted applications that have fewer experts than the call asks for."""
    active = (
        sa.select(Assignment.application_id, sa.func.count().label("experts"))
        .filter(Assignment.competition_id == competition.id, Assignment.state.in_(ACTIVE))
        .group_by(Assignment.application_id)
        .subquery()
    )
    query = (
        sa.select(Application.code)
        .outerjoin(active, active.c.application_id == Application.id)
        .filter(
            Application.competition_id == competition.id,
            Application.state == ApplicationState.ADMITTED,
            sa.func.coalesce(active.c.experts, 0) < competition.experts_per_application,
        )
        .order_by(Application.code)
    )
    return [code for code in db.session.scalars(query) if code is not None]


def _count(competition: Competition, *states: ApplicationState) -> int:
    query = sa.select(sa.func.count()).filter(
        Application.competition_id == competition.id, Application.state.in_(states)
    )
    return int(db.session.scalar(query) or 0)


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
