"""Column types that refuse what must never be stored: naive instants, fractional money, unknown states."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from grants_app.core.state_machine import State


class Instant(TypeDecorator[datetime]):
    """Aware instant, stored as UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant with ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant must know its zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Instants come back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Whole(TypeDecorator[int]):
    """BIGINT that takes an int and nothing else (SQLite would keep 9.5 in an INTEGER column)."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Refuse anything but int with TypeError."""
        if value is not None and type(value) is not int:
            raise TypeError(f"a whole number is needed, got {type(value).__name__}")
        return value


class Kop(Whole):
    """Money in whole kopiykas."""

    cache_ok = True


class StateType(TypeDecorator[State]):
    """A state enumeration stored by value in a text column; an unknown value raises ValueError."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, states: type[State]) -> None:
        self.states = states
        super().__init__()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Refuse a value outside the table."""
        return None if value is None else self.states(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> State | None:
        """The member, so that templates read its label and colour."""
        return None if value is None else self.states(value)


class Code(TypeDecorator[str]):
    """A short text compared bytewise."""

    impl = sa.String(40)
    cache_ok = True
