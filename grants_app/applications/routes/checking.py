"""The formal check of one application: verdicts, letter of return, admission, refusal, old beside new."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response
from wtforms import Form as PlainForm

from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import RejectForm, ReturnForm, verdicts_form
from grants_app.applications.models import Application
from grants_app.applications.routes.blueprint import blueprint, desk_application, person, words
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.journal.queries import describe
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

describe(
    {
        "application.propose_admission": "Admission proposed to the commission",
        "application.propose_refusal": "Refusal of admission proposed to the commission",
        "application.take_proposal_back": "Proposal to the commission taken back",
    }
)


@blueprint.get("/<string:code>/formal-check")
@requires(Permission.FORMAL_CHECK)
def formal_check(code: str) -> str:
    """The application beside the list of requirements with what the machine found."""
    application = desk_application(code)
    return _page(application, _form(application), RejectForm(formdata=None))


@blueprint.post("/<string:code>/formal-check")
@requires(Permission.FORMAL_CHECK)
def save_check(code: str) -> Response | tuple[str, int]:
    """Keep the verdicts that were given."""
    application = desk_application(code)
    form = _form(application)
    if not form.validate_on_submit():
        return _page(application, form, RejectForm(formdata=None)), 422
    problems: list[DomainError] = []
    with unit_of_work() as unit:
        for requirement in queries.form_for(application).requirements:
            row = form[requirement.code].form
            if not row.verdict.data:
                continue
            try:
                services.check_requirement(
                    application,
                    requirement.code,
                    row.verdict.data,
                    by=person(),
                    note=row.note.data or "",
                    question=requirement.question if row.verdict.data == "defect" else None,
                )
            except DomainError as error:
                if error.field is None:
                    raise
                problems.append(error)
        unit.answer = url_for("applications.formal_check", code=code)
    for problem in problems:
        row = form[str(problem.field)].form
        row.note.errors = [*row.note.errors, words(problem.message)]
    if problems:
        return _page(application, form, RejectForm(formdata=None)), 422
    flash(gettext("The verdicts are kept"), "ok")
    return redirect(unit.answer or "")


@blueprint.post("/<string:code>/admit")
@requires(Permission.FORMAL_CHECK)
def admit(code: str) -> Response:
    """Admit to scoring and go to the next one."""
    application = desk_application(code)
    following = queries.next_to_check(application)
    with unit_of_work() as unit:
        services.admit(application, by=person())
        unit.answer = url_for("applications.formal_check", code=following or code)
    flash(gettext("Application %(code)s is admitted, the letter is in the outbox", code=code), "ok")
    return redirect(unit.answer or "")


@blueprint.post("/<string:code>/reject")
@requires(Permission.FORMAL_CHECK)
def reject(code: str) -> Response | tuple[str, int]:
    """Refuse admission with the reason and the clause."""
    application, form = desk_application(code), RejectForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.reject(application, form.reason.data or "", form.clause.data or "", by=person())
                unit.answer = url_for("applications.formal_check", code=code)
            flash(gettext("Application %(code)s is not admitted, the letter is in the outbox", code=code), "ok")
            return redirect(unit.answer or "")
        except DomainError as error:
            if error.field is None:
                raise
            put_on_form(form, error)
    return _page(application, _form(application), form), 422


@blueprint.get("/<string:code>/return")
@requires(Permission.FORMAL_CHECK)
def return_page(code: str) -> str:
    """The letter before it goes: its text, what opens, the term."""
    application = desk_application(code)
    form = ReturnForm(formdata=None, letter=_draft_letter(application), days=application.competition.correction_days)
    return _return_page(application, form, _defect_items(application))


@blueprint.post("/<string:code>/return")
@requires(Permission.FORMAL_CHECK)
def return_now(code: str) -> Response | tuple[str, int]:
    """Return for correction."""
    application, form = desk_application(code), ReturnForm()
    chosen = request.form.getlist("questions")
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
        items=queries.changed_items(application),
    )


def _form(application: Application) -> PlainForm:
    return verdicts_form(queries.form_for(application).requirements, _given(application))


def _given(application: Application) -> dict[str, dict[str, str | None]]:
    return {
        row.requirement.code: {"verdict": row.verdict, "note": row.note}
        for row in queries.requirement_rows(application)
    }


def _page(application: Application, form: PlainForm, reject_form: RejectForm) -> str:
    rows = queries.requirement_rows(application)
    labels = queries.form_for(application).file_labels
    return render_template(
        "applications/formal_check.html",
        application=application,
        form=form,
        reject_form=reject_form,
        rows=[(row, words(row.hint.message, dict(row.hint.facts)), form[row.requirement.code].form) for row in rows],
        sections=queries.application_text(application, audience="staff"),
        lines=application.budget_rows,
        files=[(file, labels.get(file.kind, file.kind)) for file in queries.attachments_of(application)],
        correction=queries.correction_of(application),
        check_reason=policy.why_not_check(person(), application),
        admit_reason=policy.why_not_admit(person(), application),
        return_reason=policy.why_not_return(person(), application),
        reject_reason=policy.why_not_reject(person(), application),
        following=queries.next_to_check(application),
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


def _return_page(application: Application, form: ReturnForm, chosen: list[str]) -> str:
    days = form.days.data or application.competition.correction_days
    due = clock.add_term(clock.today(), days, working=days <= 10, days_off=queries.days_off()) if days <= 30 else None
    asked = queries.form_for(application)
    items = [
        *(code for code, question in asked.questions.items() if question.kind != "declaration"),
        rules.BUDGET_ITEM,
        rules.FILES_ITEM,
    ]
    return render_template(
        "applications/return.html",
        application=application,
        form=form,
        items=[(code, asked.item_label(code), code in chosen) for code in items],
        due=due,
        reason=policy.why_not_return(person(), application),
    )
