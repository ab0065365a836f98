"""A held letter of return takes no day of the applicant's term away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Correction
from grants_app.applications.services.bulk import Order, take_step
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.batches import hand_over_withheld, release_batch
from grants_app.journal.models import LetterBatch, Notice
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Role
from tests.accounts.people import steps_of
from tests.support.admissions import checking
from tests.support.applications import new_head
from tests.support.calls import Call
from tests.support.conflicts import block
from tests.support.queries import somebody_waits
from tests.support.time import FrozenClock
from tests.support.visitors import new_person


def returned(call: Call, *applications: Application, days: int = 5) -> LetterBatch:
    """A return with one letter, taken and held."""
    order = Order("return", "Додайте статут", ("goal", "files"), days)
    with unit_of_work():
        step = take_step(call.competition, order, [one.code or "" for one in applications], by=call.secretary)
    return db.session.scalars(sa.select(LetterBatch).filter_by(code=step.batch_code)).one()


def term_of(application: Application) -> tuple[date, str, bool]:
    """The last day, the day that the letter names, and whether the instant agrees with the day."""
    correction = queries.correction_of(application)
    assert correction is not None
    query = sa.select(Notice).filter_by(template="application_returned", thing_code=application.code)
    letter = db.session.scalars(query).one()
    assert letter.facts is not None
    assert letter.facts["due"] in letter.subject
    assert f"до 23:59 {letter.facts['due']}" in letter.body
    return correction.due_day, letter.facts["due"], correction.due_at == product_clock.end_of_day(correction.due_day)


def release(call: Call, batch: LetterBatch, *, left_out: tuple[int, ...] = ()) -> None:
    """Let the letters leave."""
    with unit_of_work():
        release_batch(batch, left_out=left_out, by=call.secretary)


def test_term_begins_on_the_day_on_which_the_letter_leaves(app: Flask, call: Call, clock: FrozenClock) -> None:
    (application,) = checking(call, 1, [new_head()])
    clock.at("2027-04-02 10:00")  # a Friday
    batch = returned(call, application)
    assert term_of(application) == (date(2027, 4, 9), "09.04.2027", True)
    clock.at("2027-04-06 16:00")  # Tuesday: two working days were lost
    release(call, batch)
    assert term_of(application) == (date(2027, 4, 13), "13.04.2027", True)
    assert steps_of("application", application.code or "")[-1] == "renew_term"


def test_term_of_calendar_days_as_long_as_it_was_given(app: Flask, call: Call, clock: FrozenClock) -> None:
    (application,) = checking(call, 1, [new_head()])
    clock.at("2027-04-02 10:00")
    batch = returned(call, application, days=14)
    assert term_of(application)[0] == date(2027, 4, 16)
    clock.at("2027-04-06 16:00")
    release(call, batch)
    assert term_of(application)[0] == date(2027, 4, 20)


def test_release_on_the_same_day_changes_nothing(app: Flask, call: Call, clock: FrozenClock) -> None:
    (application,) = checking(call, 1, [new_head()])
    clock.at("2027-04-02 10:00")
    batch = returned(call, application)
    clock.at("2027-04-02 23:59")
    release(call, batch)
    assert term_of(application) == (date(2027, 4, 9), "09.04.2027", True)
    assert "renew_term" not in steps_of("application", application.code or "")


def test_answered_and_left_out_ones_keep_their_term(app: Flask, call: Call, clock: FrozenClock) -> None:
    """Who has read of it in the cabinet and answered needs no new term; whose letter stays is not told of one."""
    head = new_head()
    answered, silent = checking(call, 2, [head])
    if answered.organisation_id != head.memberships[0].organisation_id:
        answered, silent = silent, answered
    clock.at("2027-04-02 10:00")
    batch = returned(call, answered, silent)
    with unit_of_work():
        services.save_correction(answered, {"goal": "Уточнена мета"}, by=head)
    with unit_of_work():
        services.send_correction(answered, by=head)
    left_out = db.session.scalars(sa.select(Notice.id).filter_by(thing_code=silent.code, batch_id=batch.id)).all()
    clock.at("2027-04-06 16:00")
    release(call, batch, left_out=tuple(left_out))
    terms = db.session.scalars(sa.select(Correction.due_day).order_by(Correction.id)).all()
    assert terms == [date(2027, 4, 9)] * 2


@pytest.mark.postgres_only
def test_conflict_recorded_at_the_same_time_blocks_no_release(app: Flask, call: Call, clock: FrozenClock) -> None:
    """One unit holds the second application and takes over letters of the first; the other releases both."""
    kept, second, third = checking(call, 3)
    block(kept, call.secretary)
    clock.at("2027-04-02 10:00")
    batch, secretary = held_by(call, kept, second, third), call.secretary.id
    clock.at("2027-04-06 16:00")
    third_id, is_locked = third.id, Event()

    def record_conflict() -> None:
        with app.app_context(), unit_of_work():
            db.session.execute(sa.select(Application.id).filter_by(id=third_id).with_for_update())
            is_locked.set()
            assert somebody_waits()
            hand_over_withheld(db.session.get_one(User, secretary))

    def release_all() -> None:
        with app.app_context():
            assert is_locked.wait(timeout=30)
            with unit_of_work():
                release_batch(db.session.get_one(LetterBatch, batch), by=db.session.get_one(User, secretary))

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(record_conflict), threads.submit(release_all)]:
            done.result(timeout=60)
    db.session.rollback()
    assert db.session.get_one(LetterBatch, batch).state == LetterBatchState.RELEASED
    assert [term_of(one)[0].day for one in (kept, second, third)] == [9, 13, 13]


def held_by(call: Call, *applications: Application) -> int:
    """A held return whose letters the secretary has caused, conflict or not."""
    other = new_person(Role.SECRETARY)
    order = Order("return", "Додайте статут", ("goal", "files"), 5)
    with unit_of_work():
        step = take_step(call.competition, order, [one.code or "" for one in applications], by=other)
    batch = db.session.scalars(sa.select(LetterBatch).filter_by(code=step.batch_code)).one()
    with unit_of_work():
        db.session.execute(sa.update(Notice).filter_by(batch_id=batch.id).values(caused_by_id=call.secretary.id))
    return batch.id
