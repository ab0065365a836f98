"""The advisory pages in a real browser: charts are drawn, nothing runs off a phone, axe finds no fault."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from grants_app.accounts.models import User
from grants_app.database import db
from grants_app.journal.worker import work_off
from tests.support.browser import NARROW, WIDE, Complaints, axe_violations, settled, sideways_scroll, until
from tests.support.decisions import Bid, Case, adopt, open_decision, publish, rules_of, scored_competition
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

CODE = "2027-TST"
HAS_INK = """(canvas) => {
  const picture = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return picture.data.some((value) => value > 0)
}"""
PICTURES = os.environ.get("GRANTS_PICTURES", "")  # a folder for whoever wants to look at them


def panel() -> Case:
    smaller = {"by": "column", "column": "requested_kop", "direction": "lower"}
    bids = [
        Bid(
            f"заявка {number:02d}",
            2_000_000 + number,
            {
                "E1": str(value),
                "E2": str(min(10, value + number % 2)),
                "E3": str(value - number % 3 // 2),
                "E4": str(max(0, value - 3)),
            },
        )
        for number, value in enumerate((9, 9, 8, 8, 7, 7, 7, 6, 6, 5, 5, 4))
    ]
    rules = rules_of({"lot": 12_000_000}, pass_mark="30", tie_breaks=[smaller])
    return scored_competition(bids, rules, experts=4)


def cookie_of(app: Flask, person: User | None) -> list[dict[str, str]]:
    if person is None:
        return []
    found = next(iter((visit_as(app, person)._cookies or {}).values()))
    return [{"name": found.key, "value": found.value}]


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_advisory_pages_fit_and_draw_their_charts(
    app: Flask, clock: FrozenClock, live_server: str, chromium_browser: Browser
) -> None:
    case = panel()
    open_decision(case)
    assert work_off(app) > 0
    db.session.rollback()
    code = case.codes["заявка 05"]
    pages = {
        f"/awards/{CODE}/stability": (case.chair, 2),
        f"/reviews/{CODE}/advice": (case.secretary, 2),
        f"/awards/{CODE}/ranking": (case.chair, 0),
        f"/awards/{CODE}/applications/{code}/explanation": (case.members[0], 0),
        f"/reviews/{CODE}/conflicts/what-if": (case.chair, 0),
    }
    looked_at(app, live_server, chromium_browser, pages)
    adopt(case)
    publish(case)
    db.session.rollback()
    published = {f"/awards/{CODE}": (None, 0), f"/awards/{CODE}/applications/{code}/explanation": (None, 0)}
    looked_at(app, live_server, chromium_browser, published)


def looked_at(app: Flask, address: str, browser: Browser, pages: dict[str, tuple[User | None, int]]) -> None:
    complaints = Complaints()
    for (path, (person, charts)), (size, scheme, lang) in product(
        pages.items(), ((WIDE, "light", "uk"), (NARROW, "dark", "en"))
    ):
        look = {"viewport": size, "color_scheme": scheme, "locale": "uk-UA", "base_url": address}
        with browser.new_context(**look) as context:  # type: ignore[arg-type]
            complaints.watch(context)
            context.add_cookies([{**one, "url": address} for one in cookie_of(app, person)])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(f"{path}?lang={lang}")
            settled(page)
            canvases = page.locator("canvas[data-chart]")
            assert canvases.count() == charts, path
            for canvas in canvases.all():
                canvas.scroll_into_view_if_needed()
                # 150 is the height of a canvas that nothing was drawn on.
                expect(canvas).not_to_have_js_property("height", 150)
                until(page, lambda canvas=canvas: canvas.evaluate(HAS_INK), True)  # type: ignore[misc]
            assert sideways_scroll(page) == 0, (path, size)
            assert axe_violations(page) == [], (path, scheme)
            if PICTURES:
                name = f"{path.strip('/').replace('/', '_')}_{size['width']}_{lang}.png"
                page.screenshot(path=Path(PICTURES) / name, full_page=True)
    assert complaints == []
