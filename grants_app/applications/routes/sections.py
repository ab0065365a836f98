"""Pages of the form: one theme a page, saved as you type, two editors shown both texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms import Field

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import (
    SectionForm,
    changed_values,
    reading_text,
    section_form,
    typed_values,
    untouched,
    values_of,
)
from grants_app.applications.forms.conditions import condition_words, conditions_json
from grants_app.applications.models import Application
from grants_app.applications.routes.blueprint import (
    asked_questions,
    blueprint,
    choices_of,
    error_words,
    own_application,
    person,
)
from grants_app.applications.routes.presence import presence_words
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting, row_steps
from grants_app.web.access import requires
from grants_app.web.drafts import stored_fields
from grants_app.web.errors import put_on_form


def section_of(application: Application, slug: str) -> rules.Section:
    """The section of questions with that slug. Raises NotFound."""
    section = queries.form_for(application).section(slug)
    if section is None or section.page != "questions":
        raise NotFound()
    return section


@blueprint.get("/<string:code>/sections/<string:slug>")
@requires(Permission.APPLICATION_EDIT)
def section(code: str, slug: str) -> str:
    """A page of the form."""
    application = own_application(code)
    found = section_of(application, slug)
    questions = asked_questions(application, found)
    answers = queries.answers_of(application)
    form = section_form(questions, answers, choices_of(application.competition))
    form.version.data = reading_text(queries.versions_of(application), answers, questions)
    return _page(application, found, form)


@blueprint.post("/<string:code>/sections/<string:slug>")
@requires(Permission.APPLICATION_EDIT)
def save_section(code: str, slug: str) -> Response | tuple[str, int]:
    """Keep the answers and go on. Rows are added, moved and taken away by their buttons without a script too."""
    application = own_application(code)
    found = section_of(application, slug)
    questions = asked_questions(application, found)
    stepped = stepped_form(application, questions)
    if stepped is not None:
        return _page(application, found, stepped), 200
    form = section_form(questions, {}, choices_of(application.competition))
    values = typed_answers(application, form, questions)
    if values is None:
        return _page(application, found, form), 422
    changed, versions = changed_values(values, form.version.data, questions)
    changed.update(_looked_through(application, questions, values))
    target = _target(application, found)
    try:
        with unit_of_work() as unit:
            services.save_answers(application, changed, versions, person())
            if request.form.get("take"):
                services.take_answer(application, request.form["take"], person())
            unit.answer = target
        return redirect(target)
    except EditConflict as error:
        return _conflict(application, found, form, error), 409
    except (InvalidInput, ManyErrors) as error:
        put_on_form(form, error)
        return _page(application, found, form), 422


def stepped_form(application: Application, questions: list[rules.Question]) -> SectionForm | None:
    """What was typed with the rows as the pressed button asks; none when no such button was pressed."""
    groups = {question.code for question in questions if question.kind == "rows"}
    rows = row_steps.stepped(request.form, groups)
    if rows is None:
        return None
    return section_form(questions, {}, choices_of(application.competition), rows=rows)


def _looked_through(
    application: Application, questions: list[rules.Question], values: dict[str, Any]
) -> dict[str, Any]:
    """Boxes that lost an option by an amendment: whoever saves the page has seen it and means the rest."""
    boxes = [one for one in questions if one.kind == "many" and one.code in values]
    answers = queries.answers_of(application) if boxes else {}
    return {one.code: values[one.code] for one in boxes if queries.gone_options(one, answers.get(one.code))}


def typed_answers(
    application: Application, form: SectionForm, questions: list[rules.Question], *, is_autosave: bool = False
) -> dict[str, Any] | None:
    """What the page says; questions that these answers hide are kept where they can be, and judged by nobody.

    An answer that fits no more since the call was amended does not keep the others of its page from being autosaved.
    """
    is_valid = form.validate()
    typed = typed_values(form, questions)
    if is_valid and len(typed) == len(questions):
        return typed
    asked = queries.form_for(application).is_shown({**queries.answers_of(application), **typed})
    unjudged = {one.code for one in questions if one.code not in asked}
    return values_of(form, questions, frozenset(unjudged | (set(untouched(form, questions)) if is_autosave else set())))


@blueprint.get("/<string:code>/sections/<string:slug>/autosave")
@requires(Permission.APPLICATION_EDIT)
def stored_section(code: str, slug: str) -> Response:
    """The answers as they are stored, by which a page that was left or cut off merges its own text."""
    application = own_application(code)
    found = section_of(application, slug)
    reason = _reason(application, found)
    questions = asked_questions(application, found)
    return jsonify(locked=gettext(reason) if reason else None, **as_stored(application, questions))


@blueprint.post("/<string:code>/sections/<string:slug>/autosave")
@requires(Permission.APPLICATION_EDIT)
def autosave(code: str, slug: str) -> Response | tuple[Response, int]:
    """Keep what is being typed. Answers {saved_at, version}, or 409 with both texts, or 422 with what to correct."""
    editor = person()
    # The gate recognised the person a moment ago: detached, they are not read again for every few letters typed.
    db.session.expunge(editor)
    try:
        with unit_of_work():
            return _autosave(services.lock_draft(code, editor), slug, editor)
    except EditConflict as error:
        application = queries.application_for(editor, code)
        questions = asked_questions(application, section_of(application, slug))
        return clash_answer(application, questions, error)
    except NotAllowed as error:
        return jsonify(message=error_words(error)), 403
    except (InvalidInput, ManyErrors) as error:
        return jsonify(message=error_words(error)), 422


def clash_answer(
    application: Application, questions: list[rules.Question], error: EditConflict
) -> tuple[Response, int]:
    """Both texts, and everything that is stored, for the page's script to merge."""
    texts = {whose: _text(application, error, whose) for whose in ("yours", "theirs")}
    stored = as_stored(application, questions)
    return jsonify(message=error_words(error), text=texts["theirs"], **texts, **stored), 409


def _autosave(application: Application, slug: str, editor: User) -> Response | tuple[Response, int]:
    """Four questions to the database: who it is, the application locked, the answers written, what lists show."""
    found = section_of(application, slug)
    questions = list(found.questions)
    form = section_form(questions, {}, {})
    values = typed_answers(application, form, questions, is_autosave=True)
    if values is None:
        return refused_answer(form)
    changed, versions = changed_values(values, form.version.data, questions)
    changed = {name: value for name, value in changed.items() if name != "priority" or value}
    now = services.save_answers(application, changed, versions, editor, is_locked=True)
    return saved_answer(form, questions, values, {**versions, **now})


def saved_answer(
    form: SectionForm, questions: list[rules.Question], values: dict[str, Any], versions: dict[str, int]
) -> Response:
    """When it was kept, and what the page shows from now on."""
    shown = {**untouched(form, questions), **values}
    return jsonify(saved_at=formatting.hour(clock.now()), version=reading_text(versions, shown, questions))


def as_stored(application: Application, questions: list[rules.Question]) -> dict[str, Any]:
    """Versions and fields of the stored answers, as the form of a browser holds them."""
    answers = queries.answers_of(application)
    form = section_form(questions, answers, choices_of(application.competition), is_stored=True)
    return {
        "version": reading_text(queries.versions_of(application), answers, questions),
        "fields": stored_fields(form),
    }


def refused_answer(form: SectionForm) -> tuple[Response, int]:
    """What keeps the page from being saved while it is typed: the first complaint with its field."""
    said = [gettext("Not saved: correct the answers first"), *_complaints(form)][:2]
    return jsonify(message=". ".join(said), fields=sorted(form.errors)), 422


def _complaints(fields: Iterable[Field], place: str = "") -> Iterator[str]:
    for field in fields:
        here = f"{place}{field.label.text}: "
        for number, entry in enumerate(getattr(field, "entries", ()), 1):
            yield from _complaints(entry.form, f"{here}{gettext('Row %(number)s', number=number)}: ")
        yield from (f"{here}{one}" for one in field.errors if isinstance(one, str))


def _target(application: Application, found: rules.Section) -> str:
    taken = request.form.get("take")
    if taken in {question.code for question in found.questions}:
        return url_for("applications.section", code=application.journal_code, slug=found.slug, _anchor=taken)
    following = _next_slug(application, found)
    if request.form.get("then") == "list" or following is None:
        return url_for("applications.show", code=application.journal_code)
    return section_url(application, following)


def _next_slug(application: Application, found: rules.Section) -> str | None:
    slugs = [one.slug for one in queries.form_for(application).sections]
    place = slugs.index(found.slug) + 1
    return slugs[place] if place < len(slugs) else None


def section_url(application: Application, slug: str) -> str:
    """The page of a section: some are not lists of questions."""
    code = application.journal_code
    if slug == "budget":
        return url_for("applications.budget", code=code)
    if slug == "files":
        return url_for("applications.files", code=code)
    if slug == "declarations":
        return url_for("applications.check", code=code)
    return url_for("applications.section", code=code, slug=slug)


def question_url(application: Application, slug: str, code: str) -> str:
    """The very question on its page; the budget and the documents are pages of their own."""
    url = section_url(application, slug)
    return url if slug in {"budget", "files"} else f"{url}#{code}"


def _conflict(application: Application, found: rules.Section, form: SectionForm, error: EditConflict) -> str:
    """Both texts; pressing save again keeps the person's own."""
    questions = asked_questions(application, found)
    return _page(application, found, form, clash_of(application, form, questions, error))


def clash_of(
    application: Application, form: SectionForm, questions: list[rules.Question], error: EditConflict
) -> dict[str, str]:
    """Both texts for a page without a script, whose form now starts from what is stored."""
    name = str(error.facts["question"])
    typed: dict[str, Any] = {**queries.answers_of(application), name: error.facts["theirs"]}
    form.version.raw_data = [reading_text(queries.versions_of(application), typed, questions)]
    form.version.data = form.version.raw_data[0]
    return {
        "question": queries.form_for(application).questions[name].label,
        "message": error_words(error),
        "yours": _text(application, error, "yours"),
        "theirs": _text(application, error, "theirs"),
    }


def _text(application: Application, error: EditConflict, whose: str) -> str:
    question = queries.form_for(application).questions[str(error.facts["question"])]
    text, lines = queries.answer_words(question, error.facts[whose], lang=formatting.language())
    return text or "\n".join(lines)


def _reason(application: Application, found: rules.Section) -> str | None:
    """Why this person cannot write on this page of the form now."""
    codes = [one.code for one in found.questions]
    return policy.why_not_edit(person(), application) or policy.why_not_write(person(), application, codes)


def _page(
    application: Application, found: rules.Section, form: SectionForm, clash: dict[str, str] | None = None
) -> str:
    asked, answers = queries.form_for(application), queries.answers_of(application)
    questions = asked_questions(application, found)
    reason = _reason(application, found)
    lang = formatting.language()
    sections = queries.application_text(application, audience="staff", lang=lang)
    texts = [one for one in sections if one.slug == found.slug]
    choices = choices_of(application.competition)
    shown = asked.is_shown({**answers, **typed_values(form, questions)})
    empty = [one for one in questions if rules.is_empty(answers.get(one.code))] if reason is None else []
    return render_template(
        "applications/section.html",
        application=application,
        section=found,
        questions=questions,
        form=form,
        clash=clash,
        reason=reason,
        texts=texts[0].answers if texts else (),
        following=_next_slug(application, found),
        conditions=conditions_json(asked, questions, answers),
        when={one.code: condition_words(asked, one.show_if, choices) for one in questions if one.show_if},
        shown=shown,
        earlier=queries.earlier_answers(application, empty, lang),
        amended=queries.amended_questions(application),
        gone=_gone_words(application, questions, answers),
        present=presence_words(asked, queries.present_people(application, but=person())),
    )


def _gone_words(application: Application, questions: list[rules.Question], answers: dict[str, Any]) -> dict[str, str]:
    """By question: what was chosen there and is no longer offered."""
    found = {}
    for question in questions:
        gone = queries.gone_options(question, answers.get(question.code))
        if gone:
            labels = dict(queries.with_gone_options(application, question, gone).options)
            found[question.code] = ", ".join(gettext(labels.get(one, one)) for one in gone)
    return found
