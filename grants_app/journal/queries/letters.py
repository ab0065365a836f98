"""Letters of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.letters import without_secrets
from grants_app.journal.models import Notice
from grants_app.journal.queries.seal import unsealed_letters
from grants_app.journal.queries.words import thing_label
from grants_app.permissions import Permission

# A letter is tried so many times by itself; after that a person must look.
TRIES = 8
PAGE_SIZE = 50
LETTERS_OF_EXPERTS = ("assignment", "review")
LETTER_STATES = {
    "waiting": ("Waiting", "blue"),
    "again": ("Will be tried again", "yellow"),
    "stopped": ("Not sent", "red"),
    "sent": ("Sent", "green"),
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


def letter_rows(viewer: Any, state: str = "", code: str = "", *, page: int = 1) -> tuple[list[LetterRow], int]:
    """Letters of one page, newest first, and the number of all that fit."""
    conditions = [*_open_to(viewer), *_letter_conditions(state)]
    if code:
        conditions.append(sa.or_(Notice.thing_code == code, Notice.scope == code))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Notice).where(*conditions)) or 0
    query = sa.select(Notice).where(*conditions).order_by(Notice.id.desc()).limit(PAGE_SIZE)
    notices = db.session.scalars(query.offset((max(page, 1) - 1) * PAGE_SIZE)).all()
    return [letter_row(notice) for notice in notices], total


def letter_counts(viewer: Any) -> dict[str, int]:
    """How many letters are in each state."""
    counted = sa.select(sa.func.count()).select_from(Notice).where(*_open_to(viewer))
    return {state: db.session.scalar(counted.where(*_letter_conditions(state))) or 0 for state in LETTER_STATES}


def letter(number: int, viewer: Any) -> Notice:
    """A letter by its number. Raises NotFound, also for one that is closed to this person."""
    found = db.session.scalar(sa.select(Notice).where(Notice.id == number, *_open_to(viewer)))
    if found is None:
        raise NotFound
    return found


def letter_row(notice: Notice) -> LetterRow:
    """A letter as staff may read it: links that open an account are shortened."""
    state = _letter_state(notice)
    label, colour = LETTER_STATES[state]
    return LetterRow(
        id=notice.id,
        email=notice.email,
        subject=notice.subject,
        body=without_secrets(notice.body),
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
    )


def _open_to(viewer: Any) -> list[sa.ColumnElement[bool]]:
    """No letter about a sealed application; letters to experts tell who scores what, as names beside marks do."""
    found = unsealed_letters(viewer)
    if not viewer.can(Permission.SCORE_AUTHOR_READ):
        found.append(Notice.thing.not_in(LETTERS_OF_EXPERTS))
    return found


def _letter_state(notice: Notice) -> str:
    if notice.sent_at is not None:
        return "sent"
    if notice.attempts >= TRIES:
        return "stopped"
    return "again" if notice.failure else "waiting"


def _letter_conditions(state: str) -> Sequence[sa.ColumnElement[bool]]:
    unsent = Notice.sent_at.is_(None)
    return {
        "waiting": (unsent, Notice.attempts < TRIES, Notice.failure.is_(None)),
        "again": (unsent, Notice.attempts < TRIES, Notice.failure.is_not(None)),
        "stopped": (unsent, Notice.attempts >= TRIES),
        "sent": (Notice.sent_at.is_not(None),),
    }.get(state, ())
