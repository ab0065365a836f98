"""The city's calendar of working days."""

from __future__ import annotations

from datetime import date

from grants_app.competitions.models import DayOff
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db
from grants_app.journal.services import Actor, record
from grants_app.permissions import Permission


def add_day_off(day: date, title: str, *, by: Actor) -> None:
    """A day on which no term ends. Raises InvalidInput for a day that is there already."""
    _refuse_stranger(by)
    if db.session.get(DayOff, day) is not None:
        raise InvalidInput("This day is off already", field="day")
    db.session.add(DayOff(day=day, title=title))
    record(thing="day_off", code=day.isoformat(), step="add", by=by, facts={"title": title})


def remove_day_off(day: date, *, by: Actor) -> None:
    """The day becomes a working day again. Raises NotFound."""
    _refuse_stranger(by)
    found = db.session.get(DayOff, day)
    if found is None:
        raise NotFound
    db.session.delete(found)
    record(thing="day_off", code=day.isoformat(), step="remove", by=by)


def _refuse_stranger(by: Actor) -> None:
    if not (by.can(Permission.COMPETITION_EDIT) or by.can(Permission.USER_MANAGE)):
        raise NotAllowed("Only the organizer or the administrator may change the calendar")
