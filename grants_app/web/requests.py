"""Each request gets a number for the journal and the log, and a session that never leaks into the next."""

from __future__ import annotations

import secrets

from flask import Flask

from grants_app.database import request_id


def init_app(app: Flask) -> None:
    """Number requests."""
    app.before_request(_number_request)
    app.teardown_request(_forget_request)


def _number_request() -> None:
    request_id.set(secrets.token_hex(8))


def _forget_request(_error: BaseException | None) -> None:
    request_id.set(None)
