"""Phases in which the applicant is hidden: masked copies of answers, and ties that experts name beforehand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.types import Instant
from grants_app.database import db


class MaskedAnswer(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """The edited copy of one answer. `source_digest` names the text it was made from: a later answer voids the copy."""

    __tablename__ = "masked_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    question: Mapped[str] = mapped_column(sa.String(60))
    value: Mapped[Any] = mapped_column(sa.JSON)  # same shape as the answer, masked parts replaced by the mask
    source_digest: Mapped[str] = mapped_column(sa.String(64))
    is_approved: Mapped[bool] = mapped_column(sa.Boolean, default=False)  # False: proposed by the program
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    application: Mapped[Application] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (sa.UniqueConstraint("application_id", "question"),)


class TieStatement(db.Model):  # type: ignore[name-defined,misc]  # as above
    """With which of all the applicants an expert has ties, said once before any application of a blind call opens."""

    __tablename__ = "tie_statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    stated_at: Mapped[datetime] = mapped_column(Instant)
    tie_count: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()
    expert: Mapped[User] = relationship()

    __table_args__ = (sa.UniqueConstraint("competition_id", "expert_id"),)

    @property
    def journal_code(self) -> str:
        """The competition: the statement has no page of its own."""
        return self.competition.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code
