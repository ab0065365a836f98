"""Steps over the rows of a page that is being written: one added, moved or taken away. Nothing is saved by them.

With a script the page does it itself; without one the button sends the page here, and it comes back with the rows in
their new order and everything typed in its place.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from werkzeug.datastructures import MultiDict

from grants_app.core.errors import NotFound
from grants_app.core.wholes import whole

STEP_FIELD = "row"
_PLACES = {"up": -1, "down": 1}
_ADDED = -1


def stepped(typed: MultiDict[str, str], lists: Collection[str]) -> MultiDict[str, str] | None:
    """What was typed with the rows as the pressed button asks: «cells/2/up», «cells/2/remove», «cells/add».

    None when no such button was pressed. Raises NotFound for a step that nothing offers.
    """
    if STEP_FIELD not in typed:
        return None
    name, _, rest = typed[STEP_FIELD].partition("/")
    if name not in lists:
        raise NotFound
    rows = _rows(typed, name)
    return _renumbered(typed, name, rows, _order(list(rows), rest))


def source_of(from_request: bool, rows: MultiDict[str, str] | None) -> dict[str, Any]:
    """Where a form reads what was typed: nowhere, in the request, or in the request with its rows changed."""
    if rows is not None:
        return {"formdata": rows}
    return {} if from_request else {"formdata": None}


def opened_list(typed: MultiDict[str, str]) -> str:
    """The list whose rows are being changed; empty when none is."""
    return typed.get(STEP_FIELD, "").partition("/")[0]


def _rows(typed: MultiDict[str, str], name: str) -> dict[int, list[str]]:
    """Names of the fields of each row, rows in their order."""
    found: dict[int, list[str]] = {}
    for key in typed:
        match = re.match(rf"{re.escape(name)}-([0-9]{{1,4}})-", key)
        if match is not None:
            found.setdefault(int(match[1]), []).append(key)
    return dict(sorted(found.items()))


def _order(order: list[int], step: str) -> list[int]:
    if step == "add":
        return [*order, _ADDED]
    row, _, verb = step.partition("/")
    number = whole(row)
    if number is None or number not in order or verb not in {*_PLACES, "remove"}:
        raise NotFound
    place = order.index(number)
    if verb == "remove":
        return [*order[:place], *order[place + 1 :]]
    other = place + _PLACES[verb]
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return order


def _renumbered(
    typed: MultiDict[str, str], name: str, rows: dict[int, list[str]], order: list[int]
) -> MultiDict[str, str]:
    of_rows = {key for keys in rows.values() for key in keys}
    left_out = {*of_rows, STEP_FIELD}
    made: MultiDict[str, str] = MultiDict((key, value) for key, value in typed.items(multi=True) if key not in left_out)
    for place, row in enumerate(order):
        if row == _ADDED:
            made[f"{name}-{place}-added"] = "1"
            continue
        for key in rows[row]:
            made.setlist(f"{name}-{place}-{key.split('-', 2)[2]}", typed.getlist(key))
    return made
