"""Parts of a profile with readers of their own: governing people, the bank account, the entry of the directory."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import policy, queries, services
from grants_app.accounts.forms import ConfirmForm
from grants_app.accounts.forms.organisation import AccountForm, GoverningForm, ReasonForm
from grants_app.accounts.models import Organisation, User
from grants_app.accounts.policy import organisations as rights
from grants_app.accounts.queries.account import is_account_asked
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.organisation import sections_of, typed_version
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.core.errors import DomainError, EditConflict, NotAllowed
from grants_app.core.identifiers import masked_iban
from grants_app.database import unit_of_work
from grants_app.web.access import signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.panels import DueItem


@blueprint.get("/accounts/organisation/<string:edrpou>/governing")
@signed_in
def governing(edrpou: str) -> Page:
    """Founders, members of governing bodies, beneficiaries: for the check of conflicts alone."""
    found = _with_governing(edrpou)
    people = [{"full_name": one.full_name, "office": one.office} for one in found.governing]
    return _governing_page(found, GoverningForm(formdata=None, version=str(found.version), people=people))


@blueprint.post("/accounts/organisation/<string:edrpou>/governing")
@signed_in
def governing_post(edrpou: str) -> Page:
    """Store the list; when somebody saved meanwhile, show theirs beside the typed one."""
    found = _with_governing(edrpou)
    form = GoverningForm()
    status = 422
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                version = typed_version(form)
                services.set_governing(found, form.rows(), version=version, by=current_user)
                unit.answer = url_for("accounts.governing", edrpou=edrpou)
            flash(_("The list is saved"), "ok")
            return redirect(unit.answer)
    except NotAllowed:
        raise
    except EditConflict as error:
        put_on_form(form, error)
        status = 409
        found = _with_governing(edrpou)
        form.version.data = str(found.version)
    except DomainError as error:
        put_on_form(form, error)
    return _governing_page(found, form, is_clash=status == 409), status


@blueprint.get("/accounts/organisation/<string:edrpou>/account")
@signed_in
def account(edrpou: str) -> Page:
    """The account to which a contract pays; what is stored is shown masked."""
    return _account_page(_with_account(edrpou), AccountForm(formdata=None))


@blueprint.post("/accounts/organisation/<string:edrpou>/account")
@signed_in
def account_post(edrpou: str) -> Page:
    """Store the account."""
    found = _with_account(edrpou)
    form = AccountForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.set_account(found, form.iban.data, by=current_user)
                unit.answer = url_for("accounts.account", edrpou=edrpou)
            flash(_("The account is saved"), "ok")
            return redirect(unit.answer)
    except NotAllowed:
        raise
    except DomainError as error:
        put_on_form(form, error)
    return _account_page(_with_account(edrpou), form), 422


@blueprint.get("/accounts/organisation/<string:edrpou>/directory")
@signed_in
def listing(edrpou: str) -> Page:
    """Whether the organisation stands in the public directory, and what of it is shown there."""
    return _listing_page(queries.organisation_for(edrpou, current_user), ConfirmForm(), ReasonForm(formdata=None))


@blueprint.post("/accounts/organisation/<string:edrpou>/directory/agree")
@signed_in
def agree_to_directory(edrpou: str) -> Page:
    """The head agrees."""
    found = queries.organisation_for(edrpou, current_user)
    form = ConfirmForm()
    try:
        with unit_of_work() as unit:
            services.agree_to_directory(found, by=current_user)
            unit.answer = url_for("accounts.listing", edrpou=edrpou)
    except NotAllowed:
        raise
    except DomainError as error:
        put_on_form(form, error)
        found = queries.organisation_for(edrpou, current_user)
        return _listing_page(found, form, ReasonForm(formdata=None)), 422
    flash(_("The organisation is in the public directory now"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/directory/leave")
@signed_in
def leave_directory(edrpou: str) -> Page:
    """The head, or the city with a reason, takes the organisation out."""
    found = queries.organisation_for(edrpou, current_user)
    form = ReasonForm()
    try:
        with unit_of_work() as unit:
            services.leave_directory(found, by=current_user, reason=form.reason.data or "")
            unit.answer = url_for("accounts.listing", edrpou=edrpou)
    except NotAllowed:
        raise
    except DomainError as error:
        put_on_form(form, error)
        found = queries.organisation_for(edrpou, current_user)
        return _listing_page(found, ConfirmForm(formdata=None), form), 422
    flash(_("The organisation is no longer in the directory"), "ok")
    return redirect(unit.answer)


def due_accounts(user: User) -> Iterable[DueItem]:
    """Organisations whose contract waits for the account."""
    for found in queries.own_organisations(user):
        asked = found.iban is None and is_account_asked(found.id)
        if asked and rights.why_not_keep_account(user, found, is_asked=True) is None:
            url = url_for("accounts.account", edrpou=found.edrpou)
            yield DueItem(None, found.short_name, url, _("The contract needs the bank account"), _("Give the account"))


def _with_governing(edrpou: str) -> Organisation:
    found = queries.organisation_for(edrpou, current_user)
    refusal = rights.why_not_read_governing(current_user, found)
    if refusal is not None:
        raise NotAllowed(refusal)
    return found


def _with_account(edrpou: str) -> Organisation:
    found = queries.organisation_for(edrpou, current_user)
    refusal = rights.why_not_keep_account(current_user, found, is_asked=is_account_asked(found.id))
    if refusal is not None:
        raise NotAllowed(refusal)
    return found


def _governing_page(found: Organisation, form: GoverningForm, *, is_clash: bool = False) -> str:
    return render_template(
        "accounts/governing.html",
        organisation=found,
        sections=sections_of(found, me()),
        form=form,
        stored=[(one.full_name, one.office or "–") for one in found.governing],
        is_clash=is_clash,
        why_not_edit=policy.why_not_edit_organisation(current_user, found),
    )


def _account_page(found: Organisation, form: AccountForm) -> str:
    return render_template(
        "accounts/account.html",
        organisation=found,
        sections=sections_of(found, me()),
        form=form,
        masked=masked_iban(found.iban) if found.iban else "",
    )


def _listing_page(found: Organisation, form: ConfirmForm, reason: ReasonForm) -> str:
    return render_template(
        "accounts/listing.html",
        organisation=found,
        sections=sections_of(found, me()),
        form=form,
        reason=reason,
        why_not_list=rights.why_not_list(current_user, found),
        why_not_delist=rights.why_not_delist(current_user, found),
    )
