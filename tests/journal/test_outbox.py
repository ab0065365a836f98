from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from flask_mailman import EmailMultiAlternatives

from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.extensions import mail
from grants_app.journal.delivery import message_of, send_waiting
from grants_app.journal.letters import compose, link_to, without_secrets
from grants_app.journal.models import Notice
from grants_app.journal.queries import TRIES, letter_counts, letter_rows
from grants_app.journal.services import SYSTEM, notify, notify_user
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role
from tests.accounts.people import enter, key, person
from tests.support.time import FrozenClock

LETTERS = {
    "thanks": {
        "uk": ("Подано: %(code)s", "Подано %(moment)s.\nСума: %(asked_kop)s. Роль: %(role)s. Стан: %(state)s."),
        "en": ("Submitted: %(code)s", "Submitted %(moment)s.\nSum: %(asked_kop)s. Role: %(role)s. State: %(state)s."),
    }
}


def write(email: str = "a@example.org", body: str = "Добрий день.\n\nhttps://example.org/x") -> Notice:
    with unit_of_work():
        return notify(email=email, template="t", subject="Тема", body=body, thing="application", code="2027-X")


def state_of(notice: Notice) -> tuple[bool, int, str | None]:
    db.session.rollback()
    db.session.refresh(notice)
    return notice.sent_at is not None, notice.attempts, notice.failure


class Receiver:
    """An SMTP server that keeps what it gets, and answers as told."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.answers: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # the protocol's name
        self.got.append(envelope.content)
        return self.answers.pop(0) if self.answers else "250 OK"


@contextmanager
def smtp(app: Flask) -> Iterator[Receiver]:
    """Letters of the application go to a real SMTP server of this test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    receiver = Receiver()
    controller = Controller(receiver, hostname="127.0.0.1", port=port)
    controller.start()
    before = app.extensions["mailman"]
    settings = {"MAIL_BACKEND": "smtp", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port, "MAIL_TIMEOUT": 5}
    kept = {name: app.config.get(name) for name in settings}
    app.config.update(settings)
    testing, app.testing = app.testing, False
    mail.init_app(app)
    app.testing = testing
    try:
        yield receiver
    finally:
        app.config.update(kept)
        app.extensions["mailman"] = before
        mail.state = before
        controller.stop()


def test_letter_goes_out_over_smtp_as_it_was_written(app: Flask) -> None:
    notice = write()
    with smtp(app) as receiver:
        assert send_waiting() == 1
        assert send_waiting() == 0
    [raw] = receiver.got
    message = message_from_bytes(raw, policy=default)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert (message["Message-ID"], message["To"], message["Subject"]) == (notice.message_id, "a@example.org", "Тема")
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "uk")
    assert plain is not None
    assert page is not None
    assert plain.get_content().startswith("Добрий день.")
    assert '<a href="https://example.org/x">https://example.org/x</a>' in page.get_content()
    assert state_of(notice) == (True, 1, None)


def test_letter_refused_for_now_tried_again_under_the_same_id(app: Flask, clock: FrozenClock) -> None:
    notice = write()
    with smtp(app) as receiver:
        receiver.answers = ["451 later"]
        assert send_waiting() == 0
        sent, attempts, failure = state_of(notice)
        assert (sent, attempts) == (False, 1)
        assert "451" in str(failure)
        assert send_waiting() == 0  # the pause has not passed
        clock.forward(minutes=1)
        assert send_waiting() == 1
    ids = [message_from_bytes(raw, policy=default)["Message-ID"] for raw in receiver.got]
    assert ids == [notice.message_id] * 2
    assert state_of(notice) == (True, 2, None)


def test_letter_refused_for_good_waits_for_a_person(app: Flask, clock: FrozenClock) -> None:
    notice = write()
    with smtp(app) as receiver:
        receiver.answers = ["550 no such mailbox"]
        assert send_waiting() == 0
        clock.forward(days=30)
        assert send_waiting() == 0
    assert (len(receiver.got), state_of(notice)[1]) == (1, TRIES)
    assert {state: count for state, count in letter_counts(SYSTEM).items() if count} == {"stopped": 1}


def test_worker_killed_between_sending_and_marking_sends_the_same_letter_again(app: Flask, clock: FrozenClock) -> None:
    notice = write()
    with smtp(app) as receiver:
        sending = EmailMultiAlternatives.send

        def killed(self: EmailMultiAlternatives, *args: object) -> int:
            sending(self, *args)
            raise KeyboardInterrupt  # the process ends: no handler of ours sees it

        EmailMultiAlternatives.send = killed
        try:
            with pytest.raises(KeyboardInterrupt):
                send_waiting()
        finally:
            EmailMultiAlternatives.send = sending
        assert state_of(notice) == (False, 1, None)
        assert send_waiting() == 0
        clock.forward(minutes=3)
        assert send_waiting() == 1
    ids = [message_from_bytes(raw, policy=default)["Message-ID"] for raw in receiver.got]
    assert ids == [notice.message_id] * 2


def test_letter_of_a_rolled_back_unit_never_goes(app: Flask) -> None:
    with pytest.raises(ValueError, match="stop"), unit_of_work():
        notify(email="a@example.org", template="t", subject="s", body="b", thing="x", code="1")
        raise ValueError("stop")
    assert send_waiting() == 0


def test_subject_cannot_add_headers(app: Flask) -> None:
    message = message_of("a@example.org", "Тема\nBcc: b@example.org", "x", lang="uk", message_id="<1@x>")
    assert message_from_bytes(message.message().as_bytes(), policy=default)["Bcc"] is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("lang", "subject", "body"),
    [
        ("uk", "Подано: 2027-X", "Подано 2 березня 2027 року, 16:05.\nСума: 148\u00a0000\u00a0грн."),
        (
            "en",
            "Submitted: 2027-X",
            "Submitted 2 March 2027, 16:05.\nSum: UAH\u00a0148,000. Role: Expert. State: Draft.",
        ),
    ],
)
def test_letter_in_the_language_of_its_reader(
    app: Flask, clock: FrozenClock, lang: str, subject: str, body: str
) -> None:
    user = person("u@example.org")
    user.lang = lang
    facts = {
        "code": "2027-X",
        "moment": clock.at("2027-03-02 16:05"),
        "asked_kop": 14_800_000,
        "role": Role.EXPERT,
        "state": ApplicationState.DRAFT,
    }
    with unit_of_work():
        fresh = db.session.merge(user)
        fresh.lang = lang
        notice = notify_user(fresh, LETTERS, "thanks", facts=facts, thing="application", code="2027-X")
    assert (notice.subject, notice.body.startswith(body), notice.recipient_id) == (subject, True, user.id)


@pytest.mark.sqlite_only
def test_letter_with_a_missing_fact_is_a_bug(app: Flask) -> None:
    with pytest.raises(KeyError):
        compose(LETTERS, "thanks", "uk", {"code": "2027-X"})


def test_links_that_open_an_account_shown_to_nobody_else(app: Flask, client: FlaskClient) -> None:
    secret = link_to("/accounts/new-password/abcDEF-_123")
    assert without_secrets(f"x {secret} y").endswith("/accounts/new-password/… y")
    notice = write(body=f"Відкрийте\n{secret}")
    enter(client, person("s@example.org", Role.SECRETARY))
    assert "abcDEF" not in client.get(f"/journal/outbox/{notice.id}").text
    assert send_waiting() == 1
    db.session.refresh(notice)
    assert "abcDEF" not in notice.body


def test_outbox_shows_states_and_tries_again(app: Flask, client: FlaskClient) -> None:
    notice = write()
    with unit_of_work():
        stopped = db.session.get_one(Notice, notice.id)
        stopped.attempts, stopped.failure = TRIES, "SMTPRecipientsRefused: 550"
        stopped.next_try_at = product_clock.now()
    write("b@example.org")
    enter(client, person("s@example.org", Role.SECRETARY))
    assert [row.email for row in letter_rows(SYSTEM, "stopped")[0]] == ["a@example.org"]
    page = client.get("/journal/outbox?state=stopped")
    assert ("a@example.org" in page.text, "b@example.org" in page.text) == (True, False)
    assert "550" in client.get(f"/journal/outbox/{notice.id}").text
    again = client.post(f"/journal/outbox/{notice.id}/try-again", data=key())
    assert again.location == f"/journal/outbox/{notice.id}"
    assert send_waiting() == 2
    assert client.post(f"/journal/outbox/{notice.id}/try-again", data=key()).status_code == 409
    assert client.get("/journal/outbox/999").status_code == 404


@pytest.mark.sqlite_only
def test_outbox_closed_to_experts_and_read_only_for_the_auditor(app: Flask, client: FlaskClient) -> None:
    notice = write()
    enter(client, person("e@example.org", Role.EXPERT))
    assert client.get("/journal/outbox").status_code == 403
    enter(client, person("aud@example.org", Role.AUDITOR))
    assert client.get(f"/journal/outbox/{notice.id}").status_code == 200
    assert client.post(f"/journal/outbox/{notice.id}/try-again", data=key()).status_code == 403


@pytest.mark.sqlite_only
def test_letters_counted_by_sql_agree_with_states(app: Flask) -> None:
    for number in range(3):
        write(f"{number}@example.org")
    send_waiting(limit=1)
    assert {state: count for state, count in letter_counts(SYSTEM).items() if count} == {"waiting": 2, "sent": 1}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 3
