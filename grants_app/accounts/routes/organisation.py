"""The cabinet page of an organisation: profile, people, what later stages add."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import policy, queries, services
from grants_app.accounts.forms import InviteColleagueForm, OrganisationForm, organisation_facts
from grants_app.accounts.models import Organisation
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import Page
from grants_app.accounts.rules import NONPROFIT_CODES, ORGANISATION_KINDS
from grants_app.core.errors import DomainError, EditConflict, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.web import panels
from grants_app.web.access import signed_in
from grants_app.web.context import day_short
from grants_app.web.errors import put_on_form


@blueprint.get("/accounts/organisation")
@signed_in
def organisations() -> Page:
    """The person's organisation, or the choice between several."""
    own = queries.own_organisations(current_user)
    if len(own) == 1:
        return redirect(url_for("accounts.organisation", edrpou=own[0].edrpou))
    return render_template("accounts/organisations.html", rows=own)


@blueprint.get("/accounts/organisation/<string:edrpou>")
@signed_in
def organisation(edrpou: str) -> Page:
    """Profile, people and invitations of an organisation."""
    return _page(queries.organisation_for(edrpou, current_user), InviteColleagueForm())


@blueprint.get("/accounts/organisation/<string:edrpou>/edit")
@signed_in
def edit_organisation(edrpou: str) -> Page:
    """The profile as a form."""
    found = _editable(edrpou)
    return render_template(
        "accounts/edit_organisation.html", form=OrganisationForm(obj=found), organisation=found, clash=[]
    )


@blueprint.post("/accounts/organisation/<string:edrpou>/edit")
@signed_in
def edit_organisation_post(edrpou: str) -> Page:
    """Store the profile; when somebody saved meanwhile, show both versions."""
    found = _editable(edrpou)
    form = OrganisationForm()
    clash: list[dict[str, str]] = []
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.edit_organisation(
                    found, organisation_facts(form, edrpou), version=_version(form), by=current_user
                )
                unit.answer = url_for("accounts.organisation", edrpou=edrpou)
            flash(_("The profile is saved"), "ok")
            return redirect(unit.answer)
    except EditConflict as error:
        put_on_form(form, error)
        stored = queries.organisation_for(edrpou, current_user)
        clash = _differences(form, stored)
        # Saving again is now a choice made with both versions in sight.
        form.version.data = str(stored.version)
    except DomainError as error:
        put_on_form(form, error)
    page = render_template("accounts/edit_organisation.html", form=form, organisation=found, clash=clash)
    return page, 409 if clash else 422


@blueprint.post("/accounts/organisation/<string:edrpou>/invite")
@signed_in
def invite_colleague(edrpou: str) -> Page:
    """Send an invitation by mail."""
    found = queries.organisation_for(edrpou, current_user)
    form = InviteColleagueForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.invite_colleague(found, form.email.data, Role(form.role.data), by=current_user)
                unit.answer = url_for("accounts.organisation", edrpou=edrpou)
            flash(_("The invitation is on its way"), "ok")
            return redirect(unit.answer)
    except NotAllowed:
        raise
    except DomainError as error:
        put_on_form(form, error)
    return _page(queries.organisation_for(edrpou, current_user), form), 422


@blueprint.post("/accounts/organisation/<string:edrpou>/people/<int:number>/end")
@signed_in
def end_membership(edrpou: str, number: int) -> Page:
    """A person leaves the organisation."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.end_membership(queries.membership_for(found, number), by=current_user)
        unit.answer = url_for("accounts.organisations")
    flash(_("The membership has ended"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/people/<int:number>/hand-over")
@signed_in
def hand_over(edrpou: str, number: int) -> Page:
    """The head hands the office over."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.hand_over(queries.membership_for(found, number), by=current_user)
        unit.answer = url_for("accounts.organisation", edrpou=edrpou)
    flash(_("The office of the head is handed over"), "ok")
    return redirect(unit.answer)


def _page(found: Organisation, form: InviteColleagueForm) -> str:
    people = [
        {
            **{name: getattr(row, name) for name in ("user_id", "name", "email", "role", "since")},
            "why_not_end": policy.why_not_end_membership(current_user, row.membership),
            "why_not_hand_over": policy.why_not_hand_over(current_user, row.membership),
            "is_self": row.user_id == current_user.id,
        }
        for row in queries.colleague_rows(found)
    ]
    return render_template(
        "accounts/organisation.html",
        form=form,
        organisation=found,
        profile=_profile(found),
        people=people,
        invitations=queries.invitation_rows(found.id),
        why_not_edit=policy.why_not_edit_organisation(current_user, found),
        why_not_invite=policy.why_not_invite(current_user, found),
        blocks=panels.blocks("organisation", current_user, found),
    )


def _profile(found: Organisation) -> list[dict[str, str]]:
    form = OrganisationForm(obj=found)
    shown = {
        "kind": _(ORGANISATION_KINDS.get(found.kind, found.kind)),
        "nonprofit_code": _(NONPROFIT_CODES.get(found.nonprofit_code, found.nonprofit_code)),
        "registered_on": day_short(found.registered_on),
    }
    rows = [{"label": _("ЄДРПОУ code"), "value": found.edrpou}]
    for field in form:
        if field.name not in {"csrf_token", "version"}:
            value = shown.get(field.name, getattr(found, field.name))
            rows.append({"label": str(field.label.text), "value": value})
    return rows


def _editable(edrpou: str) -> Organisation:
    found = queries.organisation_for(edrpou, current_user)
    refusal = policy.why_not_edit_organisation(current_user, found)
    if refusal is not None:
        raise NotAllowed(refusal)
    return found


def _version(form: OrganisationForm) -> int:
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _differences(form: OrganisationForm, stored: Organisation) -> list[dict[str, str]]:
    """Fields that differ: what the other person saved, and what was typed here."""
    typed = asdict(organisation_facts(form, stored.edrpou))
    rows = []
    for name, mine in typed.items():
        theirs = getattr(stored, name)
        if name != "edrpou" and mine != theirs:
            rows.append({"label": str(form[name].label.text), "theirs": str(theirs), "mine": str(mine)})
    db.session.expire(stored)
    return rows
