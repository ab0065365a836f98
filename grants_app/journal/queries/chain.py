"""The chain recomputed by code apart from the writer's, against heads kept elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants_app.database import db
from grants_app.journal.models import JournalEntry, JournalHead

# On a page the newest entries are recomputed, on the command line all of them.
CHECKED_ON_PAGE = 20_000
# Columns that repeat the signed text so that it can be searched.
_REPEATED = (
    "actor_id",
    "actor",
    "thing",
    "thing_code",
    "scope",
    "step",
    "from_state",
    "to_state",
    "reason",
    "request_id",
)


@dataclass(frozen=True)
class ChainFault:
    """A place where the chain does not hold: the number of the entry and a sentence (msgid with facts)."""

    seq: int
    message: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class ChainCheck:
    """Result of recomputing: how many entries, up to which head, and the faults, the first broken entry first."""

    checked: int
    last_seq: int
    head_hash: str
    faults: list[ChainFault]

    @property
    def holds(self) -> bool:
        """Whether everything agrees."""
        return not self.faults


def verify_chain(anchors: Mapping[int, str] | None = None, *, last: int | None = None) -> ChainCheck:
    """Recompute the chain, all of it or the `last` entries.

    A chain alone proves nothing against somebody who rewrites it whole; `anchors` (number and hash of heads kept
    elsewhere) do.
    """
    head = db.session.get(JournalHead, 1)
    head_seq, head_hash = (head.seq, head.hash) if head is not None else (0, "")
    before = max(head_seq - last, 0) if last is not None else 0
    seq, digest = before, ""
    if before:
        digest = db.session.scalar(sa.select(JournalEntry.hash).filter_by(seq=before)) or "missing"
    faults: list[ChainFault] = []
    checked = 0
    query = sa.select(JournalEntry).where(JournalEntry.seq > before).order_by(JournalEntry.seq)
    for entry in db.session.scalars(query.execution_options(yield_per=2_000)):
        faults += _entry_faults(entry, seq, digest, anchors or {})
        seq, digest = entry.seq, entry.hash
        checked += 1
    if (head_seq, head_hash) != (seq, digest):
        faults.append(ChainFault(seq, "The head names entry %(head)s, the last entry is %(seq)s", _f(seq, head_seq)))
    for anchored in sorted(anchors or {}):
        if anchored > seq:
            faults.append(
                ChainFault(anchored, "The chain ends at %(seq)s, before the kept head %(head)s", _f(seq, anchored))
            )
    return ChainCheck(checked, seq, digest, sorted(faults, key=lambda fault: fault.seq))


def _f(seq: int, head: int) -> dict[str, object]:
    return {"seq": seq, "head": head}


def _entry_faults(
    entry: JournalEntry, before: int, before_hash: str, anchors: Mapping[int, str]
) -> Iterable[ChainFault]:
    facts = {"seq": entry.seq, "expected": before + 1}
    if entry.seq != before + 1:
        yield ChainFault(before + 1, "Entry %(expected)s is missing, %(seq)s follows", facts)
    if entry.prev != before_hash:
        yield ChainFault(entry.seq, "Entry %(seq)s does not follow the one before it", facts)
    signed = b"grants-journal-v1\n" + entry.prev.encode() + b"\n" + entry.body.encode()
    if hashlib.sha256(signed).hexdigest() != entry.hash:
        yield ChainFault(entry.seq, "The text of entry %(seq)s was changed", facts)
    elif not _columns_agree(entry):
        yield ChainFault(entry.seq, "The columns of entry %(seq)s differ from its signed text", facts)
    if anchors.get(entry.seq, entry.hash) != entry.hash:
        yield ChainFault(entry.seq, "Entry %(seq)s differs from the head kept elsewhere", facts)


def _columns_agree(entry: JournalEntry) -> bool:
    body: dict[str, Any] = json.loads(entry.body)
    shown = {name: getattr(entry, name) for name in _REPEATED} | {"seq": entry.seq, "at": entry.at.isoformat()}
    return all(body.get(name) == value for name, value in shown.items())
