"""Pages of accounts, and the sign-in library behind them."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_principal import identity_changed, identity_loaded
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.core import _on_identity_loaded

from grants_app.accounts.models import RoleGrant, User
from grants_app.accounts.routes import sign_in, start
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.database import db

__all__ = ["blueprint", "init_app", "sign_in", "start"]


def init_app(app: Flask) -> None:
    """Bind the sign-in library without its pages, then our own pages."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_TOKEN_MAX_AGE=timedelta(seconds=1),  # no tokens in headers or addresses
    )
    security = Security(app, SQLAlchemyUserDatastore(db, User, RoleGrant), register_blueprint=False)
    security.login_manager.request_loader(lambda _request: None)  # a session is the only way in
    _without_second_gate(app, security)
    app.register_blueprint(blueprint)


def _without_second_gate(app: Flask, security: Security) -> None:
    """Permissions are asked by our gate alone: the library's own would load the person for every static file too."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    identity_changed.disconnect(security.principal._on_identity_changed, app)
    identity_loaded.disconnect(_on_identity_loaded, app)
