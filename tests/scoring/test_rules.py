"""The rules are read strictly: everything required, nothing unknown, every refusal names its key."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from scoring import Rules, RulesError

CRITERION = {
    "code": "results", "title": "Results", "min": "0", "max": "10", "step": "0.5", "weight": "20.50",
    "pass_mark": None, "counted": True,
}  # fmt: skip
LOT = {
    "code": "small", "fund_kop": 40_000_000, "minimum_kop": 2_500_000, "maximum_kop": 5_000_000, "pass_mark": "60",
    "criteria_weights": {"results": "2.5"}, "spend_min_kop": None, "spend_max_kop": None,
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "rules_version": 1,
    "direction": "higher",
    "criteria": [CRITERION, {**CRITERION, "code": "budget", "pass_mark": "4"}],
    "expert_total": "normalised",
    "order": "total_then_combine",
    "combine": "trimmed",
    "trim": 1,
    "min_experts": 2,
    "rounding": [{"after": "total", "places": 2, "mode": "half_up"}],
    "pass_mark": "60",
    "tie_breaks": [
        {"by": "criterion", "code": "budget", "direction": "higher"},
        {"by": "column", "column": "requested_kop", "direction": "lower"},
        {"by": "worst_expert", "direction": "higher"},
    ],
    "allocation": {
        "rule": "bands", "marginal_bp": 5000, "pool_leftover": True, "pool_without_lots": ["small"],
        "cap_per_applicant_kop": 5_000_000, "bands": [{"from": "80", "share_bp": 10_000}], "pool_kop": None,
    },
    "lots": [LOT],
}  # fmt: skip


def _changed(path: list[Any], value: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


def test_rules_read_and_written_unchanged() -> None:
    assert Rules.from_json(DOCUMENT).to_json() == DOCUMENT


def test_rules_hashable_and_equal() -> None:
    assert {Rules.from_json(DOCUMENT)} == {Rules.from_json(copy.deepcopy(DOCUMENT))}


def test_rules_digest_follows_the_content() -> None:
    first, second = Rules.from_json(DOCUMENT), Rules.from_json(_changed(["pass_mark"], "60.0"))
    assert first.digest.startswith("sha256:")
    assert first.digest != second.digest


@pytest.mark.parametrize(
    ("path", "value", "column"),
    [
        (["colour"], "red", "colour"),
        (["criteria", 0, "colour"], "red", "criteria[0].colour"),
        (["allocation", "colour"], "red", "allocation.colour"),
        (["lots", 0, "colour"], "red", "lots[0].colour"),
        (["combine"], "average", "combine"),
        (["direction"], "up", "direction"),
        (["order"], "any", "order"),
        (["expert_total"], None, "expert_total"),
        (["rules_version"], 2, "rules_version"),
        (["trim"], -1, "trim"),
        (["trim"], True, "trim"),
        (["min_experts"], 0, "min_experts"),
        (["pass_mark"], 60, "pass_mark"),
        (["pass_mark"], "6e1", "pass_mark"),
        (["criteria"], [], "criteria"),
        (["criteria"], {}, "criteria"),
        (["criteria", 0], "results", "criteria[0]"),
        (["criteria", 0, "code"], "", "criteria[0].code"),
        (["criteria", 1, "code"], "results", "criteria[1]"),
        (["criteria", 0, "max"], "0", "criteria[0].max"),
        (["criteria", 0, "step"], "0", "criteria[0].step"),
        (["criteria", 0, "weight"], "-1", "criteria[0].weight"),
        (["criteria", 0, "weight"], 20, "criteria[0].weight"),
        (["criteria", 0, "counted"], "yes", "criteria[0].counted"),
        (["rounding", 0, "after"], "end", "rounding[0].after"),
        (["rounding", 0, "places"], "2", "rounding[0].places"),
        (["rounding"], [DOCUMENT["rounding"][0]] * 2, "rounding[1]"),
        (["tie_breaks", 0, "by"], "luck", "tie_breaks[0].by"),
        (["tie_breaks", 0, "code"], "nothing", "tie_breaks[0].code"),
        (["tie_breaks", 2, "column"], "x", "tie_breaks[2].column"),
        (["allocation", "rule"], "best", "allocation.rule"),
        (["allocation", "marginal_bp"], 10_001, "allocation.marginal_bp"),
        (["allocation", "pool_without_lots"], ["none"], "allocation.pool_without_lots[0]"),
        (["allocation", "bands"], [{"from": "80", "share_bp": 1}] * 2, "allocation.bands"),
        (["lots", 0, "maximum_kop"], 1, "lots[0].maximum_kop"),
        (["lots", 0, "fund_kop"], -1, "lots[0].fund_kop"),
        (["lots", 0, "fund_kop"], 1.5, "lots[0].fund_kop"),
        (["lots", 0, "criteria_weights"], {"none": "1"}, "lots[0].criteria_weights.none"),
        (["lots", 0, "criteria_weights"], {"results": "x"}, "lots[0].criteria_weights.results"),
        (["lots", 0, "criteria_weights"], {}, "lots[0].criteria_weights"),
        (["lots"], [LOT, LOT], "lots[1]"),
    ],
)
def test_rules_refused_name_the_key(path: list[Any], value: object, column: str) -> None:
    with pytest.raises(RulesError) as caught:
        Rules.from_json(_changed(path, value))
    assert caught.value.column == column


@pytest.mark.parametrize("key", sorted(DOCUMENT))
def test_rules_missing_key_refused(key: str) -> None:
    with pytest.raises(RulesError) as caught:
        Rules.from_json({name: value for name, value in DOCUMENT.items() if name != key})
    assert (caught.value.column, caught.value.message) == (key, "required key is missing")


def test_pass_mark_of_a_lot_replaces_the_common_one() -> None:
    rules = Rules.from_json(_changed(["lots", 0, "pass_mark"], "55"))
    assert (rules.pass_mark_of("small"), rules.pass_mark_of("other")) == (Decimal(55), Decimal(60))
