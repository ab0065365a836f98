"""Generated competitions of every combination of rules, through the files and commands, against the plain reading."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from tests.scoring import naive
from tests.scoring.builders import write_table

CASES, PART = 480, 60
STAGES = ("expert_total", "criterion_combined", "criterion_weighted", "total")
SCALES = (("0", "10", "1"), ("1", "5", "0.5"), ("-3", "3", "1"), ("0", "100", "0.1"), ("1", "6", "1"))


def _rules(draw: random.Random, number: int) -> dict[str, Any]:
    """Rules whose main switches run through all their combinations as the number grows."""
    order, combine, total, direction, allocation = _switches(number)
    codes = ["p", "q", "r"][: draw.randint(1, 3)]
    criteria = []
    for index, code in enumerate(codes):
        low, high, step = draw.choice(SCALES)
        mark = str(Fraction(low) + 1) if draw.random() < 0.2 else None
        weight = draw.choice(["1", "2.5", "20", "33.3"])
        counted = index == 0 or draw.random() < 0.8
        criteria.append({"code": code, "title": code, "min": low, "max": high, "step": step, "weight": weight, "pass_mark": mark, "counted": counted})  # fmt: skip  # noqa: E501
    links: list[dict[str, str]] = [{"by": "criterion", "code": codes[-1]}, {"by": "worst_expert"}, {"by": "column", "column": draw.choice(["requested_kop", "submitted_at"])}]  # fmt: skip  # noqa: E501
    stages = [{"after": after, "places": draw.randint(0, 2), "mode": draw.choice(["half_up", "half_even"])} for after in STAGES if draw.random() < 0.4]  # fmt: skip  # noqa: E501
    lots = [
        _lot(draw, code, [c["code"] for c in criteria if c["counted"]])
        for code in ("L", "M", "N")[: draw.randint(1, 3)]
    ]
    plan = {
        "rule": allocation,
        "marginal_bp": draw.choice([2500, 5000, 9000]),
        "pool_leftover": draw.random() < 0.5,
        "pool_without_lots": [lots[-1]["code"]] if draw.random() < 0.2 else [],
        "cap_per_applicant_kop": draw.choice([None, None, 60, 90]),
        "bands": [],
        "pool_kop": None,
    }
    if allocation == "bands":
        bands = [{"from": text, "share_bp": share} for text, share in (("60", 10_000), ("30", 7_777), ("-1", 5_000))]
        plan["bands"] = bands if direction == "higher" else bands[::-1]
    draw.shuffle(links)
    return {
        "rules_version": 1,
        "direction": direction,
        "criteria": criteria,
        "expert_total": total,
        "order": order,
        "combine": combine,
        "trim": draw.randint(1, 2) if combine == "trimmed" else 0,
        "min_experts": draw.randint(1, 3),
        "rounding": stages,
        "pass_mark": draw.choice([None, None, "2", "40"]),
        "tie_breaks": [{**link, "direction": draw.choice(["higher", "lower"])} for link in links[: draw.randint(0, 3)]],
        "allocation": plan,
        "lots": lots,
    }


def _switches(number: int) -> tuple[str, str, str, str, str]:
    choices = (
        ("total_then_combine", "combine_each_criterion_then_weight"),
        ("mean", "trimmed", "median", "sum"),
        ("normalised", "points", "weighted_mean"),
        ("higher", "lower"),
        ("stop", "skip", "marginal", "bands"),
    )
    found = []
    for values in choices:
        found.append(values[number % len(values)])
        number //= len(values)
    return found[0], found[1], found[2], found[3], found[4]


def _lot(draw: random.Random, code: str, counted: Sequence[str]) -> dict[str, Any]:
    own = {name: draw.choice(["1", "5", "12.5"]) for name in counted if draw.random() < 0.7}
    return {
        "code": code,
        "fund_kop": draw.randint(0, 200),
        "minimum_kop": draw.choice([None, None, 5]),
        "maximum_kop": draw.choice([None, None, 80]),
        "pass_mark": draw.choice([None, None, "3"]),
        "criteria_weights": own if own and draw.random() < 0.3 else None,
        "spend_min_kop": None,
        "spend_max_kop": None,
    }


def _applications(draw: random.Random, rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "application": f"A{number}",
            "lot": draw.choice(rules["lots"])["code"],
            "requested_kop": draw.randint(5, 80),
            "smallest_kop": draw.choice(["", draw.randint(1, 40)]),
            "submitted_at": draw.choice(["", "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"]),
            "applicant": draw.choice(["", "x", "y"]),
            "fixed_points": draw.choice(["", "", "1.5", "-2"]),
        }
        for number in range(draw.randint(3, 14))
    ]


def _scores(draw: random.Random, rules: Mapping[str, Any], codes: Sequence[str]) -> list[dict[str, Any]]:
    """Few different marks, so that ties abound; where sums are compared everybody has as many."""
    even = rules["combine"] == "sum"
    panel = [f"E{number}" for number in range(draw.choice([3, 5, 6, 7]))]
    rows = []
    for code in codes:
        for expert in panel:
            absent = not even and draw.random() < 0.15
            for criterion in rules["criteria"]:
                low, step = Fraction(criterion["min"]), Fraction(criterion["step"])
                most = int((Fraction(criterion["max"]) - low) / step)
                value = float(low + step * (most if draw.random() < 0.3 else draw.randint(0, most)))
                state = (
                    draw.choice(["recused", "absent", "withdrawn", "pending"])
                    if absent
                    else draw.choice(["", "scored"])
                )
                if not even and draw.random() < 0.05:
                    absent_one, state = True, "absent"
                else:
                    absent_one = absent
                points = "" if absent_one else f"{value:.1f}".removesuffix(".0")
                rows.append({"application": code, "expert": expert, "criterion": criterion["code"], "points": points, "state": state})  # fmt: skip  # noqa: E501
    draw.shuffle(rows)
    return rows


def _competition(number: int) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    draw = random.Random(number)
    rules = _rules(draw, number)
    applications = [
        row
        for row in _applications(draw, rules)
        if (naive.lot_of(rules, row["lot"])["maximum_kop"] or 80) >= row["requested_kop"]
    ]
    return rules, applications, _scores(draw, rules, [row["application"] for row in applications])


def _told(capsys: pytest.CaptureFixture[str], *argv: object) -> Any:
    code = main([str(part) for part in argv])
    told = capsys.readouterr()
    assert (code, told.err) == (0, "")
    return json.loads(told.out)


def _ranking_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    exact = None if row["score_exact"] is None else Fraction(row["score_exact"])
    facts = (row["place"], row["place_overall"], exact, row["status"], row["experts"])
    return *facts, row["tied_with"], row["separated_by"]


@pytest.mark.parametrize("first", range(0, CASES, PART))
def test_generated_competitions_equal_the_plain_reading(
    first: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: Counter[str] = Counter()
    for number in range(first, first + PART):
        rules, applications, scores = _competition(number)
        (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
        files = {"scores": scores, "applications": applications}
        options: list[object] = ["--rules", tmp_path / "rules.json"]
        for name, rows in files.items():
            options += [f"--{name}", write_table(tmp_path / f"{name}.csv", rows)]
        ranking = _told(capsys, "rank", *options)["ranking"]
        lines = naive.ranked(rules, applications, scores)
        expected = {
            code: (one.place, one.place_overall, one.score, one.status, one.experts, one.tied_with, one.separated_by)
            for code, one in lines.items()
        }
        assert {row["application"]: _ranking_of(row) for row in ranking} == expected, number
        seen.update(row["status"] for row in ranking)
        listed = [{**row, "columns": lines[row["application"]].columns} for row in ranking if row["score"] is not None]
        _compare_awards(rules, listed, tmp_path, capsys, seen, number)
    assert min(seen[word] for word in ("ranked", "insufficient", "below_pass_mark", "funded", "not_fitting")) > 0


def _compare_awards(
    rules: Mapping[str, Any],
    listed: Sequence[Mapping[str, Any]],
    folder: Path,
    capsys: Any,
    seen: Counter[str],
    number: int,
) -> None:
    rows = [
        {
            "application": row["application"],
            "lot": row["lot"],
            "place": row["place"],
            "score": row["score"],
            "requested_kop": row["columns"]["requested_kop"],
            "smallest_kop": row["columns"]["smallest_kop"],
            "applicant": row["columns"]["applicant"],
            "status": row["status"],
        }
        for row in listed
    ]
    if not rows:
        return
    path = write_table(folder / "ranking.csv", rows)
    for seed in (None, "announced"):
        more = () if seed is None else ("--draw-seed", seed)
        found = _told(capsys, "allocate", "--rules", folder / "rules.json", "--ranking", path, *more)
        awards = {row["application"]: (row["amount_kop"], row["outcome"]) for row in found["awards"]}
        money = naive.Money(rules, rows, seed)
        assert awards == money.run(), (number, seed)
        left = {lot["code"]: lot["left_kop"] for lot in found["lots"]}
        assert left == money.left, (number, seed)
        seen.update(outcome for _, outcome in awards.values())
