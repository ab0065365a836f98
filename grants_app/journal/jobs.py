"""Work outside a request: a committed row is the work, the queue only wakes a worker.

A stage registers what it can do: `@job_kind("awards.ranking") def count(run: JobRun) -> Mapping | None`, and asks for
it inside a unit by `enqueue("awards.ranking", {"competition": code}, by=user)`. What must happen by the clock is
registered by `@every_minute("competitions.clock") def move() -> None`; it opens its own units and may run at any time.
Both are called at least once: a worker may die after the effect and before the mark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.core.identifiers import new_code
from grants_app.database import db, is_writing, lock, unit_of_work
from grants_app.journal.models import Job
from grants_app.journal.services import Actor

ATTEMPTS = 3
LEASE = timedelta(minutes=10)
# A queued row that no worker has taken after this long fell between the database and the queue.
ORPHAN_AFTER = timedelta(seconds=30)
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1))
LOST = "The worker stopped before the end"

Outcome = Mapping[str, object] | None


class JobError(DomainError):
    """The job cannot be done and trying again will not help; the sentence is shown on its page."""


@dataclass
class JobRun:
    """A job while it is being done."""

    code: str
    arguments: dict[str, Any]
    owner_id: int | None

    def progress(self, done: int, total: int) -> None:
        """Show how far the work has come and keep the job for another lease. Call it outside units."""
        with unit_of_work():
            job = db.session.scalars(lock(sa.select(Job).filter_by(code=self.code))).one()
            job.progress_done, job.progress_total = done, total
            job.lease_until = clock.now() + LEASE


_kinds: dict[str, Callable[[JobRun], Outcome]] = {}
_minutely: dict[str, Callable[[], None]] = {}
# Set by the worker module: wakes a worker for a job code, or for letters when the code is None.
_wake: list[Callable[[str | None], None]] = []


def job_kind(name: str) -> Callable[[Callable[[JobRun], Outcome]], Callable[[JobRun], Outcome]]:
    """Register the function that does jobs of this kind."""

    def register(function: Callable[[JobRun], Outcome]) -> Callable[[JobRun], Outcome]:
        _kinds[name] = function
        return function

    return register


def kinds() -> dict[str, Callable[[JobRun], Outcome]]:
    """What may be asked of the worker, by name."""
    return dict(_kinds)


def every_minute(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register something that the clock does."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _minutely[name] = function
        return function

    return register


def minutely() -> dict[str, Callable[[], None]]:
    """What the clock does, by name."""
    return dict(_minutely)


def wake_with(waker: Callable[[str | None], None]) -> None:
    """Say how a worker is woken; the last caller counts."""
    _wake[:] = [waker]


def enqueue(kind: str, arguments: Mapping[str, object], *, by: Actor) -> Job:
    """Ask for a job inside the running unit; a worker is woken after the commit. KeyError for an unknown kind."""
    if not is_writing():
        raise RuntimeError("enqueue outside a unit of work")
    _kinds[kind]
    job = Job(
        code=new_code(9),
        kind=kind,
        arguments=json.dumps(arguments, ensure_ascii=False),
        status="queued",
        progress_done=0,
        progress_total=0,
        attempts=0,
        owner_id=by.actor_id,
        created_at=clock.now(),
    )
    db.session.add(job)
    db.session.info.setdefault("wake_for", []).append(job.code)
    return job


def do_job(code: str) -> bool:
    """Claim a job and do it; False when another worker has it or nothing is left to do."""
    run = _claim(code)
    if run is None:
        return False
    try:
        result = _kinds[run.kind](JobRun(code, run.arguments, run.owner_id))
        text = json.dumps(dict(result or {}), ensure_ascii=False)
    except DomainError as error:
        _fail(run, str(error), final=True)
    except Exception as error:
        _fail(run, f"{type(error).__name__}: {error}"[:1000], final=run.attempt >= ATTEMPTS)
        raise
    else:
        _finish(run, text)
    return True


def due_jobs() -> list[str]:
    """Codes that a worker should take now: fell between, waited out a pause, or lost their worker."""
    now = clock.now()
    query = (
        sa.select(Job.code)
        .where(
            sa.or_(
                sa.and_(Job.status == "queued", Job.lease_until.is_(None), Job.created_at < now - ORPHAN_AFTER),
                sa.and_(Job.status.in_(("queued", "running")), Job.lease_until <= now),
            )
        )
        .order_by(Job.id)
    )
    return list(db.session.scalars(query))


def queued_jobs() -> list[str]:
    """Codes of everything that waits, in order; for working the list off without a queue."""
    now = clock.now()
    query = sa.select(Job.code).where(Job.status == "queued", sa.or_(Job.lease_until.is_(None), Job.lease_until <= now))
    return list(db.session.scalars(query.order_by(Job.id)))


@dataclass(frozen=True)
class _Claimed:
    code: str
    kind: str
    arguments: dict[str, Any]
    owner_id: int | None
    attempt: int


def _claim(code: str) -> _Claimed | None:
    now = clock.now()
    with unit_of_work():
        job = db.session.scalar(lock(sa.select(Job).filter_by(code=code)))
        if job is None or job.status in {"done", "failed"} or (job.lease_until is not None and now < job.lease_until):
            return None
        if job.attempts >= ATTEMPTS:
            job.status, job.failure, job.finished_at = "failed", job.failure or LOST, now
            return None
        job.status = "running"
        job.attempts += 1
        job.lease_until = now + LEASE
        return _Claimed(code, job.kind, json.loads(job.arguments), job.owner_id, job.attempts)


def _finish(run: _Claimed, result: str) -> None:
    with unit_of_work():
        job = db.session.scalars(lock(sa.select(Job).filter_by(code=run.code))).one()
        # A worker that outlived its lease must not mark what another one does now.
        if job.attempts == run.attempt:
            job.status, job.result, job.failure = "done", result, None
            job.lease_until, job.finished_at = None, clock.now()


def _fail(run: _Claimed, failure: str, *, final: bool) -> None:
    with unit_of_work():
        job = db.session.scalars(lock(sa.select(Job).filter_by(code=run.code))).one()
        if job.attempts != run.attempt:
            return
        job.failure = failure
        if final:
            job.status, job.lease_until, job.finished_at = "failed", None, clock.now()
        else:
            job.status, job.lease_until = "queued", clock.now() + BACKOFF[min(run.attempt, len(BACKOFF)) - 1]


@sa.event.listens_for(Session, "after_commit")
def _wake_worker(session: Session) -> None:
    codes: list[str | None] = session.info.pop("wake_for", [])
    if session.info.pop("wake_for_letters", False):
        codes = [*codes, None]
    for code in codes:
        for waker in _wake:
            waker(code)


@sa.event.listens_for(Session, "after_rollback")
@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_wake(session: Session, *_: object) -> None:
    session.info.pop("wake_for", None)
    session.info.pop("wake_for_letters", None)
