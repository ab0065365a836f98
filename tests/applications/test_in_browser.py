"""The form in a browser: saved as typed, rows by keyboard, sums live; the page obeys the strict content policy."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from grants_app.applications import queries, services
from grants_app.database import db, unit_of_work
from tests.support.applications import draft_application, new_head, organisation_of
from tests.support.browser import settled
from tests.support.calls import Call
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_answer_is_saved_while_typing_and_survives_leaving(
    app: Flask, call: Call, browser_context: BrowserContext, browser_page: Page, live_server: str
) -> None:
    head = new_head()
    with unit_of_work():
        application = services.start_application(call.competition, organisation_of(head), head)
    enter(app, browser_context, live_server, head)
    address = f"/applications/{application.key}/sections/rationale"
    browser_page.goto(address)
    settled(browser_page)
    browser_page.locator("#goal").fill("Менше сварок у дворах")
    expect(browser_page.locator("[data-autosave-status]")).to_contain_text("12:00")
    # The second save goes on from the version that the first one answered.
    browser_page.locator("#goal").fill("Менше сварок, більше розмов")
    expect(browser_page.locator("[name=version]")).to_have_value(re.compile(r'"goal":\s*\[2,'))
    browser_page.goto("about:blank")
    db.session.rollback()  # what the test had read before is read again
    assert queries.answers_of(application)["goal"] == "Менше сварок, більше розмов"


def test_rows_are_added_by_keyboard(
    app: Flask, call: Call, browser_context: BrowserContext, browser_page: Page, live_server: str
) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    enter(app, browser_context, live_server, head)
    browser_page.goto(f"/applications/{application.key}/sections/plan")
    # The button shows itself only when its script is ready.
    expect(browser_page.locator("#tasks [data-rows-add]")).to_be_visible()
    settled(browser_page)
    browser_page.locator("#tasks [data-rows-add]").press("Enter")
    expect(browser_page.locator("#tasks [data-row]")).to_have_count(2)
    browser_page.keyboard.type("Друге завдання")
    browser_page.locator("button[type=submit]:not([name])").last.press("Enter")
    browser_page.wait_for_url("**/sections/results")
    browser_page.goto("about:blank")
    db.session.rollback()  # what the test had read before is read again
    assert [row["task"] for row in queries.answers_of(application)["tasks"]] == ["Провести навчання", "Друге завдання"]


def test_budget_sums_are_live_and_saved_as_shown(
    app: Flask, call: Call, browser_context: BrowserContext, browser_page: Page, live_server: str
) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    enter(app, browser_context, live_server, head)
    browser_page.goto(f"/applications/{application.key}/budget")
    settled(browser_page)
    browser_page.locator("[name='rows-0-price']").fill("31 000,50")
    browser_page.locator("[name='rows-0-city']").fill("31 000,50")
    browser_page.locator("[name='rows-1-price']").fill("11 000")
    browser_page.locator("[name='rows-1-own_cash']").fill("11 000")
    expect(browser_page.locator("[data-total=cost]")).to_have_text("42\u00a0000,50")
    browser_page.locator("button[type=submit]:not([name])").last.click()
    browser_page.wait_for_url(f"**/applications/{application.key}")
    browser_page.goto("about:blank")
    db.session.rollback()  # what the test had read before is read again
    assert (application.total_cost_kop, application.requested_kop) == (4_200_050, 3_100_050)
