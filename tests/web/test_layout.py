"""What stands in the head of every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

pytestmark = pytest.mark.sqlite_only


def test_font_is_asked_for_beforehand_by_the_address_of_the_style_sheet(app: Flask, client: FlaskClient) -> None:
    asked = re.findall(r'<link rel="preload" href="/static/([^"]+)"', client.get("/sign-in").text)
    styles = (Path(app.static_folder or "") / "theme.css").read_text(encoding="utf-8")
    used = re.findall(r'url\("([^"]+)"\)', styles)
    assert (len(asked), [address for address in asked if address not in used]) == (1, [])


def test_named_contents_are_kept_by_the_browser_and_nothing_else(client: FlaskClient) -> None:
    address = re.findall(r'href="(/static/theme\.css\?v=[^"]+)"', client.get("/sign-in").text)[0]
    kept, asked = client.get(address), client.get("/static/theme.css")
    # «private»: a static answer may carry the cookie of a session.
    assert (kept.status_code, kept.headers["Cache-Control"]) == (200, "private, max-age=31536000, immutable")
    assert asked.headers["Cache-Control"] == "no-cache"
    assert "Cache-Control" not in client.get("/static/missing.css?v=1").headers
