"""The page of corrections under the same care as the form: kept while typed, two editors, read before it is signed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, expect

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Submission
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.support.applications import close, new_head, organisation_of, submitted_application
from tests.support.applications import version_of as reading_of
from tests.support.browser import axe_violations, kill, settled, sideways_scroll
from tests.support.calls import Call
from tests.support.queries import Statements, count_queries
from tests.support.time import FrozenClock
from tests.support.typists import enter, keeps
from tests.support.visitors import new_person, visit_as


@dataclass(frozen=True)
class Returned:
    """An application returned for some of its answers, with its head."""

    application: Application
    head: User
    address: str

    @property
    def answers(self) -> dict[str, Any]:
        """What the database holds now."""
        db.session.rollback()
        db.session.expire_all()
        return queries.answers_of(self.application)


def returned(call: Call, *items: str) -> Returned:
    """An application that was returned for these items."""
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, list(items), "Уточніть", by=call.secretary)
    return Returned(application, head, f"/applications/{application.code}/corrections")


def autosave(client: FlaskClient, case: Returned, version: str = "", **data: Any) -> tuple[Any, Statements]:
    version = version or reading_of(client.get(case.address).text)
    with count_queries() as sent:
        answer = client.post(f"{case.address}/autosave", data={**data, "version": version})
    return answer, sent


def stored(client: FlaskClient, case: Returned) -> dict[str, Any]:
    return dict(client.get(f"{case.address}/autosave").get_json())


def read_of(page: str) -> str:
    found = re.search(r'name="read"[^>]*value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("data", "most"),
    [({"goal": "Нова мета"}, 3), ({"title": "Нова назва", "goal": "Нова мета"}, 4), ({}, 3)],
    ids=["answer", "title", "nothing"],
)
def test_autosave_of_corrections_costs_at_most_four_questions(
    app: Flask, call: Call, data: dict[str, str], most: int
) -> None:
    case = returned(call, "goal", "title")
    old = case.answers
    client = visit_as(app, case.head)
    data = {"title": old["title"], "goal": old["goal"], **data}
    answer, sent = autosave(client, case, **data)
    assert (answer.status_code, len(sent) <= most) == (200, True), str(sent)
    assert {name: case.answers[name] for name in data} == data
    # The page that stands open goes on from this answer, and another one shows the same.
    assert answer.json["version"] == reading_of(client.get(case.address).text)
    assert stored(client, case)["fields"]["goal"] == [data["goal"]]


def test_autosave_of_corrections_reads_nothing_that_is_not_open(app: Flask, call: Call) -> None:
    case = returned(call, "goal")
    before = case.answers["rationale"]
    answer, _sent = autosave(visit_as(app, case.head), case, goal="Нова мета", rationale="Не відкрито")
    assert (answer.status_code, case.answers["goal"], case.answers["rationale"]) == (200, "Нова мета", before)
    assert case.application.state is A.RETURNED


def test_second_editor_of_corrections_gets_both_texts(app: Flask, call: Call) -> None:
    case = returned(call, "goal")
    client = visit_as(app, case.head)
    version = reading_of(client.get(case.address).text)
    assert autosave(client, case, version, goal="Перший текст")[0].status_code == 200
    answer, _sent = autosave(client, case, version, goal="Другий текст")
    assert (answer.status_code, answer.json["yours"], answer.json["theirs"]) == (409, "Другий текст", "Перший текст")
    page = client.post(case.address, data={"version": version, "goal": "Другий текст"})
    assert (page.status_code, page.text.count("Перший текст"), page.text.count("Другий текст")) == (409, 2, 2)
    # Whoever presses once more has seen both.
    again = client.post(case.address, data={"version": reading_of(page.text), "goal": "Другий текст"})
    assert (again.status_code, case.answers["goal"]) == (302, "Другий текст")


def test_corrections_after_their_term_are_refused_and_can_be_copied(app: Flask, call: Call, clock: FrozenClock) -> None:
    case = returned(call, "goal")
    before = case.answers["goal"]
    client = visit_as(app, case.head)
    version = reading_of(client.get(case.address).text)
    clock.forward(days=60)
    answer, _sent = autosave(client, case, version, goal="Запізно")
    assert (answer.status_code, case.answers["goal"]) == (403, before)
    assert stored(client, case)["locked"] == answer.json["message"]


def test_corrections_open_to_nobody_else(app: Flask, call: Call) -> None:
    case = returned(call, "goal")
    for stranger in (new_head(), call.secretary):
        client = visit_as(app, stranger)
        codes = {client.post(f"{case.address}/autosave", data={"goal": "Чуже"}).status_code,
                 client.get(f"{case.address}/autosave").status_code}  # fmt: skip
        assert codes <= {403, 404}


def test_own_saving_is_no_reason_to_read_once_more(app: Flask, call: Call) -> None:
    case = returned(call, "goal", "rationale")
    client = visit_as(app, case.head)
    page = client.get(case.address).text
    shown = {"goal": "Нова мета", "rationale": case.answers["rationale"]}
    kept = autosave(client, case, reading_of(page), **shown)[0].json["version"]
    answer = client.post(f"{case.address}/send", data={**shown, "version": kept, "read": read_of(page)})
    assert (answer.status_code, case.answers["goal"]) == (302, "Нова мета")


def test_open_answer_of_a_colleague_is_read_before_it_is_sent(app: Flask, call: Call) -> None:
    case = returned(call, "goal", "rationale")
    colleague = new_person(Role.NGO_MEMBER, organisation=organisation_of(case.head))
    client = visit_as(app, case.head)
    page = client.get(case.address).text
    shown = {"goal": "Нова мета", "rationale": case.answers["rationale"]}
    with unit_of_work():
        services.save_correction(case.application, {"rationale": "Від колеги"}, by=colleague)
    answer = client.post(f"{case.address}/send", data={**shown, "version": reading_of(page), "read": read_of(page)})
    assert (answer.status_code, case.answers["goal"] == "Нова мета") == (409, False)
    assert ("Від колеги" in answer.text, "Нова мета" in answer.text) == (True, True)
    shown["rationale"] = "Від колеги"
    sent = {**shown, "version": reading_of(answer.text), "read": read_of(answer.text)}
    assert client.post(f"{case.address}/send", data=sent).status_code == 302
    assert (case.answers["goal"], case.answers["rationale"]) == ("Нова мета", "Від колеги")


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_correction_typed_without_a_network_comes_back_and_is_sent(
    app: Flask, call: Call, browser_context: BrowserContext, live_server: str
) -> None:
    case = returned(call, "goal")
    enter(app, browser_context, live_server, case.head)
    page = browser_context.new_page()
    page.goto(case.address)
    settled(page)
    page.context.set_offline(True)
    page.locator("#goal").fill("Набрано без мережі")
    keeps(page, "Набрано без мережі")
    kill(page)
    browser_context.set_offline(False)
    again = browser_context.new_page()
    again.goto(case.address)
    expect(again.locator("#goal")).to_have_value("Набрано без мережі")
    expect(again.locator("[data-autosave-status]").first).to_contain_text("Збережено")
    assert case.answers["goal"] == "Набрано без мережі"
    # What tells whether the head has read everything is no answer: nothing that comes back empties it.
    expect(again.locator("input[name=read]")).to_have_value(re.compile("^[0-9a-f]{64}$"))
    settled(again)
    again.locator("#goal").fill("Набрано й подано")
    again.get_by_role("button", name="Надіслати виправлення").click()
    expect(again.get_by_text("Виправлення надіслано").first).to_be_visible()
    assert case.answers["goal"] == "Набрано й подано"


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_pages_of_corrections_and_of_the_check_of_a_receipt_fit_and_have_no_barriers(
    app: Flask, call: Call, browser_context: BrowserContext, live_server: str
) -> None:
    case = returned(call, "goal", "budget")
    with unit_of_work():
        services.save_correction(case.application, {"goal": "Уточнена мета"}, None, by=case.head)
    code = case.application.code
    digest = db.session.scalars(sa.select(Submission.digest).filter_by(application_id=case.application.id)).one()
    page = browser_context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    seen = {
        case.head: (case.address, f"/applications/{code}/receipt", f"/r/{code}/{digest}", "/r"),
        call.secretary: (f"/applications/{code}/changes",),
    }
    for person, addresses in seen.items():
        enter(app, browser_context, live_server, person)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            settled(page)
            assert (address, answer.status, axe_violations(page), sideways_scroll(page)) == (address, 200, [], 0)
