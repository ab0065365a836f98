"""The organizer's list of the form: pages and questions in order, and one page for each page of the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from grants_app.competitions.documents.form_words import bounds_words, condition_words, listed
from grants_app.competitions.forms import form as forms
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.amendments import working_form
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.routes.form_parts import (
    STEM,
    Answer,
    PartPage,
    around,
    offered_anew,
    open_competition,
    removed,
    saved,
    told,
    why_not_change,
)
from grants_app.competitions.rules.form import AUDIENCES, GROUPS, Form, Question, Section, editing
from grants_app.competitions.services import form as services
from grants_app.core.errors import InvalidInput, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires


@dataclass(frozen=True)
class PartLine:
    """A part of the form as the organizer's list shows it; texts in the reader's language."""

    code: str
    label: str
    about: tuple[str, ...]
    url: str
    place: str


@dataclass(frozen=True)
class PageCard:
    """A page of the form with its questions."""

    line: PartLine
    hint: str
    questions: tuple[PartLine, ...]
    takes_questions: bool


@blueprint.get(STEM)
@requires(Permission.COMPETITION_STAFF_READ)
def form(code: str) -> str:
    """The whole form in order: what is asked where, of whom, and when."""
    return form_page(competition_or_404(code))


@blueprint.post(f"{STEM}/order")
@requires(Permission.COMPETITION_EDIT)
def move_part(code: str) -> Answer:
    """Move a page, a question or a part of a list one place up or down: «questions/q3/up»."""
    competition = competition_or_404(code)
    name, _, rest = request.form.get("move", "").partition("/")
    part, _, step = rest.partition("/")
    if name not in {"sections", "questions", *editing.LISTS} or step not in editing.STEPS:
        raise NotFound
    target = url_for("competitions.form", code=code, _anchor=part)
    if name in editing.LISTS:
        target = url_for("competitions.form_list", code=code, name=name, _anchor=part)
    try:
        with unit_of_work() as unit:
            _move(competition, name, part, step)
            unit.answer = target
        return redirect(target)
    except InvalidInput as error:
        return form_page(competition, problem=told(error, working_form(competition))), 422


@blueprint.get(f"{STEM}/pages/new")
@requires(Permission.COMPETITION_EDIT)
def new_section(code: str) -> str:
    """A new page of the form."""
    competition, group = open_competition(code), request.args.get("group", "project")
    return _section_page(competition, None, forms.section_form(None, group, "", from_request=False)).shown()


@blueprint.post(f"{STEM}/pages/new")
@requires(Permission.COMPETITION_EDIT)
def create_section(code: str) -> Answer:
    """Add the page at the end of its part of the form."""
    return _save(competition_or_404(code), None)


@blueprint.get(f"{STEM}/pages/<string:slug>")
@requires(Permission.COMPETITION_EDIT)
def form_section(code: str, slug: str) -> str:
    """Title, hint and place of a page."""
    competition = open_competition(code)
    known = editing.section_of(working_form(competition), slug)
    return _section_page(competition, known, _stored(competition, slug)[0]).shown()


@blueprint.post(f"{STEM}/pages/<string:slug>")
@requires(Permission.COMPETITION_EDIT)
def save_section(code: str, slug: str) -> Answer:
    """Save the page."""
    competition = competition_or_404(code)
    known = working_form(competition).section(slug)
    if known is None or known not in working_form(competition).sections:
        return _gone(competition)
    return _save(competition, known)


@blueprint.post(f"{STEM}/pages/<string:slug>/remove")
@requires(Permission.COMPETITION_EDIT)
def remove_section(code: str, slug: str) -> Answer:
    """Take the page out with its questions."""
    competition = open_competition(code)
    return removed(
        competition,
        lambda: services.remove_section(competition, slug, by=current_user),
        url_for("competitions.form", code=code),
        lambda problem: form_page(competition, problem),
    )


def form_page(competition: Competition, problem: str = "") -> str:
    """The list of pages and questions; `problem` is a refusal of what was just asked for."""
    whole = listed(working_form(competition), competition)
    return render_template(
        "competitions/form.html",
        competition=competition,
        groups=[
            (code, gettext(title), [_card(competition, whole, one) for one in whole.sections if one.group == code])
            for code, title in GROUPS
        ],
        problem=problem,
        **around(competition, why_not_change(competition), "sections"),
    )


def question_about(whole: Form, question: Question) -> tuple[str, ...]:
    """What an answer must be, who reads it, when it is asked."""
    about = [bounds_words(question), gettext("required") if question.required else gettext("optional")]
    about.append(gettext(AUDIENCES[question.audience]))
    if question.show_if is not None:
        about.append(gettext("Asked only if %(condition)s", condition=condition_words(question.show_if, whole)))
    return tuple(about)


def _card(competition: Competition, whole: Form, found: Section) -> PageCard:
    code = competition.code
    lines = [
        PartLine(
            one.code,
            gettext(one.label),
            question_about(whole, one),
            url_for("competitions.form_question", code=code, question=one.code),
            f"questions/{one.code}",
        )
        for one in found.questions
    ]
    url = url_for("competitions.form_section", code=code, slug=found.slug)
    line = PartLine(found.slug, gettext(found.title), (), url, f"sections/{found.slug}")
    hint = gettext(found.hint) if found.hint else ""
    return PageCard(line, hint, tuple(lines), found.page == "questions")


def _move(competition: Competition, name: str, part: str, step: str) -> None:
    if name == "sections":
        services.move_section(competition, part, step, by=current_user)
    elif name == "questions":
        services.move_question(competition, part, step, by=current_user)
    else:
        services.move_item(competition, name, part, step, by=current_user)


def _section_page(competition: Competition, known: Section | None, shown: Any) -> PartPage:
    code = competition.code
    back = url_for("competitions.form", code=code)
    if known is None:
        action = url_for("competitions.create_section", code=code)
        return PartPage(competition, gettext("New page of the form"), shown, action, back, ("title", "hint", "group"))
    is_needed = known.is_fixed or any(one.is_fixed for one in known.questions)
    return PartPage(
        competition,
        gettext(known.title),
        shown,
        url_for("competitions.save_section", code=code, slug=known.slug),
        back,
        ("title", "hint") if known.is_fixed else ("title", "hint", "group"),
        part=known.slug,
        remove_url="" if is_needed else url_for("competitions.remove_section", code=code, slug=known.slug),
        remove_words=gettext("Remove this page with its questions"),
    )


def _stored(competition: Competition, slug: str) -> tuple[Any, str]:
    known = editing.section_of(working_form(competition), slug)
    mark = services.mark(known)
    return forms.section_form(known, known.group, mark, from_request=False), mark


def _save(competition: Competition, known: Section | None) -> Answer:
    shown = forms.section_form(known, "", "")
    seen = shown.seen.data if known else None
    return saved(
        _section_page(competition, known, shown),
        lambda: services.save_section(competition, forms.section_from(shown, known), by=current_user, seen=seen),
        lambda: _stored(competition, known.slug if known else ""),
        lambda: _gone(competition),
    )


def _gone(competition: Competition) -> Answer:
    """Somebody removed the page while this person was writing: its words, as those of a new page."""
    if not request.form.get("title"):
        raise NotFound
    shown = forms.section_form(None, "project", "")
    return offered_anew(
        _section_page(competition, None, shown),
        gettext("Somebody removed this page of the form meanwhile. What you typed is kept here as a new page: save it"),
    )
