"""Check your answers, declarations, sending, the receipt, recall and withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications import policy, queries, services
from grants_app.applications.documents import receipt_document
from grants_app.applications.forms import ReasonForm
from grants_app.applications.forms.signing import sending_form
from grants_app.applications.forms.steps import DeclarationsForm
from grants_app.applications.models import Application, Submission
from grants_app.applications.queries import late_entry
from grants_app.applications.queries.tasks import road_states
from grants_app.applications.routes.blueprint import blueprint, own_application, person, words
from grants_app.applications.routes.presence import presence_here
from grants_app.applications.routes.receipts import check_address
from grants_app.applications.routes.sections import question_url, section_url
from grants_app.applications.routes.signing import choice_of, count_wrong_code, signing_facts
from grants_app.applications.rules import Question
from grants_app.applications.services.submission import refuse_unread
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw


@blueprint.get("/<string:code>/check")
@requires(Permission.APPLICATION_EDIT)
def check(code: str) -> str:
    """Every answer with a way to change it, what is missing, the declarations."""
    application = own_application(code)
    return _page(application, _form(application, queries.answers_of(application)))


@blueprint.post("/<string:code>/submit")
@requires(Permission.APPLICATION_EDIT)
def submit(code: str) -> Response | tuple[str, int]:
    """Keep the declarations and send, in one transaction; what is missing comes back as links."""
    application = own_application(code)
    declared = _declared(application)
    form = _form(application, {})
    if not form.validate_on_submit():
        return _page(application, form), 422
    choice = choice_of(form)
    ticked = {one.code: bool(form[one.code].data) for one in declared}
    try:
        with unit_of_work() as unit:
            reason = policy.why_not_submit(person(), application)
            if reason is None:
                refuse_unread(application, form.read.data)
                services.save_answers(application, ticked, None, person())
            services.submit_application(application, person(), choice=choice)
            unit.answer = url_for("applications.receipt", code=application.code)
    except EditConflict as error:
        form.form_errors.append(words(error.message, error.facts))
        return _page(application, form), 409
    except (InvalidInput, ManyErrors) as error:
        count_wrong_code(error)
        _put_declarations(form, error)
        return _page(application, form, has_tried=True), 422
    return redirect(unit.answer or "")


def _form(application: Application, answers: Mapping[str, Any]) -> DeclarationsForm:
    declared = _declared(application)
    return sending_form(declared, answers, queries.modes_of(application.competition))


def _declared(application: Application) -> list[Question]:
    """Declarations that are asked with the present answers."""
    form = queries.form_for(application)
    shown = form.is_shown(queries.answers_of(application)) if any(one.show_if for one in form.declarations) else None
    return [one for one in form.declarations if shown is None or one.code in shown]


def _put_declarations(form: DeclarationsForm, error: DomainError) -> None:
    """Refusals at the boxes stand there; what is missing elsewhere is listed with links by the page itself."""
    errors = error.errors if isinstance(error, ManyErrors) else [error]
    for one in errors:
        if one.field is None or one.field in form:
            put_on_form(form, one)


def _page(application: Application, form: DeclarationsForm, *, has_tried: bool = False) -> str:
    heads = [name for name, role in queries.people_of(application) if role == "ngo_head"]
    asked = queries.form_for(application)
    missing = [one for one in queries.missing_of(application) if one.section != "declarations"]
    form.read.data = queries.signing_digest(application)
    return render_template(
        "applications/check.html",
        application=application,
        form=form,
        sections=[
            (one, section_url(application, one.slug))
            for one in queries.application_text(application, audience="staff", lang=formatting.language())
        ],
        lines=application.budget_rows,
        categories=asked.category_labels,
        files=[(file, asked.file_labels.get(file.kind, file.kind)) for file in queries.attachments_of(application)],
        missing=[
            (gettext(one.label), words(one.message, dict(one.facts)), question_url(application, one.section, one.item))
            for one in missing
        ],
        reason=policy.why_not_submit(person(), application),
        until=late_entry.deadline_of(application),
        heads=heads,
        has_tried=has_tried,
        changed=queries.changed_since_sent(application, formatting.language()),
        amended=queries.amended_questions(application),
        set_aside=queries.set_aside(application, formatting.language()),
        present=presence_here(application),
        signing=signing_facts(application),
    )


@blueprint.get("/<string:code>/receipt")
@requires(Permission.APPLICATION_EDIT)
def receipt(code: str) -> str:
    """The proof of submission: code, time to the second, digest, files with digests."""
    application = own_application(code)
    sent_at, submission, late = _proof(application)
    return render_template(
        "applications/receipt.html",
        application=application,
        submission=submission,
        late=late,
        corrected=submission.at if submission.kind == "correction" else None,
        check_address=check_address(application.code or "", submission.digest),
        time=formatting.second(sent_at),
        files=[*queries.attachments_of(application), *queries.signature_files_of(application)],
        signature=queries.signature_of(application),
        states=road_states(application),
    )


@blueprint.get("/<string:code>/receipt.pdf")
@requires(Permission.APPLICATION_EDIT)
def receipt_pdf(code: str) -> Response:
    """The same on paper."""
    application = own_application(code)
    _sent_at, submission, late = _proof(application)
    files = [*queries.attachments_of(application), *queries.signature_files_of(application)]
    address = check_address(application.code or "", submission.digest)
    document = receipt_document(application, submission, files, late, address=address)
    return download(draw(document), "pdf", f"receipt-{application.code}")


def _proof(application: Application) -> tuple[datetime, Submission, list[Submission]]:
    """When it was sent, what was sent last, and files that ended after it. Raises NotFound before the sending."""
    submissions = queries.submissions_of(application)
    late = [one for one in submissions if one.kind == "late_file"]
    whole = [one for one in submissions if one.kind != "late_file"]
    if application.submitted_at is None or not whole:
        raise NotFound()
    return application.submitted_at, whole[-1], late


@blueprint.post("/<string:code>/recall")
@requires(Permission.APPLICATION_SUBMIT)
def recall(code: str) -> Response:
    """Back to draft before the deadline."""
    application = own_application(code)
    with unit_of_work() as unit:
        services.recall(application, person())
        unit.answer = url_for("applications.show", code=application.code)
    flash(gettext("The application is a draft again: submit it before the intake ends"), "warn")
    return redirect(unit.answer or "")


@blueprint.get("/<string:code>/withdraw")
@requires(Permission.APPLICATION_SUBMIT)
def withdraw_page(code: str) -> str:
    """Withdrawal asks for a reason and says that it is final."""
    application = own_application(code)
    return _withdraw_page(application, ReasonForm())


@blueprint.post("/<string:code>/withdraw")
@requires(Permission.APPLICATION_SUBMIT)
def withdraw(code: str) -> Response | tuple[str, int]:
    """Take the application out of the competition."""
    application, form = own_application(code), ReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.withdraw(application, form.reason.data or "", person())
                unit.answer = url_for("applications.show", code=application.code)
            flash(gettext("The application is withdrawn"), "ok")
            return redirect(unit.answer or "")
        except InvalidInput as error:
            put_on_form(form, error)
    return _withdraw_page(application, form), 422


def _withdraw_page(application: Application, form: ReasonForm) -> str:
    reason = policy.why_not_withdraw(person(), application)
    return render_template("applications/withdraw.html", application=application, form=form, reason=reason)
