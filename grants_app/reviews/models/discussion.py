"""What experts and the commission say about diverging reviews: threads, messages, the consensus sheet of a lead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import identifiers
from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import DiscussionState


def new_message_code() -> str:
    """Address of a message."""
    return identifiers.new_code(7)


class Discussion(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """The thread of one application; a second divergence reopens the same thread."""

    __tablename__ = "discussion"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    state: Mapped[DiscussionState] = mapped_column(StateType(DiscussionState), default=DiscussionState.OPEN)
    reason: Mapped[str] = mapped_column(sa.String(12))  # divergence | asked
    spread_text: Mapped[str | None] = mapped_column(sa.String(30))  # the spread that opened it, as printed
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # writes the consensus sheet
    # The lead's sheet: {"marks": {criterion code: {"points", "justification"}}, "text"}; advice, never counted itself.
    consensus: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    consensus_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(sa.Text, default="")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # None: the divergence itself
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    application: Mapped[Application] = relationship()
    lead: Mapped[User | None] = relationship(foreign_keys=[lead_id])
    messages: Mapped[list[DiscussionMessage]] = relationship(
        back_populates="discussion", order_by="DiscussionMessage.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("reason IN ('divergence', 'asked')", name="reason_known"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_known"),
    )

    @property
    def journal_code(self) -> str:
        """The application."""
        return self.application.journal_code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.application.competition.code


class DiscussionMessage(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A message; only added, never changed. Experts speak under their codes."""

    __tablename__ = "discussion_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_message_code)
    discussion_id: Mapped[int] = mapped_column(sa.ForeignKey("discussion.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    author_label: Mapped[str] = mapped_column(sa.String(80))  # an expert's code, or the msgid of an office
    visibility: Mapped[str] = mapped_column(sa.String(12))  # panel | secretary | commission
    text: Mapped[str] = mapped_column(sa.Text)
    mentions: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # labels of the people named
    at: Mapped[datetime] = mapped_column(Instant)

    discussion: Mapped[Discussion] = relationship(back_populates="messages")

    __table_args__ = (
        sa.CheckConstraint("visibility IN ('panel', 'secretary', 'commission')", name="visibility_known"),
    )
