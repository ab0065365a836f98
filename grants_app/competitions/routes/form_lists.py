"""Lists of the form: documents, declarations, cost categories, questions before the form, requirements of the check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from grants_app.competitions.documents.form_words import condition_words, listed
from grants_app.competitions.forms import conditions as condition_forms
from grants_app.competitions.forms import lists as forms
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.amendments import working_form
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.routes.form import PartLine
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
    why_not_change,
)
from grants_app.competitions.rules.form import FileKind, Form, editing
from grants_app.competitions.services import form as services
from grants_app.core.errors import NotFound
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.formatting import share_exact

_LIST = f"{STEM}/<any({','.join(editing.LISTS)}):name>"
_NAMES = (
    "label",
    "hint",
    "required",
    "in_library",
    "must_be_valid",
    "wanted",
    "clause",
    "defect",
    "question",
    "advice",
    "keeps_rule",
    "conditions",
)


@blueprint.get(_LIST)
@requires(Permission.COMPETITION_STAFF_READ)
def form_list(code: str, name: str) -> str:
    """One of the lists, in order."""
    return _list_page(competition_or_404(code), name)


@blueprint.get(f"{_LIST}/new")
@requires(Permission.COMPETITION_EDIT)
def new_item(code: str, name: str) -> str:
    """A new part of the list."""
    return _page(open_competition(code), name, "", from_request=False).shown()


@blueprint.post(f"{_LIST}/new")
@requires(Permission.COMPETITION_EDIT)
def create_item(code: str, name: str) -> Answer:
    """Add it at the end."""
    return _save(competition_or_404(code), name, "")


@blueprint.get(f"{_LIST}/<string:item>")
@requires(Permission.COMPETITION_EDIT)
def form_item(code: str, name: str, item: str) -> str:
    """Everything about one part of the list."""
    return _page(open_competition(code), name, item, from_request=False).shown()


@blueprint.post(f"{_LIST}/<string:item>")
@requires(Permission.COMPETITION_EDIT)
def save_item(code: str, name: str, item: str) -> Answer:
    """Save it."""
    competition = competition_or_404(code)
    if item not in {editing.code_of(part) for part in getattr(working_form(competition), name)}:
        return _gone(competition, name)
    return _save(competition, name, item)


@blueprint.post(f"{_LIST}/<string:item>/remove")
@requires(Permission.COMPETITION_EDIT)
def remove_item(code: str, name: str, item: str) -> Answer:
    """Take it out of the list."""
    competition = open_competition(code)
    return removed(
        competition,
        lambda: services.remove_item(competition, name, item, by=current_user),
        url_for("competitions.form_list", code=code, name=name),
        lambda problem: _list_page(competition, name, problem),
    )


def _list_page(competition: Competition, name: str, problem: str = "") -> str:
    code, whole = competition.code, listed(working_form(competition), competition)
    lines = [
        PartLine(
            editing.code_of(part),
            gettext(part[1] if isinstance(part, tuple) else part.label),
            tuple(_about(competition, whole, part)),
            url_for("competitions.form_item", code=code, name=name, item=editing.code_of(part)),
            f"{name}/{editing.code_of(part)}",
        )
        for part in getattr(whole, name)
    ]
    return render_template(
        "competitions/form_list.html",
        competition=competition,
        heading=gettext(editing.LISTS[name]),
        lines=lines,
        problem=problem,
        add_url=url_for("competitions.new_item", code=code, name=name),
        is_money=name == "categories",
        **around(competition, why_not_change(competition), name),
    )


def _about(competition: Competition, whole: Form, part: Any) -> list[str]:
    if isinstance(part, tuple):
        ceiling = competition.category_ceilings.get(part[0])
        return [] if ceiling is None else [gettext("at most %(share)s of the whole cost", share=share_exact(ceiling))]
    told = [gettext(words) for words in (getattr(part, "clause", ""), getattr(part, "defect", "")) if words]
    if hasattr(part, "required"):
        told.append(gettext("required") if part.required else gettext("optional"))
    if getattr(part, "in_library", False):
        told.append(gettext("Kept in the library of the organisation"))
    if getattr(part, "must_be_valid", False):
        told.append(gettext("Must be valid on the day of submission"))
    if hasattr(part, "wanted"):
        only_yes = gettext("Only “Yes” lets an organisation apply")
        told.append(only_yes if part.wanted == "yes" else gettext("Only “No” lets an organisation apply"))
    if getattr(part, "show_if", None) is not None:
        told.append(gettext("Asked only if %(condition)s", condition=condition_words(part.show_if, whole)))
    return told


def _page(competition: Competition, name: str, code: str, *, from_request: bool = True) -> PartPage:
    whole = listed(working_form(competition), competition)
    known = editing.item_of(whole, name, code) if code else forms.LIST_KINDS[name].empty
    mark = services.mark(known) if code else ""
    tree = known.show_if if isinstance(known, FileKind) else None
    is_deep = tree is not None and condition_forms.rows_of(tree, whole) is None
    page = PartPage(
        competition,
        gettext("New: %(list)s", list=gettext(editing.LISTS[name])),
        forms.item_form(
            name, whole, known, mark, from_request=from_request, rows=stepped_rows() if from_request else None
        ),
        url_for("competitions.create_item", code=competition.code, name=name),
        url_for("competitions.form_list", code=competition.code, name=name),
        _NAMES,
        tab=name,
        condition=condition_words(tree, whole) if is_deep and tree is not None else "",
    )
    if not code:
        return page
    is_needed = getattr(known, "is_fixed", False)
    return replace(
        page,
        heading=gettext(known[1] if isinstance(known, tuple) else known.label),
        action=url_for("competitions.save_item", code=competition.code, name=name, item=code),
        part=code,
        remove_url=""
        if is_needed
        else url_for("competitions.remove_item", code=competition.code, name=name, item=code),
        remove_words=gettext("Remove from the list"),
    )


def _save(competition: Competition, name: str, code: str) -> Answer:
    whole = listed(working_form(competition), competition)
    known = editing.item_of(whole, name, code) if code else forms.LIST_KINDS[name].empty
    page = _page(competition, name, code)
    shown = page.form
    return saved(
        page,
        lambda: services.save_item(
            competition,
            name,
            forms.item_from(name, shown, whole, known),
            by=current_user,
            seen=shown.seen.data if code else None,
        ),
        lambda: _stored(competition, name, code),
        lambda: _gone(competition, name),
    )


def _gone(competition: Competition, name: str) -> Answer:
    """Somebody removed that part while this person was writing: what was typed, as a new part of the list."""
    if not request.form.get("label"):
        raise NotFound
    return offered_anew(
        _page(competition, name, ""),
        gettext("Somebody removed it from the list meanwhile. What you typed is kept here as a new entry: save it"),
    )


def _stored(competition: Competition, name: str, code: str) -> tuple[Any, str]:
    whole = listed(working_form(competition), competition)
    known = editing.item_of(whole, name, code)
    mark = services.mark(known)
    return forms.item_form(name, whole, known, mark, from_request=False), mark
