"""Rehearsals: a call played to its end with made-up applications, in a database and folder of its own, and visited."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def mount(app: Flask) -> None:
    """Let rehearsals of this installation be visited under its own addresses."""
    from grants_app.rehearsal.mounting import Rehearsals
    from grants_app.rehearsal.visiting import visited_app

    app.wsgi_app = Rehearsals(app, visited_app)  # type: ignore[method-assign]  # the way Flask names for middleware
