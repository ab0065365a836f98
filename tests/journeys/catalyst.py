"""The published grant round of catalyst-fund7 as the three files of the file door."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

CRITERIA = ("impact", "feasibility", "auditability")


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_files(source: Path, folder: Path, *, rule: str) -> None:
    """All 936 applications, 25 lots and 5,149 assessments; one unit of currency stands for one kopiyka."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.json").write_text(json.dumps(_rules(source, rule), ensure_ascii=False), encoding="utf-8")
    with (folder / "applications.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["application", "lot", "requested_kop", "votes_net"])
        for row in rows_of(source / "proposals.csv"):
            writer.writerow([row["proposal_id"], row["envelope_id"], row["amount"], row["votes_net"]])
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["application", "expert", "criterion", "points"])
        for row in rows_of(source / "assessments.csv"):
            for code in CRITERIA:
                writer.writerow([row["proposal_id"], row["assessor_id"], code, row[code]])


def _rules(source: Path, rule: str) -> dict[str, Any]:
    """Order and eligibility of the published reference: rating to 6 places, then the smaller request, then the code."""
    return {
        "rules_version": 1,
        "direction": "higher",
        "criteria": [
            {"code": code, "title": code, "min": "1", "max": "5", "step": "1", "weight": "1", "pass_mark": None,
             "counted": True}
            for code in CRITERIA
        ],
        "expert_total": "weighted_mean",
        "order": "total_then_combine",
        "combine": "mean",
        "trim": 0,
        "min_experts": 3,
        "rounding": [{"after": "total", "places": 6, "mode": "half_even"}],
        "pass_mark": "3.5",
        "tie_breaks": [
            {"by": "column", "column": "requested_kop", "direction": "lower"},
            {"by": "column", "column": "application", "direction": "lower"},
        ],
        "allocation": {"rule": rule, "marginal_bp": 5000, "pool_leftover": False, "pool_without_lots": [],
                       "cap_per_applicant_kop": None, "bands": [], "pool_kop": None},
        "lots": [
            {"code": row["envelope_id"], "fund_kop": int(row["budget"]), "minimum_kop": None, "maximum_kop": None,
             "pass_mark": None, "criteria_weights": None, "spend_min_kop": None, "spend_max_kop": None}
            for row in rows_of(source / "envelopes.csv")
        ],
    }  # fmt: skip
