"""Reading the money: lines, entries and the recomputation that proves the counters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.budget.models import BudgetEntry, BudgetLine
from grants_app.database import db

# What each kind of entry does to (limit, reserved, spent).
EFFECTS: dict[str, tuple[int, int, int]] = {
    "limit": (1, 0, 0),
    "reserve": (0, 1, 0),
    "release": (0, -1, 0),
    "spend": (0, -1, 1),
    "refund": (0, 0, -1),
}


@dataclass(frozen=True)
class BudgetLineRow:
    """A line as people see it; money in kopiykas."""

    code: str
    title: str
    year: int
    source: str
    limit_kop: int
    reserved_kop: int
    spent_kop: int
    free_kop: int


@dataclass(frozen=True)
class BudgetEntryRow:
    """A movement as people see it."""

    at: datetime
    line: str
    kind: str
    amount_kop: int
    thing: str
    thing_code: str
    note: str | None


def line_rows(*, source: str | None = None, parent_id: int | None = None, roots: bool = False) -> list[BudgetLineRow]:
    """Lines in order of year and code."""
    query = sa.select(BudgetLine).order_by(BudgetLine.year.desc(), BudgetLine.code)
    if source is not None:
        query = query.filter_by(source=source)
    if roots:
        query = query.where(BudgetLine.parent_id.is_(None))
    elif parent_id is not None:
        query = query.where(BudgetLine.parent_id == parent_id)
    return [
        BudgetLineRow(
            line.code,
            line.title,
            line.year,
            line.source,
            line.limit_kop,
            line.reserved_kop,
            line.spent_kop,
            line.free_kop,
        )
        for line in db.session.scalars(query)
    ]


def entry_rows(line: BudgetLine) -> list[BudgetEntryRow]:
    """Movements of a line, oldest first."""
    query = sa.select(BudgetEntry).filter_by(line_id=line.id).order_by(BudgetEntry.id)
    return [
        BudgetEntryRow(entry.at, line.code, entry.kind, entry.amount_kop, entry.thing, entry.thing_code, entry.note)
        for entry in db.session.scalars(query)
    ]


def broken_lines() -> list[str]:
    """Sentences about lines whose counters differ from their entries, or whose children outgrow them; empty = sound."""
    sums: dict[int, list[int]] = {}
    query = sa.select(BudgetEntry.line_id, BudgetEntry.kind, sa.func.sum(BudgetEntry.amount_kop)).group_by(
        BudgetEntry.line_id, BudgetEntry.kind
    )
    for line_id, kind, amount in db.session.execute(query):
        counters = sums.setdefault(line_id, [0, 0, 0])
        for index, factor in enumerate(EFFECTS[kind]):
            counters[index] += factor * int(amount)
    problems = []
    for line in db.session.scalars(sa.select(BudgetLine)):
        stored = [line.limit_kop, line.reserved_kop, line.spent_kop]
        if stored != sums.get(line.id, [0, 0, 0]):
            problems.append(f"budget line {line.code}: counters {stored}, entries {sums.get(line.id)}")
        if line.reserved_kop + line.spent_kop > line.limit_kop:
            problems.append(f"budget line {line.code}: over its limit")
    return problems
