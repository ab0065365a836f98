"""Experts for applications: the best, the fairest or a drawn assignment, with a certificate; or a shortage report.

Advice for the secretary. Sources: Taylor (2008) for the linear programme that is whole by structure; Stelmakh, Shah and
Singh (2021) for the fairness of the worst-served application; Jecmen et al. (2020) for the randomised assignment and
Gandhi et al. (2006) for the rounding that keeps every row and column sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from scoring.advisory import AdvisoryResult
from scoring.connection import connect, parts_of
from scoring.digest import digest
from scoring.errors import PairError
from scoring.explain import Step, step
from scoring.fairness import fair_choice
from scoring.lottery import random_choice
from scoring.matching import WHOLE, Chosen, Gaps, sum_choice
from scoring.pairs import ApplicationTerms, ExpertTerms, Pair
from scoring.problems import Flags, Problem, problem_of
from scoring.spanning import Limits

Objective = Literal["sum", "fair", "random"]
OBJECTIVES: Final = ("sum", "fair", "random")
CONNECTION_LOSS: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What proves the assignment: the value, the bound of what it optimises, the loads, the worst-served.

    ``components`` counts the parts of the experts' graph (an edge: two applications in common; experts without an
    application are left out); ``connection_paid`` is the affinity given up for fewer parts, ``connection_limit`` the
    most that could have been, both None where no connection was asked for. ``kept_previous`` counts pairs.
    """

    objective: Objective
    bound: float
    sum: float
    worst_application: str
    worst_affinity: float
    load_min: int
    load_max: int
    connected: bool
    components: int
    connection_paid: float | None
    connection_limit: float | None
    kept_previous: int

    def to_json(self) -> dict[str, object]:
        """Plain data of the certificate."""
        return {name: getattr(self, name) for name in self.__slots__}


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
            "steps": [one.to_json() for one in self.steps],
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


@dataclass(frozen=True, kw_only=True)
class Shortage(AdvisoryResult):
    """Why there is no complete assignment: who is short, of how many experts, and which conflicts take part in it.

    ``profiles`` are (application, profile) that no choice covers beside the rest, ``previous`` (application, number of
    previous experts that cannot be kept), ``loads`` (expert, number missing to the least load).
    """

    applications: tuple[str, ...]
    slots_missing: int
    conflicts: tuple[tuple[str, str], ...]
    profiles: tuple[tuple[str, str], ...] = ()
    previous: tuple[tuple[str, int], ...] = ()
    loads: tuple[tuple[str, int], ...] = ()
    why: str

    def to_json(self) -> dict[str, object]:
        """Plain data, as the format of the ``assign`` command names it."""
        shortage = {
            "applications": list(self.applications),
            "slots_missing": self.slots_missing,
            "conflicts": [list(pair) for pair in self.conflicts],
            "profiles": [list(pair) for pair in self.profiles],
            "previous": [list(pair) for pair in self.previous],
            "loads": [list(pair) for pair in self.loads],
            "why": self.why,
        }
        return {
            "shortage": shortage,
            "steps": [one.to_json() for one in self.steps],
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


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
    experts: Sequence[ExpertTerms] = (),
    applications: Sequence[ApplicationTerms] = (),
    connected: bool = False,
    connection_loss: float = CONNECTION_LOSS,
) -> Assignment | Shortage:
    """Choose so many experts for every application.

    Parameters
    ----------
    pairs : sequence of Pair
        A pair not listed has affinity 0 and is allowed. Experts and applications are those that any list names.
    demand : int
        Experts per application that names no number of its own.
    max_load, min_load : int
        Applications per expert, at most and at least, where the expert's terms name none.
    objective : {"sum", "fair", "random"}
        ``sum``: the greatest total affinity. ``fair``: the greatest affinity of the worst-served application, then the
        greatest total. ``random``: a draw from the best assignment in which no pair is more probable than ``q``.
    q : float
        Highest probability of a pair that is not fixed, for ``random``.
    seed : int
        Of the draw.
    seconds : float
        Time limit of ``fair`` and of branch and bound; the certificate's bound tells how good the answer is.
    experts : sequence of ExpertTerms
        Loads of their own; no application gets two experts of one organisation.
    applications : sequence of ApplicationTerms
        Demands of their own, profiles of which there must be one, previous experts to keep.
    connected : bool
        Prefer, among near-optimal assignments, one whose experts are connected by pairs that share two applications;
        not with ``random``.
    connection_loss : float
        Share of the optimum that connection may cost: of the total, and under ``fair`` of the worst affinity as well.

    Returns
    -------
    Assignment or Shortage
        Never a part of an assignment.

    Raises
    ------
    PairError, TermsError
        A line twice, an empty code, contradictions, or numbers that no assignment can have.

    Examples
    --------
    >>> pairs = [Pair("E", "A", 4.0), Pair("E", "B", 4.0), Pair("F", "A", 1.0), Pair("F", "B", 0.0, conflict=True)]
    >>> assign(pairs, demand=1, max_load=1).assignment
    (('A', ('F',)), ('B', ('E',)))
    """
    _check_numbers(demand, max_load, min_load, objective, q)
    _check_connection(connected, connection_loss, objective)
    problem = problem_of(pairs, experts, applications, demand=demand, loads=(min_load, max_load))
    numbers = (demand, max_load, min_load, objective, q, seed, connected, connection_loss)
    stamp = _stamp(pairs, experts, applications, numbers)
    if objective == "random":
        found = random_choice(problem, q, seed)
    elif objective == "fair":
        found = fair_choice(problem, seconds)
    else:
        found = sum_choice(problem, seconds)
    if found is None:
        return _shortage(problem, stamp, q if objective == "random" else 1.0)
    if not connected:
        return _assignment(problem, found, objective, stamp, None)
    limits = _limits(problem, found[0], objective, connection_loss)
    better = connect(problem, found[0], limits, seconds), found[1]
    before = float(problem.served(found[0]).sum())
    return _assignment(problem, better, objective, stamp, (before, before - limits.total))


def _check_numbers(demand: int, max_load: int, min_load: int, objective: str, q: float) -> None:
    if demand < 1:
        raise PairError(f"every application needs at least one expert, not {demand}", column="demand")
    if max_load < 1 or not 0 <= min_load <= max_load:
        raise PairError(f"loads from {min_load} to {max_load} are no loads", column="max_load")
    if not 0 < q <= 1:
        raise PairError(f"a probability lies above 0 and at most 1, not {q}", column="q")
    if objective not in OBJECTIVES:
        raise PairError(f"unknown objective {objective!r}", column="objective")


def _check_connection(connected: bool, loss: float, objective: str) -> None:
    if not 0 <= loss < 1:
        raise PairError(f"a loss is at least 0 and below 1, not {loss}", column="connected-loss")
    if connected and objective == "random":
        told = "a draw keeps the announced probabilities and cannot choose a connected design: use sum or fair"
        raise PairError(told, column="connected")


def _limits(problem: Problem, chosen: Flags, objective: Objective, loss: float) -> Limits:
    served = problem.served(chosen)
    total, worst = float(served.sum()), float(served.min())
    return Limits(total - loss * abs(total), worst - loss * abs(worst) if objective == "fair" else None)


def _stamp(
    pairs: Sequence[Pair],
    experts: Sequence[ExpertTerms],
    applications: Sequence[ApplicationTerms],
    numbers: tuple[object, ...],
) -> str:
    """Digest of everything that decides the answer, in whatever order it came."""
    return digest(
        [
            sorted([pair.expert, pair.application, pair.affinity, pair.conflict, pair.fixed] for pair in pairs),
            sorted(
                [one.expert, str(one.max_load), str(one.min_load), one.organisation, sorted(one.profiles)]
                for one in experts
            ),
            sorted(
                [one.application, str(one.demand), sorted(one.profiles), sorted(one.previous), one.keep]
                for one in applications
            ),
            list(numbers),
        ]
    )


def _assignment(
    problem: Problem, found: Chosen, objective: Objective, stamp: str, connection: tuple[float, float] | None
) -> Assignment:
    chosen, bound = found
    served = problem.served(chosen)
    loads = chosen.sum(axis=0)
    worst = int(served.argmin())
    components = parts_of(chosen)[0]
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
        connected=components == 1,
        components=components,
        connection_paid=None if connection is None else round(max(0.0, connection[0] - float(served.sum())), 9),
        connection_limit=None if connection is None else round(connection[1], 9),
        kept_previous=int((chosen & problem.previous).sum()),
    )
    steps = _told(certificate)
    return Assignment(assignment=listed, certificate=certificate, rules_hash=None, input_hash=stamp, steps=steps)


def _told(certificate: Certificate) -> tuple[Step, ...]:
    """The certificate in steps."""
    best = certificate.worst_affinity if certificate.objective == "fair" else certificate.sum
    told = [
        step(f"assigned_{certificate.objective}", f"{best:g}", bound=f"{certificate.bound:g}"),
        step("worst_served", f"{certificate.worst_affinity:g}", application=certificate.worst_application),
        step("loads", certificate.load_max, least=certificate.load_min),
        step("parts", certificate.components),
    ]
    if certificate.connection_paid is not None:
        limit = f"{certificate.connection_limit:g}"
        told.append(step("connection_paid", f"{certificate.connection_paid:g}", limit=limit))
    if certificate.kept_previous:
        told.append(step("kept_previous", certificate.kept_previous))
    return tuple(told)


def _shortage(problem: Problem, stamp: str, most: float) -> Shortage:
    """Fill as many places as can be filled and say what stays empty."""
    gaps = Gaps(problem, most)
    short = gaps.places > WHOLE
    slots = int(np.ceil(gaps.places.sum() - WHOLE))
    unmet = [(need, int(np.ceil(gap - WHOLE))) for need, gap in zip(problem.needs, gaps.needs, strict=True)]
    for need, gap in unmet:
        short[need.application] |= gap > 0
    codes = tuple(problem.applications[row] for row in np.flatnonzero(short))
    conflicts = sorted(
        (problem.experts[column], problem.applications[row])
        for row in np.flatnonzero(short)
        for column in np.flatnonzero(~problem.allowed[row])
    )
    profiles = tuple((problem.applications[one.application], one.name) for one, gap in unmet if gap and one.name)
    previous = tuple((problem.applications[one.application], gap) for one, gap in unmet if gap and not one.name)
    loads = tuple(
        (problem.experts[column], int(np.ceil(gaps.loads[column] - WHOLE)))
        for column in np.flatnonzero(gaps.loads > WHOLE)
    )
    why = _why(problem, slots, bool(profiles), bool(previous))
    return Shortage(
        applications=codes,
        slots_missing=slots,
        conflicts=tuple(conflicts),
        profiles=profiles,
        previous=previous,
        loads=loads,
        why=why,
        rules_hash=None,
        input_hash=stamp,
        steps=(step("shortage", slots, applications=", ".join(codes), why=why),),
    )


def _why(problem: Problem, slots: int, profiles: bool, previous: bool) -> str:
    """The first reason in the order in which a secretary can act on it."""
    least, places = int(problem.min_load.sum()), int(problem.demand.sum())
    if slots > 0:
        return f"{slots} places of experts stay empty whatever is done"
    if profiles:
        return "a required profile has no expert who could still be added"
    if previous:
        return "so many previous experts cannot be kept"
    if least > places:
        return f"there are too few places for the least loads: {places} places, {least} asked for"
    return "the least loads, the organisations and the conflicts exclude one another"
