"""A real grant round: 936 proposals, 25 envelopes, 5,149 assessments, published ratings and awards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring import Allocation, Application, Band, Candidate, Lot, Mark, allocate, rank
from tests.scoring.builders import criterion, money, rules, table
from tests.scoring.checker import faults

CRITERIA = ("impact", "feasibility", "auditability")


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "catalyst-fund7"


@pytest.fixture(scope="module")
def expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def proposals(folder: Path) -> list[dict[str, str]]:
    return table(folder / "proposals.csv")


@pytest.fixture(scope="module")
def envelopes(folder: Path) -> dict[str, int]:
    return {row["envelope_id"]: int(row["budget"]) for row in table(folder / "envelopes.csv")}


def test_ratings_match_the_published(folder: Path, proposals: list[dict[str, str]], envelopes: dict[str, int]) -> None:
    given = rules(
        *(criterion(code, 1, 5, 1) for code in CRITERIA),
        lots=tuple(Lot(code, fund) for code, fund in envelopes.items()),
    )
    marks = [
        Mark(row["proposal_id"], row["assessor_id"], code, row[code])
        for row in table(folder / "assessments.csv")
        for code in CRITERIA
    ]
    applications = [Application(row["proposal_id"], row["envelope_id"], int(row["amount"])) for row in proposals]
    ranking = rank(given, applications, marks)
    published = {row["proposal_id"]: float(row["published_rating"]) for row in proposals}
    close = [row for row in ranking if abs(float(row.score_exact or 0) - published[row.application]) <= 1e-9]
    assert len(close) == 936
    assert {row.application: row.experts for row in ranking} == {
        row["proposal_id"]: int(row["published_n_assessments"]) for row in proposals
    }


def _by_votes(proposals: list[dict[str, str]]) -> list[Candidate]:
    approved = [row for row in proposals if row["published_status"] in ("funded", "over_budget")]
    approved.sort(key=lambda row: -int(row["votes_net"]))
    return _listed([(row, Fraction(row["votes_net"])) for row in approved])


def _listed(ordered: Sequence[tuple[dict[str, str], Fraction]]) -> list[Candidate]:
    count: dict[str, int] = {}
    found = []
    for row, score in ordered:
        lot = row["envelope_id"]
        count[lot] = count.get(lot, 0) + 1
        found.append(Candidate(row["proposal_id"], lot, count[lot], score, int(row["amount"])))
    return found


def _paid(allocation: Allocation) -> set[str]:
    return {award.application for award in allocation.awards if award.amount_kop}


def _published(proposals: list[dict[str, str]]) -> set[str]:
    return {row["proposal_id"] for row in proposals if row["published_status"] == "funded"}


def test_decisions_inside_envelopes_match_but_the_listed(
    proposals: list[dict[str, str]], envelopes: dict[str, int], expected: Any
) -> None:
    candidates = _by_votes(proposals)
    given = money("skip", lots=[Lot(code, fund) for code, fund in envelopes.items()])
    allocation = allocate(given, candidates)
    selection = expected["selection"]
    assert _paid(allocation) ^ _published(proposals) == set(map(str, selection["stage1_exceptions"]))
    assert {lot.code: lot.left_kop for lot in allocation.lots} == selection["stage1_leftover_by_envelope"]
    assert faults(given, candidates, allocation) == []


def test_decisions_after_the_pool_match_but_one(
    proposals: list[dict[str, str]], envelopes: dict[str, int], expected: Any
) -> None:
    selection = expected["selection"]
    outside = tuple(map(str, selection["challenge_setting_envelopes"]))
    given = money(
        "skip",
        lots=[Lot(code, fund) for code, fund in envelopes.items()],
        plan={"pool_leftover": True, "pool_without_lots": outside},
    )
    candidates = _by_votes(proposals)
    allocation = allocate(given, candidates)
    decided = [row for row in proposals if row["published_status"] != "none"]
    differing = _paid(allocation) ^ _published(proposals)
    assert differing == set(map(str, selection["stage2_exceptions"]))
    assert (len(decided) - len(differing), len(decided)) == (934, 935)
    pooled = {award.application for award in allocation.awards if award.outcome == "pooled"}
    assert pooled == set(map(str, selection["stage2_extra_funded"]))
    assert allocation.pool is not None
    assert allocation.pool.left_kop == selection["stage2_pool_left"]
    assert faults(given, candidates, allocation) == []


BANDS = (Band(Decimal("4.5"), 10_000), Band(Decimal("4.0"), 8_000), Band(Decimal("3.5"), 6_000))


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("stop", {"rule": "stop"}),
        ("skip", {"rule": "skip"}),
        ("marginal_50", {"rule": "marginal", "plan": {"marginal_bp": 5000}}),
        ("bands", {"rule": "bands", "plan": {"bands": BANDS}}),
    ],
)
def test_award_rule_matches_the_reference(
    name: str, plan: dict[str, Any], proposals: list[dict[str, str]], envelopes: dict[str, int], expected: Any
) -> None:
    reference = expected["award_rules_reference"][name]["by_envelope"]
    rows = [row for row in proposals if row["envelope_id"] in reference and int(row["amount"]) > 0]
    rows = [row for row in rows if int(row["published_n_assessments"]) >= 3]
    rows.sort(key=lambda row: (-round(float(row["published_rating"]), 6), int(row["amount"]), int(row["proposal_id"])))
    candidates = _listed([(row, Fraction(f"{float(row['published_rating']):.6f}")) for row in rows])
    lots = [Lot(code, envelopes[code]) for code in reference]
    given = money(lots=lots, pass_mark=Decimal("3.5"), **plan)
    allocation = allocate(given, candidates)
    asked = {one.application: one.requested_kop for one in candidates}
    found = {code: {"n_full": 0, "n_partial": 0, "spent": 0, "sum_ids": 0} for code in reference}
    for award in allocation.awards:
        if award.amount_kop:
            row = found[award.lot]
            row["spent"] += award.amount_kop
            row["sum_ids"] += int(award.application)
            row["n_full" if award.amount_kop == asked[award.application] else "n_partial"] += 1
    assert found == {code: {key: row[key] for key in found[code]} for code, row in reference.items()}
    assert faults(given, candidates, allocation) == []
