"""The programmes behind an assignment: linear where the structure makes it whole, mixed-integer where it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

Floats = NDArray[np.float64]
Chosen = tuple[NDArray[np.bool_], float]
WHOLE: Final = 1e-6
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


class Programme:
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
    programme = Programme(problem)
    if not programme.many:
        return None
    if not problem.together:
        solution = programme.relaxed(programme.values)
        if solution is None:
            return None
        bound = float(programme.values @ solution)
        if (np.abs(solution - solution.round()) < WHOLE).all():
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


def random_choice(problem: Problem, q: float, seed: int) -> Chosen | None:
    """Draw an assignment in which no pair is more probable than ``q``; the bound is the best expected total."""
    programme = Programme(replace(problem, together=()))
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
    programme = Programme(problem)
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

    def __init__(self, programme: Programme, solution: Floats, draw: np.random.Generator) -> None:
        self._share = [float(share) for share in solution]
        self._draw = draw
        n = len(programme.problem.applications)
        self._ends = [(int(row), n + int(column)) for row, column in zip(programme.row, programme.column, strict=True)]
        self._open: dict[int, list[int]] = {}
        for pair, share in enumerate(self._share):
            if WHOLE < share < 1 - WHOLE:
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
                if not WHOLE < self._share[pair] < 1 - WHOLE:
                    self._close(pair)

    def _close(self, pair: int) -> None:
        for node in self._ends[pair]:
            self._open[node].remove(pair)
            if not self._open[node]:
                del self._open[node]
