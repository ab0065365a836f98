"""Places where a later stage adds to an earlier page, so that no stage imports a later one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Panel:
    """A block on somebody else's page: a template of the later stage and the data it draws."""

    template: str
    data: Any
    order: int = 50


@dataclass(frozen=True)
class DueItem:
    """A line of the work list «waiting for me»: when, what (with link), why in one sentence, one verb."""

    when: datetime | None
    what: str
    url: str
    why: str
    verb: str


@dataclass(frozen=True)
class NavEntry:
    """A word of the bar; `roles` None means guests and everybody."""

    label: str
    endpoint: str
    order: int
    roles: frozenset[str] | None = None


Provider = Callable[..., Panel | None]
_providers: dict[str, dict[str, Provider]] = {}
_due: dict[str, Callable[[Any], Iterable[DueItem]]] = {}
_nav: dict[str, NavEntry] = {}


def register(place: str, name: str, provider: Provider) -> None:
    """Add a block to a place ("start", "competition", "application", …); `provider(viewer, thing)` may answer None."""
    _providers.setdefault(place, {})[name] = provider


def blocks(place: str, viewer: Any, thing: Any = None) -> list[Panel]:
    """The blocks that have something to show to this viewer, in order."""
    found = [provider(viewer, thing) for provider in _providers.get(place, {}).values()]
    return sorted((panel for panel in found if panel is not None), key=lambda panel: panel.order)


def register_due(name: str, provider: Callable[[Any], Iterable[DueItem]]) -> None:
    """Add a source of work-list lines; `provider(user)` answers what waits for that person."""
    _due[name] = provider


def due_items(user: Any) -> list[DueItem]:
    """Everything that waits for the person, dated lines first by instant."""
    items = [item for provider in _due.values() for item in provider(user)]
    return sorted(items, key=lambda item: (item.when is None, item.when.timestamp() if item.when else 0.0))


def register_nav(*entries: NavEntry) -> None:
    """Add words to the bar."""
    for entry in entries:
        _nav[f"{entry.endpoint}:{entry.label}:{sorted(entry.roles or ())}"] = entry


def nav_entries(roles: frozenset[str] | None) -> list[NavEntry]:
    """The bar of a person with these roles (None: a guest), at most seven words."""
    chosen: dict[str, NavEntry] = {}
    for entry in sorted(_nav.values(), key=lambda item: item.order):
        fits = entry.roles is None if roles is None else entry.roles is not None and bool(entry.roles & roles)
        if fits:
            chosen.setdefault(entry.label, entry)
    return list(chosen.values())[:7]
