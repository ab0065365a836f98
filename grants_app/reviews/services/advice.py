"""The advisory report: asked for, computed by the engine in child processes, stored beside the marks it speaks of.

Nothing here returns a figure: the official list cannot receive one. The web process never loads the optimiser; the
tables go through a temporary folder, experts as codes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import JobError, JobRun, enqueue, job_kind
from grants_app.journal.models import Job
from grants_app.journal.services import Actor, record
from grants_app.reviews.models import AdviceReport
from grants_app.reviews.policy.advice import AFTER_HANDOVER, why_not_ask_for_advice
from grants_app.reviews.queries.advice import (
    KIND,
    applications_by_engine_code,
    job_arguments,
    links_of,
    marks_digest,
)
from grants_app.reviews.queries.files import file_texts
from grants_app.reviews.queries.marks import engine_rules, score_records
from grants_app.reviews.rules.advice import DECISION, DRAWS, SCORING, SECONDS, zone_of
from grants_app.reviews.services.rows import lock_competition
from scoring.aggregate import Formulas
from scoring.digest import ENGINE_VERSION, canonical_json
from scoring.marks import tabulate_marks
from scoring.rounding import plain_text

ROOT = Path(__file__).resolve().parents[3]
_DONE, _REFUSED = 0, 2
_LONGEST_REFUSAL = 400


def ask_for_advice(competition: Competition, *, by: User) -> None:
    """Ask for the figures of the present marks; asked twice while one is on its way, it is computed once.

    Raises NotAllowed for whoever may not read them, or scores here.
    """
    competition = lock_competition(competition.id)
    refusal = why_not_ask_for_advice(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    if queue_advice(competition, by=by):
        record(thing="competition", code=competition.code, scope=competition.code, step="ask_for_advice", by=by)


def queue_advice(competition: Competition, *, by: Actor) -> bool:
    """Put the computation on the list of jobs, unless the same one waits there; the handover does it by itself."""
    stage = DECISION if competition.state in AFTER_HANDOVER else SCORING
    waiting = sa.select(Job.id).filter(
        Job.kind == KIND, Job.arguments == job_arguments(competition, stage), Job.status.in_(("queued", "running"))
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        return False
    enqueue(KIND, json.loads(job_arguments(competition, stage)), by=by)
    return True


@job_kind(KIND)
def make_report(run: JobRun) -> Mapping[str, object]:
    """Export the marks, run the engine's commands, store what they say. JobError when a command does not come back."""
    stage = str(run.arguments["stage"])
    competition = db.session.scalars(sa.select(Competition).filter_by(code=run.arguments["competition"])).one()
    digest, totals = marks_digest(competition), _expert_totals(competition)
    texts = {**file_texts(competition), "links.csv": _links_text(competition)}
    db.session.rollback()  # nothing is read any more: the databases need not wait for the engine
    with tempfile.TemporaryDirectory(prefix="grants-advice-") as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        parts = _parts(run, folder, stage)
    _store(run, stage, digest, {**parts, "totals": totals})
    return {"url": f"/reviews/{run.arguments['competition']}/advice"}


def _parts(run: JobRun, folder: Path, stage: str) -> dict[str, Any]:
    """What each command says. While experts score, only how far they agree: nothing that orders applications."""
    steps = ("agreement",) if stage == SCORING else tuple(_COMMANDS)
    found: dict[str, Any] = {}
    for number, step in enumerate(steps):
        run.progress(number, len(steps))
        found[step] = _COMMANDS[step](folder)
    run.progress(len(steps), len(steps))
    return found


def _agreement(folder: Path) -> dict[str, Any]:
    return _engine(folder, "agree", "--scores", "scores.csv", "--rules", "rules.json")


def _calibration(folder: Path) -> dict[str, Any]:
    return _engine(folder, "calibrate", *_ALL, "--draws", str(DRAWS), "--prior", "reml")


def _robustness(folder: Path) -> dict[str, Any]:
    return _engine(folder, "robust", *_ALL)


def _optimum(folder: Path) -> dict[str, Any]:
    """The set of full grants with the greatest sum of scores: advice that shows what the rule gives up."""
    ranked = _engine(folder, "rank", *_ALL, "--csv", "-o", "ranking.csv")
    if "refused" in ranked:
        return ranked
    found = _engine(folder, "allocate", "--ranking", "ranking.csv", "--rules", "rules.json", "--advice")
    return found if "refused" in found else dict(found["advice"]["optimum"])


def _conflicts(folder: Path) -> dict[str, Any]:
    """The list with and without the marks of experts whose conflict stands in the register."""
    if (folder / "links.csv").read_text(encoding="utf-8").count("\n") < 2:  # the header alone
        return {}
    return _engine(folder, "conflicts", *_ALL, "--links", "links.csv")


_ALL = ("--scores", "scores.csv", "--rules", "rules.json", "--applications", "applications.csv")
_COMMANDS = {
    "agreement": _agreement,
    "calibration": _calibration,
    "robustness": _robustness,
    "optimum": _optimum,
    "conflicts": _conflicts,
}


def _engine(folder: Path, command: str, *options: str) -> dict[str, Any]:
    """One command of the engine: its document, or {"refused": its sentence} where the data do not allow it."""
    call = [sys.executable, "-m", "scoring", command, *options]
    try:
        done = subprocess.run(
            call, cwd=folder, env=_environment(), capture_output=True, timeout=SECONDS[command], check=False
        )
    except subprocess.TimeoutExpired:
        raise JobError(
            "The computation “%(command)s” took longer than %(seconds)s seconds and was stopped",
            facts={"command": command, "seconds": SECONDS[command]},
        ) from None
    if done.returncode == _REFUSED:
        told = done.stderr.decode(errors="replace").strip()
        return {"refused": told.removeprefix("scoring: ")[:_LONGEST_REFUSAL]}
    if done.returncode != _DONE:
        raise RuntimeError(f"{command} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
    return found


def _environment() -> dict[str, str]:
    """The child knows where the engine is and nothing else of this process: no secret of the settings."""
    return {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


def _links_text(competition: Competition) -> str:
    """links.csv: pairs of the register by code, no names."""
    return "expert,application\n" + "".join(f"{expert},{code}\n" for expert, code in links_of(competition))


def _expert_totals(competition: Competition) -> dict[str, dict[str, str]]:
    """Totals of the experts by application, exact; an application without any is left out."""
    rules = engine_rules(competition)
    bids, marks = score_records(competition)
    table = tabulate_marks(rules, marks, bids)
    formulas = Formulas(rules, table)
    found = {}
    for bid in table.applications:
        totals = formulas.total(bid, table.points.get(bid.code, {})).expert_totals
        if totals:
            found[bid.code] = {expert: plain_text(total) for expert, total in totals.items()}
    return found


def _store(run: JobRun, stage: str, digest: str, parts: Mapping[str, Any]) -> None:
    """One report a competition; what was computed during scoring never replaces that of the decision."""
    with unit_of_work():
        competition = db.session.scalars(sa.select(Competition).filter_by(code=run.arguments["competition"])).one()
        competition = lock_competition(competition.id)
        report = db.session.scalar(sa.select(AdviceReport).filter_by(competition_id=competition.id))
        if report is not None and (report.stage, stage) == (DECISION, SCORING):
            return
        calibration = parts.get("calibration", {})
        named = applications_by_engine_code(competition)
        if report is None:
            report = AdviceReport(competition_id=competition.id)
            db.session.add(report)
        report.stage, report.input_hash, report.engine_version = stage, digest, ENGINE_VERSION
        report.content, report.made_at = canonical_json(parts), clock.now()
        report.zone = [named[code].code for code in zone_of(calibration.get("applications", [])) if code in named]
