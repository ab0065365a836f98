"""Tables of the formal check: verdicts, the return for correction, marks of the radar, bulk steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.applications.models.application import Application
from grants_app.competitions.models import Competition
from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import BulkStepState, FlagState


class FormalCheckItem(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """The verdict on one requirement of the formal check."""

    __tablename__ = "formal_check_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    requirement: Mapped[str] = mapped_column(sa.String(60))
    verdict: Mapped[str] = mapped_column(sa.String(10))  # meets | defect | not_applicable
    note: Mapped[str] = mapped_column(sa.Text, default="")
    question: Mapped[str | None] = mapped_column(sa.String(60))  # the answer a defect opens for correction
    checked_at: Mapped[datetime] = mapped_column(Instant)
    checked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))

    __table_args__ = (
        sa.UniqueConstraint("application_id", "requirement"),
        sa.CheckConstraint("verdict IN ('meets', 'defect', 'not_applicable')", name="verdict_known"),
    )


class Correction(db.Model):  # type: ignore[name-defined,misc]  # as above
    """One return for correction: only the named questions open, till the term; old answers are kept beside."""

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)  # one round
    letter: Mapped[str] = mapped_column(sa.Text)
    questions: Mapped[list[str]] = mapped_column(sa.JSON)
    old_values: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    due_at: Mapped[datetime] = mapped_column(Instant)
    due_day: Mapped[date] = mapped_column(sa.Date)
    sent_at: Mapped[datetime] = mapped_column(Instant)
    sent_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    application: Mapped[Application] = relationship()


class Flag(db.Model):  # type: ignore[name-defined,misc]  # as above
    """Something the radar found in an application: the same cost, a near-identical text, another payment."""

    __tablename__ = "application_flag"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    state: Mapped[FlagState] = mapped_column(StateType(FlagState), default=FlagState.OPEN)
    # What it was compared with: thing and code («application», «voucher»), and the finding's own fingerprint.
    other_thing: Mapped[str] = mapped_column(sa.String(40), default="")
    other_code: Mapped[str] = mapped_column(sa.String(80), default="")
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    likeness_bp: Mapped[int] = mapped_column(sa.Integer, default=10_000)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)  # [{"place", "own", "other"}]
    found_at: Mapped[datetime] = mapped_column(Instant)
    gone_at: Mapped[datetime | None] = mapped_column(Instant)  # a later look did not find it any more
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int] = mapped_column(sa.Integer)

    application: Mapped[Application] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (sa.UniqueConstraint("application_id", "fingerprint"),)

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.application.competition.code


class BulkStep(db.Model):  # type: ignore[name-defined,misc]  # as above
    """One step taken on many applications at once, which can be undone as a whole till an instant."""

    __tablename__ = "bulk_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    state: Mapped[BulkStepState] = mapped_column(StateType(BulkStepState), default=BulkStepState.OPEN)
    step: Mapped[str] = mapped_column(sa.String(30))
    applications: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)  # [{"code", "from"}]
    batch_code: Mapped[str | None] = mapped_column(sa.String(40))  # its letters
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    undo_until: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    competition: Mapped[Competition] = relationship()

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code
