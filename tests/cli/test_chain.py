"""A quiet change of the journal is found and located, also one made by its owner."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.cli.chain import broken_chain
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, JournalHead
from grants_app.journal.services import SYSTEM, record

ENTRIES = sa.inspect(JournalEntry).local_table
HEADS = sa.inspect(JournalHead).local_table


@pytest.fixture
def chain(app: Flask) -> None:
    """Five entries."""
    for number in range(1, 6):
        with unit_of_work():
            record(thing="test", code=f"T-{number}", step="note", by=SYSTEM, reason="зауваження", facts={"n": number})


def tamper(*statements: sa.Executable) -> None:
    """What somebody with the database at hand would do, past the guards inside it."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE journal_entry DISABLE TRIGGER USER")
        else:
            for step in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS journal_entry_no_{step}")
        for statement in statements:
            connection.execute(statement)


def entry(seq: int) -> sa.Row[Any]:
    """An entry as it is stored."""
    with db.engine.connect() as connection:
        return connection.execute(sa.select(ENTRIES).where(ENTRIES.c.seq == seq)).one()


def test_chain_of_honest_entries_holds(app: Flask, chain: None) -> None:
    assert broken_chain({}) == []
    result = app.test_cli_runner().invoke(args=["journal", "verify"])
    assert result.output == f"The chain holds: 5 entries, head {entry(5).hash}.\n"
    assert result.exit_code == 0


def test_changed_text_is_found(app: Flask, chain: None) -> None:
    body = entry(3).body.replace("зауваження", "похвала")
    tamper(sa.update(ENTRIES).where(ENTRIES.c.seq == 3).values(body=body))
    assert broken_chain({}) == ["entry 3: its text was changed"]
    assert app.test_cli_runner().invoke(args=["journal", "verify"]).exit_code == 1


@pytest.mark.parametrize(("column", "value"), [("reason", "інше"), ("actor", "user:7"), ("to_state", "decided")])
def test_changed_column_is_found(app: Flask, chain: None, column: str, value: str) -> None:
    tamper(sa.update(ENTRIES).where(ENTRIES.c.seq == 2).values({column: value}))
    assert broken_chain({}) == [f"entry 2: the column {column} disagrees with the signed text"]


def test_changed_time_is_found(app: Flask, chain: None) -> None:
    tamper(sa.update(ENTRIES).where(ENTRIES.c.seq == 2).values(at=clock.start_of_day(clock.today())))
    assert broken_chain({}) == ["entry 2: the column at disagrees with the signed text"]


def test_deleted_entry_is_found(app: Flask, chain: None) -> None:
    tamper(sa.delete(ENTRIES).where(ENTRIES.c.seq == 3))
    assert broken_chain({}) == [
        "entry 4: 3 was expected, entries are missing or out of order",
        "entry 4: it does not follow the entry before it",
    ]


def test_cut_off_end_is_found(app: Flask, chain: None) -> None:
    tamper(sa.delete(ENTRIES).where(ENTRIES.c.seq == 5))
    assert broken_chain({}) == ["the head does not point at the last entry 4"]


def test_cut_off_end_with_its_head_is_found_by_the_anchor_alone(app: Flask, chain: None, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.txt"
    anchors.write_text(app.test_cli_runner().invoke(args=["journal", "anchor"]).output, encoding="ascii")
    tamper(
        sa.delete(ENTRIES).where(ENTRIES.c.seq == 5),
        sa.update(HEADS).values(seq=4, hash=entry(4).hash),
    )
    assert broken_chain({}) == []
    result = app.test_cli_runner().invoke(args=["journal", "verify", "--anchors", str(anchors)])
    assert (result.exit_code, result.output) == (1, "the chain ends at 4, before the anchor 5\n")


def test_whole_rewrite_is_found_by_the_anchor_alone(app: Flask, chain: None) -> None:
    """The owner of the database can compute every hash anew; a head kept elsewhere remembers."""
    anchor = {5: entry(5).hash}
    statements: list[sa.Executable] = []
    prev = ""
    for seq in range(1, 6):
        body = entry(seq).body.replace('"T-2"', '"T-9"')
        digest = hashlib.sha256(f"grants-journal-v1\n{prev}\n{body}".encode()).hexdigest()
        code = "T-9" if seq == 2 else f"T-{seq}"
        statements.append(
            sa.update(ENTRIES).where(ENTRIES.c.seq == seq).values(body=body, prev=prev, hash=digest, thing_code=code)
        )
        prev = digest
    tamper(*statements, sa.update(HEADS).values(hash=prev))
    assert broken_chain({}) == []
    assert broken_chain(anchor) == ["entry 5: its hash differs from the anchor kept elsewhere"]
