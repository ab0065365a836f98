"""Who scores what: one expert and one application."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import AssignmentState

if TYPE_CHECKING:
    from grants_app.reviews.models.sheets import Evidence, LineAdvice, Review


class Assignment(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """One expert asked to score one application. `expert_code` is the name that the public and the bundle see."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    expert_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)  # None: came from a file
    expert_code: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[AssignmentState] = mapped_column(StateType(AssignmentState), default=AssignmentState.PROPOSED)
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    assigned_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    declared_at: Mapped[datetime | None] = mapped_column(Instant)
    # A declared conflict or a doubt, as the expert wrote it: for the secretary alone.
    conflict_reason: Mapped[str | None] = mapped_column(sa.Text)
    doubted_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_reason: Mapped[str | None] = mapped_column(sa.Text)
    skipped_at: Mapped[datetime | None] = mapped_column(Instant)  # «пропустити»: goes to the end of the expert's queue
    # From this instant the others' reviews are open to this expert, and the own one cannot be recalled any more.
    others_opened_at: Mapped[datetime | None] = mapped_column(Instant)
    is_extra: Mapped[bool] = mapped_column(sa.Boolean, default=False)  # called in because the others diverge

    application: Mapped[Application] = relationship()
    expert: Mapped[User | None] = relationship(foreign_keys=[expert_id])
    review: Mapped[Review | None] = relationship(back_populates="assignment", cascade="all, delete-orphan")
    evidence: Mapped[list[Evidence]] = relationship(order_by="Evidence.id", cascade="all, delete-orphan")
    line_advice: Mapped[list[LineAdvice]] = relationship(
        order_by="LineAdvice.budget_row_id", cascade="all, delete-orphan"
    )

    __table_args__ = (
        sa.UniqueConstraint("application_id", "expert_code"),
        sa.Index("ix_assignment_competition_id_state", "competition_id", "state"),
    )

    @property
    def journal_code(self) -> str:
        """Application and expert code: no name."""
        return f"{self.application.code}/{self.expert_code}"

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.application.competition.code
