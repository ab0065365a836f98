"""Each request gets a number for the journal and the log, and a session that never leaks into the next."""

from __future__ import annotations

import secrets

from flask import Flask, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from grants_app.core.wholes import whole
from grants_app.database import request_id

NUL = "\x00"  # PostgreSQL stores it in no text, SQLite does
LARGEST_NUMBER = 2**31 - 1
LAST_PAGE = 99_999
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def init_app(app: Flask) -> None:
    """Number requests; behind proxies of ours, believe what they say of the address and the scheme."""
    hops = app.config["SETTINGS"].proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.before_request(_number_request)
    app.before_request(_refuse_unreadable)
    app.teardown_request(_forget_request)


def page_number() -> int:
    """The page of a list that the address asks for; the first one for anything that is no page."""
    number = whole(request.args.get("page")) or 1
    return number if number <= LAST_PAGE else 1


def _number_request() -> None:
    request_id.set(secrets.token_hex(8))


def _refuse_unreadable() -> None:
    """What no column holds is no address and no answer: a number beyond the databases' integers, the sign NUL."""
    for value in (request.view_args or {}).values():
        if (isinstance(value, int) and value > LARGEST_NUMBER) or (isinstance(value, str) and NUL in value):
            abort(404)
    sent = [request.args, request.form] if request.method in WRITING else [request.args]
    for name, value in (pair for values in sent for pair in values.items(multi=True)):
        if NUL in name or NUL in value:
            abort(400)


def _forget_request(_error: BaseException | None) -> None:
    request_id.set(None)
