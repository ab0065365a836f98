"""The project budget: rows are typed, sums are computed, every rule shows its figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import changed_values, reading_text
from grants_app.applications.forms.budget import (
    BudgetForm,
    budget_form,
    budget_rows_shown,
    gathered_rows,
    row_count,
    stepped_budget,
)
from grants_app.applications.models import Application
from grants_app.applications.queries.budget import earlier_budget
from grants_app.applications.routes.blueprint import blueprint, error_words, own_application, person, words
from grants_app.applications.routes.presence import presence_here
from grants_app.applications.rules import budget as budget_rules
from grants_app.applications.services.drafts import write_checked
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.drafts import stored_fields
from grants_app.web.errors import put_on_form

BLANK_ROWS = 2
DROPPED = rules.STANDARD.questions["smallest_dropped"]  # fixed: every form asks it


@blueprint.get("/<string:code>/budget")
@requires(Permission.APPLICATION_EDIT)
def budget(code: str) -> str:
    """The table of the budget with the check of its rules."""
    application = own_application(code)
    form = _stored(application)
    form.version.data = _version_of(application)
    lines = queries.lines_of(application)
    return _page(application, form, lines, is_checked=bool(lines))


def _stored(application: Application, blank: int = BLANK_ROWS) -> BudgetForm:
    return budget_form(
        queries.form_for(application),
        formdata=None,
        rows=budget_rows_shown(queries.lines_of(application), blank),
        smallest=application.smallest_kop,
        smallest_dropped=queries.answers_of(application).get("smallest_dropped") or "",
    )


def _as_stored(application: Application) -> dict[str, Any]:
    """The digest and the fields of the stored budget, as the form of a browser holds them."""
    return {"version": _version_of(application), "fields": stored_fields(_stored(application, blank=0))}


@blueprint.post("/<string:code>/budget")
@requires(Permission.APPLICATION_EDIT)
def save_budget(code: str) -> Response | str | tuple[str, int]:
    """Keep the budget; broken rules are shown and bar only submission. Rows are added and moved by buttons too."""
    application = own_application(code)
    asked = queries.form_for(application)
    stepped = stepped_budget(asked, request.form)
    if stepped is not None:
        return _page(application, stepped, stepped.lines(), is_checked=False)
    form = budget_form(asked, formdata=gathered_rows(request.form))
    if not (form.validate_on_submit() and _has_room(form)):
        return _page(application, form, form.lines(), is_checked=False), 422
    lines = form.lines()
    try:
        with unit_of_work() as unit:
            found = _save(application, form, lines)
            unit.answer = url_for("applications.budget", code=code)
    except EditConflict as error:
        _read_anew(form, application)
        theirs = queries.lines_of(application)
        return _page(application, form, lines, is_checked=False, clash=(error_words(error), theirs)), 409
    except InvalidInput as error:
        put_on_form(form, DomainError(error.message, facts=error.facts))
        return _page(application, form, lines, is_checked=False), 422
    if found:
        flash(gettext("The budget is saved as a draft, but it cannot be sent yet"), "warn")
        _read_anew(form, application)
        return _page(application, form, lines, is_checked=True), 422
    flash(gettext("The budget is saved and keeps all rules"), "ok")
    if is_opened(application):
        return redirect(url_for("applications.corrections", code=code))
    return redirect(url_for("applications.show", code=code))


def _has_room(form: BudgetForm) -> bool:
    """Whether no more rows were sent than a budget may have; the form itself reads no further than that."""
    count = row_count(request.form)
    if count <= budget_rules.MAX_ROWS + BLANK_ROWS + 1:
        return True
    put_on_form(
        form,
        DomainError(
            "At most %(limit_count)s rows are allowed, now %(now)s",
            facts={"limit_count": budget_rules.MAX_ROWS, "now": count},
        ),
    )
    return False


def _read_anew(form: BudgetForm, application: Application) -> None:
    """The page now shows the stored budget: the next save starts from it."""
    form.version.data = _version_of(application)
    form.version.raw_data = [form.version.data]


@blueprint.get("/<string:code>/budget/autosave")
@requires(Permission.APPLICATION_EDIT)
def stored_budget(code: str) -> Response:
    """The budget as it is stored, by which a page that was left or cut off merges its own rows."""
    application = own_application(code)
    reason = None if is_opened(application) else policy.why_not_edit(person(), application)
    return jsonify(locked=gettext(reason) if reason else None, **_as_stored(application))


@blueprint.post("/<string:code>/budget/autosave")
@requires(Permission.APPLICATION_EDIT)
def autosave_budget(code: str) -> Response | tuple[Response, int]:
    """Keep the budget while it is typed. Answers {saved_at, version, left}, or 409 with what is stored, or 422.

    `left` names what this request carried and did not write: the page sends it at once.
    """
    editor = person()
    # The gate recognised the person a moment ago: detached, they are not read again for every few letters typed.
    db.session.expunge(editor)
    form = budget_form(rules.STANDARD)  # its categories are offered to nobody here
    if not (form.validate() and _has_room(form)):
        queries.application_for(editor, code)
        return jsonify(message=_first_error(form)), 422
    try:
        with unit_of_work():
            version, left = _autosave(code, form, editor)
    except EditConflict as error:
        application = queries.application_for(editor, code)
        theirs = _text(queries.lines_of(application))
        return jsonify(message=error_words(error), text=theirs, **_as_stored(application)), 409
    except NotAllowed as error:
        return jsonify(message=error_words(error)), 403
    except (InvalidInput, ManyErrors) as error:
        return jsonify(message=error_words(error)), 422
    return jsonify(saved_at=formatting.hour(clock.now()), version=version, left=left)


def _autosave(code: str, form: BudgetForm, editor: User) -> tuple[str, list[str]]:
    """Four questions to the database: who it is, the budget locked and read, the lines that moved, the sums.

    What the project gives up is an answer with a version of its own: it waits for the next request when this one has
    written lines. A page that is being left sends both at once; they need not arrive in order.
    """
    base, reading = _readings(form)
    lines = form.lines()
    smallest = _smallest(form, lines)
    application, digest, is_written = services.autosave_budget(code, lines, editor, smallest_kop=smallest, base=base)
    changed, versions = _dropped(form, reading)
    if changed and is_written:
        return f"{digest} {reading}", list(changed)
    now = write_checked(application, changed, versions, editor, form=rules.STANDARD) if changed else {}
    return _version(digest, {**versions, **now}, {DROPPED.code: form.smallest_dropped.data}), []


def _smallest(form: BudgetForm, lines: list[rules.Line]) -> int | None:
    return budget_rules.smallest_of(lines) if form.smallest.data is None else form.smallest.data


def _version(digest: str, versions: Mapping[str, int], answers: Mapping[str, Any]) -> str:
    """What the page shows, for its hidden field: the digest of the table, and the text beneath it with its version."""
    return f"{digest} {reading_text(versions, answers, [DROPPED])}"


def _version_of(application: Application) -> str:
    digest, answers = services.budget_digest(application), queries.answers_of(application)
    return _version(digest, queries.versions_of(application), answers)


def _readings(form: BudgetForm) -> tuple[str, str]:
    base, _, reading = (form.version.data or "").partition(" ")
    return base, reading


def _dropped(form: BudgetForm, reading: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The text beneath the table, if the person changed it, with the version they were reading."""
    return changed_values({DROPPED.code: form.smallest_dropped.data or ""}, reading, [DROPPED])


def _save(application: Application, form: BudgetForm, lines: list[rules.Line]) -> list[rules.Finding]:
    base, reading = _readings(form)
    found = save_lines(application, lines, smallest=_smallest(form, lines), base=base)
    changed, versions = _dropped(form, reading)
    if changed and is_opened(application):
        services.save_correction(application, changed, versions, by=person())
    elif changed:
        services.save_answers(application, changed, versions, person())
    return found


def save_lines(
    application: Application, lines: list[rules.Line], *, smallest: int | None, base: str
) -> list[rules.Finding]:
    """Store the lines of a draft, or of a budget that is open for correction; returns the rules they break."""
    if is_opened(application):
        return services.save_corrected_budget(application, lines, by=person(), smallest_kop=smallest, base=base)
    return services.save_budget(application, lines, person(), smallest_kop=smallest, base=base)


def is_opened(application: Application) -> bool:
    """Whether the budget is open as a named item of a correction."""
    correction = queries.correction_of(application)
    return correction is not None and rules.BUDGET_ITEM in correction.questions


def _first_error(form: BudgetForm) -> str:
    """What keeps the budget from being saved while it is typed: the first complaint with its row."""
    unsaved = gettext("Not saved: correct the answers first")
    for place, entry in enumerate(form.rows, 1):
        for part in entry.form:
            if part.errors:
                row = gettext("Row %(number)s", number=place)
                return f"{unsaved}. {row}: {part.label.text}: {part.errors[0]}"
    return ". ".join([unsaved, *form.form_errors[:1]])


def _page(
    application: Application,
    form: BudgetForm,
    lines: list[rules.Line],
    *,
    is_checked: bool,
    clash: tuple[str, list[rules.Line]] | None = None,
) -> str:
    smallest = _smallest(form, lines)
    found = budget_rules.findings(lines, queries.limits_of(application), smallest) if is_checked else []
    broken = [one for one in found if not one.is_kept]
    correction = queries.correction_of(application)
    reason = (
        policy.why_not_correct(person(), application, correction)
        if is_opened(application)
        else policy.why_not_edit(person(), application)
    )
    return render_template(
        "applications/budget.html",
        application=application,
        form=form,
        entries=_entries(form, broken),
        checks=[_check(one) for one in found],
        broken=[(words(one.message, dict(one.facts)), _anchor(one)) for one in broken],
        totals=budget_rules.totals(lines),
        limits=queries.limits_of(application),
        categories=queries.form_for(application).category_labels,
        reason=reason,
        lines=lines,
        dropped=budget_rules.dropped(lines),
        kept_kop=sum(line.kept_kop for line in lines),
        earlier=earlier_budget(application, lines),
        present=presence_here(application),
        clash=None if clash is None else {"message": clash[0], "theirs": _text(clash[1]), "yours": _text(lines)},
    )


def _entries(form: BudgetForm, broken: list[rules.Finding]) -> list[dict[str, Any]]:
    """Rows of the table with the sentences that stand under each; blank rows are not counted by the rules."""
    entries, number = [], 0
    for index, entry in enumerate(form.rows):
        is_blank = entry.form.is_blank()
        number += not is_blank
        entries.append(
            {
                "form": entry.form,
                "index": index,
                "name": str(index + 1),
                "total_kop": 0 if entry.form.errors else entry.form.line().total_kop,
                "messages": []
                if is_blank
                else [words(one.message, dict(one.facts)) for one in broken if one.row == number],
            }
        )
    return entries


def _check(finding: rules.Finding) -> dict[str, str]:
    return {
        "state": "ok" if finding.is_kept else "bad",
        "fact": words(finding.message, dict(finding.facts)),
        "detail": "",
    }


def _anchor(finding: rules.Finding) -> str:
    return f"rows-{(finding.row or 1) - 1}-{finding.source or 'item'}"


def _text(lines: list[rules.Line]) -> str:
    return "\n".join(f"{line.item}: {formatting.hryvnias(line.total_kop)}" for line in lines)
