"""Late entries: the organizer gives a code and takes it back, the head enters it."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import DataRequired

from grants_app.applications import policy
from grants_app.applications.forms import ReasonForm
from grants_app.applications.models import Application
from grants_app.applications.queries import late_entry as late_queries
from grants_app.applications.queries.content import is_over
from grants_app.applications.routes.blueprint import blueprint, person
from grants_app.applications.services import late_entry as late_services
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import competition_by_code
from grants_app.core.errors import DomainError
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.fields import Form, KyivInstantField, LineField, MaxCharacters, TextField


class GiveForm(Form):
    """To whom, why, till when."""

    edrpou = LineField(
        lazy_gettext("EDRPOU code of the organisation"), [DataRequired(lazy_gettext("Check the EDRPOU code"))]
    )
    until = KyivInstantField(
        lazy_gettext("May be sent until, Kyiv time"), [DataRequired(lazy_gettext("Enter the day and the time"))]
    )
    reason = TextField(
        lazy_gettext("Reason, published in the register"),
        [DataRequired(lazy_gettext("Give the reason: it will be recorded and published")), MaxCharacters(1000)],
    )


class CodeForm(Form):
    """The code from the letter."""

    code = LineField(lazy_gettext("Late entry code"), [DataRequired(lazy_gettext("Enter the code from the letter"))])


@blueprint.get("/late-entries/<string:competition_code>")
@requires(Permission.LATE_ENTRY_GIVE)
def late_entries(competition_code: str) -> str:
    """Who was let in after the deadline and why; the form that lets one more organisation in."""
    return _page(competition_by_code(competition_code, person()), GiveForm())


@blueprint.post("/late-entries/<string:competition_code>")
@requires(Permission.LATE_ENTRY_GIVE)
def give_late_entry(competition_code: str) -> str | tuple[str, int]:
    """Give a code; it stands on this one page and in the letter to the head."""
    competition, form = competition_by_code(competition_code, person()), GiveForm()
    if not form.validate_on_submit():
        return _page(competition, form), 422
    try:
        with unit_of_work() as unit:
            given = late_services.give_late_entry(
                competition, form.edrpou.data or "", form.reason.data or "", form.until.instant(), by=person()
            )
            unit.answer = url_for("applications.late_entries", competition_code=competition_code)
    except DomainError as error:
        put_on_form(form, error)
        return _page(competition, form), 422
    organisation = given.entry.organisation.name
    return _page(competition, GiveForm(formdata=None), secret=given.secret, organisation=organisation)


@blueprint.get("/late-entries/<string:competition_code>/<string:entry_code>/end")
@requires(Permission.LATE_ENTRY_GIVE)
def end_late_entry_page(competition_code: str, entry_code: str) -> str:
    """Taking back asks for a reason."""
    return _end_page(competition_by_code(competition_code, person()), entry_code, ReasonForm())


@blueprint.post("/late-entries/<string:competition_code>/<string:entry_code>/end")
@requires(Permission.LATE_ENTRY_GIVE)
def end_late_entry(competition_code: str, entry_code: str) -> Response | tuple[str, int]:
    """Take a late entry back."""
    competition, form = competition_by_code(competition_code, person()), ReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                late_services.end_late_entry(competition, entry_code, form.reason.data or "", by=person())
                unit.answer = url_for("applications.late_entries", competition_code=competition_code)
            flash(gettext("The late entry is taken back"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _end_page(competition, entry_code, form), 422


@blueprint.get("/late-entry")
@requires(Permission.APPLICATION_SUBMIT)
def late_code() -> str:
    """Where the head enters the code."""
    return _code_page(CodeForm())


@blueprint.post("/late-entry")
@requires(Permission.APPLICATION_SUBMIT)
def enter_late_code() -> Response | tuple[str, int]:
    """Open the intake for the head's organisation till the term of the code."""
    form = CodeForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                entry = late_services.enter_late_code(form.code.data or "", by=person())
                unit.answer = _begun_or_new(entry.competition, entry.organisation_id)
                until = formatting.instant(entry.until)
            flash(gettext("Your organisation may write and submit until %(time)s", time=until), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _code_page(form), 422


def _begun_or_new(competition: Competition, organisation_id: int) -> str:
    """The draft of the organisation, if it has begun one; else where one begins."""
    query = (
        sa.select(Application)
        .filter_by(competition_id=competition.id, organisation_id=organisation_id, state=ApplicationState.DRAFT)
        .order_by(Application.id.desc())
    )
    draft = db.session.scalar(query.limit(1))
    if draft is not None:
        return url_for("applications.show", code=draft.journal_code)
    return url_for("applications.start", competition_code=competition.code)


def _page(competition: Competition, form: GiveForm, *, secret: str = "", organisation: str = "") -> str:
    rows = late_queries.late_rows(competition, person())
    return render_template(
        "applications/late_entries.html",
        competition=competition,
        form=form,
        rows=rows,
        end_urls={
            row.code: url_for(
                "applications.end_late_entry_page", competition_code=competition.code, entry_code=row.code
            )
            for row in rows
        },
        reason=policy.why_not_give_late_entry(person(), competition),
        is_over=is_over(competition),
        secret=secret,
        organisation=organisation,
    )


def _end_page(competition: Competition, entry_code: str, form: ReasonForm) -> str:
    entry = late_queries.late_entry_by_code(competition, entry_code)
    return render_template(
        "applications/late_entry_end.html",
        competition=competition,
        entry=entry,
        form=form,
        reason=policy.why_not_end_late_entry(person(), entry),
    )


def _code_page(form: CodeForm) -> str:
    waiting = late_queries.waiting_entries(person())
    return render_template("applications/late_entry.html", form=form, waiting=waiting)
