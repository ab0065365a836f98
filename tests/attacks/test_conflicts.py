"""One person on both sides of a competition: the seat, the vote, the sheet and the reading of rivals are refused."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications import services as applying
from grants_app.awards import policy as deciding
from grants_app.awards import services as awards
from grants_app.awards.models import Recusal
from grants_app.competitions import services as competitions
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.permissions import Role
from grants_app.reviews.models import Review
from grants_app.reviews.queries import divergence_rows
from tests.support.applications import close, draft_application, new_head, organisation_of, submitted_application
from tests.support.calls import Call, announced_call
from tests.support.decisions import Bid, Case, add_item, open_decision, open_meeting, rules_of, scored_competition
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

BIDS = (Bid("перша", 4_000_000, {"E-1": "9", "E-2": "9"}), Bid("друга", 5_000_000, {"E-1": "7", "E-2": "8"}))


def joined(person: User, organisation: Organisation) -> None:
    """The person begins to work for the organisation."""
    with unit_of_work():
        person.memberships.append(
            Membership(organisation_id=organisation.id, role=Role.NGO_MEMBER, since=product_clock.now())
        )


def seated(call: Call, *further: User) -> None:
    """The commission of the call with more members."""
    seats = [(call.chair, "chair"), (call.secretary, "secretary"), *((one, "member") for one in call.members)]
    with unit_of_work():
        competitions.set_seats(call.competition, [*seats, *((one, "member") for one in further)], by=call.organizer)


def scored() -> Case:
    """Two scored applications of a competition with a commission."""
    return scored_competition(BIDS, rules_of({"lot": 10_000_000}))


def test_seat_of_a_competing_person_is_refused_after_the_intake(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    submitted_application(call.competition, head)
    with unit_of_work():
        head = db.session.merge(head)
    joined(rival := new_person(Role.COMMISSION_MEMBER), organisation_of(head))
    close(call.competition)
    with pytest.raises(InvalidInput) as refused:
        seated(call, rival)
    assert (refused.value.field, refused.value.facts) == ("seats", {"person": rival.full_name})
    seated(call, new_person(Role.COMMISSION_MEMBER))


def test_seats_before_the_deadline_betray_no_bid(app: Flask, clock: FrozenClock) -> None:
    """A refusal would tell the organizer who has applied: the tie is shown when the intake is over."""
    call = announced_call()
    head = new_head()
    joined(rival := new_person(Role.COMMISSION_MEMBER), organisation_of(head))
    seated(call, rival)
    organizer = visit_as(app, call.organizer)
    submitted_application(call.competition, head)
    assert b"/settings/people" not in organizer.get("/home").data
    with unit_of_work():
        noted = db.session.scalar(sa.select(JournalEntry).filter_by(thing="application", step="seat_tie"))
    assert noted is not None

    close(call.competition)
    assert f"/competitions/{call.competition.code}/settings/people".encode() in organizer.get("/home").data


@pytest.mark.sqlite_only
def test_member_of_an_applicant_neither_votes_nor_sees_the_item(app: Flask, clock: FrozenClock) -> None:
    case = scored()
    member = case.members[0]
    joined(member, organisation_of(case.heads["перша"]))
    open_decision(case)
    meeting = open_meeting(case)
    item = add_item(case, meeting, "award", case.award("перша"))
    with unit_of_work():
        awards.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        awards.cast_vote(item, "for", by=member)
    assert deciding.why_not_see(member, item) is not None
    noted = db.session.scalars(sa.select(Recusal.user_id).filter_by(item_id=item.id, is_upheld=True)).all()
    assert list(noted) == [member.id]
    visitor = visit_as(app, member)
    code = case.codes["перша"]
    for address in (
        f"/awards/{case.competition.code}/ranking.json",
        f"/reviews/{case.competition.code}/summary.json",
        f"/applications/register/{case.competition.code}.json",
        f"/awards/meetings/{meeting.code}/items/{item.number}",
    ):
        answer = visitor.get(address)
        assert (address, answer.status_code, code.encode() in answer.data) == (address, 200, False)
    assert visitor.get(f"/awards/{case.competition.code}/ranking/{code}").status_code == 404


@pytest.mark.sqlite_only
def test_recused_member_reads_nothing_of_the_application(app: Flask, clock: FrozenClock) -> None:
    case = scored()
    open_decision(case)
    meeting = open_meeting(case)
    item = add_item(case, meeting, "award", case.award("перша"))
    member = case.members[0]
    own, other = case.codes["перша"], case.codes["друга"]
    visitor = visit_as(app, member)
    summary = f"/reviews/{case.competition.code}/summary.csv"
    with unit_of_work():
        for number, review in enumerate(db.session.scalars(sa.select(Review))):
            review.total_text = str(80 + number)
    assert own in {row.application_code for row in divergence_rows(case.competition, case.chair)}
    assert own.encode() in visitor.get(summary).data
    with unit_of_work():
        awards.declare_recusal(item, reason="родич", by=member)
    page = visitor.get(summary).data
    assert (own.encode() in page, other.encode() in page) == (False, True)
    with unit_of_work():
        awards.declare_recusal(item, reason="родич", by=case.chair)
    assert own not in {row.application_code for row in divergence_rows(case.competition, case.chair)}
    assert b"/files/" not in visitor.get(f"/applications/{own}").data


@pytest.mark.sqlite_only
def test_commission_of_another_competition_reads_nothing_here(app: Flask, clock: FrozenClock) -> None:
    case = scored()
    open_decision(case)
    code, application = case.competition.code, case.codes["перша"]
    for role in (Role.COMMISSION_MEMBER, Role.CHAIR):
        visitor = visit_as(app, new_person(role))
        for address in (
            f"/reviews/{code}/summary.json",
            f"/awards/{code}/ranking.json",
            f"/reviews/{code}/progress",
            f"/reviews/{code}/divergence.json",
            f"/reviews/{application}/reviews",
        ):
            assert (address, visitor.get(address).status_code) in {(address, 403), (address, 404)}
        body = visitor.get(f"/applications/register/{code}.json").text
        assert json.loads(body)["rows"] == []
    assert visit_as(app, case.members[0]).get(f"/reviews/{code}/summary.json").status_code == 200


@pytest.mark.sqlite_only
def test_chair_elsewhere_leads_nothing_where_a_plain_member(app: Flask, clock: FrozenClock) -> None:
    """The role of a chair is general, the office is of one commission."""
    case = scored()
    open_decision(case)
    meeting = open_meeting(case)
    item = add_item(case, meeting)
    stranger = case.members[0]
    with unit_of_work():
        for grant in stranger.grants:
            grant.role = Role.CHAIR
    with unit_of_work():
        challenge = awards.challenge_member(item, case.members[1], reason="родич", by=case.secretary)
    refusals = {
        "challenge": deciding.why_not_decide_challenge(stranger, challenge),
        "attendance": deciding.why_not_edit_agenda(stranger, meeting),
        "amount": deciding.why_not_change(stranger, case.award("друга")),
        "draw": deciding.why_not_announce_draw(stranger, case.competition),
        "open": deciding.why_not_open_vote(stranger, item),
        "sign": deciding.why_not_decide(stranger, case.competition),
    }
    assert {name for name, reason in refusals.items() if reason is None} == set()
    assert deciding.why_not_decide_challenge(case.chair, challenge) is None


@pytest.mark.sqlite_only
def test_application_of_a_seated_person_is_taken_and_noted(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    joined(call.members[0], organisation_of(head))
    application = draft_application(call.competition, head)
    with unit_of_work():
        applying.submit_application(application, head)
    facts = db.session.scalars(sa.select(JournalEntry.body).filter_by(step="seat_tie")).one()
    assert f'"people":[{call.members[0].id}]' in facts
