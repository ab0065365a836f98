"""Pages of accounts, and the sign-in library behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_principal import identity_changed, identity_loaded
from flask_security import Security, SQLAlchemyUserDatastore, UserMixin
from flask_security.core import _on_identity_loaded
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import RoleGrant, User
from grants_app.accounts.queries import people_found, people_names
from grants_app.accounts.routes import (
    library,
    organisations,
    people,
    profile,
    register,
    second_factor,
    session,
    sign_in,
    start,
)
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.database import db
from grants_app.journal.queries import describe, offer_people
from grants_app.permissions import ORGANISATION_ROLES, Role
from grants_app.web.panels import NavEntry, register_due, register_nav
from grants_app.web.panels import register as register_panel

__all__ = [
    "blueprint",
    "init_app",
    "library",
    "organisations",
    "people",
    "profile",
    "register",
    "second_factor",
    "session",
    "sign_in",
    "start",
]

# Words of the journal for what happens here.
WORDS = {
    "job.accounts.new_password": "Link to a new password asked",
    "user.create": "Account made",
    "user.register": "Account opened",
    "user.sign_in": "Signed in",
    "user.sign_out": "Signed out",
    "user.lock_sign_in": "Sign-in locked after wrong passwords",
    "user.confirm_address": "Address confirmed",
    "user.request_password": "Link to a new password asked",
    "user.change_password": "Password changed",
    "user.change_profile": "Profile changed",
    "user.grant_role": "Role given",
    "user.end_role": "Role ended",
    "user.close_account": "Account closed",
    "user.open_account": "Account opened again",
    "organisation.register": "Organisation registered",
    "organisation.edit": "Profile changed",
    "organisation.invite": "Colleague invited",
    "organisation.join": "Joined the organisation",
    "organisation.leave": "Left the organisation",
    "organisation.hand_over": "Office of the head handed over",
    "organisation.add_document": "Document put into the library",
    "organisation.end_document": "Document taken out of the library",
    "user.second_factor_on": "Second factor switched on",
    "user.second_factor_off": "Second factor switched off",
    "user.second_factor_reset": "Second factor reset by an administrator",
    "user.recovery_codes": "New recovery codes made",
    "user.recovery_code": "Recovery code used",
    "invitation.invite": "Invited into a role",
}


class PeopleStore(SQLAlchemyUserDatastore):
    """The person behind a session with all roles, in one question: every request asks it, every few letters typed."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:
        """The person of that one attribute."""
        if case_insensitive or set(kwargs) != {"fs_uniquifier"}:
            return super().find_user(case_insensitive, **kwargs)
        query = sa.select(User).filter_by(**kwargs).options(joinedload(User.grants), joinedload(User.memberships))
        found: User | None = db.session.scalars(query).unique().one_or_none()
        return found


def init_app(app: Flask) -> None:
    """Bind the sign-in library without its pages, then our own pages."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_TOKEN_MAX_AGE=timedelta(seconds=1),  # no tokens in headers or addresses
    )
    security = Security(app, PeopleStore(db, User, RoleGrant), register_blueprint=False)
    security.login_manager.request_loader(lambda _request: None)  # a session is the only way in
    _without_second_gate(app, security)
    app.register_blueprint(blueprint)
    offer_people(people_names, people_found)
    describe(WORDS)
    organisations.init_organisations()
    register_due("library", library.due_documents)
    register_panel("organisation", "library", library.library_panel)
    everybody = frozenset(Role)
    register_nav(
        NavEntry("Waiting for me", "accounts.home", 5, frozenset(everybody - ORGANISATION_ROLES)),
        NavEntry("Waiting for us", "accounts.home", 5, ORGANISATION_ROLES),
        NavEntry("Organisation", "accounts.organisations", 75, ORGANISATION_ROLES),
        NavEntry("People", "accounts.users", 85, frozenset({Role.ADMIN})),
        NavEntry("Help", "accounts.help_page", 90),
    )


def _without_second_gate(app: Flask, security: Security) -> None:
    """Permissions are asked by our gate alone: the library's own would load the person for every static file too."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    identity_changed.disconnect(security.principal._on_identity_changed, app)
    identity_loaded.disconnect(_on_identity_loaded, app)
