"""What of the journal and of the outbox is closed to everybody for now: while bids are sealed, so is every trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from grants_app.journal.models import JournalEntry, Notice

SEALED_THING = "application"
# A later stage says which competitions keep their applications sealed at this moment.
_sealed_scopes: list[Callable[[], Iterable[str]]] = []


def seal_by(scopes: Callable[[], Iterable[str]]) -> None:
    """Ask `scopes` for the codes of competitions whose applications nobody may know of yet."""
    _sealed_scopes[:] = [scopes]


def unsealed_entries() -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the lines of sealed applications away."""
    return _outside(JournalEntry.thing, JournalEntry.scope)


def unsealed_letters() -> list[sa.ColumnElement[bool]]:
    """Conditions that leave letters about sealed applications away."""
    return _outside(Notice.thing, Notice.scope)


def _outside(
    thing: InstrumentedAttribute[str], scope: InstrumentedAttribute[str | None]
) -> list[sa.ColumnElement[bool]]:
    codes = sorted({code for scopes in _sealed_scopes for code in scopes()})
    return [sa.or_(thing != SEALED_THING, scope.is_(None), scope.not_in(codes))] if codes else []
