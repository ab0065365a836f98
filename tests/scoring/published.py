"""The published competitions as the engine takes them, for properties that hold whatever the numbers are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from scoring import Application, Lot, Mark, Rules, TieBreak
from tests.scoring.builders import criterion, rules, stage, table


class Published(NamedTuple):
    """A competition with its published marks; `column` names the marks of a data set with one criterion."""

    rules: Rules
    applications: list[Application]
    marks: list[Mark]


def _bare(given: Rules, marks: list[Mark]) -> Published:
    return Published(given, [Application(code) for code in sorted({mark.application for mark in marks})], marks)


def catalyst(data: Path) -> Published:
    folder = data / "catalyst-fund7"
    codes = ("impact", "feasibility", "auditability")
    lots = tuple(Lot(row["envelope_id"], int(row["budget"])) for row in table(folder / "envelopes.csv"))
    marks = [
        Mark(row["proposal_id"], row["assessor_id"], code, row[code])
        for row in table(folder / "assessments.csv")
        for code in codes
    ]
    applications = [
        Application(row["proposal_id"], row["envelope_id"], int(row["amount"]))
        for row in table(folder / "proposals.csv")
    ]
    return Published(rules(*(criterion(code, 1, 5) for code in codes), lots=lots), applications, marks)


def aibs(data: Path) -> Published:
    given = rules(criterion("overall", 1, 5, "0.1"), direction="lower", tie_breaks=(TieBreak("worst_expert", "lower"),))
    rows = table(data / "aibs-grants" / "scores.csv")
    return _bare(
        given, [Mark(r["proposal_id"], r["reviewer_id"], "overall", r["overall"]) for r in rows if r["overall"]]
    )


def skating(data: Path) -> Published:
    """The panel marks of all segments; the published elements count as fixed points."""
    folder = data / "isu-skating-2016"
    performances = table(folder / "performances.csv")
    rows = table(folder / "scores.csv")
    codes = sorted({_component(row["component"]) for row in rows})
    given = rules(
        *(criterion(code, "0.25", 10, "0.25") for code in codes),
        expert_total="points",
        order="combine_each_criterion_then_weight",
        rounding=(stage("criterion_combined"), stage("total")),
        lots=tuple(Lot(name, 0) for name in sorted({_segment(row) for row in performances})),
    )
    marks = [
        Mark(row["performance_id"], row["judge"], _component(row["component"]), *_points(row["score"])) for row in rows
    ]
    columns = {row["performance_id"]: row for row in performances}
    return Published(
        given,
        [
            Application(code, _segment(row), 1, columns={"fixed_points": row["total_element_score"]})
            for code, row in columns.items()
        ],
        marks,
    )


def _component(name: str) -> str:
    return name.split()[0].lower()


def _segment(row: dict[str, str]) -> str:
    return f"{row['competition']}: {row['program']}"


def _points(text: str) -> tuple[str | None, str]:
    return (None, "absent") if Decimal(text) == 0 else (text, "scored")


def snsf(data: Path) -> Published:
    """The first panel, every assessor on every proposal."""
    rows = table(data / "snsf-er-panels" / "scores.csv")
    panel = rows[0]["panel"]
    marks = [Mark(r["proposal"], r["assessor"], "c", r["score_6best"]) for r in rows if r["panel"] == panel]
    return _bare(rules(criterion("c", 1, 6)), marks)


def shrout_fleiss(data: Path) -> Published:
    rows = table(data / "agreement-textbook" / "shrout_fleiss_1979.csv")
    return _bare(rules(criterion("c", 1, 10)), [Mark(row["item"], row["judge"], "c", row["score"]) for row in rows])


SETS: dict[str, Callable[[Path], Published]] = {
    "catalyst-fund7": catalyst,
    "aibs-grants": aibs,
    "isu-skating-2016": skating,
    "snsf-er-panels": snsf,
    "agreement-textbook": shrout_fleiss,
}
