"""Extreme but allowed input of the advisory layer: huge scales and sums, sums over experts, no time to search."""

from __future__ import annotations

import random
from decimal import Decimal
from math import isfinite

import numpy as np
import pytest

from scoring import AllocationRule, Application, Band, Lot, Mark
from scoring.agreement import Coefficients, agreement
from scoring.assignment import assign
from scoring.calibration import calibrate
from scoring.errors import PairError
from scoring.pairs import ApplicationTerms, ExpertTerms, Pair
from scoring.robustness import robustness
from scoring.simulated import funded_in
from tests.scoring.builders import criterion, marks, money, rules

POINTS = {"A": ["2", "5", "4"], "B": ["9", "6", "8"], "C": ["4", "7", "1"], "D": ["3", "3", "7"]}
UNEQUAL = "the rules sum over experts, and there would be unequal numbers of experts"


@pytest.mark.parametrize("factor", [100_000, 10_000_000])
def test_fixed_prior_says_the_same_on_a_larger_scale(factor: int) -> None:
    small = calibrate(rules(criterion("c", 0, 10)), marks(POINTS), draws=20, prior="snsf")
    table = {code: [str(int(x) * factor) for x in row] for code, row in POINTS.items()}
    large = calibrate(rules(criterion("c", 0, 10 * factor, factor)), marks(table), draws=20, prior="snsf")
    assert large.fit.var_residual == pytest.approx(small.fit.var_residual * factor**2, rel=1e-3)
    assert [row.severity for row in large.experts] == [
        pytest.approx((row.severity or 0) * factor, rel=1e-3) for row in small.experts
    ]


def test_fund_beyond_64_bits_pays_everything() -> None:
    applications = [Application("A", "L", 50), Application("B", "M", 70)]
    lots = [Lot("L", 10**30), Lot("M", 60)]
    given_rules = money("stop", lots=lots, plan={"pool_leftover": True})
    found = funded_in(given_rules, applications, np.array([[9.0, 8.0]]), np.array([[0, 1]]))
    assert found.tolist() == [[True, True]]


def test_share_of_the_largest_request_is_not_lost_in_64_bits() -> None:
    largest = 999_999_999_999_999
    given_rules = money("bands", largest, plan={"bands": (Band(Decimal(5), 9_999),)})
    found = funded_in(given_rules, [Application("A", "L", largest)], np.array([[9.0]]), np.array([[0]]))
    assert found.tolist() == [[True]]


def test_sum_that_becomes_unequal_without_an_expert_says_why() -> None:
    given_rules = rules(combine="sum", lots=(Lot("L", 50),), allocation=AllocationRule("stop"))
    panel = marks({"A": ["9", "8", None], "B": ["7", None, "6"]})
    found = robustness(given_rules, [Application("A", "L", 50), Application("B", "L", 50)], panel, draws=10)
    assert [(row.name, row.enter, row.leave, row.why) for row in found.without_expert] == [
        ("E1", (), (), None),
        ("E2", (), (), UNEQUAL),
        ("E3", (), (), UNEQUAL),
    ]


def test_sum_that_becomes_unequal_without_a_criterion_says_why() -> None:
    given_rules = rules(
        criterion("p"), criterion("q"), combine="sum", lots=(Lot("L", 50),), allocation=AllocationRule("stop")
    )
    panel = [*marks({"A": ["9", "8"], "B": ["7", None]}, "p"), *marks({"A": ["9", None], "B": ["7", "6"]}, "q")]
    found = robustness(given_rules, [Application("A", "L", 50), Application("B", "L", 50)], panel, draws=10)
    assert [(row.name, row.why) for row in found.without_criterion] == [("p", UNEQUAL), ("q", UNEQUAL)]


def test_search_without_time_is_not_called_a_shortage() -> None:
    draw = random.Random(9)
    experts, applications = range(draw.randint(4, 7)), range(draw.randint(3, 6))
    affinity = (0, 1, 2, 4)
    pairs = [Pair(f"E{i}", f"A{j}", float(draw.choice(affinity))) for i in experts for j in applications]
    fields = ["law", "it", "finance"]
    terms = [
        ExpertTerms(f"E{i}", organisation=draw.choice(["x", "y", "z", ""]),
                    profiles=tuple(draw.sample(fields, draw.randint(1, 2))))
        for i in experts
    ]  # fmt: skip
    wanted = [ApplicationTerms(f"A{j}", profiles=tuple(draw.sample(fields, 2))) for j in applications]
    with pytest.raises(PairError, match=r"^seconds: the time ended before any assignment was found"):
        assign(pairs, demand=2, max_load=2, experts=terms, applications=wanted, seconds=1e-9)


def test_smallest_design_of_calibration_says_that_severity_cannot_be_told() -> None:
    panel = [Mark("A", "E1", "c", "7"), Mark("A", "E2", "c", "8"), Mark("B", "E1", "c", "5")]
    found = calibrate(rules(), panel, draws=20)
    assert [(row.expert, row.n, row.flag) for row in found.experts] == [
        ("E1", 2, "not_identifiable"),
        ("E2", 1, "not_identifiable"),
    ]


def _agreed(table: dict[str, list[str]], low: str = "0", high: str = "10", step: str = "0.1") -> Coefficients:
    return agreement(rules(criterion("c", low, high, step)), marks(table)).overall


def test_perfect_agreement_in_tenths_is_one_without_an_interval() -> None:
    found = _agreed({"A": ["100.2", "100.2"], "B": ["100.1", "100.1"], "C": ["100.1", "100.1"]}, "100", "101")
    assert [found.icc1, found.icc_a1, found.icc_ak, found.icc_c1, found.icc_ck] == pytest.approx([1.0] * 5)
    assert found.kendall_w == pytest.approx(1.0)
    assert [name for name, _ in found.intervals if name.startswith(("icc_a", "icc_c"))] == []


@pytest.mark.parametrize(
    "table",
    [{"A": ["0", "1"], "B": ["0", "2"], "C": ["1", "0"]}, {"A": ["0", "1"], "B": ["1", "2"], "C": ["2", "0"]}],
)
def test_disagreement_to_the_last_has_finite_intervals_only(table: dict[str, list[str]]) -> None:
    found = _agreed(table, step="1")
    assert all(isfinite(low) and isfinite(high) for _, (low, high) in found.intervals)
    assert found.icc1 is not None


def test_average_agreement_without_any_variance_is_undefined_and_says_so() -> None:
    found = _agreed({"A": ["0.2", "0"], "B": ["0.1", "0.2"], "C": ["0", "0.1"]})
    assert found.icc_ak is None
    assert "ICC(A,k) has no denominator" in (found.why or "")


def test_equal_means_in_tenths_are_equal() -> None:
    found = _agreed({"A": ["0.1", "0.2", "0.3"], "B": ["0.2", "0.2", "0.2"], "C": ["0.3", "0.1", "0.2"]})
    assert [found.icc1, found.icc1_k, found.icc_a1, found.icc_c1] == [None] * 4
    assert "all applications have the same mean" in (found.why or "")


def test_one_and_the_same_mark_everywhere_has_no_alpha() -> None:
    found = _agreed({"A": ["0.1", "0.1", "0.1"], "B": ["0.1", "0.1", "0.1"]})
    assert (found.alpha_interval, found.alpha_ordinal, found.kendall_w) == (None, None, None)
