"""One sheet of an XLSX file: texts are always texts, never formulas."""

from __future__ import annotations

import io
import re
from typing import Any

import xlsxwriter

from grants_app.web.drawing.heights import height_of, width_of

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']+")
_LONGEST_NAME = 31  # what the format allows
_A4 = 9
_BOLD, _INDENT = 1.15, 1.5  # how much wider bold letters are; characters that the gap before a text takes


def _tab(title: str) -> str | None:
    """The name of the tab: the title without what the format forbids."""
    return " ".join(_NOT_IN_A_NAME.sub(" ", title).split())[:_LONGEST_NAME].strip() or None


def _for_paper(page: Any) -> None:
    """All columns on one page across, the headings above every page, its number below."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&R&P / &N")


def draw_xlsx(payload: dict[str, Any]) -> bytes:
    """The workbook of a sheet (see `columns.Sheet`): bold frozen headings, an autofilter, ready for paper."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(buffer, options)
    page = workbook.add_worksheet(_tab(payload.get("title", "")))
    bold = workbook.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "align": "left", "indent": 1}
    )
    plain = workbook.add_format({"text_wrap": True, "valign": "top", "align": "left", "indent": 1})
    formats = [
        workbook.add_format({"num_format": text, "valign": "top"}) if text else plain for text in payload["formats"]
    ]
    headings = payload["headings"]
    widths = [width_of(head, max(9.0, 9.0 * wide)) for head, wide in zip(headings, payload["widths"], strict=True)]
    page.set_row(0, height_of(headings, [width / _BOLD - _INDENT for width in widths]))
    for column, heading in enumerate(headings):
        page.write_string(0, column, heading, bold)
        page.set_column(column, column, widths[column])
    for number, row in enumerate(payload["values"], start=1):
        page.set_row(number, height_of(row, [width - _INDENT for width in widths]))
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(number, column, value, plain)
            elif value is not None:
                page.write_number(number, column, value, formats[column])
    page.freeze_panes(1, 0)
    _for_paper(page)
    if payload["values"]:
        page.autofilter(0, 0, len(payload["values"]), len(payload["headings"]) - 1)
    workbook.close()
    return buffer.getvalue()
