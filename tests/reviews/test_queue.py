"""The expert's queue: whose turn it is, what will not be ready, and that the pace of others shows in no number."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from grants_app.database import unit_of_work
from grants_app.reviews import queries, services
from tests.reviews.test_secrecy import RANDOM
from tests.support.desk import sheet_data, sheet_of
from tests.support.panel import assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as


def order(panel_expert: object) -> list[str]:
    return [row.code[-4:] for row in queries.my_assignments(panel_expert)]  # type: ignore[arg-type]  # a User


def test_queue_puts_the_least_reviewed_first(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=3)
    mine, other = panel.experts[0], panel.experts[1]
    submitted(panel.applications[0], other)
    assert order(mine) == ["0002", "0003", "0001"]
    submitted(panel.applications[1], other)
    assert order(mine) == ["0003", "0001", "0002"]


def test_queue_puts_what_is_begun_before_all_and_skipped_last(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=4)
    mine = panel.experts[0]
    begun, skipped = declared(panel.applications[3], mine), declared(panel.applications[0], mine)
    with unit_of_work():
        services.save_review(begun, full_sheet(panel.applications[3]), version=0, by=mine)
        services.skip(skipped, mine)
    assert order(mine) == ["0004", "0002", "0003", "0001"]
    with unit_of_work():
        services.save_review(skipped, full_sheet(panel.applications[0]), version=0, by=mine)
    assert order(mine) == ["0001", "0004", "0002", "0003"]


def test_queue_holds_no_number_of_others(app: Flask, clock: FrozenClock) -> None:
    """Two applications, both reviewed or both not: the order is the same, so every sign of the page must be too."""
    panel = opened_panel(clock, applications=2)
    client = visit_as(app, panel.experts[0])
    before = RANDOM.sub(b"", client.get("/reviews").data)
    for bid in panel.applications:
        submitted(bid, panel.experts[1])
    assert RANDOM.sub(b"", client.get("/reviews").data) == before


def test_queue_filtered_by_state(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=3)
    submitted(panel.applications[0], panel.experts[0])
    declared(panel.applications[1], panel.experts[0])
    client = visit_as(app, panel.experts[0])

    def shown(address: str) -> list[str]:
        rows = BeautifulSoup(client.get(address).text, "html.parser").select("tbody .sub")
        return re.findall(r"2027-SKP-(\d{4}) ·", " ".join(row.get_text() for row in rows))

    assert shown("/reviews?state=done") == ["0001"]
    assert shown("/reviews?state=score") == ["0002"]
    assert shown("/reviews?state=declare") == ["0003"]
    assert shown("/reviews?state=begun") == []
    assert shown("/reviews?state=whatever") == ["0002", "0003", "0001"]
    counts = BeautifulSoup(client.get("/reviews?lang=en").text, "html.parser").select(".app-counters a")
    assert [one.get_text(" ", strip=True) for one in counts] == [
        "3 All",
        "1 To be scored",
        "1 Declaration awaited",
        "1 Scored",
    ]


@pytest.mark.parametrize(
    ("day", "done", "expected"),
    [
        ("2027-04-05 20:00", 0, []),  # the first day says nothing
        ("2027-04-15 10:00", 1, [3]),  # one in ten days, half as long is left
        ("2027-04-13 10:00", 2, [1]),  # two in eight days, almost as long is left
        ("2027-04-13 10:00", 4, []),
        ("2027-04-21 00:00", 3, []),  # nothing is open any more
    ],
)
def test_forecast_of_the_own_pace(app: Flask, clock: FrozenClock, day: str, done: int, expected: list[int]) -> None:
    panel = opened_panel(clock, applications=4)
    for bid in panel.applications[:done]:
        submitted(bid, panel.experts[0])
    clock.at(day)
    rows = queries.my_assignments(panel.experts[0])
    assert [one.missing_count for one in queries.forecasts(rows)] == expected


def test_forecast_said_on_the_page_of_expert_and_secretary(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=4)
    submitted(panel.applications[0], panel.experts[0])
    clock.at("2027-04-15 10:00")
    page = visit_as(app, panel.experts[0]).get("/reviews?lang=en").text
    assert "At your pace 3 reviews will not be ready by 20 April 2027" in page
    progress = visit_as(app, panel.secretary).get(f"/reviews/{panel.competition.code}/progress?lang=en").text
    assert "3 will be missing" in progress


def test_next_goes_round_the_queue(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=3)
    rows = queries.my_assignments(panel.experts[0])

    def after(number: int) -> str:
        found = queries.next_of(rows, panel.applications[number].code or "")
        return found.code[-4:] if found else ""

    assert [after(0), after(1), after(2)] == ["0002", "0003", "0001"]


@pytest.mark.parametrize("choice", ["save", "next"])
def test_choice_after_saving_remembered(app: Flask, clock: FrozenClock, choice: str) -> None:
    panel = opened_panel(clock, applications=2)
    first, second = panel.applications
    declared(first, panel.experts[0])
    client, address = sheet_of(app, panel.experts[0], first)
    stays, goes = address, f"/reviews/{second.code}/declaration"
    saved = client.post(address, data=sheet_data(panel, then=choice))
    assert saved.location == {"save": stays, "next": goes}[choice]
    primary = [one.get_text(strip=True) for one in _buttons(client.get(f"{address}?lang=en").text)]
    other = {"save": "Save", "next": "Save and open the next one"}[choice]
    assert primary == ["Finish the review", other]
    finished = client.post(address, data=sheet_data(panel, version="1"))
    assert finished.location == {"save": stays, "next": goes}[choice]


def test_queue_asks_as_often_for_many_as_for_few(app: Flask, clock: FrozenClock) -> None:
    counts = []
    panel = opened_panel(clock, applications=6)
    for bid in panel.applications[:2]:
        submitted(bid, panel.experts[0])
    client = visit_as(app, panel.experts[0])
    client.get("/reviews")
    with count_queries() as many:
        client.get("/reviews")
    counts.append(len(many))
    with unit_of_work():
        for bid in panel.applications[3:]:
            services.take_back(assignment_of(bid, panel.experts[0]), "Менше роботи", panel.secretary)
    with count_queries() as few:
        client.get("/reviews")
    counts.append(len(few))
    assert counts[0] == counts[1] <= 8, str(many)


def _buttons(page: str) -> list[Tag]:
    return list(BeautifulSoup(page, "html.parser").select(".app-sheet__end .govuk-button"))


def test_queue_offers_a_packet_only_while_something_can_be_filled_in(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    expert = panel.experts[0]
    address = f"/reviews/packet/{panel.competition.code}"
    submitted(panel.applications[0], expert)
    assert f'href="{address}"' in visit_as(app, expert).get("/reviews").text
    submitted(panel.applications[1], expert)
    page = visit_as(app, expert).get("/reviews").text
    assert panel.applications[1].title in page
    assert f'href="{address}"' not in page
