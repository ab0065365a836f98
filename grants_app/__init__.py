"""Grants and consulting vouchers of a city for its civil society organisations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """The application with every stage registered; `config` overrides what the environment says."""
    # Imported here so that child processes that only draw a document start without the web framework.
    from grants_app.factory import build
    from grants_app.rehearsal import mount

    app = build(config)
    mount(app)
    return app
