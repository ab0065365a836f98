from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.journal.queries import verify_chain
from grants_app.journal.services import SYSTEM, chain_hash, record

TRIGGERS = {
    "sqlite": ("DROP TRIGGER journal_entry_no_update", "DROP TRIGGER journal_entry_no_delete"),
    "postgresql": ("DROP TRIGGER journal_entry_no_change ON journal_entry",),
}


def write(count: int) -> None:
    for number in range(count):
        with unit_of_work():
            record(thing="test", code=f"c{number}", step="happen", by=SYSTEM, facts={"number": number})


def by_sql(*statements: str, triggers: bool = False) -> None:
    """What somebody with the keys of the database could do."""
    db.session.rollback()
    with db.engine.begin() as connection:
        for statement in (*(() if triggers else TRIGGERS[connection.dialect.name]), *statements):
            connection.exec_driver_sql(statement)


def first_fault(**how: object) -> tuple[int, str]:
    db.session.expire_all()
    check = verify_chain(**how)  # type: ignore[arg-type]  # passed through
    assert not check.holds
    return check.faults[0].seq, check.faults[0].message


def test_untouched_chain_holds(app: Flask) -> None:
    write(5)
    check = verify_chain()
    assert (check.holds, check.checked, check.last_seq) == (True, 5, 5)
    assert verify_chain({5: check.head_hash, 3: db.session.get(JournalEntry, 3).hash}).holds  # type: ignore[union-attr]


def test_empty_chain_holds(app: Flask) -> None:
    check = verify_chain()
    assert (check.holds, check.checked) == (True, 0)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE journal_entry SET body = replace(body, 'happen', 'hasten') WHERE seq = 3", (3, "text")),
        ("UPDATE journal_entry SET reason = 'bribe' WHERE seq = 4", (4, "columns")),
        ("UPDATE journal_entry SET actor = 'user:7' WHERE seq = 2", (2, "columns")),
        ("UPDATE journal_entry SET at = '2020-01-01 00:00:00' WHERE seq = 2", (2, "columns")),
        ("UPDATE journal_entry SET prev = hash WHERE seq = 2", (2, "follow")),
        ("DELETE FROM journal_entry WHERE seq = 3", (3, "missing")),
        ("DELETE FROM journal_entry WHERE seq = 1", (1, "missing")),
        ("DELETE FROM journal_entry WHERE seq = 5", (4, "head")),
        ("UPDATE journal_entry SET seq = seq + 10 WHERE seq = 5", (5, "missing")),
        ("UPDATE journal_head SET seq = 4", (5, "head")),
    ],
)
def test_change_by_sql_found_at_its_place(app: Flask, statement: str, fault: tuple[int, str]) -> None:
    write(5)
    by_sql(statement)
    seq, message = first_fault()
    assert (seq, fault[1] in message.lower()) == (fault[0], True)


def test_entries_swapped_by_sql_found(app: Flask) -> None:
    write(5)
    by_sql(
        "UPDATE journal_entry SET seq = 99 WHERE seq = 2",
        "UPDATE journal_entry SET seq = 2 WHERE seq = 3",
        "UPDATE journal_entry SET seq = 3 WHERE seq = 99",
    )
    assert first_fault()[0] == 2


def test_entry_inserted_by_sql_found(app: Flask) -> None:
    write(3)
    columns = "at, actor, thing, thing_code, step, body, prev"
    by_sql(
        f"INSERT INTO journal_entry (seq, hash, {columns}) SELECT 4, 'x', {columns} FROM journal_entry WHERE seq = 3"
    )
    assert first_fault()[0] == 4


def test_chain_rewritten_whole_found_by_a_kept_head(app: Flask) -> None:
    """Nothing inside the database tells of a forgery that recomputes every hash; a head kept elsewhere does."""
    write(3)
    kept = {2: db.session.get(JournalEntry, 2).hash}  # type: ignore[union-attr]  # it was written
    prev = ""
    forged = []
    for entry in db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.seq)):
        body = entry.body.replace('"number":1', '"number":7')
        prev, before = chain_hash(prev, body), prev
        forged.append(
            f"UPDATE journal_entry SET body = '{body}', prev = '{before}', hash = '{prev}' WHERE seq = {entry.seq}"
        )
    by_sql(*forged, f"UPDATE journal_head SET hash = '{prev}'")
    db.session.expire_all()
    assert verify_chain().holds
    assert first_fault(anchors=kept) == (2, "Entry %(seq)s differs from the head kept elsewhere")
    assert first_fault(anchors={9: "x"})[0] == 9


def test_last_entries_checked_alone(app: Flask) -> None:
    write(6)
    by_sql("UPDATE journal_entry SET body = replace(body, 'happen', 'hasten') WHERE seq = 2")
    db.session.expire_all()
    assert (verify_chain(last=3).holds, verify_chain(last=3).checked) == (True, 3)
    assert first_fault(last=5)[0] == 2


@pytest.mark.parametrize("verb", ["UPDATE journal_entry SET reason = 'x'", "DELETE FROM journal_entry"])
def test_database_itself_refuses_changes(app: Flask, verb: str) -> None:
    write(1)
    with pytest.raises(sa.exc.DatabaseError, match="only added"):
        by_sql(verb, triggers=True)
    assert verify_chain().holds


@pytest.mark.postgres_only
def test_database_itself_refuses_truncation(app: Flask) -> None:
    write(1)
    with pytest.raises(sa.exc.DatabaseError, match="only added"):
        by_sql("TRUNCATE journal_entry", triggers=True)


def test_entries_of_one_unit_appended_together_or_not_at_all(app: Flask) -> None:
    with pytest.raises(ValueError, match="stop"), unit_of_work():
        record(thing="test", code="lost", step="happen", by=SYSTEM)
        raise ValueError("stop")
    with unit_of_work():
        record(thing="test", code="a", step="happen", by=SYSTEM)
        record(thing="test", code="b", step="happen", by=SYSTEM)
    rows = db.session.execute(sa.select(JournalEntry.seq, JournalEntry.thing_code).order_by(JournalEntry.seq)).all()
    assert [tuple(row) for row in rows] == [(1, "a"), (2, "b")]


def test_eight_writers_keep_one_chain(app: Flask) -> None:
    write(1)  # the head row exists from the first entry on
    ready = threading.Barrier(8)
    errors: list[Exception] = []

    def run(writer: int) -> None:
        ready.wait()
        for number in range(10):
            try:
                with app.app_context(), unit_of_work():
                    record(thing="test", code=f"w{writer}-{number}", step="happen", by=SYSTEM)
            except Exception as error:  # whatever a writer meets is what this test is about
                errors.append(error)

    threads = [threading.Thread(target=run, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    check = verify_chain()
    assert (errors, check.holds, check.last_seq) == ([], True, 81)


def test_two_first_writers_keep_one_chain(app: Flask) -> None:
    """The head row itself is made by whoever comes first."""
    ready = threading.Barrier(4)
    errors: list[Exception] = []

    def run(writer: int) -> None:
        ready.wait()
        try:
            with app.app_context(), unit_of_work():
                record(thing="test", code=f"w{writer}", step="happen", by=SYSTEM)
        except Exception as error:  # as above
            errors.append(error)

    threads = [threading.Thread(target=run, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    check = verify_chain()
    assert (errors, check.holds, check.last_seq) == ([], True, 4)
