"""What must never matter: the order of rows, names, the direction of the scale."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Application, Criterion, Lot, Mark, Rules, TieBreak, allocate, rank
from scoring.agreement import agreement
from tests.scoring.builders import criterion, rules

quick = settings(max_examples=60, deadline=None, derandomize=True)
COMPETITION = rules(
    criterion("p", 1, 5, weight=Decimal(30)),
    criterion("q", 0, 10, weight=Decimal(70)),
    expert_total="normalised",
    tie_breaks=(TieBreak("criterion", "higher", "p"), TieBreak("worst_expert", "higher")),
    lots=(Lot("L", 100), Lot("M", 100)),
)

sheets = st.lists(
    st.lists(st.one_of(st.none(), st.tuples(st.integers(1, 5), st.integers(0, 10))), min_size=3, max_size=3),
    min_size=2, max_size=6,
)  # fmt: skip


def _competition(sheet: list[Any]) -> tuple[list[Application], list[Mark]]:
    applications = [Application(f"A{i}", "LM"[i % 2], 10 * i + 10) for i in range(len(sheet))]
    marks = [
        Mark(f"A{i}", f"E{j}", code, None if pair is None else str(pair[k]), "recused" if pair is None else "scored")
        for i, row in enumerate(sheet)
        for j, pair in enumerate(row)
        for k, code in enumerate("pq")
    ]
    return applications, marks


@quick
@given(sheets, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(sheet: list[Any], shuffle: Any) -> None:
    applications, marks = _competition(sheet)
    first = rank(COMPETITION, applications, marks)
    shuffle.shuffle(applications)
    shuffle.shuffle(marks)
    again = rank(COMPETITION, applications, marks)
    assert again.to_json() == first.to_json()
    rows = list(first)
    shuffle.shuffle(rows)
    assert allocate(COMPETITION, rows).to_json() == allocate(COMPETITION, first).to_json()


def _new(code: str) -> str:
    return f"{9 - int(code[1:])}{code[0]}"


@quick
@given(sheets)
def test_names_change_nothing(sheet: list[Any]) -> None:
    applications, marks = _competition(sheet)
    first = rank(COMPETITION, applications, marks)
    again = rank(
        COMPETITION,
        [dataclasses.replace(one, code=_new(one.code)) for one in applications],
        [mark._replace(application=_new(mark.application), expert=_new(mark.expert)) for mark in marks],
    )
    for row in first:
        other = again.row(_new(row.application))
        assert (other.place, other.place_overall, other.score_exact, other.status, other.separated_by) == (
            row.place, row.place_overall, row.score_exact, row.status, row.separated_by,
        )  # fmt: skip
        assert sorted(other.tied_with) == sorted(map(_new, row.tied_with))
    before, after = allocate(COMPETITION, first), allocate(COMPETITION, again)
    assert {_new(award.application): award.amount_kop for award in before.awards} == {
        award.application: award.amount_kop for award in after.awards
    }


def _turned(given_rules: Rules) -> Rules:
    ties = tuple(dataclasses.replace(link, direction="lower") for link in given_rules.tie_breaks)
    return dataclasses.replace(given_rules, direction="lower", tie_breaks=ties)


def _mirrored(mark: Mark, scale: Criterion) -> Mark:
    return mark if mark.points is None else mark._replace(points=str(scale.min + scale.max - Decimal(mark.points)))


@quick
@given(sheets)
def test_scale_turned_round_keeps_places(sheet: list[Any]) -> None:
    applications, marks = _competition(sheet)
    scales = {one.code: one for one in COMPETITION.criteria}
    first = rank(COMPETITION, applications, marks)
    turned = rank(_turned(COMPETITION), applications, [_mirrored(mark, scales[mark.criterion]) for mark in marks])
    assert {row.application: (row.place, row.place_overall) for row in turned} == {
        row.application: (row.place, row.place_overall) for row in first
    }


@quick
@given(sheets)
def test_recused_expert_is_as_if_never_there(sheet: list[Any]) -> None:
    applications, marks = _competition(sheet)
    present = [mark for mark in marks if mark.points is not None]
    assert [row.to_json() for row in rank(COMPETITION, applications, marks)] == [
        row.to_json() for row in rank(COMPETITION, applications, present)
    ]


@quick
@given(sheets)
def test_zero_is_a_mark_and_missing_is_none(sheet: list[Any]) -> None:
    """A zero beside a mark above zero lowers the score; a missing mark leaves it as it is."""
    applications, marks = _competition(sheet)
    low = [Mark(one.code, "E9", code, "1" if code == "p" else "0", "scored") for one in applications for code in "pq"]
    absent = [mark._replace(points=None, state="absent") for mark in low]
    scores = {row.application: row.score_exact for row in rank(COMPETITION, applications, marks)}
    assert {row.application: row.score_exact for row in rank(COMPETITION, applications, marks + absent)} == scores
    for row in rank(COMPETITION, applications, marks + low):
        before = scores[row.application]
        assert row.score_exact is not None
        assert (row.score_exact < before) if before else row.score_exact == 0


@quick
@given(sheets, st.randoms(use_true_random=False))
def test_agreement_does_not_depend_on_rows_or_names(sheet: list[Any], shuffle: Any) -> None:
    _, marks = _competition(sheet)
    first = agreement(COMPETITION, marks)
    shuffle.shuffle(marks)
    assert agreement(COMPETITION, marks).to_json() == first.to_json()
    assert all(value is None or value <= 1 + 1e-9 for value in (first.overall.icc1, first.overall.alpha_interval))
