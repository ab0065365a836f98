"""The clock of the product held still: a deadline is tested to the second without waiting for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from grants_app.core import clock


class FrozenClock:
    """A clock that moves only when told. Texts and days are read on a Kyiv clock."""

    def __init__(self, moment: str | datetime) -> None:
        self.at(moment)

    @property
    def now(self) -> datetime:
        """The instant at which the product now stands, aware UTC."""
        return clock.now()

    def at(self, moment: str | date | datetime) -> datetime:
        """Stand at `moment`: "2027-03-12 18:00" or a day in Kyiv, or an aware instant."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if not isinstance(moment, datetime):
            moment = clock.start_of_day(moment)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=clock.KYIV)
        clock.freeze(moment)
        return clock.now()

    def forward(self, step: timedelta | None = None, **parts: float) -> datetime:
        """Move on by a timedelta or its parts: `forward(days=3, hours=1)`."""
        clock.freeze(clock.now() + (step or timedelta()) + timedelta(**parts))
        return clock.now()
