"""Counting what reaches the database: lists must not ask more often as they grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grants_app.database import db

NOT_QUERIES = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


class Statements(list[str]):
    """The statements sent while counting, in order; its length is the number of queries."""

    def __str__(self) -> str:
        return "\n".join(" ".join(statement.split())[:200] for statement in self)


@contextmanager
def count_queries() -> Iterator[Statements]:
    """Every SELECT, INSERT, UPDATE and DELETE sent meanwhile by any connection of this process."""
    statements = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(NOT_QUERIES):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def watch_commits() -> Iterator[list[str]]:
    """The writing statements of transactions that were committed meanwhile; empty when nothing was stored."""
    stored: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            connection.info.setdefault("watched_writes", []).append(statement)

    def keep(connection: Any) -> None:
        stored.extend(connection.info.pop("watched_writes", []))

    def forget(connection: Any) -> None:
        connection.info.pop("watched_writes", None)

    listeners = (("before_cursor_execute", note), ("commit", keep), ("rollback", forget))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield stored
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def somebody_waits() -> bool:
    """Whether a transaction of this PostgreSQL database comes to wait for another one, within half a minute."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _look in range(600):
        with db.engine.connect() as connection:  # a transaction would see the same all the time
            if connection.scalar(sa.text(waiting)):
                return True
            connection.execute(sa.text("SELECT pg_sleep(0.05)"))
    return False
