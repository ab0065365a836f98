"""The worked example of the ranking in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext

from grants_app.competitions import queries
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.example import Example
from grants_app.web import formatting
from grants_app.web.columns import Sheet
from grants_app.web.context import select_language


def plain_sheet(
    headings: list[str],
    cells: list[list[str]],
    *,
    widths: Sequence[float] = (),
    numeric: Sequence[bool] = (),
) -> Sheet:
    """A table of ready texts."""
    count = len(headings)
    return Sheet(
        headings=headings,
        numeric=list(numeric) or [False] * count,
        widths=list(widths) or [1.0] * count,
        formats=[None] * count,
        cells=cells,
        values=[list(row) for row in cells],
    )


def example_sheet(competition: Competition, example: Example) -> Sheet:
    """Made-up marks by criterion (numbered, see `example_legend`) and the totals that follow."""
    numbers = [gettext("C%(number)s", number=index) for index, _each in enumerate(competition.criteria, start=1)]
    headings = [gettext("Application"), gettext("Expert"), *numbers, gettext("Total")]
    cells = [
        [
            _letter(line.application),
            gettext("E%(number)s", number=line.expert.removeprefix("E")),
            *(formatting.number(mark) for mark in line.marks),
            formatting.number(line.total),
        ]
        for line in example.lines
    ]
    return plain_sheet(headings, cells, numeric=[False, False, *[True] * (len(headings) - 2)])


def example_legend(competition: Competition) -> str:
    """Which number stands for which criterion."""
    titles = [row.title for row in queries.criterion_rows(competition, select_language())]
    numbered = enumerate(titles, start=1)
    return "; ".join(f"{gettext('C%(number)s', number=index)} – {title}" for index, title in numbered)


def example_sentences(example: Example) -> list[str]:
    """What the engine makes of the made-up marks."""
    return [
        gettext(
            "Application %(code)s: total %(score)s, place %(place)s.",
            code=_letter(one.application),
            score=formatting.number(one.score),
            place=one.place or "–",
        )
        for one in example.results
    ]


def _letter(code: str) -> str:
    """The name of a made-up application in the letters of the reader."""
    return gettext("A") if code == "A" else gettext("B")
