"""The application form under the same care as the review sheet: rows come back whole, two people lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.applications import draft_application, new_head, organisation_of
from tests.support.browser import WIDE, kill, settled, until
from tests.support.calls import Call
from tests.support.typists import enter, keeps
from tests.support.visitors import new_person

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def head(app: Flask, call: Call) -> User:
    """The head of an organisation."""
    return new_head()


@pytest.fixture
def application(head: User, call: Call) -> Application:
    """A draft of that organisation."""
    return draft_application(call.competition, head)


@pytest.fixture
def page(app: Flask, head: User, browser_context: BrowserContext, live_server: str) -> Page:
    """The head's browser."""
    enter(app, browser_context, live_server, head)
    return browser_context.new_page()


@pytest.fixture
def colleague(app: Flask, head: User, chromium_browser: Browser, live_server: str) -> Iterator[Page]:
    """A browser of another member of the same organisation."""
    person = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=WIDE) as context:
        context.set_default_timeout(20_000)
        enter(app, context, live_server, person)
        yield context.new_page()


def open_form(page: Page, application: Application, place: str) -> None:
    """Open a page of the form and wait until its scripts listen."""
    page.goto(f"/applications/{application.key}/{place}")
    expect(page.locator("form[data-autosave-ready]")).to_be_visible()
    settled(page)


def saved(page: Page) -> None:
    """Wait until the line says that all is on the server."""
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Збережено")


def answers(application: Application) -> dict[str, object]:
    """What the database holds now."""
    db.session.rollback()
    db.session.expire_all()
    return dict(queries.answers_of(db.session.get_one(Application, application.id)))


def tasks(application: Application) -> list[str]:
    """The tasks of the plan that the database holds now."""
    return [row["task"] for row in answers(application)["tasks"]]  # type: ignore[attr-defined]  # rows


def budget(application: Application) -> tuple[str, object]:
    """The first line of the budget, and what is dropped first, as the database holds them now."""
    db.session.rollback()
    db.session.expire_all()
    return queries.lines_of(application)[0].item, queries.answers_of(application).get("smallest_dropped")


def test_rows_written_without_a_network_come_back_whole(page: Page, application: Application) -> None:
    open_form(page, application, "sections/plan")
    page.context.set_offline(True)
    for task in ("Друге завдання", "Третє завдання"):
        page.locator("#tasks [data-rows-add]").click()
        page.keyboard.type(task)
    keeps(page, "Друге завдання", "Третє завдання")
    kill(page)
    page.context.set_offline(False)
    again = page.context.new_page()
    open_form(again, application, "sections/plan")
    expect(again.locator("#tasks [data-row]")).to_have_count(3)
    saved(again)
    assert tasks(application) == ["Провести навчання", "Друге завдання", "Третє завдання"]


def test_two_people_write_different_answers(page: Page, colleague: Page, application: Application) -> None:
    open_form(page, application, "sections/rationale")
    open_form(colleague, application, "sections/rationale")
    page.locator("#goal").fill("Мета від керівниці")
    saved(page)
    colleague.locator("#rationale").fill("Обґрунтування від колеги")
    saved(colleague)
    found = answers(application)
    assert (found["goal"], found["rationale"]) == ("Мета від керівниці", "Обґрунтування від колеги")


def test_two_people_write_the_same_answer(page: Page, colleague: Page, application: Application) -> None:
    open_form(page, application, "sections/rationale")
    open_form(colleague, application, "sections/rationale")
    page.locator("#goal").fill("Мета від керівниці")
    saved(page)
    colleague.locator("#goal").fill("Мета від колеги")
    clash = colleague.locator(".app-clash")
    expect(clash).to_contain_text("Мета від керівниці")
    # Who wrote, and when, is told.
    expect(colleague.locator("[data-autosave-status]").first).to_contain_text("змінила інша людина (Тест Тестовий)")
    assert answers(application)["goal"] == "Мета від керівниці"
    clash.get_by_role("button", name="Лишити обидва").click()
    until(colleague, lambda: answers(application)["goal"], "Мета від колеги\n\nМета від керівниці")


def test_text_of_a_closed_tab_that_was_changed_elsewhere_is_told_before_sending(
    page: Page, head: User, application: Application
) -> None:
    open_form(page, application, "sections/rationale")
    page.context.set_offline(True)
    page.locator("#goal").fill("Мета із закритої вкладки")
    expect(page.locator("[data-autosave-status]").first).to_have_class(re.compile("app-saved--warn"))
    kill(page)
    with unit_of_work():
        services.save_answers(application, {"goal": "Мета з іншого місця"}, None, head)
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(f"/applications/{application.key}/check")
    told = again.locator("[data-leftovers]")
    expect(told).to_contain_text("Змінено у двох місцях")
    assert answers(application)["goal"] == "Мета з іншого місця"
    told.get_by_role("link").click()
    expect(again.locator(".app-clash")).to_contain_text("Мета із закритої вкладки")


def test_rows_added_by_a_colleague_appear(page: Page, colleague: Page, application: Application) -> None:
    open_form(page, application, "sections/plan")
    open_form(colleague, application, "sections/plan")
    page.locator("#tasks [data-rows-add]").click()
    page.keyboard.type("Завдання від керівниці")
    until(page, lambda: tasks(application), ["Провести навчання", "Завдання від керівниці"])

    def comes_back() -> int:
        colleague.evaluate("() => { window.dispatchEvent(new Event('focus')) }")
        return colleague.locator("#tasks [data-row]").count()

    until(colleague, comes_back, 2)
    expect(colleague.locator("#tasks-1-task")).to_have_value("Завдання від керівниці")


def test_budget_changed_by_both_is_chosen(page: Page, colleague: Page, application: Application) -> None:
    open_form(page, application, "budget")
    open_form(colleague, application, "budget")
    page.locator("[name='rows-0-item']").fill("Стаття від керівниці")
    saved(page)
    colleague.locator("[name='rows-0-item']").fill("Стаття від колеги")
    clash = colleague.locator(".app-clash")
    expect(clash).to_contain_text("Стаття від керівниці")
    # What else the colleague writes is saved, the line that is not chosen yet is not.
    colleague.locator("[name=smallest_dropped]").fill("Без друку")
    until(colleague, lambda: budget(application), ("Стаття від керівниці", "Без друку"))
    clash.get_by_role("button", name="Узяти написане в іншому місці").click()
    expect(colleague.locator("[name='rows-0-item']")).to_have_value("Стаття від керівниці")
    expect(colleague.locator(".app-clash")).to_have_count(0)
