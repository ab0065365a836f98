"""The database: one session, one visible block for writes, engine rules that lose nothing.

`with unit_of_work() as unit:` is the only place where rows are written. It begins a fresh transaction, so that
everything decided inside is read inside; on SQLite that transaction is IMMEDIATE, because Python's driver opens none on
SELECT and a read-then-write would silently lose updates. Outside a unit every flush is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from grants_app.core import clock
from grants_app.core.errors import AlreadyDone, KeyReused
from grants_app.core.types import Instant
from grants_app.core.words import search_form

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = sa.MetaData(naming_convention=NAMING)


# expire_on_commit stays on: what a page shows after a write is read again, never remembered.
db = SQLAlchemy(model_class=Base, engine_options={"pool_pre_ping": True})


class WriteOutsideUnit(RuntimeError):
    """A flush happened outside `unit_of_work`: a bug of ours, never bad input."""


@dataclass(frozen=True)
class RequestKey:
    """Idempotency key of the request being served: who, which key, digest of the body."""

    actor: str
    key: str
    digest: str


@dataclass
class Unit:
    """The running unit: `answer` is stored with the key; `after_commit` takes callbacks."""

    answer: str | None = None
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once the transaction is durable; never when it was rolled back."""
        self.callbacks.append(callback)


class IdempotencyKey(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A form or API call that was carried out, with its answer, written in the transaction of its effect."""

    __tablename__ = "idempotency_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(sa.String(80))
    key: Mapped[str] = mapped_column(sa.String(80))
    digest: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (sa.UniqueConstraint("actor", "key"),)


_writing: ContextVar[bool] = ContextVar("grants_writing", default=False)
request_key: ContextVar[RequestKey | None] = ContextVar("grants_request_key", default=None)
request_id: ContextVar[str | None] = ContextVar("grants_request_id", default=None)
# Filled by packages above (the journal appends its entries here, as the last act before commit).
before_commit: list[Callable[[Session], None]] = []


@contextmanager
def unit_of_work() -> Iterator[Unit]:
    """One transaction of writes: commit at the end, rollback on any exception, callbacks after the commit.

    Raises AlreadyDone when the request's idempotency key was carried out before with the same body, KeyReused with
    another body. Units do not nest.
    """
    if _writing.get():
        raise WriteOutsideUnit("unit_of_work does not nest: the outer block is the transaction")
    session = db.session
    session.rollback()  # ends the read transaction begun by loading the user; everything is read afresh below
    # What a failed unit had gathered: a rollback that found no transaction to end tells nobody.
    session.info.clear()
    token = _writing.set(True)
    unit = Unit()
    try:
        key_row = _claim_key(request_key.get())
        yield unit
        session.flush()
        for hook in before_commit:
            hook(session())
        if key_row is not None:
            key_row.answer = unit.answer
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)
    for callback in unit.callbacks:
        callback()


def is_writing() -> bool:
    """Whether a unit of work is open in this context."""
    return _writing.get()


def _claim_key(request: RequestKey | None) -> IdempotencyKey | None:
    if request is None:
        return None
    query = sa.select(IdempotencyKey).filter_by(actor=request.actor, key=request.key)
    found = db.session.scalar(query)
    if found is None:
        row = IdempotencyKey(actor=request.actor, key=request.key, digest=request.digest, created_at=clock.now())
        db.session.add(row)
        try:
            db.session.flush()
        except IntegrityError:
            # PostgreSQL: the twin request committed while ours waited on the unique index.
            db.session.rollback()
            found = db.session.scalar(query)
            if found is None:
                raise
        else:
            return row
    if found.digest != request.digest:
        raise KeyReused("This form was already sent with other contents. Open the page again")
    raise AlreadyDone(found.answer)


@event.listens_for(Session, "before_flush")
def _refuse_flush_outside_unit(session: Session, _context: Any, _instances: Any) -> None:
    if not _writing.get() and (session.new or session.dirty or session.deleted):
        raise WriteOutsideUnit("rows are written only inside `with unit_of_work():`")


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_outside_unit(state: Any) -> None:
    if not _writing.get() and (state.is_insert or state.is_update or state.is_delete):
        raise WriteOutsideUnit("rows are written only inside `with unit_of_work():`")


def lock(statement: sa.Select[Any]) -> sa.Select[Any]:
    """The statement with its rows locked till the end of the unit (PostgreSQL; on SQLite the unit is alone anyway)."""
    # Only the things asked for: PostgreSQL refuses to lock what an eager relationship joins from outside.
    things = [column["entity"] for column in statement.column_descriptions if column.get("entity") is not None]
    # FOR NO KEY UPDATE: a stronger lock also stops checks of foreign keys that point here, and two units that each hold
    # what the other's row refers to would wait on each other for ever.
    locked = statement.with_for_update(of=list(dict.fromkeys(things)) or None, key_share=True)
    return locked.execution_options(populate_existing=True)


def install_engine_rules(engine: Engine) -> None:
    """Engine events of one engine: SQLite's pragmas, functions and transaction modes."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not manage transactions: the begin event does
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # NORMAL loses acknowledged commits on a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
    connection.create_function(
        "search_form", 1, lambda text: None if text is None else search_form(text), deterministic=True
    )
    connection.create_collation("ukrainian", _compare_ukrainian)


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


_LETTERS = {letter: index for index, letter in enumerate("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя")}


def ukrainian_key(text: str) -> tuple[tuple[int, int], ...]:
    """Sort key of the Ukrainian alphabet: Ґ after Г, Є after Е, І and Ї after И; apostrophes are skipped."""
    return tuple(
        (1, _LETTERS[sign]) if sign in _LETTERS else (0, ord(sign)) for sign in text.casefold() if sign not in "'’ʼ"
    )


def _compare_ukrainian(left: str, right: str) -> int:
    left_key, right_key = ukrainian_key(left), ukrainian_key(right)
    return (left_key > right_key) - (left_key < right_key)
