"""Two conferences' bids: the known optima, and the loads under which no assignment exists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scoring.assignment import Assignment, Shortage, assign
from scoring.pairs import Pair
from tests.scoring.builders import table

LETTERS = {"Y": 4.0, "M": 2.0, "N": 1.0}
CONFERENCES = ("conf1", "conf2")


def _pairs(shared_data: Path, name: str) -> list[Pair]:
    rows = table(shared_data / "assignment-csconf" / name / "bids.csv")
    return [
        Pair(row["reviewer"], paper, LETTERS.get(cell, 9.0), cell == "C")
        for row in rows
        for paper, cell in row.items()
        if paper != "reviewer"
    ]


def _known(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "assignment-csconf" / "expected.json").read_text("utf-8"))["instances"][name]


def _problems(found: Assignment, pairs: list[Pair], demand: int, max_load: int) -> list[str]:
    conflicts = {(pair.expert, pair.application) for pair in pairs if pair.conflict}
    loads: dict[str, int] = {}
    wrong = []
    for code, experts in found.assignment:
        if len(set(experts)) != demand:
            wrong.append(f"{code} has {experts}")
        wrong += [f"conflict {expert}, {code}" for expert in experts if (expert, code) in conflicts]
        for expert in experts:
            loads[expert] = loads.get(expert, 0) + 1
    wrong += [f"{expert} has {load}" for expert, load in loads.items() if load > max_load]
    return wrong


def _total(found: Assignment, pairs: list[Pair]) -> float:
    affinity = {(pair.expert, pair.application): pair.affinity for pair in pairs}
    return sum(affinity[expert, code] for code, experts in found.assignment for expert in experts)


@pytest.mark.parametrize("name", CONFERENCES)
def test_sum_reaches_the_known_optimum(name: str, shared_data: Path) -> None:
    pairs, known = _pairs(shared_data, name), _known(shared_data, name)
    found = assign(pairs, demand=known["demand_per_paper"], max_load=known["max_load"])
    assert isinstance(found, Assignment)
    assert _problems(found, pairs, 3, known["max_load"]) == []
    assert (_total(found, pairs), found.certificate.sum, found.certificate.bound) == (known["max_sum"],) * 3


@pytest.mark.parametrize("name", CONFERENCES)
def test_fair_reaches_the_known_minimum_and_sum(name: str, shared_data: Path) -> None:
    pairs, known = _pairs(shared_data, name), _known(shared_data, name)
    found = assign(pairs, demand=3, max_load=known["max_load"], objective="fair")
    assert isinstance(found, Assignment)
    worst = known["max_min_paper_score"]["min_paper_score"]
    assert (found.certificate.worst_affinity, found.certificate.bound) == (worst, worst)
    assert _total(found, pairs) == known["max_sum_given_max_min"]["sum"]
    assert _problems(found, pairs, 3, known["max_load"]) == []


@pytest.mark.parametrize("name", CONFERENCES)
def test_random_draws_are_feasible_and_near_the_bound(name: str, shared_data: Path) -> None:
    pairs, known = _pairs(shared_data, name), _known(shared_data, name)
    bound = known["randomised_each_pair_probability_at_most_0.5"]["max_sum_LP"]
    draws = []
    for seed in range(8):
        found = assign(pairs, demand=3, max_load=known["max_load"], objective="random", q=0.5, seed=seed)
        assert isinstance(found, Assignment)
        assert _problems(found, pairs, 3, known["max_load"]) == []
        assert found.certificate.bound == pytest.approx(bound, abs=1e-6)
        draws.append(found)
    mean = sum(_total(found, pairs) for found in draws) / len(draws)
    assert mean == pytest.approx(bound, rel=0.02)
    assert len({found.assignment for found in draws}) == len(draws)


@pytest.mark.parametrize("name", CONFERENCES)
def test_load_under_the_need_gives_a_shortage(name: str, shared_data: Path) -> None:
    known = _known(shared_data, name)
    variant = known["infeasible_variant"]
    found = assign(_pairs(shared_data, name), demand=3, max_load=variant["max_load"])
    assert isinstance(found, Shortage)
    assert found.slots_missing == variant["slots_needed"] - variant["slots_available"]
    assert found.applications
