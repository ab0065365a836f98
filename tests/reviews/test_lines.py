"""Budget lines kept, trimmed or struck by an expert, and the recommended sum that follows from them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.applications.models import BudgetRow
from grants_app.core.errors import ManyErrors
from grants_app.database import db, unit_of_work
from grants_app.reviews import documents, queries, services
from grants_app.reviews.documents import packet
from grants_app.reviews.models import LineAdvice
from grants_app.reviews.rules import LineInput
from tests.support.desk import LINES, sheet_data, sheet_of, with_budget
from tests.support.panel import Panel, assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

WHY = "Ціна вища за ринкову"


def panel_with_budget(clock: FrozenClock) -> Panel:
    panel = opened_panel(clock, applications=1)
    with_budget(panel.applications[0])
    declared(panel.applications[0], panel.experts[0])
    return panel


def finish(panel: Panel, **changes: object) -> None:
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        services.submit_review(assignment_of(bid, expert), full_sheet(bid, "7", **changes), version=0, by=expert)


def refusals(panel: Panel, **changes: object) -> list[tuple[str | None, str]]:
    with pytest.raises(ManyErrors) as caught:
        finish(panel, **changes)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LineAdvice)) == 0
    return [(one.field, str(one)) for one in caught.value.errors]


def stored(panel: Panel) -> tuple[str | None, int | None]:
    review = assignment_of(panel.applications[0], panel.experts[0]).review
    assert review is not None
    return review.recommendation, review.recommended_kop


def test_sum_follows_from_the_lines(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    lines = {1: LineInput(1_500_000, WHY), 3: LineInput(1_200_000), 4: LineInput(0, WHY)}
    finish(panel, recommendation="partly", lines=lines)
    assert stored(panel) == ("partly", 2_700_000)
    kept = db.session.scalars(sa.select(LineAdvice).order_by(LineAdvice.budget_row_id)).all()
    assert [(one.city_kop, one.reason) for one in kept] == [(1_500_000, WHY), (0, WHY)]


def test_typed_sum_that_agrees_with_the_lines(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    finish(panel, recommendation="partly", recommended_kop=3_200_000, lines={4: LineInput(0, WHY)})
    assert stored(panel) == ("partly", 3_200_000)


def test_typed_sum_that_contradicts_the_lines_refused_with_both_figures(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    for typed in (3_200_001, 3_199_999):
        found = refusals(panel, recommendation="partly", recommended_kop=typed, lines={4: LineInput(0, WHY)})
        assert found == [
            (
                "recommended_kop",
                f"You typed {typed}, and the lines leave 3200000. Clear the sum or change the lines",
            )
        ]


def test_whole_sum_beside_cut_lines_refused(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    assert refusals(panel, lines={4: LineInput(0, WHY)}) == [
        ("recommendation", "The lines are cut by 800000. Recommend a smaller sum, or leave the lines whole")
    ]
    finish(panel, lines={4: LineInput(800_000, "")})
    assert stored(panel) == ("fund", 4_000_000)


def test_everything_struck_means_no_money(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    lines = {number: LineInput(0, WHY) for number in (1, 3, 4)}
    assert refusals(panel, recommendation="partly", lines=lines) == [
        ("recommendation", "Nothing is left of the budget: recommend not to fund")
    ]
    finish(panel, recommendation="refuse", lines=lines)
    assert stored(panel) == ("refuse", None)


@pytest.mark.parametrize(
    ("line", "field", "sentence"),
    [
        ((1, 2_000_001, WHY), "line_1", "Line 1: at most 2000000 can be left, now 2000001"),
        ((2, 1, WHY), "line_2", "Line 2: at most 0 can be left, now 1"),
        ((4, -1, WHY), "line_4", "Line 4: at most 800000 can be left, now -1"),
        ((4, 0, ""), "why_4", "Line 4: say why the sum is cut"),
        ((4, 0, "а" * 501), "why_4", "Line 4: shorten the reason to 500 characters"),
    ],
)
def test_line_refused_by_its_row(
    app: Flask, clock: FrozenClock, line: tuple[int, int, str], field: str, sentence: str
) -> None:
    panel = panel_with_budget(clock)
    lines = {line[0]: LineInput(line[1], line[2])}
    assert refusals(panel, recommendation="partly", lines=lines) == [(field, sentence)]


def test_line_that_is_not_in_the_budget_refused(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    found = refusals(panel, recommendation="partly", lines={5: LineInput(0, WHY)})
    assert found == [(None, "The sheet names a line that this budget does not have")]


def test_draft_keeps_lines_and_a_later_sheet_without_them_leaves_them(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    row = assignment_of(bid, expert)
    sheet = full_sheet(bid, recommendation="partly", lines={4: LineInput(0, "")})
    with unit_of_work():
        services.save_review(row, sheet, version=0, by=expert)
    with unit_of_work():
        services.save_review(row, replace(sheet, lines={}), version=1, by=expert)
    assert stored(panel) == ("partly", 3_200_000)
    with unit_of_work():
        services.save_review(row, replace(sheet, lines={4: LineInput(None, "")}), version=2, by=expert)
    assert stored(panel) == ("partly", None)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LineAdvice)) == 0


def test_lines_typed_on_the_page(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    client, address = sheet_of(app, expert, bid)
    data = sheet_data(panel, recommendation="partly", line_1="15 000,01", why_1=WHY, line_3="12 000", line_4="8001")
    answer = client.post(f"{address}?lang=en", data=data)
    soup = BeautifulSoup(answer.text, "html.parser")
    links = [(link["href"], link.get_text(strip=True)) for link in soup.select(".govuk-error-summary a")]
    assert (answer.status_code, links) == (
        422,
        [("#line_4", "Line 4: at most UAH\u00a08,000 can be left, now UAH\u00a08,001")],
    )
    assert soup.select_one("#line_1")["value"] == "15 000,01"  # type: ignore[index]
    minus = client.post(f"{address}?lang=en", data={**data, "line_4": "-5"})
    assert "An amount is from zero up: type it without the minus" in minus.text
    data["line_4"] = ""
    assert client.post(address, data=data).status_code == 302
    assert stored(panel) == ("partly", 3_500_001)


def test_lines_shown_to_the_commission_and_on_paper(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    bid = panel.applications[0]
    finish(panel, recommendation="partly", lines={4: LineInput(0, WHY)})
    submitted(bid, panel.experts[1])
    client = visit_as(app, panel.secretary)
    soup = BeautifulSoup(client.get(f"/reviews/{bid.code}/reviews?lang=en").text, "html.parser")
    table = soup.find("caption", string="Budget lines by experts").parent  # type: ignore[union-attr]
    cells = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tbody tr, tfoot tr")]  # type: ignore[union-attr]
    codes = [one.expert_code for one in queries.reviews_of(bid)]
    mine = codes.index(assignment_of(bid, panel.experts[0]).expert_code)
    assert cells[0][:2] == ["4. Чай і печиво", "UAH\u00a08,000"]
    assert cells[0][2 + mine] == f"struck out{WHY}"
    other = codes.index(assignment_of(bid, panel.experts[1]).expert_code)
    assert cells[0][2 + other] == "left whole"
    assert cells[1][2 + mine] == "UAH\u00a032,000"
    view = queries.sheet_for(assignment_of(bid, panel.experts[0]), panel.secretary)
    with app.test_request_context("/?lang=en"):
        paper = documents.review_sheet(bid, view, lang="en", with_note=True)
    tables = [block.table["cells"] for block in paper.blocks if block.table and block.text == "Lines of the budget"]
    assert tables == [
        [
            ["4", "Чай і печиво", "8,000.00", "0.00", WHY],
            ["", "Whole request", "40,000.00", "32,000.00", ""],
        ]
    ]


def test_lines_are_part_of_what_is_hashed_and_kept(app: Flask, clock: FrozenClock) -> None:
    panel = panel_with_budget(clock)
    expert = panel.experts[0]
    finish(panel, recommendation="partly", lines={4: LineInput(0, WHY)})
    row = assignment_of(panel.applications[0], expert)
    with unit_of_work():
        services.recall_review(row, expert)
    assert row.review is not None
    edition = json.loads(row.review.editions[0].content)
    assert edition["lines"] == {"4": {"left_kop": 0, "reason": WHY}}


def test_matrix_asks_as_often_for_many_lines_as_for_none(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    with_budget(panel.applications[1])
    for bid in panel.applications:
        for expert in panel.experts[:2]:
            submitted(bid, expert)
    client = visit_as(app, panel.secretary)
    client.get(f"/reviews/{panel.applications[0].code}/reviews")
    counts = []
    for bid in panel.applications:
        with count_queries() as statements:
            client.get(f"/reviews/{bid.code}/reviews")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 22, str(statements)


def test_declaration_shows_people_and_budget_before_the_text(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = with_budget(panel.applications[0])

    page = BeautifulSoup(visit_as(app, panel.experts[0]).get(f"/reviews/{bid.code}/declaration").text, "html.parser")

    assert [str(cell.text) for cell in page.select("main tbody th")] == [item for _, item, _ in LINES]
    text = page.get_text()
    shown = [words in text for words in ("Вигадана Тренерка", "ОСББ «Вигадане»", "1 240 звернень")]
    assert shown == [True, True, False]


def test_lines_are_read_with_quantity_price_and_reason(app: Flask, clock: FrozenClock) -> None:
    """On the sheet and in the packet: nobody can say that a sum is too high without its price."""
    panel = panel_with_budget(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        row = db.session.scalars(sa.select(BudgetRow).filter_by(application_id=bid.id, position=1)).one()
        row.qty_milli, row.price_kop, row.justification, row.least_kop = 2_500, 1_000_000, "Три пропозиції", 1_500_000
    client, address = sheet_of(app, expert, bid)
    page = BeautifulSoup(client.get(address).text.replace("\N{NO-BREAK SPACE}", " "), "html.parser")
    line = page.select("#text-costs + div tbody tr")[0]
    assert [one.get_text() for one in line.select(".sub")] == [
        "Послуги сторонніх виконавців (ЦПД, ФОП) · 2,5 шт × 10 000 грн", "Три пропозиції",
        "Місто платить за найменшої суми: 15 000 грн",
    ]  # fmt: skip
    with app.test_request_context("/"):
        assignment = assignment_of(bid, expert)
        paper = packet.application_paper(assignment, queries.reading_of(bid, lang="uk"), lang="uk")
    table = next(block.table for block in paper.blocks if block.kind == "table")
    assert table is not None
    cell = table["cells"][0][0].replace("\N{NO-BREAK SPACE}", " ")
    assert cell == "Тренерки, 20 занять\n2,5 шт × 10 000,00 грн"
