"""Meetings as a member sees them: what is considered without the viewer shows nothing but its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import is_veiled, titles_under_veil
from grants_app.awards.models import AgendaItem, Attendance, Award, Meeting, Minutes, RankingLine, Recusal, Vote
from grants_app.awards.queries.access import is_staff, office_of
from grants_app.awards.queries.admission import ProposalLine, proposal_lines
from grants_app.awards.queries.voting import is_recused, item_codes, quorum_of, recused_ids, seats_of, subject_of
from grants_app.awards.rules.minutes import with_typed, without_points
from grants_app.awards.rules.voting import CHOICES, OFFICE_LABELS, PRESENCE_LABELS, VOTING_OFFICES, Quorum
from grants_app.awards.rules.words import Label
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import ItemState, MeetingState
from grants_app.permissions import Permission
from grants_app.reviews.queries.veiled import veiled_words

_VOTE_LABELS = {"for": Label("For", "green"), "against": Label("Against", "red"), "abstain": Label("Abstains", "grey")}


@dataclass(frozen=True)
class MeetingRow:
    """A meeting in a list."""

    code: str
    number: int
    competition: str
    competition_code: str
    scheduled_at: datetime
    state: MeetingState
    items: int


@dataclass(frozen=True)
class SeatRow:
    """A seat as the page shows it; `vote` is a label or None."""

    user_id: int
    name: str
    role: str
    office: str
    presence: str
    presence_word: str
    vote: Label | None
    kind: str  # for the picture: for against abstained waiting conflict absent


@dataclass(frozen=True)
class ItemRow:
    """An item of the agenda; hidden ones carry neither title nor state of the count."""

    number: int
    title: str | None
    state: ItemState
    is_hidden: bool
    code: str | None


@dataclass(frozen=True)
class ItemWords:
    """What people typed about an item, as the reader may read it."""

    title: str
    draft: str
    notes: list[tuple[datetime, str]]
    reasons: dict[int, str]  # of recusals, by their ids


@dataclass(frozen=True)
class ItemView:
    """Everything about an item for somebody who may see it."""

    item: AgendaItem
    meeting: Meeting
    words: ItemWords
    quorum: Quorum
    seats: list[SeatRow]
    counts: dict[str, int]
    own_choice: str | None
    waiting: int
    recusals: list[Recusal]
    application: Application | None
    line: RankingLine | None
    subject: list[tuple[str, str, int]] = field(default_factory=list)
    proposals: list[ProposalLine] = field(default_factory=list)  # of a question on admission


def meeting_by_code(user: User, code: str) -> Meeting:
    """A meeting for who has a seat in its competition or works with all of them. Raises NotFound."""
    meeting = db.session.scalar(sa.select(Meeting).options(joinedload(Meeting.competition)).filter_by(code=code))
    if meeting is None or not _may_see(user, meeting):
        raise NotFound
    return meeting


def item_of(meeting: Meeting, number: int) -> AgendaItem:
    """An item of a meeting. Raises NotFound."""
    item = db.session.scalar(sa.select(AgendaItem).filter_by(meeting_id=meeting.id, number=number))
    if item is None:
        raise NotFound
    return item


def meeting_rows(user: User, competition: Competition | None = None) -> list[MeetingRow]:
    """Meetings this person may see, the newest first."""
    counts = sa.select(AgendaItem.meeting_id, sa.func.count().label("items")).group_by(AgendaItem.meeting_id).subquery()
    query = (
        sa.select(Meeting, sa.func.coalesce(counts.c["items"], 0))
        .options(joinedload(Meeting.competition))
        .outerjoin(counts, counts.c.meeting_id == Meeting.id)
        .order_by(Meeting.scheduled_at.desc(), Meeting.id.desc())
    )
    if competition is not None:
        query = query.filter(Meeting.competition_id == competition.id)
    if not is_staff(user):
        query = query.join(Attendance, sa.and_(Attendance.meeting_id == Meeting.id, Attendance.user_id == user.id))
    return [
        MeetingRow(
            code=meeting.code,
            number=meeting.number,
            competition=meeting.competition.title,
            competition_code=meeting.competition.code,
            scheduled_at=meeting.scheduled_at,
            state=meeting.state,
            items=items,
        )
        for meeting, items in db.session.execute(query)
    ]


def item_rows(meeting: Meeting, user: User) -> list[ItemRow]:
    """The agenda for this person."""
    items = db.session.scalars(
        sa.select(AgendaItem)
        .options(joinedload(AgendaItem.award).joinedload(Award.application))
        .filter_by(meeting_id=meeting.id)
        .order_by(AgendaItem.number)
    )
    about = sa.select(Application.id, Application.code).join(AgendaItem, AgendaItem.application_id == Application.id)
    own = {row.id: row.code for row in db.session.execute(about.where(AgendaItem.meeting_id == meeting.id))}
    rows = []
    agenda = list(items)
    titles = veiled_words([item.title for item in agenda], user, meeting.competition)
    for item, title in zip(agenda, titles, strict=True):
        hidden = is_recused(item, user)
        code = (
            None if hidden else item.award.application.code if item.award is not None else own.get(item.application_id)
        )
        state = ItemState.WAITING if hidden else item.state
        rows.append(ItemRow(item.number, None if hidden else title, state, hidden, code))
    return rows


def attendance_rows(meeting: Meeting) -> list[SeatRow]:
    """Who sits at the meeting, for the list of presence."""
    return [_seat(seat, None, "absent" if seat.presence == "absent" else "waiting") for seat in seats_of(meeting)]


def item_view(item: AgendaItem, user: User) -> ItemView | None:
    """The item with votes and quorum; None for who is recused: not a word and not a number of it."""
    if is_recused(item, user):
        return None
    out = recused_ids(item)
    votes = {vote.user_id: vote.choice for vote in db.session.scalars(sa.select(Vote).filter_by(item_id=item.id))}
    seats = [
        _voting_seat(seat, votes.get(seat.user_id), is_out=seat.user_id in out)
        for seat in seats_of(item.meeting)
        if seat.office in VOTING_OFFICES
    ]
    counted = {choice: sum(given == choice for given in votes.values()) for choice in CHOICES}
    recusals = list(
        db.session.scalars(
            sa.select(Recusal).options(joinedload(Recusal.user)).filter_by(item_id=item.id).order_by(Recusal.id)
        )
    )
    application = item.award.application if item.award is not None else _asked_about(item)
    return ItemView(
        item=item,
        meeting=item.meeting,
        words=_words(item, recusals, user),
        quorum=quorum_of(item.meeting, item),
        seats=seats,
        counts=counted,
        own_choice=votes.get(user.id),
        waiting=sum(seat.kind == "waiting" for seat in seats),
        recusals=recusals,
        application=application,
        line=_line(application),
        subject=[] if item.decides else _subject(item, user),
        proposals=_proposals(item, user) if item.decides else [],
    )


def minutes_for(meeting: Meeting, user: User | None) -> tuple[Minutes, str]:
    """The minutes and their text for this person: items considered without them are left out before publication,
    and who applies is masked while the call hides it from them.

    Raises NotFound while the meeting has none.
    """
    minutes = db.session.scalar(
        sa.select(Minutes)
        .options(joinedload(Minutes.chair), joinedload(Minutes.secretary))
        .filter_by(meeting_id=meeting.id)
    )
    if minutes is None:
        raise NotFound
    if user is None:
        return minutes, minutes.text
    items = list(db.session.scalars(sa.select(AgendaItem).filter_by(meeting_id=meeting.id).order_by(AgendaItem.number)))
    hidden = {item.number for item in items if is_recused(item, user)}
    text = without_points(minutes.text, hidden, len(items)) if hidden else minutes.text
    if is_veiled(user, meeting.competition):
        text = with_typed(text, lambda lines: veiled_words(lines, user, meeting.competition))
    return minutes, text


def held_meetings(competition: Competition) -> list[Meeting]:
    """Meetings whose minutes are signed, with what was voted by name."""
    query = (
        sa.select(Meeting)
        .options(
            selectinload(Meeting.items).options(
                selectinload(AgendaItem.votes).options(joinedload(Vote.user)),
                selectinload(AgendaItem.recusals).options(joinedload(Recusal.user)),
            ),
            joinedload(Meeting.minutes),
        )
        .filter(Meeting.competition_id == competition.id, Meeting.state == MeetingState.SIGNED)
        .order_by(Meeting.number)
    )
    return list(db.session.scalars(query))


def waiting_challenges(item: AgendaItem) -> list[Recusal]:
    """Challenges that the chair has not decided."""
    query = sa.select(Recusal).filter(Recusal.item_id == item.id, Recusal.is_upheld.is_(None)).order_by(Recusal.id)
    return list(db.session.scalars(query))


def _may_see(user: User, meeting: Meeting) -> bool:
    if not user.can(Permission.RANKING_READ):
        return False
    return is_staff(user) or office_of(user, meeting.competition_id) is not None


def _seat(seat: Attendance, vote: Label | None, kind: str) -> SeatRow:
    return SeatRow(
        user_id=seat.user_id,
        name=seat.user.full_name,
        role=OFFICE_LABELS[seat.office],
        office=seat.office,
        presence=seat.presence,
        presence_word=PRESENCE_LABELS[seat.presence],
        vote=vote,
        kind=kind,
    )


def _voting_seat(seat: Attendance, choice: str | None, *, is_out: bool) -> SeatRow:
    if is_out:
        return _seat(seat, Label("Does not vote: conflict of interest", "grey"), "conflict")
    if seat.presence == "absent":
        return _seat(seat, None, "absent")
    if choice is None:
        return _seat(seat, Label("Has not voted yet", "yellow"), "waiting")
    return _seat(seat, _VOTE_LABELS[choice], {"abstain": "abstained"}.get(choice, choice))


def _proposals(item: AgendaItem, user: User) -> list[ProposalLine]:
    return proposal_lines(item_codes(item), is_under_veil=is_veiled(user, item.meeting.competition))


def _asked_about(item: AgendaItem) -> Application | None:
    return None if item.application_id is None else db.session.get(Application, item.application_id)


def _line(application: Application | None) -> RankingLine | None:
    if application is None:
        return None
    return db.session.scalar(
        sa.select(RankingLine).filter_by(application_id=application.id).order_by(RankingLine.id.desc()).limit(1)
    )


def _words(item: AgendaItem, recusals: Sequence[Recusal], user: User) -> ItemWords:
    typed = [item.title, item.draft, *(note.text for note in item.notes), *(each.reason for each in recusals)]
    title, draft, *rest = veiled_words(typed, user, item.meeting.competition)
    notes, reasons = rest[: len(item.notes)], rest[len(item.notes) :]
    return ItemWords(
        title=title,
        draft=draft,
        notes=[(note.at, text) for note, text in zip(item.notes, notes, strict=True)],
        reasons={each.id: text for each, text in zip(recusals, reasons, strict=True)},
    )


def _subject(item: AgendaItem, user: User) -> list[tuple[str, str, int]]:
    sums: dict[str, Any] = item.subject if item.state is not ItemState.WAITING else subject_of(item)
    query = sa.select(Application.id, Application.code, Application.title).filter(Application.code.in_(sums))
    found = db.session.execute(query).all()
    shown: Mapping[int, str] = {row.id: row.title for row in found}
    if is_veiled(user, item.meeting.competition):
        shown = titles_under_veil(shown)
    titles = {row.code: shown[row.id] for row in found}
    return [(code, titles.get(code, ""), kop) for code, kop in sums.items()]
