"""One question of the form: its kind first, then the page with the controls of that kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from grants_app.competitions.documents.form_words import condition_words, listed
from grants_app.competitions.forms import conditions as condition_forms
from grants_app.competitions.forms import form as forms
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.amendments import working_form
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.routes.form import form_page
from grants_app.competitions.routes.form_parts import (
    STEM,
    Answer,
    PartPage,
    around,
    offered_anew,
    open_competition,
    removed,
    saved,
    stepped_rows,
)
from grants_app.competitions.rules.form import QUESTION_KINDS, Form, Question, editing
from grants_app.competitions.services import form as services
from grants_app.core.errors import InvalidInput, NotFound
from grants_app.permissions import Permission
from grants_app.web.access import requires

# What a new question of a kind begins with.
_BEGINNINGS: dict[str, dict[str, Any]] = {"long": {"limit": 1000}, "rows": {"max_rows": 10, "min_rows": 0}}
_NAMES = (
    "label",
    "hint",
    "required",
    "limit",
    "limit_unit",
    "options",
    "cells",
    "min_rows",
    "max_rows",
    "section",
    "audience",
    "keeps_rule",
    "conditions",
)


@blueprint.get(f"{STEM}/questions/new")
@requires(Permission.COMPETITION_EDIT)
def new_question(code: str) -> str:
    """A new question: without a kind, the kinds to choose among."""
    competition = open_competition(code)
    section = editing.section_of(working_form(competition), request.args.get("section", "")).slug
    kind = request.args.get("kind", "")
    if kind in forms.OFFERED_KINDS:
        return _page(competition, _new(kind), section, from_request=False).shown()
    return render_template(
        "competitions/form_kind.html",
        competition=competition,
        kinds=[
            (
                gettext(QUESTION_KINDS[one]),
                url_for("competitions.new_question", code=code, section=section, kind=one),
                gettext(forms.KIND_HINTS[one]),
            )
            for one in forms.OFFERED_KINDS
        ],
        **around(competition, None, "sections"),
    )


@blueprint.post(f"{STEM}/questions/new")
@requires(Permission.COMPETITION_EDIT)
def create_question(code: str) -> Answer:
    """Add the question at the end of its page."""
    competition = competition_or_404(code)
    section = working_form(competition).section(request.form.get("section", ""))
    if section is None:
        return _gone(competition)
    return _save(competition, _new_as_sent(), section.slug)


@blueprint.get(f"{STEM}/questions/<string:question>")
@requires(Permission.COMPETITION_EDIT)
def form_question(code: str, question: str) -> str:
    """Everything about one question."""
    competition = open_competition(code)
    whole = working_form(competition)
    known = _of_kind(editing.question_of(whole, question), request.args.get("kind", ""))
    return _page(competition, known, whole.section_of[question].slug, from_request=False).shown()


@blueprint.post(f"{STEM}/questions/<string:question>")
@requires(Permission.COMPETITION_EDIT)
def save_question(code: str, question: str) -> Answer:
    """Save the question."""
    competition = competition_or_404(code)
    whole = working_form(competition)
    if question not in {one.code for section in whole.sections for one in section.questions}:
        return _gone(competition)
    known = _of_kind(editing.question_of(whole, question), request.form.get("kind", ""))
    return _save(competition, known, whole.section_of[question].slug)


@blueprint.post(f"{STEM}/questions/<string:question>/remove")
@requires(Permission.COMPETITION_EDIT)
def remove_question(code: str, question: str) -> Answer:
    """Take the question out."""
    competition = open_competition(code)
    return removed(
        competition,
        lambda: services.remove_question(competition, question, by=current_user),
        url_for("competitions.form", code=code),
        lambda problem: form_page(competition, problem),
    )


def _new(kind: str) -> Question:
    return Question("", "", kind, **_BEGINNINGS.get(kind, {}))


def _new_as_sent() -> Question:
    kind = request.form.get("kind", "")
    return _new(kind if kind in forms.OFFERED_KINDS else "text")


def _of_kind(known: Question, kind: str) -> Question:
    """The question with another kind; what the new kind does not have is left behind."""
    if known.is_fixed or kind == known.kind or kind not in forms.OFFERED_KINDS:
        return known
    options = known.options if {kind, known.kind} <= {"choice", "many"} else ()
    bare = replace(known, kind=kind, options=options, source="", cells=(), min_rows=0, max_rows=0)
    return replace(bare, **_BEGINNINGS.get(kind, {}))


def _page(competition: Competition, known: Question, section: str, *, from_request: bool = True) -> PartPage:
    code, raw = competition.code, working_form(competition)
    whole, stored = listed(raw, competition), editing.question_of(raw, known.code) if known.code else None
    mark = services.mark((stored, section)) if stored else ""
    rows = stepped_rows() if from_request else None
    shown = forms.question_form(whole, known, section, mark, from_request=from_request, rows=rows)
    is_deep = known.show_if is not None and condition_forms.rows_of(known.show_if, whole) is None
    page = PartPage(
        competition,
        gettext("New question"),
        shown,
        url_for("competitions.create_question", code=code),
        url_for("competitions.form", code=code),
        _NAMES,
        condition=condition_words(known.show_if, whole) if is_deep and known.show_if is not None else "",
        kinds=_kinds(competition, known, section),
        is_fixed=known.is_fixed,
    )
    if stored is None:
        return page
    return replace(
        page,
        heading=gettext(stored.label),
        action=url_for("competitions.save_question", code=code, question=stored.code),
        part=stored.code,
        remove_url="" if stored.is_fixed else url_for("competitions.remove_question", code=code, question=stored.code),
        remove_words=gettext("Remove this question"),
    )


def _kinds(competition: Competition, known: Question, section: str) -> list[tuple[str, str, bool]]:
    """Links that change the kind: the controls of the new kind come with the page."""
    if known.is_fixed:
        return []
    code = competition.code
    return [
        (
            gettext(QUESTION_KINDS[kind]),
            url_for("competitions.form_question", code=code, question=known.code, kind=kind)
            if known.code
            else url_for("competitions.new_question", code=code, section=section, kind=kind),
            kind == known.kind,
        )
        for kind in forms.OFFERED_KINDS
    ]


def _save(competition: Competition, known: Question, section: str) -> Answer:
    whole = listed(working_form(competition), competition)
    page = _page(competition, known, section)
    shown = page.form
    target = shown.section.data if "section" in shown else section
    return saved(
        page,
        lambda: services.save_question(
            competition,
            forms.question_from(shown, whole, known, target),
            section=target,
            by=current_user,
            seen=shown.seen.data if known.code else None,
        ),
        lambda: _stored(competition, known.code),
        lambda: _gone(competition),
    )


def _gone(competition: Competition) -> Answer:
    """Somebody removed the question, or its page, while this person was writing: what was typed, as a new question."""
    if not request.form.get("label"):
        raise NotFound
    pages = [one.slug for one in working_form(competition).sections if one.page == "questions"]
    section = request.form.get("section", "")
    return offered_anew(
        _page(competition, _new_as_sent(), section if section in pages else pages[0]),
        gettext(
            "Somebody removed this question or its page meanwhile. What you typed is kept here as a new question: "
            "look where it belongs and save it"
        ),
    )


def _stored(competition: Competition, code: str) -> tuple[Any, str]:
    whole = working_form(competition)
    known, section = _known(whole, code)
    mark = services.mark((known, section))
    return forms.question_form(listed(whole, competition), known, section, mark, from_request=False), mark


def _known(whole: Form, code: str) -> tuple[Question, str]:
    if code not in whole.questions:
        raise InvalidInput("Somebody removed this question while you were writing")
    return whole.questions[code], whole.section_of[code].slug
