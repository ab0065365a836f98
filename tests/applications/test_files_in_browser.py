"""Files in a real browser: several at once with their progress, by name; photos put in order; axe; a phone's width."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from grants_app.applications.models import Application, Attachment
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from tests.support.applications import PDF, draft_application, new_head
from tests.support.browser import axe_violations, settled
from tests.support.calls import Call
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


DROP = """(node) => {
  const data = new DataTransfer()
  data.items.add(new File(['x'], 'лист.pdf'))
  const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
  node.dispatchEvent(event)
  return event.defaultPrevented
}"""


@pytest.fixture
def draft(app: Flask, call: Call, browser_context: BrowserContext, live_server: str) -> Application:
    """A draft whose head has signed in in the browser; the call takes every way of signing."""
    with unit_of_work():
        modes = ["confirm", "second_factor", "scan", "qes"]
        db.session.execute(sa.update(Competition).values(signature_modes=modes))
    head = new_head()
    application = draft_application(call.competition, head)
    enter(app, browser_context, live_server, head)
    return application


def written(folder: Path, name: str, body: bytes) -> str:
    path = folder / name
    path.write_bytes(body)
    return str(path)


def test_several_files_sent_with_their_outcomes_by_name(draft: Application, browser_page: Page, tmp_path: Path) -> None:
    browser_page.goto(f"/applications/{draft.key}/files")
    settled(browser_page)
    files = [written(tmp_path, "лист.pdf", PDF + b"1"), written(tmp_path, "кошторис.pdf", PDF + b"2")]
    browser_page.locator("#kind").select_option("other")
    browser_page.locator("input[type=file][name=file]").set_input_files(files)
    browser_page.get_by_role("button", name="Додати", exact=True).first.click()
    expect(browser_page.locator("[data-uploads-status]")).to_have_text("Додано файлів: 2 із 2")
    # Beside the place for files nothing is dropped: the tab would open it and lose the page.
    assert browser_page.locator("h1").evaluate(DROP) is True
    assert browser_page.locator(".govuk-drop-zone").first.evaluate(DROP) is False
    expect(browser_page.locator("[data-uploads-attached]")).to_contain_text("кошторис.pdf")
    rows = browser_page.locator("[data-uploads-list] li")
    expect(rows.nth(0)).to_contain_text("лист.pdf")
    expect(rows.nth(1)).to_contain_text("Додано")
    db.session.rollback()
    names = db.session.scalars(sa.select(Attachment.file_name).order_by(Attachment.file_name)).all()
    assert names == ["кошторис.pdf", "лист.pdf", "рішення.pdf"]
    assert axe_violations(browser_page) == []


def test_photos_moved_by_keyboard_fill_the_order(draft: Application, browser_page: Page, tmp_path: Path) -> None:
    photos = []
    for number in (1, 2, 3):
        body = io.BytesIO()
        Image.new("RGB", (60, 80), "white").save(body, "JPEG")
        photos.append(written(tmp_path, f"{number}.jpg", body.getvalue()))
    browser_page.goto(f"/applications/{draft.key}/files")
    settled(browser_page)
    browser_page.locator("input[name=photos]").set_input_files(photos)
    browser_page.get_by_role("button", name=re.compile(r"Раніше ?: 3\.jpg")).press("Enter")
    expect(browser_page.locator("input[name=order]")).to_have_value("1, 3, 2")
    expect(browser_page.locator("[data-pages-status]")).to_have_text("3.jpg тепер сторінка 2")
    expect(browser_page.get_by_role("button", name=re.compile(r"Раніше ?: 3\.jpg"))).to_be_focused()
    browser_page.get_by_role("button", name="Об’єднати й додати").press("Enter")
    # Another process joins them: it must start first.
    expect(browser_page.locator("[data-uploads-attached]")).to_contain_text("1.pdf", timeout=60_000)


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_of_files_and_signing_are_clean_and_fit(draft: Application, browser_page: Page, width: int) -> None:
    assert draft.organisation is not None
    browser_page.set_viewport_size({"width": width, "height": 800})
    for path in (
        f"/applications/{draft.key}/files",
        f"/applications/{draft.key}/signing",
        f"/applications/{draft.key}/check",
        f"/accounts/organisation/{draft.organisation.edrpou}/documents",
        "/accounts/second-factor",
    ):
        browser_page.goto(path)
        settled(browser_page)
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert axe_violations(browser_page) == [], path
