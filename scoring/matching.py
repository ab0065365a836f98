"""The programmes behind an assignment: linear where the structure makes it whole, mixed-integer where it does not."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack, vstack

Floats = NDArray[np.float64]
Chosen = tuple[NDArray[np.bool_], float]
_WHOLE: Final = 1e-6
_MOST_DRAWS: Final = 20


@dataclass(frozen=True)
class Problem:
    """Who may be chosen for whom.

    Attributes
    ----------
    applications, experts : tuple of str
        Codes in order; they name the axes.
    affinity : ndarray of float, axes (application, expert)
    allowed : ndarray of bool, axes (application, expert)
        False for a conflict.
    demand, min_load, max_load : int
    together : tuple of tuple of int
        Groups of experts of whom an application gets at most one.
    """

    applications: tuple[str, ...]
    experts: tuple[str, ...]
    affinity: Floats
    allowed: NDArray[np.bool_]
    demand: int
    min_load: int
    max_load: int
    together: tuple[tuple[int, ...], ...] = ()


class _Programme:
    """The constraints of a problem over its allowed pairs, row by row."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.row, self.column = np.nonzero(problem.allowed)
        self.many = len(self.row)
        self.values = problem.affinity[self.row, self.column]
        index = np.arange(self.many)
        ones = np.ones(self.many)
        n, m = problem.allowed.shape
        self.by_application = csr_array((ones, (self.row, index)), shape=(n, self.many))
        self.by_expert = csr_array((ones, (self.column, index)), shape=(m, self.many))
        self.served = csr_array((self.values, (self.row, index)), shape=(n, self.many))

    def groups(self) -> csr_array | None:
        """One row for each application and group of experts of one organisation."""
        rows, columns, count = [], [], 0
        for group in self.problem.together:
            inside = np.isin(self.column, group)
            for application in range(len(self.problem.applications)):
                members = np.flatnonzero(inside & (self.row == application))
                if len(members) > 1:
                    rows += [count] * len(members)
                    columns += members.tolist()
                    count += 1
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=(count, self.many)) if count else None

    def constraints(self) -> list[LinearConstraint]:
        """Demand, loads and organisations."""
        problem = self.problem
        found = [
            LinearConstraint(self.by_application, problem.demand, problem.demand),
            LinearConstraint(self.by_expert, problem.min_load, problem.max_load),
        ]
        groups = self.groups()
        return found if groups is None else [*found, LinearConstraint(groups, 0, 1)]

    def relaxed(self, values: Floats, most: float = 1.0) -> Floats | None:
        """Solve the linear programme, each pair at most ``most``; None when nothing is feasible."""
        problem = self.problem
        n, m = problem.allowed.shape
        if not self.many:
            return None
        loads = [self.by_expert, -self.by_expert]
        limits = [np.full(m, float(problem.max_load)), np.full(m, -float(problem.min_load))]
        groups = self.groups()
        if groups is not None:
            loads.append(groups)
            limits.append(np.ones(groups.shape[0]))
        result = linprog(
            -values,
            A_ub=vstack(loads, format="csr"),
            b_ub=np.concatenate(limits),
            A_eq=self.by_application,
            b_eq=np.full(n, float(problem.demand)),
            bounds=(0, most),
            method="highs-ds",
        )
        return None if result.x is None else np.asarray(result.x, dtype=np.float64)

    def whole(self, solution: Floats) -> NDArray[np.bool_]:
        """Write a whole solution as a matrix, axes (application, expert)."""
        chosen = np.zeros(self.problem.allowed.shape, dtype=np.bool_)
        taken = solution > 0.5
        chosen[self.row[taken], self.column[taken]] = True
        return chosen

    def keeps_all(self, chosen: NDArray[np.bool_]) -> bool:
        """Check a matrix against every constraint, in whole numbers."""
        problem = self.problem
        loads = chosen.sum(axis=0)
        return bool(
            (chosen.sum(axis=1) == problem.demand).all()
            and (loads >= problem.min_load).all()
            and (loads <= problem.max_load).all()
            and not (chosen & ~problem.allowed).any()
            and all((chosen[:, list(group)].sum(axis=1) <= 1).all() for group in problem.together)
        )


def sum_choice(problem: Problem) -> Chosen | None:
    """Choose for the greatest total affinity; the bound is that optimum."""
    programme = _Programme(problem)
    if not programme.many:
        return None
    if not problem.together:
        solution = programme.relaxed(programme.values)
        if solution is None:
            return None
        bound = float(programme.values @ solution)
        if (np.abs(solution - solution.round()) < _WHOLE).all():
            chosen = programme.whole(solution)
            if programme.keeps_all(chosen):
                return chosen, bound
    result = milp(
        -programme.values,
        constraints=programme.constraints(),
        bounds=Bounds(0, 1),
        integrality=np.ones(programme.many),
        options={"mip_rel_gap": 0.0},
    )
    return None if result.x is None else (programme.whole(result.x), -float(result.mip_dual_bound))


def fair_choice(problem: Problem, seconds: float) -> Chosen | None:
    """Choose for the worst-served application first, then for the total; the bound is of the worst affinity.

    The bound is proven: it comes from the linear relaxation or the branch and bound, whichever is lower.
    """
    best = sum_choice(problem)
    if best is None:
        return None
    programme = _Programme(problem)
    started = time.monotonic()
    bound, near = _relaxed_worst(programme)
    chosen = best[0] if near is None else max(best[0], near, key=lambda one: _worst(problem, one))
    if _worst(problem, chosen) < bound - _WHOLE:
        solution, proven = _max_min(programme, 0.6 * seconds, whole=True)
        bound = min(bound, proven)
        found = None if solution is None else programme.whole(solution)
        if found is not None and programme.keeps_all(found):
            chosen = max(chosen, found, key=lambda one: _worst(problem, one))
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


def _relaxed_worst(programme: _Programme) -> tuple[float, NDArray[np.bool_] | None]:
    """Upper bound of the worst affinity by the linear relaxation, and the whole assignment nearest to it."""
    solution, bound = _max_min(programme, 60.0, whole=False)
    if (programme.values == programme.values.round()).all():
        bound = float(np.floor(bound + _WHOLE))
    if solution is None:
        return bound, None
    near = programme.relaxed(solution + 1e-3 * programme.values / max(1.0, float(np.abs(programme.values).max())))
    chosen = None if near is None else programme.whole(near)
    return bound, chosen if chosen is not None and programme.keeps_all(chosen) else None


def _max_min(programme: _Programme, seconds: float, *, whole: bool) -> tuple[Floats | None, float]:
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
    proven = float("inf") if bound is None else -float(bound)
    return (None if result.x is None else np.asarray(result.x[:-1], dtype=np.float64)), proven


def _best_above(programme: _Programme, worst: float, seconds: float) -> NDArray[np.bool_] | None:
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
    return chosen if programme.keeps_all(chosen) and _worst(programme.problem, chosen) >= worst - _WHOLE else None


def random_choice(problem: Problem, q: float, seed: int) -> Chosen | None:
    """Draw an assignment in which no pair is more probable than ``q``; the bound is the best expected total."""
    programme = _Programme(replace(problem, together=()))
    solution = programme.relaxed(programme.values, q)
    if solution is None:
        return None
    bound = float(programme.values @ solution)
    draw = np.random.default_rng(seed)
    for _ in range(_MOST_DRAWS):
        chosen = programme.whole(_Rounding(programme, solution, draw).run())
        if programme.keeps_all(chosen):
            return chosen, bound
    raise ArithmeticError("the shares of the linear programme are too inexact to be rounded")


def fill(problem: Problem, most: float = 1.0) -> Floats:
    """Fill as many places as possible, each pair at most ``most``; places filled by application."""
    programme = _Programme(problem)
    n, m = problem.allowed.shape
    if not programme.many:
        return np.zeros(n)
    groups = programme.groups()
    parts = [programme.by_application, programme.by_expert] + ([] if groups is None else [groups])
    limits = [np.full(n, float(problem.demand)), np.full(m, float(problem.max_load))]
    if groups is not None:
        limits.append(np.ones(groups.shape[0]))
    result = linprog(
        -np.ones(programme.many),
        A_ub=vstack(parts, format="csr"),
        b_ub=np.concatenate(limits),
        bounds=(0, most),
        method="highs-ds",
    )
    return np.asarray(programme.by_application @ result.x, dtype=np.float64)


class _Rounding:
    """Dependent rounding: every pair keeps its probability, every row and column its sum up to the next whole.

    The fractional pairs form a bipartite graph; along a cycle, or a path between two columns whose only fractional pair
    is an end of it, shares are shifted to and fro until one pair becomes whole.
    """

    def __init__(self, programme: _Programme, solution: Floats, draw: np.random.Generator) -> None:
        self._share = [float(share) for share in solution]
        self._draw = draw
        n = len(programme.problem.applications)
        self._ends = [(int(row), n + int(column)) for row, column in zip(programme.row, programme.column, strict=True)]
        self._open: dict[int, list[int]] = {}
        for pair, share in enumerate(self._share):
            if _WHOLE < share < 1 - _WHOLE:
                for node in self._ends[pair]:
                    self._open.setdefault(node, []).append(pair)

    def run(self) -> Floats:
        """Round all; returns shares of 0 or 1."""
        while self._open:
            self._shift(self._walk())
        return np.array([float(share > 0.5) for share in self._share])

    def _walk(self) -> list[int]:
        """Find a cycle, or a path between two loose ends, as pairs in order."""
        node = min(self._open, key=lambda one: (len(self._open[one]), one))
        seen = {node: 0}
        pairs: list[int] = []
        while True:
            last = pairs[-1] if pairs else -1
            onward = [pair for pair in self._open[node] if pair != last]
            if not onward:
                return pairs
            pairs.append(onward[0])
            first, second = self._ends[onward[0]]
            node = second if node == first else first
            if node in seen:
                return pairs[seen[node] :]
            seen[node] = len(pairs)

    def _shift(self, pairs: list[int]) -> None:
        up, down = pairs[0::2], pairs[1::2]
        most = min([1 - self._share[pair] for pair in up] + [self._share[pair] for pair in down])
        least = min([self._share[pair] for pair in up] + [1 - self._share[pair] for pair in down])
        step = most if self._draw.random() < least / (most + least) else -least
        for sign, part in ((1, up), (-1, down)):
            for pair in part:
                self._share[pair] += sign * step
                if not _WHOLE < self._share[pair] < 1 - _WHOLE:
                    self._close(pair)

    def _close(self, pair: int) -> None:
        for node in self._ends[pair]:
            self._open[node].remove(pair)
            if not self._open[node]:
                del self._open[node]
