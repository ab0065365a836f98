"""The whole form filled in and sent with nothing but a keyboard, on a screen 320 pixels wide, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, FileChooser, Page, expect

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState
from tests.support.applications import PDF, complete_answers, draft_application, new_head
from tests.support.browser import axe_violations, settled, sideways_scroll, until
from tests.support.calls import Call
from tests.support.forms import extended_call
from tests.support.time import FrozenClock
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

SMALL: Any = {"width": 320, "height": 640}
MOST_TABS = 200
TYPED: dict[str, str] = {
    **{name: text for name, text in complete_answers().items() if isinstance(text, str)},
    **{
        f"{group}-{number}-{cell}": str(text)
        for group, rows in complete_answers().items()
        if isinstance(rows, list)
        for number, row in enumerate(rows)
        for cell, text in row.items()
        if text != ""
    },
    "rows-0-category": "services",
    "rows-0-item": "Тренерки",
    "rows-0-unit": "послуга",
    "rows-0-qty": "1",
    "rows-0-price": "30 000",
    "rows-0-city": "30 000",
    "rows-1-category": "materials",
    "rows-1-item": "Папір",
    "rows-1-unit": "набір",
    "rows-1-qty": "1",
    "rows-1-price": "10 000",
    "rows-1-own_cash": "10 000",
}
WORDS = {
    "uk": {"html": "uk", "start": "Подання заявки", "next": "Зберегти й продовжити", "sent": "подано"},
    "en": {"html": "en", "start": "Start an application", "next": "Save and continue", "sent": "submitted"},
}


class Keyboard:
    """A person without a mouse: Tab, Enter, Space, arrows and letters."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialogues: list[FileChooser] = []
        # Asked for from the first moment: a key can overtake the browser's turning to tell of dialogues.
        page.on("filechooser", lambda dialogue: self.dialogues.append(dialogue))

    def focus(self) -> dict[str, Any]:
        """What has the focus now."""
        found: dict[str, Any] = self.page.evaluate(
            """() => { const one = document.activeElement; return {
                tag: one.tagName, type: one.type || '', name: one.name || '', id: one.id || '', value: one.value || '',
                checked: !!one.checked, href: one.getAttribute('href') || '', isMain: one.matches('main *'),
                options: one.options ? [...one.options].map((option) => option.value) : [] } }"""
        )
        return found

    def walk(self) -> Iterator[dict[str, Any]]:
        """From one stop of Tab to the next."""
        for _press in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            yield self.focus()
        raise AssertionError("Tab never came to where the work goes on")

    def go_to(self, address: str) -> None:
        """Tab to the link of the page and follow it."""
        for stop in self.walk():
            if stop["tag"] == "A" and stop["href"].split("#")[0].endswith(address):
                break
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press_main(self) -> None:
        """Fill in what comes on the way to the main button, then press it."""
        for stop in self.walk():
            if stop["tag"] == "BUTTON" and stop["type"] == "submit" and not stop["name"] and stop["isMain"]:
                break
            self.fill(stop)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def fill(self, stop: dict[str, Any]) -> None:
        """Type the answer of this control, if there is one and it is not there yet."""
        text = TYPED.get(stop["name"], "")
        if stop["type"] == "checkbox" and stop["name"].startswith("declare_") and not stop["checked"]:
            self.page.keyboard.press("Space")
        elif stop["type"] == "radio" and text:
            self.choose(stop["name"], text)
        elif stop["tag"] == "SELECT" and text:
            for _step in range(stop["options"].index(text)):
                self.page.keyboard.press("ArrowDown")
        elif stop["type"] == "date" and text:
            self.type_day(stop["id"], text)
        elif text and not stop["value"]:
            self.page.keyboard.type(text)

    def choose(self, name: str, value: str) -> None:
        """Arrows within a group of radios."""
        self.page.keyboard.press("Space")
        for _step in range(10):
            now = self.focus()
            if now["name"] == name and now["value"] == value and now["checked"]:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name}: no {value}")

    def type_day(self, place: str, day: str) -> None:
        """Digits, in whichever order this browser asks for them; nothing is clicked."""
        year, month, date = day.split("-")
        for digits in (date + month + year, month + date + year):
            self.page.keyboard.type(digits)
            if self.page.locator(f"#{place}").input_value() == day:
                break
            for _part in range(2):
                self.page.keyboard.press("ArrowLeft")
        # Each part of a day is a stop of its own: the last one has the focus now.
        assert self.page.locator(f"#{place}").input_value() == day


def _attach(keyboard: Keyboard, page: Page, folder: Path) -> None:
    """A file by its dialogue, which the keyboard opens."""
    paper = folder / "decision.pdf"
    paper.write_bytes(PDF)
    for stop in keyboard.walk():
        if stop["name"] == "kind" and stop["tag"] == "SELECT":
            while page.evaluate("document.activeElement.value") != "decision":
                page.keyboard.press("ArrowDown")
        if stop["id"] == "file" or stop["name"] == "file":
            break
    page.keyboard.press("Space")
    until(page, lambda: len(keyboard.dialogues), 1)
    keyboard.dialogues[0].set_files(paper)
    for stop in keyboard.walk():
        if stop["tag"] == "BUTTON" and stop["type"] == "submit" and stop["isMain"]:
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-uploads-attached]")).to_contain_text("decision.pdf")


@pytest.mark.parametrize("lang", ["uk", "en"])
def test_form_is_filled_and_sent_by_keyboard_at_320_pixels(
    app: Flask, call: Call, chromium_browser: Browser, live_server: str, tmp_path: Path, lang: str
) -> None:
    head, words = new_head(), WORDS[lang]
    with unit_of_work():
        db.session.get_one(User, head.id).lang = lang
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=SMALL) as context:
        context.set_default_timeout(20_000)
        enter(app, context, live_server, head)
        page = context.new_page()
        keyboard = Keyboard(page)
        page.goto(f"/applications/start/{call.competition.code}")
        expect(page.locator("html")).to_have_attribute("lang", words["html"])
        settled(page)
        keyboard.press_main()
        db.session.rollback()  # what the test had read before is read again
        application = db.session.scalars(sa.select(Application)).one()
        home = f"/applications/{application.key}"
        keyboard.go_to("/sections/organisation")
        for _page in range(20):
            settled(page)
            assert sideways_scroll(page) == 0, page.url
            where = page.url.removeprefix(live_server).split("#")[0].split("?")[0]
            if where == home:
                # The budget leads back to the list: from there one goes on.
                done = "files" if queries.attachments_of(application) else None
                db.session.rollback()
                answers = queries.answers_of(application)
                keyboard.go_to("/check" if done else "/sections/other-funding" if "other_public_funding" not in answers
                               else "/files")  # fmt: skip
            elif where.endswith("/files"):
                _attach(keyboard, page, tmp_path)
                db.session.rollback()
                keyboard.go_to(home)
            elif where.endswith("/check"):
                break
            else:
                if "/sections/" in where:
                    expect(page.get_by_role("button", name=words["next"])).to_be_visible()
                keyboard.press_main()
            db.session.rollback()
        keyboard.press_main()
        page.wait_for_url("**/receipt")
        assert sideways_scroll(page) == 0
    db.session.rollback()
    db.session.expire_all()
    assert application.state == ApplicationState.SUBMITTED
    stored = queries.answers_of(application)
    # Everything as it was typed; contact data came from the profile.
    expected = {
        name: value for name, value in complete_answers().items() if not name.startswith(("contact_", "govern"))
    }
    assert {name: stored.get(name) for name in expected} == expected


PAGES = ("", "/sections/organisation", "/sections/summary", "/sections/plan", "/sections/extra", "/sections/results",
         "/check", "/print", "/delete")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_the_form_have_no_barriers(
    app: Flask, clock: FrozenClock, chromium_browser: Browser, live_server: str, scheme: Any
) -> None:
    head = new_head()
    application = draft_application(
        extended_call().competition,
        head,
        helpers=["schools"],
        school_list="Ліцей",
        goal="",
        tasks=[{"task": "А"}, {"task": "Б"}],
    )
    with unit_of_work():
        services.save_answers(application, {"school_list": "я" * 60, "end_on": "2027-05-25"}, None, head)
    with chromium_browser.new_context(
        base_url=live_server, locale="uk-UA", color_scheme=scheme, viewport=SMALL
    ) as context:
        context.set_default_timeout(20_000)
        enter(app, context, live_server, head)
        page = context.new_page()
        for way in PAGES:
            page.goto(f"/applications/{application.key}{way}")
            settled(page)
            assert (way, axe_violations(page), sideways_scroll(page)) == (way, [], 0)
