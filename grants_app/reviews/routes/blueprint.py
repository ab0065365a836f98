"""The blueprint and what its pages share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, flash
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids, may_read_in
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import CompetitionState
from grants_app.reviews.services.proposal import Addition
from grants_app.web import formatting

Answer = str | Response | tuple[str, int] | tuple[Response, int]
blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")
# Before the formal check there is nothing that a desk of the review may show: bids are sealed.
_BEFORE = (CompetitionState.DRAFT, CompetitionState.ANNOUNCED, CompetitionState.OPEN, CompetitionState.CLOSED)


def lang() -> str:
    """The reader's language."""
    return str(get_locale())


def comma(text: str | None) -> str:
    """An exact number as the reader's language writes it."""
    return formatting.number(text)


@blueprint.app_template_filter("last_minute")
def last_minute(moment: datetime | None) -> str:
    """«23:59 26.03.2027»: the last minute before an exclusive end."""
    if moment is None:
        return gettext("the deadline is not set")
    return formatting.last_minute(moment)


@blueprint.app_template_filter("scale_shown")
def scale_shown(scale: Iterable[str]) -> list[tuple[str, str]]:
    """Values of a scale with the text that stands on their buttons."""
    return [(value, comma(value)) for value in scale]


@blueprint.app_template_filter("bands_shown")
def bands_shown(bands: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Guidance bands for the scale: «9–10» and what they mean."""
    return [
        {"low": low, "high": high, "label": comma(low) if low == high else f"{comma(low)}–{comma(high)}", "text": text}
        for low, high, text in bands
    ]


@blueprint.app_template_filter("addition_cells")
def addition_cells(additions: Iterable[Addition]) -> list[tuple[str, str, str, str]]:
    """Cells of the proposal's table."""
    return [
        (one.application_code, one.application_title, one.expert_name, gettext("fits") if one.knows_field else "–")
        for one in additions
    ]


def viewer() -> User:
    """The signed-in person; the gate has let nobody else through."""
    person: User = current_user._get_current_object()
    return person


def tell_of_held_letters(competition: Competition) -> None:
    """Say that the letters of a step on many wait: while scoring is open, everybody it concerns gets one."""
    if competition.state == CompetitionState.SCORING:
        flash(gettext("Release the letters to the experts under “Letters”"), "ok")


def competition_of(code: str) -> Competition:
    """The competition whose review has at least been prepared, for its staff and commission. Raises NotFound."""
    found = db.session.scalar(sa.select(Competition).filter_by(code=code))
    if found is None or found.state in _BEFORE or not may_read_in(viewer(), found):
        raise NotFound()
    return found


def application_of(code: str) -> Application:
    """The application of that code in a competition under review, for whom it may open. Raises NotFound."""
    query = (
        sa.select(Application)
        .options(
            joinedload(Application.competition),
            joinedload(Application.organisation),
            joinedload(Application.lot),
            joinedload(Application.priority),
        )
        .filter_by(code=code)
    )
    found = db.session.scalar(query)
    if found is None or found.competition.state in _BEFORE or not may_read_in(viewer(), found.competition):
        raise NotFound()
    if found.id in hidden_ids(viewer(), found.competition):
        raise NotFound()
    return found


def said(reason: str | None) -> str | None:
    """A reason of the policy in the reader's language, for the place beside a button."""
    return None if reason is None else gettext(reason)
