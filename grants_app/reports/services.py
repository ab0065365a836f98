"""The plan's seed and the facts entered by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import record
from grants_app.permissions import Permission
from grants_app.reports.models import PlanFact, PlanIndicator, PlanMeasure

SEED = Path(__file__).resolve().parent / "seed"


def seed_plan() -> int:
    """Add the measures of the shipped plan and their indicators where they are not there yet; measures added."""
    known = {(measure.number, measure.occurrence): measure for measure in db.session.scalars(sa.select(PlanMeasure))}
    added = 0
    for position, row in enumerate(_read("plan.json"), start=1):
        key = (row["number"], row["occurrence"])
        if key not in known:
            known[key] = PlanMeasure(position=position, **row)
            db.session.add(known[key])
            added += 1
    db.session.flush()
    present = set(db.session.scalars(sa.select(PlanIndicator.code)))
    for position, row in enumerate(_read("indicators.json"), start=1):
        if row["code"] not in present:
            measure = known[row.pop("number"), row.pop("occurrence")]
            db.session.add(PlanIndicator(measure_id=measure.id, position=position, **row))
    db.session.flush()
    return added


def enter_fact(indicator: PlanIndicator, *, year: int, value: int, evidence: str, by: User) -> PlanFact:
    """Enter what was reached in a year, with the evidence; what the system counts itself cannot be entered.

    Raises NotAllowed, InvalidInput by field.
    """
    if not by.can(Permission.PLAN_FACT_EDIT):
        raise NotAllowed("Your role does not allow this step")
    if indicator.counted_by:
        raise NotAllowed("The system counts this indicator itself")
    if not 2000 <= year <= clock.today().year:
        raise InvalidInput("The year must not be in the future", field="year")
    if value < 0:
        raise InvalidInput("Enter a whole number", field="value")
    if len(evidence) < 10:
        raise InvalidInput("Name the evidence: a link, a date, a document", field="evidence")
    fact = PlanFact(
        indicator_id=indicator.id,
        year=year,
        value=value,
        evidence=evidence,
        entered_at=clock.now(),
        entered_by_id=by.id,
    )
    db.session.add(fact)
    db.session.flush()
    record(
        thing="plan_indicator",
        code=indicator.code,
        step="enter_fact",
        by=by,
        facts={"year": year, "value": value, "evidence": evidence},
    )
    return fact


def _read(name: str) -> list[dict[str, Any]]:  # rows of our own seed files
    rows: list[dict[str, Any]] = json.loads((SEED / name).read_text(encoding="utf-8"))
    return rows
