"""Rows of the applicant’s pages are added, moved and taken away by buttons that need no script; nothing is lost."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.database import unit_of_work
from grants_app.lifecycle import ApplicationState
from tests.support.applications import close, draft_application, new_head, submitted_application
from tests.support.calls import Call
from tests.support.visitors import visit_as

pytestmark = pytest.mark.sqlite_only


def corrected(app: Flask, call: Call) -> tuple[FlaskClient, Application, str]:
    """The page of corrections with its tasks open."""
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, ["goal", "tasks"], "Уточніть", by=call.secretary)
    return visit_as(app, head), application, f"/applications/{application.code}/corrections"


def fields(answer: TestResponse) -> dict[str, str]:
    """What a browser without scripts would send of the page's form."""
    form = BeautifulSoup(answer.text, "html.parser").select_one("form[data-autosave]")
    assert form is not None
    found = {}
    for one in form.select("input[name], textarea[name]"):
        if one.get("type") not in {"radio", "checkbox"}:
            found[str(one["name"])] = str(one.get("value", "")) if one.name == "input" else one.text.strip("\r\n")
    return found


def tasks(answer: TestResponse) -> list[str]:
    return [text for name, text in fields(answer).items() if name.startswith("tasks-") and name.endswith("-task")]


def buttons(answer: TestResponse) -> list[str]:
    found = BeautifulSoup(answer.text, "html.parser").select("button[name=row]:not([hidden]):not([disabled])")
    return [str(one["value"]) for one in found]


def test_rows_of_corrections_come_and_go_without_a_script(app: Flask, call: Call) -> None:
    visitor, application, address = corrected(app, call)
    page = visitor.get(address)
    assert (tasks(page), buttons(page)) == (["Провести навчання"], ["tasks/0/remove", "tasks/add"])
    added = visitor.post(address, data=fields(page) | {"goal": "Ще не збережена", "row": "tasks/add"})
    assert (added.status_code, tasks(added), fields(added)["goal"]) == (
        200,
        ["Провести навчання", ""],
        "Ще не збережена",
    )
    typed = fields(added) | {"tasks-1-task": "Друге завдання"}
    moved = visitor.post(address, data=typed | {"row": "tasks/1/up"})
    assert tasks(moved) == ["Друге завдання", "Провести навчання"]
    assert [row["task"] for row in queries.answers_of(application)["tasks"]] == ["Провести навчання"]
    kept = visitor.post(address, data=fields(moved))
    assert kept.status_code == 302, BeautifulSoup(kept.text, "html.parser").select(".govuk-error-summary")
    found = queries.answers_of(application)
    assert ([row["task"] for row in found["tasks"]], found["goal"]) == (
        ["Друге завдання", "Провести навчання"],
        "Ще не збережена",
    )
    removed = visitor.post(address, data=fields(visitor.get(address)) | {"row": "tasks/0/remove"})
    assert tasks(removed) == ["Провести навчання"]


def test_button_of_a_row_after_a_refused_sending_sends_nothing(app: Flask, call: Call) -> None:
    """The page of a refusal stands at the address that sends."""
    visitor, application, address = corrected(app, call)
    answer = visitor.post(f"{address}/send", data=fields(visitor.get(address)) | {"row": "tasks/add"})
    assert (answer.status_code, tasks(answer)) == (200, ["Провести навчання", ""])
    assert application.state is ApplicationState.RETURNED


def test_rows_of_a_page_of_the_form_come_and_go_without_a_script(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{draft.key}/sections/plan"
    page = visitor.get(address)
    added = visitor.post(address, data=fields(page) | {"row": "tasks/add"})
    assert (added.status_code, tasks(added)) == (200, ["Провести навчання", ""])
    assert visitor.post(address, data=fields(added) | {"tasks-1-task": "Друге"}).status_code == 302
    assert [row["task"] for row in queries.answers_of(draft)["tasks"]] == ["Провести навчання", "Друге"]
    emptied = visitor.post(address, data=fields(page) | {"row": "tasks/0/remove"})
    assert tasks(emptied) == [""]
    assert visitor.post(address, data=fields(page) | {"row": "goal/add"}).status_code == 404
    # Enter saves: the first button of the form is no row's.
    first = BeautifulSoup(page.text, "html.parser").select("form[data-autosave] button")[0]
    assert first.get("name") is None
