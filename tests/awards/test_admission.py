"""Admission decided by the commission: proposals, the agenda, conflicts, the vote, the minutes that carry it out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership
from grants_app.applications import services as applying
from grants_app.applications.models import Application
from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Meeting, Minutes
from grants_app.awards.queries.meeting import item_rows
from grants_app.awards.queries.voting import quorum_of
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import ApplicationState as A
from grants_app.lifecycle import ItemState
from grants_app.permissions import Role
from tests.support.admissions import REFUSAL, checking, left_to_the_commission, met, proposed, signed, sitting, voted
from tests.support.applications import new_head
from tests.support.calls import Call, announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call whose commission decides on admission."""
    made = announced_call()
    left_to_the_commission(made)
    return made


def _items(meeting: Meeting) -> list[AgendaItem]:
    return list(db.session.scalars(sa.select(AgendaItem).filter_by(meeting_id=meeting.id).order_by(AgendaItem.number)))


def _letters(application: Application) -> list[Notice]:
    query = sa.select(Notice).where(Notice.thing_code == application.code, Notice.template != "application_received")
    return list(db.session.scalars(query.order_by(Notice.id)))


def test_secretary_alone_neither_admits_nor_refuses(call: Call) -> None:
    (application,) = checking(call, 1)
    met(call, application)
    with pytest.raises(NotAllowed, match="The commission decides"), unit_of_work():
        applying.admit(application, by=call.secretary)
    with pytest.raises(NotAllowed, match="The commission decides"), unit_of_work():
        applying.reject(application, *REFUSAL, by=call.secretary)
    assert application.state == A.SUBMITTED


def test_proposal_where_the_secretary_decides_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    (application,) = checking(call, 1)
    met(call, application)
    with pytest.raises(NotAllowed, match="the secretary decides"), unit_of_work():
        applying.propose_admission(application, by=call.secretary)


def test_proposal_needs_every_verdict_and_stands_against_a_late_defect(call: Call) -> None:
    (application,) = checking(call, 1)
    with pytest.raises(NotAllowed, match="every requirement"), unit_of_work():
        applying.propose_admission(application, by=call.secretary)
    proposed(call, application)
    with pytest.raises(NotAllowed, match="take the proposal back"), unit_of_work():
        applying.check_requirement(application, "complete", "defect", by=call.secretary, note="Немає статуту")
    with unit_of_work():
        applying.take_proposal_back(application, by=call.secretary)
        applying.check_requirement(application, "complete", "defect", by=call.secretary, note="Немає статуту")
    assert application.admission_proposal is None


@pytest.mark.parametrize(("reason", "clause", "field"), [(" ", "п. 10", "reason"), ("Молода", "", "clause")])
def test_refusal_without_reason_or_clause_is_not_proposed(call: Call, reason: str, clause: str, field: str) -> None:
    (application,) = checking(call, 1)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        applying.propose_refusal(application, reason, clause, by=call.secretary)
    assert (caught.value.field, application.admission_proposal) == (field, None)


def test_signature_admits_and_refuses_what_was_adopted(call: Call) -> None:
    first, second, third = checking(call, 3)
    proposed(call, first)
    proposed(call, second)
    proposed(call, third, refusal=REFUSAL)
    meeting = sitting(call)
    items = _items(meeting)
    assert [(item.decides, item.title) for item in items] == [
        ("admission", "Допуск заявок до розгляду"),
        ("refusal", f"Недопуск до розгляду заявки {third.code}"),
    ]
    for item in items:
        voted(call, item)
    assert [set(item.subject) for item in _items(meeting)] == [{first.code, second.code}, {third.code}]
    with pytest.raises(NotAllowed, match="wait for the signed minutes"), unit_of_work():
        applying.take_proposal_back(first, by=call.secretary)
    with unit_of_work():
        services.close_meeting(meeting, by=call.chair)
    assert [one.state for one in (first, second, third)] == [A.SUBMITTED, A.SUBMITTED, A.SUBMITTED]
    text = db.session.scalars(sa.select(Minutes)).one().text
    assert first.organisation is not None
    assert f"– {first.code} «{first.title}», {first.organisation.name}\n" in text
    assert f"Причина: {REFUSAL[0]}. Підстава: {REFUSAL[1]}.\n" in text
    with unit_of_work():
        services.sign_minutes(meeting, by=call.chair)
    assert [one.state for one in (first, second, third)] == [A.ADMITTED, A.ADMITTED, A.REJECTED]
    assert third.decision_reason == f"{REFUSAL[0]} ({REFUSAL[1]})"
    (admitted,) = _letters(first)
    (refused,) = _letters(third)
    assert "протокол № 1 від" in admitted.body
    assert [part in refused.body for part in ("протокол № 1 від", *REFUSAL, "30 календарних днів")] == [True] * 4
    steps = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.step.in_(("admit_by_minutes",)))).all()
    assert {entry.thing_code for entry in steps} == {first.code, second.code}
    assert [meeting.code in entry.body for entry in steps] == [True, True]


def test_rejected_vote_leaves_the_proposal_with_the_secretary(call: Call) -> None:
    (application,) = checking(call, 1)
    proposed(call, application)
    meeting = sitting(call)
    (item,) = _items(meeting)
    voted(call, item, "against")
    assert item.state is ItemState.NOT_ADOPTED
    signed(call, meeting)
    assert (application.state, _letters(application)) == (A.SUBMITTED, [])
    with unit_of_work():
        applying.take_proposal_back(application, by=call.secretary)
        applying.propose_refusal(application, *REFUSAL, by=call.secretary)
    again = sitting(call)
    (item,) = _items(again)
    voted(call, item)
    signed(call, again)
    assert application.state == A.REJECTED


def test_member_of_the_applicant_votes_on_the_others_only(call: Call) -> None:
    own, other = checking(call, 2)
    with unit_of_work():
        db.session.add(
            Membership(
                user_id=call.members[0].id,
                organisation_id=own.organisation_id,
                role=Role.NGO_MEMBER,
                since=product_clock.now(),
            )
        )
    proposed(call, own)
    proposed(call, other)
    meeting = sitting(call)
    common, alone = _items(meeting)
    assert (alone.application_id, alone.title) == (own.id, f"Допуск до розгляду заявки {own.code}")
    assert [quorum_of(meeting, one).eligible for one in (common, alone)] == [5, 4]
    assert [(row.title is None, row.code) for row in item_rows(meeting, call.members[0])] == [
        (False, None),
        (True, None),
    ]
    voted(call, common)
    voted(call, alone)
    assert set(common.subject) == {other.code}
    signed(call, meeting)
    assert [own.state, other.state] == [A.ADMITTED, A.ADMITTED]


def test_withdrawn_meanwhile_is_not_admitted(call: Call) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    proposed(call, application)
    meeting = sitting(call)
    (item,) = _items(meeting)
    voted(call, item)
    with unit_of_work():
        applying.withdraw(application, "Не встигаємо", by=head)
    signed(call, meeting)
    assert application.state == A.WITHDRAWN
    assert [letter.template for letter in _letters(application) if "admitted" in letter.template] == []


def test_question_whose_proposal_is_gone_is_not_voted(call: Call) -> None:
    (application,) = checking(call, 1)
    proposed(call, application)
    meeting = sitting(call)
    with unit_of_work():
        applying.take_proposal_back(application, by=call.secretary)
    with pytest.raises(InvalidInput, match="Nothing is proposed"), unit_of_work():
        services.open_vote(_items(meeting)[0], by=call.chair)


def test_agenda_takes_each_proposal_once(call: Call) -> None:
    first, second = checking(call, 2)
    proposed(call, first)
    proposed(call, second, refusal=REFUSAL)
    meeting = sitting(call)
    with pytest.raises(InvalidInput, match="No proposal"), unit_of_work():
        services.put_admission_on_agenda(meeting, by=call.secretary)
    with pytest.raises(NotAllowed), unit_of_work():
        services.put_admission_on_agenda(meeting, by=call.members[0])
    assert len(_items(meeting)) == 2


def test_agenda_page_puts_the_proposals_and_shows_the_applications(app: Flask, call: Call) -> None:
    first, second = checking(call, 2)
    proposed(call, first)
    proposed(call, second, refusal=REFUSAL)
    with unit_of_work():
        meeting = services.plan_meeting(
            call.competition,
            kind="room",
            scheduled_at=product_clock.now() + timedelta(days=5),
            place="Зала",
            by=call.secretary,
        )
    client = visit_as(app, call.secretary)
    assert "2 пропозиції щодо допуску" in client.get(f"/awards/meetings/{meeting.code}").text
    assert client.post(f"/awards/meetings/{meeting.code}/admission").status_code == 302
    page = visit_as(app, call.chair).get(f"/awards/meetings/{meeting.code}/items/1").text
    assert (f"{first.code}" in page, f"{second.code}" in page) == (True, False)
    page = visit_as(app, call.chair).get(f"/awards/meetings/{meeting.code}/items/2").text
    assert (REFUSAL[0] in page, REFUSAL[1] in page) == (True, True)
    stranger = visit_as(app, new_person())
    assert stranger.post(f"/awards/meetings/{meeting.code}/admission").status_code == 403
