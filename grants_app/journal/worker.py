"""The worker: a queue that wakes threads, a sweep that forgets nothing, the clock's minute.

`create_consumer(app)` gives the threads; `start.py` starts them beside the web server, an installation of several nodes
in a process of its own. The queue holds wake-up calls alone: what is lost in it the sweep finds in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask

from grants_app.database import db
from grants_app.journal import jobs
from grants_app.journal.delivery import send_waiting

if TYPE_CHECKING:
    from huey import SqliteHuey

log = structlog.get_logger()
LETTERS = "letters"


def init_app(app: Flask) -> None:
    """Bind the queue; in tests nothing is woken, `work_off` does what waits."""
    app.extensions["job_queue"] = None
    jobs.wake_with(lambda code: _wake(app, code))


def queue_of(app: Flask) -> SqliteHuey:
    """The queue of an installation, its file opened when it is first needed."""
    if app.extensions["job_queue"] is None:
        app.extensions["job_queue"] = _make_queue(app)
    return app.extensions["job_queue"]


def create_consumer(app: Flask, *, workers: int = 1) -> Any:
    """Threads that do the jobs: `.start()` returns at once, `.stop(graceful=True)` waits for the running job.

    `.run()` instead takes over the process and its signals.
    """
    return queue_of(app).create_consumer(
        workers=workers, periodic=True, initial_delay=0.2, backoff=1.15, max_delay=2.0, scheduler_interval=1
    )


def work_off(app: Flask) -> int:
    """Do everything that waits, here and now: jobs, then letters. Gives how many of both were done."""
    done = 0
    with app.app_context():
        while codes := jobs.queued_jobs():
            db.session.rollback()
            done += sum(1 for code in codes if _do(code))
        done += send_waiting()
    return done


def minute(app: Flask) -> None:
    """What the clock does: each callback on its own, then the sweep."""
    for name, callback in jobs.minutely().items():
        with app.app_context():
            try:
                callback()
            except Exception as error:  # one stage's fault must not stop the others' clock
                log.error("clock step failed", name=name, exc_info=error)
    sweep(app)


def sweep(app: Flask) -> None:
    """Wake workers for jobs and letters that the queue has lost."""
    with app.app_context():
        codes = jobs.due_jobs()
        db.session.rollback()
    for code in codes:
        _wake(app, code)
    _wake(app, None)


def _make_queue(app: Flask) -> SqliteHuey:
    # Loaded with the first wake-up: it brings the driver of PostgreSQL along, 9 MB, whichever database serves.
    from huey import SqliteHuey, crontab

    queue = SqliteHuey("grants", filename=app.config["QUEUE_PATH"], results=False, utc=True)

    @queue.task(name="do")  # type: ignore[untyped-decorator]  # huey ships no types
    def do(code: str) -> None:
        with app.app_context():
            if code == LETTERS:
                send_waiting()
            else:
                _do(code)

    @queue.periodic_task(crontab(), name="minute")  # type: ignore[untyped-decorator]  # as above
    def every_minute() -> None:
        minute(app)

    app.extensions["job_queue_do"] = do
    return queue


def _do(code: str) -> bool:
    try:
        return jobs.do_job(code)
    except Exception as error:  # noted in the job's row by do_job; the thread goes on
        log.error("job failed", code=code, exc_info=error)
        return False


def _wake(app: Flask, code: str | None) -> None:
    if app.testing and not app.config.get("QUEUE_IN_TESTS"):
        return
    try:
        queue_of(app)
        app.extensions["job_queue_do"](code or LETTERS)
    except Exception as error:  # the row is committed: the sweep will wake a worker
        log.warning("queue not reached", error=type(error).__name__)
