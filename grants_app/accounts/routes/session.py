"""The session of an open page: how long it lasts, and signing in again without leaving what is being written."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, jsonify
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from grants_app.accounts import services
from grants_app.accounts.forms import SignInForm
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import attempts, let_in
from grants_app.accounts.rules.second_factor import WRONG_CODE
from grants_app.accounts.services import second_factor
from grants_app.database import request_key, unit_of_work
from grants_app.web.access import public
from grants_app.web.drafts import person_mark
from grants_app.web.sealing import seal_of

JsonAnswer = Response | tuple[Response, int]


@blueprint.get("/session")
@public
def session_state() -> Response:
    """Who is signed in at this browser now, for how long, and the token for the next form. Asking prolongs it."""
    return jsonify(_state())


@blueprint.post("/session")
@public
@attempts
def sign_in_again() -> JsonAnswer:
    """Sign in from a dialog over the page: the same check, count of attempts and lock as on the sign-in page."""
    form = SignInForm()
    if not form.validate_on_submit():
        return jsonify(message=next(iter(form.errors.values()))[0]), 422
    checked = services.check_password(form.email.data, form.password.data)
    request_key.set(None)
    with unit_of_work():
        answer = services.attempt_sign_in(form.email.data, checked)
    if answer.user is not None and answer.refusal == services.NEEDS_CODE:
        answer = _second_step(answer, form.code.data or "")
        if answer.user is None and not form.code.data:
            return jsonify(message=gettext("Enter the code from your application"), needs_code=True), 422
        if answer.user is None:
            return jsonify(message=gettext(WRONG_CODE), needs_code=True), 422
    if answer.user is None:
        message = gettext("The password is not right. After eight wrong passwords an account is closed for 15 minutes")
        return jsonify(message=message), 422
    let_in(answer.user)
    g.pop("csrf_token", None)  # made for the session that has just been dropped
    return jsonify(_state())


def _second_step(answer: services.SignInAnswer, code: str) -> services.SignInAnswer:
    """The code of the second factor, from the same dialog; without one nothing is counted."""
    if answer.user is None or not code:
        return services.SignInAnswer(None, services.WRONG)
    identity = answer.user.get_id()
    with unit_of_work():
        return second_factor.attempt_code(identity, code, seal=seal_of(current_app))


def _state() -> dict[str, Any]:
    is_in = bool(current_user.is_authenticated)
    return {
        "person": person_mark(current_user.id) if is_in else "",
        "seconds": int(current_app.permanent_session_lifetime.total_seconds()) if is_in else 0,
        "csrf_token": generate_csrf(),
    }
