"""Letters of a bulk step leave when the secretary has seen the list, and not before."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.batches import release_batch, withdraw_batch, withdraw_with_step
from grants_app.journal.delivery import send_waiting
from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.queries import batch_letters, letter_rows
from grants_app.journal.services import SYSTEM, held_batch, notify, record
from grants_app.journal.worker import minute, work_off
from grants_app.lifecycle import ApplicationState, LetterBatchState
from grants_app.permissions import Role
from tests.accounts.people import enter, key, person, steps_of
from tests.support.queries import count_queries


def write(email: str, code: str = "2027-X", subject: str = "Тема") -> Notice:
    return notify(email=email, template="t", subject=subject, body="Добрий день.", thing="award", code=code)


def hold(*emails: str) -> LetterBatch:
    """A bulk step of the system that has written to these addresses."""
    with unit_of_work(), held_batch("Publish the results", None, SYSTEM) as batch:
        for number, email in enumerate(emails):
            write(email, code=f"2027-{number}")
    return batch


def sent() -> set[str]:
    """Addresses to which letters went."""
    db.session.rollback()
    return set(db.session.scalars(sa.select(Notice.email).where(Notice.sent_at.is_not(None))))


def test_held_letters_stay_whatever_the_worker_does(app: Flask) -> None:
    """A worker that is started anew, sweeps and works everything off finds them in the database as they are: held."""
    batch = hold("a@example.org", "b@example.org")
    assert send_waiting() == 0
    minute(app)
    work_off(app)
    assert sent() == set()
    secretary = person("s@example.org", Role.SECRETARY)
    with unit_of_work():
        release_batch(batch, by=secretary)
    assert send_waiting() == 2
    assert sent() == {"a@example.org", "b@example.org"}


def test_letters_outside_the_step_are_not_held(app: Flask) -> None:
    with unit_of_work():
        with held_batch("Publish the results", None, SYSTEM):
            write("held@example.org")
        write("free@example.org")
    assert send_waiting() == 1
    assert sent() == {"free@example.org"}


def test_step_without_letters_leaves_no_batch(app: Flask) -> None:
    with unit_of_work(), held_batch("Publish the results", None, SYSTEM):
        pass
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LetterBatch)) == 0


def test_step_inside_a_step_writes_one_list(app: Flask) -> None:
    with unit_of_work(), held_batch("Publish the results", None, SYSTEM) as outer:
        with held_batch("Open expert scoring", None, SYSTEM) as inner:
            write("a@example.org")
        write("b@example.org")
        assert inner is outer
    assert [row.email for row in batch_letters(outer, SYSTEM)] == ["a@example.org", "b@example.org"]


def test_step_that_failed_holds_nothing_and_the_next_one_is_free(app: Flask) -> None:
    with pytest.raises(ValueError, match="stop"), unit_of_work(), held_batch("Publish the results", None, SYSTEM):
        write("a@example.org")
        raise ValueError("stop")
    with unit_of_work():
        write("b@example.org")
    assert send_waiting() == 1
    assert sent() == {"b@example.org"}


def test_release_without_the_right_refused(app: Flask) -> None:
    batch = hold("a@example.org")
    for role in (Role.ORGANIZER, Role.AUDITOR, Role.CHAIR):
        somebody = person(f"{role}@example.org", role)
        with pytest.raises(NotAllowed), unit_of_work():
            release_batch(batch, by=somebody)
    with pytest.raises(NotAllowed), unit_of_work():
        release_batch(batch, by=SYSTEM)
    assert send_waiting() == 0


def test_release_leaves_out_what_was_not_ticked_for_good(app: Flask) -> None:
    batch = hold("a@example.org", "b@example.org")
    secretary = person("s@example.org", Role.SECRETARY)
    out = batch_letters(batch, secretary)[1].id
    with unit_of_work():
        release_batch(batch, left_out=[out], by=secretary)
    assert send_waiting() == 1
    assert sent() == {"a@example.org"}
    with pytest.raises(WrongState), unit_of_work():
        release_batch(batch, by=secretary)


def test_withdrawn_batch_never_leaves(app: Flask) -> None:
    batch = hold("a@example.org")
    secretary = person("s@example.org", Role.SECRETARY)
    with pytest.raises(InvalidInput), unit_of_work():
        withdraw_batch(batch, reason=" ", by=secretary)
    with unit_of_work():
        withdraw_batch(batch, reason="Помилка в переліку", by=secretary)
    with pytest.raises(WrongState), unit_of_work():
        release_batch(batch, by=secretary)
    assert send_waiting() == 0
    assert db.session.get_one(LetterBatch, batch.id).state == LetterBatchState.WITHDRAWN


def test_letters_withdrawn_with_their_step_only_while_held(app: Flask) -> None:
    undone, kept = hold("a@example.org"), hold("b@example.org")
    secretary = person("s@example.org", Role.SECRETARY)
    with unit_of_work():
        withdraw_with_step(undone, by=secretary)
        release_batch(kept, by=secretary)
    with pytest.raises(WrongState), unit_of_work():
        withdraw_with_step(kept, by=secretary)
    assert send_waiting() == 1
    assert sent() == {"b@example.org"}


def test_contradictions_are_marked(app: Flask) -> None:
    with unit_of_work(), held_batch("Publish the results", None, SYSTEM) as batch:
        write("twice@example.org", "2027-A", "Отримав кошти")
        write("twice@example.org", "2027-A", "Не отримав коштів")
        write("fine@example.org", "2027-B")
        write("moved@example.org", "2027-C")
    draft, withdrawn = ApplicationState.DRAFT, ApplicationState.WITHDRAWN
    with unit_of_work():
        record(thing="application", code="2027-C", step="withdraw", by=SYSTEM, from_state=draft, to_state=withdrawn)
    doubts = {row.email: [message for message, _facts in row.doubts] for row in batch_letters(batch, SYSTEM)}
    assert doubts == {
        "twice@example.org": ["Another letter of this list goes to the same reader about the same"],
        "fine@example.org": [],
        "moved@example.org": ["Since it was written: %(step)s"],
    }


def test_list_seen_and_released_on_its_page(app: Flask, client: FlaskClient) -> None:
    batch = hold("a@example.org", "b@example.org", "c@example.org")
    code = batch.code
    enter(client, person("s@example.org", Role.SECRETARY))
    home = client.get("/home?lang=en", follow_redirects=True).text
    assert "3 letters wait to be released" in home
    page = client.get(f"/journal/batches/{code}?lang=en").text
    numbers = re.findall(r'name="letter" type="checkbox" value="(\d+)" checked', page)
    assert len(numbers) == 3
    one = client.get(f"/journal/outbox/{numbers[0]}?lang=en").text
    assert "It waits with the other letters of its step" in one
    form = key() | {"letter": numbers[:2]}
    answer = client.post(f"/journal/batches/{code}/release", data=form)
    assert answer.location == f"/journal/batches/{code}"
    # The second press of the same button gets the answer of the first; another press is too late.
    assert client.post(f"/journal/batches/{code}/release", data=form).location == f"/journal/batches/{code}"
    assert client.post(f"/journal/batches/{code}/release", data=key() | {"letter": numbers}).status_code == 409
    assert send_waiting() == 2
    assert sent() == {"a@example.org", "b@example.org"}
    assert "wait to be released" not in client.get("/home?lang=en", follow_redirects=True).text
    assert steps_of("letter_batch", code) == ["hold", "release"]


def test_release_of_nothing_and_withdrawal_without_reason_refused_on_the_page(app: Flask, client: FlaskClient) -> None:
    code = hold("a@example.org").code
    enter(client, person("s@example.org", Role.SECRETARY))
    assert client.post(f"/journal/batches/{code}/release", data=key()).status_code == 422
    refused = client.post(f"/journal/batches/{code}/withdraw?lang=en", data=key() | {"reason": ""})
    assert (refused.status_code, "Give the reason: nobody will get these letters" in refused.text) == (422, True)
    done = client.post(f"/journal/batches/{code}/withdraw", data=key() | {"reason": "Помилка"})
    assert done.location == f"/journal/batches/{code}"
    assert send_waiting() == 0


def test_batch_pages_closed_to_others(app: Flask, client: FlaskClient) -> None:
    code = hold("a@example.org").code
    enter(client, person("aud@example.org", Role.AUDITOR))
    assert client.get(f"/journal/batches/{code}").status_code == 200
    assert client.post(f"/journal/batches/{code}/release", data=key()).status_code == 403
    enter(client, person("e@example.org", Role.EXPERT))
    assert client.get(f"/journal/batches/{code}").status_code == 403
    assert client.get("/journal/batches").status_code == 403


def test_letters_of_a_list_cost_no_questions_of_their_own(app: Flask) -> None:
    """A bulk step has written fifty letters: the page asks as much as for one."""
    secretary = person("s@example.org", Role.SECRETARY)
    counts = []
    for number in (1, 3):
        hold(*(f"{number}-{one}@example.org" for one in range(number)))
        db.session.expunge_all()
        reader = db.session.merge(secretary)
        reader.roles  # loaded before counting  # noqa: B018
        with count_queries() as asked:
            rows, _total = letter_rows(reader)
        counts.append((len(rows), len(asked)))
    assert counts == [(1, counts[0][1]), (4, counts[0][1])]
