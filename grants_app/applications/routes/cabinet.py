"""The cabinet of an organisation: its applications, the beginning of one, the task list."""

from __future__ import annotations

import re

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from grants_app.accounts.models import Organisation
from grants_app.applications import policy, queries, services
from grants_app.applications.forms import StartForm
from grants_app.applications.models import Application
from grants_app.applications.queries import late_entry
from grants_app.applications.queries.content import late_seal
from grants_app.applications.queries.tasks import road_states
from grants_app.applications.routes.blueprint import blueprint, guest_or_person, own_application, person
from grants_app.applications.routes.presence import presence_words
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import competition_by_code
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import ROLE_LABELS, Permission, Role
from grants_app.web import formatting, panels
from grants_app.web.access import public, requires
from grants_app.web.errors import put_on_form

_KEY = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)


@blueprint.get("")
@requires(Permission.APPLICATION_EDIT)
def index() -> str:
    """Applications of the person's organisations."""
    rows = queries.own_rows(person())
    gone = request.args.get("gone", "")
    if not _KEY.fullmatch(gone) or gone in {row.address for row in rows}:
        gone = ""
    return render_template(
        "applications/index.html", rows=rows, waiting=late_entry.waiting_entries(person()), gone=gone
    )


@blueprint.get("/start/<string:competition_code>")
@requires(Permission.APPLICATION_EDIT)
def start(competition_code: str) -> str:
    """Who may apply, what is asked, and the button that begins."""
    return _start_page(competition_by_code(competition_code, person()), None)


@blueprint.post("/start/<string:competition_code>")
@requires(Permission.APPLICATION_EDIT)
def start_now(competition_code: str) -> Response | tuple[str, int]:
    """Begin a draft and open its task list."""
    competition = competition_by_code(competition_code, person())
    form = _start_form()
    if form.validate_on_submit():
        organisation = db.session.get(Organisation, int(form.organisation.data))
        try:
            with unit_of_work() as unit:
                if organisation is None:
                    raise DomainError("Choose the organisation", field="organisation")
                application = services.start_application(competition, organisation, person())
                unit.answer = url_for("applications.show", code=application.key)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _start_page(competition, form), 422


def _start_form() -> StartForm:
    form = StartForm()
    form.organisation.choices = [SelectChoice(str(key), name) for key, name in queries.organisations_of(person())]
    if len(form.organisation.choices) == 1 and form.organisation.data is None:
        form.organisation.data = form.organisation.choices[0].value
    return form


def _start_page(competition: Competition, form: StartForm | None) -> str:
    return render_template(
        "applications/start.html",
        competition=competition,
        form=form or _start_form(),
        checks=[check for membership in person().memberships if membership.ended_at is None
                for check in _eligibility(competition, membership.organisation)],
        reason=_why_nobody(competition),
    )  # fmt: skip


def _why_nobody(competition: Competition) -> str | None:
    """The reason when none of the person's organisations may begin."""
    reasons = [
        policy.why_not_start(person(), competition, membership.organisation, clock.now())
        for membership in person().memberships
        if membership.ended_at is None
    ]
    return None if None in reasons else (reasons[0] if reasons else policy.NOT_YOURS)


def _eligibility(competition: Competition, organisation: Organisation) -> list[dict[str, str]]:
    young = policy.is_too_young(competition, organisation)
    count = queries.running_count(competition, organisation.id)
    full = count >= competition.applications_per_organisation
    return [
        {
            "state": "bad" if young else "ok",
            "fact": organisation.short_name,
            "detail": gettext(
                "registered on %(day)s; at least %(months)s months before the announcement are needed",
                day=formatting.day_short(organisation.registered_on),
                months=competition.registered_months_min,
            ),
        },
        {
            "state": "bad" if full else "ok",
            "fact": organisation.short_name,
            "detail": gettext(
                "applications in this competition: %(count)s of %(most)s allowed",
                count=count,
                most=competition.applications_per_organisation,
            ),
        },
    ]


@blueprint.get("/<string:code>")
@public
def show(code: str) -> str:
    """The application as this person may see it: task list, full text, or the public card."""
    viewer = guest_or_person()
    try:
        application = queries.application_for(viewer, code)
    except DomainError:
        return _card_page(queries.card_for(code))
    if not queries.is_author(viewer, application):
        return _reading_page(application)
    if application.state == ApplicationState.DRAFT:
        return _task_page(application)
    return _own_page(application)


def _card_page(application: Application) -> str:
    """The public card; one and the same for everybody, without the applicant while that is hidden."""
    veiled = queries.is_veiled(None, application.competition)
    masked = queries.text_under_veil(application) if veiled else None
    sealed_until = late_seal(application.competition)
    sections = (
        []
        if sealed_until
        else queries.application_text(
            application, audience="public", answers=masked.answers if masked else None, lang=formatting.language()
        )
    )
    return render_template(
        "applications/card.html",
        application=application,
        title=masked.title if masked else application.title,
        organisation=None if veiled else application.organisation,
        is_veiled=veiled,
        facts=_money_facts(application),
        sections=sections,
        sealed_until=sealed_until,
        blocks=panels.blocks("application", guest_or_person(), application),
    )


def _task_page(application: Application) -> str:
    form = queries.form_for(application)
    return render_template(
        "applications/tasklist.html",
        application=application,
        tasks=queries.task_list(application),
        people=_people(application),
        edit_reason=policy.why_not_edit(person(), application),
        is_late=not policy.takes(application),
        until=late_entry.deadline_of(application),
        heads=[name for name, role in queries.people_of(application) if role == Role.NGO_HEAD],
        may_submit=policy.why_not_submit(person(), application) is None,
        amended={form.section_of[one].slug for one in queries.amended_questions(application) if one in form.section_of},
        set_aside=", ".join(f"«{gettext(one.answer.label)}»" for one in queries.set_aside(application)),
        delete_reason=policy.why_not_delete(person(), application),
        present=presence_words(form, queries.present_people(application, but=person())),
    )


@blueprint.get("/<string:code>/delete")
@requires(Permission.APPLICATION_EDIT)
def delete_page(code: str) -> str:
    """What is lost with a draft, and the button."""
    application = own_application(code)
    return render_template(
        "applications/delete.html",
        application=application,
        tasks=queries.task_list(application),
        files=queries.attachments_of(application),
        reason=policy.why_not_delete(person(), application),
    )


@blueprint.post("/<string:code>/delete")
@requires(Permission.APPLICATION_EDIT)
def delete(code: str) -> Response:
    """Delete the draft; the browser that comes back from here forgets its copies of it."""
    application = own_application(code)
    with unit_of_work() as unit:
        services.delete_draft(application, person())
        unit.answer = url_for("applications.index", gone=code)
    flash(gettext("The draft is deleted"), "ok")
    return redirect(unit.answer)


def _own_page(application: Application) -> str:
    return render_template(
        "applications/own.html",
        application=application,
        facts=_money_facts(application),
        categories=queries.form_for(application).category_labels,
        people=_people(application),
        correction=queries.correction_of(application),
        sections=queries.application_text(application, audience="staff", lang=formatting.language()),
        files=queries.attachments_of(application),
        blocks=panels.blocks("application", person(), application),
        states=road_states(application),
        recall_reason=policy.why_not_recall(person(), application),
        withdraw_reason=policy.why_not_withdraw(person(), application),
    )


def _reading_page(application: Application) -> str:
    viewer = person()
    audience = "staff" if viewer.can(Permission.FORMAL_CHECK) else "experts"
    veiled = queries.is_veiled(viewer, application.competition)
    masked = queries.text_under_veil(application) if veiled else None
    return render_template(
        "applications/reading.html",
        application=application,
        title=masked.title if masked else application.title,
        organisation=None if veiled else application.organisation,
        is_veiled=veiled,
        facts=_money_facts(application),
        sections=queries.application_text(
            application,
            audience="experts" if veiled else audience,
            answers=masked.answers if masked else None,
            lang=formatting.language(),
        ),
        lines=masked.lines if masked else application.budget_rows,
        categories=queries.form_for(application).category_labels,
        files=[] if veiled else queries.attachments_of(application),
        may_check=viewer.can(Permission.FORMAL_CHECK),
        may_list=any(
            viewer.can(one)
            for one in (Permission.APPLICATION_REGISTER_READ, Permission.FORMAL_CHECK, Permission.RANKING_READ)
        ),
        blocks=panels.blocks("application", viewer, application),
    )


def _people(application: Application) -> list[tuple[str, str]]:
    return [(name, ROLE_LABELS[role]) for name, role in queries.people_of(application)]


def _money_facts(application: Application) -> list[dict[str, str]]:
    return [
        {"label": gettext("Asked of the city"), "value": formatting.money(application.requested_kop)},
        {"label": gettext("Own share"), "value": formatting.share_two(application.own_share_bp)},
        {"label": gettext("Whole cost"), "value": formatting.money(application.total_cost_kop)},
    ]


@blueprint.get("/<string:code>/print")
@requires(Permission.APPLICATION_EDIT)
def print_draft(code: str) -> str:
    """All questions with answers on one page, to read or to print."""
    application = own_application(code)
    return render_template(
        "applications/print.html",
        application=application,
        sections=queries.application_text(application, audience="staff", lang=formatting.language()),
        lines=application.budget_rows,
        categories=queries.form_for(application).category_labels,
        files=queries.attachments_of(application),
    )
