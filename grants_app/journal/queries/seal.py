"""What of the journal and of the outbox is closed to everybody for now: while bids are sealed, so is every trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from grants_app.journal.models import JournalEntry, Notice

SEALED_THING = "application"
# Letters whose list of receivers would tell who is writing an application: the outbox shows them to nobody.
UNLISTED_THINGS = ("call_question",)
# A later stage says which competitions keep their applications sealed at this moment.
_sealed_scopes: list[Callable[[], Iterable[str]]] = []
# … and which codes of things are not told to one person: a conflict of interest keeps them out.
_withheld: list[Callable[[Any], Iterable[str]]] = []


def seal_by(scopes: Callable[[], Iterable[str]]) -> None:
    """Ask `scopes` for the codes of competitions whose applications nobody may know of yet."""
    _sealed_scopes[:] = [scopes]


def withhold_by(codes: Callable[[Any], Iterable[str]]) -> None:
    """Ask `codes` which things a person is told nothing of; what hangs on them («code/…») goes with them."""
    if codes not in _withheld:
        _withheld.append(codes)


def is_sealed_scope(scope: str | None) -> bool:
    """Whether the applications of this competition are a secret at this moment."""
    return scope is not None and any(scope in codes() for codes in _sealed_scopes)


def unsealed_entries(viewer: Any) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave away the lines of sealed applications and of what is considered without this person."""
    return [*_outside(JournalEntry.thing, JournalEntry.scope), *_but_withheld(viewer, JournalEntry.thing_code)]


def unsealed_letters(viewer: Any) -> list[sa.ColumnElement[bool]]:
    """The same for letters."""
    listed = Notice.thing.not_in(UNLISTED_THINGS)
    return [listed, *_outside(Notice.thing, Notice.scope), *_but_withheld(viewer, Notice.thing_code)]


def withheld_from_letters(viewer: Any) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave away letters about what is considered without this person."""
    return _but_withheld(viewer, Notice.thing_code)


def withheld_from(viewer: Any) -> Callable[[str], bool]:
    """The question whether the thing of a code is considered without this person, asked of the database once."""
    withheld = {one for codes in _withheld for one in codes(viewer)}
    return lambda code: code in withheld or any(code.startswith(f"{one}/") for one in withheld)


def letters_about_withheld(viewer: Any) -> sa.ColumnElement[bool]:
    """Letters about what is considered without this person."""
    withheld = sorted({one for codes in _withheld for one in codes(viewer)})
    parts = [Notice.thing_code.startswith(f"{one}/", autoescape=True) for one in withheld]
    return sa.or_(Notice.thing_code.in_(withheld), *parts)


def letters_left_to_others(viewer: Any) -> sa.ColumnElement[bool]:
    """Letters that others may see and this person may not. What is sealed nobody sees: it leaves with its list."""
    listed = Notice.thing.not_in(UNLISTED_THINGS)
    return sa.and_(letters_about_withheld(viewer), listed, *_outside(Notice.thing, Notice.scope))


def _but_withheld(viewer: Any, code: InstrumentedAttribute[str]) -> list[sa.ColumnElement[bool]]:
    if viewer.actor_id is None:
        return []  # the system itself is never kept out
    withheld = sorted({one for codes in _withheld for one in codes(viewer)})
    if not withheld:
        return []
    parts = [code.startswith(f"{one}/", autoescape=True) for one in withheld]
    return [code.not_in(withheld), *(~part for part in parts)]


def _outside(
    thing: InstrumentedAttribute[str], scope: InstrumentedAttribute[str | None]
) -> list[sa.ColumnElement[bool]]:
    codes = sorted({code for scopes in _sealed_scopes for code in scopes()})
    return [sa.or_(thing != SEALED_THING, scope.is_(None), scope.not_in(codes))] if codes else []
