"""Tables around writing and sending: signatures, late entries, who writes now, reminders that went out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models.application import Application, Attachment
from grants_app.competitions.models import Competition
from grants_app.core.types import Instant
from grants_app.database import db


class Signature(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """How the head signed a sending: over which digest, by which mode, what a verifier said of it."""

    __tablename__ = "signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    mode: Mapped[str] = mapped_column(sa.String(15))  # confirm | second_factor | scan | qes
    content_digest: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attachment.id"))
    # The sending it belongs to; none while it is only prepared (a scan or a container is there, nothing is sent).
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submission.id"))
    # Read from the container: [{"name", "organisation", "serial", "from", "until"}]; "verdict" of the verifier:
    # valid | invalid | unknown, with its words.
    signers: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    verdict: Mapped[str] = mapped_column(sa.String(10), default="unknown")
    verdict_note: Mapped[str] = mapped_column(sa.Text, default="")

    application: Mapped[Application] = relationship()
    attachment: Mapped[Attachment | None] = relationship()

    __table_args__ = (
        sa.CheckConstraint("mode IN ('confirm', 'second_factor', 'scan', 'qes')", name="mode_known"),
        sa.CheckConstraint("verdict IN ('valid', 'invalid', 'unknown')", name="verdict_known"),
    )


class LateEntry(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A personal code by which one organisation may still apply after the deadline; published with its reason."""

    __tablename__ = "late_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)  # names the row, opens nothing
    secret_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    until: Mapped[datetime] = mapped_column(Instant)
    given_at: Mapped[datetime] = mapped_column(Instant)
    given_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    opened_at: Mapped[datetime | None] = mapped_column(Instant)  # the code was entered
    opened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    used_at: Mapped[datetime | None] = mapped_column(Instant)  # the application was sent by it
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # taken back

    competition: Mapped[Competition] = relationship()
    organisation: Mapped[Organisation] = relationship()
    application: Mapped[Application | None] = relationship()


class Presence(db.Model):  # type: ignore[name-defined,misc]  # as above
    """Who has a page of a draft open now; old rows mean nobody."""

    __tablename__ = "presence"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    page: Mapped[str] = mapped_column(sa.String(60), default="")
    seen_at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship()

    __table_args__ = (sa.UniqueConstraint("application_id", "user_id"),)


class DraftReminder(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A reminder of a deadline that went to the owners of an unsent draft: once for each deadline and distance."""

    __tablename__ = "draft_reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))  # 7d | 2d | 3h
    deadline: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (sa.UniqueConstraint("application_id", "kind", "deadline"),)
