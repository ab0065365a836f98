"""Pages of competitions."""

from __future__ import annotations

from flask import Flask

from grants_app.competitions.routes import (
    amendments,
    asking,
    days,
    form,
    form_lists,
    form_questions,
    public,
    reading,
    rehearsal,
    settings,
    steps,
    weighing,
)
from grants_app.competitions.routes.blueprint import blueprint
from grants_app.competitions.routes.panels import init_panels
from grants_app.competitions.rules import wording
from grants_app.competitions.services import record_openings
from grants_app.core import clock
from grants_app.database import unit_of_work
from grants_app.journal.jobs import every_minute
from grants_app.journal.queries import describe
from grants_app.web.context import select_language

__all__ = [
    "amendments",
    "asking",
    "blueprint",
    "days",
    "form",
    "form_lists",
    "form_questions",
    "init_app",
    "public",
    "reading",
    "rehearsal",
    "settings",
    "steps",
    "weighing",
]


def init_app(app: Flask) -> None:
    """Register the pages, the filter of preset texts and what is added to other pages."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters["wording"] = lambda text: wording(text, select_language())
    init_panels()
    rehearsal.init_rehearsal()
    describe(
        {
            "competition.begin_amendment": "Amendment begun",
            "competition.write_amendment": "Amendment written on",
            "competition.discard_amendment": "Amendment discarded",
            "competition.amend": "Call amended",
        }
    )


@every_minute("competitions.openings")
def follow_the_calendar() -> None:
    """Record the competitions whose intake has begun as open."""
    with unit_of_work():
        record_openings(clock.now())
