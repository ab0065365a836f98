"""The expert's queue and the declaration that opens an application."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from grants_app.applications.queries import application_text
from grants_app.core import clock
from grants_app.core.errors import InvalidInput
from grants_app.database import unit_of_work
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.forms import DeclarationForm
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.masking import EXPERT, hides_applicant, shown_title
from grants_app.reviews.queries.reading import budget_lines
from grants_app.reviews.queries.statements import lacks_statement
from grants_app.reviews.routes.after import remembered
from grants_app.reviews.routes.blueprint import Answer, blueprint, comma, said, viewer
from grants_app.reviews.rules import CONFLICT_REASONS
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.formatting import day_long

_BEFORE_DECLARATION = ("team", "partners")
_GROUPS = {
    "begun": _l("Being scored"),
    "score": _l("To be scored"),
    "declare": _l("Declaration awaited"),
    "closed": _l("Nothing to do now"),
    "done": _l("Scored"),
}


@blueprint.get("")
@requires(Permission.REVIEW_SUBMIT)
def queue() -> str:
    """«Мої заявки»: how many are done, what waits, the next one to open, what will not be ready."""
    rows = queries.my_assignments(viewer())
    chosen = request.args.get("state") or ""
    shown = [row for row in rows if _group(row) == chosen] if chosen in _GROUPS else rows
    return render_template(
        "reviews/queue.html",
        rows=rows,
        shown=shown,
        counters=_counters(rows, chosen if chosen in _GROUPS else ""),
        forecasts=queries.forecasts(rows),
        packets=sorted({(row.competition_code, row.competition) for row in rows if row.is_open}),
        done_count=sum(row.state == AssignmentState.DONE for row in rows),
        next_row=next((row for row in rows if row.waits), None),
        prefers_next=remembered() == "next",
        comma=comma,
    )


@blueprint.app_template_filter("last_day")
def last_day(moment: datetime) -> str:
    """«26 березня 2027 року»: the last day before an exclusive end."""
    return day_long(clock.kyiv(moment - timedelta(minutes=1)).date())


def _group(row: queries.QueueRow) -> str:
    """The filter under which a row stands."""
    if row.state == AssignmentState.DONE:
        return "done"
    if not row.waits:
        return "closed"
    if row.state == AssignmentState.IN_PROGRESS:
        return "begun"
    return "declare" if row.state == AssignmentState.PROPOSED else "score"


def _counters(rows: Sequence[queries.QueueRow], chosen: str) -> list[dict[str, object]]:
    """Counts by state, each a link that leaves only its rows."""
    counts = Counter(_group(row) for row in rows)
    everything = {
        "label": gettext("All"),
        "count": len(rows),
        "url": url_for("reviews.queue"),
        "is_current": not chosen,
    }
    return [
        everything,
        *(
            {
                "label": label,
                "count": counts[name],
                "url": url_for("reviews.queue", state=name),
                "is_current": chosen == name,
            }
            for name, label in _GROUPS.items()
            if counts[name] or chosen == name
        ),
    ]


@blueprint.get("/<string:code>/declaration")
@requires(Permission.REVIEW_SUBMIT)
def declaration(code: str) -> Answer:
    """Title, organisation, people, partners and sums; the text opens after the answer.

    In a call that hides its applicants the expert first names those with whom they have ties.
    """
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED and lacks_statement(viewer(), assignment.application.competition):
        return redirect(url_for("reviews.ties", code=assignment.application.competition.code))
    return _declaration(assignment, DeclarationForm(formdata=None))


@blueprint.post("/<string:code>/declaration")
@requires(Permission.REVIEW_SUBMIT)
def declare(code: str) -> Answer:
    """Sign the declaration, step down, ask whether there is a conflict, or decline."""
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
            raise InvalidInput("Choose the reason: only the secretary and the chair will read it", field="reason")
        words = ". ".join(filter(None, (gettext(reason), details)))
        services.declare_conflict(assignment, words, viewer(), kind=form.reason.data or "other")
        flash(
            gettext("Thank you for telling us. Another expert will get the application, no explanation is needed"),
            "ok",
        )
    elif answer == "doubt":
        services.declare_doubt(assignment, details, viewer())
        flash(gettext("The chair will decide and you will get a letter. Until then the application stays closed"), "ok")
    elif answer == "busy":
        services.decline(assignment, details, viewer())
        flash(gettext("The application will be given to another expert"), "ok")
    else:
        raise InvalidInput("Choose an answer", field="answer")
    return url_for("reviews.queue")


def _declaration(assignment: Assignment, form: DeclarationForm) -> str:
    application = assignment.application
    is_veiled = hides_applicant(application.competition, EXPERT)
    shown = {
        answer.code: answer.lines
        for section in application_text(application)
        for answer in section.answers
        if answer.code in _BEFORE_DECLARATION and not is_veiled
    }
    person = viewer()
    return render_template(
        "reviews/declaration.html",
        assignment=assignment,
        application=application,
        title=shown_title(application, EXPERT),
        organisation=None if is_veiled else application.organisation,
        is_veiled=is_veiled,
        competition=application.competition,
        form=form,
        team=shown.get("team", ()),
        partners=shown.get("partners", ()),
        costs=() if is_veiled else [(one.item, one.total_kop, one.city_kop) for one in budget_lines(application)],
        ties=queries.conflict_facts(person, application),
        why_not=said(policy.why_not_declare(person, assignment)),
        why_not_conflict=said(policy.why_not_declare_conflict(person, assignment)),
        is_declared=assignment.declared_at is not None,
        only_conflict=assignment.declared_at is not None or assignment.doubted_at is not None,
        is_late=application.competition.state == CompetitionState.DELIBERATION,
    )
