"""The pages of the assignment in a real browser: proposed, applied, readable by everybody, wide and narrow."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from grants_app.accounts.models import User
from grants_app.database import unit_of_work
from grants_app.reviews import services
from tests.support.assignments import broken_rules, describe
from tests.support.browser import NARROW, WIDE, axe_violations, sideways_scroll
from tests.support.panel import new_panel
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

BOARD = "/reviews/2027-SKP/assignment"


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_assignment_in_a_browser(
    app: Flask, clock: FrozenClock, live_server: str, browser_context: BrowserContext
) -> None:
    panel = new_panel(clock, applications=3, experts=5)
    for expert in panel.experts[:2]:
        describe(expert, "culture", workplace="Бібліотека")
    with unit_of_work():
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)
    _sign_in(app, panel.secretary, browser_context, live_server)
    page = browser_context.new_page()
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain mapping
        for address in (BOARD, f"/reviews/{panel.applications[0].code}/experts", f"{BOARD}/upload"):
            page.goto(address)
            assert (address, axe_violations(page), sideways_scroll(page)) == (address, [], 0)
    page.goto(BOARD)
    page.get_by_role("button", name="Запропонувати призначення").click()
    page.get_by_role("heading", name="Пропозиція розподілу").wait_for()
    assert (axe_violations(page), sideways_scroll(page)) == ([], 0)
    assert "Заповнено всі місця: 9." in page.inner_text("main")
    page.get_by_role("button", name="Призначити за пропозицією").click()
    page.get_by_role("heading", name="Призначення експертів").wait_for()
    assert broken_rules(panel.competition) == []


def _sign_in(app: Flask, person: User, context: BrowserContext, address: str) -> None:
    """The browser carries on the session of a client in which the person has signed in."""
    client = visit_as(app, person)
    context.add_cookies([{"name": one.key, "value": one.value, "url": address} for one in client._cookies.values()])
