"""Steps of a meeting: who may open, vote, step back, close and sign."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.awards.models import AgendaItem, Meeting, Minutes, Recusal
from grants_app.awards.policy.words import CHAIR_ONLY, NO_SEAT, ROLE, WITHOUT_YOU
from grants_app.awards.queries.access import is_staff, leads, office_of
from grants_app.awards.queries.voting import is_recused, presence_of, quorum_of, unvoted
from grants_app.awards.rules.voting import VOTING_OFFICES, VOTING_TIME
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db
from grants_app.lifecycle import CompetitionState as C
from grants_app.lifecycle import (
    ItemState,
    MeetingState,
)
from grants_app.permissions import Permission


def why_not_plan(user: User, competition: Competition) -> str | None:
    """The secretary or the chair plans meetings of a competition that has been announced."""
    if not (user.can(Permission.MEETING_RUN) or user.can(Permission.MEETING_CHAIR)):
        return ROLE
    if competition.state in {C.DRAFT, C.CANCELLED, C.COMPLETED}:
        return "Meetings belong to a competition that runs"
    if not is_staff(user) and not leads(user, competition.id):
        return NO_SEAT
    return None


def why_not_edit_agenda(user: User, meeting: Meeting) -> str | None:
    """The agenda grows until the meeting is closed."""
    reason = why_not_plan(user, meeting.competition)
    if reason is None and meeting.state not in {MeetingState.PLANNED, MeetingState.OPEN}:
        return "The meeting is closed"
    return reason


def why_not_open_meeting(user: User, meeting: Meeting) -> str | None:
    """The chair opens a planned meeting when the quorum is there."""
    reason = _why_not_preside(user, meeting)
    if reason is not None:
        return reason
    if meeting.state is not MeetingState.PLANNED:
        return "The meeting has been opened already"
    if not quorum_of(meeting).is_met:
        return "There is no quorum: the meeting cannot be opened"
    return None


def why_not_open_vote(user: User, item: AgendaItem) -> str | None:
    """One vote at a time, with a quorum of those who may vote on the item."""
    reason = _why_not_preside(user, item.meeting)
    if reason is not None:
        return reason
    if item.meeting.state is not MeetingState.OPEN:
        return "The meeting is not open"
    if is_recused(item, user):
        return WITHOUT_YOU
    if item.state is not ItemState.WAITING:
        return "This item has been voted already"
    if any(other.state is ItemState.VOTING for other in item.meeting.items):
        return "Another vote is open: close it first"
    return _why_not_ripe(item)


def _why_not_ripe(item: AgendaItem) -> str | None:
    if item.decides and item.meeting.competition.state is not C.FORMAL_CHECK:
        return "Admission is decided while the formal check runs"
    if item.kind != "general" and item.meeting.competition.state is not C.DELIBERATION:
        return "The competition is not with the commission"
    if any(recusal.is_upheld is None for recusal in item.recusals):
        return "A challenge of a member waits for the chair"
    if not quorum_of(item.meeting, item).is_met:
        return "There is no quorum for this item: voting is not possible"
    return None


def why_not_vote(user: User, item: AgendaItem) -> str | None:
    """A present voting member without a conflict, while the vote is open."""
    if not user.can(Permission.MEETING_VOTE):
        return ROLE
    seat = presence_of(item.meeting, user)
    if seat is None or seat.office not in VOTING_OFFICES:
        return NO_SEAT
    if is_recused(item, user):
        return WITHOUT_YOU
    if item.state is ItemState.WAITING:
        return "The vote is not open yet"
    if item.state is not ItemState.VOTING:
        return "The vote is closed"
    return None if seat.presence != "absent" else "You are marked as absent: tell the secretary"


def why_not_close_vote(user: User, item: AgendaItem) -> str | None:
    """All who are present have voted, or five minutes have passed; without a quorum nothing is counted."""
    reason = _why_not_preside(user, item.meeting)
    if reason is not None:
        return reason
    if is_recused(item, user):
        return WITHOUT_YOU
    if item.state is not ItemState.VOTING or item.opened_at is None:
        return "The vote is not open"
    if not quorum_of(item.meeting, item).is_met:
        return "The quorum is lost: the vote cannot be counted. Wait for members to return or postpone the item"
    if unvoted(item) and clock.now() < item.opened_at + VOTING_TIME:
        return "You may close the vote when everybody present has voted or five minutes have passed"
    return None


def why_not_recuse(user: User, item: AgendaItem) -> str | None:
    """A member steps back at any time before the vote on the item is closed."""
    seat = presence_of(item.meeting, user)
    if seat is None or seat.office not in VOTING_OFFICES:
        return NO_SEAT
    if item.state in {ItemState.ADOPTED, ItemState.NOT_ADOPTED}:
        return "The vote is closed"
    return None


def why_not_challenge(user: User, item: AgendaItem) -> str | None:
    """Anybody with a seat, the secretary too, may say that a member has a conflict."""
    if presence_of(item.meeting, user) is None and not user.can(Permission.MEETING_RUN):
        return NO_SEAT
    if is_recused(item, user):
        return WITHOUT_YOU
    return None if item.state is ItemState.WAITING else "The vote on this item has begun"


def why_not_close_meeting(user: User, meeting: Meeting) -> str | None:
    """No vote is left open and every item is decided."""
    reason = _why_not_preside(user, meeting)
    if reason is not None:
        return reason
    if meeting.state is not MeetingState.OPEN:
        return "The meeting is not open"
    if any(item.state is ItemState.VOTING for item in meeting.items):
        return "Another vote is open: close it first"
    if any(item.state is ItemState.WAITING for item in meeting.items):
        return "Some items have no decision: vote on them or take them off the agenda"
    return None


def why_not_sign_as_chair(user: User, meeting: Meeting) -> str | None:
    """Who presided signs the minutes first."""
    reason = _why_not_preside(user, meeting)
    if reason is not None:
        return reason
    return None if meeting.state is MeetingState.CLOSED else "Minutes are signed after the meeting is closed, once"


def why_not_sign_as_secretary(user: User, meeting: Meeting) -> str | None:
    """The secretary signs after the chair, and is another person."""
    if not user.can(Permission.MEETING_RUN):
        return ROLE
    minutes = db.session.scalar(sa.select(Minutes).filter_by(meeting_id=meeting.id))
    if minutes is None or minutes.chair_signed_at is None:
        return "The chair signs first"
    if minutes.secretary_signed_at is not None:
        return "The minutes are signed already"
    return "Another person must sign: you signed as the chair" if minutes.chair_id == user.id else None


def _why_not_preside(user: User, meeting: Meeting) -> str | None:
    if not user.can(Permission.MEETING_CHAIR):
        return CHAIR_ONLY
    return None if office_of(user, meeting.competition_id) in {"chair", "deputy"} else NO_SEAT


def why_not_see(user: User, item: AgendaItem) -> str | None:
    """Whoever is recused sees nothing of the item: no text, no counts, no sums."""
    return WITHOUT_YOU if is_recused(item, user) else None


def why_not_decide_challenge(user: User, recusal: Recusal) -> str | None:
    """The chair decides on a challenge; on a challenge of the chair, the deputy."""
    item = recusal.item
    office = office_of(user, item.meeting.competition_id)
    if office != "deputy" and not (office == "chair" and user.can(Permission.MEETING_CHAIR)):
        return CHAIR_ONLY
    if user.id == recusal.user_id:
        return "You cannot decide on a challenge of yourself"
    if recusal.is_upheld is not None:
        return "The challenge is decided already"
    return None if item.state is ItemState.WAITING else "The vote on this item has begun"


def presides(user: User, meeting: Meeting) -> bool:
    """Whether the person may lead this meeting."""
    return _why_not_preside(user, meeting) is None
