"""The score sheet of a packet: its headings in both languages, and what a filled one says, cell by cell.

Rows are found by their codes and columns by their headings, so that both may be moved. An empty cell says nothing: what
is stored stays. Every refusal names sheet and cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from grants_app.core import words
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors
from grants_app.core.money import AmbiguousError, parse_kop
from grants_app.core.tables import Cell, Table, TableRow
from grants_app.reviews.rules.sheet import LONGEST_TEXT, OffScaleError, clean_points
from scoring import Criterion
from scoring.rounding import decimal_text

LANGUAGES = ("uk", "en")
# Fixed words of the file, written and read alike: a translation that is polished later must not lose a filled sheet.
SHEET_NAMES = {
    "help": {"uk": "Як заповнити", "en": "How to fill in"},
    "scores": {"uk": "Бали", "en": "Scores"},
    "applications": {"uk": "Заявки", "en": "Applications"},
}
HEADINGS = {
    "application": {"uk": "Код заявки", "en": "Application code"},
    "title": {"uk": "Проєкт", "en": "Project"},
    "criterion": {"uk": "Код критерію", "en": "Criterion code"},
    "criterion_title": {"uk": "Критерій", "en": "Criterion"},
    "scale": {"uk": "Шкала", "en": "Scale"},
    "points": {"uk": "Бали", "en": "Points"},
    "reason": {"uk": "Обґрунтування", "en": "Justification"},
    "recommendation": {"uk": "Рекомендація", "en": "Recommendation"},
    "sum": {"uk": "Рекомендована сума, грн", "en": "Recommended sum, UAH"},
    "comment_applicant": {"uk": "Коментар для заявника", "en": "Comment for the applicant"},
    "comment_secretary": {"uk": "Нотатка для секретаря", "en": "Note for the secretary"},
    "version": {"uk": "Версія листа", "en": "Sheet version"},
}
RECOMMENDATION_WORDS = {
    "fund": {"uk": "Підтримати повністю", "en": "Fund in full"},
    "partly": {"uk": "Підтримати на меншу суму", "en": "Fund a smaller sum"},
    "refuse": {"uk": "Не підтримувати", "en": "Do not fund"},
}
SCORE_COLUMNS = ("application", "title", "criterion", "criterion_title", "scale", "points", "reason")
BID_COLUMNS = (
    "application", "title", "recommendation", "sum", "comment_applicant", "comment_secretary", "version",
)  # fmt: skip
MOST_ERRORS = 60
_HEAD_WITHIN = 40  # rows above which the headings must stand

_FIELD_OF = {words.search_form(text): name for name, texts in HEADINGS.items() for text in texts.values()}
_ADVICE_OF = {words.search_form(text): code for code, texts in RECOMMENDATION_WORDS.items() for text in texts.values()}
_ADVICE_OF |= {code: code for code in RECOMMENDATION_WORDS}


@dataclass
class PacketEntry:
    """What the file says of one application; None and a missing key mean that it says nothing."""

    points: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    recommendation: str | None = None
    recommended_kop: int | None = None
    comment_applicant: str | None = None
    comment_secretary: str | None = None
    version: int | None = None  # of the stored sheet when the packet was made

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be kept until the person confirms."""
        return asdict(self)


Asked = Mapping[str, Mapping[str, Criterion]]  # application code -> criterion code -> criterion


def read_packet(tables: Sequence[Table], asked: Asked) -> dict[str, PacketEntry]:
    """What the filled tables say, by application code.

    Raises ManyErrors naming every cell that does not suit, InvalidInput when there is no table of the packet at all.
    """
    reading = _Reading(asked)
    found = [part for table in tables if (part := _head_of(table)) is not None]
    for table, head, columns in found:
        reading.read(table, head, columns)
    if not found:
        raise InvalidInput("The file has no table with the headings of the score sheet", field="file")
    if reading.errors:
        raise ManyErrors(reading.errors[:MOST_ERRORS])
    return reading.entries


Head = tuple[Table, int, list[tuple[str, str]]]


def _head_of(table: Table) -> Head | None:
    """The table with the number of its heading row and pairs (field, column), if it is one of the packet."""
    for row in table.rows:
        if row.number > _HEAD_WITHIN:
            return None
        columns = [
            (name, column)
            for column, cell in row.cells.items()
            if cell.kind == "text" and (name := _FIELD_OF.get(words.search_form(cell.text))) is not None
        ]
        names = {name for name, _column in columns}
        if "application" in names and names & {"criterion", "recommendation", "sum", "comment_applicant", "points"}:
            return table, row.number, columns
    return None


class _Reading:
    """Tables read one after another into the same entries."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.codes = {words.search_form(code): code for code in asked}
        self.entries: dict[str, PacketEntry] = {}
        self.errors: list[DomainError] = []
        self._seen: dict[tuple[str, str], str] = {}

    def read(self, table: Table, head: int, columns: list[tuple[str, str]]) -> None:
        """Take every row below the headings."""
        where = dict(reversed(columns))
        for name, column in columns:
            if where[name] != column:
                self._refuse(f"{table.name}!{column}{head}", "%(place)s: this column appears twice")
        is_scores = "criterion" in where or "points" in where
        lacking = [name for name in ("criterion", "points") if is_scores and name not in where]
        for name in lacking:
            facts = {"place": table.name, "column": " / ".join(HEADINGS[name].values())}
            self.errors.append(InvalidInput("%(place)s: the column “%(column)s” is missing", field="file", facts=facts))
        if lacking:
            return
        for row in table.rows:
            if row.number > head and any(column in row.cells for column in where.values()):
                self._row(_Line(table, row, where), is_scores=is_scores)

    def _row(self, line: _Line, *, is_scores: bool) -> None:
        code = self._code(line)
        if code is None:
            return
        criterion = self._criterion(line, code) if is_scores else ""
        if criterion is None:
            return
        earlier = self._seen.setdefault((code, criterion), line.place("application"))
        if earlier != line.place("application"):
            self._refuse(line.place("application"), "%(place)s: the same row is in %(earlier)s", earlier=earlier)
            return
        entry = self.entries.setdefault(code, PacketEntry())
        if is_scores:
            self._score(line, entry, self.asked[code][criterion])
        else:
            self._bid(line, entry)

    def _code(self, line: _Line) -> str | None:
        text = self._text(line, "application")
        if text is None:
            if line.cell("application") is None:
                self._refuse(line.place("application"), "%(place)s: the code of the application is missing")
            return None
        found = self.codes.get(words.search_form(text))
        if found is None:
            self._refuse(line.place("application"), "%(place)s: there is no such application in your packet")
        return found

    def _criterion(self, line: _Line, code: str) -> str | None:
        text = self._text(line, "criterion")
        known = {words.search_form(one): one for one in self.asked[code]}
        found = None if text is None else known.get(words.search_form(text))
        if found is None:
            self._refuse(line.place("criterion"), "%(place)s: this application is not scored by such a criterion")
        return found

    def _score(self, line: _Line, entry: PacketEntry, criterion: Criterion) -> None:
        points = self._points(line, criterion)
        if points is not None:
            entry.points[criterion.code] = points
        reason = self._long(line, "reason")
        if reason is not None:
            entry.reasons[criterion.code] = reason

    def _bid(self, line: _Line, entry: PacketEntry) -> None:
        advice = self._text(line, "recommendation")
        if advice is not None:
            entry.recommendation = _ADVICE_OF.get(words.search_form(advice))
            if entry.recommendation is None:
                self._refuse(line.place("recommendation"), "%(place)s: choose a recommendation from the list")
        entry.recommended_kop = self._sum(line)
        entry.comment_applicant = self._long(line, "comment_applicant")
        entry.comment_secretary = self._long(line, "comment_secretary")
        version = line.cell("version")
        if version is not None and version.text.split(".")[0].isdecimal():
            entry.version = int(version.text.split(".")[0])

    def _points(self, line: _Line, criterion: Criterion) -> str | None:
        text = self._text(line, "points")
        if text is None:
            return None
        try:
            return clean_points(text, criterion)
        except OffScaleError as error:
            low, high, step = (decimal_text(one) for one in (criterion.min, criterion.max, criterion.step))
            message = _OFF_SCALE.get(str(error), "%(place)s: enter points as a number from %(low)s to %(high)s")
            self._refuse(line.place("points"), message, low=low, high=high, step=step)
            return None

    def _sum(self, line: _Line) -> int | None:
        text = self._text(line, "sum")
        if text is None:
            return None
        try:
            return parse_kop(text)
        except AmbiguousError:
            message = "%(place)s: “%(text)s” can be read in two ways, put a space between thousands"
            self._refuse(line.place("sum"), message, text=text)
        except ValueError:
            message = "%(place)s: enter a sum in hryvnias, for example 12500 or 12500.50"
            self._refuse(line.place("sum"), message)
        return None

    def _long(self, line: _Line, name: str) -> str | None:
        text = self._text(line, name)
        if text is None:
            return None
        over = words.count(text) - LONGEST_TEXT
        if over > 0:
            message = "%(place)s: shorten the text by %(over)s characters, %(most)s are allowed"
            self._refuse(line.place(name), message, over=over, most=LONGEST_TEXT)
            return None
        return words.unify(text).strip()

    def _text(self, line: _Line, name: str) -> str | None:
        """The cell as text; formulas, dates and errors are refused where they stand."""
        cell = line.cell(name)
        if cell is None:
            return None
        if cell.kind == "formula":
            self._refuse(line.place(name), "%(place)s: a formula is not taken, write the value itself")
        elif cell.kind == "date":
            self._refuse(line.place(name), "%(place)s: the spreadsheet made a date of it. Write a number again")
        elif cell.kind == "other":
            self._refuse(line.place(name), "%(place)s: this is neither a text nor a number")
        elif cell.kind == "number":
            return _plain_number(cell.text)
        else:
            return cell.text.strip()
        return None

    def _refuse(self, place: str, message: str, **facts: object) -> None:
        self.errors.append(InvalidInput(message, field="file", facts={"place": place, **facts}))


_OFF_SCALE = {
    "Choose points from %(low)s to %(high)s": "%(place)s: choose points from %(low)s to %(high)s",
    "Choose points in steps of %(step)s from %(low)s to %(high)s": (
        "%(place)s: choose points in steps of %(step)s from %(low)s to %(high)s"
    ),
}


@dataclass(frozen=True)
class _Line:
    """A row with the columns of its table."""

    table: Table
    row: TableRow
    columns: Mapping[str, str]

    def cell(self, name: str) -> Cell | None:
        """The cell under a heading, if the column is there and the cell is not empty."""
        return self.row.cells.get(self.columns.get(name, ""))

    def place(self, name: str) -> str:
        """Sheet and cell, for the refusal."""
        return self.table.place(self.columns[name], self.row)


def _plain_number(text: str) -> str:
    """A number as the spreadsheet keeps it («7.5», «1E-1», «8.4000000000000004») as the number that was typed."""
    try:
        return format(Decimal(repr(float(text))).normalize(), "f")
    except (ValueError, InvalidOperation):
        return text
