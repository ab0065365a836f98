"""Letters of bulk steps that wait for somebody to see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.models import JournalEntry, LetterBatch, Notice
from grants_app.journal.queries.letters import open_letters
from grants_app.journal.queries.seal import is_sealed_scope
from grants_app.journal.queries.sending import TRIES
from grants_app.journal.queries.words import people_names, step_label
from grants_app.lifecycle import LetterBatchState

FIRST_WORDS = 20
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class BatchRow:
    """Letters of one bulk step, as far as this viewer may see them."""

    code: str
    step: str
    scope: str
    state: LetterBatchState
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    count: int
    is_sealed: bool
    is_set_aside: bool


@dataclass(frozen=True)
class BatchLetter:
    """A letter of the list: to whom, about what, how it begins, and what speaks against sending it."""

    id: int
    email: str
    subject: str
    beginning: str
    code: str
    lang: str
    is_withdrawn: bool
    doubts: tuple[tuple[str, dict[str, object]], ...]


def batch(code: str, viewer: Any) -> LetterBatch:
    """A batch of which the viewer may see a letter. Raises NotFound."""
    found = db.session.scalar(sa.select(LetterBatch).filter_by(code=code))
    if found is None or not _counts([found], viewer)[found.id]:
        raise NotFound
    return found


def batch_rows(viewer: Any, *, only_held: bool = False, limit: int = 100) -> list[BatchRow]:
    """Batches, those that wait first, then the newest."""
    query = sa.select(LetterBatch).order_by((LetterBatch.state == LetterBatchState.HELD).desc(), LetterBatch.id.desc())
    if only_held:
        query = query.where(LetterBatch.state == LetterBatchState.HELD)
    rows = list(db.session.scalars(query.limit(limit)))
    if not rows:
        return []
    counts = _counts(rows, viewer)
    names = people_names([number for row in rows for number in (row.made_by_id, row.ended_by_id)])
    return [_row(row, counts[row.id], names) for row in rows if counts[row.id]]


def batch_row(found: LetterBatch, viewer: Any) -> BatchRow:
    """One batch."""
    names = people_names([found.made_by_id, found.ended_by_id])
    return _row(found, _counts([found], viewer)[found.id], names)


def batch_letters(found: LetterBatch, viewer: Any) -> list[BatchLetter]:
    """The letters of a batch that this viewer may see, in the order in which they were written."""
    query = sa.select(Notice).where(Notice.batch_id == found.id, *open_letters(viewer)).order_by(Notice.id)
    notices = list(db.session.scalars(query))
    doubts = _doubts(notices)
    return [
        BatchLetter(
            id=notice.id,
            email=notice.email,
            subject=notice.subject,
            beginning=" ".join(notice.body.split()[:FIRST_WORDS]),
            code=notice.thing_code,
            lang=notice.lang,
            is_withdrawn=notice.withdrawn_at is not None,
            doubts=tuple(doubts[notice.id]),
        )
        for notice in notices
    ]


def _row(found: LetterBatch, count: int, names: Any) -> BatchRow:
    return BatchRow(
        code=found.code,
        step=found.step,
        scope=found.scope or "",
        state=found.state,
        made_at=found.made_at,
        made_by=names.get(found.made_by_id or 0, ""),
        ended_at=found.ended_at,
        ended_by=names.get(found.ended_by_id or 0, ""),
        count=count,
        is_sealed=is_sealed_scope(found.scope),
        is_set_aside=found.is_set_aside,
    )


def _counts(batches: Sequence[LetterBatch], viewer: Any) -> Counter[int]:
    query = (
        sa.select(Notice.batch_id, sa.func.count())
        .where(Notice.batch_id.in_([one.id for one in batches]), *open_letters(viewer))
        .group_by(Notice.batch_id)
    )
    return Counter({row[0]: row[1] for row in db.session.execute(query) if row[0] is not None})


def _doubts(notices: Sequence[Notice]) -> dict[int, list[tuple[str, dict[str, object]]]]:
    """What contradicts a letter: another outcome to the same reader, what happened since, an address that failed."""
    found: dict[int, list[tuple[str, dict[str, object]]]] = {notice.id: [] for notice in notices}
    pairs = Counter((notice.email.casefold(), notice.thing, notice.thing_code) for notice in notices)
    failed = _failed_addresses(notices)
    since = _happened_since(notices)
    for notice in notices:
        if pairs[notice.email.casefold(), notice.thing, notice.thing_code] > 1:
            found[notice.id].append(("Another letter of this list goes to the same reader about the same", {}))
        if notice.email in failed:
            found[notice.id].append(("An earlier letter to this address was not delivered", {}))
        if notice.thing_code in since:
            found[notice.id].append(("Since it was written: %(step)s", {"step": since[notice.thing_code]}))
    return found


def _failed_addresses(notices: Sequence[Notice]) -> set[str]:
    if not notices:
        return set()
    query = sa.select(Notice.email).where(
        Notice.email.in_({notice.email for notice in notices}),
        Notice.sent_at.is_(None),
        Notice.attempts >= TRIES,
        Notice.created_at >= min(notice.created_at for notice in notices) - LOOK_BACK,
    )
    return set(db.session.scalars(query))


def _happened_since(notices: Sequence[Notice]) -> dict[str, str]:
    """Steps that moved a thing after its letter was written, by the thing's code."""
    if not notices:
        return {}
    written = {notice.thing_code: notice.created_at for notice in notices}
    query = (
        sa.select(JournalEntry.thing, JournalEntry.thing_code, JournalEntry.step, JournalEntry.at)
        .where(
            JournalEntry.thing_code.in_(written),
            JournalEntry.to_state.is_not(None),
            JournalEntry.at > min(written.values()),
        )
        .order_by(JournalEntry.seq)
    )
    return {
        row.thing_code: step_label(row.thing, row.step)
        for row in db.session.execute(query)
        if row.at > written[row.thing_code]
    }
