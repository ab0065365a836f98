"""Asking to be let into an organisation that has an account already."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import services
from grants_app.accounts.forms.organisation import JoinForm, JoinSignUpForm
from grants_app.accounts.models import User
from grants_app.accounts.queries import joining
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.accounts.rules import NewPerson
from grants_app.core.errors import DomainError
from grants_app.core.identifiers import has_edrpou_form
from grants_app.database import unit_of_work
from grants_app.extensions import limiter
from grants_app.permissions import Role
from grants_app.web.access import public, signed_in
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form
from grants_app.web.panels import DueItem

ASKED_FROM_ONE_ADDRESS = "10 per minute; 40 per hour"


@blueprint.get("/accounts/join")
@public
def join() -> Page:
    """Which organisation; a guest opens a personal account on the same page."""
    typed = request.args.get("edrpou", "")
    form = JoinForm(formdata=None) if current_user.is_authenticated else JoinSignUpForm(formdata=None)
    form.edrpou.data = typed if has_edrpou_form(typed) else ""
    return render_template("accounts/join.html", form=form)


@blueprint.post("/accounts/join")
@public
@limiter.limit(ASKED_FROM_ONE_ADDRESS)
def join_post() -> Page:
    """Send the request; a known address gets another letter and the same answer."""
    return _ask() if current_user.is_authenticated else _sign_up_and_ask()


@blueprint.post("/accounts/join/<string:code>/withdraw")
@signed_in
def withdraw_request(code: str) -> Page:
    """The person does not ask any more."""
    with unit_of_work() as unit:
        services.withdraw_request(joining.own_request(current_user, code), by=current_user)
        unit.answer = url_for("accounts.organisations")
    flash(_("The request is withdrawn"), "ok")
    return redirect(unit.answer)


def due_requests(user: User) -> Iterable[DueItem]:
    """Requests and offers that wait for this person's word."""
    for row in joining.requests_waiting_for(user):
        url = url_for("accounts.organisation", edrpou=row.edrpou)
        yield DueItem(None, row.organisation, url, _("%(name)s asks to join", name=row.name), _("Decide"))
    for edrpou, name, until in joining.offices_offered(user):
        is_in = any(m.organisation.edrpou == edrpou and m.ended_at is None for m in user.memberships)
        url = url_for("accounts.organisation", edrpou=edrpou) if is_in else url_for("accounts.organisations")
        yield DueItem(until, name, url, _("The office of the head is offered to you"), _("Answer"))


def _ask() -> Page:
    form = JoinForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.ask_to_join(form.edrpou.data, Role(form.role.data), form.message.data, by=me())
                unit.answer = url_for("accounts.organisations")
            flash(_("The request is sent. The answer comes by mail"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return render_template("accounts/join.html", form=form), 422


def _sign_up_and_ask() -> Page:
    form = JoinSignUpForm()
    try:
        if form.validate_on_submit():
            email = form.email.data
            password = services.hashed(form.password.data, form.full_name.data, email)
            person = NewPerson(email, form.full_name.data, password, form.phone.data or "", select_language())
            try:
                with unit_of_work() as unit:
                    services.sign_up_and_ask(person, form.edrpou.data, Role(form.role.data), form.message.data)
                    unit.answer = url_for("accounts.letter_sent")
            except services.AddressTaken:
                with unit_of_work() as unit:
                    services.warn_of_taken_address(email)
                    unit.answer = url_for("accounts.letter_sent")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return render_template("accounts/join.html", form=form), 422
