"""Filled score sheets for tests: the packet's own workbook, opened and changed as a person would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl

SCORES, BIDS = "Бали", "Заявки"


def sheet_of(packet: bytes) -> bytes:
    """The score sheet inside a packet."""
    with zipfile.ZipFile(io.BytesIO(packet)) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".xlsx"))
        return archive.read(name)


def changed(body: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook after `change(workbook)`."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(body: bytes, points: str | float = 7, reason: str = "Показники вимірні, ціни підтверджені.") -> bytes:
    """Every row of points and every application filled in."""

    def fill(book: Any) -> None:
        for row in book[SCORES].iter_rows(min_row=2):
            row[5].value, row[6].value = points, reason
        for row in book[BIDS].iter_rows(min_row=2):
            row[2].value = "Підтримати повністю"

    return changed(body, fill)
