"""The seal of this installation: its key comes from the secret key; keys before a change still open."""

from __future__ import annotations

from flask import Flask

from grants_app.core.sealing import Seal


def seal_of(app: Flask) -> Seal:
    """The seal of second factors."""
    found = app.extensions.get("second_factor_seal")
    if not isinstance(found, Seal):
        keys = [str(app.config["SECRET_KEY"]), *map(str, app.config.get("SECRET_KEY_FALLBACKS") or ())]
        found = app.extensions["second_factor_seal"] = Seal(keys, purpose="second factor")
    return found
