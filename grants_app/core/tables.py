"""A table that somebody filled in elsewhere and sent: plain cells with their places, before any use is made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell as it was sent. kind: text, number, date, formula, other; a formula has no text."""

    kind: str
    text: str


@dataclass(frozen=True)
class TableRow:
    """A row with cells, by the letters of their columns; `number` as the spreadsheet counts."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Table:
    """A sheet of a file that somebody sent."""

    name: str
    rows: list[TableRow]

    def place(self, column: str, row: TableRow) -> str:
        """«Бали!D14»."""
        return f"{self.name}!{column}{row.number}"
