"""What must never matter, on every published competition: order of rows, names, direction; and what must."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Candidate, Lot, MarkError, Rules, TieBreak, allocate, rank
from scoring.agreement import agreement
from scoring.assignment import Assignment, assign
from scoring.calibration import Calibration, calibrate
from scoring.pairs import Pair
from tests.scoring.builders import money, table
from tests.scoring.published import SETS, Published

few = settings(
    max_examples=3, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RATED = [name for name in SETS if name != "isu-skating-2016"]  # one model over segments of one event says nothing


@pytest.fixture(scope="module")
def sets(shared_data: Path) -> dict[str, Published]:
    return {name: load(shared_data) for name, load in SETS.items()}


@pytest.fixture(scope="module")
def calibrated(sets: dict[str, Published]) -> dict[str, Calibration]:
    return {name: calibrate(sets[name].rules, sets[name].marks, draws=5) for name in RATED}


def _names(codes: set[str], draw: random.Random) -> dict[str, str]:
    """New names whose order has nothing to do with the old ones."""
    numbers = list(range(len(codes)))
    draw.shuffle(numbers)
    return {code: f"x{number:05d}" for code, number in zip(sorted(codes), numbers, strict=True)}


def _renamed(one: Published, draw: random.Random) -> tuple[Published, dict[str, str], dict[str, str]]:
    codes = _names({application.code for application in one.applications}, draw)
    people = _names({mark.expert for mark in one.marks}, draw)
    return (
        Published(
            one.rules,
            [replace(application, code=codes[application.code]) for application in one.applications],
            [mark._replace(application=codes[mark.application], expert=people[mark.expert]) for mark in one.marks],
        ),
        codes,
        people,
    )


@pytest.mark.parametrize("name", SETS)
@few
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_changes_nothing(name: str, seed: int, sets: dict[str, Published]) -> None:
    one, draw = sets[name], random.Random(seed)
    applications, marks = list(one.applications), list(one.marks)
    draw.shuffle(applications)
    draw.shuffle(marks)
    first, again = rank(one.rules, one.applications, one.marks), rank(one.rules, applications, marks)
    assert again.to_json() == first.to_json()
    assert agreement(one.rules, marks).to_json() == agreement(one.rules, one.marks).to_json()
    if one.rules.lots:
        rows = list(first)
        draw.shuffle(rows)
        assert allocate(one.rules, rows).to_json() == allocate(one.rules, first).to_json()


@pytest.mark.parametrize("name", RATED)
def test_order_of_rows_changes_no_calibration(name: str, sets: dict[str, Published], calibrated: Any) -> None:
    marks = list(sets[name].marks)
    random.Random(name).shuffle(marks)
    assert calibrate(sets[name].rules, marks, draws=5).to_json() == calibrated[name].to_json()


@pytest.mark.parametrize("name", SETS)
@few
@given(seed=st.integers(0, 10_000))
def test_names_change_nothing(name: str, seed: int, sets: dict[str, Published]) -> None:
    one = sets[name]
    other, codes, people = _renamed(one, random.Random(seed))
    first, again = rank(one.rules, one.applications, one.marks), rank(other.rules, other.applications, other.marks)
    assert {
        codes[row.application]: (row.place, row.place_overall, row.score_exact, row.status, row.separated_by,
                                 {people[expert]: total for expert, total in row.expert_totals.items()})
        for row in first
    } == {
        row.application: (row.place, row.place_overall, row.score_exact, row.status, row.separated_by,
                          dict(row.expert_totals))
        for row in again
    }  # fmt: skip
    mine, theirs = agreement(one.rules, one.marks).overall, agreement(other.rules, other.marks).overall
    for key in ("icc1", "icc_c1", "alpha_ordinal", "kendall_w"):
        assert getattr(mine, key) == pytest.approx(getattr(theirs, key), abs=1e-9)


@pytest.mark.parametrize("name", RATED)
def test_names_change_no_calibration(name: str, sets: dict[str, Published], calibrated: dict[str, Calibration]) -> None:
    other, codes, people = _renamed(sets[name], random.Random(name))
    first, again = calibrated[name], calibrate(other.rules, other.marks, draws=5)
    assert again.fit.criterion == pytest.approx(first.fit.criterion, abs=1e-5)
    severity = {row.expert: row.severity for row in again.experts}
    assert {people[row.expert]: row.severity for row in first.experts} == pytest.approx(severity, abs=2e-3)
    adjusted = {row.application: row.adjusted for row in again.applications}
    assert {codes[row.application]: row.adjusted for row in first.applications} == pytest.approx(adjusted, abs=2e-3)


def _turned(one: Published) -> Published:
    """The same opinions on a scale that runs the other way."""
    scales = {criterion.code: criterion for criterion in one.rules.criteria}
    other = {"higher": "lower", "lower": "higher"}
    ties = tuple(
        TieBreak(link.by, other[link.direction] if link.by != "column" else link.direction, link.name)  # type: ignore[arg-type]
        for link in one.rules.tie_breaks
    )
    given_rules = replace(one.rules, direction=other[one.rules.direction], tie_breaks=ties)
    marks = [
        mark
        if mark.points is None
        else mark._replace(points=str(scales[mark.criterion].min + scales[mark.criterion].max - Decimal(mark.points)))
        for mark in one.marks
    ]
    return Published(given_rules, one.applications, marks)


@pytest.mark.parametrize("name", RATED)
def test_scale_turned_round_keeps_places_and_turns_severity(
    name: str, sets: dict[str, Published], calibrated: dict[str, Calibration]
) -> None:
    one, other = sets[name], _turned(sets[name])
    places = {row.application: row.place for row in rank(one.rules, one.applications, one.marks)}
    assert {row.application: row.place for row in rank(other.rules, other.applications, other.marks)} == places
    first, again = calibrated[name], calibrate(other.rules, other.marks, draws=5)
    assert again.fit.criterion == pytest.approx(first.fit.criterion, abs=1e-5)
    severity = {row.expert: -(row.severity or 0.0) for row in again.experts}
    assert {row.expert: row.severity or 0.0 for row in first.experts} == pytest.approx(severity, abs=2e-3)
    assert {row.expert: row.flag for row in first.experts} == {row.expert: row.flag for row in again.experts}


def _lenient(one: Published, expert: str, more: Decimal) -> Published:
    """One expert gives so much more on every mark; the scale grows to hold it."""
    criteria = tuple(replace(criterion, max=criterion.max + more) for criterion in one.rules.criteria)
    marks = [
        mark._replace(points=str(Decimal(mark.points) + more)) if mark.expert == expert and mark.points else mark
        for mark in one.marks
    ]
    return Published(replace(one.rules, criteria=criteria), one.applications, marks)


@pytest.mark.parametrize("name", RATED)
def test_constant_of_one_expert_is_severity_and_no_order(name: str, sets: dict[str, Published]) -> None:
    """The busiest expert gives two points more, then four: the severity takes it up, the adjusted order stays.

    In a complete panel the order of the adjusted means stays to the last pair; where each application has its own
    experts the estimate shrinks a little, so the order moves less than half as much as that of the plain means. Two
    shifted panels are compared, because the first shift of all may create the variance that makes experts differ.
    """
    one = sets[name]
    counts: dict[str, int] = {}
    for mark in one.marks:
        counts[mark.expert] = counts.get(mark.expert, 0) + 1
    busy = min(counts, key=lambda expert: (-counts[expert], expert))
    more = Decimal(2)
    first, second = (_lenient(one, busy, times * more) for times in (1, 2))
    before, after = (calibrate(shifted.rules, shifted.marks, draws=5) for shifted in (first, second))
    was = {row.expert: row.severity or 0.0 for row in before.experts}
    now = {row.expert: row.severity or 0.0 for row in after.experts}
    others = np.mean([now[expert] - was[expert] for expert in was if expert != busy])
    assert now[busy] - was[busy] - others > 0.7 * float(more)
    moved = _moved_pairs(before, after, "adjusted")
    complete = len(one.marks) == len(one.applications) * len(counts) * len(one.rules.criteria)
    assert moved == 0 if complete else moved < 0.5 * _moved_pairs(before, after, "mean")


def _moved_pairs(before: Calibration, after: Calibration, what: str) -> int:
    """Pairs of applications whose order by a figure is turned round."""
    first, second = (np.array([getattr(row, what) for row in one.applications]) for one in (before, after))
    one, other = (np.sign(np.subtract.outer(values, values).round(6)) for values in (first, second))
    return int((one * other < 0).sum() // 2)


@pytest.mark.parametrize("name", SETS)
@few
@given(seed=st.integers(0, 10_000))
def test_missing_is_no_mark_at_all(name: str, seed: int, sets: dict[str, Published]) -> None:
    """A mark marked absent counts like no line at all, and never like the foot of the scale."""
    one = sets[name]
    at = random.Random(seed).randrange(len(one.marks))
    mark, scale = one.marks[at], {criterion.code: criterion for criterion in one.rules.criteria}
    absent = mark._replace(points=None, state="absent")
    without = [*one.marks[:at], *one.marks[at + 1 :]]
    rows = [rank(one.rules, one.applications, marks) for marks in (without, [*without, absent])]
    assert [row.to_json() for row in rows[0]] == [row.to_json() for row in rows[1]]
    lowest = mark._replace(points=str(scale[mark.criterion].min), state="scored")
    zero = rank(one.rules, one.applications, [*without, lowest]).row(mark.application)
    found = rows[0].row(mark.application)
    if found.score_exact is not None and zero.score_exact is not None and one.rules.order != "total_then_combine":
        assert zero.score_exact <= found.score_exact
    if scale[mark.criterion].min > 0:
        with pytest.raises(MarkError, match="off the scale"):
            rank(one.rules, one.applications, [*without, mark._replace(points="0", state="scored")])


@few
@given(seed=st.integers(0, 10_000))
def test_municipal_awards_do_not_depend_on_rows_or_names(seed: int, shared_data: Path) -> None:
    given_rules, candidates = _municipal(shared_data)
    draw = random.Random(seed)
    first = allocate(given_rules, candidates)
    mixed = list(candidates)
    draw.shuffle(mixed)
    assert allocate(given_rules, mixed).to_json() == first.to_json()
    names = _names({one.application for one in candidates}, draw)
    renamed = allocate(given_rules, [replace(one, application=names[one.application]) for one in candidates])
    assert {names[award.application]: (award.amount_kop, award.outcome) for award in first.awards} == {
        award.application: (award.amount_kop, award.outcome) for award in renamed.awards
    }


def _municipal(data: Path) -> tuple[Rules, list[Candidate]]:
    """Every municipal budget as a lot, equal votes sharing a place."""
    folder = data / "pabulib-municipal"
    votes: dict[str, list[dict[str, str]]] = {}
    for row in table(folder / "projects.csv"):
        votes.setdefault(row["instance_id"], []).append(row)
    lots = [Lot(row["instance_id"], int(Decimal(row["budget"]) * 100)) for row in table(folder / "instances.csv")]
    candidates = [
        Candidate(
            f"{code}|{row['project_id']}",
            code,
            1 + sum(Fraction(other["score"]) > Fraction(row["score"]) for other in rows),
            Fraction(row["score"]),
            int(Decimal(row["cost"]) * 100),
        )
        for code, rows in votes.items()
        for row in rows
    ]
    return money("skip", lots=lots), candidates


@pytest.mark.parametrize("name", ["conf1", "conf2"])
@pytest.mark.parametrize("connected", [False, True])
def test_conference_assignment_does_not_depend_on_rows_nor_its_bound_on_names(
    name: str, connected: bool, shared_data: Path
) -> None:
    letters = {"Y": 4.0, "M": 2.0, "N": 1.0}
    rows = table(shared_data / "assignment-csconf" / name / "bids.csv")
    pairs = [
        Pair(row["reviewer"], paper, letters.get(cell, 0.0), cell == "C")
        for row in rows
        for paper, cell in row.items()
        if paper != "reviewer"
    ]
    most = -(-3 * (len(rows[0]) - 1) // len(rows)) + 1
    first = assign(pairs, demand=3, max_load=most, connected=connected)
    draw = random.Random(name)
    mixed = draw.sample(pairs, len(pairs))
    assert assign(mixed, demand=3, max_load=most, connected=connected).to_json() == first.to_json()
    people, papers = (_names({pair[index] for pair in pairs}, draw) for index in (0, 1))
    renamed = [pair._replace(expert=people[pair.expert], application=papers[pair.application]) for pair in pairs]
    other = assign(renamed, demand=3, max_load=most, connected=connected)
    assert isinstance(first, Assignment)
    assert isinstance(other, Assignment)
    assert other.certificate.bound == pytest.approx(first.certificate.bound)
    assert first.certificate.connected or not connected
