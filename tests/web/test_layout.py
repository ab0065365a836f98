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
