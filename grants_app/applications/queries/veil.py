"""Competitions whose applicants are hidden for a while: a later stage says from whom, and gives the masked texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries.access import STAFF
from grants_app.competitions.models import Competition


@dataclass(frozen=True)
class VeiledText:
    """An application without its author: masked answers by question, lines of the budget with masked texts."""

    title: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[Any] = ()  # what a budget table prints, as BudgetRow


# A later stage adds when a competition hides its applicants from a person (None: from everybody, on public pages) …
veils: list[Callable[[User | None, Competition], bool]] = []
# … an application as it may be shown meanwhile, and the titles of many by their ids.
veiled_texts: list[Callable[[Application], VeiledText]] = []
veiled_titles: list[Callable[[Mapping[int, str]], Mapping[int, str]]] = []


def is_veiled(viewer: User | None, competition: Competition) -> bool:
    """Whether this person may not learn now who applies; those who register and check applications always may."""
    if viewer is not None and any(viewer.can(permission) for permission in STAFF):
        return False
    return any(veil(viewer, competition) for veil in veils)


def text_under_veil(application: Application) -> VeiledText:
    """The masked application; an empty one while no stage gives it."""
    return veiled_texts[0](application) if veiled_texts else VeiledText()


def titles_under_veil(titles: Mapping[int, str]) -> Mapping[int, str]:
    """The masked titles by the ids of their applications; empty ones while no stage gives them."""
    return veiled_titles[0](titles) if veiled_titles else dict.fromkeys(titles, "")
