"""Jobs and how far they have come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.models import Job
from grants_app.journal.queries.words import job_label
from grants_app.permissions import Permission


@dataclass(frozen=True)
class JobRow:
    """A job and how far it has come."""

    code: str
    kind: str
    status: str
    done: int
    total: int
    attempts: int
    failure: str
    url: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in {"done", "failed"}


def job_row(code: str, viewer: Any) -> JobRow:
    """A job of the viewer, or any job for those who read the journal. Raises NotFound."""
    job = db.session.scalar(sa.select(Job).filter_by(code=code))
    if job is None or not (job.owner_id == viewer.id or viewer.can(Permission.JOURNAL_READ)):
        raise NotFound
    return _job_row(job)


def job_rows(viewer: Any, limit: int = 100) -> list[JobRow]:
    """The newest jobs: one's own, or all for those who read the journal."""
    query = sa.select(Job).order_by(Job.id.desc()).limit(limit)
    if not viewer.can(Permission.JOURNAL_READ):
        query = query.where(Job.owner_id == viewer.id)
    return [_job_row(job) for job in db.session.scalars(query)]


def _job_row(job: Job) -> JobRow:
    result = json.loads(job.result or "{}")
    return JobRow(
        code=job.code,
        kind=job_label(job.kind),
        status=job.status,
        done=job.progress_done,
        total=job.progress_total,
        attempts=job.attempts,
        failure=job.failure or "",
        url=str(result.get("url", "")),
        created_at=job.created_at,
        finished_at=job.finished_at,
    )
