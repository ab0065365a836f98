"""Letters that did not arrive, on the page of whoever caused them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.models import Notice
from grants_app.journal.queries.letters import LetterRow, letter_row, open_letters
from grants_app.journal.queries.seal import withheld_from_letters
from grants_app.journal.queries.sending import DIGEST, TRIES
from grants_app.permissions import Permission


def undelivered_rows(viewer: Any, *, limit: int = 100) -> list[LetterRow]:
    """Letters that this person caused and that were given up; a releaser's list also has what the clock caused."""
    query = sa.select(Notice).where(*_returned_to(viewer)).order_by(Notice.id.desc()).limit(limit)
    return [letter_row(notice) for notice in db.session.scalars(query)]


def undelivered_count(viewer: Any) -> int:
    """How many there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Notice).where(*_returned_to(viewer))) or 0


def undelivered(number: int, viewer: Any) -> Notice:
    """One of them. Raises NotFound, also for a letter of somebody else."""
    found: Notice | None = db.session.scalar(sa.select(Notice).where(Notice.id == number, *_returned_to(viewer)))
    if found is None:
        raise NotFound
    return found


def _returned_to(viewer: Any) -> list[sa.ColumnElement[bool]]:
    own = Notice.caused_by_id == viewer.actor_id
    mine = sa.or_(own, Notice.caused_by_id.is_(None)) if viewer.can(Permission.OUTBOX_RELEASE) else own
    # The city learns of no sealed application by a failure either; an applicant's own letters are no secret to them.
    is_staff = viewer.can(Permission.COMPETITION_STAFF_READ)
    hidden = open_letters(viewer) if is_staff else [*withheld_from_letters(viewer), Notice.template != DIGEST]
    return [mine, *hidden, Notice.sent_at.is_(None), Notice.withdrawn_at.is_(None), Notice.attempts >= TRIES]
