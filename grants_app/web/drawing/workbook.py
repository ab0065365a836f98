"""A workbook of several protected sheets to be filled in: texts are always texts, open cells say what they take."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from grants_app.web.drawing.heights import height_of

_BOLD = 1.15  # how much wider bold letters are
_WIDE, _LINES_TO_WRITE = 30, 3
_MOST_TITLE, _MOST_MESSAGE = 32, 255  # what the format allows in the note of a cell


def draw_workbook(payload: dict[str, Any]) -> bytes:
    """The workbook: {"sheets": [{"name", "lines", "headings", "widths", "rows", "open", "checks"}]}.

    `lines` stand above the table; `open` are positions of the columns that a person fills in; `checks` bind a cell:
    {"row", "column", "list" | "formula", "title", "message"}, row counted from the first below the headings.
    """
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(buffer, options)
    formats = {
        "line": workbook.add_format({"text_wrap": True, "valign": "top"}),
        "head": workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#eef2f2"}
        ),
        "plain": workbook.add_format({"text_wrap": True, "valign": "top", "font_color": "#4b5761"}),
        "open": workbook.add_format(
            {"text_wrap": True, "valign": "top", "locked": False, "border": 1, "border_color": "#b9c1c0"}
        ),
    }
    for sheet in payload["sheets"]:
        _sheet(workbook.add_worksheet(sheet["name"]), sheet, formats)
    workbook.close()
    return buffer.getvalue()


def _sheet(page: Any, sheet: dict[str, Any], formats: dict[str, Any]) -> None:
    for number, line in enumerate(sheet["lines"]):
        page.write_string(number, 0, line, formats["line"])
    top = len(sheet["lines"])
    for column, width in enumerate(sheet["widths"]):
        page.set_column(column, column, width)
    if sheet["headings"]:
        _headings(page, top, sheet, formats["head"])
    # Where a person writes a text there is room for three lines, before they write too.
    least = _LINES_TO_WRITE if any(sheet["widths"][column] >= _WIDE for column in sheet["open"]) else 1
    for number, row in enumerate(sheet["rows"], start=top + 1):
        page.set_row(number, height_of(row, sheet["widths"], least=least))
        for column, value in enumerate(row):
            _cell(page, (number, column), value, formats["open" if column in sheet["open"] else "plain"])
    for check in sheet["checks"]:
        _check(page, top + 1 + check["row"], check)
    page.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _headings(page: Any, top: int, sheet: dict[str, Any], style: Any) -> None:
    page.set_row(top, height_of(sheet["headings"], [width / _BOLD for width in sheet["widths"]]))
    for column, heading in enumerate(sheet["headings"]):
        page.write_string(top, column, heading, style)
    page.freeze_panes(top + 1, 1)


def _cell(page: Any, place: tuple[int, int], value: str | int | float | None, style: Any) -> None:
    if value is None or value == "":
        page.write_blank(*place, None, style)
    elif isinstance(value, str):
        page.write_string(*place, value, style)
    else:
        page.write_number(*place, value, style)


def _check(page: Any, row: int, check: dict[str, Any]) -> None:
    rule = {
        "validate": "list" if "list" in check else "custom",
        "input_title": check["title"][:_MOST_TITLE],
        "input_message": check["message"][:_MOST_MESSAGE],
        "error_title": check["title"][:_MOST_TITLE],
        "error_message": check["message"][:_MOST_MESSAGE],
    }
    if "list" in check:
        rule["source"] = check["list"]
    else:
        rule["value"] = check["formula"].replace("{row}", str(row + 1))
    page.data_validation(row, check["column"], row, check["column"], rule)
