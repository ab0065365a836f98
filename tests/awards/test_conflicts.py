"""Conflicts of interest in the decision: the register keeps members out of votes and lists, the minutes carry it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import documents, services
from grants_app.awards.models import Meeting, Minutes, Recusal
from grants_app.awards.queries.ranking import Choice, ranking_page
from grants_app.awards.queries.voting import recused_ids
from grants_app.awards.rules.voting import REGISTER_REASON
from grants_app.core import clock as product_clock
from grants_app.core.errors import NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState, ConflictState
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment, Conflict
from grants_app.reviews.queries.conflict_lines import annex_rows, conflict_rows
from tests.support.decisions import (
    Bid,
    Case,
    add_item,
    finish_meeting,
    open_decision,
    open_meeting,
    rules_of,
    scored_competition,
    vote,
)
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


@pytest.fixture
def case(app: Flask, clock: FrozenClock) -> Case:
    """Two applications, one with the commission."""
    clock.at("2027-05-01 12:00")
    bids = [Bid("А", 4_000_000, {"E1": "9", "E2": "9"}), Bid("Б", 4_000_000, {"E1": "7", "E2": "8"})]
    made = scored_competition(bids, rules_of({"lot": 20_000_000}))
    open_decision(made)
    return made


def line(application: Application, person: User, state: ConflictState = ConflictState.CONFIRMED) -> Conflict:
    """A stored line of the register."""
    with unit_of_work():
        found = Conflict(
            competition_id=application.competition_id,
            application_id=application.id,
            person_id=person.id,
            level="block",
            state=state,
            source="found",
            kind="phone",
            raised_at=product_clock.now(),
            decided_at=None if state == ConflictState.OPEN else product_clock.now(),
        )
        db.session.add(found)
    return found


def test_register_keeps_a_member_out_of_vote_list_and_award(app: Flask, case: Case) -> None:
    member, application = case.members[0], case.application("А")
    meeting = open_meeting(case)
    own = add_item(case, meeting, "award", case.award("А"))
    add_item(case, meeting)
    line(application, member)
    assert recused_ids(own) == {member.id}
    codes = [row.code for row in ranking_page(case.competition.code, member, Choice()).rows]
    assert codes == [case.codes["Б"]]
    client = visit_as(app, member)
    for suffix in ("json", "csv"):
        text = client.get(f"/awards/{case.competition.code}/ranking.{suffix}").text
        assert (case.codes["А"] in text, case.codes["Б"] in text) == (False, True)
    assert client.get(f"/awards/{case.competition.code}/ranking/{case.codes['А']}").status_code == 404
    with unit_of_work():
        services.open_vote(own, by=case.chair)
    noted = db.session.scalars(sa.select(Recusal)).one()
    assert (noted.user_id, noted.reason, noted.is_upheld) == (member.id, REGISTER_REASON, True)
    # What the meeting took over from the register is no second line of it.
    assert [row.person for row in conflict_rows(case.competition, case.secretary)] == [member.full_name]


def test_recusals_of_meetings_stand_in_the_register_once(app: Flask, case: Case) -> None:
    member = case.members[0]
    meeting = open_meeting(case)
    own = add_item(case, meeting, "award", case.award("А"))
    with unit_of_work():
        services.declare_recusal(own, reason="Особисті слова", by=member)
    rows = conflict_rows(case.competition, case.secretary)
    assert [(row.application_code, row.person, row.kind, row.state, row.code) for row in rows] == [
        (case.codes["А"], member.full_name, "Stepped back from the item", ConflictState.CONFIRMED, "")
    ]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Conflict)) == 0
    assert conflict_rows(case.competition, member) == []


def test_minutes_carry_the_register_as_it_stood(app: Flask, clock: FrozenClock, case: Case) -> None:
    application, other = case.application("А"), case.application("Б")
    with unit_of_work():
        expert = new_expert = User(
            email="expert-in-minutes@example.org", full_name="Названа Експертка", fs_uniquifier="x" * 8,
            created_at=product_clock.now(),
        )  # fmt: skip
        db.session.add(new_expert)
        db.session.flush()
        for row in db.session.scalars(sa.select(Assignment).filter_by(expert_code="E1")):
            row.expert_id = expert.id
    first = line(application, expert)
    waiting = line(other, case.members[0], ConflictState.OPEN)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    finish_meeting(case, meeting)
    clock.at("2027-05-20 12:00")
    with unit_of_work():
        waiting.decided_at = product_clock.now()
        waiting.state = ConflictState.CONFIRMED
    late = line(application, case.members[1])
    minutes = db.session.scalars(sa.select(Minutes)).one()
    closed = db.session.get_one(Meeting, meeting.id).closed_at
    rows = annex_rows(case.competition, until=closed)
    assert [(row.code, row.person, row.state) for row in rows] == [
        (first.code, "E1", ConflictState.CONFIRMED),
        (waiting.code, case.members[0].full_name, ConflictState.OPEN),
    ]
    assert late.code in {row.code for row in annex_rows(case.competition)}
    with app.test_request_context():
        drawn = documents.minutes_document(db.session.get_one(Meeting, meeting.id), minutes, minutes.text, rows)
    table = next(block.table for block in drawn.blocks if block.kind == "table")
    assert table is not None
    assert [cells[:2] for cells in table["cells"]] == [
        [case.codes["А"], "E1"],
        [case.codes["Б"], case.members[0].full_name],
    ]
    assert "Названа Експертка" not in str(table["cells"])
    assert visit_as(app, case.secretary).get(f"/awards/meetings/{meeting.code}/minutes.pdf").data[:5] == b"%PDF-"
    assert [row.code for row in annex_rows(case.competition, out=frozenset({application.id}))] == [waiting.code]


def test_conflict_declared_after_the_handover_stands_on_the_item(app: Flask, case: Case) -> None:
    application = case.application("А")
    expert = new_person(Role.EXPERT)
    with unit_of_work():
        row = db.session.scalars(sa.select(Assignment).filter_by(expert_code="E1", application_id=application.id)).one()
        row.expert_id = expert.id
    meeting = open_meeting(case)
    item = add_item(case, meeting, "award", case.award("А"))
    address = f"/awards/meetings/{meeting.code}/items/{item.number}"
    chair = visit_as(app, case.chair)
    sentence = "A conflict of interest became known after the handover"
    assert sentence not in chair.get(f"{address}?lang=en").text
    answer = visit_as(app, expert).post(
        f"/reviews/{application.code}/declaration", data={"answer": "conflict", "reason": "family", "details": ""}
    )
    assert answer.status_code == 302
    assert sentence in chair.get(f"{address}?lang=en").text
    assert db.session.get_one(Assignment, row.id).state is AssignmentState.DONE


def test_line_of_the_register_hides_the_item_of_the_award(app: Flask, case: Case) -> None:
    meeting = open_meeting(case)
    add_item(case, meeting, "award", case.award("А"))
    line(case.application("А"), case.chair)
    client = visit_as(app, case.chair)
    page = client.get(f"/awards/meetings/{meeting.code}").text
    assert case.application("А").title not in page
    assert client.get(f"/awards/meetings/{meeting.code}/items/1").status_code == 200
    with pytest.raises(NotFound):
        services_award(case)


def services_award(case: Case) -> None:
    """The award as the desk asks for it."""
    from grants_app.awards.queries.access import desk_award

    desk_award(case.chair, case.competition, case.codes["А"])
