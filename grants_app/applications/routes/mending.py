"""Corrections by the applicant: only the named items open, everything else can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import SectionForm, changed_values, reading_text, section_form, typed_values
from grants_app.applications.forms.conditions import condition_words, conditions_json
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
from grants_app.applications.routes.presence import presence_here
from grants_app.applications.routes.sections import (
    as_stored,
    clash_answer,
    clash_of,
    refused_answer,
    saved_answer,
    stepped_form,
    typed_answers,
)
from grants_app.applications.routes.signing import choice_of, count_wrong_code, signing_facts
from grants_app.applications.services.submission import refuse_unread, refuse_unread_answers
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
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
    stepped = stepped_form(application, questions)
    if stepped is not None:
        return _page(application, correction, stepped), 200
    form = section_form(questions, {}, choices_of(application.competition))
    values = typed_answers(application, form, questions)
    if values is None:
        return _page(application, correction, form), 422
    changed, versions = changed_values(values, form.version.data, questions)
    try:
        with unit_of_work() as unit:
            services.save_correction(application, changed, versions, by=person())
            unit.answer = url_for("applications.corrections", code=code)
    except EditConflict as error:
        clash = clash_of(application, form, questions, error)
        return _page(application, correction, form, clash=clash), 409
    except (InvalidInput, ManyErrors) as error:
        put_on_form(form, error)
        return _page(application, correction, form), 422
    flash(gettext("The corrections are kept. The head of the organisation sends them"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/corrections/autosave")
@requires(Permission.APPLICATION_EDIT)
def stored_corrections(code: str) -> Response:
    """The open answers as they are stored, by which a page that was left or cut off merges its own text."""
    application, correction, questions = _opened(code)
    reason = policy.why_not_correct(person(), application, correction)
    return jsonify(locked=gettext(reason) if reason else None, **as_stored(application, questions))


@blueprint.post("/<string:code>/corrections/autosave")
@requires(Permission.APPLICATION_EDIT)
def autosave_corrections(code: str) -> Response | tuple[Response, int]:
    """Keep what is being typed. Answers {saved_at, version}, or 409 with both texts, or 422 with what to correct."""
    editor = person()
    # The gate recognised the person a moment ago: detached, they are not read again for every few letters typed.
    db.session.expunge(editor)
    try:
        with unit_of_work():
            return _autosave(code, editor)
    except EditConflict as error:
        application, _correction, questions = _opened(code)
        return clash_answer(application, questions, error)
    except NotAllowed as error:
        return jsonify(message=error_words(error)), 403
    except (InvalidInput, ManyErrors) as error:
        return jsonify(message=error_words(error)), 422


def _autosave(code: str, editor: User) -> Response | tuple[Response, int]:
    """Four questions to the database: who it is, the return locked, the answers written, what lists show."""
    application, correction = services.lock_returned(code, editor)
    if correction is None:
        raise NotFound()
    questions = _open_questions(application, correction)
    form = section_form(questions, {}, {})
    values = typed_answers(application, form, questions, is_autosave=True)
    if values is None:
        return refused_answer(form)
    changed, versions = changed_values(values, form.version.data, questions)
    now = services.save_correction(application, changed, versions, by=editor, locked=correction)
    return saved_answer(form, questions, values, {**versions, **now})


@blueprint.post("/<string:code>/corrections/send")
@requires(Permission.APPLICATION_SUBMIT)
def send_corrections(code: str) -> Response | tuple[str, int]:
    """Send the corrections to the secretary; a button of a row, pressed after a refusal, sends nothing."""
    application, correction, questions = _opened(code)
    sending = _sending(application)
    stepped = stepped_form(application, questions)
    if stepped is not None:
        return _page(application, correction, stepped, sending), 200
    form, typed = _typed_with(application, questions)
    if typed is None:
        return _page(application, correction, form, sending), 422
    try:
        with unit_of_work() as unit:
            if policy.why_not_send_correction(person(), application, correction) is None:
                _keep_typed(application, questions, sending, typed)
            services.send_correction(application, by=person(), choice=choice_of(sending))
            unit.answer = url_for("applications.show", code=code)
    except EditConflict as error:
        return _changed_meanwhile(application, correction, form, sending, changed=typed[0], error=error), 409
    except (InvalidInput, ManyErrors) as error:
        count_wrong_code(error)
        _put(error, form, sending)
        return _page(application, correction, form, sending), 422
    flash(gettext("The corrections are sent"), "ok")
    return redirect(unit.answer)


Typed = tuple[dict[str, Any], dict[str, int]]


def _keep_typed(
    application: Application, questions: list[rules.Question], sending: DeclarationsForm, typed: Typed
) -> None:
    """What stands in the page goes with the sending; what the head has not seen keeps it from being sent.

    The page saves as people type, so that its open answers are told by their versions and the rest by its digest.
    """
    changed, versions = typed
    here = [question.code for question in questions] if "version" in request.form else []
    refuse_unread(application, sending.read.data, here)
    now = services.save_correction(application, changed, versions, by=person())
    refuse_unread_answers(application, {code: {**versions, **now}.get(code, 0) for code in here})


def _changed_meanwhile(
    application: Application,
    correction: Correction,
    form: SectionForm,
    sending: DeclarationsForm,
    *,
    changed: dict[str, Any],
    error: EditConflict,
) -> str:
    """The page as it stands now: what the person wrote themselves, and beside it everything as others left it."""
    questions = _open_questions(application, correction)
    if "question" in error.facts:
        clash = clash_of(application, form, questions, error)
        return _page(application, correction, form, sending, clash)
    fresh = _stored_form(application, questions, changed)
    fresh.form_errors.append(error_words(error))
    return _page(application, correction, fresh, sending)


def _stored_form(application: Application, questions: list[rules.Question], changed: Mapping[str, Any]) -> SectionForm:
    answers = queries.answers_of(application)
    form = section_form(questions, {**answers, **changed}, choices_of(application.competition), is_stored=True)
    form.version.data = reading_text(queries.versions_of(application), answers, questions)
    return form


def _typed_with(application: Application, questions: list[rules.Question]) -> tuple[SectionForm, Typed | None]:
    """Answers that stand in the page whose button sends: they are kept with the sending, never left behind."""
    if "version" not in request.form:
        return _stored_form(application, questions, {}), ({}, {})
    form = section_form(questions, {}, choices_of(application.competition))
    values = typed_answers(application, form, questions)
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
    return application, correction, _open_questions(application, correction)


def _texts_reason(application: Application) -> str | None:
    return policy.why_not_write(person(), application, queries.form_for(application).questions)


def _open_questions(application: Application, correction: Correction) -> list[rules.Question]:
    """Open questions in the order of the form; what stands on the page of the budget is corrected there.

    None for a person who writes no texts.
    """
    if _texts_reason(application):
        return []
    form, opened = queries.form_for(application), queries.opened_items(application, correction)
    elsewhere = [one for one in form.sections if one.page == "budget" and rules.BUDGET_ITEM in opened]
    there = {question.code for section in elsewhere for question in section.questions}
    return [question for code, question in form.questions.items() if code in opened and code not in there]


def _sending(application: Application) -> DeclarationsForm:
    """How the head signs the corrections: by the ways of the call, as the sending itself."""
    return sending_form([], {}, queries.modes_of(application.competition))


def _page(
    application: Application,
    correction: Correction,
    form: SectionForm,
    sending: DeclarationsForm | None = None,
    clash: dict[str, str] | None = None,
) -> str:
    sending = sending or _sending(application)
    questions = _open_questions(application, correction)
    here = [question.code for question in questions]
    sending.read.data = queries.signing_digest(application, here)
    asked, answers = queries.form_for(application), queries.answers_of(application)
    choices = choices_of(application.competition)
    return render_template(
        "applications/corrections.html",
        application=application,
        correction=correction,
        form=form,
        clash=clash,
        questions=questions,
        conditions=conditions_json(asked, questions, answers),
        when={one.code: condition_words(asked, one.show_if, choices) for one in questions if one.show_if},
        shown=asked.is_shown({**answers, **typed_values(form, questions)}),
        links=_links(application, correction),
        sending=sending,
        signing=signing_facts(application),
        sections=queries.application_text(application, audience="staff", lang=formatting.language()),
        reason=policy.why_not_correct(person(), application, correction),
        texts_reason=_texts_reason(application),
        send_reason=policy.why_not_send_correction(person(), application, correction),
        present=presence_here(application),
    )


def _links(application: Application, correction: Correction) -> list[tuple[str, str]]:
    code = application.journal_code
    links: list[tuple[str, str]] = []
    if rules.BUDGET_ITEM in correction.questions:
        links.append((gettext("Project budget"), url_for("applications.budget", code=code)))
    if rules.FILES_ITEM in correction.questions:
        links.append((gettext("Attached documents"), url_for("applications.files", code=code)))
    return links
