"""Reading of filled-in tables that people send: XLSX and CSV as plain cells, nothing computed, nothing followed.

Runs in a child process with a ceiling on memory and time. Only cells are read: macros, links to other files and
embedded things refuse the whole file, a formula is told apart from a value and never evaluated.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import resource
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

MEMORY = 768 * 1024 * 1024
SECONDS = 20
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 12, 10_100, 60, 300_000
MOST_TEXT = 8 * 1024 * 1024
MOST_PART = 40 * 1024 * 1024  # one unpacked part of the container
MOST_MEMBERS = 300
MOST_RATIO = 150

_FORBIDDEN = (
    "vbaproject",
    "externallinks/",
    "embeddings/",
    "activex",
    "connections.xml",
    "querytables/",
    "macrosheets",
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)

Cells = dict[str, list[str]]
Row = dict[str, Any]


class RefusedError(Exception):
    """The file may not be read; the word says why."""


def read_tables(body: bytes) -> dict[str, Any]:
    """{"sheets": [{"name", "rows": [{"number", "cells": {"D": [kind, text]}}]}]} or {"error": word}.

    Kinds: text, number, date, formula, other. Rows without cells are left out.
    """
    try:
        return {"sheets": _read_book(body) if body[:2] == b"PK" else [_read_csv(body)]}
    except RefusedError as refusal:
        return {"error": str(refusal)}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, NotImplementedError, EOFError, OSError):
        return {"error": "broken"}
    except (MemoryError, RecursionError):
        return {"error": "large"}


def hold_down() -> None:
    """Put the ceiling on this process: a file that unpacks without end ends the child, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _read_csv(body: bytes) -> dict[str, Any]:
    if b"\x00" in body:
        raise RefusedError("kind")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1251")
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    csv.field_size_limit(MOST_TEXT)
    rows = []
    for number, line in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), start=1):
        if number > MOST_ROWS or len(line) > MOST_COLUMNS:
            raise RefusedError("large")
        cells = {_letters(index): ["text", _unguarded(cell)] for index, cell in enumerate(line) if cell.strip()}
        if cells:
            rows.append({"number": number, "cells": cells})
    return {"name": "CSV", "rows": rows}


def _unguarded(cell: str) -> str:
    """The text without the apostrophe that guards it from being taken for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip()[:1] in tuple("=+-@") else cell


def _letters(index: int) -> str:
    """«A» for 0, «AA» for 26."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _read_book(body: bytes) -> list[dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        _look_inside(archive, len(body))
        texts = _shared(archive)
        dates = _date_styles(archive)
        sheets, left = [], MOST_CELLS
        for name, part in _sheets(archive):
            rows = list(_rows(archive, part, texts, dates))
            left -= sum(len(row["cells"]) for row in rows)
            if left < 0:
                raise RefusedError("large")
            sheets.append({"name": name, "rows": rows})
        return sheets


def _look_inside(archive: zipfile.ZipFile, size: int) -> None:
    """Counted and summed before anything is unpacked."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_PART * 2 or unpacked > MOST_RATIO * max(size, 10_000):
        raise RefusedError("large")
    for member in members:
        name = member.filename.replace("\\", "/").lower()
        if member.flag_bits & 0x1:
            raise RefusedError("locked")
        if any(word in name for word in _FORBIDDEN):
            raise RefusedError("links")
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise RefusedError("kind")
    if b"macroenabled" in _part(archive, "[Content_Types].xml").lower():
        raise RefusedError("links")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """An unpacked part, measured while it unpacks: the sizes that a container declares are only claims."""
    with archive.open(name) as stream:
        body = stream.read(MOST_PART + 1)
    if len(body) > MOST_PART:
        raise RefusedError("large")
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body:
        raise RefusedError("links")
    return body


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(_part(archive, name))


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Names of the sheets with their parts, in the order of the tabs."""
    targets = {
        one.get("Id"): posixpath.normpath(posixpath.join("xl", one.get("Target", "").lstrip("/").removeprefix("xl/")))
        for one in _tree(archive, "xl/_rels/workbook.xml.rels")
    }
    found = list(_tree(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"))
    if len(found) > MOST_SHEETS:
        raise RefusedError("large")
    for sheet in found:
        part = targets.get(sheet.get(_LINK), "")
        if part.startswith("xl/worksheets/"):
            yield sheet.get("name", ""), part


def _shared(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    texts = [_text(item) for item in _tree(archive, "xl/sharedStrings.xml").findall(f"{_MAIN}si")]
    if sum(map(len, texts)) > MOST_TEXT:
        raise RefusedError("large")
    return texts


def _text(item: ElementTree.Element) -> str:
    """The text of a rich or plain string, phonetic hints left out."""
    runs = [item, *item.findall(f"{_MAIN}r")]
    return "".join(node.text or "" for run in runs for node in run.findall(f"{_MAIN}t"))


def _date_styles(archive: zipfile.ZipFile) -> set[str]:
    """Numbers of the cell styles that show a date or a time."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    styles = _tree(archive, "xl/styles.xml")
    own = {
        int(one.get("numFmtId", "0"))
        for one in styles.iter(f"{_MAIN}numFmt")
        if re.search(r"[dmyhs]", re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", one.get("formatCode", "").lower()))
    }
    formats = styles.find(f"{_MAIN}cellXfs")
    kinds = [int(one.get("numFmtId", "0")) for one in formats] if formats is not None else []
    return {str(number) for number, kind in enumerate(kinds) if kind in _DATE_FORMATS or kind in own}


def _rows(archive: zipfile.ZipFile, part: str, texts: list[str], dates: set[str]) -> Iterator[Row]:
    count = 0
    for row in _tree(archive, part).iter(f"{_MAIN}row"):
        cells: Cells = {}
        number = int(row.get("r", "0"))
        for cell in row.findall(f"{_MAIN}c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            value = _value(cell, texts, dates)
            if place is not None and value is not None:
                cells[place[1]] = value
                number = int(place[2])
        if not cells:
            continue
        count += 1
        if count > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise RefusedError("large")
        yield {"number": number, "cells": cells}


def _value(cell: ElementTree.Element, texts: list[str], dates: set[str]) -> list[str] | None:
    """Kind and text of a cell, or nothing for an empty one."""
    if cell.find(f"{_MAIN}f") is not None:
        return ["formula", ""]
    kind = cell.get("t", "n")
    inside = cell.find(f"{_MAIN}is")
    if kind == "inlineStr" and inside is not None:
        return _filled("text", _text(inside))
    found = cell.find(f"{_MAIN}v")
    if found is None or found.text is None:
        return None
    if kind == "s":
        return _filled("text", texts[int(found.text)])
    if kind == "str":
        return _filled("text", found.text)
    if kind == "n":
        return ["date" if cell.get("s") in dates else "number", found.text.strip()]
    return ["other", found.text]


def _filled(kind: str, text: str) -> list[str] | None:
    text = re.sub(r"_x000[dD]_", "", text)  # how the format writes a carriage return
    return [kind, text] if text.strip() else None
