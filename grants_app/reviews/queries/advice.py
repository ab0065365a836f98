"""The advisory report as it is stored, whether it still speaks of the present marks, and how far its job is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.journal.models import Job
from grants_app.lifecycle import AssignmentState, CompetitionState, ConflictState
from grants_app.reviews.models import AdviceReport, Assignment, Conflict, Review
from grants_app.reviews.queries.marks import SCORED_STATES
from grants_app.reviews.queries.people import ENDED
from grants_app.reviews.queries.veiled import without_applicants
from scoring.digest import digest

KIND = "reviews.advice"


@dataclass(frozen=True)
class Report:
    """A stored report with its parts as the engine gave them; a part that was refused holds {"refused": sentence}."""

    stage: str
    made_at: datetime
    engine_version: str
    is_stale: bool
    parts: dict[str, Any]

    def part(self, name: str) -> dict[str, Any] | None:
        """A part of the report, None where it was not computed or was refused."""
        found = self.parts.get(name)
        return None if found is None or "refused" in found else found

    def refusal(self, name: str) -> str | None:
        """Why a part was refused, in the engine's words."""
        found = self.parts.get(name)
        return str(found["refused"]) if found is not None and "refused" in found else None


@dataclass(frozen=True)
class Progress:
    """The newest computation: how far it has come, or why it failed."""

    status: str
    done: int
    total: int
    failure: str
    created_at: datetime

    @property
    def is_running(self) -> bool:
        """Whether a report is on its way."""
        return self.status in {"queued", "running"}


def report_of(competition: Competition) -> Report | None:
    """The stored report of a competition with everything it says."""
    found = db.session.scalar(
        sa.select(AdviceReport).options(undefer(AdviceReport.content)).filter_by(competition_id=competition.id)
    )
    if found is None:
        return None
    return Report(
        stage=found.stage,
        made_at=found.made_at,
        engine_version=found.engine_version,
        is_stale=found.input_hash != marks_digest(competition),
        parts=json.loads(found.content),
    )


def marks_digest(competition: Competition) -> str:
    """A fingerprint of what is submitted: another one says that marks have changed since.

    Editions of the reviews stand for their marks, so that a page need not read every mark to know.
    """
    query = (
        sa.select(Application.id, Assignment.expert_code, Assignment.state, Review.version)
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .filter(
            Assignment.competition_id == competition.id,
            Application.state.in_(SCORED_STATES),
            sa.or_(Assignment.state == AssignmentState.DONE, Assignment.state.in_(ENDED)),
        )
        .order_by(Application.id, Assignment.expert_code)
    )
    rows = [
        [row.id, row.expert_code, row.state.value, row.version if row.state == AssignmentState.DONE else None]
        for row in db.session.execute(query)
    ]
    return digest([competition.rules_hash, rows, [list(link) for link in links_of(competition)]])


def links_of(competition: Competition) -> list[tuple[str, str]]:
    """Pairs of the register that are not dismissed, of an expert with an application that he or she was given.

    Expert and application stand under the codes of the engine: that is what the marks are compared by.
    """
    engine_code = sa.func.coalesce(Application.imported_code, Application.code)
    query = (
        sa.select(Assignment.expert_code, engine_code)
        .select_from(Conflict)
        .join(Application, Application.id == Conflict.application_id)
        .join(
            Assignment,
            sa.and_(Assignment.application_id == Conflict.application_id, Assignment.expert_id == Conflict.person_id),
        )
        .filter(
            Conflict.competition_id == competition.id,
            Conflict.state != ConflictState.DISMISSED,
            Application.state.in_(SCORED_STATES),
        )
        .distinct()
    )
    return sorted((row[0], row[1]) for row in db.session.execute(query))


def job_arguments(competition: Competition, stage: str) -> str:
    """How the arguments of a job are written: a second request for the same is found by them."""
    return json.dumps({"competition": competition.code, "stage": stage}, ensure_ascii=False)


def progress_of(competition: Competition, stages: tuple[str, ...]) -> Progress | None:
    """The newest job of the competition's advice."""
    job = db.session.scalar(
        sa.select(Job)
        .filter(Job.kind == KIND, Job.arguments.in_([job_arguments(competition, stage) for stage in stages]))
        .order_by(Job.id.desc())
        .limit(1)
    )
    if job is None:
        return None
    return Progress(job.status, job.progress_done, job.progress_total, job.failure or "", job.created_at)


@dataclass(frozen=True)
class NamedApplication:
    """An application as pages name it."""

    id: int
    code: str
    title: str
    organisation: str


def applications_by_engine_code(competition: Competition, viewer: User | None = None) -> dict[str, NamedApplication]:
    """Applications by the code under which the engine knows them, their titles as the viewer may read them."""
    query = sa.select(Application.id, Application.code, Application.imported_code, Application.title).filter(
        Application.competition_id == competition.id, Application.state.in_(SCORED_STATES)
    )
    rows = db.session.execute(query).all()
    named = [NamedApplication(row.id, row.code or "", row.title, "") for row in rows]
    if viewer is not None:
        named = without_applicants(named, viewer, competition)
    return {row.imported_code or row.code or "": one for row, one in zip(rows, named, strict=True)}


def names_of_experts(competition: Competition) -> dict[str, str]:
    """Names of the experts by code; one that came from a file has none."""
    query = (
        sa.select(Assignment.expert_code, User.full_name)
        .join(User, User.id == Assignment.expert_id)
        .filter(Assignment.competition_id == competition.id)
        .distinct()
    )
    return {row.expert_code: row.full_name for row in db.session.execute(query)}


def codes_of_expert(user: User, competition: Competition) -> frozenset[str]:
    """The codes under which a person scores in a competition."""
    query = sa.select(Assignment.expert_code).filter_by(competition_id=competition.id, expert_id=user.id)
    return frozenset(db.session.scalars(query))


def scored_competitions(user: User, states: Sequence[CompetitionState]) -> list[Competition]:
    """Competitions in these states that the person has scored in, the newest first."""
    own = sa.select(Assignment.competition_id).filter(
        Assignment.expert_id == user.id, Assignment.state == AssignmentState.DONE
    )
    query = (
        sa.select(Competition)
        .filter(Competition.id.in_(own), Competition.state.in_(states))
        .order_by(Competition.id.desc())
        .limit(3)
    )
    return list(db.session.scalars(query))
