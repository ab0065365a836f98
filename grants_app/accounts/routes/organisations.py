"""Organisations as they enter the product: pages, words of the journal, work lists, words of the bar."""

from __future__ import annotations

from typing import Any

from grants_app.accounts.queries.register import organisation_count
from grants_app.accounts.routes import (
    city_register,
    directory,
    governing,
    joining,
    ledger,
    members,
    organisation,
    register_table,
)
from grants_app.journal.queries import describe
from grants_app.permissions import Permission, Role
from grants_app.web.panels import NavEntry, Panel, register, register_due, register_nav

__all__ = [
    "city_register",
    "directory",
    "governing",
    "init_organisations",
    "joining",
    "ledger",
    "members",
    "organisation",
    "register_table",
]

WORDS = {
    "organisation.withdraw_invitation": "Invitation withdrawn",
    "organisation.offer_office": "Office of the head offered",
    "organisation.decline_office": "Office of the head declined",
    "organisation.appoint_head": "Head named by the city",
    "organisation.release_office": "Office of the head freed by the city",
    "organisation.let_in": "Let in at request",
    "organisation.governing": "List of governing people changed",
    "organisation.account": "Bank account given",
    "organisation.list": "Agreed to the public directory",
    "organisation.delist": "Left the public directory",
    "organisation.enter": "Entered by the city",
    "organisation_register.import": "Table of organisations taken in",
    "join_request.ask": "Asked to join",
}


def init_organisations() -> None:
    """Register what these pages add to others."""
    describe(WORDS)
    register_due("accounts.joining", joining.due_requests)
    register_due("accounts.account", governing.due_accounts)
    register("home", "accounts.register", _register_panel)
    # Bars of the desks are full: they find the register on their first page.
    register_nav(
        NavEntry("Organisations", "accounts.directory", 60),
        NavEntry("Organisations", "accounts.city_register", 82, frozenset({Role.ADMIN.value})),
    )


def _register_panel(viewer: Any, _thing: Any) -> Panel | None:
    if viewer is None or not viewer.can(Permission.ORGANISATION_REGISTER_READ):
        return None
    return Panel("accounts/_register_panel.html", {"count": organisation_count()}, 90)
