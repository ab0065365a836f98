"""The balanced proposal: who should score what, computed by the engine in a child process.

The web process never loads the optimiser; tables go through a temporary folder, codes only.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.journal.services import digest_of
from grants_app.lifecycle import ApplicationState
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.conflicts import ties_of
from grants_app.reviews.queries.people import ACTIVE, affinity, eligible_experts, profiles_of
from grants_app.reviews.rules import KEPT

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60
_DONE, _SHORT = 0, 3


@dataclass(frozen=True)
class Addition:
    """One pair to be assigned."""

    application_code: str
    application_title: str
    expert_id: int
    expert_name: str
    knows_field: bool


@dataclass(frozen=True)
class Proposal:
    """A whole assignment with its certificate. `digest` names exactly this proposal."""

    additions: tuple[Addition, ...]
    kept_count: int
    per_application: int
    load_min: int
    load_max: int
    fitting_count: int
    is_optimal: bool
    digest: str


@dataclass(frozen=True)
class Shortage:
    """Why no whole assignment exists: never a silent partial one."""

    applications: tuple[str, ...]
    slots_missing: int
    conflicts: tuple[tuple[str, str], ...]
    experts_count: int
    per_application: int


@dataclass(frozen=True)
class _Task:
    """The tables of one computation."""

    people: dict[int, User]
    applications: dict[str, Application]
    kept: frozenset[tuple[int, str]]
    barred: frozenset[tuple[int, str]]
    affinities: Mapping[tuple[int, str], int]
    demand: int


def find_proposal(competition: Competition) -> Proposal | Shortage:
    """The most fitting assignment with even loads that keeps what is assigned and crosses no conflict.

    Loads as even as the conflicts allow are tried first; the same data give the same proposal.
    """
    task = _task(competition)
    if not task.applications or len(task.people) < task.demand:
        return Shortage(
            tuple(task.applications),
            task.demand * len(task.applications) - len(task.kept),
            (),
            len(task.people),
            task.demand,
        )
    answer: dict[str, Any] = {}
    for least, most in _loads(task):
        code, answer = _run(task, least, most)
        if code == _DONE:
            return _proposal(task, answer)
    return _shortage(task, answer["shortage"])


def _task(competition: Competition) -> _Task:
    people = eligible_experts(competition)
    applications = list(
        db.session.scalars(
            sa.select(Application)
            .options(joinedload(Application.priority))
            .filter(Application.competition_id == competition.id, Application.state == ApplicationState.ADMITTED)
            .order_by(Application.code)
        )
    )
    by_id = {application.id: application for application in applications}
    kept: set[tuple[int, str]] = set()
    ended: set[tuple[int, str]] = set()
    pairs = db.session.scalars(sa.select(Assignment).filter(Assignment.competition_id == competition.id))
    for pair in pairs:
        if pair.expert_id is None or pair.application_id not in by_id:
            continue
        code = by_id[pair.application_id].code or ""
        (kept if pair.state in ACTIVE else ended).add((pair.expert_id, code))
    demand = competition.experts_per_application
    counts = {code: sum(1 for _, one in kept if one == code) for code in {code for _, code in kept}}
    # An application with an extra expert is complete: it is left out, else the optimum would drop one.
    left = {one.code or "": one for one in applications if counts.get(one.code or "", 0) <= demand}
    kept = {pair for pair in kept if pair[1] in left}
    people += _kept_people(kept, people)
    ties = ties_of(people, list(left.values()))
    profiles = profiles_of(people)
    barred = {(expert, by_id[application].code or "") for expert, application in ties} | ended
    return _Task(
        people={person.id: person for person in people},
        applications=left,
        kept=frozenset(kept),
        barred=frozenset(barred - kept),
        affinities={
            (person.id, code): affinity(profiles.get(person.id), application)
            for person in people
            for code, application in left.items()
        },
        demand=demand,
    )


def _kept_people(kept: set[tuple[int, str]], people: Sequence[User]) -> list[User]:
    """Experts who score already though they are no longer offered (marked as not available, for example)."""
    missing = {expert for expert, _ in kept} - {person.id for person in people}
    return list(db.session.scalars(sa.select(User).filter(User.id.in_(missing)).order_by(User.id))) if missing else []


def _loads(task: _Task) -> list[tuple[int, int]]:
    """Bounds of load to try: as even as possible, then with a looser floor, then any load."""
    whole = task.demand * len(task.applications)
    even = -(-whole // len(task.people))
    standing = max((sum(1 for expert, _ in task.kept if expert == one) for one in task.people), default=0)
    most = max(even, standing)
    tries = [(whole // len(task.people), most), (max(0, even - 2), most + 1), (0, len(task.applications))]
    return list(dict.fromkeys(tries))


def _run(task: _Task, least: int, most: int) -> tuple[int, dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="grants-assign-") as folder:
        pairs = Path(folder) / "pairs.csv"
        with pairs.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["expert", "application", "affinity", "conflict"])
            for (expert, code), value in sorted(task.affinities.items(), key=lambda item: (item[0][1], item[0][0])):
                weight = KEPT if (expert, code) in task.kept else value
                writer.writerow([f"x{expert:08d}", code, weight, int((expert, code) in task.barred)])
        command = [sys.executable, "-m", "scoring", "assign", "--pairs", str(pairs), "--demand", str(task.demand)]
        command += ["--max-load", str(most), "--min-load", str(least)]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=SECONDS, check=False)
    if done.returncode not in (_DONE, _SHORT):
        raise RuntimeError(f"the assignment failed: {done.stderr.decode(errors='replace')[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, answer


def _proposal(task: _Task, answer: dict[str, Any]) -> Proposal:
    pairs = {(int(expert[1:]), row["application"]) for row in answer["assignment"] for expert in row["experts"]}
    new = sorted(pairs - task.kept, key=lambda pair: (pair[1], pair[0]))
    certificate = answer["certificate"]
    additions = tuple(
        Addition(
            application_code=code,
            application_title=task.applications[code].title,
            expert_id=expert,
            expert_name=task.people[expert].full_name,
            knows_field=task.affinities[expert, code] > 1,
        )
        for expert, code in new
    )
    return Proposal(
        additions=additions,
        kept_count=len(pairs) - len(new),
        per_application=task.demand,
        load_min=certificate["load_min"],
        load_max=certificate["load_max"],
        fitting_count=sum(task.affinities[pair] > 1 for pair in pairs),
        is_optimal=certificate["sum"] == certificate["bound"],
        digest=digest_of([[expert, code] for expert, code in new]),
    )


def _shortage(task: _Task, found: dict[str, Any]) -> Shortage:
    named = tuple((task.people[int(expert[1:])].full_name, code) for expert, code in found["conflicts"])
    return Shortage(
        applications=tuple(found["applications"]),
        slots_missing=int(found["slots_missing"]),
        conflicts=named,
        experts_count=len(task.people),
        per_application=task.demand,
    )
