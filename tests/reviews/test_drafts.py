"""The draft of a sheet as browsers send and merge it: every answer carries what the next step needs."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.reviews import services
from tests.support.panel import REASON, Panel, assignment_of, declared, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.typists import reason_box, stored_reason
from tests.support.visitors import visit_as

JSON = {"Accept": "application/json"}


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """A call in scoring; the first expert has declared on the first application."""
    made = opened_panel(clock)
    declared(made.applications[0], made.experts[0])
    return made


@pytest.fixture
def expert(app: Flask, panel: Panel) -> FlaskClient:
    """The first expert."""
    return visit_as(app, panel.experts[0])


def draft(panel: Panel, number: int = 0) -> str:
    """The address of drafts."""
    return f"/reviews/{panel.applications[number].code}/sheet/draft"


def test_justification_before_any_mark_is_kept(panel: Panel, expert: FlaskClient) -> None:
    """Radio buttons without a choice send nothing: the text beside them must not be lost with them."""
    answer = expert.post(draft(panel), data={"version": "0", reason_box(panel): "Спершу слова"}, headers=JSON)
    assert (answer.status_code, answer.get_json()["version"]) == (200, 1)
    assert stored_reason(assignment_of(panel.applications[0], panel.experts[0])) == "Спершу слова"


def test_clash_carries_the_stored_fields_and_their_version(panel: Panel, expert: FlaskClient) -> None:
    name = reason_box(panel)
    expert.post(draft(panel), data={"version": "0", name: "Перший"}, headers=JSON)
    answer = expert.post(draft(panel), data={"version": "0", name: "Другий"}, headers=JSON)
    said = answer.get_json()
    assert (answer.status_code, said["version"], said["fields"][name]) == (409, "1", ["Перший"])
    assert ": –\nПерший\n" in said["text"]
    asked = expert.get(draft(panel), headers=JSON).get_json()
    assert (asked["version"], asked["fields"], asked["locked"]) == ("1", said["fields"], None)
    assert stored_reason(assignment_of(panel.applications[0], panel.experts[0])) == "Перший"


def test_finished_sheet_is_told_as_locked(panel: Panel, expert: FlaskClient) -> None:
    submitted(panel.applications[0], panel.experts[0])
    asked = expert.get(draft(panel), headers=JSON).get_json()
    assert (asked["fields"][reason_box(panel)], asked["locked"] is None) == ([REASON], False)
    assert expert.post(draft(panel), data={"version": "1"}, headers=JSON).status_code == 403


def test_draft_opens_to_its_expert_alone_and_after_the_declaration(
    app: Flask, panel: Panel, expert: FlaskClient
) -> None:
    answers = [
        expert.get(draft(panel, 1), headers=JSON),
        visit_as(app, panel.experts[1]).get(draft(panel), headers=JSON),
        visit_as(app, panel.experts[2]).get(draft(panel), headers=JSON),
        visit_as(app, panel.secretary).get(draft(panel), headers=JSON),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 403]
    assert all("fields" not in answer.get_json() for answer in answers)


def test_list_names_only_sheets_open_to_write_in(app: Flask, panel: Panel, expert: FlaskClient) -> None:
    def listed() -> list[str]:
        return [one["page"] for one in expert.get("/reviews/offline.json").get_json()["applications"]]

    assert listed() == [f"/reviews/{panel.applications[0].code}/sheet"]
    assert visit_as(app, panel.experts[2]).get("/reviews/offline.json").get_json()["applications"] == []
    with unit_of_work():
        mine = assignment_of(panel.applications[0], panel.experts[0])
        services.declare_conflict(mine, "Родич у команді", db.session.get_one(User, panel.experts[0].id))
    assert listed() == []
    assert expert.get(draft(panel), headers=JSON).status_code == 404


def test_list_ends_with_the_term_and_with_the_submission(panel: Panel, expert: FlaskClient, clock: FrozenClock) -> None:
    def count() -> int:
        return len(expert.get("/reviews/offline.json").get_json()["applications"])

    assert count() == 1
    moment = clock.now
    until = panel.competition.scoring_until
    assert until is not None
    clock.at(until)
    assert count() == 0
    clock.at(moment)
    submitted(panel.applications[0], panel.experts[0])
    assert count() == 0


def test_keeping_is_noted_in_the_journal(panel: Panel, expert: FlaskClient) -> None:
    assert expert.post("/reviews/offline").get_json()["queue"] == "/reviews"
    db.session.rollback()
    query = db.text("SELECT thing_code FROM journal_entry WHERE step = 'keep_offline'")
    noted = db.session.execute(query).scalars().all()
    assert [code.split("/")[0] for code in noted] == [panel.applications[0].code]
    assert expert.get("/reviews/offline.json").status_code == 200
    db.session.rollback()
    assert len(db.session.execute(query).scalars().all()) == 1
