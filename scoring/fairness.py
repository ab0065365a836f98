"""The fairest assignment: the worst-served application first, then the total.

Source: Stelmakh, Shah and Singh (2021). The bound is proven by linear relaxation or branch and bound; where time ends
before a proof, single exchanges still lift the worst-served application, and the certificate shows the gap.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array, hstack

from scoring.matching import WHOLE, Chosen, Programme, solve_whole, sum_choice
from scoring.problems import Flags, Floats, Problem

_MOST_LIFTS: Final = 5000


def fair_choice(problem: Problem, seconds: float) -> Chosen | None:
    """Choose for the worst-served application first, then for the total; the bound is of the worst affinity.

    The bound is proven: it comes from the linear relaxation or the branch and bound, whichever is lower.
    """
    best = sum_choice(problem, seconds)
    if best is None:
        return None
    programme = Programme(problem)
    started = time.monotonic()
    bound, near = _relaxed_worst(programme, 0.3 * seconds)
    starts = [best[0]] if near is None else [best[0], near]
    chosen = max((lift_worst(problem, start) for start in starts), key=lambda one: _worst(problem, one))
    if _worst(problem, chosen) < bound - WHOLE:
        solution, proven = _max_min(programme, 0.4 * seconds, whole=True)
        bound = min(bound, proven)
        found = None if solution is None else programme.whole(solution)
        if found is not None and programme.problem.keeps_all(found):
            chosen = max(chosen, lift_worst(problem, found), key=lambda one: _worst(problem, one))
    worst = _worst(problem, chosen)
    left = max(1.0, seconds - (time.monotonic() - started))
    improved = _best_above(programme, worst, left)
    if improved is not None and _total(problem, improved) > _total(problem, chosen):
        chosen = improved
    return chosen, max(bound, worst)


def _total(problem: Problem, chosen: Flags) -> float:
    return float(problem.affinity[chosen].sum())


def _worst(problem: Problem, chosen: Flags) -> float:
    return float(np.where(chosen, problem.affinity, 0.0).sum(axis=1).min())


def _relaxed_worst(programme: Programme, seconds: float) -> tuple[float, Flags | None]:
    """Upper bound of the worst affinity by the linear relaxation, and the whole assignment nearest to it."""
    solution, bound = _max_min(programme, seconds, whole=False)
    bound = min(bound, _each_alone(programme.problem))
    if (programme.values == programme.values.round()).all():
        bound = float(np.floor(bound + WHOLE))
    if solution is None:
        return bound, None
    near = programme.relaxed(solution + 1e-3 * programme.values / max(1.0, float(np.abs(programme.values).max())))
    return bound, None if near is None else programme.whole_if_feasible(near[0])


def _each_alone(problem: Problem) -> float:
    """Bound that holds without any solver: the worst of what each application could get for itself alone."""
    alone = np.sort(np.where(problem.allowed, problem.affinity, -np.inf), axis=1)
    return min(float(row[-demand:].sum()) for row, demand in zip(alone, problem.demand, strict=True))


def _max_min(programme: Programme, seconds: float, *, whole: bool) -> tuple[Floats | None, float]:
    """Maximise the affinity of the worst-served application; return pairs and the proven upper bound."""
    n = len(programme.problem.applications)
    constraints = [
        LinearConstraint(hstack([part.A, csr_array((part.A.shape[0], 1))], format="csr"), part.lb, part.ub)
        for part in programme.constraints()
    ]
    served = hstack([programme.served, csr_array(-np.ones((n, 1)))], format="csr")
    result = solve_whole(
        np.append(np.zeros(programme.many), -1.0),
        [*constraints, LinearConstraint(served, 0, np.inf)],
        (np.append(programme.least, -np.inf), np.append(np.ones(programme.many), np.inf)),
        np.append(np.full(programme.many, int(whole)), 0),
        time_limit=seconds,
    )
    bound = result.mip_dual_bound if whole else result.fun
    proven = float("inf") if bound is None or (not whole and result.status != 0) else -float(bound)
    return (None if result.x is None else np.asarray(result.x[:-1], dtype=np.float64)), proven


def _best_above(programme: Programme, worst: float, seconds: float) -> Flags | None:
    """Greatest total among the assignments that serve every application at least so well."""
    best = programme.best_whole(seconds, served_least=worst - 1e-9)
    if best is None:
        return None
    chosen = programme.whole(best[0])
    return (
        chosen if programme.problem.keeps_all(chosen) and _worst(programme.problem, chosen) >= worst - WHOLE else None
    )


def lift_worst(problem: Problem, chosen: Flags) -> Flags:
    """Lift the worst-served application by single exchanges, until none helps.

    An exchange gives the application another expert, who either has room or changes places with the one it had.

    Parameters
    ----------
    problem : Problem
    chosen : ndarray of bool, axes (application, expert)
        Keeps every constraint.

    Returns
    -------
    ndarray of bool, axes (application, expert)
        Keeps every constraint; its worst affinity is no lower.

    Examples
    --------
    >>> from scoring.pairs import Pair
    >>> from scoring.problems import problem_of
    >>> pairs = [Pair("E", "A", 10.0), Pair("F", "A", 5.0), Pair("E", "B", 5.0), Pair("F", "B", 1.0)]
    >>> problem = problem_of(pairs, [], [], demand=1, loads=(0, 1))
    >>> lift_worst(problem, np.eye(2, dtype=np.bool_)).tolist()
    [[False, True], [True, False]]
    """
    chosen = chosen.copy()
    for _ in range(_MOST_LIFTS):
        served = problem.served(chosen)
        row = int(served.argmin())
        exchange = _best_exchange(problem, chosen, served, row)
        if exchange is None:
            break
        given, taken, other = exchange
        chosen[row, given], chosen[row, taken] = False, True
        if other is not None:
            chosen[other, taken], chosen[other, given] = False, True
    return chosen


def _best_exchange(problem: Problem, chosen: Flags, served: Floats, row: int) -> tuple[int, int, int | None] | None:
    """Find (expert given up, expert taken, application that gets the first or None) that lifts the worst most."""
    best = float(served[row]) + WHOLE
    found: tuple[int, int, int | None] | None = None
    loads = chosen.sum(axis=0)
    for taken in np.flatnonzero(problem.allowed[row] & ~chosen[row]):
        for given in np.flatnonzero(chosen[row] & ~problem.fixed[row]):
            mine = served[row] - problem.affinity[row, given] + problem.affinity[row, taken]
            if mine <= best or not _row_holds(problem, chosen, row, (int(given), int(taken))):
                continue
            if loads[taken] < problem.max_load[taken] and loads[given] > problem.min_load[given]:
                best, found = float(mine), (int(given), int(taken), None)
                continue
            others = _partners(problem, chosen, int(given), int(taken))
            if not len(others):
                continue
            theirs = served[others] - problem.affinity[others, taken] + problem.affinity[others, given]
            level = min(float(mine), float(theirs.max()))
            if level > best:
                best, found = level, (int(given), int(taken), int(others[theirs.argmax()]))
    return found


def _partners(problem: Problem, chosen: Flags, given: int, taken: int) -> NDArray[np.intp]:
    """Applications that may give up ``taken`` and take ``given`` instead."""
    may = chosen[:, taken] & ~chosen[:, given] & problem.allowed[:, given] & ~problem.fixed[:, taken]
    others = np.flatnonzero(may)
    if not problem.has_sides:
        return others
    return np.array([row for row in others if _row_holds(problem, chosen, int(row), (taken, given))], dtype=np.intp)


def _row_holds(problem: Problem, chosen: Flags, row: int, exchange: tuple[int, int]) -> bool:
    """Check organisations, profiles and previous experts of one application after an exchange."""
    if not problem.has_sides:
        return True
    after = chosen[row].copy()
    after[exchange[0]], after[exchange[1]] = False, True
    return problem.keeps_row(row, after)
