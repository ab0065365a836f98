"""The pages of the assignment in a real browser: proposed, applied, readable by everybody, wide and narrow."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, expect

from grants_app.database import unit_of_work
from grants_app.reviews import services
from tests.support.assignments import broken_rules, describe
from tests.support.browser import NARROW, WIDE, axe_violations, follow, settled, sideways_scroll
from tests.support.panel import new_panel
from tests.support.time import FrozenClock
from tests.support.typists import enter

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
    enter(app, browser_context, live_server, panel.secretary)
    page = browser_context.new_page()
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain mapping
        for address in (BOARD, f"/reviews/{panel.applications[0].code}/experts", f"{BOARD}/upload"):
            page.goto(address)
            settled(page)
            assert (address, axe_violations(page), sideways_scroll(page)) == (address, [], 0)
    page.goto(BOARD)
    follow(page, page.get_by_role("button", name="Запропонувати призначення"))
    expect(page.get_by_role("heading", name="Пропозиція розподілу")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Заповнено всі місця: 9.")
    assert (axe_violations(page), sideways_scroll(page)) == ([], 0)
    follow(page, page.get_by_role("button", name="Призначити за пропозицією"))
    expect(page.get_by_role("heading", name="Призначення експертів")).to_be_visible()
    assert broken_rules(panel.competition) == []
