"""The one block in which rows are written: nothing is lost between writers, nothing is written outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from grants_app import database
from grants_app.core import clock as product_clock
from grants_app.database import WriteOutsideUnit, db, lock, unit_of_work
from grants_app.journal.models import Job

WRITERS = 8
INCREMENTS = 40


@pytest.fixture
def counter(app: Flask) -> Job:
    """A row that writers count up by reading it and writing it back."""
    with unit_of_work():
        job = Job(code="counter", kind="count", created_at=product_clock.now(), progress_done=0)
        db.session.add(job)
    return job


def count_up(app: Flask, times: int) -> list[Exception]:
    """Read and write back, from eight threads at once; gives what went wrong."""
    errors: list[Exception] = []
    ready = threading.Barrier(WRITERS)

    def write() -> None:
        ready.wait()
        for _ in range(times):
            try:
                with app.app_context(), unit_of_work():
                    job = db.session.scalars(lock(sa.select(Job).filter_by(code="counter"))).one()
                    job.progress_done += 1
            except Exception as error:  # whatever a writer meets is what this test is about
                errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def counted(app: Flask) -> int:
    """What has arrived."""
    db.session.rollback()
    return db.session.scalars(sa.select(Job.progress_done).filter_by(code="counter")).one()


def test_increments_of_eight_writers_all_arrive(app: Flask, counter: Job) -> None:
    assert count_up(app, INCREMENTS) == []
    assert counted(app) == WRITERS * INCREMENTS


@pytest.fixture
def plain_begin(app: Flask) -> Iterator[None]:
    """SQLite as Python's driver has it by itself: no transaction is opened by reading."""
    event.remove(db.engine, "begin", database._begin_sqlite)
    event.remove(db.engine, "connect", database._prepare_sqlite)

    def as_the_driver_has_it(connection: object, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]

    event.listen(db.engine, "connect", as_the_driver_has_it)
    db.engine.dispose()
    yield
    event.remove(db.engine, "connect", as_the_driver_has_it)
    database.install_engine_rules(db.engine)
    db.session.remove()
    db.engine.dispose()


@pytest.mark.sqlite_only
def test_increments_lost_without_the_engine_rules(app: Flask, counter: Job, plain_begin: None) -> None:
    """Why the rules exist: the same writers, the same code, and most of what was confirmed is gone."""
    errors = count_up(app, INCREMENTS)
    assert counted(app) < WRITERS * INCREMENTS - len(errors)


@pytest.mark.sqlite_only
def test_sqlite_keeps_what_it_confirmed(app: Flask) -> None:
    pragmas = {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal", "busy_timeout": 10_000}
    with db.engine.connect() as connection:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas} == pragmas


def test_flush_outside_a_unit_raises(app: Flask) -> None:
    db.session.add(Job(code="stray", kind="count", created_at=product_clock.now()))
    with pytest.raises(WriteOutsideUnit):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    "statement",
    [sa.update(Job).values(status="done"), sa.delete(Job), sa.insert(Job).values(code="stray", kind="count")],
    ids=["update", "delete", "insert"],
)
def test_bulk_statement_outside_a_unit_raises(app: Flask, statement: sa.Executable) -> None:
    with pytest.raises(WriteOutsideUnit):
        db.session.execute(statement)


def test_changed_row_outside_a_unit_raises(app: Flask, counter: Job) -> None:
    job = db.session.scalars(sa.select(Job)).one()
    job.status = "done"
    with pytest.raises(WriteOutsideUnit):
        db.session.flush()
    db.session.rollback()
    assert db.session.scalars(sa.select(Job.status)).one() == "queued"


def test_unit_inside_a_unit_raises(app: Flask) -> None:
    with pytest.raises(WriteOutsideUnit), unit_of_work(), unit_of_work():
        pass


def test_unit_that_raises_stores_nothing(app: Flask, counter: Job) -> None:
    called: list[str] = []
    with pytest.raises(ZeroDivisionError), unit_of_work() as unit:
        unit.after_commit(lambda: called.append("after"))
        db.session.scalars(sa.select(Job)).one().progress_done = 7
        db.session.flush()
        raise ZeroDivisionError
    assert (counted(app), called) == (0, [])


def test_unit_calls_back_after_the_commit(app: Flask, counter: Job) -> None:
    seen: list[int] = []
    with unit_of_work() as unit:
        unit.after_commit(lambda: seen.append(counted(app)))
        db.session.scalars(sa.select(Job)).one().progress_done = 7
    assert seen == [7]


def test_unit_reads_afresh_what_was_read_before(app: Flask, counter: Job) -> None:
    """A page loads the person before its view writes: what it decides on must not be older than the unit."""
    before = db.session.scalars(sa.select(Job)).one()
    assert before.progress_done == 0
    writer = threading.Thread(target=_count_once, args=(app,))
    writer.start()
    writer.join()
    with unit_of_work():
        before.progress_done += 1
    assert counted(app) == 2


def _count_once(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        db.session.scalars(lock(sa.select(Job))).one().progress_done += 1
