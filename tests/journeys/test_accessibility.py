"""Every kind of page that a visitor reaches is accessible: wide, narrow, light, dark, never wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import GUEST, VISITORS, demo_client
from tests.journeys.crawl import crawl
from tests.support import browser as chromium

# A colour scheme changes colours alone: the second look is asked about them alone.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SMALLEST = {"width": 320, "height": 640}


@pytest.fixture(scope="session")
def pages_by_visitor(demo: Flask) -> dict[str, list[str]]:
    """Addresses to look at: of each kind those that show a part of a page which no earlier one showed."""
    seen: set[tuple[str, str]] = set()
    found: dict[str, list[str]] = {}
    for visitor in VISITORS:
        found[visitor] = []
        for visit in crawl(demo, demo_client(demo, visitor), "/" if visitor == GUEST else "/home", has_files=False):
            parts = {(visit.kind.split()[0], part) for part in visit.parts}
            if visit.body and not parts <= seen:
                seen |= parts
                found[visitor].append(visit.url)
    return found


@pytest.fixture
def looking(
    request: pytest.FixtureRequest, demo_day: Flask, demo_server: str, chromium_browser: Browser
) -> Iterator[Page]:
    """A browser of one visitor, already signed in."""
    visitor = request.param
    with chromium_browser.new_context(base_url=demo_server, locale="uk-UA", viewport=chromium.WIDE) as context:
        context.set_default_timeout(20_000)
        cookie = demo_client(demo_day, visitor).get_cookie("session")
        if cookie is not None:
            context.add_cookies([{"name": "session", "value": cookie.value, "url": demo_server}])
        complaints = chromium.Complaints()
        complaints.watch(context)
        yield context.new_page()
        assert complaints == []


@pytest.mark.browser
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("visitor", "looking"), [(one, one) for one in VISITORS], indirect=["looking"])
def test_pages_of_every_visitor_are_accessible(
    pages_by_visitor: dict[str, list[str]], visitor: str, looking: Page
) -> None:
    faults = [fault for url in pages_by_visitor[visitor] for fault in _faults(looking, url)]
    assert faults == []


def test_pages_of_the_path_are_among_those_examined(pages_by_visitor: dict[str, list[str]]) -> None:
    examined = {url for urls in pages_by_visitor.values() for url in urls}
    beginnings = ("/competitions/", "/applications/", "/reviews/", "/awards/", "/vouchers/", "/reports/", "/budget/")
    assert [start for start in beginnings if not any(url.startswith(start) for url in examined)] == []
    assert len(examined) >= 80


def _faults(page: Page, url: str) -> list[str]:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(url)
    chromium.settled(page)
    found = _asked(page, "1280 light", {})
    page.emulate_media(color_scheme="dark")
    found += _asked(page, "1280 dark", COLOURS)
    page.set_viewport_size({"width": 360, "height": 740})
    found += _asked(page, "360 dark", COLOURS)
    page.emulate_media(color_scheme="light")
    found += _asked(page, "360 light", {})
    page.set_viewport_size({"width": SMALLEST["width"], "height": SMALLEST["height"]})
    for _moment in range(20):  # charts follow the window a moment later
        if not chromium.sideways_scroll(page):
            break
        page.wait_for_timeout(100)
    else:
        found.append(f"320: wider than the window by {chromium.sideways_scroll(page)} px")
    return [f"{url} {fault}" for fault in found]


def _asked(page: Page, look: str, options: dict[str, Any]) -> list[str]:
    return [f"{look}: {fault}" for fault in chromium.axe_violations(page, options)]
