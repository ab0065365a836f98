"""The applicant's form in a browser: questions that come and go, rows by keyboard, texts beyond their limit, pastes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from grants_app.accounts.models import User
from grants_app.applications import queries
from grants_app.applications.models import Application
from grants_app.database import db
from tests.support.applications import draft_application, new_head
from tests.support.browser import kill, settled, until
from tests.support.forms import extended_call
from tests.support.time import FrozenClock
from tests.support.typists import enter, keeps

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def head(app: Flask) -> User:
    """The head of an organisation."""
    return new_head()


@pytest.fixture
def application(head: User, clock: FrozenClock) -> Application:
    """A draft for a call with conditional questions."""
    return draft_application(extended_call().competition, head)


@pytest.fixture
def page(app: Flask, head: User, browser_context: BrowserContext, live_server: str) -> Page:
    """The head's browser."""
    enter(app, browser_context, live_server, head)
    return browser_context.new_page()


def open_form(page: Page, application: Application, slug: str = "extra") -> None:
    """Open a page of the form and wait until its scripts listen."""
    page.goto(f"/applications/{application.key}/sections/{slug}")
    expect(page.locator("form[data-autosave-ready]")).to_be_visible()
    settled(page)


def saved(page: Page) -> None:
    """Wait until the line says that all is on the server."""
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Збережено")


def answers(application: Application) -> dict[str, Any]:
    """What the database holds now."""
    db.session.rollback()
    db.session.expire_all()
    return dict(queries.answers_of(db.session.get_one(Application, application.id)))


def paste(page: Page, selector: str, text: str, html: str = "") -> None:
    """Paste as a browser does it: the clipboard's kinds in one event at the field."""
    page.locator(selector).focus()
    page.evaluate(
        """([selector, text, html]) => {
            const data = new DataTransfer()
            data.setData('text/plain', text)
            if (html) data.setData('text/html', html)
            const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            document.querySelector(selector).dispatchEvent(event)
        }""",
        [selector, text, html],
    )


def test_questions_come_and_go_with_answers(page: Page, application: Application) -> None:
    open_form(page, application)
    schools, photo = page.locator("#school_list"), page.locator("#photo_person")
    expect(schools).to_be_hidden()
    expect(page.locator(".app-when").first).to_be_hidden()
    page.get_by_role("checkbox", name="Школи").press("Space")
    expect(schools).to_be_visible()
    expect(page.locator("[data-conditions-status]")).to_have_text("З’явилося запитання: Які саме школи.")
    expect(photo).to_be_hidden()
    schools.fill("Ліцей № 4")
    expect(photo).to_be_visible()
    photo.fill("Олег")
    saved(page)
    page.get_by_role("checkbox", name="Школи").press("Space")
    expect(schools).to_be_hidden()
    # What stands behind a hidden question is hidden too, and nothing of it is lost.
    expect(photo).to_be_hidden()
    expected = {"helpers": [], "school_list": "Ліцей № 4", "photo_person": "Олег"}
    until(page, lambda: {name: answers(application).get(name) for name in expected}, expected)
    page.get_by_role("checkbox", name="Школи").check()
    expect(schools).to_have_value("Ліцей № 4")
    expect(photo).to_have_value("Олег")


def test_numbers_sums_and_other_pages_decide_too(page: Page, application: Application) -> None:
    open_form(page, application)
    training, rooms = page.locator("#training"), page.locator("#rooms")
    expect(training).to_be_hidden()
    page.locator("#volunteers").fill("10")
    expect(training).to_be_visible()
    page.locator("#volunteers").fill("9")
    expect(training).to_be_hidden()
    page.locator("#rent").fill("999,99")
    expect(rooms).to_be_hidden()
    page.locator("#rent").fill("1 000")
    expect(rooms).to_be_visible()
    page.get_by_role("checkbox", name="Погоджуємося на фотографування").check()
    expect(page.locator("#photo_person")).to_be_visible()
    # With the other lot, chosen on another page, nobody asks about training.
    open_form(page, application, "summary")
    page.locator("input[name=lot][value=large]").check()
    saved(page)
    open_form(page, application)
    page.locator("#volunteers").fill("10")
    expect(training).to_be_hidden()


def test_without_script_all_questions_stand_with_their_sentence(
    app: Flask, head: User, application: Application, chromium_browser: Any, live_server: str
) -> None:
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", java_script_enabled=False) as context:
        enter(app, context, live_server, head)
        page = context.new_page()
        page.goto(f"/applications/{application.key}/sections/extra")
        for name in ("school_list", "training", "photo_person"):
            expect(page.locator(f"#{name}")).to_be_visible()
        expect(page.locator(".app-when").first).to_have_text("Відповідайте, лише якщо «Хто допомагає»: «Школи»")


def test_conditional_answer_written_without_a_network_comes_back(page: Page, application: Application) -> None:
    open_form(page, application)
    page.context.set_offline(True)
    page.get_by_role("checkbox", name="Школи").check()
    page.locator("#school_list").fill("Ліцей № 4")
    keeps(page, "Ліцей № 4")
    kill(page)
    page.context.set_offline(False)
    again = page.context.new_page()
    open_form(again, application)
    expect(again.locator("#school_list")).to_be_visible()
    expect(again.locator("#school_list")).to_have_value("Ліцей № 4")
    saved(again)
    expected = {"helpers": ["schools"], "school_list": "Ліцей № 4"}
    until(again, lambda: {name: answers(application).get(name) for name in expected}, expected)


def test_rows_by_keyboard_only(page: Page, application: Application) -> None:
    open_form(page, application, "plan")
    rows, status = page.locator("#tasks [data-row]"), page.locator("#tasks [data-rows-status]")
    add = page.locator("#tasks [data-rows-add]")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tasks-1-task")).to_be_focused()
    expect(status).to_have_text("Рядок 2 додано")
    page.keyboard.type("Друге")
    add.focus()
    page.keyboard.press("Space")
    page.keyboard.type("Третє")
    rows.nth(2).locator("[data-row-up]").focus()
    page.keyboard.press("Enter")
    # The focus stays on the row that moves, so that it can be moved on.
    expect(page.locator("[data-row-up]:focus")).to_have_count(1)
    expect(status).to_have_text("Тепер це рядок 2")
    page.keyboard.press("Enter")
    # At the top there is nowhere further up: the row itself keeps the focus.
    expect(rows.nth(0)).to_be_focused()
    expect(rows.nth(0).locator("textarea")).to_have_value("Третє")
    rows.nth(1).locator("[data-row-remove]").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_be_focused()
    expect(status).to_have_text("Рядок 2 вилучено")
    until(page, lambda: [row["task"] for row in answers(application)["tasks"]], ["Третє", "Друге"])
    # Names follow the order, so that the button sends it as well.
    page.locator("button[type=submit]:not([name])").last.press("Enter")
    page.wait_for_url("**/sections/results")
    assert [row["task"] for row in answers(application)["tasks"]] == ["Третє", "Друге"]


def test_text_beyond_the_limit_is_marked_and_not_cut(page: Page, application: Application) -> None:
    open_form(page, application)
    page.locator("#volunteers").fill("10")
    box, note = page.locator("#training"), page.locator("#training-info")
    box.fill("слово " * 19 + "останнє")
    expect(note).to_have_text("Лишилося 0 слів")
    box.press("End")
    page.keyboard.type(" зайве й більше")
    expect(note).to_have_text("Зайві 3 слова")
    expect(page.locator(".app-beyond mark")).to_have_text("зайве й більше")
    expect(box).to_have_value("слово " * 19 + "останнє зайве й більше")
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Не збережено")
    box.fill("коротко")
    expect(page.locator(".app-beyond")).to_have_count(0)
    until(page, lambda: answers(application).get("training"), "коротко")


def test_counter_of_a_line_is_silent_until_it_matters(page: Page, application: Application) -> None:
    open_form(page, application, "summary")
    page.locator("#title").fill("я" * 104)
    expect(page.locator("#title-info")).to_be_hidden()
    page.locator("#title").fill("я" * 105)
    expect(page.locator("#title-info")).to_have_text("Лишилося 35 знаків")
    page.locator("#title").fill("я" * 141)
    expect(page.locator("#title-info")).to_have_text("Зайвий 1 знак")


def test_pasted_texts_arrive_plain(page: Page, application: Application) -> None:
    open_form(page, application, "rationale")
    page.locator("#goal").fill("")
    paste(page, "#goal", "•\tперше\r\n•\tдру\u00adге")
    expect(page.locator("#goal")).to_have_value("– перше\n– друге")
    page.locator("#rationale").fill("")
    paste(page, "#rationale", "один два", "<ul style='color:red'><li>один</li><li>два</li></ul>")
    expect(page.locator("#rationale")).to_have_value("– один\n– два")
    until(page, lambda: answers(application)["goal"], "– перше\n– друге")
