"""Calibration against lme4, expected ranks against JAGS, weights and left-out reviewers against plain computations."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring import AllocationRule, Application, Lot, Mark, Rules, TieBreak
from scoring.calibration import Calibration, calibrate
from scoring.robustness import robustness
from tests.scoring.builders import criterion, rules, table

CRITERIA = ("impact", "feasibility", "auditability")
THREE = rules(*(criterion(code, 1, 5) for code in CRITERIA))


def _expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def _close_to_lme4(found: Calibration, known: Any, scale: float) -> None:
    assert found.fit.criterion == pytest.approx(known["reml"], abs=1e-3)
    assert found.fit.mu == pytest.approx(known["intercept"], abs=2e-5 * scale)
    variances = (found.fit.var_application, found.fit.var_expert, found.fit.var_residual)
    assert variances == pytest.approx(
        (known["var_item"], known["var_judge"], known["var_resid"]), rel=1e-3, abs=1e-6 * scale**2
    )


@pytest.fixture(scope="module")
def assessments(shared_data: Path) -> list[Mark]:
    return [
        Mark(row["proposal_id"], row["assessor_id"], code, row[code])
        for row in table(shared_data / "catalyst-fund7" / "assessments.csv")
        for code in CRITERIA
    ]


def test_catalyst_variances_and_severities_match_lme4(assessments: list[Mark], shared_data: Path) -> None:
    known = _expected(shared_data / "catalyst-fund7")["agreement"]
    found = calibrate(THREE, assessments, draws=50)
    _close_to_lme4(found, known["crossed_random_effects_REML_lme4"], 4)
    extreme = {**known["severity_blup_5_harshest"], **known["severity_blup_5_most_lenient"]}
    severity = {row.expert: row.severity for row in found.experts if row.expert in extreme}
    assert severity == pytest.approx(extreme, abs=1e-3)


def test_catalyst_left_out_marks_predicted_better_than_by_means(assessments: list[Mark], shared_data: Path) -> None:
    known = _expected(shared_data / "catalyst-fund7")["calibration_cross_validation"]["rmse"]
    digits: Callable[[str], int] = lambda code: int("".join(filter(str.isdigit, code)))  # noqa: E731  # one word
    truth: dict[tuple[str, str], Fraction] = {}
    for mark in assessments:
        pair = (mark.application, mark.expert)
        truth[pair] = truth.get(pair, Fraction(0)) + Fraction(int(mark.points or 0), 3)
    fold = {pair: (digits(pair[0]) * 7 + digits(pair[1]) * 13) % 5 for pair in truth}
    squares = []
    for left_out in range(5):
        kept = [mark for mark in assessments if fold[mark.application, mark.expert] != left_out]
        found = calibrate(THREE, kept, draws=10)
        effect = {row.application: row.effect for row in found.applications}
        severity = {row.expert: row.severity or 0.0 for row in found.experts}
        squares += [
            (float(value) - found.fit.mu - effect.get(pair[0], 0.0) - severity.get(pair[1], 0.0)) ** 2
            for pair, value in truth.items()
            if fold[pair] == left_out
        ]
    error = float(np.sqrt(np.mean(squares)))
    assert error <= known["additive_blup"] * 1.01 < known["item_mean"]


@pytest.mark.parametrize("code", ["innovation", "approach", "investigator", "significance", "impact", "overall"])
def test_aibs_matches_lme4_even_at_the_boundary(code: str, shared_data: Path) -> None:
    folder = shared_data / "aibs-grants"
    marks = [
        Mark(row["proposal_id"], row["reviewer_id"], code, row[code])
        for row in table(folder / "scores.csv")
        if row[code]
    ]
    found = calibrate(rules(criterion(code, 1, 5, "0.1"), direction="lower"), marks, draws=50)
    _close_to_lme4(found, _expected(folder)["agreement"][code]["crossed_REML_lme4"], 4)
    if code == "overall":
        assert max(abs(row.severity or 0.0) for row in found.experts) < 1e-3


@pytest.mark.parametrize(("prior", "rank_gap", "share_gap"), [("reml", 0.30, 0.04), ("snsf", 0.20, 0.03)])
def test_snsf_expected_ranks_match_jags(prior: Any, rank_gap: float, share_gap: float, shared_data: Path) -> None:
    folder = shared_data / "snsf-er-panels"
    rows = table(folder / "scores.csv")
    given = rules(criterion("c", 1, 6), lots=(Lot("all", 500),), allocation=AllocationRule("stop"))
    for panel, known in _expected(folder)["panels"].items():
        marks = [Mark(r["proposal"], r["assessor"], "c", r["score_6best"]) for r in rows if r["panel"] == panel]
        applications = [Application(code, "all", 100) for code in sorted({mark.application for mark in marks})]
        found = calibrate(given, marks, applications, prior=prior, top=5)
        chances = {row.application: row.chances for row in found.applications}
        expected = {code: row.expected_rank for code, row in chances.items()}
        assert expected == pytest.approx(known["jags"]["expected_rank"], abs=rank_gap)
        reached = {code: row.p_top for code, row in chances.items()}
        assert reached == pytest.approx(known["jags"]["p_rank_at_most_5"], abs=share_gap)
        assert {code: row.p_funded for code, row in chances.items()} == reached


def _top24(folder: Path, codes: tuple[str, ...]) -> tuple[Rules, list[Application], list[Mark]]:
    marks = [
        Mark(row["proposal_id"], row["reviewer_id"], code, row[code])
        for row in table(folder / "scores.csv")
        for code in codes
    ]
    given = dataclasses.replace(
        rules(*(criterion(code, 1, 5, "0.1") for code in codes), direction="lower"),
        tie_breaks=(TieBreak("worst_expert", "lower"), TieBreak("column", "lower", "number")),
        lots=(Lot("all", 24),),
        allocation=AllocationRule("stop"),
    )
    applications = [
        Application(code, "all", 1, columns={"number": code[1:].lstrip("0")})
        for code in sorted({mark.application for mark in marks})
    ]
    return given, applications, marks


def test_aibs_list_without_each_reviewer_matches(shared_data: Path) -> None:
    folder = shared_data / "aibs-grants"
    known = _expected(folder)["leave_one_reviewer_out_top24"]
    found = robustness(*_top24(folder, ("overall",)), draws=50)
    assert list(found.awarded) == known["base"]
    assert {row.name: {"out": list(row.leave), "in": list(row.enter)} for row in found.without_expert} == {
        code: {"out": sorted(row["out"]), "in": sorted(row["in"])} if row else {"out": [], "in": []}
        for code, row in known["changes"].items()
    }


def test_aibs_acceptance_over_all_weights_matches(shared_data: Path) -> None:
    folder = shared_data / "aibs-grants"
    found = robustness(*_top24(folder, ("innovation", "approach", "investigator", "significance")))
    known = _expected(folder)["smaa"]["p_rank_at_most_24"]
    assert dict(found.weight_acceptance) == pytest.approx(known, abs=0.03)
