"""Budget lines with their counters, and the entries that explain them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.core.types import Instant, Kop
from grants_app.database import db


class BudgetLine(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A limit of money and how much of it is promised and spent. Counters move only through `budget.services`."""

    __tablename__ = "budget_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    year: Mapped[int] = mapped_column(sa.Integer)
    # "city": the municipal budget; "grant": money of a donor (vouchers are paid from it, plan item 1.1.6)
    source: Mapped[str] = mapped_column(sa.String(10))
    kpkvk: Mapped[str | None] = mapped_column(sa.String(7))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("budget_line.id"))
    limit_kop: Mapped[int] = mapped_column(Kop)
    reserved_kop: Mapped[int] = mapped_column(Kop, default=0)
    spent_kop: Mapped[int] = mapped_column(Kop, default=0)

    parent: Mapped[BudgetLine | None] = relationship(remote_side=[id])

    __table_args__ = (
        sa.CheckConstraint("source IN ('city', 'grant')", name="source_known"),
        sa.CheckConstraint("limit_kop >= 0 AND reserved_kop >= 0 AND spent_kop >= 0", name="not_negative"),
        sa.CheckConstraint("reserved_kop + spent_kop <= limit_kop", name="within_limit"),
    )

    @property
    def free_kop(self) -> int:
        """What may still be promised."""
        return self.limit_kop - self.reserved_kop - self.spent_kop


class BudgetEntry(db.Model):  # type: ignore[name-defined,misc]  # as above
    """One movement on a line, append-only; a correction is a new entry. The entries recompute the counters."""

    __tablename__ = "budget_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("budget_line.id"), index=True)
    # limit (change of the limit, signed) | reserve | release | spend (from reserved) | refund (spent -> free)
    kind: Mapped[str] = mapped_column(sa.String(10))
    amount_kop: Mapped[int] = mapped_column(Kop)
    thing: Mapped[str] = mapped_column(sa.String(40))
    thing_code: Mapped[str] = mapped_column(sa.String(80))
    note: Mapped[str | None] = mapped_column(sa.Text)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    line: Mapped[BudgetLine] = relationship()

    __table_args__ = (
        sa.CheckConstraint("kind IN ('limit', 'reserve', 'release', 'spend', 'refund')", name="kind_known"),
        sa.Index("ix_budget_entry_thing_thing_code", "thing", "thing_code"),
    )
