"""Tables of the partnership plan: measures as printed, their indicators, and the facts entered by hand."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.core.types import Instant
from grants_app.database import db


class PlanMeasure(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A measure of the plan. The decision prints one number twice, so number and occurrence together are the key."""

    __tablename__ = "plan_measure"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.Integer, unique=True)
    number: Mapped[str] = mapped_column(sa.String(20))
    occurrence: Mapped[int] = mapped_column(sa.Integer)
    direction: Mapped[str] = mapped_column(sa.Text)
    task: Mapped[str] = mapped_column(sa.Text)
    action: Mapped[str] = mapped_column(sa.Text)
    responsible: Mapped[list[str]] = mapped_column(sa.JSON)
    period: Mapped[str] = mapped_column(sa.String(60))
    funding_sources: Mapped[list[str]] = mapped_column(sa.JSON)
    expected_results: Mapped[list[str]] = mapped_column(sa.JSON)

    indicators: Mapped[list[PlanIndicator]] = relationship(
        back_populates="measure", order_by="PlanIndicator.position", cascade="all, delete-orphan"
    )

    __table_args__ = (sa.UniqueConstraint("number", "occurrence"),)


class PlanIndicator(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A countable result of a measure. `counted_by` names the system's own count; empty: entered by hand."""

    __tablename__ = "plan_indicator"

    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(sa.ForeignKey("plan_measure.id"), index=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    title_uk: Mapped[str] = mapped_column(sa.String(200))
    title_en: Mapped[str] = mapped_column(sa.String(200))
    target: Mapped[int | None] = mapped_column(sa.Integer)  # None: counted without a target
    per: Mapped[str] = mapped_column(sa.String(6))  # month | year | plan
    counted_by: Mapped[str] = mapped_column(sa.String(30), default="")

    measure: Mapped[PlanMeasure] = relationship(back_populates="indicators")

    __table_args__ = (sa.CheckConstraint("per IN ('month', 'year', 'plan')", name="per_known"),)


class PlanFact(db.Model):  # type: ignore[name-defined,misc]  # as above
    """What was reached in a year, entered by hand with its evidence. A correction is a new row; the newest counts."""

    __tablename__ = "plan_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(sa.ForeignKey("plan_indicator.id"), index=True)
    year: Mapped[int] = mapped_column(sa.Integer)
    value: Mapped[int] = mapped_column(sa.Integer)
    evidence: Mapped[str] = mapped_column(sa.Text)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))

    indicator: Mapped[PlanIndicator] = relationship()
    entered_by: Mapped[User] = relationship()

    __table_args__ = (sa.CheckConstraint("value >= 0", name="value_not_negative"),)
