"""471 binding municipal budget decisions: the simple rules reproduce 466, and the five others are the listed ones."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring import Candidate, Lot, Rules, allocate
from scoring.optimum import best_awards
from tests.scoring.builders import money, table
from tests.scoring.checker import faults

RULE_NAMES = {"greedy-no-skip": "stop", "greedy": "skip", "greedy-threshold": "skip"}


@pytest.fixture(scope="module")
def plans(shared_data: Path) -> dict[str, tuple[Rules, list[Candidate]]]:
    """By rule: every instance is a lot of its own."""
    folder = shared_data / "pabulib-municipal"
    projects: dict[str, list[dict[str, str]]] = {}
    for row in table(folder / "projects.csv"):
        projects.setdefault(row["instance_id"], []).append(row)
    lots: dict[str, list[Lot]] = {"stop": [], "skip": []}
    candidates: dict[str, list[Candidate]] = {"stop": [], "skip": []}
    for row in table(folder / "instances.csv"):
        code, rule = row["instance_id"], RULE_NAMES[row["rule"]]
        threshold = Decimal(row["min_score"]) if row["min_score"] else None
        lots[rule].append(Lot(code, int(Decimal(row["budget"]) * 100), pass_mark=threshold))
        ordered = sorted(projects[code], key=lambda p: (-float(p["score"]), float(p["cost"]), p["project_id"]))
        candidates[rule] += [
            Candidate(f"{code}|{p['project_id']}", code, place, Fraction(p["score"]), int(Decimal(p["cost"]) * 100))
            for place, p in enumerate(ordered, 1)
        ]
    return {rule: (money(rule, lots=lots[rule]), candidates[rule]) for rule in lots}


def test_official_lists_reproduced_but_the_listed_exceptions(
    plans: dict[str, tuple[Rules, list[Candidate]]], shared_data: Path
) -> None:
    expected: Any = json.loads((shared_data / "pabulib-municipal" / "expected.json").read_text(encoding="utf-8"))
    official = {code: set(map(str, row["official_selected"])) for code, row in expected["instances"].items()}
    chosen: dict[str, set[str]] = {code: set() for code in official}
    for given, candidates in plans.values():
        allocation = allocate(given, candidates)
        assert faults(given, candidates, allocation) == []
        for award in allocation.awards:
            if award.amount_kop:
                code, project = award.application.rsplit("|", 1)
                chosen[code].add(project)
    differences = {
        code: {
            "mine_minus_official": sorted(mine - official[code]),
            "official_minus_mine": sorted(official[code] - mine),
        }
        for code, mine in chosen.items()
        if mine != official[code]
    }
    assert differences == expected["agreement"]["exceptions"]
    assert len(official) - len(differences) == 466


def test_optimum_of_sixty_knapsacks_matches(plans: dict[str, tuple[Rules, list[Candidate]]], shared_data: Path) -> None:
    expected: Any = json.loads((shared_data / "pabulib-municipal" / "expected.json").read_text(encoding="utf-8"))
    given, candidates = plans["stop"]
    lots = given.lots[:60]
    codes = {lot.code for lot in lots}
    few = [one for one in candidates if one.lot in codes]
    found = best_awards(money("stop", lots=lots), few)
    best = sum(expected["instances"][code]["knapsack_optimum"]["value"] for code in codes)
    assert float(found.value or 0) == pytest.approx(best, rel=1e-9)
    assert found.why is None
