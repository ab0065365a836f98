"""A budget written elsewhere: rows of a table from Excel, Word or a file, read as lines; what cannot be read is named.

Nothing is guessed: a cell that is no amount stays empty and is told by its place. A category may be written as people
say it, by the beginning of its name in either language, as long as one alone begins so. Sums are computed anew; a sum
that stands in the table is only compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from grants_app.applications.rules.budget import MAX_ROWS, Line
from grants_app.core.money import AmbiguousError, line_total, parse_kop, parse_milli
from grants_app.core.tables import Cell, Table, TableRow
from grants_app.core.words import one_line, search_form

# The order of the table on the page, for rows without headings.
ORDER = (
    *("category", "item", "unit", "qty", "price", "cost", "city", "own_cash", "own_inkind", "other", "justification"),
    "least",
)
TEXTS = {"item": 300, "unit": 40, "justification": 500}
AMOUNTS = ("price", "city", "own_cash", "own_inkind", "other", "least")
# Beginnings of headings, folded; longer ones are asked first.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "category": ("стаття", "категорія", "category"),
    "item": ("за що", "найменування", "назва", "витрати", "опис", "what is paid", "item", "description"),
    "unit": ("одиниця", "од.", "од ", "unit"),
    "qty": ("кількість", "к-сть", "кіл", "quantity", "qty"),
    "price": ("ціна", "вартість одиниці", "вартість за од", "price", "unit price", "unit cost"),
    "cost": ("вартість", "сума", "усього", "всього", "разом", "cost", "total", "amount"),
    "city": ("місто", "кошти міста", "від міста", "з бюджету", "бюджет міста", "місцевий бюджет", "city"),
    "own_cash": ("власні кошти", "власні гроші", "own money", "own cash"),
    "own_inkind": ("власний негрош", "негрошов", "натурою", "own in kind", "in kind"),
    "other": ("інші джерела", "інші", "other"),
    "justification": ("обґрунтування", "пояснення", "justification"),
    "least": ("найменша", "якщо не все", "at the smallest", "least"),
}
_STARTS = sorted(
    ((start, code) for code, starts in _HEADINGS.items() for start in starts), key=lambda one: -len(one[0])
)
_SUMS = ("разом", "усього", "всього", "підсумок", "total", "sum")
MOST_ROWS = 2_000
_NUMBERED = re.compile(r"^\d{1,2}(?:[.)]\d{1,2})*(?:[.)]\s*|\s+)")  # «1.», «2.3.», «4)» before a name
# Possessive: an opened quote that nobody closes costs one walk and is taken as it stands.
_QUOTED = re.compile(r'"((?:[^"]|""){0,5000}+)"(?=[\t\n]|\Z)')
_PLAIN = re.compile(r"[^\t\n]*+")
_ARTEFACT = Decimal("0.000001")  # what a spreadsheet's own arithmetic leaves behind the last decimal


@dataclass(frozen=True)
class CellError:
    """A cell that could not be read: its place as the spreadsheet names it, a msgid with facts."""

    place: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)
    row: int = 0
    cell: str = ""


@dataclass(frozen=True)
class ReadRow:
    """A row with the line that was understood and what was not."""

    number: int
    line: Line
    errors: tuple[CellError, ...] = ()


@dataclass(frozen=True)
class ReadBudget:
    """What was understood of a table. `columns`: heading as written -> cell of ours; `unread` ones were left away."""

    rows: tuple[ReadRow, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    skipped: int = 0  # rows of sums

    @property
    def lines(self) -> list[Line]:
        """The lines in their order."""
        return [row.line for row in self.rows]

    @property
    def errors(self) -> list[CellError]:
        """Everything that could not be read."""
        return [error for row in self.rows for error in row.errors]


def table_of_text(text: str) -> Table:
    """A block copied from a spreadsheet or a document: columns by tabs, rows by lines, quotes around broken lines."""
    rows = []
    for number, cells in enumerate(_split(text.replace("\r\n", "\n").replace("\r", "\n")), 1):
        filled = {_letters(place): Cell("text", cell) for place, cell in enumerate(cells) if cell.strip()}
        if filled:
            rows.append(TableRow(number, filled))
    return Table("", rows)


def read_budget(table: Table, categories: Mapping[str, str]) -> ReadBudget:
    """Lines of the table; `categories`: folded names in any language -> code."""
    heads, body = _heads(table)
    columns = {column: code for column, code in heads.items() if code}
    rows: list[ReadRow] = []
    skipped = 0
    for row in body:
        cells = {code: row.cells[column] for column, code in columns.items() if column in row.cells}
        if _is_sum(cells):
            skipped += 1
        elif cells and len(rows) <= MAX_ROWS:
            places = {code: table.place(column, row).lstrip("!") for column, code in columns.items()}
            rows.append(_row(row.number, cells, places, categories))
    named = body is not table.rows
    first = table.rows[0].cells if named and table.rows else {}
    return ReadBudget(
        rows=tuple(rows),
        columns=tuple((first[column].text if named else "", code) for column, code in columns.items()),
        unread=tuple(first[column].text for column, code in heads.items() if not code and column in first),
        skipped=skipped,
    )


def _heads(table: Table) -> tuple[dict[str, str], Sequence[TableRow]]:
    """Columns by their headings, or by the order of our table when the first row is no heading."""
    if not table.rows:
        return {}, table.rows
    first: dict[str, str] = {}
    for column, cell in table.rows[0].cells.items():
        code = _heading(cell.text)
        first[column] = code if code not in first.values() else ""
    if sum(1 for code in first.values() if code) >= 2 and ("item" in first.values() or "price" in first.values()):
        return first, table.rows[1:]
    letters = sorted({column for row in table.rows for column in row.cells}, key=lambda one: (len(one), one))
    widest = [_letters(place) for place in range(len(ORDER))]
    return {column: ORDER[widest.index(column)] if column in widest else "" for column in letters}, table.rows


def _heading(text: str) -> str:
    folded = search_form(text)
    if folded in ORDER:
        return folded
    return next((code for start, code in _STARTS if folded.startswith(start)), "")


def _is_sum(cells: Mapping[str, Cell]) -> bool:
    """A row of totals: a word for them, and no price."""
    words = [search_form(cells[code].text) for code in ("category", "item") if code in cells]
    return "price" not in cells and any(word.startswith(_SUMS) for word in words)


def _row(number: int, cells: Mapping[str, Cell], places: Mapping[str, str], categories: Mapping[str, str]) -> ReadRow:
    values: dict[str, object] = {}
    errors: list[CellError] = []
    for code, cell in cells.items():
        try:
            values[code] = _value(code, cell, categories)
        except ValueError as error:
            errors.append(CellError(places[code], str(error), {"text": one_line(cell.text)[:60]}, number, code))
    line = Line(
        category=str(values.get("category") or ""),
        item=str(values.get("item") or ""),
        unit=str(values.get("unit") or ""),
        justification=str(values.get("justification") or ""),
        qty_milli=_int(values.get("qty")) or 0,
        price_kop=_int(values.get("price")) or 0,
        city_kop=_int(values.get("city")) or 0,
        own_cash_kop=_int(values.get("own_cash")) or 0,
        own_inkind_kop=_int(values.get("own_inkind")) or 0,
        other_kop=_int(values.get("other")) or 0,
        least_kop=_int(values.get("least")),
    )
    told = _int(values.get("cost"))
    if told is not None and not errors and told != line_total(line.qty_milli, line.price_kop):
        message = "The sum here is %(amount)s, but quantity × price gives %(available)s"
        facts = {"amount": told, "available": line.total_kop}
        errors.append(CellError(places["cost"], message, facts, number, "cost"))
    return ReadRow(number, line, tuple(errors))


def _value(code: str, cell: Cell, categories: Mapping[str, str]) -> object:
    """The value of a cell. Raises ValueError with the msgid of the complaint."""
    if cell.kind == "formula":
        if code == "cost":
            return None
        raise ValueError("The cell holds a formula: paste its value")
    text = one_line(cell.text)
    if not text or text in {"-", "–", "—"}:
        return None
    if code == "category":
        return category_of(text, categories)
    if code in TEXTS:
        if len(text) > TEXTS[code]:
            raise ValueError("The text is too long")
        return text
    return _figure(code, cell, text)


def category_of(text: str, categories: Mapping[str, str]) -> str:
    """The code of a category by its name as people write it; `categories`: folded names -> code.

    Capital letters, numbers before it, quotes and signs around it do not matter; «послуги» is «Послуги сторонніх
    виконавців» while no other name begins with it. Raises ValueError with the msgid of the complaint.
    """
    folded = search_form(text)
    if folded in categories:
        return categories[folded]
    plain = _bare(folded)
    found = {code for name, code in categories.items() if _bare(name) == plain}
    found = found or {code for name, code in categories.items() if plain and _begins(_bare(name), plain)}
    if len(found) == 1:
        return found.pop()
    if found:
        raise ValueError("“%(text)s” begins the names of several categories: write it in full")
    raise ValueError("The call has no category “%(text)s”")


def _bare(folded: str) -> str:
    """A name without its number, brackets, quotes and the signs at its ends."""
    return " ".join(re.sub(r"\([^()]*\)", " ", _NUMBERED.sub("", folded)).split()).strip(" .,:;–—-\"'«»“”„")


def _begins(name: str, start: str) -> bool:
    return name == start or name.startswith(start + " ")


def _figure(code: str, cell: Cell, text: str) -> int | None:
    plain = _without_artefacts(text) if cell.kind == "number" else text
    try:
        return parse_milli(_certain(plain, cell)) if code == "qty" else parse_kop(plain)
    except AmbiguousError as error:
        if code == "cost":
            return None
        raise ValueError("“%(text)s” can be read in two ways: put a space between thousands, 1 234") from error
    except ValueError as error:
        if code == "cost":
            return None
        if code == "qty":
            raise ValueError("“%(text)s” is no quantity: at most three decimals") from error
        raise ValueError("“%(text)s” is no amount in hryvnias: from zero up, at most two decimals") from error


def _certain(text: str, cell: Cell) -> str:
    """A number of a spreadsheet is known to have decimals after its point, and one more nought says so."""
    return f"{text}0" if cell.kind == "number" and "." in text else text


def _without_artefacts(text: str) -> str:
    """0.30000000000000004 of a spreadsheet is 0.3; a third of a hryvnia stays what it is and is refused."""
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    if not exact.is_finite() or abs(exact) >= 10**15:
        return text
    rounded = round(exact, 3)
    return f"{rounded.normalize():f}" if abs(exact - rounded) < _ARTEFACT else text


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _split(text: str) -> list[list[str]]:
    """Cells of a pasted block. A spreadsheet puts a cell into quotes when it holds a tab, a line break or a quote."""
    rows: list[list[str]] = [[]]
    place = 0
    while place <= len(text) and len(rows) <= MOST_ROWS:
        end, cell = _cell(text, place)
        rows[-1].append(cell)
        if end < len(text) and text[end] == "\n":
            rows.append([])
        place = end + 1
    return rows


def _cell(text: str, start: int) -> tuple[int, str]:
    """Where the cell that begins here ends, and what it says."""
    if text.startswith('"', start):
        found = _QUOTED.match(text, start)
        if found is not None and any(sign in found[1] for sign in ("\n", "\t", '""')):
            return found.end(), found[1].replace('""', '"')
    found = _PLAIN.match(text, start)
    return (found.end(), found[0]) if found else (len(text), "")


def _letters(place: int) -> str:
    """«A» for 0, «AA» for 26."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
