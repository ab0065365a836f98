"""What all pages of the form's parts have in common: how one is shown, saved, and shown again when it is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from grants_app.competitions import forms, policy
from grants_app.competitions.forms.form import ROW_LISTS
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.amendments import amendment_of, working_form
from grants_app.competitions.routes.blueprint import competition_or_404
from grants_app.competitions.routes.settings import conflict_page, theme_links
from grants_app.competitions.rules.form import Form, editing
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed, NotFound
from grants_app.database import unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.web import row_steps
from grants_app.web.errors import sentence

Answer = str | Response | tuple[str, int]
STEM = "/competitions/<string:code>/settings/form"


@dataclass(frozen=True)
class PartPage:
    """The page of one part: `names` are its fields in order; `part` is its code, empty for a new one."""

    competition: Competition
    heading: str
    form: Any
    action: str
    back: str
    names: Sequence[str]
    tab: str = "sections"
    part: str = ""
    remove_url: str = ""
    remove_words: str = ""
    condition: str = ""
    kinds: Sequence[tuple[str, str, bool]] = ()
    is_fixed: bool = False

    def shown(self, why_not: str | None = None) -> str:
        """The page; where the part may not be changed any more, the reason and what was typed."""
        return render_template(
            "competitions/form_part.html",
            page=self,
            form=self.form,
            competition=self.competition,
            names=[name for name in self.names if name in self.form],
            adding={
                "options": gettext("Add an option"),
                "cells": gettext("Add a column"),
                "conditions": gettext("Add a row to the condition"),
            },
            condition_is_open=_asks_for_a_condition(self.form),
            answers=[{"label": label, "value": value} for label, value in forms.answers(self.form).items() if value]
            if why_not
            else [],
            **around(self.competition, why_not, self.tab),
        )


def saved(
    page: PartPage,
    save: Callable[[], object],
    stored: Callable[[], tuple[Any, str]],
    gone: Callable[[], Answer],
) -> Answer:
    """Save the part, or only change its rows on the page when a button of theirs was pressed.

    `stored` gives the form of what another person saved meanwhile, with its mark; `gone` answers when the part is not
    there any more. Nothing typed is lost.
    """
    why_not = why_not_change(page.competition)
    if why_not is not None:
        return page.shown(why_not), 403
    if row_steps.STEP_FIELD in request.form:
        return page.shown()
    if not page.form.validate_on_submit():
        return page.shown(), 422
    try:
        with unit_of_work() as unit:
            save()
            unit.answer = f"{page.back}?saved=1"
        return redirect(unit.answer)
    except EditConflict as error:
        theirs, mark = stored()
        told = forms.answers(page.form), forms.answers(theirs)
        return (
            conflict_page(
                page.competition,
                page.heading,
                told,
                error,
                action=page.action,
                keep_url=page.back,
                marker=("seen", mark),
            ),
            409,
        )
    except NotFound:
        return gone()
    except InvalidInput as error:
        _put(page, error)
        return page.shown(), 422


def stepped_rows() -> MultiDict[str, str] | None:
    """What was typed with its rows changed as the pressed button asks; None when no such button was pressed."""
    return row_steps.stepped(request.form, ROW_LISTS)


def offered_anew(page: PartPage, sentence_about: str) -> Answer:
    """What was typed for a part that is not there any more, on the page of a new one."""
    why_not = why_not_change(page.competition)
    if why_not is not None:
        return page.shown(why_not), 403
    page.form.form_errors.append(sentence_about)
    return page.shown(), 409


def removed(competition: Competition, remove: Callable[[], None], target: str, refused: Callable[[str], str]) -> Answer:
    """Carry out a removal or a move and go to the list; what stands in its way is said above it."""
    try:
        with unit_of_work() as unit:
            remove()
            unit.answer = target
        return redirect(target)
    except InvalidInput as error:
        return refused(told(error, working_form(competition))), 422


def told(error: DomainError, whole: Form) -> str:
    """The refusal with the name of the part that it is about."""
    name = _name_of(error.field or "", whole)
    return f"{name}: {sentence(error)}" if name else sentence(error)


def open_competition(code: str) -> Competition:
    """The competition of the address, if the reader may change its form now. Raises NotAllowed with the reason."""
    competition = competition_or_404(code)
    why = why_not_change(competition)
    if why is not None:
        raise NotAllowed(why)
    return competition


def why_not_change(competition: Competition) -> str | None:
    """Why the form cannot be changed now."""
    is_amended = amendment_of(competition) is not None
    return policy.why_not_edit_form(current_user, competition, clock.now(), is_amended=is_amended)


def around(competition: Competition, why_not: str | None, current: str) -> dict[str, Any]:
    """What every page of the form shows beside itself."""
    code = competition.code
    tabs = [("sections", gettext("Pages and questions"), url_for("competitions.form", code=code))]
    tabs += [
        (name, gettext(title), url_for("competitions.form_list", code=code, name=name))
        for name, title in editing.LISTS.items()
    ]
    is_draft = competition.state is CompetitionState.DRAFT
    return {
        "why_not": why_not,
        "is_draft": is_draft,
        "is_amended": not is_draft and amendment_of(competition) is not None,
        "may_amend": policy.why_not_amend(current_user, competition, clock.now()) is None,
        "links": theme_links(competition, "form"),
        "tabs": [{"label": label, "url": url, "is_current": name == current} for name, label, url in tabs],
        "is_saved": request.args.get("saved") == "1",
    }


def _asks_for_a_condition(form: Any) -> bool:
    """Whether a row of the condition is written, refused, or just asked for."""
    if "conditions" not in form:
        return False
    entries = form.conditions.entries
    is_changed = row_steps.opened_list(request.form) == "conditions"
    return is_changed or bool(form.conditions.errors) or any(not entry.form.is_blank() for entry in entries)


def _put(page: PartPage, error: InvalidInput) -> None:
    """At its field; a refusal about the part itself stands at what it is made of, about another part above the form."""
    field, whole = error.field or "", working_form(page.competition)
    is_known = bool(_name_of(field, whole)) or field in {"kind", "money", "sections"}
    if field == page.part or not (is_known or "-" in field or field in page.form):
        own = next((name for name in ("options", "cells", "conditions", "label", "title") if name in page.form), "")
        page.form[own].errors = [*page.form[own].errors, sentence(error)]
    elif "-" in field or (field in page.form and field != "kind"):
        forms.put_on_row(page.form, error)
    else:
        page.form.form_errors.append(told(error, whole))


def _name_of(field: str, whole: Form) -> str:
    question = whole.questions.get(field)
    if question is not None:
        return gettext(question.label)
    section = whole.section(field)
    if section is not None:
        return gettext(section.title)
    return next((gettext(one.label) for one in whole.files if one.code == field), "")
