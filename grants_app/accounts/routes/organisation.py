"""The cabinet page of an organisation: profile, people, what later stages add."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import policy, queries, services
from grants_app.accounts.forms import InviteColleagueForm, OrganisationForm, organisation_facts
from grants_app.accounts.forms.organisation import AppointForm, LetInForm, ReasonForm
from grants_app.accounts.models import Organisation, User
from grants_app.accounts.policy import organisations as rights
from grants_app.accounts.queries import joining
from grants_app.accounts.queries.account import is_account_asked
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.accounts.rules import NONPROFIT_CODES, ORGANISATION_KINDS
from grants_app.accounts.rules.profile import FIELDS, RIGHTS
from grants_app.core.errors import DomainError, EditConflict, NotAllowed
from grants_app.core.wholes import whole
from grants_app.database import db, unit_of_work
from grants_app.permissions import ROLE_LABELS, Permission
from grants_app.web import panels
from grants_app.web.access import signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.formatting import day_short


@blueprint.get("/accounts/organisation")
@signed_in
def organisations() -> Page:
    """The person's organisation, or the choice between several."""
    own = queries.own_organisations(current_user)
    if len(own) == 1 and not joining.offices_offered(current_user):
        return redirect(url_for("accounts.organisation", edrpou=own[0].edrpou))
    return render_template(
        "accounts/organisations.html",
        rows=own,
        requests=joining.own_requests(current_user),
        offices=joining.offices_offered(current_user),
    )


@blueprint.get("/accounts/organisation/<string:edrpou>")
@signed_in
def organisation(edrpou: str) -> Page:
    """Profile, people and invitations of an organisation."""
    return organisation_page(queries.organisation_for(edrpou, current_user), InviteColleagueForm())


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
                    found, organisation_facts(form, edrpou), version=typed_version(form), by=current_user
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


def organisation_page(
    found: Organisation,
    form: InviteColleagueForm,
    *,
    let_in: LetInForm | None = None,
    appoint: AppointForm | None = None,
    free_office: ReasonForm | None = None,
) -> str:
    """The page of an organisation; a form that was refused is shown with what was typed."""
    viewer = me()
    has_head = rights.head_of(found) is not None
    return render_template(
        "accounts/organisation.html",
        form=form,
        organisation=found,
        sections=sections_of(found, viewer),
        profile=_profile(found),
        people=_people(found),
        rights=[(_(ROLE_LABELS[role]), _(text)) for role, text in RIGHTS.items()],
        has_head=has_head,
        invitations=queries.invitation_rows(found.id) if viewer.role_in(found.id) else [],
        requests=joining.open_requests(found) if _decides(found, viewer, has_head=has_head) else [],
        let_in=let_in or LetInForm(formdata=None, has_head=has_head),
        offer=next((until for code, _name, until in joining.offices_offered(viewer) if code == found.edrpou), None),
        why_not_edit=policy.why_not_edit_organisation(viewer, found),
        why_not_invite=policy.why_not_invite(viewer, found),
        is_own=viewer.role_in(found.id) is not None,
        is_alone=all(row.user_id == viewer.id for row in queries.colleague_rows(found)),
        why_not_appoint=rights.why_not_appoint(viewer, found),
        appoint=appoint or AppointForm(formdata=None),
        why_not_free=rights.why_not_release_office(viewer, found),
        free_office=free_office or ReasonForm(formdata=None),
        blocks=panels.blocks("organisation", viewer, found),
    )


def sections_of(found: Organisation, viewer: User) -> list[dict[str, object]]:
    """Pages of one organisation that this person may open."""
    asked = is_account_asked(found.id)
    pages = [("accounts.organisation", _("Profile and people"), True)]
    pages.append(("accounts.governing", _("Governing people"), not rights.why_not_read_governing(viewer, found)))
    is_account_open = rights.why_not_keep_account(viewer, found, is_asked=asked) is None
    pages.append(("accounts.account", _("Bank account"), is_account_open))
    pages.append(("accounts.documents", _("Document library"), viewer.role_in(found.id) is not None))
    pages.append(("accounts.ledger", _("Ledger"), True))
    pages.append(("accounts.listing", _("Public directory"), True))
    return [
        {
            "label": label,
            "url": url_for(endpoint, edrpou=found.edrpou),
            "is_current": request.endpoint == endpoint,
        }
        for endpoint, label, is_open in pages
        if is_open
    ]


def _decides(found: Organisation, viewer: User, *, has_head: bool) -> bool:
    if not has_head:
        return viewer.can(Permission.USER_MANAGE)
    return policy.why_not_invite(viewer, found) is None


def _people(found: Organisation) -> list[dict[str, object]]:
    viewer = me()
    return [
        {
            **{name: getattr(row, name) for name in ("user_id", "name", "email", "role", "since")},
            "why_not_end": policy.why_not_end_membership(viewer, row.membership),
            "why_not_hand_over": policy.why_not_hand_over(viewer, row.membership),
            "is_self": row.user_id == viewer.id,
        }
        for row in queries.colleague_rows(found)
    ]


def _profile(found: Organisation) -> list[dict[str, str]]:
    form = OrganisationForm(obj=found)
    shown = {
        "kind": _(ORGANISATION_KINDS.get(found.kind, found.kind)),
        "nonprofit_code": _(NONPROFIT_CODES.get(found.nonprofit_code, found.nonprofit_code)),
        "registered_on": day_short(found.registered_on),
        "fields": "; ".join(_(FIELDS[code]) for code in found.fields if code in FIELDS),
    }
    rows = [{"label": _("EDRPOU code"), "value": found.edrpou}]
    if found.edrpou_reason and current_user.can(Permission.ORGANISATION_REGISTER_READ):
        rows.append({"label": _("Why a code with a wrong last digit is right"), "value": found.edrpou_reason})
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


def typed_version(form: Any) -> int:
    """The version that the person was reading."""
    return whole(form.version.data) or 0


def _differences(form: OrganisationForm, stored: Organisation) -> list[dict[str, str]]:
    """Fields that differ: what the other person saved, and what was typed here."""
    typed = asdict(organisation_facts(form, stored.edrpou))
    rows = []
    for name, mine in typed.items():
        theirs = getattr(stored, name)
        if name == "fields":
            theirs, mine = ("; ".join(_(FIELDS[one]) for one in codes if one in FIELDS) for codes in (theirs, mine))
        if name != "edrpou" and mine != theirs:
            rows.append({"label": str(form[name].label.text), "theirs": str(theirs), "mine": str(mine)})
    db.session.expire(stored)
    return rows
