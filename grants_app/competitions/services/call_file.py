"""A call as one document, out and in: its settings alone, nobody's names, no money lines, no applications.

Format `grants-call-v1`: {"format", "code", "title", "year", "settings": {column: value}, "lots": […],
"priorities": […], "criteria": […], "offices": {office: count}}. Days and instants are ISO 8601; a column that the
reader does not know is left out, one that the document lacks keeps its default.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.budget.models import BudgetLine
from grants_app.competitions.models import Competition, Criterion, Lot, Priority
from grants_app.competitions.services.creation import create_competition
from grants_app.core.errors import InvalidInput
from grants_app.core.types import Instant
from grants_app.database import db
from grants_app.journal.services import Actor

FORMAT = "grants-call-v1"
# What belongs to one competition's life and not to its settings.
_OWN = frozenset(
    "id code title year state form_version rules_text rules_hash notes is_imported imported_header copied_from_id "
    "created_by_id created_at announced_at intake_closed_at decided_at published_at version".split()
)
_LOT_OWN = frozenset({"id", "competition_id", "budget_line_id", "source_line_id"})
_PART_OWN = frozenset({"id", "competition_id"})


def call_document(competition: Competition) -> dict[str, Any]:
    """The settings of a call as plain values."""
    return {
        "format": FORMAT,
        "code": competition.code,
        "title": competition.title,
        "year": competition.year,
        "settings": _plain(competition, _OWN),
        "lots": [_plain(lot, _LOT_OWN) for lot in competition.lots],
        "priorities": [_plain(each, _PART_OWN) for each in competition.priorities],
        "criteria": [_plain(each, _PART_OWN) for each in competition.criteria],
        "offices": dict(Counter(seat.office for seat in competition.seats)),
    }


def adopt_call(document: Mapping[str, Any], *, line: BudgetLine | None, by: Actor) -> Competition:
    """A draft with the settings of a document; its lots are paid from `line`. Raises InvalidInput for another format.

    People of the commission are not in the document: they are named afterwards.
    """
    if document.get("format") != FORMAT:
        raise InvalidInput("This is not a call", field="format")
    competition = create_competition(
        code=document["code"], title=document["title"], year=document["year"], by=by
    )  # fmt: skip
    _fill(competition, document["settings"], _OWN)
    competition.lots, competition.priorities, competition.criteria = [], [], []
    db.session.flush()  # codes of the preset are free before those of the document take them
    competition.lots = [_part(Lot(source_line=line), each, _LOT_OWN) for each in document["lots"]]
    competition.priorities = [_part(Priority(), each, _PART_OWN) for each in document["priorities"]]
    competition.criteria = [_part(Criterion(), each, _PART_OWN) for each in document["criteria"]]
    db.session.flush()
    return competition


def _plain(thing: Any, own: frozenset[str]) -> dict[str, Any]:
    found = {column.key: getattr(thing, column.key) for column in _columns(thing) if column.key not in own}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def _part(thing: Any, values: Mapping[str, Any], own: frozenset[str]) -> Any:
    _fill(thing, values, own)
    return thing


def _fill(thing: Any, values: Mapping[str, Any], own: frozenset[str]) -> None:
    for column in _columns(thing):
        if column.key in own or column.key not in values:
            continue
        value = values[column.key]
        if isinstance(value, str) and isinstance(column.type, Instant):
            value = datetime.fromisoformat(value)
        elif isinstance(value, str) and isinstance(column.type, sa.Date):
            value = date.fromisoformat(value)
        setattr(thing, column.key, value)


def _columns(thing: Any) -> Any:
    return sa.inspect(type(thing)).columns
