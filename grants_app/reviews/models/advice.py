"""What the advisory layer of the engine says of a competition: kept with the inputs it was computed from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.competitions.models import Competition
from grants_app.core.types import Instant
from grants_app.database import db


class AdviceReport(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """One computation: agreement, calibration, uncertainty, robustness as canonical JSON. Never read by the ranking."""

    __tablename__ = "advice_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), unique=True)
    input_hash: Mapped[str] = mapped_column(sa.String(80))  # of the marks; another hash now means the advice is stale
    engine_version: Mapped[str] = mapped_column(sa.String(20))
    stage: Mapped[str] = mapped_column(sa.String(10))  # scoring: agreement alone; decision: everything
    content: Mapped[str] = mapped_column(sa.Text, deferred=True)
    # Codes of applications whose award hangs on chance: what the ranked list marks without reading the content.
    zone: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    made_at: Mapped[datetime] = mapped_column(Instant)

    competition: Mapped[Competition] = relationship()

    __table_args__ = (sa.CheckConstraint("stage IN ('scoring', 'decision')", name="stage_known"),)
