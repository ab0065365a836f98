"""Marks are checked against the scale before anything is computed."""

from __future__ import annotations

from typing import Any

import pytest

from scoring import Application, ApplicationError, Lot, Mark, MarkError, rank
from scoring.marks import tabulate_marks
from tests.scoring.builders import criterion, rules

RULES = rules(criterion("c", 1, 10, "0.5"), lots=(Lot("L", 100, minimum_kop=10, maximum_kop=50),))
GOOD = Mark("A", "E1", "c", "7.5", "scored")


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"points": "10.5"}, "points"),
        ({"points": "0.5"}, "points"),
        ({"points": "7.25"}, "points"),
        ({"points": "seven"}, "points"),
        ({"points": "7,5"}, "points"),
        ({"points": "1e1"}, "points"),
        ({"points": "٧"}, "points"),
        ({"points": None}, "points"),
        ({"points": "7.5", "state": "recused"}, "points"),
        ({"points": None, "state": "maybe"}, "state"),
        ({"criterion": "zz"}, "criterion"),
        ({"expert": ""}, "expert"),
        ({"application": ""}, "application"),
    ],
)
def test_mark_refused_names_row_and_column(changes: dict[str, Any], column: str) -> None:
    marks = [Mark("B", "E1", "c", "7"), GOOD._replace(**changes)]
    with pytest.raises(MarkError) as caught:
        tabulate_marks(RULES, marks)
    assert (caught.value.index, caught.value.column) == (1, column)


def test_second_mark_of_one_cell_refused_whatever_its_state() -> None:
    with pytest.raises(MarkError, match="a second mark of A, E1, c"):
        tabulate_marks(RULES, [GOOD, GOOD._replace(points=None, state="withdrawn")])


def test_mark_of_an_unlisted_application_refused() -> None:
    with pytest.raises(MarkError, match="unknown application 'A'"):
        tabulate_marks(RULES, [GOOD], [Application("B", "L", 20)])


def test_state_left_out_follows_from_points() -> None:
    table = tabulate_marks(RULES, [Mark("A", "E1", "c", "7"), Mark("A", "E2", "c", None)])
    assert table.points == {"A": {"E1": {"c": "7"}, "E2": {"c": None}}}


@pytest.mark.parametrize(
    ("application", "column"),
    [
        (Application("A", "M", 20), "lot"),
        (Application("A", "", 20), "lot"),
        (Application("A", "L", 9), "requested_kop"),
        (Application("A", "L", 51), "requested_kop"),
        (Application("A", "L", 20, -1), "smallest_kop"),
        (Application("", "L", 20), "application"),
    ],
)
def test_application_refused_names_the_column(application: Application, column: str) -> None:
    with pytest.raises(ApplicationError) as caught:
        tabulate_marks(RULES, [], [Application("Z", "L", 20), application])
    assert (caught.value.index, caught.value.column) == (1, column)


def test_application_twice_refused() -> None:
    with pytest.raises(ApplicationError, match="stands twice"):
        tabulate_marks(RULES, [], [Application("A", "L", 20)] * 2)


def test_request_at_the_bounds_of_its_lot_allowed() -> None:
    table = tabulate_marks(RULES, [], [Application("A", "L", 10), Application("B", "L", 50)])
    assert [application.code for application in table.applications] == ["A", "B"]


def test_fixed_points_that_are_no_number_refused() -> None:
    given = rules()
    with pytest.raises(ApplicationError) as caught:
        rank(given, [Application("A", columns={"fixed_points": "many"})], [Mark("A", "E", "c", "5")])
    assert caught.value.column == "fixed_points"


def test_lots_with_own_weights_need_applications() -> None:
    given = rules(lots=(Lot("L", 1, criteria_weights=(("c", criterion().weight),)),))
    with pytest.raises(ApplicationError):
        rank(given, None, [Mark("A", "E", "c", "5")])
