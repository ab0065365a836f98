"""Visiting rehearsals: a second instance of the application under /rehearsals/<code>/<moment>/, over copies of its own.

One further instance serves every rehearsal: which database and which folder of files it reads, and where its clock
stands, belong to the request (context variables), never to the process. It is built when a rehearsal is first visited.
Its session has a cookie and a key of its own; it is entered by a ticket that the application's own desk signs, valid
for a minute. It sends no letters and asks nobody else's queue for jobs.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.pool import NullPool
from werkzeug.wsgi import ClosingIterator

from grants_app.competitions.queries.rehearsal import Rehearsal, rehearsal_of
from grants_app.competitions.rules.rehearsal import MOUNT
from grants_app.core import clock
from grants_app.journal import jobs
from grants_app.journal.worker import _wake as wake_worker

_ADDRESS = re.compile(rf"{MOUNT}/([A-Z0-9-]{{3,20}})/([a-z]+)(/.*)?", re.ASCII)
Wsgi = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Place:
    """Where the running request is: a moment of a rehearsal."""

    rehearsal: Rehearsal
    moment: str
    at: datetime

    @property
    def database(self) -> Path:
        """The copy of the database at this moment."""
        return self.rehearsal.path / "moments" / f"{self.moment}.sqlite3"

    @property
    def files(self) -> Path:
        """Files of the made-up applications."""
        return self.rehearsal.path / "files"


_place: ContextVar[Place | None] = ContextVar("grants_rehearsal_place", default=None)


def place() -> Place:
    """Where the running request is. Raises RuntimeError outside a rehearsal: nothing may fall back to real data."""
    found = _place.get()
    if found is None:
        raise RuntimeError("outside a rehearsal")
    return found


class Folder:
    """The folder of files of whichever rehearsal is visited."""

    def __fspath__(self) -> str:
        return str(place().files)


class Rehearsals:
    """Sends requests under /rehearsals to the second instance, all others to the application itself."""

    def __init__(self, app: Flask, make: Callable[[dict[str, object]], Flask]) -> None:
        self._app, self._make, self._wsgi = app, make, app.wsgi_app
        self._visited: Flask | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = _ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        where = self._where(*found.groups()[:2]) if found else None
        if found is None or where is None:
            return self._wsgi(environ, start_response)
        visited = self._instance()
        _enter(where)
        prefix = f"{MOUNT}/{found[1]}/{found[2]}"
        moved = {
            **environ,
            "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
            "PATH_INFO": found[3] or "/",
        }
        try:
            return ClosingIterator(visited.wsgi_app(moved, start_response), [_leave])
        except BaseException:
            _leave()
            raise

    def _where(self, code: str, moment: str) -> Place | None:
        found = rehearsal_of(root_of(self._app), code)
        if found is None or found.status != "ready":
            return None
        at = next((one.at for one in found.moments if one.name == moment), None)
        return None if at is None else Place(found, moment, at)

    def _instance(self) -> Flask:
        with self._lock:
            if self._visited is None:
                self._visited = self._built()
            return self._visited

    def _built(self) -> Flask:
        main = self._app
        root = root_of(main)
        root.mkdir(parents=True, exist_ok=True)
        settings = replace(
            main.config["SETTINGS"],
            instance=str(root),
            database_url=f"sqlite:///{root / 'none.sqlite3'}",
            storage_bucket="",
            mail_backend="dummy",
            secret_key=hashlib.sha256(f"rehearsal/{main.config['SECRET_KEY']}".encode()).hexdigest(),
            demo=False,
        )
        visited = self._make(
            {
                "SETTINGS": settings,
                "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool, "creator": _connect},
                "STORAGE_PATH": Folder(),
                "SESSION_COOKIE_NAME": "grants_rehearsal",
                "SESSION_COOKIE_PATH": MOUNT,
                "TICKET_KEY": main.config["SECRET_KEY"],
                "TESTING": main.testing,
                "WTF_CSRF_ENABLED": main.config.get("WTF_CSRF_ENABLED", True),
            }
        )
        # Building an instance has made it the one whose worker is woken: the real one is again.
        jobs.wake_with(lambda code: _work(visited, code) if _place.get() else wake_worker(main, code))
        return visited


def root_of(app: Flask) -> Path:
    """Where rehearsals of an installation lie."""
    return Path(app.config["SETTINGS"].instance) / "rehearsals"


def _enter(where: Place) -> None:
    _place.set(where)
    clock.hold(where.at)


def _leave() -> None:
    _place.set(None)
    clock.hold(None)


def _connect() -> sqlite3.Connection:
    # mode=rw: a rehearsal that was deleted meanwhile is not made anew by looking at it.
    return sqlite3.connect(f"file:{place().database}?mode=rw", uri=True, check_same_thread=False)


def _work(app: Flask, code: str | None) -> None:
    """A job asked for by a visitor runs beside the request, in the same place; letters stay where they are."""
    where = _place.get()
    if code is None or where is None:
        return

    def run() -> None:
        _enter(where)
        with app.app_context():
            jobs.do_job(code)

    threading.Thread(target=run, name=f"rehearsal-{code}", daemon=True).start()
