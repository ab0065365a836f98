"""Why a person may not speak in a discussion, lead it, or change a review after it; None means they may."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.lifecycle import AssignmentState, CompetitionState, DiscussionState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment, Discussion
from grants_app.reviews.policy.scoring import NOT_SCORING, NOT_YOURS, REVIEW_STANDS, why_not_work
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.queries.invitations import is_removed

CLOSED = "The discussion is closed"


def why_not_open(user: User, application: Application) -> str | None:
    """Opening a discussion by hand."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary opens a discussion"
    if application.competition.state != CompetitionState.SCORING:
        return NOT_SCORING
    if application.id not in threads.spreads(application.competition, application=application):
        return "There is nothing to discuss yet: fewer than two reviews are submitted"
    found = threads.discussion_of(application)
    return "The discussion is open" if found is not None and found.state == DiscussionState.OPEN else None


def why_not_say(user: User, discussion: Discussion) -> str | None:
    """Writing a message: whoever reads the discussion, while it is open."""
    application = discussion.application
    if threads.part_of(user, application) is None:
        return "First submit your review and open the others’ reviews"
    if discussion.state != DiscussionState.OPEN:
        return CLOSED
    return None if application.competition.state == CompetitionState.SCORING else NOT_SCORING


def why_not_lead(user: User, discussion: Discussion) -> str | None:
    """Naming the expert who writes the consensus sheet, and closing the discussion."""
    if not user.can(Permission.REVIEW_ASSIGN) or threads.part_of(user, discussion.application) != "secretary":
        return "Only the secretary runs the discussion"
    return CLOSED if discussion.state != DiscussionState.OPEN else None


def why_not_write_consensus(user: User, discussion: Discussion) -> str | None:
    """Writing the consensus sheet: its lead, while the discussion is open."""
    if discussion.lead_id != user.id:
        return "Only the lead of this discussion writes the consensus sheet"
    return why_not_say(user, discussion)


def why_not_revise(user: User, assignment: Assignment, discussion: Discussion | None) -> str | None:
    """Opening one's own submitted review for changes: only while its discussion is open, with a reason."""
    if assignment.expert_id != user.id:
        return NOT_YOURS
    if discussion is None or discussion.state != DiscussionState.OPEN:
        return "Your review changes only while a discussion of this application is open"
    if assignment.state != AssignmentState.DONE:
        return "The review is not submitted"
    if assignment.others_opened_at is None:
        return "First open the other experts’ reviews"
    return REVIEW_STANDS if is_removed(user.id, assignment.competition_id) else why_not_work(user, assignment)


def why_not_hand_over(competition: Competition) -> str | None:
    """What the announced rule of divergence still asks for before the commission gets the marks (domain 3.1)."""
    if threads.open_count(competition):
        return "Discussions of diverging reviews are still open: close each with its outcome"
    if threads.wants_extra(competition):
        return "Reviews of some applications diverge and the announced rule asks for one more expert"
    return None
