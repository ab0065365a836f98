"""Lines of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.core import clock
from grants_app.database import db
from grants_app.journal.models import JournalEntry
from grants_app.journal.queries.seal import unsealed_entries
from grants_app.journal.queries.words import people_found, people_names, state_label, step_label, thing_label
from grants_app.permissions import Permission

PAGE_SIZE = 50


@dataclass(frozen=True)
class JournalFilter:
    """What of the journal is asked for."""

    thing: str = ""
    code: str = ""
    person: str = ""
    step: str = ""
    day: date | None = None


@dataclass(frozen=True)
class JournalRow:
    """A line of the journal; words are msgids."""

    seq: int
    at: datetime
    who: str
    thing: str
    code: str
    scope: str
    step: str
    before: str
    after: str
    reason: str
    request_id: str


# Before publication these tell what the commission does; they open with the right to see the ranking.
SEALED_THINGS = ("ranking", "award", "meeting", "meeting_item", "assignment", "review", "conflict")


def journal_rows(
    wanted: JournalFilter, viewer: Any, *, page: int | None = 1, size: int = PAGE_SIZE
) -> tuple[list[JournalRow], int]:
    """Lines of one page, newest first, and the number of all; page None gives every line (exports)."""
    conditions = _conditions(wanted, viewer)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry).where(*conditions)) or 0
    query = sa.select(JournalEntry).where(*conditions).order_by(JournalEntry.seq.desc())
    if page is not None:
        query = query.limit(size).offset((max(page, 1) - 1) * size)
    entries = db.session.scalars(query).all()
    names = people_names([entry.actor_id for entry in entries])
    return [_row(entry, names) for entry in entries], total


def _conditions(wanted: JournalFilter, viewer: Any) -> list[sa.ColumnElement[bool]]:
    found = _open_to(viewer)
    if wanted.thing:
        found.append(JournalEntry.thing == wanted.thing)
    if wanted.code:
        found.append(sa.or_(JournalEntry.thing_code == wanted.code, JournalEntry.scope == wanted.code))
    if wanted.step:
        found.append(JournalEntry.step == wanted.step)
    if wanted.person:
        found.append(JournalEntry.actor_id.in_(people_found(wanted.person)))
    if wanted.day is not None:
        found.append(JournalEntry.at >= clock.start_of_day(wanted.day))
        found.append(JournalEntry.at < clock.end_of_day(wanted.day))
    return found


def _open_to(viewer: Any) -> list[sa.ColumnElement[bool]]:
    found = unsealed_entries(viewer)
    if not viewer.can(Permission.RANKING_READ):
        found.append(JournalEntry.thing.not_in(SEALED_THINGS))
    return found


def journal_choices(viewer: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """Things, and pairs of thing and step, that occur in what of the journal this person may read."""
    pairs = db.session.execute(
        sa.select(JournalEntry.thing, JournalEntry.step)
        .where(*_open_to(viewer))
        .distinct()
        .order_by(JournalEntry.thing, JournalEntry.step)
    ).all()
    return sorted({thing for thing, _step in pairs}), [(thing, step) for thing, step in pairs]


def _row(entry: JournalEntry, names: Mapping[int, str]) -> JournalRow:
    return JournalRow(
        seq=entry.seq,
        at=entry.at,
        who=names.get(entry.actor_id or 0, "The system" if entry.actor == "system" else entry.actor),
        thing=thing_label(entry.thing),
        code=entry.thing_code,
        scope=entry.scope or "",
        step=step_label(entry.thing, entry.step),
        before=state_label(entry.thing, entry.from_state),
        after=state_label(entry.thing, entry.to_state),
        reason=entry.reason or "",
        request_id=entry.request_id or "",
    )
