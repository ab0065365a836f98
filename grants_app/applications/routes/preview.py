"""The form of a call as an applicant will see it: filled in by way of trial, kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from grants_app.applications.forms import section_form, typed_values
from grants_app.applications.routes.blueprint import blueprint, choices_of
from grants_app.competitions.queries.amendments import working_form
from grants_app.competitions.routes.blueprint import competition_or_404
from grants_app.competitions.rules.form import GROUPS, FileKind, Form, Question, Section
from grants_app.permissions import Permission
from grants_app.web.access import requires


@dataclass(frozen=True)
class PreviewPage:
    """A page of the form with the questions that these answers let it ask."""

    section: Section
    questions: tuple[Question, ...]
    papers: tuple[FileKind, ...] = ()


@blueprint.get("/preview/<string:code>")
@requires(Permission.COMPETITION_STAFF_READ)
def preview(code: str) -> str:
    """The whole form, empty: questions that depend on answers open when the answers are given."""
    return _page(code)


@blueprint.post("/preview/<string:code>")
@requires(Permission.COMPETITION_STAFF_READ)
def try_preview(code: str) -> str:
    """The same with what was tried: nothing is stored."""
    return _page(code)


def _page(code: str) -> str:
    competition = competition_or_404(code)
    whole = working_form(competition)
    asked = [one for one in _all(whole) if one.source != "priorities" or competition.priorities]
    form: Any = section_form(asked, {}, choices_of(competition))
    values = typed_values(form, asked) if request.method == "POST" else {}
    shown = whole.is_shown(values) & {one.code for one in asked}
    hidden = [one for one in asked if one.code not in shown]
    return render_template(
        "applications/preview.html",
        competition=competition,
        form=form,
        groups=[
            (gettext(title), [_preview(whole, one, shown, values) for one in whole.all_sections if one.group == group])
            for group, title in GROUPS
        ],
        categories=whole.categories,
        hidden=hidden,
        back=url_for("competitions.form", code=code),
    )


def _all(whole: Form) -> list[Question]:
    return [question for section in whole.all_sections for question in section.questions]


def _preview(whole: Form, section: Section, shown: frozenset[str], values: dict[str, Any]) -> PreviewPage:
    papers = tuple(one for one in whole.files if whole.is_asked(one, values)) if section.page == "files" else ()
    return PreviewPage(section, tuple(one for one in section.questions if one.code in shown), papers)
