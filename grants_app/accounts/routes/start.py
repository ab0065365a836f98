"""The first pages: start, what waits for me, help, privacy, accessibility."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from grants_app.accounts.routes.blueprint import blueprint
from grants_app.core import clock
from grants_app.web import panels
from grants_app.web.access import public, signed_in
from grants_app.web.formatting import clock_words, instant
from grants_app.web.panels import DueItem

BANDS = (
    ("late", _l("Overdue")),
    ("today", _l("Today")),
    ("", _l("This week")),
    ("", _l("Later")),
    ("", _l("Without a deadline")),
)


DOORS = (
    (_l("See the competitions"), _l("Conditions, criteria, calendar, questions of the form."), "/competitions"),
    (
        _l("Register an organisation"),
        _l("Once, in ten minutes. After that you can apply and ask for vouchers."),
        "/accounts/register",
    ),
    (
        _l("Get a voucher for consulting"),
        _l("A donor’s money pays most of a lawyer, an accountant or a strategist for your organisation."),
        "/vouchers",
    ),
    (_l("See results and money"), _l("Rankings, votes, minutes, sums, yearly account."), "/reports"),
)


@dataclass(frozen=True)
class Door:
    """A way from the start page."""

    label: str
    note: str
    url: str


@dataclass(frozen=True)
class DueRow:
    """A line of the work list as it is shown."""

    when: str
    when_note: str
    what: str
    url: str
    why: str
    verb: str


@dataclass(frozen=True)
class Band:
    """Lines of the work list that are due in one span of time."""

    label: str
    kind: str
    rows: list[DueRow]


def bands(items: list[DueItem]) -> list[Band]:
    """The work list by time: overdue, today, this week (to Sunday), later, without a term."""
    now, today = clock.now(), clock.today()
    end_of_week = clock.end_of_day(today + timedelta(days=6 - today.weekday()))
    filled: list[list[DueRow]] = [[] for _band in BANDS]
    for item in items:
        filled[_band_of(item, now, clock.end_of_day(today), end_of_week)].append(_row(item))
    return [Band(str(label), kind, rows) for (kind, label), rows in zip(BANDS, filled, strict=True)]


def _band_of(item: DueItem, now: datetime, tonight: datetime, end_of_week: datetime) -> int:
    if item.when is None:
        return 4
    # A term is exclusive: an instant that equals the end of today is still «today».
    return sum((item.when > now, item.when > tonight, item.when > end_of_week))


def _row(item: DueItem) -> DueRow:
    if item.when is None:
        return DueRow("–", "", item.what, item.url, item.why, item.verb)
    # The term «till 26 March» is stored as the first instant of the 27th: show the last minute that counts.
    last = instant(item.when - timedelta(minutes=1))
    return DueRow(last, clock_words(item.when), item.what, item.url, item.why, item.verb)


@blueprint.get("/")
@public
def start() -> str:
    """The start page for everybody."""
    viewer = current_user if current_user.is_authenticated else None
    return render_template("accounts/start.html", blocks=panels.blocks("start", viewer), doors=_doors())


def _doors() -> list[Door]:
    """What a visitor may want; a door leads only where there is a page."""
    pages = current_app.url_map.bind("")
    found = []
    for label, note, url in DOORS:
        try:
            pages.match(url)
        except HTTPException:
            continue
        found.append(Door(str(label), str(note), url))
    return found


@blueprint.get("/home")
@signed_in
def home() -> str:
    """What waits for this person."""
    items = panels.due_items(current_user)
    return render_template(
        "accounts/home.html", bands=bands(items), count=len(items), blocks=panels.blocks("home", current_user)
    )


@blueprint.get("/help")
@public
def help_page() -> str:
    """How it works."""
    return render_template("accounts/help.html")


@blueprint.get("/privacy")
@public
def privacy() -> str:
    """What is done with personal data."""
    return render_template("accounts/privacy.html")


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    """How accessible the pages are."""
    return render_template("accounts/accessibility.html")
