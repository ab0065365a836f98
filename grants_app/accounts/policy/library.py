"""Who keeps and who reads the papers of an organisation."""

from __future__ import annotations

from grants_app.accounts.models import Organisation, User
from grants_app.permissions import Role

KEEPERS = frozenset({Role.NGO_HEAD, Role.NGO_MEMBER, Role.NGO_ACCOUNTANT})


def why_not_keep_library(user: User, organisation: Organisation) -> str | None:
    """The head, members and the accountant; the city reads papers only with an application they are attached to."""
    if user.role_in(organisation.id) in KEEPERS:
        return None
    return "Only people of the organisation keep its documents"
