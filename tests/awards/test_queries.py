"""Lists ask the database a fixed number of questions, whatever their length, and a conflicted member sees nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import AgendaItem
from grants_app.awards.queries.ranking import PAGE_ROWS
from grants_app.database import db, unit_of_work
from tests.support.decisions import Bid, Case, add_item, open_decision, open_meeting, rules_of, scored_competition
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

MOST_QUERIES = 8
CRITERIA = ["c1", "c2", "c3", "c4", "c5"]


def long_list(rows: int) -> Case:
    """A competition of `rows` applications, three reviews of five criteria each, in two lots."""
    bids = [
        Bid(
            f"заявка {number}",
            1_000_000 + number,
            {expert: str(4 + (number + shift) % 7) for shift, expert in enumerate(("E1", "E2", "E3"))},
            lot=("small", "large")[number % 2],
        )
        for number in range(rows)
    ]
    rules = rules_of({"small": rows * 200_000, "large": rows * 200_000}, CRITERIA)
    return scored_competition(bids, rules, experts=3)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("rows", [50, 500])
def test_ranking_page_asks_at_most_eight_questions(app: Flask, clock: FrozenClock, rows: int) -> None:
    case = long_list(rows)
    open_decision(case)
    client = visit_as(app, case.members[0])
    client.get("/awards/2027-TST/ranking")  # builds templates and reads the language once
    with count_queries() as statements:
        page = client.get("/awards/2027-TST/ranking")
    assert page.status_code == 200
    assert page.get_data(as_text=True).count('class="place"') == min(rows, PAGE_ROWS)
    assert len(statements) <= MOST_QUERIES, str(statements)
    with count_queries() as of_page_two:
        client.get("/awards/2027-TST/ranking?page=2&lot=small&state=money&sort=-score")
    assert len(of_page_two) <= MOST_QUERIES, str(of_page_two)


def test_ranking_page_does_not_read_what_it_does_not_show(app: Flask, case: Case) -> None:
    open_decision(case)
    with count_queries() as statements:
        visit_as(app, case.members[0]).get("/awards/2027-TST/ranking")
    told = "\n".join(statements)
    hidden = ("inputs_text", "trace", "steps", "criteria", "expert_totals", "score.points", "review")
    assert [name for name in hidden if f"ranking_line.{name}" in told or f"ranking.{name}" in told] == []


@pytest.mark.parametrize("size", [1, 3])
def test_item_page_asks_as_much_for_three_sums_as_for_one(app: Flask, clock: FrozenClock, size: int) -> None:
    bids = [Bid(f"заявка {number}", 1_000_000, {"E1": "9", "E2": "9"}) for number in range(size)]
    case = scored_competition(bids, rules_of({"lot": 10_000_000}))
    open_decision(case)
    item = add_item(case, open_meeting(case))
    client = visit_as(app, case.members[0])
    address = f"/awards/meetings/{item.meeting.code}/items/1"
    client.get(address)
    with count_queries() as statements:
        assert client.get(address).status_code == 200
    assert len(statements) <= 60, str(statements)


def test_conflicted_member_receives_nothing_of_the_item(app: Flask, case: Case) -> None:
    open_decision(case)
    award, code = case.award("друга"), case.codes["друга"]
    meeting = open_meeting(case)
    with unit_of_work():
        item = services.add_item(
            meeting, kind="award", title="Про проєкт друга", draft="Надати 40 000 грн.", award=award, by=case.secretary
        )
        services.note_for_minutes(item, "Обговорення друге", by=case.secretary)
    member = case.members[0]
    address = f"/awards/meetings/{meeting.code}"
    pages = [
        address,
        f"{address}/items/1",
        f"{address}/items/1/live",
        "/awards/2027-TST/ranking",
        "/awards/2027-TST/ranking?state=money",
        "/awards/2027-TST/ranking.json",
        "/awards/2027-TST/ranking.csv",
        "/awards/2027-TST/winners",
        "/awards/2027-TST/winners.json",
        "/awards/2027-TST/decision",
        "/awards/2027-TST/publication",
        "/awards/2027-TST/reserve",
        "/home",
    ]
    secrets = (code, "Проєкт друга", "Про проєкт друга", "Надати 40 000", "Обговорення друге")
    client = visit_as(app, member)
    before = "".join(client.get(page).get_data(as_text=True) for page in pages)
    assert [secret in before for secret in secrets] == [True] * len(secrets)
    with unit_of_work():
        services.declare_recusal(db.session.scalars(sa.select(AgendaItem)).one(), reason="", by=member)
    after = {page: client.get(page).get_data(as_text=True) for page in pages}
    assert {page: [secret for secret in secrets if secret in text] for page, text in after.items()} == {
        page: [] for page in pages
    }
    assert client.get(f"/awards/2027-TST/ranking/{code}").status_code == 404
    # The running sum of the next row and the bar of the lot would betray the sum that is left out.
    assert "80\u00a0000" not in after["/awards/2027-TST/ranking"]
