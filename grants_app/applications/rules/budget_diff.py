"""Two versions of a budget side by side: which lines came, went, changed, and in which cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grants_app.applications.rules.budget import Line

TEXTS = ("item", "category", "unit", "justification")
AMOUNTS = (
    *("qty_milli", "price_kop", "total_kop", "city_kop", "own_cash_kop", "own_inkind_kop", "other_kop"),
    "least_kop",
)
# Ever looser: what makes a line of one budget the same line in the other.
KEYS: tuple[Callable[[Line], tuple[object, ...]], ...] = (
    lambda line: (line.item, line.category),
    lambda line: (line.item,),
    lambda line: (line.category, line.total_kop),
)


@dataclass(frozen=True)
class CellChange:
    """A cell as it was and as it is; figures as integers, texts as texts."""

    cell: str
    old: int | str | None
    new: int | str | None


@dataclass(frozen=True)
class LineChange:
    """kind: added | removed | changed. `row` is the place in the newer budget, of a removed line in the older."""

    kind: str
    row: int
    item: str
    cells: tuple[CellChange, ...] = ()


def changes(old: Sequence[Line], new: Sequence[Line]) -> list[LineChange]:
    """What differs, in the order of the newer budget, then what was taken away.

    Lines are paired by what is paid for and its category, then by what is paid for alone, then by category and cost;
    a line that only moved is no change.
    """
    pairs = _pairs(old, new)
    found = []
    for place, line in enumerate(new):
        if place not in pairs:
            found.append(LineChange("added", place + 1, line.item, _cells(None, line)))
            continue
        cells = _cells(old[pairs[place]], line)
        if cells:
            found.append(LineChange("changed", place + 1, line.item, cells))
    gone = set(range(len(old))) - set(pairs.values())
    found.extend(LineChange("removed", place + 1, old[place].item, _cells(old[place], None)) for place in sorted(gone))
    return found


def lines_of_content(budget: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Lines of a frozen submission; keys that lines did not have then keep their defaults."""
    known = Line.__dataclass_fields__
    return [Line(**{name: value for name, value in line.items() if name in known}) for line in budget]


def _pairs(old: Sequence[Line], new: Sequence[Line]) -> dict[int, int]:
    """For places of the newer budget the place of the same line in the older one."""
    pairs: dict[int, int] = {}
    left = set(range(len(old)))
    for key in KEYS:
        free: dict[tuple[object, ...], list[int]] = {}
        for place in sorted(left):
            free.setdefault(key(old[place]), []).append(place)
        for place, line in enumerate(new):
            if place not in pairs and free.get(key(line)):
                pairs[place] = free[key(line)].pop(0)
                left.discard(pairs[place])
    return pairs


def _cells(old: Line | None, new: Line | None) -> tuple[CellChange, ...]:
    found = []
    for name in (*TEXTS, *AMOUNTS):
        before = getattr(old, name) if old is not None else None
        after = getattr(new, name) if new is not None else None
        if before != after and (before or after):
            found.append(CellChange(name, before, after))
    return tuple(found)
