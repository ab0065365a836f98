"""When a request arrived: noted before anything is done with it, so that a queue makes nobody late.

Who knows best tells: the shipped server in front (header GRANTS_ARRIVAL_HEADER, «t=1774990799.123; took=0.020»: when
the request was whole and how long it took), else the embedded server (environ ``grants.arrived``), else the moment
at which the worker began with it, unless its body was still coming.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, request

from grants_app.core import clock
from grants_app.core.clock import Arrival, current_arrival

ENVIRON = "grants.arrived"  # an Arrival
# No server holds a request longer than this, and no stamp older than this is believed.
LONGEST_WAIT = timedelta(minutes=2)
# A body that lay ready is read faster; one that takes longer was still coming.
AT_ONCE = timedelta(seconds=1)
_STAMP = re.compile(r"t=(\d{1,12}\.\d{1,6})(?:; ?took=(\d{1,6}\.\d{1,6}))?", re.ASCII)
_begun: ContextVar[datetime | None] = ContextVar("grants_request_begun", default=None)


def init_app(app: Flask) -> None:
    """Note the beginning before the body is read, and the whole after it."""
    app.url_value_preprocessor(_note_beginning)
    app.before_request(_note_arrival)
    app.teardown_request(_forget)


def _note_beginning(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    _begun.set(clock.now())


def _note_arrival() -> None:
    now = clock.now()
    begun = _begun.get() or now
    told = _told()
    if told is not None and begun - LONGEST_WAIT <= told.whole <= begun:
        current_arrival.set(told)
    else:
        current_arrival.set(Arrival(begun, begun if now - begun < AT_ONCE else now))


def _told() -> Arrival | None:
    """What a server in front says of this request."""
    name = current_app.config["SETTINGS"].arrival_header
    found = _STAMP.fullmatch(request.headers.get(name, "").strip()) if name else None
    if found is not None:
        return _stamped(float(found[1]), float(found[2] or 0))
    stamped = request.environ.get(ENVIRON)
    return stamped if isinstance(stamped, Arrival) else None


def _stamped(whole: float, took: float) -> Arrival | None:
    """The instants of a stamp; nothing for one that no calendar holds."""
    try:
        return Arrival(clock.from_epoch(whole) - timedelta(seconds=took), clock.from_epoch(whole))
    except (ValueError, OverflowError, OSError):
        return None


def _forget(_error: BaseException | None) -> None:
    current_arrival.set(None)
    _begun.set(None)
