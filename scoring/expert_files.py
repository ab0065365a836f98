"""Reading of files about experts: pairs, terms of experts and of applications, links."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scoring.errors import FileError
from scoring.files import Table, read_table
from scoring.pairs import ApplicationTerms, ExpertTerms, Link, Pair
from scoring.rounding import is_decimal

_LONGEST_NUMBER: Final = 6


def read_pairs(path: Path) -> tuple[list[Pair], Table]:
    """Read ``pairs.csv``; an empty affinity is 0, an empty conflict or fixed is none."""
    table = read_table(path, ("expert", "application", "affinity"))
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = dict(zip(table.header, row, strict=True))
        if cells["affinity"] and not is_decimal(cells["affinity"]):
            told = f"{cells['affinity'][:40]!r} is not a decimal number"
            raise FileError(told, file=str(path), line=line, column="affinity")
        for column in ("conflict", "fixed"):
            if cells.get(column, "") not in ("", "0", "1"):
                raise FileError("must be 0 or 1", file=str(path), line=line, column=column)
        affinity = float(cells["affinity"] or 0)
        conflict, fixed = cells.get("conflict") == "1", cells.get("fixed") == "1"
        found.append(Pair(cells["expert"], cells["application"], affinity, conflict, fixed))
    return found, table


def read_expert_terms(path: Path) -> tuple[list[ExpertTerms], Table]:
    """Read ``experts.csv``: loads, organisation and profiles; an empty cell names nothing."""
    table = read_table(path, ("expert",))
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = dict(zip(table.header, row, strict=True))
        found.append(
            ExpertTerms(
                cells["expert"],
                _number(path, line, "max_load", cells),
                _number(path, line, "min_load", cells),
                cells.get("organisation", ""),
                _names(cells.get("profiles", "")),
            )
        )
    return found, table


def read_application_terms(path: Path) -> tuple[list[ApplicationTerms], Table]:
    """Read the applications' demands, profiles and previous experts; an empty cell names nothing."""
    table = read_table(path, ("application",))
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = dict(zip(table.header, row, strict=True))
        found.append(
            ApplicationTerms(
                cells["application"],
                _number(path, line, "demand", cells),
                _names(cells.get("profiles", "")),
                _names(cells.get("previous", "")),
                _number(path, line, "keep", cells) or 0,
            )
        )
    return found, table


def read_links(path: Path) -> tuple[list[Link], Table]:
    """Read ``links.csv``: experts and the applications with which they have to do."""
    table = read_table(path, ("expert", "application"))
    expert, application = table.header.index("expert"), table.header.index("application")
    return [Link(row[expert], row[application]) for row in table.rows], table


def _number(path: Path, line: int, column: str, cells: dict[str, str]) -> int | None:
    text = cells.get(column, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise FileError(f"{text[:40]!r} is not a whole number", file=str(path), line=line, column=column)
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    """Split a list of names at semicolons; blanks around a name do not count."""
    return tuple(name for part in text.split(";") if (name := part.strip()))
