"""Small cases against slow and plain second opinions: every subset, every assignment, a rule written anew."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from statistics import median
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Candidate, Lot, allocate, rank
from scoring.optimum import best_awards
from tests.scoring.builders import marks, money, rules
from tests.scoring.checker import faults

quick = settings(max_examples=60, deadline=None, derandomize=True)
requests = st.lists(st.integers(1, 40), min_size=1, max_size=7)


def _candidates(asked: list[int]) -> list[Candidate]:
    return [
        Candidate(f"A{place}", "L", place, Fraction(100 - place), sum_kop) for place, sum_kop in enumerate(asked, 1)
    ]


def _walked(rule: str, asked: list[int], fund: int) -> list[int]:
    """The rule in one loop, for single places and no further limits."""
    paid, going = [0] * len(asked), True
    for index, sum_kop in enumerate(asked):
        left = fund - sum(paid)
        if not going:
            break
        if sum_kop <= left:
            paid[index] = sum_kop
        elif rule != "skip":
            going = False
            if rule == "marginal" and left and 2 * left >= sum_kop:
                paid[index] = left
    return paid


@quick
@given(requests, st.integers(0, 150), st.sampled_from(["stop", "skip", "marginal"]))
def test_walk_equals_the_plain_loop(asked: list[int], fund: int, rule: str) -> None:
    candidates, plan = _candidates(asked), money(rule, fund)
    found = allocate(plan, candidates)
    assert [found.award(one.application).amount_kop for one in candidates] == _walked(rule, asked, fund)
    assert faults(plan, candidates, found) == []


lists = st.lists(
    st.tuples(st.sampled_from("LM"), st.integers(1, 4), st.integers(0, 30), st.sampled_from(["", "x", "y"])),
    min_size=1, max_size=9,
)  # fmt: skip


@quick
@given(
    lists, st.integers(0, 60), st.integers(0, 60), st.sampled_from(["stop", "skip", "marginal"]), st.booleans(),
    st.sampled_from([None, 20, 40]), st.sampled_from([None, "seed"]),
)  # fmt: skip
def test_ties_caps_and_pools_keep_every_promise(
    rows: list[tuple[str, int, int, str]], first: int, second: int, rule: str, pool: bool, cap: Any, seed: Any
) -> None:
    candidates = [
        Candidate(f"A{i}", lot, place, Fraction(10 - place), asked, None, applicant)
        for i, (lot, place, asked, applicant) in enumerate(rows)
    ]
    plan = money(
        rule,
        lots=[Lot("L", first), Lot("M", second)],
        plan={"pool_leftover": pool, "cap_per_applicant_kop": cap},
    )
    found = allocate(plan, candidates, seed)
    assert faults(plan, candidates, found) == []
    if seed is not None:
        assert "tie_at_cut" not in {award.outcome.value for award in found.awards}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 40)), min_size=1, max_size=8), st.integers(0, 120))
def test_optimum_equals_the_best_subset(rows: list[tuple[int, int]], fund: int) -> None:
    candidates = [Candidate(f"A{i}", "L", i, Fraction(s), asked) for i, (s, asked) in enumerate(rows, 1)]
    best = max(
        sum(score for score, _ in chosen)
        for size in range(len(rows) + 1)
        for chosen in combinations(rows, size)
        if sum(asked for _, asked in chosen) <= fund
    )
    found = best_awards(money("stop", fund), candidates)
    by_code = {one.application: one for one in candidates}
    spent = sum(by_code[code].requested_kop for code in found.applications)
    assert (found.value, found.spent_kop, spent <= fund) == (best, spent, True)


def test_optimum_keeps_floors_ceilings_and_the_pool() -> None:
    lots = [Lot("L", 0, spend_max_kop=60), Lot("M", 0, spend_min_kop=30, spend_max_kop=100)]
    rows = [Candidate(f"L{i}", "L", i, Fraction(50), 30) for i in (1, 2, 3)]
    rows += [Candidate(f"M{i}", "M", i, Fraction(1), 30) for i in (1, 2, 3)]
    found = best_awards(money("stop", lots=lots, plan={"pool_kop": 90}), rows)
    assert (found.value, found.spent_kop, [code[0] for code in found.applications]) == (101, 90, ["L", "L", "M"])
    impossible = best_awards(money("stop", lots=lots, plan={"pool_kop": 20}), rows)
    assert (impossible.value, impossible.applications) == (None, ())


@quick
@given(
    st.lists(st.lists(st.integers(0, 10), min_size=5, max_size=7), min_size=2, max_size=6),
    st.sampled_from(["mean", "median", "trimmed"]),
)
def test_ranking_equals_the_plain_computation(table: list[list[int]], combine: str) -> None:
    plain: dict[str, Fraction] = {}
    for number, row in enumerate(table):
        kept = sorted(row)[1:-1] if combine == "trimmed" else row
        value = median(map(Fraction, row)) if combine == "median" else Fraction(sum(kept), len(kept))
        plain[f"A{number}"] = Fraction(value)
    found = rank(
        rules(combine=combine, trim=1), None, marks({f"A{i}": [str(x) for x in row] for i, row in enumerate(table)})
    )
    assert {row.application: row.score_exact for row in found} == plain
    assert {row.application: row.place for row in found} == {
        code: 1 + sum(other > value for other in plain.values()) for code, value in plain.items()
    }
