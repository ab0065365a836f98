"""Rehearsing a call: its settings leave as a file into a folder of their own, another process plays it there.

Beside the row of the job nothing is written into the database, the journal or the outbox; deleting is removing the
folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import RoleGrant
from grants_app.competitions import policy
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.rehearsal import folder_of, rehearsal_of, rehearsals_in
from grants_app.competitions.rules.rehearsal import FEWEST_APPLICATIONS, KEPT_DAYS, MOST_APPLICATIONS
from grants_app.competitions.services.call_file import call_document
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import random_text
from grants_app.database import db
from grants_app.journal.jobs import JobError, JobRun, enqueue
from grants_app.journal.models import Job
from grants_app.journal.services import Actor
from grants_app.permissions import Role

KIND = "competitions.rehearsal"
PROJECT = Path(__file__).resolve().parents[3]
LONGEST_LINE = 2_000


def begin(competition: Competition, root: Path, *, applications: int, by: Actor) -> Job:
    """Ask for a rehearsal; an earlier one of the call gives way. Raises NotAllowed, InvalidInput (applications).

    The folder is made here, inside the unit: when the unit fails, an empty folder is the worst that stays.
    """
    why = policy.why_not_rehearse(by, competition)
    if why is not None:
        raise NotAllowed(why)
    if not FEWEST_APPLICATIONS <= applications <= MOST_APPLICATIONS:
        raise InvalidInput(
            "Play from %(least)s to %(most)s applications",
            field="applications",
            facts={"least": FEWEST_APPLICATIONS, "most": MOST_APPLICATIONS},
        )
    before = rehearsal_of(root, competition.code)
    if before is not None and is_playing(before.status, before.job):
        raise WrongState("A rehearsal of this call is being played now: wait for its end")
    run = random_text(16)
    job = enqueue(KIND, {"code": competition.code, "run": run}, by=by)
    folder = folder_of(root, competition.code)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write(folder / "call.json", {**call_document(competition), **_surroundings(competition)})
    now = clock.now()
    _write(
        folder / "manifest.json",
        {
            "run": run,
            "status": "waiting",
            "job": job.code,
            "made_at": now.isoformat(),
            "expires_at": (now + timedelta(days=KEPT_DAYS)).isoformat(),
            "applications": applications,
            "moments": [],
            "faults": [],
            "figures": {},
            "failure": "",
        },
    )
    return job


def is_playing(status: str, job_code: str) -> bool:
    """Whether somebody still works on a rehearsal; a job that failed plays no more, whatever its folder says."""
    if status not in {"waiting", "playing"}:
        return False
    job = db.session.scalar(sa.select(Job).filter_by(code=job_code))
    return job is not None and job.status in {"queued", "running"}


def play(run: JobRun, root: Path) -> dict[str, object]:
    """The job: play the call in a process of its own and pass its progress on. Raises JobError when it fails."""
    code = str(run.arguments["code"])
    found = rehearsal_of(root, code)
    if found is None or found.run != run.arguments["run"]:
        raise JobError("The rehearsal was deleted before it was played")
    command = [sys.executable, "-m", "grants_app.rehearsal", str(found.path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        _follow(child, run.progress)
    after = rehearsal_of(root, code)
    if child.returncode or after is None or after.status != "ready":
        raise JobError("The rehearsal could not be played to an end: the page of the rehearsal says why")
    return {"url": f"/competitions/{code}/rehearsal", "faults": len(after.faults), **after.figures}


def delete(competition: Competition, root: Path, *, by: Actor) -> None:
    """Remove everything of a rehearsal: database, files, letters, pages. Raises NotAllowed."""
    why = policy.why_not_rehearse(by, competition, deleting=True)
    if why is not None:
        raise NotAllowed(why)
    shutil.rmtree(folder_of(root, competition.code), ignore_errors=True)


def expire(root: Path) -> list[str]:
    """The clock's step: rehearsals past their term are removed; codes of those."""
    gone = [one for one in rehearsals_in(root) if clock.now() >= one.expires_at]
    for one in gone:
        shutil.rmtree(one.path, ignore_errors=True)
    return [one.code for one in gone]


def _follow(child: subprocess.Popen[str], progress: Callable[[int, int], None]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        try:
            told = json.loads(line[:LONGEST_LINE])
        except ValueError:
            continue
        if isinstance(told, dict) and {"done", "total"} <= set(told):
            progress(int(told["done"]), int(told["total"]))


def _surroundings(competition: Competition) -> dict[str, Any]:
    """What the settings do not hold and the rehearsal asks: unmet conditions, the announcement, experts there are."""
    experts = sa.select(sa.func.count(sa.distinct(RoleGrant.user_id))).where(
        RoleGrant.role == Role.EXPERT, RoleGrant.ended_at.is_(None)
    )
    unmet = [] if competition.announced_at else policy.unmet_guards(competition)
    return {
        "announced_at": competition.announced_at and competition.announced_at.isoformat(),
        "experts_known": int(db.session.scalar(experts) or 0),
        "unmet": [{"message": error.message, "facts": _told(error.facts)} for error in unmet],
    }


def _told(facts: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int | str) else str(value) for name, value in facts.items()}


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
