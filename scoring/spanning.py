"""The fewest parts into which the experts of an assignment can fall, by one mixed-integer programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from scoring.matching import WHOLE, Programme, solve_whole
from scoring.problems import Flags, Floats, Problem

SHARED: Final = 2
"""Applications that two experts must have in common to be compared directly."""
_MOST_NODES: Final = 3000


@dataclass(frozen=True)
class Limits:
    """What a connected assignment must still reach: total affinity, and that of the worst application if it counts."""

    total: float
    worst: float | None = None

    def hold(self, problem: Problem, chosen: Flags) -> bool:
        """Whether an assignment stays within the limits."""
        served = problem.served(chosen)
        return bool(served.sum() >= self.total - WHOLE and (self.worst is None or served.min() >= self.worst - WHOLE))


def meetings_of(problem: Problem) -> int:
    """How many times two experts may meet on an application: the size of the programme."""
    both = problem.allowed.T.astype(np.int64) @ problem.allowed.astype(np.int64)
    return int(both[np.triu_indices(len(both), 1)].sum())


class FewestParts:
    """The fewest parts there can be, by one programme: a flow from each part's root reaches its other experts.

    Variables in order: pairs x; meetings y (two experts on one application); links z (two experts share enough);
    flows along each link, either way; whether an expert is used u, is a root r; inflow at roots s.
    """

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self._problem, self._limits = problem, limits
        self._programme = Programme(problem)
        allowed = problem.allowed
        m = allowed.shape[1]
        common = {(e, f): np.flatnonzero(allowed[:, e] & allowed[:, f]) for e in range(m) for f in range(e + 1, m)}
        self._links = [link for link, rows in common.items() if len(rows) >= SHARED]
        self._meet = [(number, int(row)) for number, link in enumerate(self._links) for row in common[link]]
        sizes = [self._programme.many, len(self._meet), len(self._links), 2 * len(self._links), m, m, m]
        starts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        self._x, self._y, self._z, self._flow, self._u, self._r, self._s, self._size = starts
        self._rows: list[tuple[dict[int, float], float, float]] = []

    def solve(self, seconds: float) -> Flags | None:
        """Fewest parts first, then the greatest total."""
        self._meetings()
        self._flows()
        roots = np.zeros(self._size)
        roots[self._r : self._s] = 1.0
        first = self._run(roots, seconds / 2, None)
        if first is None:
            return None
        values = np.zeros(self._size)
        values[: self._y] = -self._programme.values
        second = self._run(values, seconds / 2, float(round(float(roots @ first))))
        chosen = self._programme.whole_if_feasible((first if second is None else second)[: self._y])
        return chosen if chosen is not None and self._limits.hold(self._problem, chosen) else None

    def _meetings(self) -> None:
        """A meeting needs both pairs, a link needs enough meetings, an expert with an application is used."""
        at = self._programme.pair_at
        of_link: list[dict[int, float]] = [{self._z + number: -float(SHARED)} for number in range(len(self._links))]
        for place, (number, row) in enumerate(self._meet):
            for expert in self._links[number]:
                self._rows.append(({self._y + place: 1.0, int(at[row, expert]): -1.0}, -np.inf, 0.0))
            of_link[number][self._y + place] = 1.0
        self._rows += [(row, 0.0, np.inf) for row in of_link]
        for expert in range(len(self._problem.experts)):
            mine = {int(pair): 1.0 for pair in at[:, expert] if pair >= 0}
            if not mine:
                continue
            self._rows.append(({**mine, self._u + expert: -float(len(mine))}, -np.inf, 0.0))
            self._rows.append(({**mine, self._u + expert: -1.0}, 0.0, np.inf))

    def _flows(self) -> None:
        """Every used expert takes one unit; units enter at roots and run along links only."""
        m = len(self._problem.experts)
        balance: list[dict[int, float]] = [{self._s + e: 1.0, self._u + e: -1.0} for e in range(m)]
        for number, (first, second) in enumerate(self._links):
            for way, (tail, head) in enumerate(((first, second), (second, first))):
                arc = self._flow + 2 * number + way
                balance[tail][arc], balance[head][arc] = -1.0, 1.0
                self._rows.append(({arc: 1.0, self._z + number: -float(m)}, -np.inf, 0.0))
        self._rows += [(row, 0.0, 0.0) for row in balance]
        self._rows += [({self._s + e: 1.0, self._r + e: -float(m)}, -np.inf, 0.0) for e in range(m)]

    def _run(self, cost: Floats, seconds: float, roots: float | None) -> Floats | None:
        m, programme = len(self._problem.experts), self._programme
        rows = list(self._rows)
        rows.append((dict(enumerate(programme.values.tolist())), self._limits.total - 1e-9, np.inf))
        if roots is not None:
            rows.append(({self._r + e: 1.0 for e in range(m)}, 0.0, roots))
        upper = np.ones(self._size)
        upper[self._flow : self._u] = upper[self._s :] = float(m)
        upper[self._u + np.flatnonzero(~self._problem.allowed.any(axis=0))] = 0.0
        lower = np.zeros(self._size)
        lower[: self._y] = programme.least
        whole = np.ones(self._size)
        whole[self._y : self._z] = whole[self._flow : self._u] = whole[self._s :] = 0.0
        constraints = [*self._widened(), _constraint(rows, self._size)]
        result = solve_whole(cost, constraints, (lower, upper), whole, time_limit=seconds, node_limit=_MOST_NODES)
        return None if result.x is None else np.asarray(result.x, dtype=np.float64)

    def _widened(self) -> list[LinearConstraint]:
        """The constraints of the assignment itself, over all the variables."""
        parts = self._programme.constraints()
        if self._limits.worst is not None:
            parts.append(LinearConstraint(self._programme.served, self._limits.worst - 1e-9, np.inf))
        found = []
        for part in parts:
            matrix = csr_array(part.A, copy=True)
            matrix.resize((matrix.shape[0], self._size))
            found.append(LinearConstraint(matrix, part.lb, part.ub))
        return found


def _constraint(rows: list[tuple[dict[int, float], float, float]], size: int) -> LinearConstraint:
    numbers = [number for number, (row, _, _) in enumerate(rows) for _ in row]
    columns = [column for row, _, _ in rows for column in row]
    values = [value for row, _, _ in rows for value in row.values()]
    matrix = csr_array((values, (numbers, columns)), shape=(len(rows), size))
    return LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])
