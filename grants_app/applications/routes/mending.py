"""Corrections by the applicant: only the named items open, everything else can be read."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import SectionForm, changed_values, reading_text, section_form, values_of
from grants_app.applications.forms.signing import sending_form
from grants_app.applications.forms.steps import DeclarationsForm
from grants_app.applications.models import Application, Correction
from grants_app.applications.routes.blueprint import (
    blueprint,
    choices_of,
    error_words,
    own_application,
    person,
    words,
)
from grants_app.applications.routes.signing import choice_of, count_wrong_code, signing_facts
from grants_app.applications.services.submission import refuse_unread
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.fields import Form


@blueprint.get("/<string:code>/corrections")
@requires(Permission.APPLICATION_EDIT)
def corrections(code: str) -> str:
    """The letter, the term, the open questions."""
    application, correction, questions = _opened(code)
    answers = queries.answers_of(application)
    form = section_form(questions, answers, choices_of(application.competition))
    form.version.data = reading_text(queries.versions_of(application), answers, questions)
    return _page(application, correction, form)


@blueprint.post("/<string:code>/corrections")
@requires(Permission.APPLICATION_EDIT)
def save_corrections(code: str) -> Response | tuple[str, int]:
    """Keep the corrected answers; names that are not open are not even read."""
    application, correction, questions = _opened(code)
    form = section_form(questions, {}, choices_of(application.competition))
    values = values_of(form, questions) if form.validate_on_submit() else None
    if values is None:
        return _page(application, correction, form), 422
    changed, versions = changed_values(values, form.version.data, questions)
    try:
        with unit_of_work() as unit:
            services.save_correction(application, changed, versions, by=person())
            unit.answer = url_for("applications.corrections", code=code)
    except EditConflict as error:
        form.form_errors.append(error_words(error))
        answers = queries.answers_of(application)
        form.version.data = reading_text(queries.versions_of(application), answers, questions)
        form.version.raw_data = [form.version.data]
        return _page(application, correction, form), 409
    except (InvalidInput, ManyErrors) as error:
        put_on_form(form, error)
        return _page(application, correction, form), 422
    flash(gettext("The corrections are kept. The head of the organisation sends them"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/corrections/send")
@requires(Permission.APPLICATION_SUBMIT)
def send_corrections(code: str) -> Response | tuple[str, int]:
    """Send the corrections to the secretary."""
    application, correction, questions = _opened(code)
    sending = _sending(application)
    form, typed = _typed_with(application, questions)
    if typed is None:
        return _page(application, correction, form, sending), 422
    try:
        with unit_of_work() as unit:
            reason = policy.why_not_send_correction(person(), application, correction)
            if reason is None:
                refuse_unread(application, sending.read.data)
                services.save_correction(application, *typed, by=person())
            services.send_correction(application, by=person(), choice=choice_of(sending))
            unit.answer = url_for("applications.show", code=code)
    except EditConflict as error:
        form.form_errors.append(error_words(error))
        return _page(application, correction, form, sending), 409
    except (InvalidInput, ManyErrors) as error:
        count_wrong_code(error)
        _put(error, form, sending)
        return _page(application, correction, form, sending), 422
    flash(gettext("The corrections are sent"), "ok")
    return redirect(unit.answer)


def _typed_with(
    application: Application, questions: list[rules.Question]
) -> tuple[SectionForm, tuple[dict[str, Any], dict[str, int]] | None]:
    """Answers that stand in the page whose button sends: they are kept with the sending, never left behind."""
    choices = choices_of(application.competition)
    if "version" not in request.form:
        answers = queries.answers_of(application)
        form = section_form(questions, answers, choices)
        form.version.data = reading_text(queries.versions_of(application), answers, questions)
        return form, ({}, {})
    form = section_form(questions, {}, choices)
    values = values_of(form, questions) if form.validate_on_submit() else None
    return form, None if values is None else changed_values(values, form.version.data, questions)


def _put(error: InvalidInput | ManyErrors, *forms: Form) -> None:
    """Refusals at their fields, wherever on the page; what has no field here stands above."""
    for one in error.errors if isinstance(error, ManyErrors) else [error]:
        text = words(one.message, one.facts)
        place = next((form for form in forms if one.field in form), None)
        if place is not None and one.field is not None:
            place[one.field].errors = [*place[one.field].errors, text]
        else:
            forms[0].form_errors.append(text)


def _opened(code: str) -> tuple[Application, Correction, list[rules.Question]]:
    application = own_application(code)
    correction = queries.correction_of(application)
    if correction is None:
        raise NotFound()
    known = queries.form_for(application).questions
    opened = queries.opened_items(application, correction)
    return application, correction, [question for code, question in known.items() if code in opened]


def _sending(application: Application) -> DeclarationsForm:
    """How the head signs the corrections: by the ways of the call, as the sending itself."""
    return sending_form([], {}, queries.modes_of(application.competition))


def _page(
    application: Application, correction: Correction, form: SectionForm, sending: DeclarationsForm | None = None
) -> str:
    code = application.journal_code
    sending = sending or _sending(application)
    sending.read.data = queries.signing_digest(application)
    links: list[tuple[str, str]] = []
    if rules.BUDGET_ITEM in correction.questions:
        links.append((gettext("Project budget"), url_for("applications.budget", code=code)))
    if rules.FILES_ITEM in correction.questions:
        links.append((gettext("Attached documents"), url_for("applications.files", code=code)))
    known = queries.form_for(application).questions
    opened = queries.opened_items(application, correction)
    questions = [question for code, question in known.items() if code in opened]
    return render_template(
        "applications/corrections.html",
        application=application,
        correction=correction,
        form=form,
        questions=questions,
        links=links,
        sending=sending,
        signing=signing_facts(application),
        sections=queries.application_text(application, audience="staff"),
        reason=policy.why_not_correct(person(), application, correction),
        send_reason=policy.why_not_send_correction(person(), application, correction),
    )
