"""Grants and consulting vouchers of a city for its civil society organisations."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """The application with every stage registered; `config` overrides what the environment says."""
    # What is made here stays as long as the process: the collector, called for by so many new objects, would walk them
    # again and again and find nothing (a quarter of the start).
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        # Imported here so that child processes that only draw a document start without the web framework.
        from grants_app.factory import build
        from grants_app.rehearsal import mount

        app = build(config)
        mount(app)
    finally:
        if was_collecting:
            gc.enable()
    return app
