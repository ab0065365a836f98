"""Reading the money: lines, entries and the recomputation that proves the counters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.budget.models import BudgetEntry, BudgetLine
from grants_app.core.errors import NotFound
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
    depth: int = 0
    parent: str | None = None
    kpkvk: str | None = None


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


def line_tree(*, source: str | None = None, year: int | None = None) -> list[BudgetLineRow]:
    """Lines with their children right under them, newest year first; one query whatever the number of lines."""
    query = sa.select(BudgetLine).order_by(BudgetLine.year.desc(), BudgetLine.code)
    if source is not None:
        query = query.filter_by(source=source)
    if year is not None:
        query = query.filter_by(year=year)
    lines = list(db.session.scalars(query))
    known = {line.id: line for line in lines}
    children: dict[int | None, list[BudgetLine]] = {}
    for line in lines:
        children.setdefault(line.parent_id if line.parent_id in known else None, []).append(line)
    rows: list[BudgetLineRow] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for line in children.get(parent_id, []):
            parent = known.get(line.parent_id) if line.parent_id is not None else None
            rows.append(_row(line, depth=depth, parent=parent.code if parent is not None else None))
            walk(line.id, depth + 1)

    walk(None, 0)
    return rows


def line_by_code(code: str) -> BudgetLine:
    """The line of that code. Raises NotFound."""
    line = db.session.scalar(sa.select(BudgetLine).filter_by(code=code))
    if line is None:
        raise NotFound
    return line


def line_years() -> list[int]:
    """Years in which there are lines, newest first."""
    return list(db.session.scalars(sa.select(BudgetLine.year).distinct().order_by(BudgetLine.year.desc())))


def _row(line: BudgetLine, *, depth: int = 0, parent: str | None = None) -> BudgetLineRow:
    return BudgetLineRow(
        code=line.code,
        title=line.title,
        year=line.year,
        source=line.source,
        limit_kop=line.limit_kop,
        reserved_kop=line.reserved_kop,
        spent_kop=line.spent_kop,
        free_kop=line.free_kop,
        depth=depth,
        parent=parent,
        kpkvk=line.kpkvk,
    )


def entry_rows(line: BudgetLine) -> list[BudgetEntryRow]:
    """Movements of a line, oldest first."""
    query = sa.select(BudgetEntry).filter_by(line_id=line.id).order_by(BudgetEntry.id)
    return [
        BudgetEntryRow(entry.at, line.code, entry.kind, entry.amount_kop, entry.thing, entry.thing_code, entry.note)
        for entry in db.session.scalars(query)
    ]


def broken_lines() -> list[str]:
    """Sentences about lines whose counters differ from entries or from the limits of their parts; empty = sound."""
    sums = _recomputed()
    lines = list(db.session.scalars(sa.select(BudgetLine)))
    carried: dict[int, int] = {}
    for line in lines:
        if line.parent_id is not None:
            carried[line.parent_id] = carried.get(line.parent_id, 0) + line.limit_kop
    problems = []
    for line in lines:
        stored = [line.limit_kop, line.reserved_kop, line.spent_kop]
        if stored != sums.get(line.id, [0, 0, 0]):
            problems.append(f"budget line {line.code}: counters {stored}, entries {sums.get(line.id)}")
        if line.reserved_kop + line.spent_kop > line.limit_kop:
            problems.append(f"budget line {line.code}: over its limit")
        if carried.get(line.id, 0) > line.reserved_kop + line.spent_kop:
            problems.append(f"budget line {line.code}: its parts have larger limits than it holds for them")
    return problems


def _recomputed() -> dict[int, list[int]]:
    """Limit, promised and spent of every line from its entries."""
    sums: dict[int, list[int]] = {}
    query = sa.select(BudgetEntry.line_id, BudgetEntry.kind, sa.func.sum(BudgetEntry.amount_kop)).group_by(
        BudgetEntry.line_id, BudgetEntry.kind
    )
    for line_id, kind, amount in db.session.execute(query):
        counters = sums.setdefault(line_id, [0, 0, 0])
        for index, factor in enumerate(EFFECTS[kind]):
            counters[index] += factor * int(amount)
    return sums
