"""Figure skating 2016-17: nine judges, trimmed means, staged rounding; everything published is met exactly."""

from __future__ import annotations

import dataclasses
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from scoring import Application, Lot, Mark, MarkError, Ranking, Rules, TieBreak, rank
from tests.scoring.builders import criterion, rules, stage, table


def _component(name: str) -> str:
    return name.split()[0].lower()  # one component has three spellings that share their first word


@pytest.fixture(scope="module")
def skating(shared_data: Path) -> tuple[Rules, list[Application], list[Mark], dict[str, dict[str, str]]]:
    folder = shared_data / "isu-skating-2016"
    performances = {row["performance_id"]: row for row in table(folder / "performances.csv")}
    factors: dict[str, dict[str, Decimal]] = {}
    for row in table(folder / "components.csv"):
        performance = performances[row["performance_id"]]
        segment = f"{performance['competition']}: {performance['program']}"
        factors.setdefault(segment, {})[_component(row["component"])] = Decimal(row["factor"])
    codes = sorted({code for weights in factors.values() for code in weights})
    given = rules(
        *(criterion(code, "0.25", 10, "0.25") for code in codes),
        expert_total="points",
        order="combine_each_criterion_then_weight",
        combine="trimmed",
        trim=1,
        min_experts=3,
        rounding=(stage("criterion_combined"), stage("criterion_weighted"), stage("total")),
        tie_breaks=(TieBreak("column", "higher", "tie_value"),),
        lots=tuple(Lot(name, 0, criteria_weights=tuple(weights.items())) for name, weights in factors.items()),
    )
    applications = [
        Application(
            code,
            f"{row['competition']}: {row['program']}",
            columns={
                "fixed_points": str(Decimal(row["total_element_score"]) - Decimal(row["total_deductions"])),
                "tie_value": row[
                    "published_total_component_score" if "FREE" in row["program"] else "total_element_score"
                ],
            },
        )
        for code, row in performances.items()
    ]
    marks = [
        Mark(row["performance_id"], row["judge"], _component(row["component"]), *_points(row["score"]))
        for row in table(folder / "scores.csv")
    ]
    return given, applications, marks, performances


def _points(text: str) -> tuple[str | None, str]:
    return (None, "absent") if Decimal(text) == 0 else (text, "scored")


@pytest.fixture(scope="module")
def ranking(skating: tuple[Rules, list[Application], list[Mark], object]) -> Ranking:
    return rank(*skating[:3])


def test_panel_scores_match_the_published(ranking: Ranking, shared_data: Path) -> None:
    published = {
        (row["performance_id"], _component(row["component"])): Fraction(row["published_panel_score"])
        for row in table(shared_data / "isu-skating-2016" / "components.csv")
    }
    found = {(row.application, code): cell.combined for row in ranking for code, cell in row.criteria.items()}
    assert len(found) == 1780
    assert found == published


def test_totals_and_places_match_the_published(
    ranking: Ranking, skating: tuple[object, object, object, dict[str, dict[str, str]]]
) -> None:
    performances = skating[3]
    published = {
        code: (row["published_total_segment_score"], int(row["published_rank"])) for code, row in performances.items()
    }
    assert len(published) == 356
    assert {row.application: (row.score, row.place) for row in ranking} == {
        code: (f"{Decimal(total):.2f}", place) for code, (total, place) in published.items()
    }


def test_components_add_up_to_the_published_sum(
    ranking: Ranking, skating: tuple[object, object, object, dict[str, dict[str, str]]]
) -> None:
    found = {row.application: sum(cell.weighted or 0 for cell in row.criteria.values()) for row in ranking}
    assert found == {code: Fraction(row["published_total_component_score"]) for code, row in skating[3].items()}


def test_equal_totals_separated_by_the_chain(ranking: Ranking) -> None:
    counts = Counter((row.lot, row.score) for row in ranking)
    equal = [row for row in ranking if counts[row.lot, row.score] > 1]
    assert {row.separated_by for row in equal} == {"column:tie_value"}
    assert len(equal) > 1


def test_judges_counted_without_the_absent(
    ranking: Ranking, skating: tuple[object, object, list[Mark], object]
) -> None:
    present: dict[str, set[str]] = {}
    for mark in skating[2]:
        if mark.points:
            present.setdefault(mark.application, set()).add(mark.expert)
    assert {row.application: row.experts for row in ranking} == {code: len(who) for code, who in present.items()}
    assert sum(mark.state == "absent" for mark in skating[2]) == 40


def test_absent_mark_written_as_zero_refused(
    skating: tuple[Rules, list[Application], list[Mark], object],
) -> None:
    given, applications, marks, _ = skating
    written = [mark._replace(points="0.0", state="scored") if mark.state == "absent" else mark for mark in marks]
    with pytest.raises(MarkError, match="off the scale"):
        rank(given, applications, written)


def test_rounding_once_misses_the_published_totals(
    skating: tuple[Rules, list[Application], list[Mark], dict[str, dict[str, str]]],
) -> None:
    given, applications, marks, performances = skating
    once = dataclasses.replace(given, rounding=(stage("total"),))
    wrong = [
        row.application
        for row in rank(once, applications, marks)
        if row.score != f"{Decimal(performances[row.application]['published_total_segment_score']):.2f}"
    ]
    assert len(wrong) > 100
