"""Meetings of the commission: plan, attendance, agenda, conflicts of interest, votes by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.awards import policy
from grants_app.awards.models import AgendaItem, AgendaNote, Attendance, Award, Meeting, Recusal, Vote
from grants_app.awards.queries.voting import (
    presence_of,
    presiding,
    quorum_of,
    seats_of,
    subject_of,
    tied_members,
    voters,
)
from grants_app.awards.rules.letters import LETTERS
from grants_app.awards.rules.voting import CHOICES, PRESENCE_LABELS, REGISTER_REASON, TIE_REASON, verdict
from grants_app.awards.rules.words import MEETING_KINDS
from grants_app.awards.services.amounts import locked
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import advance, notify_user, record
from grants_app.lifecycle import ItemState, MeetingState
from grants_app.reviews.queries.conflicts import barred_people


def plan_meeting(
    competition: Competition, *, kind: str, scheduled_at: datetime, by: User, place: str = "", link: str = ""
) -> Meeting:
    """Plan the next meeting of a competition and invite everybody who has a seat.

    The number follows the last one without gaps. Raises NotAllowed, InvalidInput (fields kind, scheduled_at, place).
    """
    competition = locked(competition)
    _refuse(policy.why_not_plan(by, competition))
    if kind not in MEETING_KINDS:
        raise InvalidInput("Choose how the meeting is held", field="kind")
    if scheduled_at <= clock.now():
        raise InvalidInput("The meeting must be in the future", field="scheduled_at")
    if not (place if kind == "room" else link if kind == "online" else place and link).strip():
        raise InvalidInput("Say where the meeting is held", field="link" if kind == "online" else "place")
    last = db.session.scalar(sa.select(sa.func.max(Meeting.number)).filter_by(competition_id=competition.id)) or 0
    meeting = Meeting(
        competition=competition,
        number=last + 1,
        code=f"{competition.code}-M{last + 1}",
        state=MeetingState.PLANNED,
        kind=kind,
        scheduled_at=scheduled_at,
        place=place.strip(),
        link=link.strip(),
        created_at=clock.now(),
        created_by_id=by.id,
    )
    db.session.add(meeting)
    db.session.flush()
    record(thing="meeting", code=meeting.code, scope=competition.code, step="plan", by=by)
    for seat in db.session.scalars(sa.select(CommissionSeat).filter_by(competition_id=competition.id)):
        db.session.add(Attendance(meeting=meeting, user_id=seat.user_id, office=seat.office, presence="absent"))
        _invite(meeting, seat.user)
    return meeting


def mark_attendance(meeting: Meeting, presences: Mapping[int, str], *, by: User) -> None:
    """Note who is here and how, by user id; allowed until the meeting is closed, during a vote too.

    Who leaves during a vote takes their vote along. Raises NotAllowed, InvalidInput (unknown presence or person).
    """
    meeting = _locked_meeting(meeting)
    _refuse(policy.why_not_edit_agenda(by, meeting))
    seats = {seat.user_id: seat for seat in db.session.scalars(sa.select(Attendance).filter_by(meeting_id=meeting.id))}
    for user_id, presence in presences.items():
        if presence not in PRESENCE_LABELS or user_id not in seats:
            raise InvalidInput("Mark each member as in the room, online or absent", field="presence")
        seat = seats[user_id]
        if seat.presence == presence:
            continue
        seat.presence, seat.marked_at, seat.marked_by_id = presence, clock.now(), by.id
        if presence == "absent":
            _drop_votes(meeting, user_id)
        record(
            thing="meeting", code=meeting.code, scope=meeting.journal_scope, step="attendance", by=by,
            facts={"user": user_id, "presence": presence},
        )  # fmt: skip
    db.session.flush()


def add_item(
    meeting: Meeting, *, kind: str, title: str, draft: str, by: User, award: Award | None = None
) -> AgendaItem:
    """Put a question on the agenda: the list of awards, one award (once in a competition until decided), or another."""
    meeting = _locked_meeting(meeting)
    _refuse(policy.why_not_edit_agenda(by, meeting))
    if not title.strip():
        raise InvalidInput("Enter the question", field="title")
    if not draft.strip():
        raise InvalidInput("Enter the draft of the decision", field="draft")
    if (kind == "award") != (award is not None):
        raise InvalidInput("Choose the application", field="application")
    if award is not None and award.competition_id != meeting.competition_id:
        raise InvalidInput("Choose the application", field="application")
    if award is not None and _has_undecided_item(award):
        raise InvalidInput("This award is on an agenda already", field="application")
    last = max((item.number for item in meeting.items), default=0)
    item = AgendaItem(
        meeting=meeting, number=last + 1, kind=kind, title=title.strip(), draft=draft.strip(), award=award,
        state=ItemState.WAITING, subject={},
    )  # fmt: skip
    db.session.add(item)
    db.session.flush()
    record(thing="meeting_item", code=item.journal_code, scope=item.journal_scope, step="add", by=by)
    return item


def take_off(item: AgendaItem, *, by: User) -> None:
    """Take an item that was not voted off the agenda; the later ones move up, so that numbers stay without gaps."""
    meeting = _locked_meeting(item.meeting)
    _refuse(policy.why_not_edit_agenda(by, meeting))
    if item.state is not ItemState.WAITING:
        raise NotAllowed("The vote on this item has begun")
    record(thing="meeting_item", code=item.journal_code, scope=item.journal_scope, step="take_off", by=by)
    number = item.number
    db.session.delete(item)
    db.session.flush()
    db.session.expire(meeting, ["items"])
    for later in meeting.items:
        if later.number > number:
            later.number -= 1
            db.session.flush()


def open_meeting(meeting: Meeting, *, by: User) -> None:
    """Open the meeting when at least the quorum of voting seats is present."""
    meeting = _locked_meeting(meeting)
    _refuse(policy.why_not_open_meeting(by, meeting))
    quorum = quorum_of(meeting)
    meeting.opened_at = clock.now()
    advance(meeting, "open", by=by, facts={"present": quorum.present, "needed": quorum.needed, "seats": quorum.seats})


def declare_recusal(item: AgendaItem, *, reason: str, by: User) -> Recusal:
    """Step back from an item: a vote given already is taken back, the quorum is counted without the person."""
    item = _locked_item(item)
    _refuse(policy.why_not_recuse(by, item))
    found = db.session.scalar(sa.select(Recusal).filter_by(item_id=item.id, user_id=by.id))
    if found is not None and found.is_upheld:
        return found
    if found is not None:
        db.session.delete(found)  # a challenge that the member agrees with
        db.session.flush()
    return _recuse(item, by, kind="own", reason=reason, by=by)


def challenge_member(item: AgendaItem, member: User, *, reason: str, by: User) -> Recusal:
    """Say that a member has a conflict; the chair decides before the vote. Raises InvalidInput without a reason."""
    item = _locked_item(item)
    _refuse(policy.why_not_challenge(by, item))
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    seat = presence_of(item.meeting, member)
    if seat is None or seat.office == "secretary":
        raise InvalidInput("Choose a voting member", field="member")
    if db.session.scalar(sa.select(Recusal).filter_by(item_id=item.id, user_id=member.id)) is not None:
        raise InvalidInput("A conflict of this member is noted already", field="member")
    return _recuse(item, member, kind="challenge", reason=reason, by=by)


def decide_challenge(recusal: Recusal, *, is_upheld: bool, by: User) -> None:
    """The chair grants or refuses a challenge; a challenge of the chair is decided by the deputy."""
    item = _locked_item(recusal.item)
    db.session.refresh(recusal)
    _refuse(policy.why_not_decide_challenge(by, recusal))
    recusal.is_upheld = is_upheld
    if is_upheld:
        _drop_votes(item.meeting, recusal.user_id)
    db.session.flush()
    record(
        thing="meeting_item", code=item.journal_code, scope=item.journal_scope, step="decide_challenge", by=by,
        facts={"user": recusal.user_id, "upheld": is_upheld},
    )  # fmt: skip


def note_for_minutes(item: AgendaItem, text: str, *, by: User) -> None:
    """Write a sentence about the discussion for the minutes."""
    item = _locked_item(item)
    _refuse(policy.why_not_edit_agenda(by, item.meeting) or policy.why_not_see(by, item))
    if not text.strip():
        raise InvalidInput("Write what was said", field="text")
    db.session.add(AgendaNote(item_id=item.id, text=text.strip(), at=clock.now(), by_id=by.id))


def open_vote(item: AgendaItem, *, by: User) -> None:
    """Open the vote: what is decided on is frozen now, sum by sum."""
    item = _locked_item(item)
    _refuse(policy.why_not_open_vote(by, item))
    subject = subject_of(item)
    if item.kind == "ranking" and not subject:
        raise InvalidInput("No award is left for the list: nothing to vote on")
    if item.decides and not subject:
        raise InvalidInput("Nothing is proposed here any more: take the question off the agenda")
    _note_ties(item, subject, by)
    item.subject = subject
    item.opened_at = clock.now()
    advance(item, "open_vote", by=by, facts={"subject": subject})


def cast_vote(item: AgendaItem, choice: str, *, by: User) -> None:
    """Vote, or change one's vote while it is open. The item is held, so that no vote arrives after the count."""
    if choice not in CHOICES:
        raise InvalidInput("Choose for, against or abstain", field="choice")
    item = _locked_item(item, with_meeting=False)
    _refuse(policy.why_not_vote(by, item))
    vote = db.session.scalar(sa.select(Vote).filter_by(item_id=item.id, user_id=by.id))
    if vote is None:
        db.session.add(Vote(item_id=item.id, user_id=by.id, choice=choice, cast_at=clock.now()))
    elif vote.choice != choice:
        vote.choice, vote.cast_at = choice, clock.now()
    else:
        return
    db.session.flush()
    record(
        thing="meeting_item", code=item.journal_code, scope=item.journal_scope, step="vote", by=by,
        facts={"choice": choice},
    )  # fmt: skip


def close_vote(item: AgendaItem, *, by: User) -> None:
    """Count: more than half of those present, an even split is decided by who presides."""
    item = _locked_item(item)
    _refuse(policy.why_not_close_vote(by, item))
    quorum = quorum_of(item.meeting, item)
    entitled = {seat.user_id for seat in voters(item)}
    votes = db.session.execute(sa.select(Vote.user_id, Vote.choice).filter_by(item_id=item.id))
    choices = {user_id: choice for user_id, choice in votes if user_id in entitled}
    leader = presiding(item)
    result = verdict(choices, present=quorum.present, presiding_id=leader.user_id if leader is not None else None)
    item.closed_at = clock.now()
    item.seats_count, item.eligible_count, item.present_count = quorum.seats, quorum.eligible, quorum.present
    item.needed_count = result.needed
    item.for_count, item.against_count = result.for_count, result.against_count
    item.abstain_count, item.chair_decided = result.abstain_count, result.by_chair
    counts = {"for": result.for_count, "against": result.against_count, "abstain": result.abstain_count}
    advance(item, "adopt" if result.is_adopted else "refuse", by=by, facts={**counts, "present": quorum.present})


def _recuse(item: AgendaItem, member: User, *, kind: str, reason: str, by: User) -> Recusal:
    recusal = Recusal(
        item_id=item.id,
        user_id=member.id,
        application_id=item.award.application_id if item.award is not None else item.application_id,
        kind=kind,
        reason=reason.strip(),
        declared_at=clock.now(),
        declared_by_id=by.id,
        is_upheld=True if kind == "own" else None,
    )
    db.session.add(recusal)
    if kind == "own":
        _drop_votes(item.meeting, member.id, item=item)
    db.session.flush()
    record(
        thing="meeting_item", code=item.journal_code, scope=item.journal_scope, by=by,
        step="recuse" if kind == "own" else "challenge", facts={"user": member.id},
    )  # fmt: skip
    return recusal


def _note_ties(item: AgendaItem, subject: Mapping[str, int], by: User) -> None:
    """Who belongs to an applicant or stands in the register takes no part; minutes and public record say so."""
    noted = set(db.session.scalars(sa.select(Recusal.user_id).filter_by(item_id=item.id)))
    barred = barred_people(item.meeting.competition_id)
    reasons = {row.user_id: REGISTER_REASON for row in barred if row.code in subject}
    reasons |= {row.user_id: TIE_REASON for row in tied_members(item.meeting) if row.code in subject}
    for seat in seats_of(item.meeting):
        if seat.user_id in reasons and seat.user_id not in noted and seat.office != "secretary":
            recusal = _recuse(item, seat.user, kind="challenge", reason=reasons[seat.user_id], by=by)
            recusal.is_upheld = True


def _drop_votes(meeting: Meeting, user_id: int, *, item: AgendaItem | None = None) -> None:
    open_items = [item] if item is not None else [each for each in meeting.items if each.state is ItemState.VOTING]
    for each in open_items:
        db.session.execute(sa.delete(Vote).where(Vote.item_id == each.id, Vote.user_id == user_id))


def _has_undecided_item(award: Award) -> bool:
    query = sa.select(sa.func.count()).filter(
        AgendaItem.award_id == award.id, AgendaItem.state.in_((ItemState.WAITING, ItemState.VOTING))
    )
    return bool(db.session.scalar(query))


def _locked_meeting(meeting: Meeting) -> Meeting:
    found: Meeting = db.session.scalars(lock(sa.select(Meeting).filter_by(id=meeting.id))).one()
    return found


def _locked_item(item: AgendaItem, *, with_meeting: bool = True) -> AgendaItem:
    """The item, held after its meeting: whoever changes membership or counts takes both, a voter the item alone."""
    if with_meeting:
        db.session.scalars(lock(sa.select(Meeting).filter_by(id=item.meeting_id))).one()
    found: AgendaItem = db.session.scalars(lock(sa.select(AgendaItem).filter_by(id=item.id))).one()
    return found


def _invite(meeting: Meeting, member: User) -> None:
    notify_user(
        member,
        LETTERS,
        "meeting_planned",
        facts={
            "number": meeting.number,
            "title": meeting.competition.title,
            "when": meeting.scheduled_at,
            "where": meeting.link or meeting.place,
            "link": link_to(f"/awards/meetings/{meeting.code}"),
        },
        thing="meeting",
        code=meeting.code,
        scope=meeting.competition.code,
    )


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise NotAllowed(reason)
