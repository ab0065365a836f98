"""Tables of the journal, the outbox and the job list."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import LetterBatchState


class JournalEntry(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """One thing that happened. Rows are only ever added; `hash` covers `prev` and the canonical `body`."""

    __tablename__ = "journal_entry"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(sa.Integer)
    actor: Mapped[str] = mapped_column(sa.String(120))
    thing: Mapped[str] = mapped_column(sa.String(40))
    thing_code: Mapped[str] = mapped_column(sa.String(80))
    scope: Mapped[str | None] = mapped_column(sa.String(80))
    step: Mapped[str] = mapped_column(sa.String(60))
    from_state: Mapped[str | None] = mapped_column(sa.String(40))
    to_state: Mapped[str | None] = mapped_column(sa.String(40))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    prev: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)

    __table_args__ = (
        sa.Index("ix_journal_entry_thing_thing_code", "thing", "thing_code"),
        sa.Index("ix_journal_entry_scope", "scope"),
    )


class JournalHead(db.Model):  # type: ignore[name-defined,misc]  # as above
    """The one row that serialises appending: last number and last hash."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.Integer, default=0)
    hash: Mapped[str] = mapped_column(sa.String(64), default="")


class Notice(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A letter in the outbox, written in the transaction of the step that causes it; a worker sends it after."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    email: Mapped[str] = mapped_column(sa.String(254))
    lang: Mapped[str] = mapped_column(sa.String(2), default="uk")
    template: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(300))
    body: Mapped[str] = mapped_column(sa.Text)
    # What the places were filled with, so that changed words can be tried on it; links that open an account are cut.
    facts: Mapped[dict[str, str] | None] = mapped_column(sa.JSON(none_as_null=True))
    thing: Mapped[str] = mapped_column(sa.String(40))
    thing_code: Mapped[str] = mapped_column(sa.String(80))
    scope: Mapped[str | None] = mapped_column(sa.String(80), index=True)
    message_id: Mapped[str] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    failure: Mapped[str | None] = mapped_column(sa.Text)
    # Who caused it: failures come back to this person's page.
    caused_by_id: Mapped[int | None] = mapped_column(sa.Integer, index=True)
    # Not before this instant (an undo window, the hour of a daily digest).
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    # Of a bulk step: waits until somebody has seen the list and released it.
    batch_id: Mapped[int | None] = mapped_column(sa.Integer, index=True)
    # Went out inside a daily digest, whose own letter this is.
    digest_id: Mapped[int | None] = mapped_column(sa.Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)  # taken back before it left


class LetterBatch(db.Model):  # type: ignore[name-defined,misc]  # as above
    """Letters of one bulk step: held till the list was seen and released, or withdrawn with the step."""

    __tablename__ = "letter_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[LetterBatchState] = mapped_column(StateType(LetterBatchState), default=LetterBatchState.HELD)
    step: Mapped[str] = mapped_column(sa.String(60))  # what caused it, a msgid
    scope: Mapped[str | None] = mapped_column(sa.String(80), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int | None] = mapped_column(sa.Integer)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by_id: Mapped[int | None] = mapped_column(sa.Integer)
    # Parted from a list that was decided on by somebody who may not see these: they wait for another secretary.
    is_set_aside: Mapped[bool] = mapped_column(sa.Boolean, default=False)

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition or the programme."""
        return self.scope


class LetterTemplate(db.Model):  # type: ignore[name-defined,misc]  # as above
    """The city's own words of a letter in one language, in place of the shipped ones; every version is kept."""

    __tablename__ = "letter_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    lang: Mapped[str] = mapped_column(sa.String(2))
    number: Mapped[int] = mapped_column(sa.Integer)
    subject: Mapped[str] = mapped_column(sa.String(300))
    body: Mapped[str] = mapped_column(sa.Text)
    is_shipped: Mapped[bool] = mapped_column(sa.Boolean, default=False)  # a return to the shipped words
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(sa.Integer)

    __table_args__ = (sa.UniqueConstraint("name", "lang", "number"),)


class Job(db.Model):  # type: ignore[name-defined,misc]  # as above
    """Work done outside a request. The row is committed first; the queue only executes it; a sweep re-sends orphans."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    arguments: Mapped[str] = mapped_column(sa.Text, default="{}")
    status: Mapped[str] = mapped_column(sa.String(20), default="queued")
    progress_done: Mapped[int] = mapped_column(sa.Integer, default=0)
    progress_total: Mapped[int] = mapped_column(sa.Integer, default=0)
    result: Mapped[str | None] = mapped_column(sa.Text)
    failure: Mapped[str | None] = mapped_column(sa.Text)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status_known"),
        sa.Index("ix_job_status", "status"),
    )
