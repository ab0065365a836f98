"""Letters in a real browser, wide and narrow: the list of a bulk step, the words of a letter, what came back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.journal.models import LetterTemplate, Notice
from grants_app.journal.queries import TRIES
from grants_app.journal.services import SYSTEM, held_batch, notify, record
from grants_app.permissions import Role
from tests.accounts.people import person
from tests.support.browser import faults, follow
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def write(code: str, by: User | None = None) -> Notice:
    """A letter about an award."""
    notice = notify(
        email=f"golova-{code.lower()}@example.org",
        template="award_refused",
        subject=f"Проєкт не отримав коштів: {code}",
        body=f"Проєкт «Двір для всіх» ({code}) не отримав коштів. Причина: бал нижчий за прохідний.\n\nБал: 54,50.",
        thing="award",
        code=code,
    )
    if by is not None:
        record(thing="award", code=code, step="approve", by=by)
    return notice


def test_secretary_sees_the_list_and_releases_all_but_one(app: Flask, live_server: str, browser_page: Page) -> None:
    secretary = person("s@example.org", Role.SECRETARY)
    with unit_of_work(), held_batch("Publish the results", "2027-SKP", SYSTEM):
        for code in ("2027-SKP-7KQ4", "2027-SKP-M2XD", "2027-SKP-P8RT"):
            write(code)
        write("2027-SKP-P8RT")
    page = browser_page
    enter(app, page.context, live_server, secretary)
    page.goto("/home")
    expect(page.get_by_role("link", name="4 листи чекають на відправлення", exact=True)).to_be_visible()
    found = faults(page, "home")
    follow(page, page.get_by_role("link", name="4 листи чекають на відправлення", exact=True))
    found += faults(page, "batch")
    page.get_by_role("checkbox", name="golova-2027-skp-m2xd@example.org").uncheck()
    page.get_by_role("button", name="Відправити вибрані листи").click()
    expect(page.get_by_text("Листи відправлено, вони підуть протягом хвилини")).to_be_visible()
    found += faults(page, "batch_released")
    for address, name in (("/journal/batches", "batches"), ("/journal/outbox", "outbox"), ("/journal/outbox/1", "one")):
        page.goto(address)
        found += faults(page, name)
    db.session.rollback()
    withdrawn = db.session.scalars(sa.select(Notice.thing_code).where(Notice.withdrawn_at.is_not(None))).all()
    assert (found, list(withdrawn)) == ([], ["2027-SKP-M2XD"])


def test_organizer_changes_words_and_mends_an_address(app: Flask, live_server: str, browser_page: Page) -> None:
    organizer = person("o@example.org", Role.ORGANIZER)
    with unit_of_work():
        notice = write("2027-SKP-7KQ4", organizer)
        notice.attempts, notice.failure = TRIES, "SMTPDataError: (550, b'5.1.1 no such user')"
    page = browser_page
    enter(app, page.context, live_server, organizer)
    page.goto("/journal/wordings")
    found = faults(page, "wordings")
    page.goto("/journal/wordings/application_rejected")
    page.get_by_label("Тема українською").fill("Не допущено, 25 %: {code}")
    page.get_by_role("button", name="Переглянути лист").click()
    expect(page.get_by_text("Не допущено, 25 %: 2027-SKP-7KQ4", exact=True)).to_be_visible()
    found += faults(page, "wording_preview")
    page.get_by_role("button", name="Увести текст у дію").click()
    expect(page.get_by_text("Текст діє від наступного листа")).to_be_visible()
    found += faults(page, "wording_saved")
    page.goto("/journal/undelivered")
    found += faults(page, "undelivered")
    follow(page, page.get_by_role("link", name="Проєкт не отримав коштів: 2027-SKP-7KQ4"))
    found += faults(page, "undelivered_one")
    page.get_by_label("Адреса").fill("golova@example.org")
    page.get_by_role("button", name="Надіслати ще раз").click()
    expect(page.get_by_text("Усі листи дійшли або їх ще надсилають")).to_be_visible()
    page.goto("/accounts/profile")
    found += faults(page, "profile")
    db.session.rollback()
    words = db.session.scalars(sa.select(LetterTemplate.subject)).all()
    assert (found, list(words)) == ([], ["Не допущено, 25 %: {code}"])
