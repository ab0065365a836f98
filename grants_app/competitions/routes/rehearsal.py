"""The organizer's page of a rehearsal: play, what was found, visit it as somebody at a moment, delete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.validators import InputRequired

from grants_app.competitions import policy
from grants_app.competitions.forms.fields import choice
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.rehearsal import Fault, Rehearsal, rehearsal_of
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.rules.rehearsal import (
    APPLICATIONS,
    FEWEST_APPLICATIONS,
    KEPT_DAYS,
    MOST_APPLICATIONS,
    MOUNT,
    PEOPLE,
    TICKET_SALT,
)
from grants_app.competitions.services import rehearsal as services
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import unit_of_work
from grants_app.journal.jobs import JobRun, Outcome, every_minute, job_kind
from grants_app.journal.queries import JobRow, describe, job_row
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.fields import Form, WholeField

Answer = str | Response | tuple[str, int]
_STAFF = (Permission.COMPETITION_EDIT, Permission.COMPETITION_RUN)


class RehearsalForm(Form):
    """How large a rehearsal is played."""

    applications = WholeField("", [InputRequired()])


class VisitForm(Form):
    """At which moment, and as whom."""

    moment = SelectField("", choices=[], validators=[InputRequired()])
    person = SelectField("", choices=[], validators=[InputRequired()])


@blueprint.get("/competitions/<string:code>/rehearsal")
@requires(*_STAFF)
def rehearsal(code: str) -> str:
    """What stands of the rehearsal."""
    return _page(competition_or_404(code), _form(APPLICATIONS))


@blueprint.post("/competitions/<string:code>/rehearsal")
@requires(Permission.COMPETITION_EDIT)
def rehearse(code: str) -> Answer:
    """Ask for a rehearsal; it is played as a job."""
    competition = competition_or_404(code)
    form = _form()
    if form.validate_on_submit() and form.applications.data is not None:
        try:
            with unit_of_work() as unit:
                services.begin(competition, _root(), applications=form.applications.data, by=current_user)
                unit.answer = url_for("competitions.rehearsal", code=code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _page(competition, form), 422


@blueprint.post("/competitions/<string:code>/rehearsal/visit")
@requires(*_STAFF)
def visit_rehearsal(code: str) -> Answer:
    """Sign a ticket for a minute and go inside."""
    competition = competition_or_404(code)
    found = rehearsal_of(_root(), code)
    if found is None or found.status != "ready":
        raise NotFound
    form = _visit_form(found)
    if not form.validate_on_submit():
        return _page(competition, _form(APPLICATIONS), form), 422
    tickets = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=TICKET_SALT)
    ticket = tickets.dumps({"run": found.run, "person": form.person.data})
    return redirect(f"{MOUNT}/{code}/{form.moment.data}/rehearsal-enter?ticket={ticket}")


@blueprint.post("/competitions/<string:code>/rehearsal/delete")
@requires(Permission.COMPETITION_EDIT)
def delete_rehearsal(code: str) -> Response:
    """Remove everything of it."""
    services.delete(competition_or_404(code), _root(), by=current_user)
    return redirect(url_for("competitions.rehearsal", code=code))


@job_kind(services.KIND)
def play(run: JobRun) -> Outcome:
    """The job of playing a rehearsal."""
    return services.play(run, _root())


@every_minute("competitions.rehearsals")
def expire_rehearsals() -> None:
    """Rehearsals past their term are removed."""
    services.expire(_root())


def init_rehearsal() -> None:
    """The word of the job."""
    describe({f"job.{services.KIND}": "Rehearsal of a competition"})


def _root() -> Path:
    return Path(current_app.config["SETTINGS"].instance) / "rehearsals"


def _form(count: int | None = None) -> RehearsalForm:
    form = RehearsalForm(formdata=None, applications=count) if count is not None else RehearsalForm()
    form.applications.label.text = gettext("How many applications are made up")
    form.applications.description = gettext(
        "From %(least)s to %(most)s; twelve take less than a minute", least=FEWEST_APPLICATIONS, most=MOST_APPLICATIONS
    )
    return form


def _visit_form(found: Rehearsal, *, fresh: bool = False) -> VisitForm:
    form = VisitForm(formdata=None) if fresh else VisitForm()
    form.moment.label.text, form.person.label.text = gettext("At which moment"), gettext("As whom")
    form.moment.choices = [choice(one.name, gettext(one.label)) for one in found.moments]
    form.person.choices = [choice(login, gettext(label)) for login, label in PEOPLE.items()]
    return form


def _page(competition: Competition, form: RehearsalForm, visiting: VisitForm | None = None) -> str:
    found = rehearsal_of(_root(), competition.code)
    is_playing = found is not None and services.is_playing(found.status, found.job)
    return render_template(
        "competitions/rehearsal.html",
        competition=competition,
        form=form,
        found=found,
        is_playing=is_playing,
        job=_job(found, is_playing=is_playing),
        visiting=(visiting or _visit_form(found, fresh=True)) if found is not None and found.moments else None,
        faults=[(fault.is_grave, _said(fault)) for fault in found.faults] if found is not None else [],
        why_not=policy.why_not_rehearse(current_user, competition),
        kept_days=KEPT_DAYS,
    )


def _said(fault: Fault) -> str:
    """A fault in the reader's language; labels of the form among its facts too."""
    return _sentence(fault.message, fault.facts)


def _sentence(message: str, facts: Mapping[str, Any]) -> str:
    told: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            told[name] = _sentence(value["message"], value["facts"])
        else:
            told[name] = gettext(value) if isinstance(value, str) and value else value
    return sentence(DomainError(message, facts=told))


def _job(found: Rehearsal | None, *, is_playing: bool) -> JobRow | None:
    """The progress, for whoever asked for it or reads the journal."""
    if found is None or not is_playing:
        return None
    try:
        return job_row(found.job, current_user)
    except NotFound:
        return None
