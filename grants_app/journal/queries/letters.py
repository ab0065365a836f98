"""Letters of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.letters import opens_account, without_secrets
from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.queries.failures import failure_words
from grants_app.journal.queries.seal import unsealed_letters
from grants_app.journal.queries.sending import DIGEST, TRIES
from grants_app.journal.queries.words import thing_label
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Permission

PAGE_SIZE = 50
LETTERS_OF_EXPERTS = ("assignment", "review")
LETTER_STATES = {
    "held": ("Waits for release", "yellow"),
    "waiting": ("Waiting", "blue"),
    "again": ("Will be tried again", "yellow"),
    "stopped": ("Not delivered", "red"),
    "sent": ("Sent", "green"),
    "withdrawn": ("Letters withdrawn", "grey"),
}


@dataclass(frozen=True)
class LetterRow:
    """A letter of the outbox."""

    id: int
    email: str
    subject: str
    body: str
    cause: str
    code: str
    lang: str
    created_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    attempts: int
    failure: str
    state: str
    state_label: str
    state_colour: str
    batch: str = ""
    template: str = ""
    failure_words: str = ""
    is_redirectable: bool = False


def letter_rows(viewer: Any, state: str = "", code: str = "", *, page: int = 1) -> tuple[list[LetterRow], int]:
    """Letters of one page, newest first, and the number of all that fit."""
    conditions = [*open_letters(viewer), *_letter_conditions(state)]
    if code:
        conditions.append(sa.or_(Notice.thing_code == code, Notice.scope == code))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Notice).where(*conditions)) or 0
    query = sa.select(Notice).where(*conditions).order_by(Notice.id.desc()).limit(PAGE_SIZE)
    notices = db.session.scalars(query.offset((max(page, 1) - 1) * PAGE_SIZE)).all()
    return list_of(notices), total


def letter_counts(viewer: Any) -> dict[str, int]:
    """How many letters are in each state."""
    counted = sa.select(sa.func.count()).select_from(Notice).where(*open_letters(viewer))
    return {state: db.session.scalar(counted.where(*_letter_conditions(state))) or 0 for state in LETTER_STATES}


def letter(number: int, viewer: Any) -> Notice:
    """A letter by its number. Raises NotFound, also for one that is closed to this person."""
    found = db.session.scalar(sa.select(Notice).where(Notice.id == number, *open_letters(viewer)))
    if found is None:
        raise NotFound
    return found


def list_of(notices: Sequence[Notice]) -> list[LetterRow]:
    """Rows of several letters; their lists are read in one question."""
    numbers = {notice.batch_id for notice in notices if notice.batch_id is not None}
    query = sa.select(LetterBatch).where(LetterBatch.id.in_(numbers))
    batches = {batch.id: batch for batch in db.session.scalars(query)} if numbers else {}
    return [_letter_row(notice, batches.get(notice.batch_id or 0)) for notice in notices]


def letter_row(notice: Notice) -> LetterRow:
    """A letter as staff may read it: links that open an account are shortened, personal codes hidden."""
    return list_of([notice])[0]


def _letter_row(notice: Notice, batch: LetterBatch | None) -> LetterRow:
    is_held = batch is not None and batch.state == LetterBatchState.HELD
    state = _letter_state(notice, is_held=is_held)
    label, colour = LETTER_STATES[state]
    body = without_secrets(notice.body)
    return LetterRow(
        id=notice.id,
        email=notice.email,
        subject=without_secrets(notice.subject),
        body=body,
        cause=thing_label(notice.thing),
        code=notice.thing_code,
        lang=notice.lang,
        created_at=notice.created_at,
        sent_at=notice.sent_at,
        next_try_at=notice.next_try_at if state == "again" else None,
        attempts=notice.attempts,
        failure=notice.failure or "",
        state=state,
        state_label=label,
        state_colour=colour,
        batch=batch.code if batch is not None else "",
        template=notice.template,
        failure_words=failure_words(notice.failure or ""),
        is_redirectable=not opens_account(notice.body),
    )


def open_letters(viewer: Any) -> list[sa.ColumnElement[bool]]:
    """No letter about a sealed application; letters to experts tell who scores what, as names beside marks do."""
    found = [*unsealed_letters(viewer), Notice.template != DIGEST]
    if not viewer.can(Permission.SCORE_AUTHOR_READ):
        found.append(Notice.thing.not_in(LETTERS_OF_EXPERTS))
    return found


def _letter_state(notice: Notice, *, is_held: bool) -> str:
    if notice.withdrawn_at is not None:
        return "withdrawn"
    if notice.sent_at is not None:
        return "sent"
    if is_held:
        return "held"
    if notice.attempts >= TRIES:
        return "stopped"
    return "again" if notice.failure else "waiting"


def _letter_conditions(state: str) -> Sequence[sa.ColumnElement[bool]]:
    held = sa.select(LetterBatch.id).where(LetterBatch.state == LetterBatchState.HELD)
    there = (Notice.sent_at.is_(None), Notice.withdrawn_at.is_(None))
    free = sa.or_(Notice.batch_id.is_(None), Notice.batch_id.not_in(held))
    return {
        "held": (*there, Notice.batch_id.in_(held)),
        "waiting": (*there, free, Notice.attempts < TRIES, Notice.failure.is_(None)),
        "again": (*there, free, Notice.attempts < TRIES, Notice.failure.is_not(None)),
        "stopped": (*there, free, Notice.attempts >= TRIES),
        "sent": (Notice.sent_at.is_not(None), Notice.withdrawn_at.is_(None)),
        "withdrawn": (Notice.withdrawn_at.is_not(None),),
    }.get(state, ())
