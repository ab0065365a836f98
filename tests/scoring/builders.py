"""Short ways to write rules, marks and lists in tests; every value that a test is about stands in the test."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from scoring import AllocationRule, Candidate, Criterion, Lot, Mark, RoundingStage, Rules


def criterion(code: str = "c", low: object = 0, high: object = 10, step: object = 1, **changes: Any) -> Criterion:
    values = {"weight": Decimal(1), **changes}
    return Criterion(code, code, Decimal(str(low)), Decimal(str(high)), Decimal(str(step)), **values)


def rules(*criteria: Criterion, **changes: Any) -> Rules:
    """Plain rules: weighted mean of the experts' means, no rounding, one expert is enough."""
    plain: dict[str, Any] = {"expert_total": "weighted_mean", "rounding": (), "min_experts": 1}
    return Rules(criteria=criteria or (criterion(),), **{**plain, **changes})


def money(
    rule: str = "stop",
    fund: int = 100,
    *,
    lots: Sequence[Lot] = (),
    plan: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Rules:
    """Rules of which only the allocation matters: one lot ``L`` unless others are given."""
    return rules(lots=tuple(lots) or (Lot("L", fund),), allocation=AllocationRule(rule, **(plan or {})), **changes)


def marks(table: Mapping[str, Sequence[str | None]], code: str = "c") -> list[Mark]:
    """Points of experts E1, E2 … by application; a word is a state, None leaves the mark out."""
    found = []
    for application, row in table.items():
        for number, text in enumerate(row, 1):
            if text is not None:
                points, state = (None, text) if text.isalpha() else (text, "scored")
                found.append(Mark(application, f"E{number}", code, points, state))
    return found


def listed(*rows: tuple[Any, ...], lot: str = "L", **changes: Any) -> list[Candidate]:
    """Lines (code, place, score, requested[, smallest[, applicant]])."""
    found = []
    for code, place, score, requested, *rest in rows:
        smallest = rest[0] if rest else None
        applicant = rest[1] if len(rest) > 1 else ""
        exact = None if score is None else Fraction(str(score))
        found.append(Candidate(code, lot, place, exact, requested, smallest, applicant, **changes))
    return found


def stage(after: Any, places: int = 2, mode: Any = "half_up") -> RoundingStage:
    return RoundingStage(after, places, mode)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
