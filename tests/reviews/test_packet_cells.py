"""Bad score sheets: every refusal names sheet and cell, and a file that is not one is never opened further."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.database import db
from grants_app.reviews.models import PacketUpload
from grants_app.web.drawing import tables as reading
from tests.reviews.test_packet import confirm, errors, packet_of, points, send
from tests.support.panel import Panel, declared, opened_panel
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as
from tests.support.workbooks import BIDS, SCORES, changed, filled, sheet_of


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    found = opened_panel(clock, applications=3)
    for bid in found.applications[:2]:
        declared(bid, found.experts[0])
    return found


def set_cell(sheet: str, place: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][place].value = value

    return change


def duplicate(book: Any) -> None:
    book[SCORES].append([cell.value for cell in book[SCORES][3]])


BAD = {
    "off_scale": (set_cell(SCORES, "F4", 11), "Бали!F4: choose points from 0 to 10"),
    "off_step": (set_cell(SCORES, "F4", 7.25), "Бали!F4: choose points in steps of 1 from 0 to 10"),
    "words": (set_cell(SCORES, "F4", "сім"), "Бали!F4: enter points as a number from 0 to 10"),
    "formula": (set_cell(SCORES, "F4", "=3+4"), "Бали!F4: a formula is not taken, write the value itself"),
    "formula_reason": (set_cell(SCORES, "G4", '="a"'), "Бали!G4: a formula is not taken, write the value itself"),
    "date": (
        set_cell(SCORES, "F4", date(2027, 5, 7)),
        "Бали!F4: the spreadsheet made a date of it. Write a number again",
    ),
    "boolean": (set_cell(SCORES, "F4", True), "Бали!F4: this is neither a text nor a number"),
    "foreign": (set_cell(SCORES, "A4", "2027-SKP-0003"), "Бали!A4: there is no such application in your packet"),
    "unknown": (set_cell(SCORES, "A4", "2027-SKP-9999"), "Бали!A4: there is no such application in your packet"),
    "no_code": (set_cell(SCORES, "A4", None), "Бали!A4: the code of the application is missing"),
    "criterion": (set_cell(SCORES, "C4", "nothing"), "Бали!C4: this application is not scored by such a criterion"),
    "advice": (set_cell(BIDS, "C2", "Може"), "Заявки!C2: choose a recommendation from the list"),
    "sum": (set_cell(BIDS, "D2", "12,3456"), "Заявки!D2: enter a sum in hryvnias, for example 12500 or 12500.50"),
    "two ways": (
        set_cell(BIDS, "D2", "12,345"),
        "Заявки!D2: “12,345” can be read in two ways, put a space between thousands",
    ),
    "long": (
        set_cell(BIDS, "E2", "а" * 5_003),
        "Заявки!E2: shorten the text by 3 characters, 5,000 are allowed",
    ),
    "twice": (set_cell(SCORES, "B1", "Бали"), "Бали!F1: this column appears twice"),
    "lacking": (set_cell(SCORES, "F1", "Інше"), "Бали: the column “Бали / Points” is missing"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_cell_is_named(app: Flask, panel: Panel, case: str) -> None:
    change, message = BAD[case]
    body = changed(filled(sheet_of(packet_of(app, panel))), change)
    client = visit_as(app, panel.experts[0])
    client.get("/?lang=en")
    answer = send(client, panel, body)
    assert (answer.status_code, errors(answer)[0]) == (422, message)
    db.session.rollback()
    assert db.session.scalars(sa.select(PacketUpload)).all() == []


def test_duplicate_row_names_both_places(app: Flask, panel: Panel) -> None:
    body = changed(filled(sheet_of(packet_of(app, panel))), duplicate)
    client = visit_as(app, panel.experts[0])
    client.get("/?lang=en")
    last = 2 + 2 * len(panel.competition.criteria)
    assert errors(send(client, panel, body)) == [f"Бали!A{last}: the same row is in Бали!A3"]


def test_all_bad_cells_are_named_at_once(app: Flask, panel: Panel) -> None:
    def change(book: Any) -> None:
        book[SCORES]["F2"].value, book[SCORES]["F3"].value = 99, "="
        book[BIDS]["C3"].value = "?"

    client = visit_as(app, panel.experts[0])
    found = errors(send(client, panel, changed(filled(sheet_of(packet_of(app, panel))), change)))
    assert [one.split(":")[0] for one in found] == ["Бали!F2", "Бали!F3", "Заявки!C3"]


def test_moved_rows_columns_and_english_headings_survive(app: Flask, panel: Panel) -> None:
    def move(book: Any) -> None:
        page = book[SCORES]
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        head, body = rows[0], rows[1:]
        head[0], head[2], head[5], head[6] = "Application code", "CRITERION  code", "points", "Justification"
        page.delete_rows(1, page.max_row)
        page.append(["зверху стоїть нотатка"])
        for row in [head, *reversed(body)]:
            page.append([None, *reversed(row)])

    client = visit_as(app, panel.experts[0])
    answer = send(client, panel, changed(filled(sheet_of(packet_of(app, panel)), points=4), move))
    assert answer.status_code == 302
    confirm(client, answer.location)
    assert points() == ["4"] * (2 * len(panel.competition.criteria))


def test_csv_of_points_is_taken(app: Flask, panel: Panel) -> None:
    code, criterion = panel.applications[0].code, panel.competition.criteria[0].code
    text = f"Код заявки;Код критерію;Бали;Обґрунтування\r\n{code};{criterion};7,0;'=обґрунтовано\r\n"
    client = visit_as(app, panel.experts[0])
    answer = send(client, panel, "\ufeff".encode() + text.encode(), "scores.csv")
    assert answer.status_code == 302
    confirm(client, answer.location)
    assert [one for one in points() if one] == ["7"]


def test_number_kept_in_binary_is_the_number_that_was_typed() -> None:
    from grants_app.reviews.rules.packet import _plain_number

    assert [_plain_number(one) for one in ("7.5", "8.4000000000000004", "1E-1", "10", "1e400")] == [
        "7.5", "8.4", "0.1", "10", "Infinity",
    ]  # fmt: skip


# -- files that are not a score sheet --------------------------------------------------------------------------


def repacked(body: bytes, **parts: bytes) -> bytes:
    """The container with further or other parts; dots in names are written as «__»."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        named = {name.replace("__", "."): part for name, part in parts.items()}
        for name in old.namelist():
            if name not in named:
                new.writestr(name, old.read(name))
        for name, part in named.items():
            new.writestr(name, part)
    return out.getvalue()


HUGE = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
LINKS = "The file holds macros, links to other files or embedded things. Save only the tables"
LARGE = "The file is too large for a score sheet"
KIND = "The file is neither XLSX nor CSV. Send the score sheet of your packet"
BROKEN = "The file cannot be read: it is damaged or is not a table"
HEADLESS = "The file has no table with the headings of the score sheet"
STRANGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "macros": (lambda body: repacked(body, **{"xl/vbaProject__bin": b"x"}), LINKS),
    "links": (lambda body: repacked(body, **{"xl/externalLinks/externalLink1__xml": b"<a/>"}), LINKS),
    "entities": (
        lambda body: repacked(body, **{"xl/workbook__xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        LINKS,
    ),
    "bomb": (lambda body: repacked(body, **{"xl/worksheets/sheet2__xml": HUGE + b" " * 60_000_000}), LARGE),
    "many_rows": (
        lambda body: repacked(
            body,
            **{"xl/worksheets/sheet2__xml": HUGE + b"".join(
                b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (one, one) for one in range(1, 11_000)
            ) + b"</sheetData></worksheet>"},
        ),
        LARGE,
    ),
    "not_a_book": (lambda _body: b"PK\x03\x04 nothing of the kind", BROKEN),
    "text": (lambda _body: "просто текст".encode(), HEADLESS),
    "binary": (lambda _body: b"\x00\x01\x02", KIND),
    "empty": (lambda _body: b"", BROKEN),
    "too_long": (lambda _body: b"a;b\n" * 2_000_000, LARGE),
}  # fmt: skip


@pytest.mark.parametrize("case", STRANGE)
def test_strange_file_is_refused_with_a_reason(app: Flask, panel: Panel, case: str) -> None:
    change, message = STRANGE[case]
    body = change(sheet_of(packet_of(app, panel)))
    client = visit_as(app, panel.experts[0])
    client.get("/?lang=en")
    answer = send(client, panel, body)
    assert (answer.status_code, errors(answer)) == (422, [message])


def test_declared_sizes_are_not_believed() -> None:
    """A part that unpacks to more than it declares is measured while it unpacks."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (reading.MOST_PART + 10))
        archive.writestr("[Content_Types].xml", b"<a/>")
    body = bytearray(out.getvalue())
    at = body.rfind(b"PK\x01\x02", 0, body.rfind(b"PK\x01\x02"))
    body[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the size in the directory
    assert reading.read_tables(bytes(body))["error"] in {"broken", "large"}
