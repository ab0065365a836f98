"""The form after the end of a session: questions that depend on answers keep what was written into them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from grants_app.accounts.models import User
from grants_app.applications import queries
from grants_app.applications.models import Application
from grants_app.database import db
from tests.support.applications import draft_application, new_head
from tests.support.browser import follow, settled, until
from tests.support.forms import extended_call
from tests.support.time import FrozenClock
from tests.support.typists import PASSWORD, end_session, enter, give_password, keeps

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def head(app: Flask) -> Iterator[User]:
    """The head of an organisation, who signs in by password; pages carry real tokens."""
    person = new_head()
    give_password(person)
    app.config["WTF_CSRF_ENABLED"] = True
    yield person
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def page(app: Flask, head: User, clock: FrozenClock, browser_context: BrowserContext, live_server: str) -> Page:
    """The page with conditional questions, open at 320 pixels."""
    application = draft_application(extended_call().competition, head)
    enter(app, browser_context, live_server, head)
    opened = browser_context.new_page()
    opened.set_viewport_size({"width": 320, "height": 640})
    opened.goto(f"/applications/{application.key}/sections/extra")
    expect(opened.locator("form[data-autosave-ready]")).to_be_visible()
    settled(opened)
    return opened


def _answers() -> dict[str, object]:
    db.session.rollback()
    db.session.expire_all()
    return dict(queries.answers_of(db.session.query(Application).one()))


def test_answer_to_a_question_that_appeared_outlives_the_session(page: Page) -> None:
    end_session(page)
    page.get_by_role("checkbox", name="Школи").check()
    page.locator("#school_list").fill("Ліцей № 4")
    dialog = page.get_by_role("dialog", name="Увійдіть, щоб продовжити")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Пароль").fill(PASSWORD)
    dialog.get_by_role("button", name="Увійти й продовжити").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Збережено")
    expect(page.locator("#school_list")).to_have_value("Ліцей № 4")
    page.locator("#photo_person").press_sequentially("Олег", delay=10)
    expected = {"helpers": ["schools"], "school_list": "Ліцей № 4", "photo_person": "Олег"}
    until(page, lambda: {name: _answers().get(name) for name in expected}, expected)


def test_tab_closed_after_the_end_of_the_session_gives_the_text_back(page: Page, head: User) -> None:
    address = page.url
    end_session(page)
    page.get_by_role("checkbox", name="Школи").check()
    page.locator("#school_list").fill("Ліцей № 4")
    expect(page.get_by_role("dialog", name="Увійдіть, щоб продовжити")).to_be_visible()
    keeps(page, "Ліцей № 4")
    page.close()
    again = page.context.new_page()
    again.goto("/sign-in")
    again.locator("input[name=email]").fill(head.email)
    again.locator("input[name=password]").fill(PASSWORD)
    follow(again, again.locator("main button[type=submit]").first)
    again.goto(address)
    expect(again.locator("form[data-autosave-ready]")).to_be_visible()
    expect(again.locator("#school_list")).to_have_value("Ліцей № 4")
    until(again, lambda: _answers().get("school_list"), "Ліцей № 4")
