"""Idempotency of forms and calls: the key that a rendered form carries is claimed by the unit of work."""

from __future__ import annotations

import hashlib
import secrets

from flask import Flask, request
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from grants_app.database import RequestKey, request_key

FIELD = "form_key"
HEADER = "Idempotency-Key"


def form_key() -> str:
    """A fresh key for a form being rendered."""
    return secrets.token_urlsafe(18)


def init_app(app: Flask) -> None:
    """Read the key of each writing request; forget it when the request ends."""
    app.before_request(_read_key)
    app.teardown_request(_forget_key)


def _read_key() -> None:
    request_key.set(None)
    if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return
    key = request.headers.get(HEADER) or request.form.get(FIELD)
    if not key:
        return
    actor = str(current_user.get_id()) if current_user.is_authenticated else "anonymous"
    request_key.set(RequestKey(actor=actor, key=key[:80], digest=_digest()))


def _forget_key(_error: BaseException | None) -> None:
    request_key.set(None)


def _digest_of_file(file: FileStorage) -> str:
    """Another file under the same name is other contents; the stream is left where it was."""
    found = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # a binary file
    file.stream.seek(0)
    return found


def _digest() -> str:
    body = hashlib.sha256(request.path.encode())
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        for name in sorted(request.form):
            if name != "csrf_token":
                body.update(repr((name, request.form.getlist(name))).encode())
        for name in sorted(request.files):
            for file in request.files.getlist(name):
                body.update(repr((name, file.filename, _digest_of_file(file))).encode())
    else:
        body.update(request.get_data(cache=True))
    return body.hexdigest()
