"""Marks of linked experts: the list without them, and a permutation test against counting by hand."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Application, Mark, rank
from scoring.__main__ import main
from scoring.calibration import calibrate
from scoring.conflicts import WhatIf, conflicts_what_if
from scoring.errors import PairError, RankingError
from scoring.pairs import Link
from tests.scoring.builders import criterion, money, rules, write_table

quick = settings(max_examples=30, deadline=None, derandomize=True)
GIVEN = money("stop", 100)


def _competition(sheet: list[str]) -> tuple[list[Application], list[Mark]]:
    applications = [Application(f"A{number}", "L", 50) for number in range(len(sheet))]
    marks = [
        Mark(f"A{a}", f"E{e}", "c", str(int(text, 16))) for a, row in enumerate(sheet) for e, text in enumerate(row)
    ]
    return applications, marks


def _found(sheet: list[str], links: list[Link], **options: int) -> WhatIf:
    return conflicts_what_if(GIVEN, *_competition(sheet), links, **options)


def test_list_without_the_linked_marks() -> None:
    """E0 lifts A0 into the money: 9 and 5 against 6 and 6, 7 and 8."""
    found = _found(["95", "66", "78"], [Link("E0", "A0"), Link("E1", "A2")])
    assert [(row.expert, row.application, row.place, row.place_without) for row in found.pairs] == [
        ("E0", "A0", 2, 3),
        ("E1", "A2", 1, 1),
    ]
    assert [(row.awarded, row.awarded_without) for row in found.pairs] == [(True, False), (True, True)]
    assert [(row.name, row.enter, row.leave) for row in found.without_expert] == [
        ("E0", ("A1",), ("A0",)),
        ("E1", (), ()),
    ]
    assert (found.without_all.enter, found.without_all.leave) == (("A1",), ("A0",))


@quick
@given(
    st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=4, max_size=6),
    st.sets(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=4),
)
def test_without_linked_marks_equals_ranking_the_other_marks(
    sheet: list[list[int]], chosen: set[tuple[int, int]]
) -> None:
    applications, marks = _competition(["".join(f"{value:x}" for value in row) for row in sheet])
    links = [Link(f"E{e}", f"A{a}") for e, a in sorted(chosen)]
    found = conflicts_what_if(GIVEN, applications, marks, links, draws=50)
    for row in found.pairs:
        kept = [mark for mark in marks if (mark.expert, mark.application) != (row.expert, row.application)]
        assert row.place_without == rank(GIVEN, applications, kept).row(row.application).place
        assert row.place == rank(GIVEN, applications, marks).row(row.application).place


@quick
@given(
    st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=4, max_size=5),
    st.sets(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=4),
)
def test_p_equals_counting_every_exchange_inside_experts(sheet: list[list[int]], chosen: set[tuple[int, int]]) -> None:
    """The oracle takes the model from `calibrate` and moves the links by all orders of the applications."""
    applications, marks = _competition(["".join(f"{value:x}" for value in row) for row in sheet])
    links = [Link(f"E{e}", f"A{a}") for e, a in sorted(chosen)]
    found = conflicts_what_if(GIVEN, applications, marks, links)
    model = calibrate(rules(), marks, draws=1)
    effect = {row.application: row.effect for row in model.applications}
    sd = {row.expert: row.severity or 0.0 for row in model.experts}
    residual = {
        (mark.expert, mark.application): int(mark.points or 0)
        - model.fit.mu
        - effect[mark.application]
        - sd[mark.expert]
        for mark in marks
    }
    codes = [one.code for one in applications]
    of_expert = {e: [link.application for link in links if link.expert == e] for e in ("E0", "E1", "E2")}
    mine = sum(residual[link] for link in links)
    reached, everything = 0, 0
    orders = [
        [tuple(order[: len(of_expert[e])]) for order in permutations(codes)] if of_expert[e] else [()]
        for e in of_expert
    ]
    for picks in product(*[sorted(set(map(frozenset, of))) if of[0] else [frozenset()] for of in orders]):
        total = sum(residual[e, a] for e, pick in zip(of_expert, picks, strict=True) for a in pick)
        reached += total >= mine - 1e-9
        everything += 1
    assert found.favour.exact
    if found.favour.p is not None:
        assert Fraction(found.favour.p).limit_denominator(10**6) == Fraction(reached, everything)
        assert found.favour.exchanges == everything
        for row in found.pairs:
            assert row.residual == pytest.approx(residual[row.expert, row.application], abs=1e-9)


def test_generous_expert_is_no_partial_one() -> None:
    """Two points more for everybody change no p; six more for the linked application alone make it the least."""
    draw = random.Random(5)
    worth = [draw.randint(2, 6) for _ in range(12)]
    noise = [[draw.randint(0, 1) for _ in range(3)] for _ in worth]

    def p_of(link: int, generous: int = 0, favour: int = 0) -> float | None:
        sheet = [
            f"{w + n[0] + generous + (favour if a == link else 0):x}{w + n[1]:x}{w + n[2]:x}"
            for a, (w, n) in enumerate(zip(worth, noise, strict=True))
        ]
        return _found(sheet, [Link("E0", f"A{link}")]).favour.p

    assert [p_of(link) for link in range(12)] == [p_of(link, generous=2) for link in range(12)]
    low = worth.index(2)
    assert p_of(low) != pytest.approx(1 / 12)
    assert p_of(low, generous=1, favour=6) == pytest.approx(1 / 12)


def test_exchanges_are_drawn_where_there_are_too_many_and_the_seed_decides() -> None:
    draw = random.Random(1)
    sheet = ["".join(f"{draw.randint(0, 10):x}" for _ in range(4)) for _ in range(30)]
    links = [Link(f"E{e}", f"A{a}") for e in range(4) for a in range(5 * e, 5 * e + 5)]
    first, again, other = (_found(sheet, links, seed=seed, draws=2000).favour for seed in (1, 1, 2))
    assert (first.exact, first.exchanges, first == again, first == other) == (False, 2000, True, False)
    assert first.p == pytest.approx(other.p, abs=0.05)


def test_direction_of_the_scale_turns_the_difference() -> None:
    sheet = ["95", "66", "78", "34"]
    applications, marks = _competition(sheet)
    lower = [mark._replace(points=str(10 - int(mark.points or 0))) for mark in marks]
    links = [Link("E0", "A0")]
    one = conflicts_what_if(GIVEN, applications, marks, links).favour
    other = conflicts_what_if(money("stop", 100, direction="lower"), applications, lower, links).favour
    assert (one.p, one.difference) == (other.p, pytest.approx(other.difference))


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ([Link("E0", "A0"), Link("E0", "A0")], "a second line of E0, A0"),
        ([Link("", "A0")], "must not be empty"),
        ([Link("E0", "A9")], "unknown application 'A9'"),
    ],
)
def test_link_that_cannot_be_is_refused(links: list[Link], told: str) -> None:
    with pytest.raises(PairError, match=told):
        _found(["95", "66", "78"], links)


def test_recused_link_is_listed_and_changes_nothing() -> None:
    applications, marks = _competition(["95", "66", "78"])
    marks[0] = Mark("A0", "E0", "c", None, "recused")
    found = conflicts_what_if(money("stop", 100), applications, marks, [Link("E0", "A0")])
    row = found.pairs[0]
    assert (row.rating, row.residual, row.place == row.place_without, found.favour.p) == (None, None, True, None)
    assert found.favour.why == "there is no linked mark beside others"


def test_conflicts_without_lots_are_refused() -> None:
    with pytest.raises(RankingError, match="an award list needs lots"):
        conflicts_what_if(rules(criterion()), *_competition(["95", "66"]), [])


def test_conflicts_command_reads_links_and_refuses_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    applications, marks = _competition(["95", "66", "78"])
    tables = {
        "scores": [dict(zip(("application", "expert", "criterion", "points"), mark, strict=False)) for mark in marks],
        "applications": [{"application": a.code, "lot": "L", "requested_kop": 50} for a in applications],
        "links": [{"expert": "E0", "application": "A0", "ground": "employer"}],
    }  # fmt: skip
    (tmp_path / "rules.json").write_text(json.dumps(GIVEN.to_json()), encoding="utf-8")
    files = ["--rules", str(tmp_path / "rules.json")]
    for name, rows in tables.items():
        files += [f"--{name}", str(write_table(tmp_path / f"{name}.csv", rows))]
    assert main(["conflicts", *files]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["without_all"] == {"enter": ["A1"], "leave": ["A0"]}
    assert main(["conflicts", *files, "--csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("expert,application,rating,residual,place,")
    write_table(tmp_path / "links.csv", [{"expert": "E0", "application": "A9"}])
    assert main(["conflicts", *files]) == 2
    assert capsys.readouterr().err == (
        f"scoring: {tmp_path / 'links.csv'}, line 2, column application: unknown application 'A9'\n"
    )
