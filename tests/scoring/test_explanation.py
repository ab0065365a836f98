"""Every step can be redone by hand: a small calculator reads the sentences' formulas and finds the same numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import TEXTS, Application, Lot, Mark, TieBreak, allocate, explain, rank
from scoring.explain import Step
from scoring.rounding import parse_decimal, round_fraction
from tests.scoring.builders import criterion, listed, money, rules, stage

quick = settings(max_examples=80, deadline=None, derandomize=True)
ALLOWED = re.compile(r"[0-9. ()+\-−×/]+")


def _number(text: str) -> Fraction:
    """A number as the steps print it: 62.5, 1/3 ≈ 0.333333."""
    exact = text.split(" ≈ ")[0]
    top, _, bottom = exact.partition("/")
    return Fraction(parse_decimal(top)) / (Fraction(parse_decimal(bottom)) if bottom else 1)


def _calculated(formula: str) -> Fraction:
    """The value of a formula, with nothing but the numbers and signs that stand in it."""
    assert ALLOWED.fullmatch(formula)
    plain = re.sub(r"[0-9]+(?:\.[0-9]+)?", r"Fraction('\g<0>')", formula).replace("×", "*").replace("−", "-")
    return Fraction(eval(plain, {"Fraction": Fraction}))  # numbers and signs only, checked above


def _redone(steps: tuple[Step, ...]) -> dict[str, list[Fraction]]:
    """Redo every step that has a formula or a rounding; results by key, in order."""
    found: dict[str, list[Fraction]] = {}
    for one in steps:
        facts: Mapping[str, str] = dict(one.operands)
        if "formula" in facts:
            assert _calculated(facts["formula"]) == _number(one.result)
        elif "mode" in facts:
            mode: Any = facts["mode"]
            assert round_fraction(_number(facts["before"]), int(facts["places"]), mode) == _number(one.result)
        elif one.key == "fixed_points":
            assert _number(facts["before"]) + _number(facts["points"]) == _number(one.result)
        else:
            continue
        if "values" in facts:
            values = [_calculated(value) for value in facts["values"].split("; ")]
            assert values == sorted(values)
        found.setdefault(one.key, []).append(_number(one.result))
    return found


sheets = st.lists(
    st.lists(
        st.one_of(st.none(), st.tuples(st.integers(1, 5), st.integers(-4, 4), st.one_of(st.none(), st.integers(0, 3)))),
        min_size=5,
        max_size=7,
    ),
    min_size=2,
    max_size=4,
)
STAGES = ("expert_total", "criterion_combined", "criterion_weighted", "total")


@quick
@given(
    sheets,
    st.sampled_from(["normalised", "points", "weighted_mean"]),
    st.sampled_from(["total_then_combine", "combine_each_criterion_then_weight"]),
    st.sampled_from(["mean", "median", "trimmed"]),
    st.lists(st.sampled_from(STAGES), unique=True),
    st.sampled_from(["half_up", "half_even"]),
    st.sampled_from(["", "0.75", "-1.5"]),
)
def test_steps_redone_by_hand_give_the_score(
    sheet: list[Any], expert_total: str, order: str, combine: str, stages: list[str], mode: str, fixed: str
) -> None:
    given_rules = rules(
        criterion("p", 1, 5, weight=Decimal(30)),
        criterion("q", -4, 4, "0.5", weight=Decimal("12.5")),
        criterion("r", 0, 3, weight=Decimal(7), pass_mark=Decimal(1)),
        expert_total=expert_total,
        order=order,
        combine=combine,
        trim=1,
        rounding=tuple(stage(name, 1 + number % 2, mode) for number, name in enumerate(stages)),
    )
    marks = [
        Mark(f"A{a}", f"E{e}", code, str(value), "scored")
        for a, row in enumerate(sheet)
        for e, cell in enumerate(row)
        if cell is not None
        for code, value in zip("pqr", cell, strict=True)
        if value is not None
    ]
    applications = [Application(f"A{number}", columns={"fixed_points": fixed}) for number in range(len(sheet))]
    for row in rank(given_rules, applications, marks):
        redone = _redone(row.steps)
        last = ["totals_combined" if order == "total_then_combine" else "criteria_added"]
        last += ["fixed_points"] if fixed else []
        last += ["total_rounded"] if "total" in stages else []
        if row.score_exact is None:
            assert [one.key for one in row.steps if one.key.startswith("insufficient")][1:] == []
            assert set(redone) <= {f"{key}{more}" for key in _PARTS for more in ("", "_rounded")}
            continue
        assert redone[last[-1]] == [row.score_exact]
        if order == "total_then_combine":
            key = "expert_total_rounded" if "expert_total" in stages else "expert_total"
            assert len(redone[key]) == row.experts
        combined = redone["criterion_combined_rounded" if "criterion_combined" in stages else "criterion_combined"]
        assert combined == [cell.combined for cell in row.criteria.values()]


_PARTS = ("expert_total", "criterion_combined", "criterion_weighted", "totals_combined", "criteria_added")


def test_steps_name_the_expert_who_is_not_counted_and_why() -> None:
    marks = [Mark("A", "E1", "p", "4"), Mark("A", "E1", "q", "3"), Mark("A", "E2", "p", "4"), Mark("A", "E3", "p", None, "recused")]  # fmt: skip  # noqa: E501
    found = rank(rules(criterion("p"), criterion("q")), None, marks).row("A")
    assert [line["text"] for line in explain(found.steps)][:3] == [
        "Expert E1 in all: (1 × 4 + 1 × 3) / 2 = 3.5.",
        "Expert E2 is not counted: there is no mark on q.",
        "Experts counted: 1; the rules ask for at least 1.",
    ]


@pytest.mark.parametrize(
    ("changes", "marks", "key", "operands"),
    [
        ({"min_experts": 2}, {"E1": "7"}, "insufficient", {"counted": "1", "needed": "2"}),
        (
            {"combine": "median"},
            {"E1": "7", "E2": "8"},
            "insufficient_robust",
            {"counted": "2", "needed": "5", "combine": "median"},
        ),
        (
            {"combine": "trimmed", "trim": 3},
            {f"E{number}": "7" for number in range(6)},
            "insufficient_robust",
            {"counted": "6", "needed": "7", "combine": "trimmed"},
        ),
    ],
)
def test_step_says_why_there_is_no_score(
    changes: dict[str, Any], marks: dict[str, str], key: str, operands: dict[str, str]
) -> None:
    found = rank(rules(**changes), None, [Mark("A", expert, "c", text) for expert, text in marks.items()]).row("A")
    last = found.steps[-1]
    assert (found.status.value, last.key, dict(last.operands)) == ("insufficient", key, operands)


def test_step_says_which_criterion_lacks_the_mark_that_decides() -> None:
    given_rules = rules(criterion("p"), criterion("q", counted=False, pass_mark=Decimal(5)))
    found = rank(given_rules, None, [Mark("A", "E1", "p", "7"), Mark("A", "E1", "q", None, "absent")]).row("A")
    assert found.steps[-1] == Step("insufficient_criterion", (("criterion", "q"),), "")


def test_tie_chain_tells_each_link_it_tried() -> None:
    chain = (
        TieBreak("criterion", "higher", "p"),
        TieBreak("column", "lower", "requested_kop"),
        TieBreak("worst_expert", "higher"),
    )
    given_rules = rules(criterion("p"), criterion("q"), tie_breaks=chain, lots=(Lot("L", 10),))
    marks = [
        Mark(code, expert, name, points)
        for code, sheet in {"A": ("86", "24"), "B": ("55", "55"), "C": ("55", "55")}.items()
        for expert, row in zip(("E1", "E2"), sheet, strict=True)
        for name, points in zip("pq", row, strict=True)
    ]
    applications = [Application(code, "L", asked) for code, asked in (("A", 30), ("B", 30), ("C", 30))]
    found = rank(given_rules, applications, marks)
    assert [line["text"] for line in explain(found.row("B").steps)][-6:] == [
        "Criterion q: the marks, in order 5; 5, combine (mean): (5 + 5) / 2 = 5.",
        "Applications of lot L that stand higher: 0. Place: 1.",
        "criterion:p does not separate it from A with an equal score: both have 5.",
        "column:requested_kop does not separate it from A with an equal score: both have 30.",
        "worst_expert separates it from A with an equal score: 5 against 3, the better is the higher one.",
        "Applications that the tie chain does not separate from it: 1.",
    ]


def test_walk_tells_money_before_and_after_each_step() -> None:
    queue = listed(("A", 1, 90, 60), ("B", 2, 80, 30), ("C", 3, 70, 40))
    trace = allocate(money("marginal", plan={"marginal_bp": 5000}), queue).trace
    left = 100
    for one in trace:
        facts = dict(one.operands)
        if one.key == "funded":
            assert int(facts["left_kop"]) == left
            left -= int(one.result)
            assert int(facts["after_kop"]) == left
    assert [(one.key, dict(one.operands)) for one in trace if one.key == "remainder_too_small"] == [
        (
            "remainder_too_small",
            {
                "left_kop": "10",
                "application": "C",
                "least_kop": "20",
                "requested_kop": "40",
                "marginal_bp": "5000",
                "share_kop": "20",
                "smallest_kop": "0",
                "minimum_kop": "0",
            },
        )
    ]


def test_sentences_use_the_named_placeholders_of_catalogues() -> None:
    assert [key for key, text in TEXTS.items() if re.sub(r"%\(\w+\)s", "", text).count("%")] == []
