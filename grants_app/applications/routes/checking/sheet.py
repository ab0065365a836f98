"""The formal check of one application: the requirements with their evidence, verdicts, admission, refusal."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms import Form as PlainForm

from grants_app.accounts.queries.ledger import ledger_short
from grants_app.applications import policy, queries, services
from grants_app.applications.forms import RejectForm, verdicts_form
from grants_app.applications.models import Application
from grants_app.applications.routes.blueprint import blueprint, desk_application, person, words
from grants_app.applications.routes.checking.returning import items_of
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form


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
    following = queries.next_to_check(application, person())
    with unit_of_work() as unit:
        services.admit(application, by=person())
        unit.answer = url_for("applications.formal_check", code=following or code)
    flash(gettext("Application %(code)s is admitted, the letter is in the outbox", code=code), "ok")
    return redirect(unit.answer or "")


@blueprint.post("/<string:code>/propose")
@requires(Permission.FORMAL_CHECK)
def propose(code: str) -> Response:
    """Propose admission to the commission and go to the next one."""
    application = desk_application(code)
    following = queries.next_to_check(application, person())
    with unit_of_work() as unit:
        services.propose_admission(application, by=person())
        unit.answer = url_for("applications.formal_check", code=following or code)
    flash(gettext("Admission of %(code)s is proposed to the commission", code=code), "ok")
    return redirect(unit.answer or "")


@blueprint.post("/<string:code>/take-back")
@requires(Permission.FORMAL_CHECK)
def take_back(code: str) -> Response:
    """Take the proposal back."""
    application = desk_application(code)
    with unit_of_work() as unit:
        services.take_proposal_back(application, by=person())
        unit.answer = url_for("applications.formal_check", code=code)
    flash(gettext("The proposal is taken back"), "ok")
    return redirect(unit.answer or "")


@blueprint.post("/<string:code>/checker/<any(take,leave):step>")
@requires(Permission.FORMAL_CHECK)
def take_check(code: str, step: str) -> Response:
    """Say who checks the application, or that nobody does."""
    application = desk_application(code)
    with unit_of_work() as unit:
        services.take_check(application, by=person(), is_taken=step == "take")
        unit.answer = url_for("applications.formal_check", code=code)
    return redirect(unit.answer or "")


@blueprint.post("/<string:code>/reject")
@requires(Permission.FORMAL_CHECK)
def reject(code: str) -> Response | tuple[str, int]:
    """Refuse admission with the reason and the clause, or propose that to the commission where it decides."""
    application, form = desk_application(code), RejectForm()
    is_proposed = application.competition.admission_by == "commission"
    step = services.propose_refusal if is_proposed else services.reject
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                step(application, form.reason.data or "", form.clause.data or "", by=person())
                unit.answer = url_for("applications.formal_check", code=code)
            flash(
                gettext("Refusal of %(code)s is proposed to the commission", code=code)
                if is_proposed
                else gettext("Application %(code)s is not admitted, the letter is in the outbox", code=code),
                "ok",
            )
            return redirect(unit.answer or "")
        except DomainError as error:
            if error.field is None:
                raise
            put_on_form(form, error)
    return _page(application, _form(application), form), 422


def _form(application: Application) -> PlainForm:
    return verdicts_form(queries.form_for(application).requirements, _given(application))


def _given(application: Application) -> dict[str, dict[str, str | None]]:
    return {
        row.requirement.code: {"verdict": row.verdict, "note": row.note}
        for row in queries.requirement_rows(application)
    }


def _page(application: Application, form: PlainForm, reject_form: RejectForm) -> str:
    rows = queries.requirement_rows(application)
    asked = queries.form_for(application)
    return render_template(
        "applications/formal_check.html",
        application=application,
        form=form,
        reject_form=reject_form,
        rows=[(row, words(row.hint.message, dict(row.hint.facts)), form[row.requirement.code].form) for row in rows],
        sections=queries.application_text(application, audience="staff", lang=formatting.language()),
        lines=application.budget_rows,
        categories=asked.category_labels,
        files=[(file, asked.file_labels.get(file.kind, file.kind)) for file in queries.attachments_of(application)],
        signature=queries.signature_of(application),
        correction=queries.correction_of(application),
        check_reason=policy.why_not_check(person(), application),
        is_shared=application.competition.admission_by == "commission",
        admit_reason=policy.why_not_ready(person(), application),
        return_reason=policy.why_not_return(person(), application),
        reject_reason=policy.why_not_refuse(person(), application),
        proposal=application.admission_proposal,
        askable=[(code, label) for code, label, _chosen, _behind in items_of(application, [])],
        take_back_reason=policy.why_not_take_back(person(), application),
        checker=queries.checker_of(application),
        flags=queries.flag_rows(person(), application.competition, application=application),
        following=queries.next_to_check(application, person()),
        ledger=ledger_short(person(), application.organisation),
    )
