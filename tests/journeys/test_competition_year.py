"""A whole competition year through the pages, by the right people, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from tests.journeys.conductor import Conductor
from tests.journeys.year import STEPS, Story
from tests.support import browser as chromium
from tests.support.time import FrozenClock


@pytest.fixture(params=["1280", "360"])
def conductor(
    request: pytest.FixtureRequest, app: Flask, clock: FrozenClock, chromium_browser: Browser, live_server: str
) -> Iterator[Conductor]:
    """The stage of the journey at one width; the test fails when any page was refused, broken or wider than that."""
    size = chromium.WIDE if request.param == "1280" else chromium.NARROW
    complaints = chromium.Complaints()
    with ExitStack() as stack:

        def arrive() -> BrowserContext:
            context = chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=size)
            stack.enter_context(context)
            context.set_default_timeout(20_000)
            complaints.watch(context)
            return context

        yield Conductor(app, clock, arrive)
    assert complaints == []


@pytest.mark.sqlite_only
@pytest.mark.browser
@pytest.mark.timeout(900)
def test_competition_year_through_the_pages(conductor: Conductor, tmp_path: Path) -> None:
    story = Story(tmp_path)
    for step in STEPS:
        step(conductor, story)
