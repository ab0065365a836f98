"""A client whose requests start from nothing, as requests from outside do."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.database import db


class OutsideClient(FlaskClient):
    """Each request runs in an empty context: it shares neither session nor signed-in person with the test around it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; what the test had read before is read again after it."""
        if has_app_context():
            db.session.rollback()
        answer = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        return answer
