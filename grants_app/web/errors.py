"""The only place that turns refusals of the domain into answers of HTTP."""

from __future__ import annotations

import secrets
from typing import Any, cast

import structlog
from flask import Flask, current_app, flash, got_request_exception, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.wrappers import Response
from wtforms import Form

from grants_app.core.errors import (
    AlreadyDone,
    DomainError,
    EditConflict,
    KeyReused,
    ManyErrors,
    NotAllowed,
    NotFound,
    OverBudget,
    WrongState,
)
from grants_app.web.access import access_of
from grants_app.web.drafts import wants_json
from grants_app.web.formatting import facts_shown

log = structlog.get_logger()
_STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    WrongState: 409,
    EditConflict: 409,
    KeyReused: 409,
    OverBudget: 422,
}
# PostgreSQL lets one of two through that write the same at once: unique_violation, deadlock, serialization_failure.
_MEETINGS = frozenset({"23505", "40P01", "40001"})


def sentence(error: DomainError) -> str:
    """The refusal in the reader's language; facts that are msgids are translated too, sums are written out."""
    facts = {
        name: gettext(value) if isinstance(value, str) and name in {"state", "step", "role", "other"} else value
        for name, value in error.facts.items()
    }
    return gettext(error.message, **facts_shown(facts)) if facts else gettext(error.message)


def put_on_form(form: Form, error: DomainError) -> None:
    """Show a refusal at its field, or on the form as a whole (form-level errors lead the summary).

    A form cannot mend a missing thing or a key that was used with other contents: those rise as pages of their own.
    """
    if isinstance(error, NotFound | KeyReused):
        raise error
    errors = error.errors if isinstance(error, ManyErrors) else [error]
    for single in errors:
        text = sentence(single)
        if single.field is not None and single.field in form:
            field = form[single.field]
            field.errors = [*field.errors, text]
        else:
            form.form_errors.append(text)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(AlreadyDone, _already_done)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DBAPIError, _met)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_fault)


def _page(status: int, heading: str, text: str) -> tuple[Any, int]:
    if wants_json():
        return jsonify(status=status, message=text), status
    return render_template("layouts/error.html", status=status, error_heading=heading, error_text=text), status


def _domain_error(error: DomainError) -> tuple[Any, int]:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 422)
    headings = {
        403: lazy_gettext("This is not open to you"),
        404: lazy_gettext("There is no such page, or it is not open to you"),
        409: lazy_gettext("This is not possible now"),
    }
    return _page(status, str(headings.get(status, lazy_gettext("This cannot be done"))), sentence(error))


def _already_done(error: AlreadyDone) -> Response:
    # The twin of a double click gets the answer of the first.
    flash(gettext("Already done: the form was sent twice, it counted once"), "ok")
    return redirect(error.answer or request.referrer or url_for("accounts.home"))


def _stale(_error: StaleDataError) -> tuple[Any, int]:
    return _newer(409)


def _met(error: DBAPIError) -> tuple[Any, int]:
    """Two who did the same at once: nothing of this one is stored. A script that keeps what is typed tries again."""
    if getattr(error.orig, "sqlstate", None) not in _MEETINGS:
        return _our_fault(error)
    log.warning("two writers met", path=request.path, kind=type(error.orig).__name__)
    return _newer(503 if wants_json() else 409)


def _newer(status: int) -> tuple[Any, int]:
    return _page(
        status,
        gettext("Somebody saved a newer version"),
        gettext("While you were working, another person changed this. Open the page again and compare"),
    )


def _csrf(_error: CSRFError) -> tuple[Any, int] | HTTPException:
    # The token is asked for before the gate: a script must learn that the session, not the token, is over.
    access = access_of(current_app, request.endpoint) if wants_json() and request.endpoint else None
    if access is not None and access.kind != "public" and not current_user.is_authenticated:
        return _http_error(Unauthorized())
    return _page(
        400,
        gettext("The page was open too long"),
        gettext("Go back, reload the page and send the form again. Nothing has been changed"),
    )


def _http_error(error: HTTPException) -> tuple[Any, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    texts = {
        401: (lazy_gettext("Sign in first"), lazy_gettext("Your session has ended. Sign in and repeat")),
        403: (
            lazy_gettext("This is not open to you"),
            lazy_gettext("Your role does not open this page. Ask the administrator if you need it"),
        ),
        404: (
            lazy_gettext("There is no such page, or it is not open to you"),
            lazy_gettext("Check the address, or start from the home page"),
        ),
        405: (lazy_gettext("This address does not work that way"), lazy_gettext("Open the page and use its buttons")),
        413: (lazy_gettext("Too much at once"), lazy_gettext("The files are larger than allowed. Send smaller ones")),
        429: (lazy_gettext("Too many attempts"), lazy_gettext("Wait a minute and try again")),
    }
    heading, text = texts.get(status, (lazy_gettext("This cannot be done"), lazy_gettext("Try again")))
    return _page(status, str(heading), str(text))


def _our_fault(error: Exception) -> tuple[Any, int]:
    event = secrets.token_hex(4).upper()
    # Whoever watches a city's server listens to this; Flask itself says it only where nobody answers the error.
    got_request_exception.send(cast(Any, current_app)._get_current_object(), exception=error)
    log.error("unhandled", event_code=event, path=request.path, exc_info=error)
    return _page(
        500,
        gettext("Something broke on our side"),
        gettext("Your data is kept. Event code %(code)s, you may report it", code=event),
    )
