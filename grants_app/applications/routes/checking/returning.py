"""Return for correction: named answers, the letter as it is received, then old beside new."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import ReturnForm
from grants_app.applications.models import Application
from grants_app.applications.queries.letters import letter_of_return
from grants_app.applications.routes.blueprint import blueprint, desk_application, person
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form


@blueprint.get("/<string:code>/return")
@requires(Permission.FORMAL_CHECK)
def return_page(code: str) -> str:
    """The letter before it goes: its text, what opens, the term."""
    application = desk_application(code)
    asked = queries.form_for(application)
    picked = [item for item in request.args.getlist("items") if asked.is_item(item)]
    letter = "\n".join(filter(None, [_draft_letter(application), _asked_letter(application, picked)]))
    form = ReturnForm(formdata=None, letter=letter, days=application.competition.correction_days)
    return _return_page(application, form, [*_defect_items(application), *picked])


@blueprint.post("/<string:code>/return")
@requires(Permission.FORMAL_CHECK)
def return_now(code: str) -> Response | tuple[str, int]:
    """Return for correction."""
    application, form = desk_application(code), ReturnForm()
    chosen = request.form.getlist("questions")
    if request.form.get("then") == "preview":
        form.validate()
        return _return_page(application, form, chosen), 200
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.return_for_correction(
                    application, chosen, form.letter.data or "", by=person(), days=form.days.data
                )
                unit.answer = url_for("applications.formal_check", code=code)
            flash(gettext("Application %(code)s is returned, the letter is in the outbox", code=code), "ok")
            return redirect(unit.answer or "")
        except DomainError as error:
            if error.field is None:
                raise
            put_on_form(form, error)
    return _return_page(application, form, chosen), 422


@blueprint.get("/<string:code>/changes")
@requires(Permission.FORMAL_CHECK)
def changes(code: str) -> str:
    """Answers before and after the correction."""
    application = desk_application(code)
    return render_template(
        "applications/changes.html",
        application=application,
        correction=queries.correction_of(application),
        items=queries.changed_items(application, formatting.language()),
        strays=queries.stray_changes(application, formatting.language()),
        reason=policy.why_not_check(person(), application),
    )


def _defect_items(application: Application) -> list[str]:
    return [row.question for row in queries.requirement_rows(application) if row.verdict == "defect" and row.question]


def _draft_letter(application: Application) -> str:
    """Defects with their clauses; letters of the city are in Ukrainian, whatever the secretary reads."""
    with force_locale("uk"):
        defects = [row for row in queries.requirement_rows(application) if row.verdict == "defect"]
        return "\n".join(
            f"{number}. {gettext(row.requirement.defect)} ({gettext(row.requirement.clause)}). {row.note}"
            for number, row in enumerate(defects, 1)
        )


def _asked_letter(application: Application, items: list[str]) -> str:
    """A line for every answer that was picked on the page of the check and has no defect of its own."""
    asked, named = queries.form_for(application), set(_defect_items(application))
    with force_locale("uk"):
        labels = [gettext(asked.item_label(item)) for item in dict.fromkeys(items) if item not in named]
        return "\n".join(gettext("Please correct: %(label)s.", label=label) for label in labels)


def items_of(application: Application, chosen: list[str]) -> list[tuple[str, str, bool, list[str]]]:
    """What may be opened: code, label, whether it is chosen, labels of questions that open with it."""
    asked = queries.form_for(application)
    codes = [code for code, question in asked.questions.items() if question.kind != "declaration"]
    return [
        (
            code,
            asked.item_label(code),
            code in chosen,
            [asked.item_label(one) for one in sorted(rules.depending_on(asked, [code]) - {code})],
        )
        for code in (*codes, rules.BUDGET_ITEM, rules.FILES_ITEM)
    ]


def term_end(days: int) -> date | None:
    """The last day of a term that begins today; none for a term that is not allowed."""
    if not 1 <= days <= 30:
        return None
    return clock.add_term(clock.today(), days, working=days <= 10, days_off=queries.days_off())


def _return_page(application: Application, form: ReturnForm, chosen: list[str]) -> str:
    due = term_end(form.days.data or application.competition.correction_days)
    return render_template(
        "applications/return.html",
        application=application,
        form=form,
        items=items_of(application, chosen),
        due=due,
        letter=letter_of_return(application, form.letter.data or "", due),
        reason=policy.why_not_return(person(), application),
    )
