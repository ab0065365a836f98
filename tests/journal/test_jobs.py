from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core.errors import InvalidInput
from grants_app.database import db, unit_of_work
from grants_app.journal import jobs, worker
from grants_app.journal.jobs import ATTEMPTS, LEASE, JobRun, do_job, due_jobs, enqueue, every_minute, job_kind
from grants_app.journal.models import Job
from grants_app.journal.services import SYSTEM, record
from grants_app.permissions import Role
from tests.accounts.people import enter, person, steps_of
from tests.support.time import FrozenClock

seen: list[tuple[str, int]] = []


@job_kind("test.count")
def count(run: JobRun) -> dict[str, object]:
    """Counts to what it is told."""
    for number in range(1, run.arguments["to"] + 1):
        run.progress(number, run.arguments["to"])
    with unit_of_work():
        record(thing="job", code=run.code, step="counted", by=SYSTEM)
    return {"url": "/help", "sum": run.arguments["to"]}


@job_kind("test.break")
def break_down(run: JobRun) -> None:
    """Fails as a bug does."""
    seen.append((run.code, 1))
    raise ZeroDivisionError("no such number")


@job_kind("test.refuse")
def refuse(run: JobRun) -> None:
    """Fails as bad input does."""
    raise InvalidInput("Enter a whole number")


def asked(kind: str, **arguments: object) -> str:
    with unit_of_work():
        return enqueue(kind, arguments, by=SYSTEM).code


def row(code: str) -> Job:
    db.session.rollback()
    return db.session.scalars(sa.select(Job).filter_by(code=code)).one()


def test_job_done_once(app: Flask) -> None:
    code = asked("test.count", to=3)
    assert do_job(code)
    assert not do_job(code)
    job = row(code)
    assert (job.status, job.progress_done, job.progress_total, job.attempts) == ("done", 3, 3, 1)
    assert job.result == '{"url": "/help", "sum": 3}'
    assert steps_of("job", code) == ["counted"]


def test_job_of_a_rolled_back_unit_never_was(app: Flask) -> None:
    with pytest.raises(ValueError, match="stop"), unit_of_work():
        enqueue("test.count", {"to": 1}, by=SYSTEM)
        raise ValueError("stop")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_unknown_kind_is_a_bug(app: Flask) -> None:
    with pytest.raises(KeyError), unit_of_work():
        enqueue("test.nothing", {}, by=SYSTEM)


def test_broken_job_tried_three_times_with_pauses(app: Flask, clock: FrozenClock) -> None:
    code = asked("test.break")
    for attempt in range(1, ATTEMPTS + 1):
        with pytest.raises(ZeroDivisionError):
            do_job(code)
        assert row(code).attempts == attempt
        assert not do_job(code)  # the pause
        clock.forward(minutes=2)
    assert (row(code).status, row(code).failure) == ("failed", "ZeroDivisionError: no such number")
    assert not do_job(code)


def test_refused_job_not_tried_again(app: Flask) -> None:
    code = asked("test.refuse")
    assert do_job(code)
    assert (row(code).status, row(code).failure, row(code).attempts) == ("failed", "Enter a whole number", 1)


def test_sweep_finds_what_the_queue_lost(app: Flask, clock: FrozenClock) -> None:
    code = asked("test.count", to=1)
    assert due_jobs() == []
    clock.forward(seconds=31)
    assert due_jobs() == [code]


def test_job_of_a_killed_worker_taken_over_after_its_lease(app: Flask, clock: FrozenClock) -> None:
    code = asked("test.count", to=1)
    assert jobs._claim(code) is not None  # and here the worker is killed
    assert not do_job(code)
    clock.forward(LEASE - timedelta(seconds=1))
    assert (due_jobs(), do_job(code)) == ([], False)
    clock.forward(seconds=1)
    assert due_jobs() == [code]
    assert do_job(code)
    assert (row(code).status, row(code).attempts) == ("done", 2)


def test_worker_that_outlived_its_lease_marks_nothing(app: Flask, clock: FrozenClock) -> None:
    code = asked("test.count", to=1)
    slow = jobs._claim(code)
    assert slow is not None
    clock.forward(LEASE)
    assert jobs._claim(code) is not None
    jobs._finish(slow, "{}")
    assert row(code).status == "running"


def test_job_whose_worker_dies_every_time_is_parked(app: Flask, clock: FrozenClock) -> None:
    code = asked("test.count", to=1)
    for _death in range(ATTEMPTS):
        assert jobs._claim(code) is not None
        clock.forward(LEASE)
    assert not do_job(code)
    assert (row(code).status, row(code).failure) == ("failed", jobs.LOST)


def test_work_off_does_everything_that_waits(app: Flask) -> None:
    codes = [asked("test.count", to=1), asked("test.refuse"), asked("test.count", to=2)]
    assert worker.work_off(app) == 3
    assert [row(code).status for code in codes] == ["done", "failed", "done"]
    assert worker.work_off(app) == 0


def test_fault_of_one_clock_step_stops_no_other(app: Flask) -> None:
    called: list[str] = []

    @every_minute("test.broken")
    def broken() -> None:
        called.append("broken")
        raise ZeroDivisionError

    @every_minute("test.whole")
    def whole() -> None:
        called.append("whole")

    try:
        worker.minute(app)
    finally:
        jobs._minutely.pop("test.broken")
        jobs._minutely.pop("test.whole")
    assert called == ["broken", "whole"]


def test_queue_wakes_a_real_worker(app: Flask) -> None:
    """From the commit to the mark, through the queue's file and a thread."""
    app.config["QUEUE_IN_TESTS"] = True
    consumer = worker.create_consumer(app)
    consumer.start()
    try:
        code = asked("test.count", to=2)
        for _wait in range(200):
            if row(code).status == "done":
                break
            consumer.stop_flag.wait(0.05)
    finally:
        consumer.stop(graceful=True)
        app.config["QUEUE_IN_TESTS"] = False
    assert row(code).status == "done"


def test_progress_page_asks_until_the_end(app: Flask, client: FlaskClient) -> None:
    user = person("u@example.org")
    with unit_of_work():
        code = enqueue("test.count", {"to": 1}, by=user).code
    enter(client, user)
    waiting = client.get(f"/journal/jobs/{code}")
    assert waiting.status_code == 200
    assert 'hx-trigger="every 2s"' in waiting.text
    do_job(code)
    block = client.get(f"/journal/jobs/{code}", headers={"HX-Request": "true"})
    assert block.text.lstrip().startswith('<section class="app-card" id="job"')
    assert ("hx-trigger" in block.text, 'href="/help"' in block.text) == (False, True)
    assert code in client.get("/journal/jobs").text
    enter(client, person("other@example.org", Role.EXPERT))
    assert client.get(f"/journal/jobs/{code}").status_code == 404
    assert code not in client.get("/journal/jobs").text
    enter(client, person("auditor@example.org", Role.AUDITOR))
    assert client.get(f"/journal/jobs/{code}").status_code == 200
