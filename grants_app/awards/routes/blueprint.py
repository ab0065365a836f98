"""The blueprint of the stage and what its pages share."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.awards.queries.access import desk_competition, is_public, public_competition, recused_applications
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound

blueprint = Blueprint("awards", __name__, url_prefix="/awards")

Answer = str | Response | tuple[str, int]


def person() -> User:
    """The signed-in person."""
    found: User = current_user._get_current_object()
    return found


def reader() -> User | None:
    """The person who reads, None for a guest."""
    return person() if current_user.is_authenticated else None


def visible_competition(code: str) -> tuple[Competition, frozenset[int]]:
    """A competition whose decision this reader may see: everybody after publication, its commission before.

    The second part names the applications that are considered without this reader.
    """
    competition = public_competition(code)
    if is_public(competition):
        return competition, frozenset()
    user = reader()
    if user is None:
        raise NotFound
    desk_competition(user, code)
    return competition, recused_applications(user, competition.id)


def said(reason: str | None) -> str | None:
    """A policy's reason in the reader's language."""
    return gettext(reason) if reason is not None else None
