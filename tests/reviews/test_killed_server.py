"""The server dies in the middle of a sentence: at most the last two seconds of typing are missing, and then nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request, expect

from tests.support.browser import WIDE, until
from tests.support.databases import Databases
from tests.support.own_process import own_process
from tests.support.panel import declared, opened_panel
from tests.support.time import FrozenClock
from tests.support.typists import enter, open_sheet, profile, reason_box, stored_reason

pytestmark = pytest.mark.browser
SECONDS_LOST = 2.0
QUICK_S = 0.5  # an answer within this leaves the promise whole


def _type(page: Page, numbers: range, moments: dict[int, float]) -> None:
    """Numbered words, five a second without a rest; when each was finished is noted."""
    for number in numbers:
        page.keyboard.type(f"с{number:03d} ")
        moments[number] = time.monotonic()
        page.wait_for_timeout(180)


class Answers:
    """How slow this machine is: what its slowest answer takes beyond a quick one delays two saves after each other."""

    def __init__(self, page: Page) -> None:
        self._asked: dict[Request, float] = {}
        self._slowest = 0.0
        page.on("request", self._begin)
        page.on("requestfinished", self._end)

    def _begin(self, request: Request) -> None:
        if request.method == "POST":
            self._asked[request] = time.monotonic()

    def _end(self, request: Request) -> None:
        if self._asked.pop(request, None) is not None:
            self._slowest = max(self._slowest, request.timing["responseEnd"] / 1000)

    def patience(self, moment: float) -> float:
        """Seconds of typing that may be missing at that moment."""
        waiting = [moment - asked - QUICK_S for asked in self._asked.values()]
        return SECONDS_LOST + 2 * max(*waiting, self._slowest - QUICK_S, 0)


def _numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"с(\d{3})", text)]


def test_typing_survives_a_killed_server(
    app: Flask, databases: Databases, clock: FrozenClock, chromium_browser: Browser
) -> None:
    panel = opened_panel(clock)
    expert = panel.experts[0]
    assignment = declared(panel.applications[0], expert)
    moments: dict[int, float] = {}
    with (
        own_process(databases.url, clock.now) as server,
        chromium_browser.new_context(base_url=server.address, locale="uk-UA", viewport=WIDE) as context,
    ):
        context.set_default_timeout(20_000)
        enter(app, context, server.address, expert)
        page = context.new_page()
        open_sheet(page, panel)
        answers = Answers(page)
        page.locator(f"[name={reason_box(panel)}]").click()
        _type(page, range(30), moments)
        server.kill()
        killed_at = time.monotonic()
        patience = answers.patience(killed_at)
        stored = _numbers(stored_reason(assignment))
        owed = [number for number, moment in moments.items() if killed_at - moment > patience]
        assert stored[: len(owed)] == owed
        assert len(owed) >= 10
        _type(page, range(30, 45), moments)
        expect(page.locator("[data-autosave-status]").first).to_contain_text("Немає зв’язку")
        server.start()
        expect(page.locator("[data-autosave-status]").first).to_contain_text("Збережено", timeout=30_000)
        _type(page, range(45, 50), moments)
        until(page, lambda: _numbers(stored_reason(assignment)), list(range(50)))


@pytest.mark.sqlite_only
def test_browser_closed_while_the_server_is_dead_keeps_the_text(
    app: Flask, databases: Databases, clock: FrozenClock, chromium_browser: Browser, tmp_path: Path
) -> None:
    """Both ends fall: what the browser had kept comes back when it is opened again."""
    panel = opened_panel(clock)
    expert = panel.experts[0]
    assignment = declared(panel.applications[0], expert)
    moments: dict[int, float] = {}
    with own_process(databases.url, clock.now) as server:
        with profile(chromium_browser, tmp_path, server.address) as context:
            enter(app, context, server.address, expert)
            page = context.new_page()
            open_sheet(page, panel)
            page.locator(f"[name={reason_box(panel)}]").click()
            server.kill()
            _type(page, range(25), moments)
            closed_at = time.monotonic()
        owed = [number for number, moment in moments.items() if closed_at - moment > SECONDS_LOST]
        assert (_numbers(stored_reason(assignment)), len(owed) >= 10) == ([], True)
        server.start()
        with profile(chromium_browser, tmp_path, server.address) as context:
            enter(app, context, server.address, expert)
            page = context.new_page()
            open_sheet(page, panel)
            expect(page.locator("form [data-autosave-status]").first).to_contain_text("Збережено", timeout=20_000)
            assert _numbers(stored_reason(assignment))[: len(owed)] == owed
