"""The administrator's pages: people, roles, invitations of staff."""

from __future__ import annotations

from math import ceil

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import policy, queries, services
from grants_app.accounts.forms import InviteStaffForm, RoleForm
from grants_app.accounts.forms.organisation import CloseAccountForm
from grants_app.accounts.models import User
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import Page
from grants_app.core.errors import DomainError, InvalidInput, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import ROLE_LABELS, Permission, Role
from grants_app.web.access import requires
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form
from grants_app.web.requests import page_number


@blueprint.get("/accounts/users")
@requires(Permission.USER_MANAGE)
def users() -> Page:
    """People with their roles."""
    return _list_page(InviteStaffForm())


@blueprint.post("/accounts/users/invite")
@requires(Permission.USER_MANAGE)
def invite_staff() -> Page:
    """Invite a person into a role by mail."""
    form = InviteStaffForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.invite_to_role(form.email.data, Role(form.role.data), lang=select_language(), by=current_user)
                unit.answer = url_for("accounts.users")
            flash(_("The invitation is on its way"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return _list_page(form), 422


@blueprint.get("/accounts/users/<int:number>")
@requires(Permission.USER_MANAGE)
def user(number: int) -> Page:
    """A person: roles in force and past, who gave them."""
    return _user_page(queries.person(number), RoleForm())


@blueprint.post("/accounts/users/<int:number>/roles")
@requires(Permission.USER_MANAGE)
def grant_role(number: int) -> Page:
    """Give a role."""
    form = RoleForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.grant_role(queries.person(number), Role(form.role.data), by=current_user)
                unit.answer = url_for("accounts.user", number=number)
            flash(_("The role is given"), "ok")
            return redirect(unit.answer)
    except NotFound:
        raise
    except DomainError as error:
        put_on_form(form, error)
    return _user_page(queries.person(number), form), 422


@blueprint.post("/accounts/users/<int:number>/roles/<string:role>/end")
@requires(Permission.USER_MANAGE)
def end_role(number: int, role: str) -> Page:
    """End a role."""
    if role not in list(Role):
        raise NotFound
    with unit_of_work() as unit:
        services.end_role(queries.person(number), Role(role), by=current_user)
        unit.answer = url_for("accounts.user", number=number)
    flash(_("The role has ended"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/users/<int:number>/close")
@requires(Permission.USER_MANAGE)
def close_account(number: int) -> Page:
    """Close an account with a reason: every session of the person ends, a letter tells why."""
    form = CloseAccountForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.close_account(queries.person(number), form.reason.data, by=current_user)
                unit.answer = url_for("accounts.user", number=number)
            flash(_("The account is closed, its sessions have ended. The person gets a letter with the reason"), "ok")
            return redirect(unit.answer)
    except InvalidInput as error:
        put_on_form(form, error)
    return _user_page(queries.person(number), RoleForm(formdata=None), closing=form), 422


@blueprint.post("/accounts/users/<int:number>/open")
@requires(Permission.USER_MANAGE)
def open_account(number: int) -> Page:
    """Open a closed account again; a letter tells."""
    with unit_of_work() as unit:
        services.open_account(queries.person(number), by=current_user)
        unit.answer = url_for("accounts.user", number=number)
    flash(_("The account is open again. The person gets a letter"), "ok")
    return redirect(unit.answer)


def _list_page(form: InviteStaffForm) -> str:
    text = request.args.get("text", "").strip()[:80]
    asked = request.args.get("role", "")
    role = Role(asked) if asked in list(Role) else None
    page = page_number()
    rows, total = queries.person_rows(text, role, page=page)
    return render_template(
        "accounts/users.html",
        form=form,
        rows=rows,
        total=total,
        page=page,
        pages=max(ceil(total / queries.PAGE_SIZE), 1),
        text=text,
        role=role or "",
        roles=[(each.value, _(ROLE_LABELS[each])) for each in Role],
        invitations=queries.invitation_rows(None),
    )


def _user_page(found: User, form: RoleForm, *, closing: CloseAccountForm | None = None) -> str:
    return render_template(
        "accounts/user.html",
        form=form,
        closing=closing or CloseAccountForm(formdata=None),
        person=queries.person_row(found),
        grants=queries.grant_rows(found),
        why_not_end=policy.why_not_end_role(current_user, found),
        why_not_close=policy.why_not_close_account(current_user, found),
    )
