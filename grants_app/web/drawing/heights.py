"""How high the rows of a spreadsheet must be: not every office suite finds it out, and texts would overlap."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

LINE = 15  # points of a line of the default font
_MOST_LINES = 27  # a row may not be higher than 409 points
_WORDS_WRAP = 1.12  # lines break between words, so that a text needs a little more than its length


def lines_of(value: object, width: float) -> int:
    """How many lines a cell takes in a column of so many characters.

    >>> lines_of("Мапа", 9), lines_of("Громадська організація «Мапа»", 12), lines_of(3.5, 1), lines_of("а\\n\\nб", 9)
    (1, 3, 1, 3)
    """
    if not isinstance(value, str):
        return 1
    parts = value.split("\n")
    return sum(1 if len(part) <= width else ceil(len(part) * _WORDS_WRAP / width) for part in parts)


def height_of(cells: Sequence[object], widths: Sequence[float], *, least: int = 1) -> int | None:
    """Points of a row; None where one line is enough, which is every suite's own height."""
    lines = max([least, *(lines_of(cell, width) for cell, width in zip(cells, widths, strict=False))])
    return None if lines == 1 else LINE * min(lines, _MOST_LINES)


def width_of(heading: str, wanted: float) -> float:
    """The width of a column: as wanted, but no word of its heading is broken."""
    longest = max((len(word) for word in heading.split()), default=0)
    return max(wanted, longest * 1.2 + 2)
