"""The expert's queue and the declaration that opens an application."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from grants_app.applications.queries import application_text
from grants_app.core.errors import InvalidInput
from grants_app.database import unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.forms import DeclarationForm
from grants_app.reviews.models import Assignment
from grants_app.reviews.routes.blueprint import Answer, blueprint, comma, said, viewer
from grants_app.reviews.rules import CONFLICT_REASONS
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

_BEFORE_DECLARATION = ("team", "partners")


@blueprint.get("")
@requires(Permission.REVIEW_SUBMIT)
def queue() -> str:
    """«Мої заявки»: how many are done, what waits, the next one to open."""
    rows = queries.my_assignments(viewer())
    waiting = [row for row in rows if row.is_open and not row.is_doubted]
    return render_template(
        "reviews/queue.html",
        rows=rows,
        done_count=sum(row.state == AssignmentState.DONE for row in rows),
        next_row=waiting[0] if waiting else None,
        comma=comma,
    )


@blueprint.get("/<string:code>/declaration")
@requires(Permission.REVIEW_SUBMIT)
def declaration(code: str) -> str:
    """Title, organisation, people, partners and sums; the text opens after the answer."""
    return _declaration(queries.assignment_for(viewer(), code), DeclarationForm(formdata=None))


@blueprint.post("/<string:code>/declaration")
@requires(Permission.REVIEW_SUBMIT)
def declare(code: str) -> Answer:
    """Sign the declaration, step down, ask the secretary, or decline."""
    assignment = queries.assignment_for(viewer(), code)
    form = DeclarationForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                unit.answer = _answer(assignment, form, code)
            return redirect(unit.answer)
        except InvalidInput as error:
            put_on_form(form, error)
    return _declaration(queries.assignment_for(viewer(), code), form), 422


def _answer(assignment: Assignment, form: DeclarationForm, code: str) -> str:
    """Carry out the answer; the address of the page that follows."""
    answer, details = form.answer.data, form.details.data or ""
    if answer == "none":
        services.declare_impartial(assignment, viewer())
        return url_for("reviews.sheet", code=code)
    if answer == "conflict":
        reason = CONFLICT_REASONS.get(form.reason.data or "", "")
        if not reason:
            raise InvalidInput("Choose the reason: only the secretary will read it", field="reason")
        services.declare_conflict(assignment, ". ".join(filter(None, (gettext(reason), details))), viewer())
        flash(
            gettext("Thank you for telling us. Another expert will get the application, nothing is to be explained"),
            "ok",
        )
    elif answer == "doubt":
        services.declare_doubt(assignment, details, viewer())
        flash(gettext("The secretary will decide and write to you. Until then the application stays closed"), "ok")
    elif answer == "busy":
        services.decline(assignment, details, viewer())
        flash(gettext("The application will be given to another expert"), "ok")
    else:
        raise InvalidInput("Choose an answer", field="answer")
    return url_for("reviews.queue")


def _declaration(assignment: Assignment, form: DeclarationForm) -> str:
    application = assignment.application
    shown = {
        answer.code: answer.lines
        for section in application_text(application)
        for answer in section.answers
        if answer.code in _BEFORE_DECLARATION
    }
    person = viewer()
    return render_template(
        "reviews/declaration.html",
        assignment=assignment,
        application=application,
        competition=application.competition,
        form=form,
        team=shown.get("team", ()),
        partners=shown.get("partners", ()),
        ties=queries.conflict_facts(person, application),
        why_not=said(policy.why_not_declare(person, assignment)),
        why_not_conflict=said(policy.why_not_declare_conflict(person, assignment)),
        is_declared=assignment.declared_at is not None,
    )
