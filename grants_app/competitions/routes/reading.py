"""What may be read before anybody applies: all questions of the form, the first questions, the calendar with terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext
from wtforms import RadioField
from wtforms.validators import InputRequired

from grants_app.competitions import documents, queries
from grants_app.competitions.documents.form_words import form_as_text, form_lines, form_parts
from grants_app.competitions.documents.terms import calendar_dates, correction_sentence, counting_sentences, terms
from grants_app.competitions.documents.wordings import admission_sentences
from grants_app.competitions.forms.fields import choice
from grants_app.competitions.models import Competition
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.rules.form import EligibilityQuestion
from grants_app.competitions.schemas import FormFileSchema
from grants_app.core import clock
from grants_app.web.access import public
from grants_app.web.export import respond
from grants_app.web.fields import RowForm

Answer = str | tuple[str, int]


@dataclass(frozen=True)
class Obstacle:
    """A first question whose answer stands in the way, with its clause and what helps."""

    question: str
    clause: str
    advice: str


@blueprint.get("/competitions/<string:code>/questions")
@public
def questions(code: str) -> str:
    """Every question of the form before anybody has begun."""
    competition = competition_or_404(code)
    return render_template(
        "competitions/questions.html",
        competition=competition,
        parts=form_parts(competition),
        text=form_as_text(competition),
        exports=[
            (suffix.upper(), url_for("competitions.questions_file", code=code, suffix=suffix))
            for suffix in ("pdf", "xlsx", "csv", "json")
        ],
    )


@blueprint.get("/competitions/<string:code>/questions.<any(json,csv,xlsx,pdf):suffix>")
@public
def questions_file(code: str, suffix: str) -> Response:
    """The same questions as a file."""
    competition = competition_or_404(code)
    document = documents.questions_document(competition)
    return respond(
        form_lines(competition), FormFileSchema, suffix, file_name=f"{code}-questions", document=document
    )  # fmt: skip


@blueprint.get("/competitions/<string:code>/eligibility")
@public
def eligibility(code: str) -> Answer:
    """The first questions, for anybody: what is answered lives in the address alone and is kept nowhere."""
    competition = competition_or_404(code)
    asked = queries.form_of(competition).eligibility
    is_answered = any(one.code in request.args for one in asked)
    form = _first_form(asked)(request.args if is_answered else None)
    is_whole = is_answered and form.validate()
    page = render_template(
        "competitions/eligibility.html",
        competition=competition,
        form=form,
        asked=asked,
        is_whole=is_whole,
        obstacles=_obstacles(asked, form) if is_whole else [],
        conditions=admission_sentences(competition)[:2],
        # The next stage's address: a word of the map of addresses, not of its code.
        start_url=f"{request.script_root}/applications/start/{code}",
        is_open=queries.is_intake_open(competition, clock.now()),
        is_coming=queries.shown_state(competition, clock.now()).value == "announced",
    )
    return (page, 422) if is_answered and not is_whole else page


@blueprint.get("/competitions/<string:code>/calendar")
@public
def calendar_page(code: str) -> str:
    """Dates of the call, and terms with how their days are counted."""
    competition = competition_or_404(code)
    return render_template(
        "competitions/calendar.html",
        competition=competition,
        dates=calendar_dates(competition),
        today=clock.today(),
        terms=terms(competition),
        counting=counting_sentences(),
        days_off=[day for day in sorted(queries.days_off()) if _is_near(competition, day)],
        correction=correction_sentence(competition),
    )


def _is_near(competition: Competition, day: Any) -> bool:
    first = competition.intake_from and clock.kyiv(competition.intake_from).date()
    return day.year >= competition.year or (first is not None and day >= first)


def _first_form(asked: tuple[EligibilityQuestion, ...]) -> type[RowForm]:
    """A form of one yes-or-no question each; made for the call, because the city may change the questions."""
    options = [choice("yes", gettext("Yes")), choice("no", gettext("No"))]
    fields = {
        one.code: RadioField(
            gettext(one.label),
            choices=options,
            validators=[InputRequired(gettext("Choose “Yes” or “No”"))],
        )
        for one in asked
    }
    return type("FirstQuestions", (RowForm,), fields)


def _obstacles(asked: tuple[EligibilityQuestion, ...], form: Any) -> list[Obstacle]:
    return [
        Obstacle(gettext(one.label), gettext(one.clause), gettext(one.advice) if one.advice else "")
        for one in asked
        if form[one.code].data != one.wanted
    ]
