"""Failures come back to whoever caused the letter, with the reason in words and a way to mend it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.accounts.services import end_role
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.delivery import send_waiting
from grants_app.journal.models import Notice
from grants_app.journal.queries import TRIES, undelivered_rows
from grants_app.journal.queries.failures import failure_words
from grants_app.journal.returned import send_again
from grants_app.journal.services import SYSTEM, Actor, notify, record
from grants_app.permissions import Role
from tests.accounts.people import enter, key, person
from tests.journal.test_outbox import smtp
from tests.support.queries import somebody_waits
from tests.support.time import FrozenClock
from tests.support.visitors import new_person


def caused(by: Actor, body: str = "Добрий день.", email: str = "wrong@example.org", thing: str = "award") -> Notice:
    """A letter that this actor wrote."""
    with unit_of_work():
        notice = notify(email=email, template="t", subject="Тема", body=body, thing=thing, code="2027-X")
        record(thing="award", code="2027-X", step="approve", by=by)
    return notice


def failed(by: Actor, body: str = "Добрий день.", thing: str = "award") -> Notice:
    """The same, given up by the worker."""
    notice = caused(by, body, thing=thing)
    with unit_of_work():
        db.session.execute(
            sa.update(Notice)
            .where(Notice.id == notice.id)
            .values(attempts=TRIES, failure="SMTPRecipientsRefused: {'x': (550, b'5.1.1 no such user')}")
        )
    return notice


def test_failure_over_smtp_comes_back_and_goes_again_to_a_corrected_address(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    organizer = person("o@example.org", Role.ORGANIZER)
    notice = caused(organizer)
    with smtp(app) as receiver:
        receiver.answers = ["550 5.1.1 no such mailbox"]
        assert send_waiting() == 0
        enter(client, organizer)
        assert "1 letter was not delivered" in client.get("/home?lang=en").text
        listed = client.get("/journal/undelivered?lang=en").text
        assert "There is no such mailbox: check the address" in listed
        address = f"/journal/undelivered/{notice.id}"
        wrong = client.post(f"{address}?lang=en", data=key() | {"email": "nobody"})
        assert (wrong.status_code, "Enter an address like name@example.org" in wrong.text) == (422, True)
        form = key() | {"email": "right@example.org"}
        assert client.post(address, data=form).location == "/journal/undelivered"
        assert client.post(address, data=form).status_code in {302, 404}
        assert send_waiting() == 1
    db.session.refresh(notice)
    assert (notice.email, notice.failure, len(receiver.got)) == ("right@example.org", None, 2)
    assert "not delivered" not in client.get("/home?lang=en").text


def test_failure_shown_to_its_sender_and_to_no_other_person(app: Flask, client: FlaskClient) -> None:
    one, other = person("a@example.org", Role.ORGANIZER), person("b@example.org", Role.ORGANIZER)
    notice = failed(one)
    clockwork = failed(SYSTEM)
    secretary = person("s@example.org", Role.SECRETARY)
    shown = {user.email: [row.id for row in undelivered_rows(user)] for user in (one, other, secretary)}
    assert shown == {"a@example.org": [notice.id], "b@example.org": [], "s@example.org": [clockwork.id]}
    for user, status in ((one, 200), (other, 404), (secretary, 404), (person("x@example.org"), 404)):
        enter(client, user)
        assert client.get(f"/journal/undelivered/{notice.id}").status_code == status
        if status == 404:
            assert client.post(f"/journal/undelivered/{notice.id}", data=key()).status_code == 404


def test_letter_to_a_stranger_comes_back_to_the_city_and_shows_no_address_to_its_cause(
    app: Flask, client: FlaskClient
) -> None:
    """An expert opens a discussion, another expert's mailbox is full: the first learns no address of the second."""
    expert, head = person("e@example.org", Role.EXPERT), person("h@example.org")
    secretary, organizer = person("s@example.org", Role.SECRETARY), person("o@example.org", Role.ORGANIZER)
    discussion, award = failed(expert, thing="discussion"), failed(head)
    colleague = failed(head, thing="invitation")
    shown = {one.email: [row.id for row in undelivered_rows(one)] for one in (expert, head, secretary, organizer)}
    assert shown == {
        "e@example.org": [],
        "h@example.org": [colleague.id],
        "s@example.org": [award.id, discussion.id],
        "o@example.org": [],
    }
    enter(client, expert)
    assert client.get(f"/journal/undelivered/{discussion.id}").status_code == 404
    assert "experts caused" not in client.get("/journal/undelivered?lang=en").text
    enter(client, secretary)
    assert "experts caused" in client.get("/journal/undelivered?lang=en").text


def test_letter_of_somebody_who_left_the_office_comes_back_to_the_secretary(app: Flask) -> None:
    organizer, secretary = person("o@example.org", Role.ORGANIZER), person("s@example.org", Role.SECRETARY)
    notice = failed(organizer)
    assert undelivered_rows(secretary) == []
    with unit_of_work():
        end_role(organizer, Role.ORGANIZER, by=SYSTEM)
    assert [row.id for row in undelivered_rows(secretary)] == [notice.id]
    assert undelivered_rows(organizer) == []


def test_letter_that_opens_an_account_goes_to_no_other_address(app: Flask) -> None:
    """A redirected link would be somebody else's account."""
    organizer = person("o@example.org", Role.ORGANIZER)
    for link in ("/accounts/new-password/abcDEF-_123", "/accounts/invitations/abc", "/reviews/invitations/abc"):
        notice = failed(organizer, f"Відкрийте https://grants.example.org{link}")
        with pytest.raises(NotAllowed), unit_of_work():
            send_again(db.session.get_one(Notice, notice.id), email="thief@example.org", by=organizer)
        assert db.session.get_one(Notice, notice.id).email == "wrong@example.org"


def test_address_changed_by_the_citys_people_alone(app: Flask) -> None:
    applicant = person("h@example.org")
    notice = failed(applicant)
    with pytest.raises(NotAllowed), unit_of_work():
        send_again(db.session.get_one(Notice, notice.id), email="other@example.org", by=applicant)
    with unit_of_work():
        send_again(db.session.get_one(Notice, notice.id), by=applicant)
    assert send_waiting() == 1


@pytest.mark.parametrize(
    "address", ["a@b", "a b@example.org", "a@example.org\nBcc: x@example.org", "a@example.org,b@example.org", "x" * 300]
)
def test_wrong_address_refused(app: Flask, address: str) -> None:
    organizer = person("o@example.org", Role.ORGANIZER)
    notice = failed(organizer)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        send_again(db.session.get_one(Notice, notice.id), email=address, by=organizer)
    assert caught.value.field == "email"


def test_letter_that_went_meanwhile_is_not_sent_again(app: Flask) -> None:
    organizer = person("o@example.org", Role.ORGANIZER)
    notice = caused(organizer)
    assert send_waiting() == 1
    with pytest.raises(WrongState), unit_of_work():
        send_again(db.session.get_one(Notice, notice.id), by=organizer)


def test_cause_is_who_acted_in_the_unit(app: Flask) -> None:
    user: User = person("o@example.org", Role.ORGANIZER)
    assert caused(user).caused_by_id == user.id
    assert caused(SYSTEM).caused_by_id is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("", ""),
        (
            "SMTPRecipientsRefused: {'a@b': (550, b'5.1.1 <a@b>')}",
            "There is no such mailbox: check the address",
        ),
        (
            "SMTPDataError: (552, b'5.2.2 quota')",
            "The mailbox is full: try again later or ask for another address",
        ),
        ("SMTPDataError: (451, b'greylisted')", "The mail server asks to come later: the letter is tried again"),
        ("TimeoutError: timed out", "The mail server does not answer: the letter is tried again"),
        ("ConnectionRefusedError: [Errno 111] refused", "The mail server cannot be reached"),
        ("SMTPDataError: (599, b'odd')", "The mail server refused the letter: its words are below"),
    ],
)
def test_answers_of_mail_servers_in_words(app: Flask, failure: str, words: str) -> None:
    assert failure_words(failure) == words


@pytest.mark.postgres_only
def test_two_who_send_it_again_elsewhere_at_once_do_not_overwrite_each_other(app: Flask) -> None:
    """The second learns that it is on its way: an address that was typed is not lost without a word."""
    organizer = new_person(Role.ORGANIZER)
    letter, person_id, is_sent = failed(organizer).id, organizer.id, Event()

    def send() -> None:
        with app.app_context(), unit_of_work():
            found, first = db.session.get_one(Notice, letter), db.session.get_one(User, person_id)
            send_again(found, email="first@example.org", by=first)
            db.session.flush()
            is_sent.set()
            assert somebody_waits()

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(send)
        assert is_sent.wait(timeout=30)
        with pytest.raises(NotFound), unit_of_work():
            send_again(db.session.get_one(Notice, letter), email="second@example.org", by=organizer)
        done.result(timeout=60)
    db.session.rollback()
    assert db.session.get_one(Notice, letter).email == "first@example.org"
