"""Totals, states, rounding, ties: small cases whose answers were worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from scoring import Application, Lot, Mark, RankingError, TieBreak, explain, rank
from tests.scoring.builders import criterion, marks, rules, stage

FINE = criterion("c", 0, 100, "0.001")


def _scores(given: Any, table: dict[str, list[str | None]]) -> dict[str, Fraction | None]:
    return {row.application: row.score_exact for row in rank(given, None, marks(table))}


def test_missing_mark_is_not_zero() -> None:
    table = {"A": ["8", "0"], "B": ["8", "absent"], "C": ["8", "recused"], "D": ["8", None], "E": ["0", "0"]}
    assert _scores(rules(), table) == {"A": 4, "B": 8, "C": 8, "D": 8, "E": 0}


def test_too_few_experts_have_neither_score_nor_place() -> None:
    found = rank(rules(min_experts=2), None, marks({"A": ["8", "7"], "B": ["10", "pending"], "C": ["absent"]}))
    assert {row.application: (row.status.value, row.score, row.place, row.place_overall) for row in found} == {
        "A": ("ranked", "7.5", 1, 1),
        "B": ("insufficient", None, None, None),
        "C": ("insufficient", None, None, None),
    }


def test_application_without_any_mark_is_listed() -> None:
    found = rank(rules(), [Application("A"), Application("B")], marks({"A": ["8"]}))
    assert [(row.application, row.status.value) for row in found] == [("A", "ranked"), ("B", "insufficient")]


@pytest.mark.parametrize(("mode", "score"), [("half_up", "62.13"), ("half_even", "62.12")])
def test_halves_rounded_by_the_mode(mode: str, score: str) -> None:
    found = rank(rules(FINE, rounding=(stage("total", 2, mode),)), None, marks({"A": ["62.12", "62.13"]}))
    assert (found.row("A").score, found.row("A").score_exact) == (score, Fraction(score))


def test_place_follows_from_the_rounded_total() -> None:
    table = {"A": ["70.004"], "B": ["70.001"]}
    places = {row.application: row.place for row in rank(rules(FINE, rounding=(stage("total"),)), None, marks(table))}
    exact = {row.application: row.place for row in rank(rules(FINE), None, marks(table))}
    assert (places, exact) == ({"A": 1, "B": 1}, {"A": 1, "B": 2})


def test_fixed_points_added_before_the_last_rounding() -> None:
    given = rules(FINE, rounding=(stage("total", 1),))
    found = rank(given, [Application("A", columns={"fixed_points": "-2.46"})], marks({"A": ["10"]}))
    assert found.row("A").score == "7.5"


@pytest.mark.parametrize(
    ("combine", "trim", "expected"),
    [("mean", 0, "23/5"), ("sum", 0, "23"), ("median", 0, "2"), ("trimmed", 1, "13/3"), ("trimmed", 2, "2")],
)
def test_experts_combined_by_the_rules(combine: str, trim: int, expected: str) -> None:
    given = rules(combine=combine, trim=trim)
    assert _scores(given, {"A": ["1", "2", "2", "9", "9"]}) == {"A": Fraction(expected)}


@pytest.mark.parametrize(("combine", "trim"), [("median", 0), ("trimmed", 1)])
def test_four_marks_are_too_few_for_a_robust_mean(combine: str, trim: int) -> None:
    assert _scores(rules(combine=combine, trim=trim), {"A": ["1", "2", "4", "9"]}) == {"A": None}


def test_nothing_left_after_trimming_is_insufficient() -> None:
    assert _scores(rules(combine="trimmed", trim=3), {"A": ["1", "2", "4", "9", "9"]}) == {"A": None}


def test_sum_over_unequal_numbers_refused() -> None:
    with pytest.raises(RankingError, match="A has 2 marks, B has 3"):
        rank(rules(combine="sum"), None, marks({"A": ["1", "2"], "B": ["1", "2", "3"]}))


def test_sum_of_equal_panels_keeps_both_orders_equal() -> None:
    two = (criterion("p", 1, 5, weight=Decimal(20)), criterion("q", 0, 10, weight=Decimal(60)))
    given = [Mark("A", e, c, x) for e, pair in {"E": "34", "F": "19"}.items() for c, x in zip("pq", pair, strict=True)]
    totals = [
        rank(rules(*two, expert_total="normalised", combine="sum", order=order), None, given).row("A").score_exact
        for order in ("total_then_combine", "combine_each_criterion_then_weight")
    ]
    assert totals == [Fraction(110), Fraction(110)]


def test_expert_lacking_a_criterion_not_counted_in_totals() -> None:
    two = (criterion("p"), criterion("q"))
    given = [Mark("A", "E", "p", "4"), Mark("A", "E", "q", "6"), Mark("A", "F", "p", "10"), Mark("A", "F", "q", None)]
    row = rank(rules(*two), None, given).row("A")
    assert (row.score_exact, row.experts, dict(row.expert_totals)) == (5, 1, {"E": "5"})
    each = rank(rules(*two, order="combine_each_criterion_then_weight"), None, given).row("A")
    assert (each.score_exact, each.experts) == (Fraction(13, 2), 2)


def test_uncounted_criterion_stays_out_of_the_total_but_may_eliminate() -> None:
    given = rules(criterion("p"), criterion("q", counted=False, pass_mark=Decimal(5)))
    scored = [Mark("A", "E", "p", "9"), Mark("A", "E", "q", "4"), Mark("B", "E", "p", "3"), Mark("B", "E", "q", "5")]
    assert {row.application: (row.score_exact, row.status.value) for row in rank(given, None, scored)} == {
        "A": (9, "below_pass_mark"),
        "B": (3, "ranked"),
    }


def test_pass_mark_reached_exactly_in_tenths() -> None:
    given = rules(criterion("p", 0, 1, "0.1"), criterion("q", 0, 1, "0.1"), expert_total="points",
                  pass_mark=Decimal("0.8"))  # fmt: skip
    scored = [Mark("A", "E", "p", "0.1"), Mark("A", "E", "q", "0.7")]
    assert rank(given, None, scored).row("A").status == "ranked"


def test_lower_direction_makes_the_pass_mark_a_ceiling() -> None:
    found = rank(rules(FINE, direction="lower", pass_mark=Decimal(2)), None, marks({"A": ["2"], "B": ["2.001"]}))
    assert [(row.application, row.place, row.status.value) for row in found] == [
        ("A", 1, "ranked"),
        ("B", 2, "below_pass_mark"),
    ]


def test_lot_weights_replace_the_common_ones() -> None:
    weights = (("p", Decimal(3)), ("q", Decimal(1)))
    given = rules(
        criterion("p"), criterion("q"), criterion("r"),
        lots=(Lot("wide", 1), Lot("own", 1, criteria_weights=weights)),
    )  # fmt: skip
    applications = [Application("A", "wide"), Application("B", "own")]
    scored = [Mark(code, "E", c, x) for code in "AB" for c, x in zip("pqr", ("8", "4", "0"), strict=True)]
    found = rank(given, applications, scored)
    assert (found.row("A").score_exact, found.row("B").score_exact) == (4, 7)


def test_places_inside_lots_and_over_all() -> None:
    given = rules(lots=(Lot("L", 1), Lot("M", 1)))
    applications = [Application(code, lot) for code, lot in zip("ABCD", "LMLM", strict=True)]
    found = rank(given, applications, marks({"A": ["9"], "B": ["8"], "C": ["8"], "D": ["7"]}))
    assert {row.application: (row.place, row.place_overall, row.tied_with) for row in found} == {
        "A": (1, 1, ()),
        "B": (1, 2, ()),
        "C": (2, 2, ()),
        "D": (2, 4, ()),
    }


CHAIN = (
    TieBreak("criterion", "higher", "p"),
    TieBreak("column", "lower", "requested_kop"),
    TieBreak("worst_expert", "higher"),
    TieBreak("column", "lower", "submitted_at"),
)


def test_tie_chain_names_what_separated() -> None:
    pairs = {"A": ("64", "64"), "B": ("55", "55"), "C": ("55", "55"), "D": ("55", "55"), "E": ("53", "57"),
             "F": ("53", "57"), "G": ("11", "11")}  # fmt: skip
    scored = [
        Mark(code, expert, c, x)
        for code, both in pairs.items()
        for expert, text in zip(("E1", "E2"), both, strict=True)
        for c, x in zip("pq", text, strict=True)
    ]
    asked = {"A": 900, "B": 500, "C": 900, "D": 1000, "E": 1000, "F": 1000, "G": 1}
    applications = [Application(code, "", sum_kop) for code, sum_kop in asked.items()]
    given = rules(criterion("p"), criterion("q"), expert_total="points", tie_breaks=CHAIN)
    found = rank(given, applications, scored)
    assert {row.application: (row.place, row.tied_with, row.separated_by) for row in found} == {
        "A": (1, (), "criterion:p"),
        "B": (2, (), "criterion:p"),
        "C": (3, (), "column:requested_kop"),
        "D": (4, (), "column:requested_kop"),
        "E": (5, ("F",), "worst_expert"),
        "F": (5, ("E",), "worst_expert"),
        "G": (7, (), None),
    }


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        ({"A": "9", "B": "10", "C": ""}, "ABC"),  # numbers: 9 is under 10
        ({"A": "9", "B": "10", "C": "ten"}, "BAC"),  # one is no number: all are text
        ({"A": "", "B": "2024-05-02", "C": "2024-05-01"}, "CBA"),
    ],
)
def test_tie_column_compared_as_numbers_or_text_with_empty_worst(cells: dict[str, str], order: str) -> None:
    given = rules(tie_breaks=(TieBreak("column", "lower", "mark"),))
    applications = [Application(code, columns={"mark": text}) for code, text in cells.items()]
    found = rank(given, applications, marks({code: ["5"] for code in cells}))
    assert "".join(row.application for row in found) == order


def test_still_tied_share_a_place_and_the_next_is_skipped() -> None:
    found = rank(rules(), None, marks({"A": ["9"], "B": ["8"], "C": ["8"], "D": ["7"]}))
    assert [(row.application, row.place) for row in found] == [("A", 1), ("B", 2), ("C", 2), ("D", 4)]


def test_steps_tell_the_way_to_the_place_in_words() -> None:
    given = rules(FINE, rounding=(stage("total", 1),), pass_mark=Decimal(60))
    found = rank(given, [Application("A", columns={"fixed_points": "1"})], marks({"A": ["62.12", "62.2"]}))
    assert [line["text"] for line in explain(found.row("A").steps)] == [
        "Expert E1 in all: 1 × 62.12 / 1 = 62.12.",
        "Expert E2 in all: 1 × 62.2 / 1 = 62.2.",
        "Experts counted: 2; the rules ask for at least 1.",
        "The totals of the experts, in order 62.12; 62.2, combine (mean): (62.12 + 62.2) / 2 = 62.16.",
        "Criterion c: the marks, in order 62.12; 62.2, combine (mean): (62.12 + 62.2) / 2 = 62.16.",
        "Fixed points are added: 62.16 + 1 = 63.16.",
        "The total 63.16 is rounded to 1 places (half_up): 63.2.",
        "The score 63.2 is compared with the pass mark 60: reached.",
        "Applications that stand higher: 0. Place: 1.",
    ]


def test_result_carries_fingerprints_of_rules_and_input() -> None:
    first = rank(rules(), None, marks({"A": ["9"]}))
    same, other = rank(rules(), None, marks({"A": ["9"]})), rank(rules(), None, marks({"A": ["8"]}))
    assert (first.rules_hash, first.input_hash) == (same.rules_hash, same.input_hash)
    assert first.rules_hash == other.rules_hash
    assert first.input_hash != other.input_hash
