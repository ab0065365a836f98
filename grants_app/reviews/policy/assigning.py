"""Why the secretary may not assign, take back or reopen; None means they may. The reasons are English msgids."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews import queries
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy.scoring import ENDED_ALREADY, REVIEW_STANDS
from grants_app.reviews.queries.invitations import is_removed
from grants_app.reviews.queries.people import ENDED, agreed_ids
from grants_app.reviews.rules.ties import BLOCK

_STAGES_OF_ASSIGNING = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING)


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
    if application.id in queries.barred_ids(expert, competition.id):
        return DomainError("The register of conflicts keeps this person out of the application")
    ties = queries.conflict_facts(expert, application)
    if any(tie.level == BLOCK for tie in ties):
        return DomainError("Conflict of interest: this person %(tie)s", facts={"tie": ties[0].what})
    agreed = agreed_ids(competition)
    if agreed is not None and expert.id not in agreed:
        return DomainError("This person has not agreed to score in this competition")
    return None


def why_not_take_back(user: User, assignment: Assignment) -> str | None:
    """Taking an unfinished assignment away from an expert."""
    if assignment.state in ENDED:
        return ENDED_ALREADY
    # Said first: once the marks are handed over nobody can reopen a review, so nobody is sent to do it.
    reason = why_not_assign(user, assignment.application.competition)
    if reason is None and assignment.state == AssignmentState.DONE:
        return "The review is submitted. Reopen it first"
    return reason


def why_not_reopen(user: User, assignment: Assignment) -> str | None:
    """Opening a submitted review for changes: only before the ranking is made."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary reopens reviews"
    if assignment.application.competition.state != CompetitionState.SCORING:
        return "A review is reopened only while scoring is open: the ranking is already made from it"
    if assignment.state != AssignmentState.DONE:
        return "The review is not submitted"
    removed = assignment.expert_id is not None and is_removed(assignment.expert_id, assignment.competition_id)
    return REVIEW_STANDS if removed else None
