"""The register of conflicts of interest: declared, found in our own data, or raised by anyone; the chair decides."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core import identifiers
from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import ConflictState


def new_conflict_code() -> str:
    """Address of a line of the register."""
    return identifiers.new_code(7)


class Conflict(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A person and an application that the person must not touch (or may, if the chair finds so).

    `level` block: the person is kept out at once, while the question is open too; review: the chair decides first.
    The register speaks of experts, members of the commission and staff alike.
    """

    __tablename__ = "conflict"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_conflict_code)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    state: Mapped[ConflictState] = mapped_column(StateType(ConflictState), default=ConflictState.OPEN)
    level: Mapped[str] = mapped_column(sa.String(8))  # block | review
    source: Mapped[str] = mapped_column(sa.String(10))  # declared | found | raised
    kind: Mapped[str] = mapped_column(sa.String(30))  # what ties them: a code of rules.conflicts
    # In the words of whoever declared or raised it, or where our data shows it: for the secretary and the chair alone.
    details: Mapped[str] = mapped_column(sa.Text, default="")
    raised_at: Mapped[datetime] = mapped_column(Instant)
    raised_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # None: found by the system
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decision_reason: Mapped[str | None] = mapped_column(sa.Text)

    competition: Mapped[Competition] = relationship()
    application: Mapped[Application] = relationship()
    person: Mapped[User] = relationship(foreign_keys=[person_id])
    raised_by: Mapped[User | None] = relationship(foreign_keys=[raised_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])

    __table_args__ = (
        sa.UniqueConstraint("application_id", "person_id", "source", "kind"),
        sa.CheckConstraint("level IN ('block', 'review')", name="level_known"),
        sa.CheckConstraint("source IN ('declared', 'found', 'raised')", name="source_known"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at_known"),
        sa.Index("ix_conflict_competition_id_person_id", "competition_id", "person_id"),
    )

    @property
    def journal_code(self) -> str:
        """Code of the line: neither person nor application."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code
