"""Tables on the narrowest phone: each row is a card, and nothing of a card is cut off."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.browser import settled, sideways_scroll
from tests.support.calls import CODE, announced_call
from tests.support.time import FrozenClock

CUT_OFF = """() => [...document.querySelectorAll('.app-stack td[data-l]')]
  .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent.trim())"""


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_cards_of_a_call_cut_nothing_off(app: Flask, clock: FrozenClock, browser_page: Page) -> None:
    announced_call()
    browser_page.set_viewport_size({"width": 320, "height": 640})
    for address in (f"/competitions/{CODE}/calendar", f"/competitions/{CODE}"):
        browser_page.goto(address)
        settled(browser_page)
        assert browser_page.locator(".app-stack td[data-l]").count() > 0
        assert (browser_page.evaluate(CUT_OFF), sideways_scroll(browser_page)) == ([], 0), address
