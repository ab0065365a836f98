"""Which letters may leave now."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.registry import unhurried
from grants_app.lifecycle import LetterBatchState

# A letter is tried so many times by itself; after that a person must look.
TRIES = 8
# Of a person: the table belongs to a later stage, its column alone is needed here.
PEOPLE = sa.table(
    "user", sa.column("id", sa.Integer), sa.column("email", sa.String), sa.column("lang", sa.String),
    sa.column("letters_by", sa.String), sa.column("active", sa.Boolean),
)  # fmt: skip
DAILY = "daily"
# The letter of the day: a wrapper of others, which stand in the lists themselves.
DIGEST = "daily_digest"


def may_leave(now: datetime) -> list[sa.ColumnElement[bool]]:
    """Neither sent, withdrawn nor part of a digest; not of a batch that nobody has released; its hour has come."""
    released = sa.select(LetterBatch.id).where(LetterBatch.state == LetterBatchState.RELEASED)
    return [
        Notice.sent_at.is_(None),
        Notice.withdrawn_at.is_(None),
        Notice.digest_id.is_(None),
        sa.or_(Notice.not_before.is_(None), Notice.not_before <= now),
        sa.or_(Notice.batch_id.is_(None), Notice.batch_id.in_(released)),
    ]


def waits_for_digest() -> sa.ColumnElement[bool]:
    """An unhurried letter to a person who wants these together, once a day; with a corrected address it goes alone."""
    daily = sa.select(PEOPLE.c.id).where(PEOPLE.c.letters_by == DAILY, PEOPLE.c.email == Notice.email)
    return sa.and_(Notice.template.in_(unhurried()), Notice.recipient_id.in_(daily.correlate(Notice)))


def due_letters(now: datetime) -> list[sa.ColumnElement[bool]]:
    """What a worker sends now, one by one."""
    return [
        *may_leave(now),
        Notice.attempts < TRIES,
        sa.or_(Notice.next_try_at.is_(None), Notice.next_try_at <= now),
        sa.or_(Notice.recipient_id.is_(None), ~waits_for_digest()),
    ]
