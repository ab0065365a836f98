"""The blueprint of competitions; its addresses are written out, because lists and exports share one stem."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask_login import current_user

from grants_app.competitions import queries
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import Viewer

blueprint = Blueprint("competitions", __name__)


def reader() -> Viewer | None:
    """The person who reads, None for a guest."""
    return current_user if current_user.is_authenticated else None


def competition_or_404(code: str) -> Competition:
    """The competition of the address, if it is open to the reader."""
    return queries.competition_by_code(code, reader())


def city_name() -> str:
    """The organizer's name for documents."""
    return str(current_app.config["SETTINGS"].city_name)
