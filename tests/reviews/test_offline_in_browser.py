"""Work without a network: what is kept, what opens, how it comes back, and that nothing readable lies on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.reviews import services
from tests.support.browser import WIDE, axe_violations, kill, settled, sideways_scroll, until
from tests.support.databases import Databases
from tests.support.own_process import OwnProcess, own_process
from tests.support.panel import Panel, assignment_of, declared, opened_panel
from tests.support.time import FrozenClock
from tests.support.typists import (
    end_session,
    enter,
    keeps,
    kept_ids,
    open_sheet,
    profile,
    reason_box,
    sheet_address,
    stored_reason,
)

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
KEEP = "Зберегти для роботи без мережі"
MARKER = "1 240 звернень"  # stands in the text of every application of the panel
TYPED = "Написано без жодної мережі"


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """A call in scoring with three applications; the first expert has declared on the first two."""
    made = opened_panel(clock, applications=3)
    for application in made.applications[:2]:
        declared(application, made.experts[0])
    return made


@pytest.fixture
def server(databases: Databases, panel: Panel, clock: FrozenClock) -> Iterator[OwnProcess]:
    """A server that can be taken away: the surest way to have no network, for pages and worker alike."""
    with own_process(databases.url, clock.now) as running:
        yield running


@pytest.fixture
def context(app: Flask, server: OwnProcess, panel: Panel, chromium_browser: Browser) -> Iterator[BrowserContext]:
    """The first expert's browser."""
    with chromium_browser.new_context(base_url=server.address, locale="uk-UA", viewport=WIDE) as made:
        made.set_default_timeout(20_000)
        enter(app, made, server.address, panel.experts[0])
        yield made


def keep_all(page: Page, words: str = "Збережено 2 заявки о") -> None:
    """Press the button on the queue and wait until it is said what is kept."""
    page.goto("/reviews")
    page.get_by_role("button", name=KEEP).click()
    expect(page.locator("[data-keep-status]")).to_contain_text(words, timeout=30_000)


def mine(panel: Panel, number: int = 0) -> object:
    """The first expert's assignment."""
    return assignment_of(panel.applications[number], panel.experts[0])


def test_sheet_opens_and_is_written_without_a_network(
    context: BrowserContext, server: OwnProcess, panel: Panel
) -> None:
    page = context.new_page()
    keep_all(page)
    server.kill()
    page.goto("/reviews")
    expect(page.locator("[data-kept-banner]")).to_contain_text("Немає зв’язку: показано сторінку")
    assert axe_violations(page) == []
    open_sheet(page, panel)
    expect(page.locator("article")).to_contain_text(MARKER)
    page.locator(f"[name={reason_box(panel)}]").fill(TYPED)
    expect(page.locator("form [data-autosave-status]").first).to_contain_text("Текст збережено у браузері")
    # Going to another application and back, still without a network.
    open_sheet(page, panel, 1)
    page.locator(f"[name={reason_box(panel)}]").fill("Друга заявка")
    keeps(page, TYPED, "Друга заявка")
    open_sheet(page, panel)
    expect(page.locator(f"[name={reason_box(panel)}]")).to_have_value(TYPED)
    assert stored_reason(mine(panel)) == ""
    server.start()
    page.goto("/reviews")
    until(page, lambda: (stored_reason(mine(panel)), stored_reason(mine(panel, 1))), (TYPED, "Друга заявка"))


def test_what_was_written_elsewhere_meanwhile_is_merged(
    app: Flask, context: BrowserContext, server: OwnProcess, panel: Panel, chromium_browser: Browser
) -> None:
    page = context.new_page()
    keep_all(page)
    open_sheet(page, panel)
    context.set_offline(True)
    page.locator(f"[name={reason_box(panel)}]").fill(TYPED)
    keeps(page, TYPED)
    page.close()
    with chromium_browser.new_context(base_url=server.address, locale="uk-UA", viewport=WIDE) as device:
        enter(app, device, server.address, panel.experts[0])
        other = device.new_page()
        open_sheet(other, panel)
        other.locator(f"[name={reason_box(panel, 1)}]").fill("З іншого пристрою")
        expect(other.locator("form [data-autosave-status]").first).to_contain_text("Збережено")
    context.set_offline(False)
    again = context.new_page()
    open_sheet(again, panel)
    expect(again.locator(f"[name={reason_box(panel)}]")).to_have_value(TYPED)
    expect(again.locator(f"[name={reason_box(panel, 1)}]")).to_have_value("З іншого пристрою")
    # The last words of the closed page may have arrived by themselves: then there is nothing left to say «saved» of.
    until(again, lambda: (stored_reason(mine(panel)), stored_reason(mine(panel), 1)), (TYPED, "З іншого пристрою"))


def test_page_that_was_not_kept_says_so(context: BrowserContext, server: OwnProcess, panel: Panel) -> None:
    page = context.new_page()
    keep_all(page)
    server.kill()
    # The third application waits for its declaration: nothing of it may lie here.
    page.goto(sheet_address(panel, 2))
    expect(page.get_by_role("heading", name="Немає зв’язку")).to_be_visible()
    expect(page.get_by_role("link", name=panel.applications[0].code or "")).to_be_visible()
    expect(page.get_by_text(MARKER)).to_have_count(0)
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert sideways_scroll(page) == 0


def test_only_open_sheets_are_kept_and_each_is_in_the_journal(context: BrowserContext, panel: Panel) -> None:
    page = context.new_page()
    keep_all(page)
    pages = [one for one in kept_ids(page) if one.startswith("page ")]
    assert pages == ["page /reviews", *(f"page {sheet_address(panel, number)}" for number in (0, 1))]
    db.session.rollback()
    noted = db.session.execute(
        db.text("SELECT thing_code FROM journal_entry WHERE step = 'keep_offline' ORDER BY thing_code")
    ).scalars()
    assert [code.split("/")[0] for code in noted] == [bid.code for bid in panel.applications[:2]]


def test_application_taken_back_is_removed_and_its_text_is_given_to_its_author(
    context: BrowserContext, panel: Panel
) -> None:
    page = context.new_page()
    keep_all(page)
    open_sheet(page, panel)
    context.set_offline(True)
    page.locator(f"[name={reason_box(panel)}]").fill(TYPED)
    keeps(page, TYPED)
    kill(page)
    with unit_of_work():
        services.declare_conflict(mine(panel), "Родич у команді", db.session.get_one(User, panel.experts[0].id))
    context.set_offline(False)
    again = context.new_page()
    again.goto("/reviews")
    expect(again.locator("[data-keep-status]")).to_contain_text("Збережено 1 заявку о")
    text = again.locator("[data-leftovers]").get_by_label("Текст для копіювання")
    expect(text).to_have_value(re.compile(TYPED))
    assert f"page {sheet_address(panel)}" not in kept_ids(again)
    assert stored_reason(mine(panel)) == ""


def test_removing_leaves_nothing(context: BrowserContext, server: OwnProcess, panel: Panel) -> None:
    page = context.new_page()
    keep_all(page)
    page.get_by_role("button", name="Вилучити з цього браузера").click()
    expect(page.locator("[data-keep-status]")).to_have_text("Вилучено з цього браузера")
    # The key stays for the copies of what is being written; it goes with the session.
    assert (kept_ids(page), page.evaluate("caches.keys()")) == (["key"], [])


def test_next_person_at_this_browser_finds_nothing(
    app: Flask, context: BrowserContext, server: OwnProcess, panel: Panel
) -> None:
    page = context.new_page()
    keep_all(page)
    end_session(page)
    enter(app, context, server.address, panel.experts[1])
    page.goto("/reviews")
    expect(page.get_by_role("button", name=KEEP)).to_be_visible()
    until(page, lambda: kept_ids(page), [])
    server.kill()
    page.goto(sheet_address(panel))
    expect(page.get_by_role("heading", name="Немає зв’язку")).to_be_visible()
    expect(page.get_by_text(MARKER)).to_have_count(0)


def holding(folder: Path, text: str) -> list[str]:
    """Files of a profile in which the text can be read, in either of the ways a browser writes it."""
    forms = [text.encode(form) for form in ("utf-8", "utf-16-le")]
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def test_nothing_readable_lies_in_the_profile(
    app: Flask, server: OwnProcess, panel: Panel, chromium_browser: Browser, tmp_path: Path
) -> None:
    with profile(chromium_browser, tmp_path, server.address) as context:
        enter(app, context, server.address, panel.experts[0])
        page = context.new_page()
        keep_all(page)
        open_sheet(page, panel)
        server.kill()
        page.locator(f"[name={reason_box(panel)}]").fill(TYPED)
        keeps(page, TYPED)
    assert (holding(tmp_path, MARKER), holding(tmp_path, TYPED)) == ([], [])
    # The search itself finds what is there: the address of a kept page is no secret.
    assert holding(tmp_path, sheet_address(panel)) != []
    server.start()
    with profile(chromium_browser, tmp_path, server.address) as context:
        enter(app, context, server.address, panel.experts[0])
        page = context.new_page()
        open_sheet(page, panel)
        expect(page.locator(f"[name={reason_box(panel)}]")).to_have_value(TYPED)
        page.get_by_role("button", name="Вийти").click()
        page.wait_for_url("**/")
        settled(page)
        # The worker is told of it by a message, which nobody waits for.
        until(page, lambda: (kept_ids(page), page.evaluate("caches.keys()")), ([], []))
        server.kill()
        with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
            page.goto(sheet_address(panel))
    assert (holding(tmp_path, MARKER), holding(tmp_path, TYPED)) == ([], [])
