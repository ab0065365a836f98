"""A person's own profile."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import services
from grants_app.accounts.forms import ChangePasswordForm, ProfileForm
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import ATTEMPTS_FROM_ONE_ADDRESS, Page, let_in, me
from grants_app.accounts.services.second_factor import note_wrong_code
from grants_app.core.errors import DomainError
from grants_app.database import request_key, unit_of_work
from grants_app.extensions import limiter
from grants_app.web.access import signed_in
from grants_app.web.errors import put_on_form


@blueprint.get("/accounts/profile")
@signed_in
def profile() -> Page:
    """Name, language, password."""
    return _page(ProfileForm(obj=current_user), ChangePasswordForm())


@blueprint.post("/accounts/profile")
@signed_in
def profile_post() -> Page:
    """Store name, phone and language."""
    form = ProfileForm()
    if not form.validate_on_submit():
        return _page(form, ChangePasswordForm()), 422
    with unit_of_work() as unit:
        services.change_profile(
            current_user,
            full_name=form.full_name.data,
            phone=form.phone.data or "",
            lang=form.lang.data,
            letters_by=form.letters_by.data,
            by=current_user,
        )
        unit.answer = url_for("accounts.profile", lang=form.lang.data)
    g.pop("language", None)
    flash(_("The profile is saved"), "ok")
    return redirect(unit.answer)


@blueprint.post("/accounts/profile/password")
@signed_in
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
def change_password() -> Page:
    """Change the password: every other session ends, this one goes on."""
    form = ChangePasswordForm()
    try:
        if form.validate_on_submit():
            if services.is_current_password(current_user, form.current.data):
                password = services.hashed(form.password.data, current_user.full_name, current_user.email)
                person = me()
                with unit_of_work() as unit:
                    services.change_password(person, password, by=person)
                    unit.answer = url_for("accounts.profile")
                let_in(person)
                flash(_("The new password is in force, other sessions have ended"), "ok")
                return redirect(unit.answer)
            form.current.errors = [_("This is not your current password")]
            # Counted as at the sign-in page: a session left open is no place to guess the password at leisure.
            request_key.set(None)
            with unit_of_work():
                note_wrong_code(me())
    except DomainError as error:
        put_on_form(form, error)
    return _page(ProfileForm(formdata=None, obj=current_user), form), 422


def _page(form: ProfileForm, password_form: ChangePasswordForm) -> str:
    return render_template("accounts/profile.html", form=form, password_form=password_form)
