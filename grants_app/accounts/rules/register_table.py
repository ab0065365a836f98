"""The register of organisations as a table filled in elsewhere: headings in any order, errors by row and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from grants_app.accounts.rules import NONPROFIT_CODES, ORGANISATION_KINDS
from grants_app.accounts.rules.profile import FIELDS, MOST_FIELDS
from grants_app.core import words
from grants_app.core.errors import DomainError, InvalidInput
from grants_app.core.figures import Figure, count
from grants_app.core.identifiers import has_edrpou_form, is_edrpou, is_katottg, is_phone
from grants_app.core.tables import Cell, Table, TableRow
from grants_app.journal.letters import spoken

# Headings by field, English msgids; the export names its columns alike, so that it can come back.
HEADINGS: dict[str, str] = {
    "edrpou": "EDRPOU code",
    "name": "Full name of the organisation",
    "short_name": "Short name",
    "kind": "Kind of organisation",
    "registered_on": "Day of state registration",
    "nonprofit_code": "Non-profit status code",
    "nonprofit_decision": "Decision on the non-profit status",
    "head_name": "Head of the organisation",
    "head_position": "Position of the head",
    "legal_address": "Registered address",
    "actual_address": "Actual address",
    "katottg": "Code of the community (KATOTTH)",
    "district": "District of the city",
    "fields": "Fields of activity",
    "contact_email": "E-mail of the organisation",
    "contact_phone": "Phone of the organisation",
    "website": "Website",
    "edrpou_reason": "Why a code with a wrong last digit is right",
}
# What other registers call the same.
_ALSO: dict[str, tuple[str, ...]] = {
    "edrpou": ("ЄДРПОУ", "Код ЄДРПОУ", "Код", "EDRPOU", "Ідентифікаційний код"),
    "name": ("Назва", "Повна назва", "Найменування", "Name"),
    "short_name": ("Скорочена назва", "Коротка назва"),
    "registered_on": ("Дата реєстрації", "Дата державної реєстрації", "Registered"),
    "head_name": ("Керівник", "Голова"),
    "legal_address": ("Адреса", "Юридична адреса", "Місцезнаходження"),
    "katottg": ("КАТОТТГ",),
    "district": ("Район", "Мікрорайон"),
    "contact_email": ("E-mail", "Email", "Електронна пошта"),
    "contact_phone": ("Телефон", "Phone"),
    "website": ("Сайт",),
}
_LIMITS = {
    "name": 300, "short_name": 120, "nonprofit_decision": 120, "head_name": 160, "head_position": 120,
    "legal_address": 300, "actual_address": 300, "district": 80, "contact_email": 254, "website": 200,
    "edrpou_reason": 500,
}  # fmt: skip
_HEAD_WITHIN = 20
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_FIRST_DAY = date(1899, 12, 30)  # day 0 of a spreadsheet's calendar
_EARLIEST = date(1900, 1, 1)
Values = dict[str, str | list[str]]


@dataclass(frozen=True)
class CellError:
    """What is wrong in which cell; `column` is the msgid of the heading."""

    row: int
    column: str
    place: str
    error: DomainError


@dataclass(frozen=True)
class RegisterLine:
    """A row as it was sent: fields that hold something. Days are ISO texts, fields of activity codes."""

    number: int
    values: Values


@dataclass
class Read:
    """What a file holds."""

    lines: list[RegisterLine] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)


def read_register(tables: Sequence[Table], *, today: date) -> Read:
    """The rows of the first sheet with the headings of code and name, each cell read by its column.

    Raises InvalidInput (file) where no sheet has them or a column stands twice. A row with errors gives no line.
    """
    for table in tables:
        head = _head_of(table)
        if head is not None:
            return _read(table, *head, today=today)
    raise InvalidInput("The file has no table with the columns of the EDRPOU code and of the name", field="file")


def _head_of(table: Table) -> tuple[TableRow, dict[str, str]] | None:
    known = _known_headings()
    for row in table.rows:
        if row.number > _HEAD_WITHIN:
            return None
        columns: dict[str, str] = {}
        for column, cell in row.cells.items():
            name = known.get(words.search_form(cell.text))
            if name in columns:
                told = {"place": table.place(column, row)}
                raise InvalidInput("%(place)s: this column appears twice", field="file", facts=told)
            if name is not None:
                columns[name] = column
        if {"edrpou", "name"} <= columns.keys():
            return row, columns
    return None


def _known_headings() -> dict[str, str]:
    found = {}
    for name, heading in HEADINGS.items():
        for text in (name, heading, spoken(heading, "uk"), *_ALSO.get(name, ())):
            found[words.search_form(text)] = name
    return found


def _read(table: Table, head: TableRow, columns: Mapping[str, str], *, today: date) -> Read:
    found = Read()
    readers = _readers(today)
    codes: dict[str, int] = {}
    for row in table.rows:
        if row.number <= head.number:
            continue
        values, errors = _read_row(table, row, columns, readers)
        code = str(values.get("edrpou", ""))
        if not values and not errors:
            continue
        if code and code in codes:
            repeated = DomainError("Row %(row)s names this code already", facts={"row": codes[code]})
            errors.append(_error(table, row, columns, "edrpou", repeated))
        elif not code and not any(one.column == HEADINGS["edrpou"] for one in errors):
            errors.append(_error(table, row, columns, "edrpou", DomainError("Enter the EDRPOU code")))
        codes.setdefault(code, row.number)
        if errors:
            found.errors += errors
        else:
            found.lines.append(RegisterLine(row.number, values))
    return found


def _read_row(
    table: Table, row: TableRow, columns: Mapping[str, str], readers: Mapping[str, Callable[[Cell], str | list[str]]]
) -> tuple[Values, list[CellError]]:
    values: Values = {}
    errors = []
    for name, column in columns.items():
        cell = row.cells.get(column)
        if cell is None:
            continue
        try:
            _refuse_formula(cell)
            value = (readers.get(name) or _text_of(name))(cell)
        except DomainError as error:
            errors.append(_error(table, row, columns, name, error))
            continue
        if value:
            values[name] = value
    return values, errors


def _error(table: Table, row: TableRow, columns: Mapping[str, str], name: str, error: DomainError) -> CellError:
    return CellError(row.number, HEADINGS[name], table.place(columns[name], row), error)


def _refuse_formula(cell: Cell) -> None:
    if cell.kind == "formula" or cell.text.lstrip()[:1] == "=":
        raise DomainError("A formula, not a value")


def _readers(today: date) -> dict[str, Callable[[Cell], str | list[str]]]:
    kinds, statuses = _by_words(ORGANISATION_KINDS), _by_words(NONPROFIT_CODES)
    activities = _by_words(FIELDS)
    return {
        "edrpou": _code,
        "kind": lambda cell: _chosen(cell, kinds, "There is no such kind of organisation"),
        "nonprofit_code": lambda cell: _chosen(cell, statuses, "There is no such non-profit status code"),
        "registered_on": lambda cell: _day(cell, today),
        "katottg": lambda cell: _matching(cell, is_katottg, "Enter the code as UA and 17 digits"),
        "fields": lambda cell: _activities(cell, activities),
        "contact_email": _email,
        "contact_phone": _phone,
        "website": _website,
    }


def _by_words(choices: Mapping[str, str]) -> dict[str, str]:
    """Codes by what people and exports write for them."""
    return {
        words.search_form(text): code
        for code, label in choices.items()
        for text in (code, code.lstrip("0"), label, spoken(label, "uk"))
    }


def _plain(cell: Cell) -> str:
    """The text without the apostrophe by which exports guard it."""
    text = words.one_line(cell.text)
    return text[1:] if text[:1] == "'" and text[1:].lstrip()[:1] in tuple("+-@") else text


def _text_of(name: str) -> Callable[[Cell], str]:
    limit = _LIMITS[name]

    def read(cell: Cell) -> str:
        text = _plain(cell)
        if len(text) > limit:
            told = {"limit": Figure(count, limit), "length": Figure(count, len(text))}
            raise DomainError("Too long: %(limit)s characters are allowed, now %(length)s", facts=told)
        return text

    return read


def _code(cell: Cell) -> str:
    """Eight digits; what a spreadsheet took for a number gets its leading zeros back where the last digit agrees."""
    text = _plain(cell).removesuffix(".0") if cell.kind == "number" else _plain(cell)
    if text.isascii() and text.isdigit() and 0 < len(text) < 8 and is_edrpou(text.zfill(8)):
        return text.zfill(8)
    if text and not has_edrpou_form(text):
        raise DomainError("The code has eight digits")
    return text


def _chosen(cell: Cell, known: Mapping[str, str], complaint: str) -> str:
    text = words.search_form(_plain(cell).removesuffix(".0") if cell.kind == "number" else _plain(cell))
    if text and text not in known:
        raise DomainError(complaint)
    return known.get(text, "")


def _activities(cell: Cell, known: Mapping[str, str]) -> list[str]:
    parts = [part for part in (words.search_form(one) for one in _plain(cell).split(";")) if part]
    unknown = next((part for part in parts if part not in known), None)
    if unknown is not None:
        raise DomainError("There is no field of activity “%(name)s”", facts={"name": unknown})
    codes = list(dict.fromkeys(known[part] for part in parts))
    if len(codes) > MOST_FIELDS:
        raise DomainError("Choose at most %(limit)s fields of activity", facts={"limit": MOST_FIELDS})
    return codes


def _matching(cell: Cell, fits: Callable[[str], bool], complaint: str) -> str:
    text = _plain(cell).replace(" ", "")
    if text and not fits(text):
        raise DomainError(complaint)
    return text


def _email(cell: Cell) -> str:
    text = _text_of("contact_email")(cell)
    if text and _EMAIL.fullmatch(text) is None:
        raise DomainError("Enter an e-mail address such as name@example.org")
    return text


def _phone(cell: Cell) -> str:
    digits = re.sub(r"[\s()\-]", "", _plain(cell).removesuffix(".0") if cell.kind == "number" else _plain(cell))
    if re.fullmatch(r"380\d{9}", digits, re.ASCII):
        digits = f"+{digits}"
    elif re.fullmatch(r"0\d{9}", digits, re.ASCII):
        digits = f"+38{digits}"
    if digits and not is_phone(digits):
        raise DomainError("Enter the phone as +380 and nine digits")
    return digits


def _website(cell: Cell) -> str:
    text = _text_of("website")(cell)
    if text and not re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", text):
        raise DomainError("Enter an address that begins with https://")
    return text


def _day(cell: Cell, today: date) -> str:
    """«02.04.2019», «2019-04-02» or the day number of a spreadsheet."""
    text = _plain(cell)
    if not text:
        return ""
    try:
        found = _read_day(cell.kind, text)
    except (ValueError, OverflowError) as error:
        raise DomainError("Enter a day as 02.04.2019 or 2019-04-02") from error
    if not _EARLIEST <= found <= today:
        raise DomainError("Enter a day that has already come")
    return found.isoformat()


def _read_day(kind: str, text: str) -> date:
    if kind in {"date", "number"}:
        return _FIRST_DAY + timedelta(days=int(float(text)))
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII)
    if match is not None:
        return date(int(match[3]), int(match[2]), int(match[1]))
    iso = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00)?)?", text, re.ASCII)
    if iso is None:
        raise ValueError(text)
    return date.fromisoformat(iso[1])
