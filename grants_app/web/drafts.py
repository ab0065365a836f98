"""What a page needs to save as people type: the stored answers as form fields, and who is signed in at this browser."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any

from flask import current_app, request
from wtforms import BooleanField, FileField, PasswordField
from wtforms.fields.choices import SelectFieldBase

NOT_ANSWERS = frozenset({"csrf_token", "form_key", "version", "submit"})


def stored_fields(form: Iterable[Any]) -> dict[str, list[str]]:
    """A form with its stored values as a browser would send it: for each name the values, nothing for no choice."""
    return {name: values for name, values in _pairs(form) if name not in NOT_ANSWERS}


def _pairs(fields: Iterable[Any]) -> Iterator[tuple[str, list[str]]]:
    for field in fields:
        if hasattr(field, "entries"):
            yield from _pairs(field.entries)
        elif hasattr(field, "form"):
            yield from _pairs(field.form)
        elif not isinstance(field, FileField | PasswordField):
            yield field.name, _values(field)


def _values(field: Any) -> list[str]:
    if isinstance(field, BooleanField):
        return ["y"] if field.data else []
    if isinstance(field, SelectFieldBase):
        chosen = field.data if isinstance(field.data, list | tuple | set) else [field.data]
        return [str(one) for one in chosen if one not in (None, "")]
    return [str(field._value() or "")]


def person_mark(person_id: int) -> str:
    """A stable name of a person for this browser's own store; it says nothing outside this installation."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"browser store of {person_id}".encode(), hashlib.sha256).hexdigest()[:24]


def wants_json() -> bool:
    """Whether a script asks, which reads sentences and not pages."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
