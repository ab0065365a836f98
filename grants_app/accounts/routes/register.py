"""Registration of an organisation, and accepting an invitation."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import queries, services
from grants_app.accounts.forms import (
    ConfirmForm,
    NewOrganisationForm,
    PersonForm,
    RegistrationForm,
    organisation_facts,
)
from grants_app.accounts.models import Invitation
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import ATTEMPTS_FROM_ONE_ADDRESS, Page, let_in, me
from grants_app.accounts.rules import NewPerson
from grants_app.accounts.services.links import LINK_OVER, token_digest
from grants_app.core.errors import DomainError, NotAllowed
from grants_app.database import unit_of_work
from grants_app.extensions import limiter
from grants_app.permissions import ROLE_LABELS
from grants_app.web.access import public, signed_in
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form


@blueprint.get("/accounts/register")
@public
def register() -> Page:
    """A person and an organisation; who is signed in adds the organisation alone."""
    if current_user.is_authenticated:
        return redirect(url_for("accounts.add_organisation"))
    return _registration_page(RegistrationForm())


@blueprint.post("/accounts/register")
@public
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
def register_post() -> Page:
    """Store both and send the letter of confirmation; a known address gets another letter and the same answer."""
    form = RegistrationForm()
    if not form.validate_on_submit():
        return _registration_page(form), 422
    facts = organisation_facts(form, form.edrpou.data)
    email = form.email.data
    try:
        password = services.hashed(form.password.data, form.full_name.data, email, facts.short_name)
        person = NewPerson(email, form.full_name.data, password, form.phone.data or "", select_language())
        try:
            with unit_of_work() as unit:
                services.register_organisation(person, facts)
                unit.answer = url_for("accounts.letter_sent")
        except services.AddressTaken:
            with unit_of_work() as unit:
                services.warn_of_taken_address(email)
                unit.answer = url_for("accounts.letter_sent")
    except DomainError as error:
        put_on_form(form, error)
        return _registration_page(form), 422
    return redirect(unit.answer)


@blueprint.get("/accounts/organisation/new")
@signed_in
def add_organisation() -> Page:
    """Another organisation of a person with an account."""
    return _addition_page(NewOrganisationForm())


@blueprint.post("/accounts/organisation/new")
@signed_in
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
def add_organisation_post() -> Page:
    """Store the organisation; the person becomes its head in the system."""
    form = NewOrganisationForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.add_organisation(organisation_facts(form, form.edrpou.data), by=me())
                unit.answer = url_for("accounts.organisation", edrpou=form.edrpou.data)
            flash(_("The organisation is registered. You may invite colleagues"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return _addition_page(form), 422


@blueprint.get("/accounts/invitations/<string:token>")
@public
def invitation(token: str) -> Page:
    """What the invitation is for; a person without an account opens one here."""
    return _invitation_page(token, _usable(token), PersonForm())


@blueprint.post("/accounts/invitations/<string:token>/accept")
@signed_in
def accept_invitation(token: str) -> Page:
    """The signed-in person accepts."""
    with unit_of_work() as unit:
        accepted = services.accept_invitation(token, by=me())
        edrpou = accepted.organisation.edrpou if accepted.organisation is not None else None
        unit.answer = (
            url_for("accounts.organisation", edrpou=edrpou) if edrpou is not None else url_for("accounts.home")
        )
    flash(_("You have accepted the invitation"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/invitations/<string:token>")
@public
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
def sign_up_invited(token: str) -> Page:
    """An invited person opens an account and accepts in one step."""
    found = _usable(token)
    form = PersonForm()
    try:
        if form.validate_on_submit():
            password = services.hashed(form.password.data, form.full_name.data, found.email)
            person = NewPerson(found.email, form.full_name.data, password, form.phone.data or "", select_language())
            with unit_of_work() as unit:
                user = services.sign_up_invited(token, person)
                unit.answer = url_for("accounts.sign_in")
            let_in(user)
            flash(_("You have accepted the invitation"), "ok")
            return redirect(url_for("accounts.home"))
    except DomainError as error:
        put_on_form(form, error)
    return _invitation_page(token, found, form), 422


def _registration_page(form: RegistrationForm) -> str:
    return render_template("accounts/register.html", form=form, is_taken=_is_taken(form))


def _addition_page(form: NewOrganisationForm) -> str:
    return render_template("accounts/add_organisation.html", form=form, is_taken=_is_taken(form))


def _is_taken(form: NewOrganisationForm) -> bool:
    """Whether the refusal was that the code is registered: then asking to be let in is the way."""
    return _(services.EDRPOU_TAKEN) in form.edrpou.errors


def _usable(token: str) -> Invitation:
    found = queries.usable_invitation(token_digest(token))
    if found is None:
        raise NotAllowed(LINK_OVER)
    return found


def _invitation_page(token: str, found: Invitation, form: PersonForm) -> str:
    is_owner = current_user.is_authenticated and current_user.email == found.email
    return render_template(
        "accounts/invitation.html",
        form=form,
        confirm_form=ConfirmForm(),
        token=token,
        email=found.email,
        role=ROLE_LABELS[found.role],
        organisation=found.organisation.name if found.organisation is not None else "",
        until=found.expires_at,
        is_owner=is_owner,
        is_other=current_user.is_authenticated and not is_owner,
        has_account=queries.has_account(found.email),
    )
