"""Tables of applications: answers by question, budget rows, attachments, submissions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import Organisation, User
from grants_app.competitions.models import Competition, Lot, Priority
from grants_app.core.types import Instant, Kop, StateType
from grants_app.database import db
from grants_app.lifecycle import ApplicationState


class Application(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """One application. `key` addresses the draft; `code` is given at submission, `register_number` at closing.

    Amounts and scores are stored totals, written in the transaction that changes their parts.
    """

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    code: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    register_number: Mapped[int | None] = mapped_column(sa.Integer)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"))
    priority_id: Mapped[int | None] = mapped_column(sa.ForeignKey("priority.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    state: Mapped[ApplicationState] = mapped_column(StateType(ApplicationState), default=ApplicationState.DRAFT)
    title: Mapped[str] = mapped_column(sa.String(300), default="")

    # Totals of the project budget.
    requested_kop: Mapped[int] = mapped_column(Kop, default=0)
    own_cash_kop: Mapped[int] = mapped_column(Kop, default=0)
    own_inkind_kop: Mapped[int] = mapped_column(Kop, default=0)
    other_kop: Mapped[int] = mapped_column(Kop, default=0)
    total_cost_kop: Mapped[int] = mapped_column(Kop, default=0)
    own_share_bp: Mapped[int] = mapped_column(sa.Integer, default=0)
    smallest_kop: Mapped[int | None] = mapped_column(Kop)
    # Of the stored lines; locked with the application, so that lines read in the same statement can be trusted.
    budget_digest: Mapped[str | None] = mapped_column(sa.String(64))

    # Submission as the applicant signed it; frozen content is hashed.
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    content_digest: Mapped[str | None] = mapped_column(sa.String(64))
    # The version of the form that was sent; none while it is a draft (drafts follow the newest one).
    form_version: Mapped[int | None] = mapped_column(sa.Integer)
    # What the secretary proposes to the commission: {"verdict", "reason", "clause", "by", "at"}.
    admission_proposal: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # Who has taken it into the formal check: others see it, nobody is kept out.
    checker_id: Mapped[int | None] = mapped_column(sa.Integer)
    decision_reason: Mapped[str | None] = mapped_column(sa.Text)  # of rejection or withdrawal

    # Stored totals of reviewing (advisory until the ranking is made); score_micro orders lists, score_text is shown.
    review_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    score_micro: Mapped[int | None] = mapped_column(Kop)
    score_text: Mapped[str | None] = mapped_column(sa.String(30))
    criterion_means: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)

    # A competition that came through the file door keeps the file's own columns (formats: unknown columns are kept).
    imported_code: Mapped[str | None] = mapped_column(sa.String(80))
    imported_columns: Mapped[dict[str, str] | None] = mapped_column(sa.JSON)
    version: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()
    lot: Mapped[Lot | None] = relationship()
    priority: Mapped[Priority | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    answers: Mapped[list[Answer]] = relationship(back_populates="application", cascade="all, delete-orphan")
    budget_rows: Mapped[list[BudgetRow]] = relationship(
        primaryjoin="and_(Application.id == BudgetRow.application_id, BudgetRow.is_gone.is_(False))",
        back_populates="application",
        order_by="BudgetRow.position",
        cascade="all, delete-orphan",
    )
    attachments: Mapped[list[Attachment]] = relationship(back_populates="application", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("competition_id", "register_number"),
        sa.UniqueConstraint("competition_id", "imported_code"),
        sa.CheckConstraint("state = 'draft' OR code IS NOT NULL", name="code_given"),
        sa.CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_at_known"),
        sa.CheckConstraint("requested_kop >= 0 AND total_cost_kop >= 0", name="not_negative"),
        sa.Index("ix_application_competition_id_state", "competition_id", "state"),
        sa.Index("ix_application_competition_id_score_micro", "competition_id", "score_micro"),
    )

    @property
    def journal_code(self) -> str:
        """The public code, or the draft's key before submission."""
        return self.code or self.key

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code


class Answer(db.Model):  # type: ignore[name-defined,misc]  # as above
    """The answer to one question: text, or JSON for repeating groups. Each answer has its own version."""

    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    question: Mapped[str] = mapped_column(sa.String(60))
    value: Mapped[Any] = mapped_column(sa.JSON)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    updated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    application: Mapped[Application] = relationship(back_populates="answers")
    updated_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (sa.UniqueConstraint("application_id", "question"),)


class BudgetRow(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A line of the project budget. `total_kop` is computed; quantity is in thousandths of the unit."""

    __tablename__ = "project_budget_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    category: Mapped[str] = mapped_column(sa.String(30))
    item: Mapped[str] = mapped_column(sa.String(300))
    unit: Mapped[str] = mapped_column(sa.String(40), default="")
    qty_milli: Mapped[int] = mapped_column(Kop)
    price_kop: Mapped[int] = mapped_column(Kop)
    total_kop: Mapped[int] = mapped_column(Kop)
    city_kop: Mapped[int] = mapped_column(Kop, default=0)
    own_cash_kop: Mapped[int] = mapped_column(Kop, default=0)
    own_inkind_kop: Mapped[int] = mapped_column(Kop, default=0)
    other_kop: Mapped[int] = mapped_column(Kop, default=0)
    justification: Mapped[str] = mapped_column(sa.Text, default="")
    # What the city pays of this line if only the smallest useful amount is granted; none: as in full.
    least_kop: Mapped[int | None] = mapped_column(Kop)
    # Taken away by the same statement that wrote other lines; the next removal or press of «save» clears it.
    is_gone: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())

    application: Mapped[Application] = relationship(back_populates="budget_rows")

    __table_args__ = (
        sa.CheckConstraint(
            "city_kop >= 0 AND own_cash_kop >= 0 AND own_inkind_kop >= 0 AND other_kop >= 0", name="not_negative"
        ),
        sa.Index("uq_project_budget_row_position", "application_id", "position", unique=True),
    )


class Attachment(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A file of the application; the bytes lie in the storage under their digest."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    file_name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int] = mapped_column(sa.Integer)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    # Taken from the organisation's library.
    document_id: Mapped[int | None] = mapped_column(sa.Integer)

    application: Mapped[Application] = relationship(back_populates="attachments")


class Submission(db.Model):  # type: ignore[name-defined,misc]  # as above
    """The exact content that was sent, canonical JSON with its digest; one row for each sending."""

    __tablename__ = "submission"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12), default="first")  # first | correction | late_file
    content: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    application: Mapped[Application] = relationship()
