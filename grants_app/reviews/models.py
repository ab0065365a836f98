"""Tables of experts' assignments, reviews and scores."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Criterion
from grants_app.core import identifiers
from grants_app.core.types import Instant, Kop, StateType
from grants_app.database import db
from grants_app.lifecycle import AssignmentState


def new_profile_code() -> str:
    """Public address of an expert's page: tells neither order nor name."""
    return identifiers.new_code(7)


class ExpertProfile(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """What the assignment needs to know about an expert."""

    __tablename__ = "expert_profile"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_profile_code)
    workplace: Mapped[str] = mapped_column(sa.String(300), default="")
    workplace_edrpou: Mapped[str] = mapped_column(sa.String(8), default="")
    # Codes of priorities (of any competition) the expert knows.
    fields_known: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    is_available: Mapped[bool] = mapped_column(sa.Boolean, default=True)

    user: Mapped[User] = relationship()


class Assignment(db.Model):  # type: ignore[name-defined,misc]  # as above
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

    application: Mapped[Application] = relationship()
    expert: Mapped[User | None] = relationship(foreign_keys=[expert_id])
    review: Mapped[Review | None] = relationship(back_populates="assignment", cascade="all, delete-orphan")

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


class Review(db.Model):  # type: ignore[name-defined,misc]  # as above
    """The review sheet of an assignment. `version` guards two tabs; submitted content is hashed."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), unique=True)
    recommendation: Mapped[str | None] = mapped_column(sa.String(12))  # fund | partly | refuse
    recommended_kop: Mapped[int | None] = mapped_column(Kop)
    comment_applicant: Mapped[str] = mapped_column(sa.Text, default="")
    comment_secretary: Mapped[str] = mapped_column(sa.Text, default="")
    saved_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    total_text: Mapped[str | None] = mapped_column(sa.String(30))
    content_digest: Mapped[str | None] = mapped_column(sa.String(64))
    version: Mapped[int] = mapped_column(sa.Integer)

    assignment: Mapped[Assignment] = relationship(back_populates="review")
    scores: Mapped[list[Score]] = relationship(back_populates="review", cascade="all, delete-orphan")
    editions: Mapped[list[ReviewEdition]] = relationship(order_by="ReviewEdition.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint(
            "recommendation IS NULL OR recommendation IN ('fund', 'partly', 'refuse')", name="recommendation_known"
        ),
    )


class ReviewEdition(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A submitted review as it stood before it was reopened or withdrawn by a recusal; kept, never counted."""

    __tablename__ = "review_edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id"), index=True)
    content: Mapped[str] = mapped_column(sa.Text)  # canonical JSON; its SHA-256 is the digest
    digest: Mapped[str] = mapped_column(sa.String(64))
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime] = mapped_column(Instant)
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(sa.Text, default="")


class Score(db.Model):  # type: ignore[name-defined,misc]  # as above
    """Points of one criterion: exact decimal text, or NULL with a state; missing is never 0."""

    __tablename__ = "score"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id"), index=True)
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("criterion.id"))
    points: Mapped[str | None] = mapped_column(sa.String(20))
    # scored recused absent withdrawn pending
    mark_state: Mapped[str] = mapped_column(sa.String(10), default="pending")
    justification: Mapped[str] = mapped_column(sa.Text, default="")
    imported_columns: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)  # further cells of the file it came from

    review: Mapped[Review] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("review_id", "criterion_id"),
        sa.CheckConstraint("(points IS NOT NULL) = (mark_state = 'scored')", name="points_match_state"),
    )
