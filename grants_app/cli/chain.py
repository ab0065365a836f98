"""`journal verify`: the hash chain recomputed by code apart from the writer's, against heads kept elsewhere.

A chain alone proves nothing against its owner, who can rewrite it whole; an anchor (number and hash of a head, kept
outside) does. A file of anchors holds one "seq hash" a line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from grants_app.database import db
from grants_app.journal.models import JournalEntry, JournalHead

# Columns that repeat a word of the hashed body, so that they can be searched; they must agree with it.
REPEATED = ("seq", "actor_id", "actor", "thing", "thing_code", "scope", "step", "from_state", "to_state", "reason")

journal = AppGroup("journal", help="The record of what happened.")


@journal.command("verify")
@click.option("--anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="heads kept elsewhere")
def verify(anchors: Path | None) -> None:
    """Recompute the chain; the status is 1 when something disagrees."""
    faults = broken_chain(read_anchors(anchors) if anchors else {})
    for fault in faults:
        click.echo(fault, err=True)
    head = db.session.get(JournalHead, 1)
    if faults:
        raise SystemExit(1)
    click.echo(f"The chain holds: {head.seq if head else 0} entries, head {head.hash if head else 'none'}.")


@journal.command("anchor")
def anchor() -> None:
    """Print the present head as a line for a file of anchors kept elsewhere."""
    head = db.session.get(JournalHead, 1)
    click.echo(f"{head.seq} {head.hash}" if head else "0 -")


def read_anchors(path: Path) -> dict[int, str]:
    """Hash of the head by its number."""
    anchors = {}
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        seq, _, digest = line.strip().partition(" ")
        if not seq:
            continue
        if not seq.isdigit():
            raise click.ClickException(f"{path.name}, line {number}: a number and a hash are needed, it is {line!r}")
        anchors[int(seq)] = digest.strip()
    return anchors


def broken_chain(anchors: Mapping[int, str]) -> list[str]:
    """What is wrong, entry by entry, and where it ends too early; empty when everything agrees."""
    query = sa.select(JournalEntry).order_by(JournalEntry.seq).execution_options(yield_per=2_000)
    faults: list[str] = []
    last_seq, last_hash = 0, ""
    for entry in db.session.scalars(query):
        faults += _entry_faults(entry, expected_seq=last_seq + 1, expected_prev=last_hash)
        if anchors.get(entry.seq, entry.hash) != entry.hash:
            faults.append(f"entry {entry.seq}: its hash differs from the anchor kept elsewhere")
        last_seq, last_hash = entry.seq, entry.hash
    head = db.session.get(JournalHead, 1)
    if (head.seq, head.hash) != (last_seq, last_hash) if head else last_seq:
        faults.append(f"the head does not point at the last entry {last_seq}")
    faults += [f"the chain ends at {last_seq}, before the anchor {seq}" for seq in anchors if seq > last_seq]
    return faults


def _entry_faults(entry: JournalEntry, *, expected_seq: int, expected_prev: str) -> Iterable[str]:
    if entry.seq != expected_seq:
        yield f"entry {entry.seq}: {expected_seq} was expected, entries are missing or out of order"
    if entry.prev != expected_prev:
        yield f"entry {entry.seq}: it does not follow the entry before it"
    bytes_hashed = b"grants-journal-v1\n" + entry.prev.encode() + b"\n" + entry.body.encode()
    if hashlib.sha256(bytes_hashed).hexdigest() != entry.hash:
        yield f"entry {entry.seq}: its text was changed"
        return
    body = json.loads(entry.body)
    columns = {name: getattr(entry, name) for name in REPEATED} | {"at": entry.at.isoformat()}
    for name, stored in columns.items():
        if body.get(name) != stored:
            yield f"entry {entry.seq}: the column {name} disagrees with the signed text"


COMMANDS = (journal,)
