"""Pages of the money: who sees them, what they refuse, what they export."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from grants_app.budget import services
from grants_app.budget.models import BudgetLine
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

NEW = {
    "source": "city",
    "code": "CITY-2027",
    "title": "Підтримка ініціатив",
    "year": "2027",
    "kpkvk": "0218410",
    "limit": "1 000 000,50",
}


def errors(answer: TestResponse) -> list[str]:
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    return [str(link["href"]) for link in page.select(".govuk-error-summary a")]


def test_line_is_opened_shown_and_changed(app: Flask, clock: FrozenClock) -> None:
    client = visit_as(app, new_person(Role.FINANCE))
    assert client.post("/budget/new", data=NEW).location == "/budget/CITY-2027"
    line = db.session.query(BudgetLine).one()
    assert (line.limit_kop, line.kpkvk, line.source) == (100_000_050, "0218410", "city")
    change = {"seen": "100000050", "limit": "900000", "reason": "Рішення сесії"}
    assert client.post("/budget/CITY-2027/limit", data=change).location == "/budget/CITY-2027"
    assert line.limit_kop == 90_000_000
    stale = client.post("/budget/CITY-2027/limit", data=change | {"limit": "800000"})
    assert (stale.status_code, line.limit_kop) == (409, 90_000_000)
    text = client.get("/budget/CITY-2027").get_data(as_text=True)
    assert text.count("Рішення сесії") == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"limit": "багато"}, "#limit"),
        ({"limit": ""}, "#limit"),
        ({"limit": "0"}, "#limit"),
        ({"code": "код"}, "#code"),
        ({"year": "27"}, "#year"),
        ({"kpkvk": "12"}, "#kpkvk"),
        ({"title": " "}, "#title"),
        ({"source": "bank"}, "#source"),
    ],
)
def test_line_with_a_bad_value_refused(app: Flask, clock: FrozenClock, change: dict[str, str], field: str) -> None:
    client = visit_as(app, new_person(Role.FINANCE))
    answer = client.post("/budget/new", data=NEW | change)
    assert (answer.status_code, errors(answer)) == (422, [field])
    assert db.session.query(BudgetLine).count() == 0


def test_change_without_a_reason_or_below_promises_refused(app: Flask, clock: FrozenClock) -> None:
    finance = new_person(Role.FINANCE)
    client = visit_as(app, finance)
    client.post("/budget/new", data=NEW)
    line = db.session.query(BudgetLine).one()
    with unit_of_work():
        services.reserve(line, 100, thing="test", code="X", by=finance)
    for data, fields in (({"limit": "5", "reason": ""}, ["#reason"]), ({"limit": "0,99", "reason": "Так"}, ["#limit"])):
        answer = client.post("/budget/CITY-2027/limit", data=data)
        assert (answer.status_code, errors(answer)) == (422, fields)
    assert line.limit_kop == 100_000_050


@pytest.mark.parametrize(("role", "status"), [(Role.SECRETARY, 200), (Role.EXPERT, 403), (Role.NGO_HEAD, 403)])
def test_who_sees_the_money(app: Flask, clock: FrozenClock, role: Role, status: int) -> None:
    client = visit_as(app, new_person(role))
    assert client.get("/budget").status_code == status
    assert client.get("/budget/new").status_code == 403
    assert client.post("/budget/new", data=NEW).status_code == 403


def test_lines_are_exported_as_filtered(app: Flask, clock: FrozenClock) -> None:
    client = visit_as(app, new_person(Role.FINANCE))
    client.post("/budget/new", data=NEW)
    client.post("/budget/new", data=NEW | {"code": "GRANT-1", "source": "grant", "kpkvk": ""})
    rows = client.get("/budget.json?source=grant").json
    assert rows is not None
    assert [(row["code"], row["limit_kop"]) for row in rows["rows"]] == [("GRANT-1", 100_000_050)]
    entries = client.get("/budget/CITY-2027/entries.json").json
    assert entries is not None
    assert [(row["kind"], row["amount_kop"]) for row in entries["rows"]] == [("limit", 100_000_050)]
    assert client.get("/budget/NONE").status_code == 404


def test_queries_do_not_grow_with_the_lines(app: Flask, clock: FrozenClock) -> None:
    client = visit_as(app, new_person(Role.FINANCE))
    counts = []
    for number in range(1, 4):
        client.post("/budget/new", data=NEW | {"code": f"CITY-{number}"})
        if number != 2:
            with count_queries() as statements:
                client.get("/budget")
            counts.append(len(statements))
    assert counts[0] == counts[1]
