"""Each request gets a number for the journal and the log, and a session that never leaks into the next."""

from __future__ import annotations

import secrets

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from grants_app.database import request_id


def init_app(app: Flask) -> None:
    """Number requests; behind proxies of ours, believe what they say of the address and the scheme."""
    hops = app.config["SETTINGS"].proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.before_request(_number_request)
    app.teardown_request(_forget_request)


def _number_request() -> None:
    request_id.set(secrets.token_hex(8))


def _forget_request(_error: BaseException | None) -> None:
    request_id.set(None)
