"""One sheet of an XLSX file: texts are always texts, never formulas."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter


def draw_xlsx(payload: dict[str, Any]) -> bytes:
    """The workbook of a sheet (see `columns.Sheet`), with a frozen bold heading row and an autofilter."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(buffer, options)
    page = workbook.add_worksheet()
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    formats = [
        workbook.add_format({"num_format": text, "valign": "top"}) if text else plain for text in payload["formats"]
    ]
    for column, heading in enumerate(payload["headings"]):
        page.write_string(0, column, heading, bold)
        page.set_column(column, column, max(9.0, 9.0 * payload["widths"][column]))
    for number, row in enumerate(payload["values"], start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(number, column, value, plain)
            elif value is not None:
                page.write_number(number, column, value, formats[column])
    page.freeze_panes(1, 0)
    if payload["values"]:
        page.autofilter(0, 0, len(payload["values"]), len(payload["headings"]) - 1)
    workbook.close()
    return buffer.getvalue()
