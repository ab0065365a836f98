"""What a mail server says later, by mail: the letter comes back as if it had been refused at once."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core.errors import WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.bounces import read_report
from grants_app.journal.delivery import send_waiting
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.queries import undelivered_rows
from grants_app.journal.queries.failures import failure_words
from grants_app.journal.queries.sending import DIGEST
from grants_app.journal.returned import send_again
from grants_app.journal.services import SYSTEM, Actor, notify, record, try_again
from grants_app.permissions import Role
from tests.accounts.people import enter, key, person
from tests.support.time import FrozenClock

NO_MAILBOX = "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <kept@example.org>: no such user"
WHOLE = "Content-Type: message/rfc822\n\nMessage-ID: {id}\nSubject: x\n\nbody"
HEAD = "Content-Type: text/rfc822-headers\n\nReceived: from us\nMessage-ID: {id}\nSubject: x\n"


def report(message_id: str, *, action: str = "failed", why: str = NO_MAILBOX, returned: str = WHOLE) -> bytes:
    """A report as mail servers write it."""
    return f"""From: MAILER-DAEMON@relay.example.org
To: noreply@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

Лист не дійшов.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.org

Final-Recipient: rfc822; kept@example.org
Action: {action}
{why}

--B
{returned.format(id=message_id)}
--B--
""".encode()


def sent_letter(by: Actor = SYSTEM, body: str = "Добрий день.") -> Notice:
    """A letter that the mail server has taken."""
    with unit_of_work():
        notice = notify(email="kept@example.org", template="t", subject="Тема", body=body, thing="award", code="2027-X")
        record(thing="award", code="2027-X", step="approve", by=by)
    assert send_waiting() == 1
    return notice


def piped(app: Flask, raw: bytes) -> tuple[int, str]:
    """The command with the report on its standard input."""
    done = app.test_cli_runner().invoke(args=["letters", "bounced"], input=raw)
    db.session.rollback()
    return done.exit_code, done.output.strip()


def test_returned_letter_stands_on_the_page_of_its_sender_and_goes_again(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    organizer = person("o@example.org", Role.ORGANIZER)
    notice = sent_letter(organizer)
    left_at = notice.sent_at
    assert left_at is not None
    raw = report(notice.message_id)
    assert piped(app, raw) == (0, f"Letter {notice.id} came back to whoever caused it.")
    assert piped(app, raw) == (0, "The letter is known to be undelivered already.")
    assert [(row.id, row.failure_words) for row in undelivered_rows(organizer)] == [
        (notice.id, "There is no such mailbox: check the address")
    ]
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(thing="letter", step="bounce")).one()
    assert json.loads(entry.body)["facts"] == {"sent_at": left_at.isoformat()}
    enter(client, organizer)
    form = key() | {"email": "right@example.org"}
    assert client.post(f"/journal/undelivered/{notice.id}", data=form).location == "/journal/undelivered"
    assert send_waiting() == 1
    db.session.refresh(notice)
    assert (notice.email, notice.failure, undelivered_rows(organizer)) == ("right@example.org", None, [])
    assert piped(app, raw) == (0, "No letter of this installation has that Message-ID.")  # it is about the old address


@pytest.mark.parametrize("returned", [WHOLE, HEAD])
def test_letter_found_whole_or_by_its_head(app: Flask, returned: str) -> None:
    notice = sent_letter()
    assert piped(app, report(notice.message_id, returned=returned))[0] == 0
    assert db.session.get_one(Notice, notice.id).sent_at is None


def test_foreign_letter_changes_nothing(app: Flask) -> None:
    notice = sent_letter()
    assert piped(app, report("<other@example.org>")) == (0, "No letter of this installation has that Message-ID.")
    assert db.session.get_one(Notice, notice.id).sent_at is not None


@pytest.mark.parametrize(
    "change", [{"action": "delayed"}, {"action": "relayed"}, {"returned": "Content-Type: text/plain\n\n{id}"}]
)
def test_delay_or_report_without_its_letter_refused(app: Flask, change: dict[str, str]) -> None:
    notice = sent_letter()
    code, words = piped(app, report(notice.message_id, **change))
    assert (code, words) == (1, "Error: This is no report of a failed delivery (RFC 3464) that names a letter.")
    assert db.session.get_one(Notice, notice.id).sent_at is not None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe" * 50,
        b"Content-Type: multipart/report; boundary=B\n\n--B",
        b"Content-Type: message/delivery-status\n\nAction: failed",
        b"Content-Type: text/rfc822-headers; charset=none\nContent-Transfer-Encoding: base64\n\n====",
        b"Message-ID: <a@b>\nSubject: out of office\n\nback on Monday",
        *(report(broken) for broken in ("<", "<@", "<a@[", "(" * 5_000, "=?utf-7?q?+2AA-?=")),
        report("<a@b>", why="Diagnostic-Code: =?utf-7?q?+2AA-?="),
        report("<a@b>").replace(b"multipart/report;", b"(" * 5_000),
        b"Content-Type: message/rfc822\n\n" * 3_000,
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (one, one) for one in range(2_000)),
    ],
)
def test_other_mail_is_no_report(raw: bytes) -> None:
    assert read_report(raw) is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("why", "words"),
    [
        (NO_MAILBOX, "There is no such mailbox: check the address"),
        ("Status: 5.2.2", "The mailbox is full: try again later or ask for another address"),
        (
            "Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.2 host",
            "There is no such mail domain: check the address after @",
        ),
        ("Status: 4.4.1", "The receiver’s mail server does not answer: try again later"),
        ("X-Odd: yes", "There is no such mailbox, or it takes no letters: check the address"),
    ],
)
def test_reasons_of_reports_in_words(why: str, words: str) -> None:
    found = read_report(report("<a@b>", why=why))
    assert found is not None
    assert (found.message_id, failure_words(found.failure)) == ("<a@b>", words)


def test_letter_of_the_day_comes_back_as_its_letters(app: Flask) -> None:
    organizer = person("o@example.org", Role.ORGANIZER)
    with unit_of_work():
        inside = notify(email="kept@example.org", template="t", subject="Тема", body="x", thing="award", code="2027-X")
        record(thing="award", code="2027-X", step="approve", by=organizer)
    with unit_of_work():
        digest = notify(email="kept@example.org", template=DIGEST, subject="Д", body="x", thing="digest", code="1")
        db.session.flush()
        db.session.get_one(Notice, inside.id).digest_id = digest.id
    assert send_waiting() == 1
    assert db.session.get_one(Notice, inside.id).sent_at is not None
    assert piped(app, report(digest.message_id))[0] == 0
    assert [row.id for row in undelivered_rows(organizer)] == [inside.id]
    assert db.session.get_one(Notice, digest.id).withdrawn_at is not None


@pytest.mark.parametrize(
    "body", ["https://grants.example.org/accounts/new-password/abcDEF-_123", "Код: 7KQ4-7KQ4-7KQ4-7KQS"]
)
def test_letter_whose_link_is_gone_does_not_go_again_as_it_is(app: Flask, client: FlaskClient, body: str) -> None:
    """After sending its personal end is not kept: a second letter would open nothing."""
    secretary = person("s@example.org", Role.SECRETARY)
    notice = sent_letter(secretary, body)
    if "…" not in notice.body and "····" not in notice.body:
        pytest.fail("the letter still holds what opens something")
    piped(app, report(notice.message_id))
    found = db.session.get_one(Notice, notice.id)
    with pytest.raises(WrongState, match="new letter"), unit_of_work():
        send_again(found, by=secretary)
    with pytest.raises(WrongState, match="new letter"), unit_of_work():
        try_again(db.session.get_one(Notice, notice.id), by=secretary)
    enter(client, secretary)
    page = client.get(f"/journal/undelivered/{notice.id}?lang=en").text
    assert ("take the step again" in page, "Send again" in page) == (True, False)
    assert "take the step again" in client.get(f"/journal/outbox/{notice.id}?lang=en").text
