"""Experts for applications: the best, the fairest or a drawn assignment, with a certificate; or a shortage report.

Advice for the secretary. Sources: Taylor (2008) for the linear programme that is whole by structure; Stelmakh, Shah and
Singh (2021) for the fairness of the worst-served application; Jecmen et al. (2020) for the randomised assignment and
Gandhi et al. (2006) for the rounding that keeps every row and column sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from scoring.advisory import AdvisoryResult
from scoring.digest import digest
from scoring.errors import PairError
from scoring.explain import Step, step
from scoring.fairness import fair_choice
from scoring.matching import Problem, fill, random_choice, sum_choice
from scoring.pairs import Pair

Objective = Literal["sum", "fair", "random"]
OBJECTIVES: Final = ("sum", "fair", "random")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What proves the assignment: the value, the bound of what it optimises, the loads, the worst-served."""

    objective: Objective
    bound: float
    sum: float
    worst_application: str
    worst_affinity: float
    load_min: int
    load_max: int

    def to_json(self) -> dict[str, object]:
        """Plain data of the certificate."""
        return {
            "objective": self.objective,
            "bound": self.bound,
            "sum": self.sum,
            "worst_application": self.worst_application,
            "worst_affinity": self.worst_affinity,
            "load_min": self.load_min,
            "load_max": self.load_max,
        }


@dataclass(frozen=True, kw_only=True)
class Assignment(AdvisoryResult):
    """A complete assignment: for every application its experts, both in order of their codes."""

    assignment: tuple[tuple[str, tuple[str, ...]], ...]
    certificate: Certificate

    def to_json(self) -> dict[str, object]:
        """Plain data, as the format of the ``assign`` command names it."""
        return {
            "assignment": [{"application": code, "experts": list(experts)} for code, experts in self.assignment],
            "certificate": self.certificate.to_json(),
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


@dataclass(frozen=True, kw_only=True)
class Shortage(AdvisoryResult):
    """Why there is no complete assignment: who is short, of how many experts, and which conflicts take part in it."""

    applications: tuple[str, ...]
    slots_missing: int
    conflicts: tuple[tuple[str, str], ...]
    why: str

    def to_json(self) -> dict[str, object]:
        """Plain data, as the format of the ``assign`` command names it."""
        shortage = {
            "applications": list(self.applications),
            "slots_missing": self.slots_missing,
            "conflicts": [list(pair) for pair in self.conflicts],
            "why": self.why,
        }
        return {"shortage": shortage, "input_hash": self.input_hash, "engine_version": self.engine_version}


def assign(
    pairs: Sequence[Pair],
    *,
    demand: int,
    max_load: int,
    min_load: int = 0,
    objective: Objective = "sum",
    q: float = 0.5,
    seed: int = 1,
    seconds: float = 60.0,
    organisations: Mapping[str, str] | None = None,
) -> Assignment | Shortage:
    """Choose so many experts for every application.

    Parameters
    ----------
    pairs : sequence of Pair
        Every expert and application occurs in at least one; a pair not listed has affinity 0 and is allowed.
    demand : int
        Experts per application.
    max_load, min_load : int
        Applications per expert, at most and at least.
    objective : {"sum", "fair", "random"}
        ``sum``: the greatest total affinity. ``fair``: the greatest affinity of the worst-served application, then the
        greatest total. ``random``: a draw from the best assignment in which no pair is more probable than ``q``.
    q : float
        Highest probability of a pair, for ``random``.
    seed : int
        Of the draw.
    seconds : float
        Time limit of ``fair``; the certificate's bound tells how good the answer is.
    organisations : mapping expert -> organisation, optional
        Where given, no application gets two experts of one organisation (not with ``random``).

    Returns
    -------
    Assignment or Shortage
        Never a part of an assignment.

    Raises
    ------
    PairError
        A pair twice, an empty code, or numbers that no assignment can have.

    Examples
    --------
    >>> pairs = [Pair("E", "A", 4.0), Pair("E", "B", 4.0), Pair("F", "A", 1.0), Pair("F", "B", 0.0, conflict=True)]
    >>> assign(pairs, demand=1, max_load=1).assignment
    (('A', ('F',)), ('B', ('E',)))
    """
    _check_numbers(demand, max_load, min_load, objective, q)
    problem = _problem(pairs, (demand, min_load, max_load), organisations)
    stamp = _stamp(pairs, (demand, max_load, min_load, objective, q, seed), organisations)
    if objective == "random":
        found = random_choice(problem, q, seed)
    elif objective == "fair":
        found = fair_choice(problem, seconds)
    else:
        found = sum_choice(problem)
    if found is None:
        return _shortage(problem, stamp, q if objective == "random" else 1.0)
    chosen, bound = found
    return _assignment(problem, chosen, bound, objective, stamp)


def _check_numbers(demand: int, max_load: int, min_load: int, objective: str, q: float) -> None:
    if demand < 1:
        raise PairError(f"every application needs at least one expert, not {demand}", column="demand")
    if max_load < 1 or not 0 <= min_load <= max_load:
        raise PairError(f"loads from {min_load} to {max_load} are no loads", column="max_load")
    if not 0 < q <= 1:
        raise PairError(f"a probability lies above 0 and at most 1, not {q}", column="q")
    if objective not in OBJECTIVES:
        raise PairError(f"unknown objective {objective!r}", column="objective")


def _problem(pairs: Sequence[Pair], numbers: tuple[int, int, int], organisations: Mapping[str, str] | None) -> Problem:
    if not pairs:
        raise PairError("there are no experts and no applications")
    experts = sorted({pair.expert for pair in pairs})
    applications = sorted({pair.application for pair in pairs})
    row = {code: index for index, code in enumerate(applications)}
    column = {code: index for index, code in enumerate(experts)}
    affinity = np.zeros((len(applications), len(experts)))
    allowed = np.ones((len(applications), len(experts)), dtype=np.bool_)
    seen: set[tuple[str, str]] = set()
    for index, pair in enumerate(pairs):
        if not pair.expert or not pair.application:
            missing = "application" if pair.expert else "expert"
            raise PairError("must not be empty", column=missing, index=index)
        if (pair.expert, pair.application) in seen:
            raise PairError(f"a second line of {pair.expert}, {pair.application}", column="expert", index=index)
        seen.add((pair.expert, pair.application))
        cell = row[pair.application], column[pair.expert]
        allowed[cell] = not pair.conflict
        affinity[cell] = 0.0 if pair.conflict else pair.affinity
    groups: dict[str, list[int]] = {}
    for expert, organisation in (organisations or {}).items():
        if organisation and expert in column:
            groups.setdefault(organisation, []).append(column[expert])
    together = tuple(tuple(sorted(group)) for _, group in sorted(groups.items()) if len(group) > 1)
    return Problem(tuple(applications), tuple(experts), affinity, allowed, *numbers, together)


def _stamp(pairs: Sequence[Pair], numbers: tuple[object, ...], organisations: Mapping[str, str] | None) -> str:
    rows = sorted([pair.expert, pair.application, pair.affinity, pair.conflict] for pair in pairs)
    return digest([rows, list(numbers), dict(organisations or {})])


def _assignment(
    problem: Problem, chosen: NDArray[np.bool_], bound: float, objective: Objective, stamp: str
) -> Assignment:
    served = np.where(chosen, problem.affinity, 0.0).sum(axis=1)
    loads = chosen.sum(axis=0)
    worst = int(served.argmin())
    listed = tuple(
        (code, tuple(problem.experts[index] for index in np.flatnonzero(chosen[row])))
        for row, code in enumerate(problem.applications)
    )
    certificate = Certificate(
        objective=objective,
        bound=round(bound, 9),
        sum=round(float(served.sum()), 9),
        worst_application=problem.applications[worst],
        worst_affinity=round(float(served[worst]), 9),
        load_min=int(loads.min()),
        load_max=int(loads.max()),
    )
    return Assignment(assignment=listed, certificate=certificate, rules_hash=None, input_hash=stamp, steps=())


def _shortage(problem: Problem, stamp: str, most: float) -> Shortage:
    """Fill as many places as can be filled and say which applications are left short."""
    missing = problem.demand - fill(problem, most)
    short = np.flatnonzero(missing > 1e-6)
    slots = int(np.ceil(missing.sum() - 1e-6))
    codes = tuple(problem.applications[row] for row in short)
    conflicts = tuple(
        sorted(
            (problem.experts[column], problem.applications[row])
            for row in short
            for column in np.flatnonzero(~problem.allowed[row])
        )
    )
    if slots > 0:
        why = f"{slots} places of experts stay empty whatever is done"
    elif problem.min_load * len(problem.experts) > problem.demand * len(problem.applications):
        why = f"there are too few places for every expert to have {problem.min_load}"
    else:
        why = "the least loads, the organisations and the conflicts exclude one another"
    told: tuple[Step, ...] = (step("shortage", slots, applications=", ".join(codes), why=why),)
    return Shortage(
        applications=codes,
        slots_missing=slots,
        conflicts=conflicts,
        why=why,
        rules_hash=None,
        input_hash=stamp,
        steps=told,
    )
