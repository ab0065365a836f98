"""The public bundle: what is published is what anybody recomputes, and the first difference is named."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from scoring import Application, BundleError, Lot, Mark, make_bundle, verify_bundle
from tests.scoring.builders import criterion, money, rules

RULES = money("stop", lots=[Lot("L", 10_000_000)])
MEETING = {
    "overrides": [{"application": "B", "amount_kop": 1, "reason": "the applicant agreed to less"}],
    "recusals": [{"expert": "E1", "application": "A"}],
    "draws": [{"seed": "announced on 1 March"}],
}


def _inputs() -> tuple[list[Application], list[Mark]]:
    applications = [Application(code, "L", 3_000_000 + 100 * i) for i, code in enumerate("ABCDEF")]
    marks = [
        Mark(code, expert, "c", str(3 + (i * 7 + j * 3) % 8), "scored", (("remark", "ґ"),))
        for i, code in enumerate("ABCDEF")
        for j, expert in enumerate(("E1", "E2", "E3"))
    ]
    return applications, marks


@pytest.fixture
def bundle() -> Any:
    return json.loads(json.dumps(make_bundle(RULES, *_inputs(), meeting=MEETING, competition={"code": "2027-SKP"})))


def _failed(content: Any) -> list[str]:
    return [check.name for check in verify_bundle(content) if not check.passed]


def test_true_bundle_holds(bundle: Any) -> None:
    assert [(check.name, check.passed) for check in verify_bundle(bundle)] == [
        ("input hash", True), ("ranking", True), ("awards", True), ("result hash", True), ("overrides", True),
    ]  # fmt: skip


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_hashes_are_of_canonical_json_as_the_format_says(bundle: Any) -> None:
    applications = sorted(bundle["applications"], key=lambda row: row["application"])
    scores = sorted(bundle["scores"], key=lambda row: (row["application"], row["expert"], row["criterion"]))
    assert bundle["input_hash"] == _digest([bundle["rules"], applications, scores, bundle["meeting"]])
    assert bundle["result_hash"] == _digest(bundle["result"])


def test_rows_hold_the_columns_of_the_tables_as_text(bundle: Any) -> None:
    assert bundle["applications"][0] == {"application": "A", "lot": "L", "requested_kop": 3_000_000}
    assert bundle["scores"][0] == {
        "application": "A", "expert": "E1", "criterion": "c", "points": "3", "state": "scored", "remark": "ґ",
    }  # fmt: skip


def test_shuffled_rows_are_the_same_bundle(bundle: Any) -> None:
    for rows in (bundle["scores"], bundle["applications"], bundle["result"]["ranking"], bundle["result"]["awards"]):
        random.Random(3).shuffle(rows)
    assert _failed(bundle) == []


def _swap_places(content: Any) -> None:
    first, second = content["result"]["ranking"][:2]
    first["place"], second["place"] = second["place"], first["place"]


TAMPERED: list[tuple[str, Callable[[Any], object], list[str]]] = [
    ("mark", lambda c: c["scores"][0].update(points="10"), ["input hash", "ranking", "awards"]),
    ("mark removed", lambda c: c["scores"].pop(), ["input hash", "ranking", "awards"]),
    ("money", lambda c: c["result"]["awards"][0].update(amount_kop=2_999_999), ["awards", "result hash"]),
    ("row added", lambda c: c["result"]["awards"].append(c["result"]["awards"][0]), ["awards", "result hash"]),
    ("key added", lambda c: c["result"]["awards"][0].update(note="x"), ["awards", "result hash"]),
    ("places", _swap_places, ["ranking", "result hash"]),
    ("step", lambda c: c["rules"]["criteria"][0].update(step="0.5"), ["input hash"]),
    ("input hash", lambda c: c.update(input_hash="sha256:0"), ["input hash"]),
    ("result hash", lambda c: c.update(result_hash="sha256:0"), ["result hash"]),
    ("reason", lambda c: c["meeting"]["overrides"][0].update(reason="another"), ["input hash"]),
    ("application removed", lambda c: c["applications"].pop(), ["input hash", "recomputation"]),
    ("off the scale", lambda c: c["scores"][0].update(points="11"), ["input hash", "recomputation"]),
    ("rules broken", lambda c: c["rules"].pop("combine"), ["input hash", "recomputation"]),
]


@pytest.mark.parametrize(("change", "failed"), [row[1:] for row in TAMPERED], ids=[row[0] for row in TAMPERED])
def test_tampered_bundle_names_what_differs(bundle: Any, change: Callable[[Any], object], failed: list[str]) -> None:
    change(bundle)
    assert _failed(bundle) == failed


def test_first_difference_is_told_with_both_values(bundle: Any) -> None:
    award = bundle["result"]["awards"][0]
    award["amount_kop"] -= 1
    told = next(check.told for check in verify_bundle(bundle) if check.name == "awards")
    true = award["amount_kop"] + 1
    assert told == f"{award['application']}, amount_kop: the bundle says {true - 1}, recomputed {true}"


@pytest.mark.parametrize(
    "part", ["rules", "scores", "meeting", "result", "input_hash", "engine_version", "bundle_version"]
)
def test_bundle_without_a_part_refused(bundle: Any, part: str) -> None:
    del bundle[part]
    with pytest.raises(BundleError) as caught:
        verify_bundle(bundle)
    assert caught.value.column == part


@pytest.mark.parametrize(
    "content", [[], None, {"bundle_version": 1}, "bundle"], ids=["list", "nothing", "parts", "text"]
)
def test_document_of_another_kind_refused(content: Any) -> None:
    with pytest.raises(BundleError):
        verify_bundle(content)


def test_unknown_part_refused(bundle: Any) -> None:
    with pytest.raises(BundleError, match="unknown part"):
        verify_bundle({**bundle, "opinion": 1})


@pytest.mark.parametrize(
    "meeting",
    [
        {"votes": []},
        {"draws": [{"seed": ""}]},
        {"overrides": [{"application": "Z", "reason": "x"}]},
        {"overrides": [{"application": "A", "reason": ""}]},
        {"recusals": {}},
    ],
)
def test_malformed_meeting_refused(meeting: Any) -> None:
    with pytest.raises(BundleError):
        make_bundle(RULES, *_inputs(), meeting=meeting)


def test_seed_of_the_draw_decides_the_awards() -> None:
    applications = [Application(code, "L", 60) for code in "AB"]
    scored = [Mark(code, "E", "c", "7") for code in "AB"]
    given = money("stop", 100)
    open_tie = make_bundle(given, applications, scored)["result"]
    drawn = make_bundle(given, applications, scored, meeting={"draws": [{"seed": "x"}]})["result"]
    assert [row["amount_kop"] for row in open_tie["awards"]] == [0, 0]  # type: ignore[index]  # plain data
    assert sorted(row["amount_kop"] for row in drawn["awards"]) == [0, 60]  # type: ignore[index]  # plain data


def test_competition_without_lots_is_ranked_and_awards_nothing() -> None:
    content = copy.deepcopy(
        make_bundle(rules(criterion(weight=Decimal(2))), [Application("A")], [Mark("A", "E", "c", "7")])
    )
    assert content["result"]["awards"] == []  # type: ignore[index]  # plain data
    assert _failed(content) == []
