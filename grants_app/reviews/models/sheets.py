"""The review sheet of an assignment: marks, comments, evidence, advice on budget lines, kept editions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.competitions.models import Criterion
from grants_app.core import identifiers
from grants_app.core.types import Instant, Kop
from grants_app.database import db
from grants_app.reviews.models.assignments import Assignment


def new_evidence_code() -> str:
    """Address of a marked sentence."""
    return identifiers.new_code(7)


class Review(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
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


class Evidence(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A sentence of the application that an expert has marked and attached to a criterion."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_evidence_code)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("criterion.id"))
    question: Mapped[str] = mapped_column(sa.String(60))  # code of the answer in which the words stand
    quote: Mapped[str] = mapped_column(sa.Text)
    start: Mapped[int] = mapped_column(sa.Integer)  # in characters of the answer as shown; the quote is the proof
    made_at: Mapped[datetime] = mapped_column(Instant)

    criterion: Mapped[Criterion] = relationship()

    __table_args__ = (sa.UniqueConstraint("assignment_id", "criterion_id", "question", "start"),)


class LineAdvice(db.Model):  # type: ignore[name-defined,misc]  # as above
    """What an expert would leave of the city's money in one line of the project budget, with the reason."""

    __tablename__ = "line_advice"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    budget_row_id: Mapped[int] = mapped_column(sa.ForeignKey("project_budget_row.id"))
    city_kop: Mapped[int] = mapped_column(Kop)  # 0: struck out
    reason: Mapped[str] = mapped_column(sa.Text, default="")

    __table_args__ = (
        sa.UniqueConstraint("assignment_id", "budget_row_id"),
        sa.CheckConstraint("city_kop >= 0", name="not_negative"),
    )
