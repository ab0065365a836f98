"""The second factor: the second step of signing in, setting up, recovery codes, switching off, a reset."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts import queries
from grants_app.accounts import services as account_services
from grants_app.accounts.forms.second_factor import CodeForm, PasswordAndCodeForm, ResetForm, SetUpForm
from grants_app.accounts.models import User
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import ATTEMPTS_FROM_ONE_ADDRESS, Page, attempts, let_in, me, safe_next
from grants_app.accounts.rules.second_factor import (
    SECOND_STEP_WITHIN,
    WRONG_CODE,
    address_for_phone,
    new_secret,
    spaced,
)
from grants_app.accounts.services import second_factor as services
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, WrongState
from grants_app.core.sealing import BrokenSealError
from grants_app.database import request_key, unit_of_work
from grants_app.extensions import limiter
from grants_app.permissions import Permission
from grants_app.web.access import public, requires, signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.sealing import seal_of

changes = limiter.shared_limit(ATTEMPTS_FROM_ONE_ADDRESS, scope="second-factor")


@dataclass(frozen=True)
class _SecondStep:
    """Whose password was right a moment ago in this browser, and where the person wanted to go."""

    who: str
    target: str


@blueprint.get("/sign-in/code")
@public
def sign_in_code() -> Page:
    """The second step: a code, after a right password in this browser."""
    if _second_step() is None:
        return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/sign_in_code.html", form=CodeForm())


@blueprint.post("/sign-in/code")
@public
@attempts
def sign_in_code_post() -> Page:
    """Check the code, note the attempt, begin the session."""
    step, form = _second_step(), CodeForm()
    if step is None:
        flash(_("The password was entered too long ago. Sign in again"), "warn")
        return redirect(url_for("accounts.sign_in"))
    if form.validate_on_submit():
        # As with the password: the twin of a double click must not be answered from memory.
        request_key.set(None)
        with unit_of_work():
            answer = services.attempt_code(step.who, form.code.data or "", seal=seal_of(current_app))
        if answer.user is not None:
            let_in(answer.user)
            return redirect(safe_next(step.target) or url_for("accounts.home"))
        form.code.errors = [_(WRONG_CODE)]
    return render_template("accounts/sign_in_code.html", form=form), 422


@blueprint.get("/accounts/second-factor")
@signed_in
def second_factor() -> Page:
    """Whether the factor is on; the picture to scan while it is off."""
    return _page()


@blueprint.post("/accounts/second-factor")
@signed_in
@changes
def turn_on_second_factor() -> Page:
    """Prove the secret with a first code; show the recovery codes, once."""
    form, person = SetUpForm(), me()
    try:
        if form.validate_on_submit() and _is_password(form):
            with unit_of_work() as unit:
                unit.answer = url_for("accounts.second_factor")
                codes = services.turn_on(person, form.sealed.data or "", form.code.data, seal=seal_of(current_app))
            let_in(person)
            return _codes_page(codes)
    except InvalidInput as error:
        put_on_form(form, error)
    return _page(set_up=form), 422


@blueprint.post("/accounts/second-factor/off")
@signed_in
@changes
def turn_off_second_factor() -> Page:
    """Switch the factor off, with the password and a code."""
    form, person = PasswordAndCodeForm(), me()
    try:
        if form.validate_on_submit() and _is_password(form):
            with unit_of_work() as unit:
                services.turn_off(person, form.code.data, seal=seal_of(current_app))
                unit.answer = url_for("accounts.second_factor")
            flash(_("The second factor is off"), "ok")
            return redirect(unit.answer)
    except InvalidInput as error:
        _count_wrong(person)
        put_on_form(form, error)
    return _page(change=form), 422


@blueprint.post("/accounts/second-factor/recovery-codes")
@signed_in
@changes
def renew_recovery_codes() -> Page:
    """New recovery codes, shown once; the earlier ones are void."""
    form, person = PasswordAndCodeForm(), me()
    try:
        if form.validate_on_submit() and _is_password(form):
            with unit_of_work() as unit:
                unit.answer = url_for("accounts.second_factor")
                codes = services.renew_recovery_codes(person, form.code.data, seal=seal_of(current_app))
            return _codes_page(codes)
    except InvalidInput as error:
        _count_wrong(person)
        put_on_form(form, error)
    return _page(change=form), 422


@blueprint.get("/accounts/users/<int:number>/second-factor")
@requires(Permission.USER_MANAGE)
def reset_second_factor(number: int) -> Page:
    """Removing the factor of somebody who lost the phone: who, what it means, why."""
    return _reset_page(queries.person(number), ResetForm())


@blueprint.post("/accounts/users/<int:number>/second-factor")
@requires(Permission.USER_MANAGE)
def reset_second_factor_post(number: int) -> Page:
    """Remove it; the person gets a letter with the reason."""
    found, form = queries.person(number), ResetForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                services.reset(queries.person(number), form.reason.data or "", by=me())
                unit.answer = url_for("accounts.user", number=number)
            flash(_("The second factor is reset, the person has been told"), "ok")
            return redirect(unit.answer)
    except (InvalidInput, WrongState) as error:
        put_on_form(form, error)
    return _reset_page(found, form), 422


def _second_step() -> _SecondStep | None:
    noted = session.get("second_step")
    if not isinstance(noted, dict):
        return None
    age = clock.now().timestamp() - float(noted.get("since", 0))
    if not 0 <= age < SECOND_STEP_WITHIN.total_seconds():
        return None
    return _SecondStep(str(noted.get("who", "")), str(noted.get("next", "")))


def _is_password(form: PasswordAndCodeForm) -> bool:
    if account_services.is_current_password(current_user, form.password.data):
        return True
    form.password.errors = [_("This is not your current password")]
    _count_wrong(me())
    return False


def _count_wrong(person: User) -> None:
    """A wrong code or password counts, though what it was for is refused as a whole."""
    request_key.set(None)
    with unit_of_work():
        services.note_wrong_code(person)


def _page(set_up: SetUpForm | None = None, change: PasswordAndCodeForm | None = None) -> str:
    person = me()
    if person.totp_sealed is not None:
        return render_template(
            "accounts/second_factor.html",
            form=change or PasswordAndCodeForm(formdata=None),
            since=person.totp_since,
            left=len(person.recovery_digests),
            picture="",
            secret="",
        )
    import segno

    form, secret = _prepared(person, set_up)
    settings = current_app.config["SETTINGS"]
    address = address_for_phone(secret, account=person.email, issuer=settings.product_name)
    return render_template(
        "accounts/second_factor.html",
        form=form,
        since=None,
        left=0,
        picture=segno.make(address, error="m").png_data_uri(scale=5, border=2),
        secret=spaced(secret),
    )


def _prepared(person: User, typed: SetUpForm | None) -> tuple[SetUpForm, str]:
    """The form with its sealed secret: the same after a mistake, so that the phone need not scan again."""
    seal = seal_of(current_app)
    if typed is not None:
        try:
            return typed, seal.open(typed.sealed.data or "", of=f"user {person.id}")
        except BrokenSealError:
            pass
    form, secret = typed or SetUpForm(formdata=None), new_secret()
    form.sealed.data = services.new_secret_for(person, secret, seal=seal)
    return form, secret


def _codes_page(codes: list[str]) -> str:
    return render_template("accounts/recovery_codes.html", codes=codes)


def _reset_page(found: User, form: ResetForm) -> str:
    return render_template(
        "accounts/reset_second_factor.html", form=form, person=queries.person_row(found), is_on=bool(found.totp_sealed)
    )
