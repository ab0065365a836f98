"""Stored totals of the lots: counted again in the transaction that changes a sum, so that no page adds up anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.awards.models import Award, Ranking
from grants_app.awards.rules.words import standing
from grants_app.competitions.models import Competition, Lot
from grants_app.database import db

TABLE: sa.Table = Award.__table__


@dataclass(frozen=True)
class _Row:
    id: int
    lot_id: int | None
    place: int | None
    position: int
    code: str | None
    number: int | None
    requested_kop: int
    proposed_kop: int
    running_kop: int | None
    standing: str


def refresh(competition: Competition, ranking: Ranking) -> None:
    """Running sums of the proposals and the totals of every lot."""
    db.session.flush()
    rows = _rows(competition)
    sums: dict[int | None, int] = {}
    changed = []
    for row in rows:
        running = None
        if row.proposed_kop:
            running = sums[row.lot_id] = sums.get(row.lot_id, 0) + row.proposed_kop
        if running != row.running_kop:
            changed.append({"award_id": row.id, "running": running})
    if changed:
        # Only the running sum moves: the versions that guard two editors stay as they are.
        statement = (
            sa.update(TABLE).where(TABLE.c.id == sa.bindparam("award_id")).values(running_kop=sa.bindparam("running"))
        )
        db.session.connection().execute(statement, changed)
        db.session.expire_all()
    lots: list[Lot | None] = list(competition.lots) or [None]
    ranking.balances = [_balance(lot, [row for row in rows if row.lot_id == (lot.id if lot else None)]) for lot in lots]
    db.session.flush()


def _rows(competition: Competition) -> list[_Row]:
    query = (
        sa.select(
            Award.id, Award.lot_id, Award.place, Award.position, Application.code, Application.register_number,
            Award.requested_kop, Award.proposed_kop, Award.running_kop, Award.outcome, Award.rule_kop,
        )
        .join(Application, Application.id == Award.application_id)
        .filter(Award.competition_id == competition.id)
        .order_by(Award.position)
    )  # fmt: skip
    return [
        _Row(*row[:9], standing(row.outcome, row.proposed_kop, row.rule_kop, row.requested_kop))
        for row in db.session.execute(query)
    ]


def _balance(lot: Lot | None, rows: list[_Row]) -> dict[str, Any]:
    fund = lot.fund_kop if lot is not None else 0
    by_standing: dict[str, list[_Row]] = {}
    for row in rows:
        by_standing.setdefault("partial" if row.standing == "changed" else row.standing, []).append(row)
    waiting = [row for row in rows if row.standing in {"reserve", "tie_at_cut"}]
    # A sum from the common pool is another lot's money: it is shown, but not against this lot's fund.
    spent = sum(row.proposed_kop for row in rows if row.standing != "pooled")
    left = fund - spent
    partial = [row for row in rows if row.standing == "partial"]
    below = [row for row in rows if row.standing in {"below_pass_mark", "insufficient"}]
    return {
        "lot": lot.code if lot is not None else "",
        "title": lot.title if lot is not None else "",
        "fund_kop": fund,
        "left_kop": left,
        **{f"{name}_count": len(by_standing.get(name, [])) for name in ("funded", "partial", "pooled")},
        **{
            f"{name}_kop": sum(row.proposed_kop for row in by_standing.get(name, []))
            for name in ("funded", "partial", "pooled")
        },
        "rows": len(rows),
        "reserve_count": len(waiting),
        "below_count": len(below),
        "short": _short(partial[-1], partial[-1].requested_kop - partial[-1].proposed_kop) if partial else None,
        "next": _next(waiting, left, partial),
        "cheapest": _short(cheapest, cheapest.requested_kop) if (cheapest := _cheapest(waiting)) else None,
        "cut_at": waiting[0].position if waiting else None,
        "below_at": below[0].position if below else None,
        "tie": [row.code for row in by_standing.get("tie_at_cut", [])],
    }


def _cheapest(waiting: list[_Row]) -> _Row | None:
    return min(waiting, key=lambda row: (row.requested_kop, row.position), default=None)


def _next(waiting: list[_Row], left: int, partial: list[_Row]) -> dict[str, Any] | None:
    """The price of one more project: what lacks for the first one below the money line."""
    if not waiting:
        return None
    first = waiting[0]
    missing = sum(row.requested_kop - row.proposed_kop for row in partial)
    return _short(first, max(first.requested_kop + missing - left, 0))


def _short(row: _Row, amount_kop: int) -> dict[str, Any]:
    return {"code": row.code, "number": row.number, "place": row.place, "amount_kop": amount_kop}
