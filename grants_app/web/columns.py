"""Columns of a table that people see: one marshmallow schema feeds the page, JSON, CSV, XLSX and PDF.

A schema is declared as
    class RankedListSchema(Columns):
        place = Number(label=_l("Place"))
        title = Text(label=_l("Project"), width=4)
        requested_kop = Money(label=_l("Requested, UAH"))
Fields read the attribute of the row that has their name. `width` is a relative width for PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from flask_babel import gettext
from marshmallow import Schema, fields

from grants_app.core import clock, figures
from grants_app.web import formatting

# Files for machines keep one way of writing, whatever language their reader speaks.
FILES = "uk"
_FIRST_DAY = date(1899, 12, 30)  # day 0 of a spreadsheet's calendar
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Column:
    """What a column knows beside its value: heading, alignment, relative width."""

    label: Any
    width: float
    numeric = False
    excel_format: str | None = None

    def shown(self, value: Any) -> str:
        """The cell as text in the reader's language, for the page and PDF."""
        return "" if value is None else str(value)

    def written(self, value: Any) -> str:
        """The cell as text of a file, CSV and spreadsheet: figures are the same in every language."""
        return self.shown(value)

    def excel(self, value: Any) -> str | int | float | None:
        """The cell for a spreadsheet."""
        return None if value is None else self.written(value)


class Text(Column, fields.String):
    """Plain text."""

    def __init__(self, *, label: Any, width: float = 3, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(**kwargs)


class Number(Column, fields.Integer):
    """A whole number."""

    numeric = True

    def __init__(self, *, label: Any, width: float = 1, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(allow_none=True, **kwargs)

    def excel(self, value: Any) -> int | None:
        """A number."""
        return None if value is None else int(value)


class Points(Column, fields.String):
    """A score or points: exact decimal text, shown with the language's decimal mark."""

    numeric = True
    excel_format = "0.00##"

    def __init__(self, *, label: Any, width: float = 1.2, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(allow_none=True, **kwargs)

    def shown(self, value: Any) -> str:
        """«8,67», «8.67»."""
        return "" if value is None else formatting.number(str(value))

    def written(self, value: Any) -> str:
        """Decimal comma."""
        return "" if value is None else figures.digits(str(value), FILES)

    def excel(self, value: Any) -> str | float | None:
        """A number, so that a spreadsheet sorts and averages it; several in one cell stay a text."""
        text = str(value)
        return float(text) if value is not None and _DECIMAL.fullmatch(text) else super().excel(value)


class Money(Column, fields.Integer):
    """Kopiykas; shown in hryvnias with two decimals, in JSON as kopiykas under the field's name."""

    numeric = True
    excel_format = "#,##0.00"

    def __init__(self, *, label: Any, width: float = 1.8, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(allow_none=True, **kwargs)

    def shown(self, value: Any) -> str:
        """«148 000,00», «148,000.00»."""
        return "" if value is None else formatting.hryvnias_exact(value)

    def written(self, value: Any) -> str:
        """«148 000,00»."""
        return "" if value is None else figures.hryvnias(value, FILES, exact=True)

    def excel(self, value: Any) -> float | None:
        """Hryvnias: only for showing, sums are made before."""
        return None if value is None else value / 100


class Share(Column, fields.Integer):
    """Basis points, shown in per cent."""

    numeric = True
    excel_format = "0.00%"

    def __init__(self, *, label: Any, width: float = 1.2, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(allow_none=True, **kwargs)

    def shown(self, value: Any) -> str:
        """«26,00 %», «26.00%»."""
        return "" if value is None else figures.share(value, formatting.language(), places=2)

    def written(self, value: Any) -> str:
        """«26,00 %»."""
        return "" if value is None else figures.share(value, FILES, places=2)

    def excel(self, value: Any) -> float | None:
        """A share, shown in per cent."""
        return None if value is None else value / 10_000


class Day(Column, fields.Date):
    """A day; ISO in JSON."""

    excel_format = "dd.mm.yyyy"

    def __init__(self, *, label: Any, width: float = 1.5, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(allow_none=True, **kwargs)

    def shown(self, value: date | None) -> str:
        """«03.03.2027», «3 March 2027»."""
        return "" if value is None else formatting.day_short(value)

    def written(self, value: date | None) -> str:
        """«03.03.2027»."""
        return "" if value is None else figures.day(value, FILES)

    def excel(self, value: date | None) -> int | None:
        """A day of the spreadsheet's calendar."""
        return None if value is None else (value - _FIRST_DAY).days


class Moment(Column, fields.DateTime):
    """An instant; ISO UTC in JSON, Kyiv clock to the second elsewhere."""

    excel_format = "dd.mm.yyyy hh:mm:ss"

    def __init__(self, *, label: Any, width: float = 2, **kwargs: Any) -> None:
        self.label, self.width = label, width
        super().__init__(allow_none=True, **kwargs)

    def shown(self, value: datetime | None) -> str:
        """«03.03.2027 23:59:00», «3 March 2027, 23:59:00»."""
        return "" if value is None else formatting.second(value)

    def written(self, value: datetime | None) -> str:
        """«03.03.2027 23:59:00»."""
        return "" if value is None else figures.second(value, FILES)

    def excel(self, value: datetime | None) -> float | None:
        """A day and the part of it that has passed by the clock of Kyiv, to the second."""
        if value is None:
            return None
        local = clock.kyiv(value).replace(tzinfo=None, microsecond=0)
        return (local - datetime.combine(_FIRST_DAY, time())) / timedelta(days=1)


class Word(Column, fields.Field[Any]):
    """A state or another msgid: the stored value in JSON, the word in the reader's language elsewhere."""

    def __init__(self, *, label: Any, width: float = 1.8) -> None:
        self.label, self.width = label, width
        super().__init__()

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def shown(self, value: Any) -> str:
        """The label of a state, or the translated text; the catalogue answers an empty msgid with its own head."""
        text = "" if value is None else str(getattr(value, "label", value))
        return gettext(text) if text else ""


class Columns(Schema):
    """Base of the schemas of exported tables; the order of declaration is the order of columns."""

    # A table for the desks in which private persons stand by name: that somebody took it as a file is noted.
    names_people: ClassVar[bool] = False


@dataclass(frozen=True)
class Sheet:
    """A table ready to leave: headings, alignment, widths, cells as text for the eye, cells for a spreadsheet."""

    headings: list[str]
    numeric: list[bool]
    widths: list[float]
    formats: list[str | None]
    cells: list[list[str]]
    values: list[list[str | int | float | None]]


def columns_of(schema: type[Columns]) -> list[tuple[str, Column]]:
    """Names and columns of a schema, in order."""
    return [(name, field) for name, field in schema().fields.items() if isinstance(field, Column)]


def sheet(rows: Sequence[object], schema: type[Columns]) -> Sheet:
    """The rows through the schema, for CSV, XLSX and PDF."""
    columns = columns_of(schema)
    table = [[getattr(row, name) for name, _ in columns] for row in rows]
    return Sheet(
        headings=[str(column.label) for _, column in columns],
        numeric=[column.numeric for _, column in columns],
        widths=[column.width for _, column in columns],
        formats=[column.excel_format for _, column in columns],
        cells=[[column.shown(value) for value, (_, column) in zip(row, columns, strict=True)] for row in table],
        values=[[column.excel(value) for value, (_, column) in zip(row, columns, strict=True)] for row in table],
    )


def written(rows: Sequence[object], schema: type[Columns]) -> list[list[str]]:
    """The cells as a file for machines holds them."""
    columns = columns_of(schema)
    return [[column.written(getattr(row, name)) for name, column in columns] for row in rows]


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula (a leading = + - @, tab or CR gets an apostrophe)."""
    stripped = unicodedata.normalize("NFKC", text).lstrip()
    return f"'{text}" if stripped[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
