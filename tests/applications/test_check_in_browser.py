"""The desk of the formal check in a browser: fits phones, no faults of accessibility, one way from queue to letter."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from grants_app.applications import services
from grants_app.applications.models import Application, Flag
from grants_app.applications.services.radar import ask_for_radar
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import do_job
from grants_app.lifecycle import ApplicationState
from tests.support.applications import close, new_head, submitted_application
from tests.support.browser import NARROW, WIDE, axe_violations, follow, settled, sideways_scroll
from tests.support.calls import Call
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
NEED = "Підліткам у дворах бракує простору для розмови, а сусідам – спокою: " + ", ".join(
    f"двір номер {n} чекає на зустріч" for n in range(12)
)
SHOTS = os.environ.get("CHECK_SHOTS")


def _scene(call: Call) -> tuple[Application, Application, Flag]:
    """Two alike applications with a mark, the second returned and corrected."""
    head = new_head()
    first = submitted_application(call.competition, rationale=NEED)
    second = submitted_application(call.competition, head, rationale=f"{NEED}. І ще одне речення")
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.check_requirement(first, "complete", "defect", by=call.secretary, note="Немає протоколу зборів")
        services.return_for_correction(second, ["goal"], "Уточніть мету: яких сусідів", by=call.secretary)
    with unit_of_work():
        services.save_correction(second, {"goal": "Менше сварок між сусідами одного двору."}, by=head)
    with unit_of_work():
        services.send_correction(second, by=head)
    with unit_of_work():
        job = ask_for_radar(call.competition, by=call.secretary).code
    do_job(job)
    mark = db.session.scalars(db.select(Flag).filter_by(application_id=first.id, kind="repeat")).one()
    return first, second, mark


def test_pages_of_the_desk_fit_and_have_no_faults(
    app: Flask, call: Call, browser_context: BrowserContext, browser_page: Page, live_server: str
) -> None:
    first, second, mark = _scene(call)
    enter(app, browser_context, live_server, call.secretary)
    register = f"/applications/register/{call.competition.code}"
    pages = {
        "queue": f"{register}/queue",
        "flags": f"{register}/flags",
        "flag": f"/applications/{first.code}/flags/{mark.code}",
        "check": f"/applications/{first.code}/formal-check",
        "return": f"/applications/{first.code}/return?items=goal",
        "changes": f"/applications/{second.code}/changes",
        "bulk": f"{register}/bulk?step=return&codes={first.code}&codes={second.code}&letter=Лист",
    }
    for size in (WIDE, NARROW):
        browser_page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright asks for its own mapping
        for scheme in ("light", "dark"):
            browser_page.emulate_media(color_scheme=scheme)
            for name, address in pages.items():
                browser_page.goto(address)
                settled(browser_page)
                assert (name, size["width"], sideways_scroll(browser_page)) == (name, size["width"], 0)
                assert (name, scheme, axe_violations(browser_page)) == (name, scheme, [])
                if SHOTS:
                    path = Path(SHOTS) / f"{name}-{size['width']}-{scheme}.png"
                    browser_page.screenshot(path=path, full_page=True)


def test_secretary_goes_from_the_queue_to_a_letter_and_undoes_it(
    app: Flask, call: Call, browser_context: BrowserContext, browser_page: Page, live_server: str
) -> None:
    first = submitted_application(call.competition)
    second = submitted_application(call.competition)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
    enter(app, browser_context, live_server, call.secretary)
    browser_page.goto(f"/applications/register/{call.competition.code}/queue")
    for application in (first, second):
        browser_page.get_by_label(f"Вибрати {application.code}").check()
    browser_page.get_by_label("З усіма вибраними:").select_option("return")
    follow(browser_page, browser_page.get_by_role("button", name="Показати, що буде"))
    browser_page.locator("[name=letter]").fill("Додайте протокол зборів")
    browser_page.locator("#item-files").check()
    follow(browser_page, browser_page.get_by_role("button", name="Показати лист"))
    expect(browser_page.locator("#letter-as-read ~ .app-pre")).to_contain_text("Додайте протокол зборів")
    expect(browser_page.locator("#item-files")).to_be_checked()
    follow(browser_page, browser_page.get_by_role("button", name="Виконати для всіх"))
    expect(browser_page).to_have_url(re.compile("/queue$"))
    db.session.rollback()
    assert [first.state, second.state] == [ApplicationState.RETURNED, ApplicationState.RETURNED]
    browser_page.get_by_role("button", name="Скасувати дію").click()
    expect(browser_page.get_by_text("її листи відкликано")).to_be_visible()
    browser_page.goto("about:blank")
    db.session.rollback()
    assert [first.state, second.state] == [ApplicationState.SUBMITTED, ApplicationState.SUBMITTED]
