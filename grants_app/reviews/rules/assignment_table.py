"""A table of assignments that was edited elsewhere: headings in any order, one pair a row, errors by their cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grants_app.core import words
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors
from grants_app.core.tables import Table, TableRow

# Headings by which the columns are found, in both languages and as the JSON export names them.
HEADINGS: dict[str, tuple[str, ...]] = {
    "application": ("Application", "Заявка", "Application code", "Код заявки", "application_code"),
    "email": ("E-mail", "Email", "Електронна пошта", "Ел. пошта", "Пошта", "email"),
    "code": ("Expert code", "Код експерта", "Code", "Код", "expert_code"),
}
_FIELD_OF = {words.search_form(text): name for name, texts in HEADINGS.items() for text in texts}
_HEAD_WITHIN = 20
MOST_ERRORS = 100


@dataclass(frozen=True)
class TableLine:
    """A row as it was sent: which application, whom. Without an expert the row says that nobody scores it."""

    number: int
    application: str
    email: str
    code: str


def read_assignment(tables: Sequence[Table]) -> list[TableLine]:
    """The rows of the first sheet that has the headings.

    Raises InvalidInput (file) where no sheet has them, ManyErrors naming every cell that cannot be read.
    """
    for table in tables:
        head = _head_of(table)
        if head is not None:
            return _lines(table, *head)
    raise InvalidInput(
        "The file has no table with the columns of application and of the expert’s e-mail or code", field="file"
    )


def _head_of(table: Table) -> tuple[TableRow, dict[str, str]] | None:
    """The row of headings with the letters of the columns by name; a heading that stands twice is refused."""
    for row in table.rows:
        if row.number > _HEAD_WITHIN:
            return None
        named = [
            (name, column)
            for column, cell in row.cells.items()
            if (name := _FIELD_OF.get(words.search_form(cell.text))) is not None
        ]
        columns = dict(named)
        if "application" not in columns or not columns.keys() & {"email", "code"}:
            continue
        twice = next((column for name, column in named if columns[name] != column), None)
        if twice is not None:
            raise InvalidInput(
                "%(place)s: this column appears twice", field="file", facts={"place": table.place(twice, row)}
            )
        return row, columns
    return None


def _lines(table: Table, head: TableRow, columns: dict[str, str]) -> list[TableLine]:
    errors: list[DomainError] = []
    lines = []
    for row in table.rows:
        if row.number <= head.number:
            continue
        texts = {}
        for name, column in columns.items():
            cell = row.cells.get(column)
            if cell is not None and cell.kind == "formula":
                place = table.place(column, row)
                errors.append(InvalidInput("%(place)s: a formula, not a value", field="file", facts={"place": place}))
            texts[name] = words.one_line(cell.text) if cell is not None else ""
        if any(texts.values()):
            lines.append(TableLine(row.number, texts["application"], texts.get("email", ""), texts.get("code", "")))
    if errors:
        raise ManyErrors(errors[:MOST_ERRORS])
    return lines
