"""The whole budget wherever an application is read: nobody signs or decides sums without what they consist of."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.documents import form_to_sign
from grants_app.applications.models import Application
from grants_app.applications.rules import Line
from grants_app.core.money import NBSP
from grants_app.database import db, unit_of_work
from tests.support.applications import close, complete_budget, draft_application, new_head
from tests.support.calls import Call
from tests.support.visitors import visit_as

COST = "Послуги сторонніх виконавців (ЦПД, ФОП) · 2,5 день × 12 000 грн"
WHY = "Ціна із трьох <пропозицій>"
LEAST = "Місто платить за найменшої суми: 25 000 грн"


def written(call: Call, head: User) -> Application:
    """A draft whose first line is two days and a half of trainers, of which five sixths would do."""
    draft = draft_application(call.competition, head, smallest_dropped="Проведемо менше зустрічей")
    trainers = Line(
        "services",
        "Тренерки",
        2_500,
        1_200_000,
        unit="день",
        city_kop=3_000_000,
        justification=WHY,
        least_kop=2_500_000,
    )
    with unit_of_work():
        services.save_budget(draft, [trainers, complete_budget()[1]], head, smallest_kop=2_500_000)
    return draft


def budget_on(app: Flask, viewer: User, address: str) -> list[str]:
    """What stands beneath the first line of the budget, and beneath the table."""
    page = BeautifulSoup(visit_as(app, viewer).get(address).text, "html.parser")
    table = page.select_one("section[aria-labelledby=s-lines]")
    assert table is not None, address
    first = table.select("tbody tr")[0]
    told = [*first.select("th .sub"), *table.select("p")]
    return [" ".join(one.get_text().replace(NBSP, " ").split()) for one in told]


def test_lines_are_read_with_price_reason_and_smallest_sum(app: Flask, call: Call) -> None:
    head = new_head()
    draft = written(call, head)
    whole = [COST, WHY, LEAST, "Найменша прийнятна сума: 25 000 грн"]
    for page in ("check", "print"):
        assert budget_on(app, head, f"/applications/{draft.key}/{page}") == whole
    with unit_of_work():
        services.submit_application(draft, head)
    assert budget_on(app, head, f"/applications/{draft.code}") == whole
    assert budget_on(app, head, f"/applications/{draft.code}/budget") == whole
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, by=call.secretary)
    assert budget_on(app, call.secretary, f"/applications/{draft.code}/formal-check") == whole
    assert budget_on(app, call.members[0], f"/applications/{draft.code}") == whole


def test_answer_on_the_smallest_amount_stands_among_those_to_be_checked(app: Flask, call: Call) -> None:
    head = new_head()
    draft = written(call, head)
    page = BeautifulSoup(visit_as(app, head).get(f"/applications/{draft.key}/check").text, "html.parser")
    row = page.select_one("#q-smallest_dropped")
    assert row is not None
    value, change = row.select_one("dd.govuk-summary-list__value"), row.select_one("a")
    assert value is not None
    assert value.get_text(strip=True) == "Проведемо менше зустрічей"
    assert change is not None
    assert change["href"] == f"/applications/{draft.key}/budget#smallest_dropped"


def test_form_to_sign_prints_what_the_sums_consist_of(app: Flask, call: Call) -> None:
    draft = written(call, new_head())
    with app.test_request_context("/?lang=en"):
        blocks = form_to_sign(draft, queries.signing_digest(draft)).blocks
    table = next(block.table for block in blocks if block.kind == "table")
    assert table is not None
    assert table["cells"][0][0].replace(NBSP, " ").split("\n") == [
        "Тренерки", COST.replace("12 000 грн", "12 000,00 грн"), WHY, LEAST.replace("25 000 грн", "25 000,00 грн")
    ]  # fmt: skip
    assert table["cells"][1][0].count("\n") == 1
    db.session.rollback()
