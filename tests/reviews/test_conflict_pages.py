"""The register of conflicts on the page: who reads what of it, reporting, deciding, looking for ties."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.lifecycle import AssignmentState, ConflictState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.models import Assignment, Conflict
from grants_app.reviews.queries.conflict_lines import conflict_rows
from tests.support.conflicts import WORDS, decided, letters, lines, only_line, raised
from tests.support.panel import assignment_of, declared, full_sheet, opened_panel
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

# -- who reads what --------------------------------------------------------------------------------------------


def test_register_hides_words_from_auditors_and_the_journal(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    decided(line, panel.call.chair)
    code = panel.competition.code
    auditor = visit_as(app, new_person(Role.AUDITOR))
    address = f"/reviews/{code}/conflicts/{line.code}"
    shown = {who: client.get(address).text for who, client in (
        ("auditor", auditor), ("secretary", visit_as(app, panel.secretary)), ("chair", visit_as(app, panel.call.chair)),
    )}  # fmt: skip
    assert {who: WORDS in text for who, text in shown.items()} == {"auditor": False, "secretary": True, "chair": True}
    bodies = " ".join(db.session.scalars(sa.select(JournalEntry.body).where(JournalEntry.thing == "conflict")))
    assert ("Особисте" in bodies, "Перевірено" in bodies, (panel.applications[0].code or "") in bodies) == (False,) * 3
    assert "details_digest" in bodies
    for suffix in ("json", "csv", "xlsx", "pdf"):
        answer = auditor.get(f"/reviews/{code}/conflicts.{suffix}")
        assert (answer.status_code, WORDS in answer.text if suffix in ("json", "csv") else False) == (200, False)


def test_register_names_experts_only_where_names_are_open(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        expert.full_name = "Названа Експертка"
    expert_code = assignment_of(bid, expert).expert_code
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), WORDS, expert, kind="work")
    raised(panel, panel.experts[1], panel.heads[0])
    with unit_of_work():
        panel.experts[1].full_name = "Інша Експертка"
    other_code = assignment_of(bid, panel.experts[1]).expert_code
    shown = {
        who: sorted(row.person for row in conflict_rows(panel.competition, person))
        for who, person in (
            ("secretary", panel.secretary), ("chair", panel.call.chair), ("auditor", new_person(Role.AUDITOR)),
        )
    }  # fmt: skip
    assert shown == {
        "secretary": sorted(["Названа Експертка", "Інша Експертка"]),
        "chair": sorted([expert_code, "Інша Експертка"]),
        "auditor": sorted([expert_code, other_code]),
    }


def test_register_shows_no_line_of_ones_own(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    raised(panel, panel.secretary, panel.heads[0])
    raised(panel, panel.experts[0], panel.heads[1])
    assert len(conflict_rows(panel.competition, panel.call.chair)) == 2
    assert len(conflict_rows(panel.competition, panel.secretary)) == 1
    line = db.session.scalars(sa.select(Conflict).filter_by(person_id=panel.secretary.id)).one()
    decided(line, panel.call.chair)
    assert conflict_rows(panel.competition, panel.secretary) == []
    client = visit_as(app, panel.secretary)
    code = panel.competition.code
    page = client.get(f"/reviews/{code}/conflicts?lang=en").text
    assert ("You have a conflict of interest with some application here" in page, WORDS in page) == (True, False)
    assert client.get(f"/reviews/{code}/conflicts.json").get_json()["rows"] == []
    assert client.get(f"/reviews/{code}/conflicts/annex.pdf").status_code == 404
    assert client.get(f"/reviews/{panel.applications[0].code}/conflicts/raise").status_code == 404
    journal = visit_as(app, new_person(Role.AUDITOR)).get("/journal").text
    assert line.code in journal


def test_register_chosen_and_sorted(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    decided(raised(panel, panel.experts[0], panel.heads[0]), panel.call.chair, is_confirmed=False)
    with unit_of_work():
        services.declare_doubt(assignment_of(panel.applications[1], panel.experts[1]), WORDS, panel.experts[1])
    client = visit_as(app, panel.secretary)
    code = panel.competition.code

    def shown(query: str) -> list[Any]:
        return [row["state"] for row in client.get(f"/reviews/{code}/conflicts.json?{query}").get_json()["rows"]]

    assert shown("sort=application") == ["dismissed", "open"]
    assert shown("sort=-application") == ["open", "dismissed"]
    assert shown("state=open") == ["open"]
    assert shown("source=raised") == ["dismissed"]
    assert shown(f"text={panel.applications[1].code}") == ["open"]
    assert client.get(f"/reviews/{code}/conflicts?state=confirmed").status_code == 200


# -- pages -----------------------------------------------------------------------------------------------------


def test_applicant_challenges_an_expert_by_code_on_the_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid = panel.applications[0]
    code = assignment_of(bid, panel.experts[0]).expert_code
    client = visit_as(app, panel.heads[0])
    address = f"/reviews/{bid.code}/conflicts/raise"
    assert address in client.get(f"/applications/{bid.code}").text
    page = client.get(address)
    assert (page.status_code, panel.experts[0].email in page.text) == (200, False)
    data = {"person": "", "expert_code": code.lower(), "reason": "family", "details": WORDS}
    answer = client.post(address, data=data)
    assert (answer.status_code, answer.location) == (302, f"/applications/{bid.code}")
    assert (only_line().person_id, only_line().raised_by_id) == (panel.experts[0].id, panel.heads[0].id)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"expert_code": "E-0000"}, "No expert of this competition has this code"),
        ({"expert_code": ""}, "Choose the person"),
        ({"reason": ""}, "Choose the reason"),
        ({"details": ""}, "Say what you know: the chair decides by it"),
        ({"person": "me", "expert_code": ""}, "Choose the person"),
        ({"person": "me"}, "Name one person: choose from the list, or enter a code"),
    ],
)
def test_report_refused_keeps_what_was_typed(
    app: Flask, clock: FrozenClock, changes: dict[str, str], sentence: str
) -> None:
    panel = opened_panel(clock)
    bid = panel.applications[0]
    code = assignment_of(bid, panel.experts[0]).expert_code
    data = {"person": "", "expert_code": code, "reason": "family", "details": WORDS, **changes}
    answer = visit_as(app, panel.heads[0]).post(f"/reviews/{bid.code}/conflicts/raise?lang=en", data=data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert (data["details"] in answer.text, lines()) == (True, [])


def test_report_by_a_guest_asks_to_sign_in(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    answer = visit_as(app, None).get(f"/reviews/{panel.applications[0].code}/conflicts/raise")
    assert answer.status_code == 302


def test_member_of_the_commission_challenged_by_name_on_the_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, member = panel.applications[0], panel.call.members[0]
    with unit_of_work():
        member.full_name = "Названий Член"
    client = visit_as(app, panel.experts[0])
    address = f"/reviews/{bid.code}/conflicts/raise"
    page = client.get(address).text
    key = next(part for part in page.split("<option") if "Названий Член" in part).split('value="')[1].split('"')[0]
    data = {"person": key, "expert_code": "", "reason": "money", "details": WORDS}
    assert client.post(address, data=data).status_code == 302
    assert only_line().person_id == member.id


def test_decision_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    client = visit_as(app, panel.call.chair)
    address = f"/reviews/{panel.competition.code}/conflicts/{line.code}"
    assert address in client.get("/home").text
    assert client.post(address, data={"verdict": "confirm", "reason": ""}).status_code == 422
    assert client.post(address, data={"verdict": "maybe", "reason": "Так"}).status_code == 422
    answer = client.post(address, data={"verdict": "confirm", "reason": "Так, родич"})
    assert (answer.status_code, only_line().state) == (302, ConflictState.CONFIRMED)
    assert address not in client.get("/home").text
    assert client.post(address, data={"verdict": "dismiss", "reason": "Ні"}).status_code == 403


def test_register_closed_to_who_may_not_read_it(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    code = panel.competition.code
    addresses = [f"/reviews/{code}/conflicts", f"/reviews/{code}/conflicts.csv", f"/reviews/{code}/conflicts/annex.pdf"]
    for person in (panel.experts[1], panel.heads[0], panel.call.organizer, panel.call.members[1]):
        client = visit_as(app, person)
        assert [client.get(address).status_code for address in addresses] == [403, 403, 403]
        assert client.get(f"/reviews/{code}/conflicts/{line.code}").status_code in (403, 404)
        assert client.post(f"/reviews/{code}/conflicts/find").status_code == 403


def test_find_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    with unit_of_work():
        panel.call.members[0].phone = "0501110000"
    client = visit_as(app, panel.secretary)
    answer = client.post(f"/reviews/{panel.competition.code}/conflicts/find")
    assert (answer.status_code, len(lines())) == (302, 1)
    annex = client.get(f"/reviews/{panel.competition.code}/conflicts/annex.pdf")
    assert (annex.status_code, annex.data[:5]) == (200, b"%PDF-")


def test_letter_does_not_go_to_a_secretary_who_is_out(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    raised(panel, panel.secretary, panel.secretary, kind="work")
    other = new_person(Role.SECRETARY)
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), WORDS, expert, kind="work")
    assert letters() == [("conflict_own", panel.call.chair.email), ("conflict_declared", other.email)]
    assert declared(panel.applications[1], expert).state is AssignmentState.ACCEPTED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 6
    assert full_sheet(bid).recommendation == "fund"
