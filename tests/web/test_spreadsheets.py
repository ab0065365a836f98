"""Files for spreadsheets hold what a spreadsheet can count with: days, instants, sums, shares, never formulas."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from flask import Flask

from grants_app.web.columns import Columns, Day, Moment, Money, Number, Points, Share, Text
from grants_app.web.export import Block, Document, respond


class Everything(Columns):
    """A column of every kind."""

    number = Number(label="Номер")
    title = Text(label="Назва")
    day = Day(label="День")
    at = Moment(label="Коли")
    kop = Money(label="Сума, грн")
    share = Share(label="Частка")
    score = Points(label="Бал")
    marks = Points(label="Бали")


@dataclass
class Row:
    """A row with a formula where a person types."""

    number: int | None = 3
    title: str = "=HYPERLINK(1)"
    day: date | None = date(2027, 3, 3)
    at: datetime | None = datetime(2027, 3, 28, 20, 59, 59, tzinfo=UTC)
    kop: int | None = 14_800_050
    share: int | None = 2_753
    score: str | None = "89.83"
    marks: str | None = "88.5 · 89"


@pytest.fixture
def page(app: Flask) -> Any:
    """The sheet as a spreadsheet opens it, of a title that no tab may have."""
    with app.test_request_context():
        document = Document("Рейтинг: [лот 1/2] дуже довгої назви конкурсу міста", [Block("rows")])
        empty = Row(None, "", None, None, None, None, None, None)
        body = respond([Row(), empty], Everything, "xlsx", file_name="all", document=document).data
    return openpyxl.load_workbook(io.BytesIO(body)).active


@pytest.mark.sqlite_only
def test_spreadsheet_holds_days_sums_and_shares_as_such(page: Any) -> None:
    cells = page[2]
    assert [cell.value for cell in (*cells[:2], *cells[4:])] == [
        3, "=HYPERLINK(1)", 148_000.5, 0.2753, 89.83, "88,5 · 89",
    ]  # fmt: skip
    assert [str(cell.value) for cell in cells[2:4]] == ["2027-03-03 00:00:00", "2027-03-28 23:59:59"]
    assert [cell.data_type for cell in cells] == ["n", "s", "d", "d", "n", "n", "n", "s"]
    assert [cell.number_format for cell in cells[2:6]] == ["dd.mm.yyyy", "dd.mm.yyyy hh:mm:ss", "#,##0.00", "0.00%"]
    assert [cell.value for cell in page[3]] == [None, "", *[None] * 6]


@pytest.mark.sqlite_only
def test_spreadsheet_is_named_and_ready_for_paper(page: Any) -> None:
    assert page.title == "Рейтинг лот 1 2 дуже довгої наз"
    setup = page.page_setup
    assert (setup.orientation, setup.paperSize, page.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", 9, True)
    assert (setup.fitToWidth, setup.fitToHeight, page.print_title_rows) == (None, 0, "$1:$1")  # one page across


@pytest.mark.sqlite_only
def test_spreadsheet_gives_wrapped_texts_the_lines_that_they_need(app: Flask) -> None:
    """An office suite that does not measure rows by itself would print one text over the next."""
    long = "Громадська організація «Вигадана спілка сусідів, які люблять свій двір і дбають про нього разом»"
    with app.test_request_context():
        document = Document("Рядки", [Block("rows")])
        body = respond(
            [Row(title="Мапа"), Row(title=long)], Everything, "xlsx", file_name="all", document=document
        ).data
    page = openpyxl.load_workbook(io.BytesIO(body)).active
    heights = [page.row_dimensions[number].height for number in (2, 3)]
    assert heights == [None, 75]
