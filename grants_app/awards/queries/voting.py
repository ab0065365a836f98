"""Who sits, who is here, who may vote on an item, and who has voted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application
from grants_app.awards.models import AgendaItem, Attendance, Award, Meeting, Recusal, Vote
from grants_app.awards.rules.admission import VERDICT_OF
from grants_app.awards.rules.voting import VOTING_OFFICES, Quorum
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, ItemState
from grants_app.reviews.queries.conflicts import barred_people

UNDECIDED = (ApplicationState.SUBMITTED, ApplicationState.CORRECTED, ApplicationState.RETURNED)


def seats_of(meeting: Meeting) -> list[Attendance]:
    """Everybody with a seat at the meeting, in the order of offices, then by name."""
    order = ("chair", "deputy", "member", "secretary")
    rows = db.session.scalars(
        sa.select(Attendance).options(joinedload(Attendance.user)).filter_by(meeting_id=meeting.id)
    )
    return sorted(rows, key=lambda seat: (order.index(seat.office), seat.user.full_name))


def presence_of(meeting: Meeting, user: User) -> Attendance | None:
    """The person's seat at the meeting."""
    return db.session.scalar(sa.select(Attendance).filter_by(meeting_id=meeting.id, user_id=user.id))


def item_codes(item: AgendaItem) -> list[str]:
    """Codes of the applications that the item decides on: frozen once the vote was opened."""
    return list(item.subject) if item.state is not ItemState.WAITING else list(subject_of(item))


def subject_of(item: AgendaItem) -> dict[str, int]:
    """What a vote on the item would decide now: sums by application code.

    One award has an item of its own; the list holds every award with money or with a departure that has none.
    """
    if item.decides:
        return _admission_subject(item)
    if item.kind == "general":
        return {}
    if item.award is not None:
        return {item.award.journal_code: item.award.proposed_kop}
    own = (
        sa.select(AgendaItem.award_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(Meeting.competition_id == item.meeting.competition_id, AgendaItem.award_id.is_not(None))
    )
    query = (
        sa.select(Application.code, Award.proposed_kop)
        .join(Application, Application.id == Award.application_id)
        .filter(
            Award.competition_id == item.meeting.competition_id,
            Award.id.not_in(own),
            sa.or_(Award.proposed_kop > 0, Award.departure.is_not(None)),
        )
        .order_by(Award.position)
    )
    return {row.code: row.proposed_kop for row in db.session.execute(query)}


def proposed(competition_id: int) -> list[Application]:
    """Applications whose admission or refusal is proposed and not decided, in the order of the register."""
    query = (
        sa.select(Application)
        .where(Application.competition_id == competition_id, Application.state.in_(UNDECIDED))
        .order_by(Application.register_number, Application.code)
    )
    return [application for application in db.session.scalars(query) if application.admission_proposal is not None]


def _admission_subject(item: AgendaItem) -> dict[str, int]:
    """The sums asked by the applications that the question decides on; those with a question of their own are left."""
    verdict = VERDICT_OF[item.decides]
    found = [
        one for one in proposed(item.meeting.competition_id) if (one.admission_proposal or {})["verdict"] == verdict
    ]
    if item.application_id is not None:
        chosen = [one for one in found if one.id == item.application_id]
    else:
        own = (
            sa.select(AgendaItem.application_id)
            .join(Meeting, Meeting.id == AgendaItem.meeting_id)
            .filter(
                Meeting.competition_id == item.meeting.competition_id,
                AgendaItem.application_id.is_not(None),
                AgendaItem.state != ItemState.NOT_ADOPTED,
            )
        )
        apart = set(db.session.scalars(own))
        chosen = [one for one in found if one.id not in apart]
    return {one.code or one.key: one.requested_kop for one in chosen}


def recused_ids(item: AgendaItem) -> frozenset[int]:
    """Members who take no part in the item: recused from it or from an application that it decides on, or tied."""
    own = set(
        db.session.scalars(sa.select(Recusal.user_id).filter_by(item_id=item.id).filter(Recusal.is_upheld.is_(True)))
    )
    query = (
        sa.select(Recusal.user_id, Application.code)
        .join(Application, Application.id == Recusal.application_id)
        .join(AgendaItem, AgendaItem.id == Recusal.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(Recusal.is_upheld.is_(True), Meeting.competition_id == item.meeting.competition_id)
    )
    rows = [*db.session.execute(query), *tied_members(item.meeting), *barred_people(item.meeting.competition_id)]
    codes = set(item_codes(item)) if rows else set()
    return frozenset(own | {row.user_id for row in rows if row.code in codes})


def tied_members(meeting: Meeting) -> list[sa.Row[int, str]]:
    """Pairs of a member with a seat at the meeting and the code of an application of the member's organisation."""
    query = (
        sa.select(Attendance.user_id, Application.code)
        .join(Membership, Membership.user_id == Attendance.user_id)
        .join(Application, Application.organisation_id == Membership.organisation_id)
        .filter(
            Attendance.meeting_id == meeting.id,
            Membership.ended_at.is_(None),
            Application.competition_id == meeting.competition_id,
            Application.code.is_not(None),
        )
        .order_by(Attendance.user_id, Application.code)
    )
    return list(db.session.execute(query))


def is_recused(item: AgendaItem, user: User) -> bool:
    """Whether the item is considered without this person."""
    return user.id in recused_ids(item)


def quorum_of(meeting: Meeting, item: AgendaItem | None = None) -> Quorum:
    """The quorum of the meeting, or of one item without those recused from it."""
    seats = [
        (user_id, presence)
        for user_id, presence in db.session.execute(
            sa.select(Attendance.user_id, Attendance.presence).filter(
                Attendance.meeting_id == meeting.id, Attendance.office.in_(VOTING_OFFICES)
            )
        )
    ]
    out = recused_ids(item) if item is not None else frozenset()
    eligible = [(user_id, presence) for user_id, presence in seats if user_id not in out]
    present = [user_id for user_id, presence in eligible if presence != "absent"]
    return Quorum(len(seats), len(eligible), len(present), meeting.quorum_parts, meeting.quorum_of)


def voters(item: AgendaItem) -> list[Attendance]:
    """Members who may vote on the item now: present and without a conflict."""
    out = recused_ids(item)
    return [
        seat
        for seat in seats_of(item.meeting)
        if seat.office in VOTING_OFFICES and seat.presence != "absent" and seat.user_id not in out
    ]


def unvoted(item: AgendaItem) -> list[Attendance]:
    """Of these, who has not voted."""
    voted = set(db.session.scalars(sa.select(Vote.user_id).filter_by(item_id=item.id)))
    return [seat for seat in voters(item) if seat.user_id not in voted]


def presiding(item: AgendaItem) -> Attendance | None:
    """Who presides over the item: the chair, in the chair's absence or conflict the deputy."""
    here = voters(item)
    return next((seat for office in ("chair", "deputy") for seat in here if seat.office == office), None)
