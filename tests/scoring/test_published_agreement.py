"""Textbook tables of agreement: Shrout and Fleiss 1979, Krippendorff's four observers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scoring import Mark
from scoring.agreement import agreement
from tests.scoring.builders import criterion, rules, table

NAMES = {
    "icc1": "ICC(1,1)",
    "icc1_k": "ICC(1,k)",
    "icc_a1": "ICC(A,1)",
    "icc_ak": "ICC(A,k)",
    "icc_c1": "ICC(C,1)",
    "icc_ck": "ICC(C,k)",
}


def _expected(shared_data: Path) -> Any:
    return json.loads((shared_data / "agreement-textbook" / "expected.json").read_text(encoding="utf-8"))


def _marks(path: Path) -> list[Mark]:
    return [Mark(row["item"], row["judge"], "c", row["score"]) for row in table(path)]


def test_shrout_fleiss_table_matches(shared_data: Path) -> None:
    known = _expected(shared_data)["shrout_fleiss_1979"]["computed_pingouin"]
    marks = _marks(shared_data / "agreement-textbook" / "shrout_fleiss_1979.csv")
    found = agreement(rules(criterion("c", 1, 10)), marks).overall
    assert {name: getattr(found, name) for name in NAMES} == pytest.approx(
        {name: known["icc"][label]["icc"] for name, label in NAMES.items()}, abs=1e-9
    )
    assert found.kendall_w == pytest.approx(known["kendall_W_tie_corrected"], abs=1e-9)
    ends = {name: [round(end, 2) for end in pair] for name, pair in found.intervals}
    assert ends == {name: known["icc"][label]["ci95"] for name, label in NAMES.items()}
    assert found.why is None


def test_krippendorff_table_with_gaps_matches(shared_data: Path) -> None:
    known = _expected(shared_data)["krippendorff_4obs_12units"]["computed"]
    marks = _marks(shared_data / "agreement-textbook" / "krippendorff_4obs_12units.csv")
    found = agreement(rules(criterion("c", 1, 5)), marks).overall
    assert (found.alpha_interval, found.alpha_ordinal) == pytest.approx((known["interval"], known["ordinal"]), abs=1e-9)
    assert found.icc_a1 is None


def test_snsf_panels_match(shared_data: Path) -> None:
    folder = shared_data / "snsf-er-panels"
    panels = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["panels"]
    rows = table(folder / "scores.csv")
    for panel, known in panels.items():
        marks = [Mark(r["proposal"], r["assessor"], "c", r["score_6best"]) for r in rows if r["panel"] == panel]
        found = agreement(rules(criterion("c", 1, 6)), marks).overall
        icc = known["agreement"]["icc"]
        assert {name: getattr(found, name) for name in NAMES} == pytest.approx(
            {name: icc[label]["icc"] for name, label in NAMES.items()}, abs=1e-9
        )
        assert found.kendall_w == pytest.approx(known["agreement"]["kendall_W_tie_corrected"], abs=1e-9)
