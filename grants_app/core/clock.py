"""The only source of the present moment, and the day arithmetic of Ukrainian terms.

Instants are aware UTC; days are days of Europe/Kyiv. Terms up to ten days run in working days, longer ones in
calendar days (Law 2073-IX, Art. 33); a term that ends on a day off moves to the next working day.
"""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")
_frozen: datetime | None = None
# Where the clock stands for one request alone: pages of a rehearsal are visited at a moment of its story.
_held: ContextVar[datetime | None] = ContextVar("grants_clock_held", default=None)


@dataclass(frozen=True)
class Arrival:
    """When a request began to come in, and when it was here as a whole; waiting for its turn is not counted."""

    began: datetime
    whole: datetime


# Of the request being served; set by the web, read where a deadline is decided.
current_arrival: ContextVar[Arrival | None] = ContextVar("grants_arrival", default=None)


def now() -> datetime:
    """The present instant, aware UTC."""
    held = _held.get()
    if held is not None:
        return held
    return _frozen if _frozen is not None else datetime.now(UTC)


def arrival() -> datetime:
    """The instant by which a deadline is decided: when the request being served was here as a whole, else now."""
    found = current_arrival.get()
    return now() if found is None else found.whole


def began() -> datetime:
    """When the request being served began to come in, else now."""
    found = current_arrival.get()
    return now() if found is None else found.began


def from_epoch(seconds: float) -> datetime:
    """The instant of a time stamp made by a server on this machine."""
    return datetime.fromtimestamp(seconds, UTC)


def freeze(moment: datetime | None) -> None:
    """Hold the clock at `moment` (aware) for rehearsals, the demo year and tests; None lets it run again."""
    global _frozen
    if moment is not None and moment.tzinfo is None:
        raise ValueError("clock.freeze needs an aware datetime")
    _frozen = None if moment is None else moment.astimezone(UTC)


def hold(moment: datetime | None) -> None:
    """Hold the clock of the running request (and of nobody else) at `moment`; None lets it go."""
    _held.set(None if moment is None else moment.astimezone(UTC))


def today() -> date:
    """The present day in Kyiv."""
    return now().astimezone(KYIV).date()


def kyiv(moment: datetime) -> datetime:
    """The instant on a Kyiv clock."""
    return moment.astimezone(KYIV)


def start_of_day(day: date) -> datetime:
    """The first instant of a Kyiv day, in UTC."""
    return datetime.combine(day, time.min, tzinfo=KYIV).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """«Till 26 March»: the first instant of the 27th in Kyiv, exclusive, in UTC."""
    return start_of_day(day + timedelta(days=1))


def last_day(moment: datetime) -> date:
    """The day that an exclusive end closes: midnight at the end of 26 March gives 26 March.

    >>> last_day(end_of_day(date(2027, 3, 26)))
    datetime.date(2027, 3, 26)
    """
    return kyiv(moment - timedelta(microseconds=1)).date()


def is_working_day(day: date, days_off: Collection[date] = ()) -> bool:
    """Whether a term may end on this day. Saturday and Sunday are off; so are the city's own days off."""
    return day.weekday() < 5 and day not in days_off


def add_term(start: date, days: int, *, working: bool, days_off: Collection[date] = ()) -> date:
    """The last day of a term of `days` that starts the day after `start`.

    >>> add_term(date(2027, 3, 12), 5, working=True)
    datetime.date(2027, 3, 19)
    >>> add_term(date(2027, 3, 12), 30, working=False)  # 11 April is a Sunday
    datetime.date(2027, 4, 12)
    """
    day = start
    if working:
        left = days
        while left:
            day += timedelta(days=1)
            left -= is_working_day(day, days_off)
        return day
    day = start + timedelta(days=days)
    while not is_working_day(day, days_off):
        day += timedelta(days=1)
    return day
