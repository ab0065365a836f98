"""Money along the list: every rule at the cut, ties, draws, caps, bands, the pool and the reserve."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest

from scoring import (
    Allocation,
    ApplicationError,
    Band,
    Lot,
    RankingError,
    allocate,
    explain,
    rank,
    release,
)
from tests.scoring.builders import listed, marks, money, rules
from tests.scoring.checker import faults

QUEUE = listed(("A", 1, 90, 50), ("B", 2, 80, 60), ("C", 3, 70, 40), ("D", 4, 60, 10))
TIED = listed(("A", 1, 90, 50), ("B", 2, 80, 30), ("C", 2, 80, 30), ("D", 4, 60, 20))
BANDS = (Band(Decimal(85), 10_000), Band(Decimal(75), 5_000), Band(Decimal(65), 2_500))


def _amounts(allocation: Allocation) -> dict[str, int]:
    return {award.application: award.amount_kop for award in allocation.awards}


def _outcomes(allocation: Allocation) -> dict[str, str]:
    return {award.application: award.outcome.value for award in allocation.awards}


@pytest.mark.parametrize(
    ("rule", "plan", "amounts", "outcomes"),
    [
        ("stop", {}, (50, 0, 0, 0), ("funded", "not_fitting", "reserve", "reserve")),
        ("skip", {}, (50, 0, 40, 10), ("funded", "not_fitting", "funded", "funded")),
        ("marginal", {}, (50, 50, 0, 0), ("funded", "partial", "reserve", "reserve")),
        ("marginal", {"marginal_bp": 9000}, (50, 0, 0, 0), ("funded", "not_fitting", "reserve", "reserve")),
        ("bands", {"bands": BANDS}, (50, 30, 10, 0), ("funded", "partial", "partial", "not_fitting")),
        ("bands", {"bands": ()}, (0, 0, 0, 0), ("not_fitting",) * 4),
    ],
)
def test_rule_at_the_cut(rule: str, plan: dict[str, Any], amounts: tuple[int, ...], outcomes: tuple[str, ...]) -> None:
    given = money(rule, plan=plan)
    found = allocate(given, QUEUE)
    assert (_amounts(found), _outcomes(found)) == (
        dict(zip("ABCD", amounts, strict=True)),
        dict(zip("ABCD", outcomes, strict=True)),
    )
    assert found.lots[0].to_json() == {
        "code": "L", "fund_kop": 100, "spent_kop": sum(amounts), "left_kop": 100 - sum(amounts),
    }  # fmt: skip
    assert faults(given, QUEUE, found) == []


def test_exactly_what_is_left_is_enough_and_one_kopiyka_less_is_not() -> None:
    assert _amounts(allocate(money("stop", 110), QUEUE)) == {"A": 50, "B": 60, "C": 0, "D": 0}
    assert _amounts(allocate(money("stop", 109), QUEUE)) == {"A": 50, "B": 0, "C": 0, "D": 0}


@pytest.mark.parametrize(
    ("row", "lot", "amount"),
    [
        (("B", 2, 80, 100), {}, 50),  # exactly half
        (("B", 2, 80, 101), {}, 0),  # a hair under half
        (("B", 2, 80, 60, 50), {}, 50),
        (("B", 2, 80, 60, 51), {}, 0),  # under the smallest useful grant
        (("B", 2, 80, 60), {"minimum_kop": 50}, 50),
        (("B", 2, 80, 60), {"minimum_kop": 51}, 0),  # under the lot's minimum
    ],
)
def test_remainder_paid_only_if_it_is_useful(row: tuple[Any, ...], lot: dict[str, Any], amount: int) -> None:
    first = 50 if not lot else 60
    found = allocate(money("marginal", lots=[Lot("L", 50 + first, **lot)]), listed(("A", 1, 90, first), row))
    assert _amounts(found) == {"A": first, "B": amount}


def test_zero_left_is_no_remainder() -> None:
    found = allocate(money("marginal", 50, plan={"marginal_bp": 0}), QUEUE)
    assert _outcomes(found) == {"A": "funded", "B": "not_fitting", "C": "reserve", "D": "reserve"}


def test_pass_mark_comes_before_money() -> None:
    found = allocate(money("skip", lots=[Lot("L", 100, pass_mark=Decimal(70))]), QUEUE)
    assert _outcomes(found) == {"A": "funded", "B": "not_fitting", "C": "funded", "D": "below_pass_mark"}


def test_status_other_than_ranked_never_funded() -> None:
    late = [*listed(("A", None, None, 50), status="insufficient"), *QUEUE[1:]]
    assert _amounts(allocate(money("stop"), late)) == {"A": 0, "B": 60, "C": 40, "D": 0}


def test_lower_direction_bands_and_pass_mark() -> None:
    bands = (Band(Decimal(2), 10_000), Band(Decimal(3), 5_000))
    given = money("bands", plan={"bands": bands}, direction="lower", pass_mark=Decimal(3))
    found = allocate(given, listed(("A", 1, 2, 40), ("B", 2, "2.5", 40), ("C", 3, "3.1", 40)))
    assert _amounts(found) == {"A": 40, "B": 20, "C": 0}
    assert _outcomes(found)["C"] == "below_pass_mark"


def test_band_share_rounded_down_to_a_kopiyka() -> None:
    found = allocate(money("bands", plan={"bands": (Band(Decimal(0), 3_333),)}), listed(("A", 1, 90, 101)))
    assert _amounts(found) == {"A": 33}


def test_tie_that_fits_is_funded_together() -> None:
    assert _amounts(allocate(money("stop", 110), TIED)) == {"A": 50, "B": 30, "C": 30, "D": 0}


@pytest.mark.parametrize(("rule", "last"), [("stop", 0), ("skip", 20), ("marginal", 0)])
def test_tie_across_the_cut_is_left_open(rule: str, last: int) -> None:
    found = allocate(money(rule), TIED)
    assert _amounts(found) == {"A": 50, "B": 0, "C": 0, "D": last}
    assert _outcomes(found)["B"] == _outcomes(found)["C"] == "tie_at_cut"


def test_tie_of_which_none_fits_is_no_tie_at_the_cut() -> None:
    rows = listed(("A", 1, 90, 50), ("B", 2, 80, 60), ("C", 2, 80, 70), ("D", 4, 60, 20))
    assert _outcomes(allocate(money("skip"), rows)) == {
        "A": "funded", "B": "not_fitting", "C": "not_fitting", "D": "funded",
    }  # fmt: skip
    assert _outcomes(allocate(money("stop"), rows))["D"] == "reserve"


def test_remainder_wanted_by_two_tied_is_a_tie_at_the_cut() -> None:
    rows = listed(("A", 1, 90, 50), ("B", 2, 80, 60), ("C", 2, 80, 70))
    assert _outcomes(allocate(money("marginal"), rows)) == {"A": "funded", "B": "tie_at_cut", "C": "tie_at_cut"}


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "Київ 2027"])
def test_draw_pays_the_lowest_digest_first(seed: str) -> None:
    found = allocate(money("stop"), TIED, seed)
    drawn = min("BC", key=lambda code: hashlib.sha256((seed + code).encode()).hexdigest())
    assert _amounts(found) == {"A": 50, "B": 30 * (drawn == "B"), "C": 30 * (drawn == "C"), "D": 0}
    assert [step.key for step in found.trace].count("draw") == 1
    assert found.draw_seed == seed


def test_draw_changes_nothing_without_a_tie_at_the_cut() -> None:
    assert allocate(money("skip"), QUEUE, "seed").awards == allocate(money("skip"), QUEUE).awards


def test_cap_per_applicant_lets_the_walk_go_on() -> None:
    rows = listed(
        ("A", 1, 90, 50, None, "same"), ("B", 2, 80, 60), ("C", 3, 70, 40, None, "same"), ("D", 4, 60, 10)
    )  # fmt: skip
    given = money("stop", 160, plan={"cap_per_applicant_kop": 60})
    found = allocate(given, rows)
    assert _outcomes(found) == {"A": "funded", "B": "funded", "C": "not_fitting", "D": "funded"}
    assert faults(given, rows, found) == []


def test_cap_clash_inside_a_tie_is_left_open() -> None:
    rows = listed(("A", 1, 90, 40, None, "same"), ("B", 1, 90, 40, None, "same"), ("C", 1, 90, 20))
    found = allocate(money("stop", 200, plan={"cap_per_applicant_kop": 50}), rows)
    assert _outcomes(found) == {"A": "tie_at_cut", "B": "tie_at_cut", "C": "funded"}


def test_cap_over_lots_favours_the_better_place_whatever_the_order_of_lots() -> None:
    rows = [*listed(("A", 2, 80, 40, None, "one")), *listed(("B", 1, 70, 40, None, "one"), lot="M")]
    lots = [Lot("L", 100), Lot("M", 100)]
    plan = {"cap_per_applicant_kop": 50}
    found = [allocate(money("stop", lots=order, plan=plan), rows) for order in (lots, lots[::-1])]
    assert [_amounts(one) for one in found] == [{"A": 0, "B": 40}] * 2


TWO_LOTS = [
    *listed(("A", 1, 90, 70), ("B", 2, 80, 60), ("C", 3, 40, 33)),
    *listed(("X", 1, 95, 90), ("Y", 2, 85, 35), ("Z", 3, 50, 5), lot="M"),
]


@pytest.mark.parametrize(
    ("plan", "amounts", "left"),
    [
        ({}, (70, 0, 0, 90, 0, 5), None),
        ({"pool_leftover": True}, (70, 0, 0, 90, 35, 5), 0),
        ({"pool_leftover": True, "pool_without_lots": ("M",)}, (70, 0, 0, 90, 0, 5), 30),
    ],
)
def test_pool_goes_to_the_best_unfunded_of_all_lots(
    plan: dict[str, Any], amounts: tuple[int, ...], left: int | None
) -> None:
    given = money("skip", lots=[Lot("L", 100), Lot("M", 100)], plan=plan)
    found = allocate(given, TWO_LOTS)
    assert _amounts(found) == dict(zip("ABCXYZ", amounts, strict=True))
    assert (found.pool.left_kop if found.pool else None) == left
    assert [lot.left_kop for lot in found.lots] == [30, 5]
    assert faults(given, TWO_LOTS, found) == []


def test_pool_tie_of_two_lots_left_open_or_drawn() -> None:
    rows = [*listed(("A", 1, 90, 70), ("B", 2, 80, 40)), *listed(("X", 1, 95, 90), ("Y", 2, 80, 40), lot="M")]
    given = money("skip", lots=[Lot("L", 100), Lot("M", 100)], plan={"pool_leftover": True})
    assert _outcomes(allocate(given, rows)) == {"A": "funded", "B": "tie_at_cut", "X": "funded", "Y": "tie_at_cut"}
    drawn = allocate(given, rows, "seed")
    first = min("BY", key=lambda code: hashlib.sha256(f"seed{code}".encode()).hexdigest())
    assert [code for code, outcome in _outcomes(drawn).items() if outcome == "pooled"] == [first]


def test_pool_of_one_lot_follows_the_places_not_the_scores_alone() -> None:
    rows = listed(("A", 1, 90, 70), ("B", 2, 80, 40), ("C", 3, 80, 30))
    given = money("stop", 100, plan={"pool_leftover": True})
    assert _outcomes(allocate(given, rows)) == {"A": "funded", "B": "not_fitting", "C": "pooled"}


def test_request_of_nothing_is_never_paid_nor_in_the_way() -> None:
    rows = listed(("A", 1, 90, 0), ("B", 2, 80, 60))
    assert _outcomes(allocate(money("stop"), rows)) == {"A": "not_fitting", "B": "funded"}


def test_reserve_lists_unfunded_in_order_of_place() -> None:
    found = allocate(money("stop"), QUEUE)
    assert [award.application for award in found.reserve] == ["B", "C", "D"]


def test_release_reruns_the_rule_on_the_reserve() -> None:
    given = money("stop")
    before = allocate(given, QUEUE)
    after = release(given, QUEUE, before, lot="L", amount_kop=100)
    assert _amounts(after) == {"B": 60, "C": 40, "D": 0}
    assert after.trace[0].key == "released"


def test_release_counts_earlier_awards_against_the_cap() -> None:
    rows = listed(("A", 1, 90, 50, None, "same"), ("B", 2, 80, 60, None, "same"), ("C", 3, 70, 60))
    given = money("stop", 100, plan={"cap_per_applicant_kop": 100})
    after = release(given, rows, allocate(given, rows), lot="L", amount_kop=60)
    assert _amounts(after) == {"B": 0, "C": 60}


def test_release_to_an_unknown_lot_refused() -> None:
    given = money("stop")
    with pytest.raises(RankingError, match="unknown lot"):
        release(given, QUEUE, allocate(given, QUEUE), lot="M", amount_kop=1)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (listed(("A", None, 90, 50)), RankingError),
        (listed(("A", 0, 90, 50)), RankingError),
        (listed(("A", 1, None, 50)), RankingError),
        (listed(("A", 1, 90, 50), ("A", 2, 80, 50)), RankingError),
        (listed(("A", 1, 90, 50), lot="M"), ApplicationError),
        (listed(("A", 1, 90, 50), lot=""), ApplicationError),
    ],
)
def test_list_that_cannot_be_walked_refused(rows: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        allocate(money("stop"), rows)


@pytest.mark.parametrize("bounds", [{"minimum_kop": 20}, {"maximum_kop": 55}])
def test_request_outside_its_lot_refused(bounds: dict[str, Any]) -> None:
    with pytest.raises(ApplicationError) as caught:
        allocate(money("stop", lots=[Lot("L", 100, **bounds)]), QUEUE)
    assert caught.value.column == "requested_kop"


def test_rules_without_lots_refused() -> None:
    with pytest.raises(RankingError, match="at least one lot"):
        allocate(rules(), QUEUE)


def test_ranking_goes_into_the_walk_as_it_is() -> None:
    from scoring import Application

    given = money("stop", 100)
    applications = [Application("A", "L", 60), Application("B", "L", 60)]
    found = allocate(given, rank(given, applications, marks({"A": ["7"], "B": ["9"]})))
    assert _amounts(found) == {"A": 0, "B": 60}


def test_trace_tells_every_step_in_words() -> None:
    found = allocate(money("marginal"), QUEUE)
    assert [line["text"] for line in explain(found.trace)] == [
        "Lot L: the fund is 100 kop.; the rule is marginal.",
        "A (place 1) receives 50 kop.: of 100 kop. 50 kop. are left.",
        "B (place 2) needs 60 kop.; it receives the remainder of 50 kop. (at least 30 kop.).",
        "The walk of lot L stops here.",
        "Lot L: of 100 kop. 100 kop. are awarded, 0 kop. are left.",
    ]


def test_pool_pays_equal_places_in_the_order_of_the_draw() -> None:
    """The pool has 15 left for two of one place, which need 10 and 12: the first drawn is paid."""
    drawn = sorted("AB", key=lambda code: hashlib.sha256(f"seed{code}".encode()).hexdigest())
    stopped = listed(("X", 1, 90, 85), ("Y", 2, 85, 16), (drawn[0], 3, 80, 10), (drawn[1], 3, 80, 12))
    pooled = allocate(money("stop", 100, plan={"pool_leftover": True}), stopped, "seed")
    assert [pooled.award(code).amount_kop for code in drawn] == [10, 0]
