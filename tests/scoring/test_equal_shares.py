"""Equal shares: a city's official list, and what must hold of every result."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.equal_shares import equal_shares
from tests.scoring.builders import table


@pytest.fixture(scope="module")
def assen(shared_data: Path) -> tuple[dict[str, int], list[frozenset[str]], Any]:
    folder = shared_data / "mes-assen-2024"
    costs = {row["project_id"]: int(row["cost"]) for row in table(folder / "projects.csv")}
    votes = [frozenset(filter(None, row["approved"].split("|"))) for row in table(folder / "votes.csv")]
    return costs, votes, json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def test_official_list_of_the_city_is_met(assen: Any) -> None:
    costs, votes, known = assen
    found = equal_shares(costs, votes, known["budget"])
    assert sorted(found.chosen) == known["official_selected"] == known["rules"]["mes_cost_satisfaction_add1"]
    assert (found.spent, found.undecided) == (known["cost"]["mes_cost_satisfaction_add1"], ())


def test_list_without_completion_is_met(assen: Any) -> None:
    costs, votes, known = assen
    found = equal_shares(costs, votes, known["budget"], completed=False)
    assert sorted(found.chosen) == known["rules"]["mes_cost_satisfaction_no_completion"]
    assert found.endowment == Fraction(known["budget"], len(votes))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.lists(st.sets(st.integers(0, 4), max_size=4), min_size=1, max_size=6),
    st.integers(0, 100),
    st.randoms(use_true_random=False),
)
def test_result_is_paid_by_its_voters_and_independent_of_rows_and_names(
    prices: list[int], ballots: list[set[int]], budget: int, draw: Any
) -> None:
    costs = {f"p{number}": price for number, price in enumerate(prices)}
    votes = [frozenset(f"p{number}" for number in ballot if number < len(prices)) for ballot in ballots]
    found = equal_shares(costs, votes, budget)
    assert found.spent == sum(costs[code] for code in found.chosen) <= budget
    assert all(any(code in vote for vote in votes) for code in found.chosen)
    new = {code: f"q{9 - int(code[1:])}" for code in costs}
    mixed = [frozenset(new[code] for code in vote) for vote in votes]
    draw.shuffle(mixed)
    again = equal_shares({new[code]: cost for code, cost in costs.items()}, mixed, budget)
    assert {new[code] for code in found.chosen} == set(again.chosen)
    assert {new[code] for code in found.undecided} == set(again.undecided)


def test_tie_that_votes_do_not_break_is_undecided() -> None:
    votes = [frozenset("ab"), frozenset("ab")]
    found = equal_shares({"a": 60, "b": 60}, votes, 100)
    assert (found.chosen, found.undecided) == ((), ("a", "b"))


@pytest.mark.parametrize(
    ("costs", "votes"), [({"a": 1}, []), ({"a": 0}, [frozenset("a")]), ({"a": 1}, [frozenset("b")])]
)
def test_votes_that_cannot_be_counted_are_refused(costs: dict[str, int], votes: list[frozenset[str]]) -> None:
    with pytest.raises(ValueError, match="equal shares need"):
        equal_shares(costs, votes, 10)
