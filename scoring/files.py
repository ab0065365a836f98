"""Reading of the public file formats; every refusal names file, line and column."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Final

from scoring.allocation import Candidate
from scoring.errors import FileError, ScoringError
from scoring.marks import Application, Mark
from scoring.ranking import Status
from scoring.rounding import is_decimal, parse_decimal
from scoring.rules import Rules

_LONGEST_SUM: Final = 15


@dataclass(frozen=True)
class Table:
    """A CSV file: header, rows of cells, and the line on which each row starts."""

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def position(self, column: str) -> int | None:
        """Index of a column, None where the file has none of that name."""
        return self.header.index(column) if column in self.header else None

    def blame(self, error: ScoringError) -> None:
        """Add file and line to a refusal that knows only the index of its row."""
        if not error.file:
            error.file = str(self.path)
            error.line = self.lines[error.index] if error.index is not None else error.line


def read_table(path: Path, required: Sequence[str]) -> Table:
    """Read a CSV file with a header line.

    Raises
    ------
    FileError
        Not readable, not UTF-8, a required column missing, a column twice, a row of another length.
    """
    header: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for row in reader:
                if header is None:
                    header = _checked_header(path, row, required)
                elif row:
                    if len(row) != len(header):
                        told = f"{len(row)} cells under {len(header)} columns"
                        raise FileError(told, file=str(path), line=start)
                    rows.append(row)
                    lines.append(start)
                start = reader.line_num + 1
    except csv.Error as error:
        raise FileError(_csv_reason(error), file=str(path), line=start) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    if header is None:
        raise FileError("the file is empty, a header line is needed", file=str(path), line=1)
    return Table(path, header, rows, lines)


def _checked_header(path: Path, header: list[str], required: Sequence[str]) -> list[str]:
    for index, column in enumerate(header):
        if column in header[:index]:
            raise FileError("the column stands twice", file=str(path), line=1, column=column)
    for column in required:
        if column not in header:
            told = "the column is missing"
            if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
                told += ": cells must be separated by commas"
            raise FileError(told, file=str(path), line=1, column=column)
    return header


def _csv_reason(error: csv.Error) -> str:
    """Say in words what the reader of CSV calls the end of data: the last quotation mark has no partner."""
    return "a quotation mark is never closed" if "unexpected end" in str(error) else str(error)


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> FileError:
    if isinstance(error, OSError):
        return FileError(f"cannot be read: {error.strerror or error}", file=str(path))
    return FileError("is not UTF-8 text", file=str(path), line=_first_foreign_line(path))


def _first_foreign_line(path: Path) -> int | None:
    """Find the line on which a file stops being UTF-8; a pipe cannot be read twice."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return None


def read_json(path: Path) -> object:
    """Read a JSON file; a key that stands twice is refused, because only one of the two would count.

    Raises
    ------
    FileError
        Not readable, not UTF-8, not JSON (with line), a key twice.
    """

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise FileError("the key stands twice", file=str(path), column=twice)
        return found

    try:
        return _parsed(path, unique)
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    except json.JSONDecodeError as error:
        raise FileError(
            f"is not JSON: {error.msg}", file=str(path), line=error.lineno, column=str(error.colno)
        ) from None
    except RecursionError:
        raise FileError("is nested too deeply", file=str(path)) from None
    except ScoringError:
        raise
    except ValueError:  # more digits than Python is willing to read
        raise FileError("holds a number that no sum or mark can have", file=str(path)) from None


def _parsed(path: Path, unique: Callable[[list[tuple[str, object]]], object]) -> object:
    text = path.read_text(encoding="utf-8-sig")
    found: object = json.loads(text, object_pairs_hook=unique, parse_float=_finite, parse_constant=_finite)
    if "\\ud" in text.lower():  # an escape may stand for half of a letter, which no UTF-8 file can hold
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise FileError("holds half of a letter (a lone surrogate)", file=str(path)) from None
    return found


def _finite(text: str) -> float:
    """Read a number with a fraction; NaN and infinities are no JSON."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


@contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """Add the file to a refusal that does not know it."""
    try:
        yield
    except ScoringError as error:
        error.file = error.file or str(path)
        raise


def read_rules(path: Path) -> Rules:
    """Read ``rules.json``."""
    document = read_json(path)
    with blamed_on(path):
        return Rules.from_json(document)


def read_marks(path: Path) -> tuple[list[Mark], Table]:
    """Read ``scores.csv``; unknown columns are kept with their mark."""
    table = read_table(path, ("application", "expert", "criterion", "points"))
    first = [table.header.index(column) for column in ("application", "expert", "criterion", "points")]
    state = table.position("state")
    extra = [(i, name) for i, name in enumerate(table.header) if i not in first and i != state]
    a, e, c, p = first
    if extra:
        marks = [
            Mark(
                row[a],
                row[e],
                row[c],
                row[p] or None,
                "" if state is None else row[state],
                tuple((name, row[i]) for i, name in extra),
            )
            for row in table.rows
        ]
    elif state is None:
        marks = [Mark(row[a], row[e], row[c], row[p] or None) for row in table.rows]
    else:
        marks = [Mark(row[a], row[e], row[c], row[p] or None, row[state]) for row in table.rows]
    return marks, table


def read_applications(path: Path) -> tuple[list[Application], Table]:
    """Read ``applications.csv``; every further column is kept as text."""
    table = read_table(path, ("application", "lot", "requested_kop"))
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = dict(zip(table.header, row, strict=True))
        code, lot = cells.pop("application"), cells.pop("lot")
        requested = _sum(path, line, "requested_kop", cells.pop("requested_kop"))
        smallest = _optional_sum(path, line, "smallest_kop", cells.pop("smallest_kop", ""))
        for column, text in cells.items():
            if column.endswith("_kop"):
                _optional_sum(path, line, column, text)
        if cells.get("fixed_points") and not is_decimal(cells["fixed_points"]):
            raise FileError("is not a decimal number", file=str(path), line=line, column="fixed_points")
        found.append(Application(code, lot, requested, smallest, cells))
    return found, table


def read_candidates(path: Path) -> tuple[list[Candidate], Table]:
    """Read ``ranking.csv`` for ``allocate``; an empty status is ranked."""
    table = read_table(path, ("application", "lot", "place", "score", "requested_kop"))
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = dict(zip(table.header, row, strict=True))
        if not cells["application"]:
            raise FileError("must not be empty", file=str(path), line=line, column="application")
        status = cells.get("status", "") or Status.RANKED.value
        found.append(
            Candidate(
                application=cells["application"],
                lot=cells["lot"],
                place=_optional_sum(path, line, "place", cells["place"]),
                score=_score(path, line, cells["score"]),
                requested_kop=_sum(path, line, "requested_kop", cells["requested_kop"]),
                smallest_kop=_optional_sum(path, line, "smallest_kop", cells.get("smallest_kop", "")),
                applicant=cells.get("applicant", ""),
                status=status,
            )
        )
    return found, table


def _score(path: Path, line: int, text: str) -> Fraction | None:
    if not text:
        return None
    if not is_decimal(text):
        raise FileError(f"{text[:40]!r} is not a decimal number", file=str(path), line=line, column="score")
    return Fraction(parse_decimal(text))


def _sum(path: Path, line: int, column: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise FileError(f"{text[:40]!r} is not a whole number", file=str(path), line=line, column=column)
    if len(text) > _LONGEST_SUM:
        raise FileError(f"has more than {_LONGEST_SUM} digits", file=str(path), line=line, column=column)
    return int(text)


def _optional_sum(path: Path, line: int, column: str, text: str) -> int | None:
    return _sum(path, line, column, text) if text else None
