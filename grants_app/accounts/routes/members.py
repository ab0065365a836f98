"""People of an organisation: inviting, leaving, the office of the head, requests to join."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import queries, services
from grants_app.accounts.forms import InviteColleagueForm
from grants_app.accounts.forms.organisation import AppointForm, LetInForm, ReasonForm
from grants_app.accounts.policy.organisations import head_of
from grants_app.accounts.queries import joining
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.organisation import organisation_page
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.core.errors import DomainError, NotAllowed, NotFound, WrongState
from grants_app.database import unit_of_work
from grants_app.permissions import Permission, Role
from grants_app.web.access import requires, signed_in
from grants_app.web.errors import put_on_form


@blueprint.post("/accounts/organisation/<string:edrpou>/invite")
@signed_in
def invite_colleague(edrpou: str) -> Page:
    """Send an invitation by mail."""
    found = queries.organisation_for(edrpou, current_user)
    form = InviteColleagueForm()
    done = _carried_out(
        edrpou,
        form,
        lambda: services.invite_colleague(found, form.email.data, Role(form.role.data), by=current_user),
        told=_("The invitation is on its way"),
    )
    if done is not None:
        return done
    return organisation_page(queries.organisation_for(edrpou, current_user), form), 422


@blueprint.post("/accounts/organisation/<string:edrpou>/invitations/<int:number>/send-again")
@signed_in
def resend_invitation(edrpou: str, number: int) -> Page:
    """A new link with a new term; the earlier one stops working."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.resend_invitation(found, number, by=current_user)
        unit.answer = url_for("accounts.organisation", edrpou=edrpou)
    flash(_("The invitation is on its way"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/invitations/<int:number>/withdraw")
@signed_in
def withdraw_invitation(edrpou: str, number: int) -> Page:
    """The link stops working."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.withdraw_invitation(found, number, by=current_user)
        unit.answer = url_for("accounts.organisation", edrpou=edrpou)
    flash(_("The invitation is withdrawn: its link no longer works"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/people/<int:number>/end")
@signed_in
def end_membership(edrpou: str, number: int) -> Page:
    """A person leaves the organisation, or the head takes one out."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.end_membership(queries.membership_for(found, number), by=current_user)
        if number == current_user.id:
            unit.answer = url_for("accounts.organisations")
        else:
            unit.answer = url_for("accounts.organisation", edrpou=edrpou)
    flash(_("The membership has ended"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/people/<int:number>/hand-over")
@signed_in
def hand_over(edrpou: str, number: int) -> Page:
    """The head offers the office; it passes when the other person confirms."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.offer_office(queries.membership_for(found, number), by=current_user)
        unit.answer = url_for("accounts.organisation", edrpou=edrpou)
    flash(_("The office is offered. You stay head until the other person confirms"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/office/<any(take,decline):answer>")
@signed_in
def answer_office(edrpou: str, answer: str) -> Page:
    """The person to whom the office is offered takes it or not."""
    found = next((one for one in joining.offices_offered(current_user) if one[0] == edrpou), None)
    if found is None:
        raise NotFound
    with unit_of_work() as unit:
        invitation = services.office_offered_to(me(), edrpou)
        if answer == "take":
            services.take_place(invitation, by=me())
        else:
            services.decline_office(invitation, by=me())
        unit.answer = url_for("accounts.organisations")
    told = _("You are the head of the organisation now") if answer == "take" else _("You have declined the office")
    flash(told, "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/organisation/<string:edrpou>/appoint")
@requires(Permission.USER_MANAGE)
def appoint_head(edrpou: str) -> Page:
    """The city names a head where nobody holds the office."""
    found = queries.organisation_for(edrpou, current_user)
    form = AppointForm()
    done = _carried_out(
        edrpou,
        form,
        lambda: services.appoint_head(found, form.email.data, form.reason.data, by=current_user),
        told=_("The letter is on its way; the person becomes head by confirming"),
    )
    if done is not None:
        return done
    found = queries.organisation_for(edrpou, current_user)
    return organisation_page(found, InviteColleagueForm(formdata=None), appoint=form), 422


@blueprint.post("/accounts/organisation/<string:edrpou>/free-office")
@requires(Permission.USER_MANAGE)
def release_office(edrpou: str) -> Page:
    """The city frees the office of a head who does not hold it any more."""
    found = queries.organisation_for(edrpou, current_user)
    form = ReasonForm()
    done = _carried_out(
        edrpou,
        form,
        lambda: services.release_office(found, form.reason.data, by=current_user),
        told=_("The office is free. Everybody of the organisation gets a letter; name the next head below"),
    )
    if done is not None:
        return done
    found = queries.organisation_for(edrpou, current_user)
    return organisation_page(found, InviteColleagueForm(formdata=None), free_office=form), 422


@blueprint.post("/accounts/organisation/<string:edrpou>/requests/<string:code>/accept")
@signed_in
def accept_request(edrpou: str, code: str) -> Page:
    """Let the person in with the chosen role."""
    found = queries.organisation_for(edrpou, current_user)
    request = joining.request_of(found, code)
    form = LetInForm(has_head=head_of(found) is not None)
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.accept_request(request, Role(form.role.data), by=current_user)
                unit.answer = url_for("accounts.organisation", edrpou=edrpou)
            flash(_("The person is let in"), "ok")
            return redirect(unit.answer)
    except (NotAllowed, WrongState):
        raise
    except DomainError as error:
        put_on_form(form, error)
    found = queries.organisation_for(edrpou, current_user)
    return organisation_page(found, InviteColleagueForm(formdata=None), let_in=form), 422


@blueprint.post("/accounts/organisation/<string:edrpou>/requests/<string:code>/decline")
@signed_in
def decline_request(edrpou: str, code: str) -> Page:
    """Do not let the person in."""
    found = queries.organisation_for(edrpou, current_user)
    with unit_of_work() as unit:
        services.decline_request(joining.request_of(found, code), by=current_user)
        unit.answer = url_for("accounts.organisation", edrpou=edrpou)
    flash(_("The request is declined"), "ok")
    return redirect(unit.answer)


def _carried_out(edrpou: str, form: Any, act: Callable[[], object], *, told: str) -> Page | None:
    """Do what a form asks and go back to the page of the organisation; None when the form is to be shown again."""
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                act()
                unit.answer = url_for("accounts.organisation", edrpou=edrpou)
            flash(told, "ok")
            return redirect(unit.answer)
    except NotAllowed:
        raise
    except DomainError as error:
        put_on_form(form, error)
    return None
