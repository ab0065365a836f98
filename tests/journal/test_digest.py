"""Unhurried letters go together, once a day at eight, to those who want it so; urgent ones never wait."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.journal.delivery import send_waiting
from grants_app.journal.digest import gather_digests, last_hour
from grants_app.journal.models import Notice
from grants_app.journal.queries import TRIES, letter_rows
from grants_app.journal.queries.sending import DIGEST
from grants_app.journal.registry import letter_kind, unhurried
from grants_app.journal.services import SYSTEM, held_batch, notify
from grants_app.permissions import Role
from tests.accounts.people import enter, key, person
from tests.support.time import FrozenClock

LINK = "https://grants.example.org/accounts/profile"


@pytest.fixture
def reader(app: Flask, clock: FrozenClock) -> User:
    """Somebody who reads letters in English once a day."""
    user = person("daily@example.org")
    with unit_of_work():
        db.session.merge(user).letters_by = "daily"
        db.session.merge(user).lang = "en"
    return user


def write(user: User, template: str = "application_admitted", subject: str = "Тема") -> Notice:
    with unit_of_work():
        return notify(
            email=user.email, template=template, subject=subject, body=f"Текст: {subject}", thing="award",
            code="2027-X", recipient_id=user.id, lang=user.lang,
        )  # fmt: skip


def outbox() -> list[tuple[str, str, bool]]:
    """Template, subject and whether it went, in the order of writing."""
    db.session.rollback()
    rows = db.session.execute(sa.select(Notice.template, Notice.subject, Notice.sent_at).order_by(Notice.id))
    return [(row.template, row.subject, row.sent_at is not None) for row in rows]


def test_unhurried_letters_wait_for_eight_and_go_as_one(app: Flask, clock: FrozenClock, reader: User) -> None:
    write(reader, subject="Перший")
    write(reader, "application_rejected", subject="Строк")
    write(reader, subject="Другий")
    assert send_waiting() == 1  # the one with a term
    clock.at("2027-03-02 07:59")
    assert (gather_digests(LINK), send_waiting()) == (0, 0)
    clock.at("2027-03-02 08:00")
    assert gather_digests(LINK) == 1
    assert gather_digests(LINK) == 0
    assert send_waiting() == 1
    assert [row for row in outbox() if row[0] == DIGEST] == [(DIGEST, "Letters of the day: 2", True)]
    assert all(sent for _template, _subject, sent in outbox())
    body = db.session.scalars(sa.select(Notice.body).filter_by(template=DIGEST)).one()
    assert [text in body for text in ("Перший", "Другий", "Строк", LINK)] == [True, True, False, True]


def test_one_letter_of_the_day_a_day(app: Flask, clock: FrozenClock, reader: User) -> None:
    write(reader, subject="Перший")
    clock.at("2027-03-02 08:00")
    assert gather_digests(LINK) == 1
    write(reader, subject="Пізніший")
    clock.at("2027-03-02 12:00")
    assert gather_digests(LINK) == 0
    clock.at("2027-03-03 08:00")
    assert gather_digests(LINK) == 1


def test_held_letter_stays_out_of_the_letter_of_the_day(app: Flask, clock: FrozenClock, reader: User) -> None:
    with unit_of_work(), held_batch("Publish the results", None, SYSTEM):
        notify(
            email=reader.email, template="application_admitted", subject="s", body="b", thing="award", code="x",
            recipient_id=reader.id,
        )  # fmt: skip
    clock.at("2027-03-02 08:00")
    assert gather_digests(LINK) == 0


def test_back_to_letters_at_once_frees_what_waits(app: Flask, clock: FrozenClock, reader: User) -> None:
    write(reader)
    assert send_waiting() == 0
    with unit_of_work():
        db.session.merge(reader).letters_by = "at_once"
    assert send_waiting() == 1


def test_letter_of_the_day_that_fails_comes_back_letter_by_letter(app: Flask, clock: FrozenClock, reader: User) -> None:
    first = write(reader)
    clock.at("2027-03-02 08:00")
    gather_digests(LINK)
    with unit_of_work():
        db.session.execute(sa.update(Notice).where(Notice.template == DIGEST).values(attempts=TRIES - 1, email="bad\n"))
    assert send_waiting() == 0
    db.session.refresh(first)
    assert (first.digest_id, first.attempts, first.failure is not None) == (None, TRIES, True)
    assert gather_digests(LINK) == 0


def test_letter_of_the_day_stands_on_no_list_of_staff(app: Flask, clock: FrozenClock, reader: User) -> None:
    """It holds words of letters that are sealed or withheld one by one."""
    write(reader, subject="Перший")
    clock.at("2027-03-02 08:00")
    gather_digests(LINK)
    rows, total = letter_rows(person("s@example.org", Role.SECRETARY))
    assert ([row.subject for row in rows], total) == (["Перший"], 1)


def test_eight_in_the_morning_on_the_days_the_clock_is_changed(app: Flask, clock: FrozenClock) -> None:
    assert last_hour(clock.at("2027-03-28 09:00")) == clock.at("2027-03-28 08:00")
    assert last_hour(clock.at("2027-03-28 07:00")) == clock.at("2027-03-27 08:00")
    assert last_hour(clock.at("2027-10-31 07:00")) == clock.at("2027-10-30 08:00")


@pytest.mark.sqlite_only
def test_terms_security_and_votes_never_wait(app: Flask) -> None:
    waiting = set(unhurried())
    always = {
        "new_password", "confirm_address", "password_changed", "second_factor_off", "application_returned",
        "application_rejected", "award_full", "award_refused", "meeting_planned", "review_opened",
        "competition_prolonged", "competition_cancelled", "draft_reminder_3h", "panel_invitation",
    }  # fmt: skip
    assert all(letter_kind(name) is not None for name in always)
    assert always & waiting == set()
    assert {"application_admitted", "draft_reminder"} <= waiting


def test_choice_stands_in_the_profile(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("p@example.org")
    enter(client, user)
    page = client.get("/accounts/profile?lang=en").text
    assert "Letters of the procedure cannot be switched off" in page
    form = key() | {"full_name": "Тестова Людина", "phone": "", "lang": "uk"}
    assert client.post("/accounts/profile", data=form | {"letters_by": "daily"}).status_code == 302
    db.session.rollback()
    assert db.session.get_one(User, user.id).letters_by == "daily"
    assert client.post("/accounts/profile", data=form | key() | {"letters_by": "never"}).status_code == 422
    assert client.post("/accounts/profile", data=form | key()).status_code == 302
    db.session.rollback()
    assert db.session.get_one(User, user.id).letters_by == "daily"
