"""The fairest assignment: the worst-served application first, then the total.

Source: Stelmakh, Shah and Singh (2021). The bound is proven by linear relaxation or branch and bound; where time ends
before a proof, single exchanges still lift the worst-served application, and the certificate shows the gap.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from scoring.matching import WHOLE, Chosen, Problem, Programme, sum_choice
from scoring.ratings import Floats

_MOST_LIFTS: Final = 5000


def fair_choice(problem: Problem, seconds: float) -> Chosen | None:
    """Choose for the worst-served application first, then for the total; the bound is of the worst affinity.

    The bound is proven: it comes from the linear relaxation or the branch and bound, whichever is lower.
    """
    best = sum_choice(problem)
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
        if found is not None and programme.keeps_all(found):
            chosen = max(chosen, lift_worst(problem, found), key=lambda one: _worst(problem, one))
    worst = _worst(problem, chosen)
    left = max(1.0, seconds - (time.monotonic() - started))
    improved = _best_above(programme, worst, left)
    if improved is not None and _total(problem, improved) > _total(problem, chosen):
        chosen = improved
    return chosen, max(bound, worst)


def _total(problem: Problem, chosen: NDArray[np.bool_]) -> float:
    return float(problem.affinity[chosen].sum())


def _worst(problem: Problem, chosen: NDArray[np.bool_]) -> float:
    return float(np.where(chosen, problem.affinity, 0.0).sum(axis=1).min())


def _relaxed_worst(programme: Programme, seconds: float) -> tuple[float, NDArray[np.bool_] | None]:
    """Upper bound of the worst affinity by the linear relaxation, and the whole assignment nearest to it."""
    solution, bound = _max_min(programme, seconds, whole=False)
    bound = min(bound, _each_alone(programme.problem))
    if (programme.values == programme.values.round()).all():
        bound = float(np.floor(bound + WHOLE))
    if solution is None:
        return bound, None
    near = programme.relaxed(solution + 1e-3 * programme.values / max(1.0, float(np.abs(programme.values).max())))
    chosen = None if near is None else programme.whole(near)
    return bound, chosen if chosen is not None and programme.keeps_all(chosen) else None


def _each_alone(problem: Problem) -> float:
    """Bound that holds without any solver: the worst of what each application could get for itself alone."""
    alone = np.sort(np.where(problem.allowed, problem.affinity, -np.inf), axis=1)[:, -problem.demand :]
    return float(alone.sum(axis=1).min())


def _max_min(programme: Programme, seconds: float, *, whole: bool) -> tuple[Floats | None, float]:
    """Maximise the affinity of the worst-served application; return pairs and the proven upper bound."""
    n = len(programme.problem.applications)
    constraints = [
        LinearConstraint(hstack([part.A, csr_array((part.A.shape[0], 1))], format="csr"), part.lb, part.ub)
        for part in programme.constraints()
    ]
    served = hstack([programme.served, csr_array(-np.ones((n, 1)))], format="csr")
    result = milp(
        np.append(np.zeros(programme.many), -1.0),
        constraints=[*constraints, LinearConstraint(served, 0, np.inf)],
        bounds=Bounds(np.append(np.zeros(programme.many), -np.inf), np.append(np.ones(programme.many), np.inf)),
        integrality=np.append(np.full(programme.many, int(whole)), 0),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    bound = result.mip_dual_bound if whole else result.fun
    proven = float("inf") if bound is None or (not whole and result.status != 0) else -float(bound)
    return (None if result.x is None else np.asarray(result.x[:-1], dtype=np.float64)), proven


def _best_above(programme: Programme, worst: float, seconds: float) -> NDArray[np.bool_] | None:
    """Greatest total among the assignments that serve every application at least so well."""
    result = milp(
        -programme.values,
        constraints=[*programme.constraints(), LinearConstraint(programme.served, worst - 1e-9, np.inf)],
        bounds=Bounds(0, 1),
        integrality=np.ones(programme.many),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    if result.x is None:
        return None
    chosen = programme.whole(result.x)
    return chosen if programme.keeps_all(chosen) and _worst(programme.problem, chosen) >= worst - WHOLE else None


def lift_worst(problem: Problem, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
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
    >>> affinity = np.array([[10.0, 5.0], [5.0, 1.0]])
    >>> problem = Problem(("A", "B"), ("E", "F"), affinity, np.ones((2, 2), dtype=np.bool_), 1, 0, 1)
    >>> lift_worst(problem, np.eye(2, dtype=np.bool_)).tolist()
    [[False, True], [True, False]]
    """
    chosen = chosen.copy()
    if problem.together:
        return chosen
    for _ in range(_MOST_LIFTS):
        served = np.where(chosen, problem.affinity, 0.0).sum(axis=1)
        row = int(served.argmin())
        exchange = _best_exchange(problem, chosen, served, row)
        if exchange is None:
            break
        given, taken, other = exchange
        chosen[row, given], chosen[row, taken] = False, True
        if other is not None:
            chosen[other, taken], chosen[other, given] = False, True
    return chosen


def _best_exchange(
    problem: Problem, chosen: NDArray[np.bool_], served: Floats, row: int
) -> tuple[int, int, int | None] | None:
    """Find (expert given up, expert taken, application that gets the first or None) that lifts the worst most."""
    best = float(served[row]) + WHOLE
    found: tuple[int, int, int | None] | None = None
    loads = chosen.sum(axis=0)
    for taken in np.flatnonzero(problem.allowed[row] & ~chosen[row]):
        for given in np.flatnonzero(chosen[row]):
            mine = served[row] - problem.affinity[row, given] + problem.affinity[row, taken]
            if mine <= best:
                continue
            if loads[taken] < problem.max_load and loads[given] > problem.min_load:
                best, found = float(mine), (int(given), int(taken), None)
                continue
            others = np.flatnonzero(chosen[:, taken] & ~chosen[:, given] & problem.allowed[:, given])
            if not len(others):
                continue
            theirs = served[others] - problem.affinity[others, taken] + problem.affinity[others, given]
            level = min(float(mine), float(theirs.max()))
            if level > best:
                best, found = level, (int(given), int(taken), int(others[theirs.argmax()]))
    return found
