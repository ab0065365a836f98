"""The chokepoint: money is promised, released and spent here and nowhere else.

Each move is one conditional UPDATE that holds whatever the isolation level, with a CHECK under it and an entry beside
it. Commitments beyond the appropriation are void (Budget Code, Art. 48).
"""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from grants_app.budget.models import BudgetEntry, BudgetLine
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, OverBudget
from grants_app.database import db, lock
from grants_app.journal.services import Actor, record


def create_line(
    *,
    code: str,
    title: str,
    year: int,
    source: str,
    limit_kop: int,
    by: Actor,
    parent: BudgetLine | None = None,
    kpkvk: str | None = None,
) -> BudgetLine:
    """Open a line with its limit; under a parent the limit is first reserved there.

    Raises OverBudget when the parent has less free, InvalidInput for a limit that is not positive.
    """
    if limit_kop <= 0:
        raise InvalidInput("The fund must be more than zero", field="limit")
    if db.session.scalar(sa.select(BudgetLine.id).filter_by(code=code)) is not None:
        raise InvalidInput("This code is taken: choose another", field="code")
    if parent is not None:
        reserve(parent, limit_kop, thing="budget_line", code=code, by=by)
    line = BudgetLine(
        code=code,
        title=title,
        year=year,
        source=source,
        kpkvk=kpkvk,
        parent_id=parent.id if parent is not None else None,
        limit_kop=limit_kop,
        reserved_kop=0,
        spent_kop=0,
    )
    db.session.add(line)
    db.session.flush()
    _enter(line, "limit", limit_kop, thing="budget_line", code=code, by=by)
    record(thing="budget_line", code=code, step="create", by=by, facts={"limit_kop": limit_kop, "source": source})
    return line


def change_limit(line: BudgetLine, limit_kop: int, *, by: Actor, reason: str, seen_kop: int | None = None) -> None:
    """Set a new limit (a decision of the council); under a parent the difference is reserved or released there.

    Raises OverBudget when more is promised already or the parent has less free, InvalidInput below zero, EditConflict
    when the limit is no longer `seen_kop`, the one that the person looked at.
    """
    if limit_kop < 0:
        raise InvalidInput("The limit must not be below zero", field="limit")
    db.session.flush()
    # The difference must be that of the stored limit: both lines are held, the older one first.
    held = sa.select(BudgetLine).where(BudgetLine.id.in_([line.id, line.parent_id or line.id])).order_by(BudgetLine.id)
    db.session.scalars(lock(held)).all()
    if seen_kop is not None and line.limit_kop != seen_kop:
        raise EditConflict(
            "Somebody changed the limit while you were working: now it is %(limit)s", facts={"limit": line.limit_kop}
        )
    difference = limit_kop - line.limit_kop
    if line.parent is not None and difference > 0:
        reserve(line.parent, difference, thing="budget_line", code=line.code, by=by, note=reason)
    changed = _update(line, BudgetLine.reserved_kop + BudgetLine.spent_kop <= limit_kop, {"limit_kop": limit_kop})
    if not changed:
        raise OverBudget(
            "More than that is already reserved: %(promised)s",
            field="limit",
            facts={"promised": line.reserved_kop + line.spent_kop},
        )
    if line.parent is not None and difference < 0:
        release(line.parent, -difference, thing="budget_line", code=line.code, by=by, note=reason)
    _enter(line, "limit", difference, thing="budget_line", code=line.code, by=by, note=reason)
    record(
        thing="budget_line", code=line.code, step="limit", by=by, reason=reason, facts={"difference_kop": difference}
    )


def reserve(line: BudgetLine, amount_kop: int, *, thing: str, code: str, by: Actor, note: str | None = None) -> None:
    """Promise money. Raises OverBudget (facts excess_kop, available_kop) when it does not fit."""
    _positive(amount_kop)
    db.session.flush()
    changed = _update(
        line,
        BudgetLine.reserved_kop + BudgetLine.spent_kop + amount_kop <= BudgetLine.limit_kop,
        {"reserved_kop": BudgetLine.reserved_kop + amount_kop},
    )
    if not changed:
        free_kop = line.free_kop
        raise OverBudget(
            "The decision exceeds the limit of “%(line)s”: %(available)s are free",
            facts={
                "line": line.title,
                "available": free_kop,
                "available_kop": free_kop,
                "excess_kop": amount_kop - free_kop,
            },
        )
    _enter(line, "reserve", amount_kop, thing=thing, code=code, by=by, note=note)


def release(line: BudgetLine, amount_kop: int, *, thing: str, code: str, by: Actor, note: str | None = None) -> None:
    """Take a promise back: the money is free again. Raises OverBudget when less is reserved."""
    _positive(amount_kop)
    db.session.flush()
    changed = _update(
        line, BudgetLine.reserved_kop >= amount_kop, {"reserved_kop": BudgetLine.reserved_kop - amount_kop}
    )
    if not changed:
        raise OverBudget("Less than that is reserved on the line")
    _enter(line, "release", amount_kop, thing=thing, code=code, by=by, note=note)


def spend(line: BudgetLine, amount_kop: int, *, thing: str, code: str, by: Actor, note: str | None = None) -> None:
    """Turn a promise into a payment. Raises OverBudget when less is reserved."""
    _positive(amount_kop)
    db.session.flush()
    changed = _update(
        line,
        BudgetLine.reserved_kop >= amount_kop,
        {"reserved_kop": BudgetLine.reserved_kop - amount_kop, "spent_kop": BudgetLine.spent_kop + amount_kop},
    )
    if not changed:
        raise OverBudget("Less than that is reserved on the line")
    _enter(line, "spend", amount_kop, thing=thing, code=code, by=by, note=note)


def refund(line: BudgetLine, amount_kop: int, *, thing: str, code: str, by: Actor, note: str | None = None) -> None:
    """Money paid comes back to the line. Raises OverBudget when less was spent."""
    _positive(amount_kop)
    db.session.flush()
    changed = _update(line, BudgetLine.spent_kop >= amount_kop, {"spent_kop": BudgetLine.spent_kop - amount_kop})
    if not changed:
        raise OverBudget("Less than that was spent from the line")
    _enter(line, "refund", amount_kop, thing=thing, code=code, by=by, note=note)


def _positive(amount_kop: int) -> None:
    if amount_kop <= 0:
        raise InvalidInput("The amount must be more than zero", field="amount")


def _update(line: BudgetLine, condition: sa.ColumnElement[bool], values: dict[str, Any]) -> bool:
    statement = (
        sa.update(BudgetLine)
        .where(BudgetLine.id == line.id, condition)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    result = cast("CursorResult[Any]", db.session.execute(statement))  # an UPDATE always answers with a cursor
    db.session.refresh(line)
    return result.rowcount == 1


def _enter(
    line: BudgetLine, kind: str, amount_kop: int, *, thing: str, code: str, by: Actor, note: str | None = None
) -> None:
    db.session.add(
        BudgetEntry(
            line_id=line.id,
            kind=kind,
            amount_kop=amount_kop,
            thing=thing,
            thing_code=code,
            note=note,
            actor_id=by.actor_id,
            at=clock.now(),
        )
    )
