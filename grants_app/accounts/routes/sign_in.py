"""Coming in, leaving, and a new password by mail."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_security.utils import login_user, logout_user
from werkzeug.wrappers import Response

from grants_app.accounts import queries, services
from grants_app.accounts.forms import ConfirmForm, ForgottenForm, NewPasswordForm, SignInForm
from grants_app.accounts.models import User
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.services.links import LINK_OVER, token_digest
from grants_app.core import clock
from grants_app.core.errors import DomainError, NotAllowed
from grants_app.database import request_key, unit_of_work
from grants_app.extensions import limiter
from grants_app.web.access import public, signed_in
from grants_app.web.errors import put_on_form

ATTEMPTS_FROM_ONE_ADDRESS = "20 per minute; 200 per hour"
LETTERS_FROM_ONE_ADDRESS = "5 per minute; 30 per hour"
Page = str | Response | tuple[str, int]
# The sign-in page and the dialog over a page share one count of attempts.
attempts = limiter.shared_limit(ATTEMPTS_FROM_ONE_ADDRESS, scope="sign-in")


def safe_next(target: str | None) -> str | None:
    """The address to go on to, if it is a page of this site; anything else is dropped."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if "\\" in target or any(ord(sign) < 33 for sign in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def let_in(user: User) -> None:
    """Begin the person's session; what an earlier visitor left in it is dropped."""
    session.clear()
    session.permanent = True
    login_user(user, remember=False, authn_via=["password"])


def let_in_or_ask(user: User, target: str | None = None) -> Response:
    """Begin the session, or ask for the code first where a second factor is on; then on to the wished page."""
    if user.totp_sealed is None:
        let_in(user)
        return redirect(target or url_for("accounts.home"))
    session.clear()
    session["second_step"] = {"who": user.get_id(), "since": int(clock.now().timestamp()), "next": target or ""}
    return redirect(url_for("accounts.sign_in_code"))


def me() -> User:
    """The signed-in person as a row, for services that store a relation to it."""
    person = current_user._get_current_object()
    assert isinstance(person, User)
    return person


@blueprint.get("/sign-in")
@public
def sign_in() -> Page:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")) or url_for("accounts.home"))
    return render_template("accounts/sign_in.html", form=SignInForm(next=request.args.get("next")))


@blueprint.post("/sign-in")
@public
@attempts
def sign_in_post() -> Page:
    """Check the password, note the attempt, begin the session."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422
    checked = services.check_password(form.email.data, form.password.data)
    # The twin of a double click must get a session as well, so this form is not answered from memory.
    request_key.set(None)
    with unit_of_work():
        answer = services.attempt_sign_in(form.email.data, checked)
    if answer.user is not None:
        return let_in_or_ask(answer.user, safe_next(form.next.data))
    if answer.refusal == services.UNCONFIRMED:
        form.form_errors.append(_("Confirm your address first: we have just sent the letter with the link once more"))
    else:
        form.form_errors.append(
            _(
                "The e-mail or the password is not right. After eight wrong passwords an account is closed for 15 "
                "minutes"
            )
        )
    return render_template("accounts/sign_in.html", form=form), 422


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Page:
    """End the session."""
    with unit_of_work():
        services.note_sign_out(current_user)
    logout_user()
    session.clear()
    flash(_("You have signed out"), "ok")
    answer = redirect(url_for("accounts.start"))
    # What this browser keeps for work without a network goes with the session, the key of the texts included.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.get("/accounts/forgotten")
@public
def forgotten() -> Page:
    """Asking for a link to a new password."""
    return render_template("accounts/forgotten.html", form=ForgottenForm())


@blueprint.post("/accounts/forgotten")
@public
@limiter.limit(LETTERS_FROM_ONE_ADDRESS)
def forgotten_post() -> Page:
    """Send the link if the address is known; the answer is the same if it is not."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form), 422
    with unit_of_work() as unit:
        services.request_new_password(form.email.data)
        unit.answer = url_for("accounts.letter_sent")
    return redirect(unit.answer)


@blueprint.get("/accounts/letter-sent")
@public
def letter_sent() -> Page:
    """What to do now: look into the mail."""
    return render_template("accounts/letter_sent.html")


@blueprint.get("/accounts/new-password/<string:token>")
@public
def new_password(token: str) -> Page:
    """Choosing a new password by a mailed link."""
    _link_owner(token, "password")
    return render_template("accounts/new_password.html", form=NewPasswordForm(), token=token)


@blueprint.post("/accounts/new-password/<string:token>")
@public
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
def new_password_post(token: str) -> Page:
    """Store the new password and begin a session."""
    owner = _link_owner(token, "password")
    form = NewPasswordForm()
    try:
        if form.validate_on_submit():
            password = services.hashed(form.password.data, owner.full_name, owner.email)
            with unit_of_work() as unit:
                user = services.set_new_password(token, password)
                unit.answer = url_for("accounts.sign_in")
            onward = let_in_or_ask(user)
            flash(_("The new password is in force, other sessions have ended"), "ok")
            return onward
    except DomainError as error:
        put_on_form(form, error)
    return render_template("accounts/new_password.html", form=form, token=token), 422


@blueprint.get("/accounts/confirm/<string:token>")
@public
def confirm(token: str) -> Page:
    """Confirming an address by a mailed link: a button, because opening a page writes nothing."""
    owner = _link_owner(token, "confirm")
    return render_template("accounts/confirm.html", form=ConfirmForm(), token=token, email=owner.email)


@blueprint.post("/accounts/confirm/<string:token>")
@public
@limiter.limit(ATTEMPTS_FROM_ONE_ADDRESS)
def confirm_post(token: str) -> Page:
    """Open the account and begin a session."""
    with unit_of_work() as unit:
        user = services.confirm_address(token)
        unit.answer = url_for("accounts.sign_in")
    onward = let_in_or_ask(user)
    flash(_("Your address is confirmed"), "ok")
    return onward


def _link_owner(token: str, purpose: str) -> User:
    link = queries.usable_link(token_digest(token), purpose)
    if link is None:
        raise NotAllowed(LINK_OVER)
    return link.user
