"""Fixtures of every test: the product on SQLite and on PostgreSQL, a client, a browser, a clock that stands still."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, got_request_exception
from flask import request as asked
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

import start
from grants_app.core import clock as product_clock
from tests.support import browser as chromium
from tests.support import cluster, told
from tests.support.client import OutsideClient
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles, application
from tests.support.time import FrozenClock

ROOT = Path(__file__).resolve().parents[1]
IN_CI = bool(os.environ.get("CI"))
# No test looks at a clock; where everything must pass, the examples are the same every time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=IN_CI)
settings.load_profile("here")
NO_POSTGRES = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
NO_CHROMIUM = "Chromium is not installed (Debian: apt-get install chromium)"
NO_SHARED_DATA = "the published competitions are not beside the project: set GRANTS_SHARED_DATA to their folder"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        cluster.prepare()
        start.compile_translations(Path(sys.executable))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        cluster.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "databases" not in metafunc.fixturenames:
        return
    engines = ["sqlite", "postgresql"]
    if metafunc.definition.get_closest_marker("sqlite_only"):
        engines = ["sqlite"]
    elif metafunc.definition.get_closest_marker("postgres_only"):
        engines = ["postgresql"]
    metafunc.parametrize("databases", engines, indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested; where everything must be, a skipped test is a failure."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        count = sum(reason in str(report.longrepr) for report in skipped)
        terminalreporter.write_line(f"!!! NOT TESTED ({count} tests): {reason}", red=True, bold=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("\n!!! tests were skipped, and here (CI is set) nothing may be", red=True, bold=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The databases of one engine."""
    if request.param == "sqlite":
        yield SqliteFiles()
        return
    if cluster.binaries() is None:
        pytest.skip(NO_POSTGRES)
    yield PostgresDatabases()


@pytest.fixture(scope="session")
def application_of_engine(databases: Databases) -> Iterator[Flask]:
    """The product on one engine, made once; tests use `app`."""
    with application(databases) as app:
        app.test_client_class = OutsideClient
        yield app


@pytest.fixture
def app(application_of_engine: Flask, databases: Databases) -> Iterator[Flask]:
    """The product on a fresh, migrated database, inside an application context; once on each engine."""
    databases.renew(application_of_engine)
    with application_of_engine.app_context():
        yield application_of_engine


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browserless visitor, not signed in."""
    return app.test_client()


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    """The clock, standing at noon of Monday 1 March 2027 in Kyiv until moved; it runs again after the test."""
    yield FrozenClock("2027-03-01 12:00")
    product_clock.freeze(None)


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """Address of the product served on this machine."""
    with chromium.live(app) as address:
        yield address


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """One headless Chromium for the whole session."""
    if chromium.chromium() is None:
        pytest.skip(NO_CHROMIUM)
    # Patience, not behaviour: on a loaded machine an answer may take longer than the five seconds that are usual.
    expect.set_options(timeout=15_000)
    with chromium.launched() as browser:
        yield browser


@pytest.fixture
def browser_context(chromium_browser: Browser, live_server: str) -> Iterator[BrowserContext]:
    """One person's browser in Ukrainian; the test fails when a page was refused, broken or answered with an error."""
    complaints = chromium.Complaints()
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=chromium.WIDE) as context:
        context.set_default_timeout(20_000)
        complaints.watch(context)
        yield context
    assert complaints == []


@pytest.fixture
def browser_page(browser_context: BrowserContext) -> Page:
    """A page of that browser; `browser_page.goto("/")` opens the product."""
    return browser_context.new_page()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published competitions by which the engine is proved."""
    folder = Path(os.environ.get("GRANTS_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(NO_SHARED_DATA)
    return folder


@pytest.fixture(autouse=True)
def nothing_breaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test may end well while a page of it broke, whoever asked for that page. The mark `breaks` says it must."""
    broken: list[str] = []

    def note(_app: Flask, exception: Exception, **_more: object) -> None:
        broken.append(f"{asked.method} {asked.path}: {exception!r}")

    with got_request_exception.connected_to(note):
        yield
    is_meant = request.node.get_closest_marker("breaks") is not None
    assert bool(broken) == is_meant, broken


@pytest.fixture(autouse=True)
def steps_tell_somebody(request: pytest.FixtureRequest) -> Iterator[None]:
    """The law of letters in every test of a stage: whatever step it takes writes its letter in the step's own unit."""
    with told.watched() as seen:
        yield
    if request.path.parent.name in told.STAGES:
        assert seen.silent - told.MAY_FIND_NOBODY.keys() == set()
