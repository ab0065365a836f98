"""An expert at a browser: signed in, with an application open to score, and what the database holds of the sheet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from grants_app.accounts import services as accounts
from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.reviews.models import Assignment
from tests.support.browser import FLAGS, chromium, settled, until
from tests.support.panel import Panel
from tests.support.visitors import visit_as

PASSWORD = "кінь акумулятор скріпка 7"


def give_password(person: User, password: str = PASSWORD) -> None:
    """Let the person sign in by password."""
    stored = accounts.hashed(password)
    with unit_of_work():
        db.session.get_one(User, person.id).password = stored


def enter(app: Flask, context: BrowserContext, address: str, person: User) -> None:
    """Put the person's session into a browser."""
    cookie = visit_as(app, person).get_cookie("grants_session")
    assert cookie is not None
    context.add_cookies([{"name": "grants_session", "value": cookie.value, "url": address}])


def sheet_address(panel: Panel, number: int = 0) -> str:
    """The address of the sheet of one of the panel's applications."""
    return f"/reviews/{panel.applications[number].code}/sheet"


def open_sheet(page: Page, panel: Panel, number: int = 0) -> None:
    """Open the sheet and wait until its scripts listen."""
    page.goto(sheet_address(panel, number))
    expect(page.locator("form[data-autosave-ready]")).to_be_visible()
    settled(page)


def end_session(page: Page) -> None:
    """Take the session away; an answer that is still on its way would bring its cookie back."""
    settled(page)
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()


def reason_box(panel: Panel, place: int = 0) -> str:
    """The name of the field with the justification of a criterion."""
    return f"reason_{panel.competition.criteria[place].code}"


def stored_reason(assignment: Assignment, place: int = 0) -> str:
    """What the database holds of that justification now."""
    db.session.rollback()  # what the test had read before is read again
    db.session.expire_all()
    review = db.session.get_one(Assignment, assignment.id).review
    if review is None:
        return ""
    criterion = assignment.application.competition.criteria[place]
    return next((score.justification for score in review.scores if score.criterion_id == criterion.id), "")


@contextmanager
def profile(browser: Browser, folder: Path, address: str) -> Iterator[BrowserContext]:
    """A browser whose profile lies in that folder."""
    made = browser.browser_type.launch_persistent_context(
        str(folder),
        executable_path=chromium(),
        args=FLAGS,
        base_url=address,
        locale="uk-UA",
        viewport={"width": 1280, "height": 900},
    )
    try:
        yield made
    finally:
        made.close()


def kept_words(page: Page) -> str:
    """The answers in all copies that this browser keeps for the page's person, read as the page itself reads them."""
    found: str = page.evaluate(
        """async () => {
            const { list } = await import('/static/js/vault.js')
            const copies = await list(document.querySelector('meta[name=person]').content, 'draft ')
            return JSON.stringify(copies.map(([, copy]) => copy.values))
        }"""
    )
    return found


def keeps(page: Page, *texts: str) -> None:
    """Wait till this browser keeps these texts: only then may the page be closed, or left, without them being lost."""
    until(page, lambda: [text for text in texts if text not in kept_words(page)], [])


def kept_ids(page: Page) -> list[str]:
    """Names of the records and of the keys in the browser's store."""
    found: list[str] = page.evaluate(
        """() => new Promise((resolve) => {
            const opening = indexedDB.open('grants')
            opening.onsuccess = () => {
                const database = opening.result
                const finish = (found) => { database.close(); resolve(found) }
                if (!database.objectStoreNames.contains('records')) return finish([])
                const stores = database.transaction(['records', 'keys'])
                const records = stores.objectStore('records').getAllKeys()
                const keys = stores.objectStore('keys').getAllKeys()
                const names = () => [...keys.result.map(() => 'key'), ...records.result.map(([, id]) => id)]
                stores.oncomplete = () => finish(names().sort())
            }
        })"""
    )
    return found
