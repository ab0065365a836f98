"""The city's calendar of working days, and the terms that move when a day becomes a day off.

A term that was promised is never made shorter: taking a day off the list changes terms that begin later alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from grants_app.competitions import queries
from grants_app.competitions.models import DayOff
from grants_app.competitions.queries.asking import waiting_rows
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db
from grants_app.journal.services import Actor, record
from grants_app.permissions import Permission

Days = frozenset[date]


@dataclass(frozen=True)
class MovedTerm:
    """A term that ends later because of a new day off: what it is for (msgid), whose competition, old and new end."""

    what: str
    competition: str
    old: date
    new: date


@dataclass(frozen=True)
class TermKeeper:
    """Where terms are stored: `find(old, new, viewer)` tells those that move and are open to the viewer, `move` moves
    all of them inside the running unit."""

    find: Callable[[Days, Days, Any], list[MovedTerm]]
    move: Callable[[Days, Days], int]


# Later stages keep terms of their own.
_keepers: dict[str, TermKeeper] = {}


def keep_terms(name: str, keeper: TermKeeper) -> None:
    """Let the calendar know of terms that a stage stores."""
    _keepers[name] = keeper


def moved_term(start: date, end: date, old: Days, new: Days) -> date:
    """The end of a term of working days that began the day after `start`, counted anew; never earlier than promised.

    >>> friday, monday = date(2027, 3, 12), date(2027, 3, 15)
    >>> moved_term(friday, date(2027, 3, 16), frozenset(), frozenset({monday}))
    datetime.date(2027, 3, 17)
    """
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    length = sum(clock.is_working_day(day, old) for day in days)
    return max(end, clock.add_term(start, length, working=True, days_off=new))


def effect_of(day: date, viewer: Any) -> list[MovedTerm]:
    """Which running terms end later when `day` becomes a day off, as far as the viewer may know of them."""
    old = queries.days_off()
    if day in old:
        return []
    found = _questions(old, old | {day})
    for keeper in _keepers.values():
        found += keeper.find(old, old | {day}, viewer)
    return sorted(found, key=lambda one: (one.old, one.competition, one.what))


def add_day_off(day: date, title: str, *, by: Actor) -> int:
    """A day on which no term ends; running terms that pass it end later. How many stored ones were moved.

    Raises InvalidInput for a day that is there already, NotAllowed.
    """
    _refuse_stranger(by)
    old = queries.days_off()
    if day in old:
        raise InvalidInput("This day is off already", field="day")
    db.session.add(DayOff(day=day, title=title))
    moved = sum(keeper.move(old, old | {day}) for keeper in _keepers.values())
    record(thing="day_off", code=day.isoformat(), step="add", by=by, facts={"title": title, "moved": moved})
    return moved


def remove_day_off(day: date, *, by: Actor) -> None:
    """The day becomes a working day again; terms that were promised stay as they are. Raises NotFound."""
    _refuse_stranger(by)
    found = db.session.get(DayOff, day)
    if found is None:
        raise NotFound
    db.session.delete(found)
    record(thing="day_off", code=day.isoformat(), step="remove", by=by)


def _questions(old: Days, new: Days) -> list[MovedTerm]:
    """Terms of answers to questions are not stored: they follow the calendar by themselves."""
    return [
        MovedTerm("Answer to a question about the competition", row.competition_code, row.answer_by, end)
        for row in waiting_rows()
        if (end := moved_term(clock.kyiv(row.asked_at).date(), row.answer_by, old, new)) != row.answer_by
    ]


def _refuse_stranger(by: Actor) -> None:
    if not (by.can(Permission.COMPETITION_EDIT) or by.can(Permission.USER_MANAGE)):
        raise NotAllowed("Only the organizer or the administrator may change the calendar")
