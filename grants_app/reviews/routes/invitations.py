"""Answers to invitations: by the link of a letter, and on the expert's own pages. Opening a page changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from grants_app.accounts.models import User
from grants_app.accounts.queries import has_account
from grants_app.accounts.routes.sign_in import ATTEMPTS_FROM_ONE_ADDRESS, let_in
from grants_app.accounts.rules import NewPerson
from grants_app.accounts.services import hashed
from grants_app.accounts.services.links import token_digest
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import unit_of_work
from grants_app.extensions import limiter
from grants_app.lifecycle import InvitationState
from grants_app.reviews.forms.invitations import AgreeAsNewForm, AgreeForm, DeclineForm
from grants_app.reviews.models import PanelInvitation
from grants_app.reviews.policy import invitations as policy
from grants_app.reviews.queries import invitations as queries
from grants_app.reviews.routes.blueprint import Answer, blueprint, lang, said, viewer
from grants_app.reviews.rules.invitations import agreement_digest, agreement_in
from grants_app.reviews.services import invitations as services
from grants_app.web.access import public, signed_in
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form

UNKNOWN_LINK = (
    "This link does not work: a newer letter has replaced it, or its end is cut off. Open the link of the latest "
    "letter, or ask the secretary to send it again"
)
OPENINGS_FROM_ONE_ADDRESS = "30 per minute"


@dataclass(frozen=True)
class Addresses:
    """Where the buttons of an answer lead: by the link of a letter or by the person's own pages."""

    accept: str
    decline: str
    sign_up: str = ""
    sign_in: str = ""


@blueprint.get("/invitations/<string:token>")
@limiter.limit(OPENINGS_FROM_ONE_ADDRESS)
@public
def invitation(token: str) -> Answer:
    """What the invitation asks for, the agreement in full, and the two answers."""
    found = _by_token(token)
    return _page(found, _by_link(token), _fresh(found), DeclineForm(formdata=None))


@blueprint.post("/invitations/<string:token>")
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
@public
def join_panel(token: str) -> Answer:
    """A person without an account opens one and agrees in one step."""
    found = _by_token(token)
    form = AgreeAsNewForm()
    try:
        if form.validate_on_submit():
            password = hashed(form.password.data, form.full_name.data, found.email)
            person = NewPerson(found.email, form.full_name.data, password, form.phone.data or "", select_language())
            with unit_of_work() as unit:
                user = services.accept_as_new_person(token, person, form.digest.data or "")
                unit.answer = url_for("accounts.sign_in")
            let_in(user)
            flash(gettext("You have agreed. Fill in your profile: applications are assigned by it"), "ok")
            return redirect(url_for("reviews.own_profile"))
    except DomainError as error:
        put_on_form(form, error)
    form.show_present_text()
    return _refused(_page(_by_token(token), _by_link(token), form, DeclineForm(formdata=None)))


@blueprint.post("/invitations/<string:token>/accept")
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
@signed_in
def accept_by_link(token: str) -> Answer:
    """The signed-in person agrees."""
    return _accept(_by_token(token), _by_link(token))


@blueprint.post("/invitations/<string:token>/decline")
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
@public
def decline_by_link(token: str) -> Answer:
    """Decline; whoever holds the letter may, signed in or not."""
    return _decline(_by_token(token), _by_link(token), after=url_for("reviews.invitation", token=token))


@blueprint.get("/profile/invitations/<string:code>")
@signed_in
def own_invitation(code: str) -> Answer:
    """One's own invitation without the letter."""
    found = _own(code)
    return _page(found, _by_code(code), _fresh(found), DeclineForm(formdata=None))


@blueprint.post("/profile/invitations/<string:code>/accept")
@signed_in
def accept_own(code: str) -> Answer:
    """Agree on one's own page."""
    return _accept(_own(code), _by_code(code))


@blueprint.post("/profile/invitations/<string:code>/decline")
@signed_in
def decline_own(code: str) -> Answer:
    """Decline on one's own page."""
    return _decline(_own(code), _by_code(code), after=url_for("reviews.own_invitation", code=code))


@blueprint.post("/profile/invitations/<string:code>/step-back")
@signed_in
def step_back(code: str) -> Answer:
    """Leave the panel after having agreed; open assignments end."""
    found = _own(code)
    form = DeclineForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            count = services.step_back(found, form.reason.data or "", by=viewer())
            unit.answer = url_for("reviews.own_invitation", code=code)
        told = ngettext("%(num)d application is handed over", "%(num)d applications are handed over", count)
        flash(gettext("You no longer score in this competition. %(told)s", told=told), "ok")
        return redirect(unit.answer)
    return _refused(_page(_own(code), _by_code(code), _fresh(found), form))


def own_rows(person: User) -> list[dict[str, Any]]:
    """The person's invitations for the page of the profile."""
    return [
        {
            "code": one.code,
            "competition": one.competition.title,
            "state": queries.state_now(one),
            "respond_by": one.respond_by,
            "answered_at": one.answered_at,
        }
        for one in queries.own_invitations(person)
    ]


def _accept(found: PanelInvitation, where: Addresses) -> Answer:
    form = AgreeForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.accept(found, form.digest.data or "", by=viewer())
                unit.answer = url_for("reviews.own_profile")
            flash(gettext("You have agreed. Fill in your profile: applications are assigned by it"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    form.show_present_text()
    return _refused(_page(found, where, form, DeclineForm(formdata=None)))


def _decline(found: PanelInvitation, where: Addresses, *, after: str) -> Answer:
    form = DeclineForm()
    try:
        if form.validate_on_submit():
            person = viewer() if current_user.is_authenticated else None
            with unit_of_work() as unit:
                services.decline(found, form.reason.data or "", by=person)
                unit.answer = after
            flash(gettext("You have declined. Thank you for the answer: another expert will be invited"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return _refused(_page(found, where, _fresh(found), form))


def _by_token(token: str) -> PanelInvitation:
    found = queries.invitation_by_digest(token_digest(token))
    if found is None:
        raise NotFound(UNKNOWN_LINK)
    return found


def _own(code: str) -> PanelInvitation:
    found = queries.own_invitation(viewer(), code)
    if found is None:
        raise NotFound()
    return found


def _by_link(token: str) -> Addresses:
    return Addresses(
        accept=url_for("reviews.accept_by_link", token=token),
        decline=url_for("reviews.decline_by_link", token=token),
        sign_up=url_for("reviews.join_panel", token=token),
        sign_in=url_for("accounts.sign_in", next=url_for("reviews.invitation", token=token)),
    )


def _by_code(code: str) -> Addresses:
    return Addresses(accept=url_for("reviews.accept_own", code=code), decline=url_for("reviews.decline_own", code=code))


def _has_account(found: PanelInvitation) -> bool:
    return found.user_id is not None or has_account(found.email)


def _fresh(found: PanelInvitation) -> AgreeForm:
    form: AgreeForm
    if current_user.is_authenticated or _has_account(found):
        form = AgreeForm(formdata=None)
    else:
        form = AgreeAsNewForm(formdata=None, full_name=found.full_name)
    form.show_present_text()
    return form


def _refused(page: Answer) -> Answer:
    return page if isinstance(page, tuple) else (page, 422)  # type: ignore[return-value]  # a drawn page is a text


def _page(found: PanelInvitation, where: Addresses, form: AgreeForm, decline_form: DeclineForm) -> Answer:
    is_owner = current_user.is_authenticated and services.is_owner(found, viewer())
    over = policy.why_not_answer(found)
    page = render_template(
        "reviews/invitation.html",
        invitation=found,
        competition=found.competition,
        state=queries.state_now(found),
        forecast=queries.forecast(found.competition),
        over=said(over),
        where=where,
        form=form,
        decline_form=decline_form,
        is_new=isinstance(form, AgreeAsNewForm),
        is_owner=is_owner,
        is_other=current_user.is_authenticated and not is_owner,
        why_not_step_back=said(policy.why_not_step_back(viewer(), found)) if is_owner else None,
        agreement=agreement_in(lang()),
        digest=agreement_digest(),
    )
    gone = over is not None and found.state not in (InvitationState.ACCEPTED, InvitationState.DECLINED)
    return (page, 410) if gone else page
