"""The budget table in a browser: keyboard only, sums that follow, rows that move, a block pasted from a spreadsheet."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from tests.support.applications import draft_application, new_head
from tests.support.browser import axe_violations, settled, until
from tests.support.calls import announced_call
from tests.support.time import FrozenClock
from tests.support.typists import enter

pytestmark = pytest.mark.browser
PASTE = """(node, text) => {
  const data = new DataTransfer()
  data.setData('text/plain', text)
  node.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
}"""
NARROW: ViewportSize = {"width": 320, "height": 700}


@pytest.fixture
def head(app: Flask, clock: FrozenClock) -> User:
    """The head of an organisation while the intake runs."""
    announced_call()
    return new_head()


@pytest.fixture
def draft(app: Flask, head: User, live_server: str, browser_page: Page) -> Application:
    """The head's draft, its budget open and its scripts listening."""
    made = draft_application(db.session.scalars(sa.select(Competition)).one(), head)
    enter(app, browser_page.context, live_server, head)
    browser_page.goto(f"/applications/{made.key}/budget")
    expect(browser_page.locator("form[data-autosave-ready][data-budget-ready]")).to_be_visible()
    settled(browser_page)
    return made


def items(page: Page) -> list[str]:
    """What is paid for, row by row."""
    boxes = page.locator('[data-budget-row] input[name$="-item"]')
    found: list[str] = boxes.evaluate_all("nodes => nodes.map((one) => one.value)")
    return found


def stored_items(draft: Application) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [line.item for line in queries.lines_of(draft)]


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Збережено")


@pytest.mark.sqlite_only
def test_rows_by_keyboard_alone(browser_page: Page, draft: Application) -> None:
    page = browser_page
    page.get_by_role("button", name="Додати рядок").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-budget-status]")).to_have_text("Додано рядок 5")
    page.keyboard.type("Ор")  # the category has the focus: typing chooses «Оренда»
    for text in ("Зал", "год", "3", "1 234,50", "3 703,50"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    expect(page.locator("#rows-4 [data-cost]")).to_have_text(re.compile(r"3.703,50"))
    expect(page.locator('[data-total="cost"]')).to_have_text(re.compile(r"43.703,50"))
    page.locator("#rows-4 [data-row-up]").focus()
    for _step in range(4):
        page.keyboard.press("Enter")
    until(page, lambda: items(page), ["Зал", "Тренерки", "Папір", "", ""])
    expect(page.locator("[data-budget-status]")).to_have_text("Тепер це рядок 1")
    expect(page.locator("#rows-0-price")).to_have_attribute("aria-label", "1: Ціна")
    expect(page.locator("#rows-0 [data-row-up]")).to_be_focused()
    until(page, lambda: stored_items(draft), ["Зал", "Тренерки", "Папір"])
    page.locator("#rows-1 [data-row-remove]").focus()
    page.keyboard.press("Enter")
    until(page, lambda: items(page), ["Зал", "Папір", "", ""])
    expect(page.locator("#rows-0")).to_be_focused()
    page.get_by_role("button", name="Зберегти кошторис").last.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Кошторис збережено")).to_be_visible()
    assert stored_items(draft) == ["Зал", "Папір"]


@pytest.mark.sqlite_only
def test_block_pasted_into_a_cell_is_shown_before_anything_changes(browser_page: Page, draft: Application) -> None:
    page = browser_page
    block = "Стаття\tЗа що\tК-сть\tЦіна\tМісто\nОренда\tЗал\t2\t1 500\t3 000"
    page.locator("#rows-0-item").evaluate(PASTE, block)
    assert items(page)[0] == "Тренерки"
    expect(page.get_by_role("button", name="Показати, що прочитано")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Прочитано 1 рядок")).to_be_visible()
    assert stored_items(draft) == ["Тренерки", "Папір"]
    page.get_by_role("button", name="Додати до кошторису").press("Enter")
    expect(page.get_by_text("До кошторису додано 1 рядок")).to_be_visible()
    assert stored_items(draft) == ["Тренерки", "Папір", "Зал"]


@pytest.mark.sqlite_only
def test_budget_at_320_pixels_has_no_sideways_scroll_and_no_fault(browser_page: Page, draft: Application) -> None:
    page = browser_page
    page.set_viewport_size(NARROW)
    page.locator("#rows-0 summary").click()
    page.locator("#rows-0-least").fill("10 000")
    expect(page.locator('[data-total="least"]')).to_have_text(re.compile(r"10.000"))
    saved(page)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    assert axe_violations(page) == []


@pytest.mark.sqlite_only
def test_other_lines_of_a_clash_are_told_in_words(browser_page: Page, draft: Application) -> None:
    page = browser_page
    with unit_of_work():
        head = db.session.get_one(User, draft.created_by_id)
        application = db.session.get_one(Application, draft.id)
        services.save_budget(application, [replace(queries.lines_of(application)[0], item="Від колеги")], head)
    page.locator("#rows-0-item").fill("Моє")
    clash = page.locator(".app-clash")
    expect(clash.get_by_role("heading", level=2)).to_contain_text("Рядки кошторису")
    expect(clash).to_contain_text(re.compile(r"Послуги сторонніх виконавців \(ЦПД, ФОП\) · Від колеги"))
    expect(clash).to_contain_text(re.compile(r"Кількість 1 · Ціна"))
    expect(clash).not_to_contain_text("services")


def kept_parts(draft: Application) -> tuple[list[str], object]:
    return stored_items(draft), queries.answers_of(draft).get("smallest_dropped")


@pytest.mark.sqlite_only
def test_row_and_text_typed_at_once_go_one_after_the_other(browser_page: Page, draft: Application) -> None:
    page = browser_page
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.locator("#rows-0-item").fill("Тренерка")
    page.locator("#smallest_dropped").fill("Один день")
    until(page, lambda: kept_parts(draft), (["Тренерка", "Папір"], "Один день"))
    assert len([url for url in posts if url.endswith("/budget/autosave")]) == 2


@pytest.mark.sqlite_only
def test_row_and_text_typed_before_the_page_is_left_are_both_kept(browser_page: Page, draft: Application) -> None:
    page = browser_page
    page.locator("#rows-0-item").fill("Тренерка")
    page.locator("#smallest_dropped").fill("Один день")
    other = page.context.new_page()
    page.close()  # within the second in which nothing has been sent yet
    until(other, lambda: kept_parts(draft), (["Тренерка", "Папір"], "Один день"))


@pytest.mark.sqlite_only
def test_last_requests_of_a_long_budget_outlive_their_page(browser_page: Page, draft: Application) -> None:
    """As parts of a form sixty rows would be more than a browser sends for a page that is gone."""
    asked = browser_page.get_by_role("button", name="Додати рядок").evaluate(
        """(button) => {
            for (let row = 0; row < 56; row++) button.click()
            const asked = [], fetched = window.fetch
            window.fetch = (address, options) => {
                if (address.endsWith('autosave')) asked.push(options.keepalive)
                return fetched(address, options)
            }
            for (const box of document.querySelectorAll('[data-budget-row] input[name$="-item"]')) box.value = 'Рядок'
            window.dispatchEvent(new Event('pagehide'))
            document.querySelector('#smallest_dropped').value = 'Один день'
            window.dispatchEvent(new Event('pagehide'))
            window.fetch = fetched
            return asked
        }"""
    )
    # The rows in one request; with the text beneath them in two.
    assert asked == [True, True, True]
    until(browser_page, lambda: kept_parts(draft), (["Рядок"] * 60, "Один день"))
