"""«Як пораховано»: every number of an application in steps that anybody can redo by hand."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from grants_app.awards.documents.explanation import criterion_lines, money_lines, place_lines, score_lines
from grants_app.awards.queries.access import is_public
from grants_app.awards.queries.explanation import Story, story_of, veiled_stories
from grants_app.awards.routes.blueprint import blueprint, reader, visible_competition
from grants_app.web import formatting
from grants_app.web.access import public


@blueprint.get("/<string:competition>/applications/<string:application>/explanation")
@public
def explanation(competition: str, application: str) -> str:
    """The steps of one application: for the commission before the publication, for everybody after it."""
    found, hidden = visible_competition(competition)
    (told,) = veiled_stories([story_of(found, application, hidden)], reader(), found)
    return render_template(
        "awards/explanation.html",
        competition=found,
        application=told.application,
        award=told.award,
        place=told.place_shown,
        line=told.line,
        is_published=is_public(found),
        is_desk=reader() is not None and not is_public(found),
        **story_parts(told),
    )


def story_parts(told: Story) -> dict[str, Any]:
    """The parts of a story as both pages show them."""
    return {
        "story": [
            (_("Why this score"), score_lines(told)),
            (_("Why this place"), place_lines(told)),
            (_("Why this sum"), money_lines(told)),
            (_("Means by criterion"), criterion_lines(told)),
        ],
        "criteria": [
            (title, told.maxima[code], formatting.mean(told.line.criteria.get(code, {}).get("combined")))
            for code, title in told.titles.items()
        ],
        "totals": [(expert, formatting.number(total)) for expert, total in told.line.expert_totals.items()],
    }
