"""The demo year, built once for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.core import clock as product_clock
from grants_app.database import db
from grants_app.demo.cast import SIGN_INS
from grants_app.demo.year import build
from grants_app.web.files import storage_of
from tests.support import browser as chromium
from tests.support.client import OutsideClient
from tests.support.databases import SqliteFiles, application
from tests.support.time import FrozenClock

DEMO_MOMENT = "2026-11-22 12:00"
GUEST = "guest"
VISITORS = (GUEST, *(str(role) for role, _email in SIGN_INS))


@pytest.fixture(scope="session")
def demo() -> Iterator[Flask]:
    """The product with the demo year in it, on SQLite; tests only read there."""
    databases = SqliteFiles()
    with application(databases) as app:
        app.test_client_class = OutsideClient
        app.config["PROPAGATE_EXCEPTIONS"] = False  # a fault must come as the page that a visitor would get
        databases.renew(app)
        FrozenClock(DEMO_MOMENT)
        with app.app_context():
            build(storage_of(app), lambda _sentence: None)
        product_clock.freeze(None)
        yield app


@pytest.fixture
def demo_day(demo: Flask) -> Iterator[Flask]:
    """The same, on the day at which the story stands."""
    FrozenClock(DEMO_MOMENT)
    yield demo
    product_clock.freeze(None)


@pytest.fixture(scope="session")
def demo_server(demo: Flask) -> Iterator[str]:
    """Address of the demo on this machine."""
    with chromium.live(demo) as address:
        yield address


def demo_client(app: Flask, visitor: str) -> OutsideClient:
    """A client of a visitor: a guest, or the demo's person of a role, already signed in."""
    client = app.test_client()
    assert isinstance(client, OutsideClient)
    if visitor == GUEST:
        return client
    email = next(email for role, email in SIGN_INS if str(role) == visitor)
    with app.app_context():
        uniquifier = db.session.scalars(sa.select(User.fs_uniquifier).filter_by(email=email)).one()
    with client.session_transaction() as session:
        session["_user_id"] = uniquifier
        session["_fresh"] = True
    return client
