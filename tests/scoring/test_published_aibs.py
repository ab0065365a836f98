"""Biomedical grants 2014-17: 72 proposals, three reviewers each, lower is better."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring import Mark, Ranking, TieBreak, rank
from scoring.agreement import agreement
from tests.scoring.builders import criterion, rules, table


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "aibs-grants"


@pytest.fixture(scope="module")
def expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


RULES = rules(criterion("overall", 1, 5, "0.1"), direction="lower", tie_breaks=(TieBreak("worst_expert", "lower"),))


def _marks(folder: Path, code: str) -> list[Mark]:
    return [
        Mark(row["proposal_id"], row["reviewer_id"], code, row[code])
        for row in table(folder / "scores.csv")
        if row[code]
    ]


@pytest.fixture(scope="module")
def ranking(folder: Path) -> Ranking:
    return rank(RULES, None, _marks(folder, "overall"))


def test_means_match_the_published(ranking: Ranking, folder: Path) -> None:
    published = {row["proposal_id"]: float(row["published_mean_overall"]) for row in table(folder / "published.csv")}
    assert {row.application: float(row.score_exact or 0) for row in ranking} == pytest.approx(published, abs=1e-9)
    assert len(published) == 72


def test_means_adjusted_by_the_worst_mark_match(ranking: Ranking, folder: Path) -> None:
    published = {row["proposal_id"]: float(row["published_mean_adjusted"]) for row in table(folder / "published.csv")}
    found = {
        row.application: float((row.score_exact or 0) + max(map(Fraction, row.expert_totals.values())) / 10_000)
        for row in ranking
    }
    assert found == pytest.approx(published, abs=1e-9)


def test_places_after_the_chain_match(ranking: Ranking, expected: Any) -> None:
    known = expected["must_match_exactly"]
    assert {row.application: row.place for row in ranking} == known["competition_rank_min"]
    assert sum(bool(row.tied_with) for row in ranking) == known["proposals_still_tied_after_tie_break"]


def test_published_ranks_lie_inside_tie_groups(ranking: Ranking, folder: Path) -> None:
    published = {row["proposal_id"]: int(row["published_rank_adjusted"]) for row in table(folder / "published.csv")}
    inside = [
        row
        for row in ranking
        if row.place is not None and 0 <= published[row.application] - row.place <= len(row.tied_with)
    ]
    assert len(inside) == 72


@pytest.mark.parametrize("code", ["innovation", "approach", "investigator", "significance", "impact", "overall"])
def test_agreement_matches_the_reference(code: str, folder: Path, expected: Any) -> None:
    known = expected["agreement"][code]
    found = agreement(rules(criterion(code, 1, 5, "0.1"), direction="lower"), _marks(folder, code)).overall
    assert (found.icc1, found.icc1_k) == pytest.approx(
        (known["oneway_anova"]["icc1"], known["oneway_anova"]["icc1_n0"]), abs=1e-9
    )
    assert (found.alpha_interval, found.alpha_ordinal) == pytest.approx(
        (known["krippendorff"]["interval"], known["krippendorff"]["ordinal"]), abs=1e-9
    )
    assert (found.icc_a1, found.icc_ak, found.icc_c1, found.icc_ck, found.kendall_w) == (None,) * 5
    assert "complete panel" in (found.why or "")
