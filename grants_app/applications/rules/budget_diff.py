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


@dataclass(frozen=True)
class PairedLine:
    """A line of two budgets: kind is same | changed | added | removed; rows count from 1, `cells` name what differs."""

    kind: str
    old_row: int | None
    new_row: int | None
    old: Line | None
    new: Line | None
    cells: frozenset[str] = frozenset()


def side_by_side(old: Sequence[Line], new: Sequence[Line]) -> list[PairedLine]:
    """Every line of both, in the order of the newer budget, then what was taken away; paired as in `changes`."""
    pairs, rows = _pairs(old, new), []
    for place, line in enumerate(new):
        if place not in pairs:
            rows.append(PairedLine("added", None, place + 1, None, line))
            continue
        before = old[pairs[place]]
        cells = frozenset(one.cell for one in _cells(before, line))
        rows.append(PairedLine("changed" if cells else "same", pairs[place] + 1, place + 1, before, line, cells))
    gone = sorted(set(range(len(old))) - set(pairs.values()))
    return [*rows, *(PairedLine("removed", place + 1, None, old[place], None) for place in gone)]


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


def placed(places: Sequence[int], old: Sequence[Line], new: Sequence[Line]) -> tuple[dict[int, Line], list[int]]:
    """What to write into which place, and which places become empty, so that `old` at `places` reads as `new`.

    Places grow, with gaps where lines were taken away: what stands before and behind a change is left alone, so that
    a removed line is one removal and not a renumbering of all that follow.
    """
    shorter = min(len(old), len(new))
    ahead = next((number for number in range(shorter) if old[number] != new[number]), shorter)
    rest = shorter - ahead
    behind = next((number for number in range(rest) if old[-1 - number] != new[-1 - number]), rest)
    if len(new) > len(old):
        last = places[-1] if places else 0
        free = [*places[ahead:], *range(last + 1, last + 1 + len(new) - len(old))]
        return dict(zip(free, new[ahead:], strict=True)), []
    free = list(places[ahead : len(old) - behind])
    moved = new[ahead : len(new) - behind]
    written = {place: line for place, line, before in zip(free, moved, old[ahead:], strict=False) if line != before}
    return written, free[len(moved) :]
