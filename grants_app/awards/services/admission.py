"""Admission decided by the commission: proposals onto the agenda, and what the chair's signature carries out."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.services import MinutesRef, decide_by_minutes
from grants_app.awards import policy
from grants_app.awards.models import AgendaItem, Meeting
from grants_app.awards.queries.admission import waiting_proposals
from grants_app.awards.queries.voting import seats_of, tied_members
from grants_app.awards.rules import admission as words
from grants_app.awards.rules.voting import VOTING_OFFICES
from grants_app.awards.services.amounts import locked
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, lock
from grants_app.journal.services import record
from grants_app.lifecycle import ItemState
from grants_app.reviews.queries.conflicts import barred_people


def put_admission_on_agenda(meeting: Meeting, *, by: User) -> list[AgendaItem]:
    """Put what the secretary proposes before the commission.

    One question for all proposed admissions; one for each refusal, and for each admission of which a voting member is
    kept out by a conflict of interest, so that the others' quorum does not suffer. Raises InvalidInput when nothing
    waits, NotAllowed. Domain 3.2, minutes with reasons and the clause.
    """
    locked(meeting.competition)
    meeting = db.session.scalars(lock(sa.select(Meeting).filter_by(id=meeting.id))).one()
    refusal = policy.why_not_edit_agenda(by, meeting)
    if refusal is not None:
        raise NotAllowed(refusal)
    waiting = waiting_proposals(meeting.competition)
    if not waiting:
        raise InvalidInput("No proposal on admission waits for a meeting")
    apart = _with_conflict(meeting)
    added: list[AgendaItem] = []
    admissions = [one for one in waiting if (one.admission_proposal or {})["verdict"] == "admit"]
    if any(one.code not in apart for one in admissions):
        added.append(_add(meeting, "admission", words.ALL_TITLE, words.ALL_DRAFT, by=by))
    for one in admissions:
        if one.code in apart:
            title, draft = words.ONE_TITLE.format(code=one.code), words.ONE_DRAFT.format(code=one.code)
            added.append(_add(meeting, "admission", title, draft, application=one, by=by))
    for one in waiting:
        proposal = one.admission_proposal or {}
        if proposal["verdict"] == "reject":
            title = words.REFUSAL_TITLE.format(code=one.code)
            draft = words.REFUSAL_DRAFT.format(
                code=one.code, reason=words.sentence(proposal["reason"]), clause=proposal["clause"].rstrip(". ")
            )
            added.append(_add(meeting, "refusal", title, draft, application=one, by=by))
    return added


def carry_out_admission(meeting: Meeting, *, by: User) -> list[str]:
    """What the adopted questions of signed minutes decide, application by application; answers the codes.

    Not adopted: the proposal stays with the secretary, who may change it or put it before the next meeting.
    """
    opened = meeting.opened_at or meeting.scheduled_at
    minutes = MinutesRef(meeting.number, meeting.code, clock.kyiv(opened).date())
    codes = [
        code
        for item in sorted(meeting.items, key=lambda item: item.number)
        if item.decides and item.state is ItemState.ADOPTED
        for code in item.subject
    ]
    found = {one.code: one for one in db.session.scalars(sa.select(Application).where(Application.code.in_(codes)))}
    return [code for code in codes if decide_by_minutes(found[code], minutes, by=by)]


def _with_conflict(meeting: Meeting) -> set[str]:
    """Codes of applications that are considered without one of the voting members."""
    voting = {seat.user_id for seat in seats_of(meeting) if seat.office in VOTING_OFFICES}
    rows = [*barred_people(meeting.competition_id), *tied_members(meeting)]
    return {str(row.code) for row in rows if row.user_id in voting}


def _add(
    meeting: Meeting, decides: str, title: str, draft: str, *, by: User, application: Application | None = None
) -> AgendaItem:
    last = db.session.scalar(sa.select(sa.func.max(AgendaItem.number)).filter_by(meeting_id=meeting.id)) or 0
    item = AgendaItem(
        meeting=meeting,
        number=last + 1,
        kind="general",
        decides=decides,
        application_id=None if application is None else application.id,
        title=title,
        draft=draft,
        state=ItemState.WAITING,
        subject={},
    )
    db.session.add(item)
    db.session.flush()
    record(thing="meeting_item", code=item.journal_code, scope=item.journal_scope, step="add", by=by)
    return item
