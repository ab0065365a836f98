"""Closing a meeting writes its minutes; the chair signs them, then the secretary. Nobody edits a frozen text."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import is_veiled
from grants_app.awards import policy
from grants_app.awards.models import AgendaItem, Award, Meeting, Minutes, Recusal, Vote
from grants_app.awards.queries.admission import ProposalLine, proposal_lines
from grants_app.awards.queries.voting import quorum_of, seats_of
from grants_app.awards.rules.minutes import Person, Point, Record, minutes_text
from grants_app.awards.rules.voting import Quorum
from grants_app.awards.services.admission import carry_out_admission
from grants_app.core import clock, figures
from grants_app.core.errors import NotAllowed
from grants_app.database import db, lock
from grants_app.journal.services import advance, digest_of, record
from grants_app.lifecycle import ItemState

# Minutes are an official act: they speak Ukrainian, whatever language their reader has chosen.
ACT = "uk"


Facts = dict[str, tuple[str, str | None, int, int]]


def close_meeting(meeting: Meeting, *, by: User) -> Minutes:
    """Close the meeting and build the minutes. Raises NotAllowed while an item has no decision."""
    meeting = _locked(meeting)
    refusal = policy.why_not_close_meeting(by, meeting)
    if refusal is not None:
        raise NotAllowed(refusal)
    text = minutes_text(_record(meeting))
    meeting.closed_at = clock.now()
    advance(meeting, "close", by=by, facts={"minutes": digest_of(text)})
    minutes = Minutes(meeting_id=meeting.id, text=text, digest=digest_of(text), made_at=clock.now())
    db.session.add(minutes)
    return minutes


def sign_minutes(meeting: Meeting, *, by: User) -> None:
    """Sign as who may: first the chair, which freezes the meeting, then the secretary.

    The chair's signature also carries out what was adopted on admission. Raises NotAllowed with the reason that fits
    the person.
    """
    meeting = _locked(meeting)
    minutes = db.session.scalar(lock(sa.select(Minutes).filter_by(meeting_id=meeting.id)))
    as_chair = policy.why_not_sign_as_chair(by, meeting)
    if minutes is not None and as_chair is None:
        minutes.chair_id, minutes.chair_signed_at = by.id, clock.now()
        advance(meeting, "sign", by=by, facts={"minutes": minutes.digest})
        carry_out_admission(meeting, by=by)
        return
    as_secretary = policy.why_not_sign_as_secretary(by, meeting)
    if minutes is None or as_secretary is not None:
        raise NotAllowed(
            (as_chair if policy.presides(by, meeting) else as_secretary) or "Your role does not allow this step"
        )
    minutes.secretary_id, minutes.secretary_signed_at = by.id, clock.now()
    record(
        thing="meeting", code=meeting.code, scope=meeting.journal_scope, step="sign_as_secretary", by=by,
        facts={"minutes": minutes.digest},
    )  # fmt: skip


def _locked(meeting: Meeting) -> Meeting:
    found: Meeting = db.session.scalars(lock(sa.select(Meeting).filter_by(id=meeting.id))).one()
    return found


def _record(meeting: Meeting) -> Record:
    quorum = quorum_of(meeting)
    facts = _application_facts(meeting)
    items = db.session.scalars(
        sa.select(AgendaItem)
        .options(
            selectinload(AgendaItem.votes).options(joinedload(Vote.user)),
            selectinload(AgendaItem.recusals).options(joinedload(Recusal.user)),
            selectinload(AgendaItem.notes),
        )
        .filter_by(meeting_id=meeting.id)
        .order_by(AgendaItem.number)
    )
    opened, closed = meeting.opened_at or meeting.scheduled_at, meeting.closed_at or clock.now()
    return Record(
        number=meeting.number,
        code=meeting.code,
        competition=meeting.competition.title,
        city="",
        when=figures.day(opened, ACT),
        opened=figures.hour(opened, ACT),
        closed=figures.hour(closed, ACT),
        where=", ".join(part for part in (meeting.place, meeting.link) if part),
        parts=meeting.quorum_parts,
        of=meeting.quorum_of,
        people=[Person(seat.user.full_name, seat.office, seat.presence) for seat in seats_of(meeting)],
        present=quorum.present,
        needed=quorum.needed,
        seats=quorum.seats,
        points=[_point(item, meeting, facts) for item in items],
    )


def _point(item: AgendaItem, meeting: Meeting, facts: Facts) -> Point:
    counted = Quorum(
        item.seats_count or 0,
        item.eligible_count or 0,
        item.present_count or 0,
        meeting.quorum_parts,
        meeting.quorum_of,
    )
    return Point(
        number=item.number,
        title=item.title,
        draft=item.draft,
        is_adopted=item.state is ItemState.ADOPTED,
        seats=counted.seats,
        eligible=counted.eligible,
        present=counted.present,
        quorum_needed=counted.needed,
        needed=item.needed_count or 0,
        for_count=item.for_count or 0,
        against_count=item.against_count or 0,
        abstain_count=item.abstain_count or 0,
        by_chair=item.chair_decided,
        notes=[note.text for note in item.notes],
        recusals=[
            (each.user.full_name, each.reason, each.kind == "challenge") for each in item.recusals if each.is_upheld
        ],
        refused_challenges=[(each.user.full_name, each.reason) for each in item.recusals if each.is_upheld is False],
        votes=sorted((vote.user.full_name, vote.choice) for vote in item.votes),
        sums=[
            (facts[code][0], _money(kop)) for code, kop in item.subject.items() if code in facts and not item.decides
        ],
        departures=[
            (facts[code][0], facts[code][1] or "")
            for code in item.subject
            if code in facts and facts[code][1] is not None
        ],
        admissions=[(_named(one), one.reason, one.clause) for one in (_proposals(item) if item.decides else ())],
    )


def _proposals(item: AgendaItem) -> list[ProposalLine]:
    return proposal_lines(list(item.subject), is_under_veil=is_veiled(None, item.meeting.competition))


def _named(one: ProposalLine) -> str:
    title = f"{one.code} «{one.title}»" if one.title else one.code
    return f"{title}, {one.organisation}" if one.organisation else title


def _application_facts(meeting: Meeting) -> Facts:
    query = (
        sa.select(Application.code, Application.title, Award.reason, Award.requested_kop, Award.rule_kop)
        .join(Award, Award.application_id == Application.id)
        .filter(Award.competition_id == meeting.competition_id)
    )
    return {
        row.code: (f"{row.code} «{row.title}»", row.reason, row.requested_kop, row.rule_kop)
        for row in db.session.execute(query)
    }


def _money(kop: int) -> str:
    return figures.money(kop, ACT, exact=True)
