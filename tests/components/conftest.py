"""The gallery as a test client and as a server for headless Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from .gallery import create_gallery


class SilentHandler(WSGIRequestHandler):
    """Answers without a line in the test's output."""

    def log(self, type: str, message: str, *args: object) -> None:  # the name is werkzeug's
        """Write nothing."""


@pytest.fixture(scope="session")
def gallery() -> Flask:
    """The application with all layouts and components."""
    return create_gallery()


@pytest.fixture
def client(gallery: Flask) -> FlaskClient:
    """A client of the gallery."""
    return gallery.test_client()


@pytest.fixture(scope="session")
def gallery_url(gallery: Flask) -> Iterator[str]:
    """Address of the gallery served on a free port."""
    server = make_server("127.0.0.1", 0, gallery, threaded=True, request_handler=SilentHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(chromium_browser: Browser) -> Iterator[Page]:
    """A fresh page on a wide screen; any refused script or failed request fails the test."""
    context = chromium_browser.new_context(viewport={"width": 1280, "height": 900}, locale="uk-UA")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert faults == []
