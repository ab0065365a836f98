"""Assignments against every assignment there is, for every option, and against an independent check of all rules."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.assignment import Assignment, Objective, Shortage, assign
from scoring.errors import PairError, TermsError
from scoring.fairness import lift_worst
from scoring.pairs import ApplicationTerms, ExpertTerms, Pair
from scoring.problems import Problem, problem_of
from tests.scoring.assignment_checker import Inputs, Whole, faults, parts

quick = settings(max_examples=400, deadline=None, derandomize=True)
OBJECTIVES: tuple[Objective, ...] = ("sum", "fair")


def _asked(inputs: Inputs, **options: Any) -> Assignment | Shortage:
    return assign(
        inputs.pairs,
        demand=inputs.demand,
        max_load=inputs.max_load,
        min_load=inputs.min_load,
        experts=inputs.experts,
        applications=inputs.applications,
        **options,
    )


def _asked_or_refused(inputs: Inputs, **options: Any) -> Assignment | Shortage | PairError:
    try:
        return _asked(inputs, **options)
    except PairError as error:
        return error


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


@st.composite
def cases(draw: st.DrawFn, sides: bool = True, many: int = 3) -> Inputs:
    """Up to `many` applications and four experts with every option there is."""
    people = [f"E{number}" for number in range(draw(st.integers(2, 4)))]
    codes = [f"A{number}" for number in range(draw(st.integers(2, many)))]
    pairs = []
    for expert in people:
        for code in codes:
            kind = draw(st.sampled_from(["", "", "", "", "", "conflict", "fixed"] if sides else ["", "", "conflict"]))
            pairs.append(Pair(expert, code, float(draw(st.integers(0, 4))), kind == "conflict", kind == "fixed"))
    experts, applications = [], []
    if sides:
        for expert in people:
            most = draw(_optional(st.integers(0, 3)))
            least = None if most is None else draw(_optional(st.integers(0, min(1, most))))
            house, skill = (
                draw(st.sampled_from(["", "", "o", "p"])),
                draw(st.sampled_from([(), ("law",), ("law", "it")])),
            )
            experts.append(ExpertTerms(expert, most, least, house, skill))
        for code in codes:
            before = draw(st.lists(st.sampled_from([*people, "gone"]), max_size=2, unique=True))
            applications.append(
                ApplicationTerms(
                    code,
                    draw(_optional(st.integers(1, 2))),
                    draw(st.sampled_from([(), (), ("law",), ("it",), ("law", "it")])),
                    tuple(before),
                    draw(st.integers(0, 2)),
                )
            )
    return Inputs(pairs, draw(st.integers(1, 2)), draw(st.integers(1, 3)), 0, experts, applications)


def _best(inputs: Inputs, possible: list[Whole], objective: str) -> tuple[float, float]:
    """Worst affinity (of all, for sum) and total that the objective asks for, over everything possible."""
    values = [inputs.served(chosen) for chosen in possible]
    worst = max(min(one.values()) for one in values) if objective == "fair" else float("-inf")
    return worst, max(sum(one.values()) for one in values if min(one.values()) >= worst)


@quick
@given(cases(), st.sampled_from(OBJECTIVES))
def test_assignment_with_every_option_equals_the_best_of_all(inputs: Inputs, objective: Objective) -> None:
    possible = list(inputs.everything())
    found = _asked_or_refused(inputs, objective=objective)
    if isinstance(found, PairError):
        assert (found.column, possible) == ("fixed", [])
        return
    assert isinstance(found, Assignment) == bool(possible)
    if isinstance(found, Assignment):
        assert faults(inputs, found) == []
        worst, total = _best(inputs, possible, objective)
        assert found.certificate.sum == total
        assert found.certificate.bound == pytest.approx(worst if objective == "fair" else total, abs=1e-6)


@quick
@given(cases(sides=False), st.sampled_from(["sum", "fair", "random"]))
def test_plain_assignment_equals_the_best_of_all(inputs: Inputs, objective: Objective) -> None:
    possible = list(inputs.everything())
    found = _asked(inputs, objective=objective, q=1.0)
    if not possible:
        assert isinstance(found, Shortage)
        assert found.slots_missing > 0
        return
    assert isinstance(found, Assignment)
    assert faults(inputs, found) == []
    assert found.certificate.sum == _best(inputs, possible, objective)[1]


@quick
@given(cases(), st.integers(0, 5))
def test_draw_with_every_option_keeps_every_rule_or_is_refused(inputs: Inputs, seed: int) -> None:
    found = _asked_or_refused(inputs, objective="random", q=0.7, seed=seed)
    if isinstance(found, PairError):
        assert found.column in ("fixed", "objective")
    if isinstance(found, Assignment):
        assert faults(inputs, found) == []


@settings(max_examples=40, deadline=None, derandomize=True)
@given(cases(sides=False, many=4), st.sampled_from(OBJECTIVES), st.sampled_from([0.0, 0.1, 0.3]))
def test_connection_leaves_the_fewest_parts_within_the_limit(inputs: Inputs, objective: Objective, loss: float) -> None:
    possible = list(inputs.everything())
    if not possible:
        return
    found = _asked(inputs, objective=objective, connected=True, connection_loss=loss)
    assert isinstance(found, Assignment)
    assert faults(inputs, found) == []
    worst, total = _best(inputs, possible, objective)
    near = [
        chosen
        for chosen in possible
        if sum(inputs.served(chosen).values()) >= total - loss * total - 1e-9
        and min(inputs.served(chosen).values()) >= (worst - loss * worst - 1e-9 if objective == "fair" else 0)
    ]
    assert found.certificate.components == min(map(parts, near))
    assert found.certificate.connection_paid == pytest.approx(total - found.certificate.sum)


def test_connection_is_bought_within_its_limit_only() -> None:
    """Two blocks that never meet at the optimum of 96; two applications shared across cost 1 each."""
    blocks = {code: ("E1", "E2") if code in "ABC" else ("E3", "E4") for code in "ABCDEF"}
    pairs = [Pair(e, a, 8.0 if e in blocks[a] else 7.0) for a in blocks for e in ("E1", "E2", "E3", "E4")]
    found = {
        loss: assign(pairs, demand=2, max_load=4, connected=loss > 0, connection_loss=loss) for loss in (0, 0.1, 0.01)
    }
    told = [one.certificate for one in found.values() if isinstance(one, Assignment)]
    assert [(one.components, one.sum, one.bound, one.connection_paid) for one in told] == [
        (2, 96, 96, None),
        (1, 94, 96, 2),
        (2, 96, 96, 0),
    ]
    assert [one.connection_limit for one in told] == [None, pytest.approx(9.6), pytest.approx(0.96)]


@quick
@given(cases(sides=False), st.randoms(use_true_random=False), st.sampled_from(["sum", "fair", "random"]))
def test_row_order_changes_nothing(inputs: Inputs, shuffled: random.Random, objective: Objective) -> None:
    first = _asked(inputs, objective=objective, q=0.8)
    mixed = list(inputs.pairs)
    shuffled.shuffle(mixed)
    again = _asked(replace(inputs, pairs=mixed), objective=objective, q=0.8)
    assert again.to_json() == first.to_json()


@quick
@given(cases(), st.randoms(use_true_random=False))
def test_row_order_of_terms_changes_nothing_and_names_only_the_choice(inputs: Inputs, shuffled: random.Random) -> None:
    try:
        first = _asked(inputs, connected=True)
    except PairError:
        return
    experts, applications = list(inputs.experts), list(inputs.applications)
    shuffled.shuffle(experts)
    shuffled.shuffle(applications)
    again = _asked(replace(inputs, experts=experts, applications=applications), connected=True)
    assert again.to_json() == first.to_json()
    other = {code: f"Z{9 - number}" for number, code in enumerate(inputs.codes)}
    renamed = Inputs(
        [one._replace(application=other[one.application]) for one in inputs.pairs],
        inputs.demand,
        inputs.max_load,
        inputs.min_load,
        inputs.experts,
        [one._replace(application=other[one.application]) for one in inputs.applications],
    )
    found = _asked(renamed)
    assert isinstance(found, Assignment) == isinstance(first, Assignment)
    if isinstance(found, Assignment) and isinstance(first, Assignment):
        assert found.certificate.bound == pytest.approx(first.certificate.bound)


def test_expert_and_application_numbers_override_the_common_ones() -> None:
    pairs = [Pair("E1", "A", 4.0), Pair("E2", "A", 1.0), Pair("E3", "A", 1.0), Pair("E1", "B", 4.0)]
    terms = [ExpertTerms("E1", max_load=1), ExpertTerms("E2", min_load=2)]
    found = assign(pairs, demand=1, max_load=2, experts=terms, applications=[ApplicationTerms("A", demand=2)])
    assert isinstance(found, Assignment)
    assert found.assignment == (("A", ("E1", "E2")), ("B", ("E2",)))


def test_draw_keeps_organisations_and_the_probability_of_pairs() -> None:
    people, codes = [f"E{number}" for number in range(6)], [f"A{number}" for number in range(4)]
    pairs = [Pair(e, a, float((3 * x + y) % 5)) for x, e in enumerate(people) for y, a in enumerate(codes)]
    experts = [ExpertTerms(e, organisation="one" if number < 3 else "") for number, e in enumerate(people)]
    inputs = Inputs(pairs, 2, 3, 1, experts, [ApplicationTerms("A1", previous=("E3", "E4"), keep=1)])
    draws = [_asked(inputs, objective="random", q=0.5, seed=seed) for seed in range(400)]
    counts: dict[tuple[str, str], int] = {}
    for found in draws:
        assert isinstance(found, Assignment)
        assert faults(inputs, found) == []
        for code, experts_of in found.assignment:
            for expert in experts_of:
                counts[expert, code] = counts.get((expert, code), 0) + 1
    assert max(counts.values()) <= 0.5 * 400 + 3 * 10  # three standard deviations of 400 draws at one half
    first = draws[0]
    assert isinstance(first, Assignment)
    mean = sum(found.certificate.sum for found in draws if isinstance(found, Assignment)) / len(draws)
    assert mean == pytest.approx(first.certificate.bound, rel=0.02)


def test_draw_with_sets_that_overlap_in_part_is_refused() -> None:
    pairs = [Pair(f"E{number}", "A", 1.0) for number in range(4)]
    experts = [
        ExpertTerms("E0", organisation="o", profiles=("law",)),
        ExpertTerms("E1", organisation="o"),
        ExpertTerms("E2", profiles=("law",)),
    ]
    terms = [ApplicationTerms("A", profiles=("law",))]
    with pytest.raises(PairError, match=r"a draw cannot keep .* of A that overlap in part \(E0 is in two of them\)"):
        assign(pairs, demand=2, max_load=1, objective="random", experts=experts, applications=terms)


def test_connected_draw_is_refused() -> None:
    with pytest.raises(PairError, match="a draw keeps the announced probabilities") as caught:
        assign([Pair("E", "A")], demand=1, max_load=1, objective="random", connected=True)
    assert caught.value.column == "connected"


@pytest.mark.parametrize(
    ("pairs", "index", "told"),
    [
        ([Pair("E", "A", 1.0, True, True)], 0, "E, A: a pair in conflict cannot be fixed"),
        ([Pair("E", "A", fixed=True), Pair("F", "A", fixed=True)], 1, "A asks for 1 experts and has 2 fixed ones"),
        ([Pair("E", "A", fixed=True), Pair("E", "B", fixed=True)], 1, "E may have 1 applications and has 2 fixed"),
    ],
)
def test_fixed_pair_that_cannot_be_held_is_refused(pairs: list[Pair], index: int, told: str) -> None:
    with pytest.raises(PairError) as caught:
        assign(pairs, demand=1, max_load=1)
    assert (caught.value.message, caught.value.column, caught.value.index) == (told, "fixed", index)


@pytest.mark.parametrize(
    ("experts", "applications", "told", "of", "index"),
    [
        ([ExpertTerms("E"), ExpertTerms("E")], [], "a second line of E", "experts", 1),
        ([ExpertTerms("")], [], "must not be empty", "experts", 0),
        ([ExpertTerms("E", 1, 2)], [], "E: loads from 2 to 1 are no loads", "experts", 0),
        ([], [ApplicationTerms("A", 0)], "A: 0 is no number of experts", "applications", 0),
        ([], [ApplicationTerms("A", keep=-1)], "A: -1 is no number of experts", "applications", 0),
        ([], [ApplicationTerms("B"), ApplicationTerms("B")], "a second line of B", "applications", 1),
    ],
)
def test_terms_that_contradict_are_refused(
    experts: list[ExpertTerms], applications: list[ApplicationTerms], told: str, of: str, index: int
) -> None:
    with pytest.raises(TermsError) as caught:
        assign([Pair("E", "A")], demand=1, max_load=1, experts=experts, applications=applications)
    assert (caught.value.message, caught.value.of, caught.value.index) == (told, of, index)


def test_profile_nobody_has_is_a_shortage_that_names_it() -> None:
    pairs = [Pair("E", "A"), Pair("F", "A", conflict=True), Pair("E", "B"), Pair("F", "B")]
    applications = [ApplicationTerms("A", profiles=("law",)), ApplicationTerms("B", profiles=("law",))]
    found = assign(
        pairs, demand=1, max_load=2, experts=[ExpertTerms("F", profiles=("law",))], applications=applications
    )
    assert isinstance(found, Shortage)
    assert (found.applications, found.slots_missing, found.profiles) == (("A",), 0, (("A", "law"),))
    assert (found.conflicts, found.why) == ((("F", "A"),), "a required profile has no expert who could still be added")


def test_previous_experts_that_cannot_all_be_kept_are_a_shortage() -> None:
    terms = [ApplicationTerms("A", previous=("E",), keep=1), ApplicationTerms("B", previous=("E",), keep=1)]
    found = assign([Pair("E", "A"), Pair("F", "A")], demand=1, max_load=1, applications=terms)
    assert isinstance(found, Shortage)
    assert (found.slots_missing, len(found.previous), found.previous[0][1]) == (0, 1, 1)
    assert found.why == "so many previous experts cannot be kept"


def test_previous_expert_in_conflict_lowers_what_is_kept() -> None:
    pairs = [Pair("E", "A", conflict=True), Pair("F", "A", 9.0), Pair("G", "A", 1.0), Pair("H", "A", 5.0)]
    terms = [ApplicationTerms("A", previous=("E", "G"), keep=2)]
    found = assign(pairs, demand=2, max_load=1, applications=terms)
    assert isinstance(found, Assignment)
    assert (found.assignment, found.certificate.kept_previous) == ((("A", ("F", "G")),), 1)


def test_least_load_that_cannot_be_given_is_a_shortage() -> None:
    pairs = [Pair(e, a, 1.0) for e in ("E1", "E2", "E3") for a in ("A", "B")]
    found = assign(pairs, demand=1, max_load=2, min_load=1)
    assert isinstance(found, Shortage)
    assert (found.slots_missing, len(found.loads), found.loads[0][1]) == (0, 1, 1)
    assert found.why == "there are too few places for the least loads: 2 places, 3 asked for"


def _problem(inputs: Inputs) -> Problem:
    return problem_of(
        inputs.pairs,
        inputs.experts,
        inputs.applications,
        demand=inputs.demand,
        loads=(inputs.min_load, inputs.max_load),
    )


@quick
@given(cases())
def test_exchanges_never_lower_the_worst_nor_break_a_constraint(inputs: Inputs) -> None:
    possible = list(inputs.everything())[:20]
    if not possible:
        return
    problem = _problem(inputs)
    for chosen in possible:
        start = np.array([[expert in chosen[code] for expert in problem.experts] for code in problem.applications])
        lifted = lift_worst(problem, start)
        named = {
            code: tuple(problem.experts[index] for index in np.flatnonzero(lifted[row]))
            for row, code in enumerate(problem.applications)
        }
        assert [fault for code in named for fault in inputs.group_faults(code, named[code])] == []
        assert inputs.load_faults(named) == []
        assert min(inputs.served(named).values()) >= min(inputs.served(chosen).values())
