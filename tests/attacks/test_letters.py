"""What letters must not let through: other people's letters, held ones, evaluated text, added headers."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.applications.services.reminders import remind_owners
from grants_app.competitions import services as competitions
from grants_app.database import db, unit_of_work
from grants_app.journal.delivery import message_of, send_waiting
from grants_app.journal.letters import compose
from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.own_words import Typed, save_words
from grants_app.journal.registry import letter_kind
from grants_app.journal.services import SYSTEM, held_batch, notify
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Permission, Role
from tests.attacks.addresses import steady
from tests.support.applications import draft_application, new_head
from tests.support.calls import announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

NAME = "application_rejected"
EVIL = "{title.__class__.__mro__} %(reason)s %s {0} <b>x</b>\r\nBcc: victim@example.org"


def test_facts_of_applicants_are_never_evaluated_and_add_no_header(app: Flask) -> None:
    """A title is what an applicant typed; the city's words stand around it."""
    organizer = new_person(Role.ORGANIZER)
    kind = letter_kind(NAME)
    assert kind is not None
    with unit_of_work():
        words = {
            "uk": Typed("{title}", "{title} {reason} {clause} {complaint}", 0),
            "en": Typed(*kind.shipped("en"), 0),
        }
        save_words(NAME, words, by=organizer)
    facts = {**kind.examples("uk"), "title": EVIL}
    subject, body = compose({NAME: dict(kind.texts)}, NAME, "uk", facts)
    assert subject == "{title.__class__.__mro__} %(reason)s %s {0} <b>x</b> Bcc: victim@example.org"
    assert body.startswith(EVIL)
    message = message_of("a@example.org", subject, body, lang="uk", message_id="<1@x>")
    read = message_from_bytes(message.message().as_bytes(), policy=default)
    page = read.get_body(("html",))
    assert (read["Bcc"], read["To"]) == (None, "a@example.org")
    assert page is not None
    assert "<b>x</b>" not in page.get_content()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SECRETARY])
def test_nobody_but_the_secretary_releases(app: Flask, role: Role) -> None:
    """Tried at the address itself, whatever buttons the page shows; the letter stays through every worker."""
    with unit_of_work(), held_batch("Publish the results", None, SYSTEM) as batch:
        notify(email="a@example.org", template="t", subject="s", body="b", thing="award", code="x")
    code, somebody = batch.code, new_person(role)
    assert not somebody.can(Permission.OUTBOX_RELEASE)
    visitor = visit_as(app, somebody)
    for step in ("release", "withdraw"):
        answer = visitor.post(
            f"/journal/batches/{code}/{step}", data={"form_key": step, "letter": ["1"], "reason": "так"}
        )
        assert answer.status_code == 403
    db.session.rollback()
    assert db.session.scalar(sa.select(LetterBatch.state)) == LetterBatchState.HELD
    assert send_waiting() == 0


def test_forged_numbers_withdraw_no_letter_of_another_list(app: Flask) -> None:
    batches = []
    for number in range(2):
        with unit_of_work(), held_batch("Publish the results", None, SYSTEM) as batch:
            notify(email=f"{number}@example.org", template="t", subject="s", body="b", thing="award", code="x")
        batches.append(batch.code)
    mine, foreign = db.session.scalars(sa.select(Notice.id).order_by(Notice.id))
    visitor = visit_as(app, new_person(Role.SECRETARY))
    form = {"form_key": "k", "letter": [str(mine), str(foreign), "x", "-1", "9" * 30]}
    assert visitor.post(f"/journal/batches/{batches[0]}/release", data=form).status_code == 302
    db.session.rollback()
    assert db.session.get_one(Notice, foreign).withdrawn_at is None
    assert send_waiting() == 1


@pytest.mark.sqlite_only
def test_pages_of_letters_tell_of_no_sealed_bid(app: Flask, clock: FrozenClock) -> None:
    """Two worlds that differ in a draft: the pages of letters are the same, byte for byte."""
    call = announced_call()
    until = call.competition.intake_until
    assert until is not None
    people = [call.secretary, call.organizer, new_person(Role.AUDITOR)]
    head = new_head()
    clock.at("2027-03-30 12:00")
    addresses = ["/journal/outbox", "/journal/batches", "/journal/undelivered", "/home"]
    addresses += [f"/journal/outbox/{number}" for number in range(1, 4)]
    addresses += [f"/journal/wordings/{name}" for name in ("draft_reminder", "competition_prolonged")]

    def pages() -> list[bytes]:
        return [
            b"%d " % answer.status_code + steady(answer.data)
            for person in people
            for answer in [visit_as(app, person).get(address) for address in addresses]
        ]

    before = pages()
    draft_application(call.competition, head)
    clock.at("2027-03-30 12:00")
    with unit_of_work():
        db.session.execute(sa.text("UPDATE application SET created_at = '2027-03-02 10:00:00.000000'"))
    assert remind_owners() == 1
    assert pages() == before
    # The walk would see a difference: a letter that is not sealed changes the lists.
    with unit_of_work():
        competitions.cancel(db.session.merge(call.competition), by=call.organizer, reason="Немає коштів")
    assert pages() != before
