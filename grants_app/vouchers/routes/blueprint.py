"""The blueprint of the stage, apart from its pages so that they may share it."""

from __future__ import annotations

from flask import Blueprint

from grants_app.web.context import select_language

blueprint = Blueprint("vouchers", __name__, url_prefix="/vouchers")


def lang() -> str:
    """The language of the page: titles of services are kept in both."""
    return select_language()


def service_title(service: object, language: str) -> str:
    """The title of a catalogue service in the page's language."""
    return str(getattr(service, "title_en" if language == "en" else "title_uk"))
