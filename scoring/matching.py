"""The programmes behind an assignment: linear where the structure makes it whole, mixed-integer where it does not."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from scoring.errors import PairError
from scoring.problems import Flags, Floats, Problem

Chosen = tuple[Flags, float]
WHOLE: Final = 1e-6
_TIME_ENDED: Final = 1
_SOLVER_FAILED: Final = 4


def solve_whole(
    cost: Floats, rows: list[LinearConstraint], bounds: tuple[Floats, Floats], whole: Floats, **options: float
) -> OptimizeResult:
    """Minimise by branch and bound without a gap; where presolving fails, once more without it."""
    result = None
    for presolve in (True, False):
        settings = {"mip_rel_gap": 0.0, "time_limit": 60.0, "presolve": presolve, **options}
        result = milp(cost, constraints=rows, bounds=Bounds(*bounds), integrality=whole, options=settings)
        if result.status != _SOLVER_FAILED:
            break
    return result


class Programme:
    """The constraints of a problem over its allowed pairs, row by row."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.row, self.column = np.nonzero(problem.allowed)
        self.many = len(self.row)
        self.values = problem.affinity[self.row, self.column]
        self.least = problem.fixed[self.row, self.column].astype(np.float64)
        index = np.arange(self.many)
        ones = np.ones(self.many)
        n, m = problem.allowed.shape
        self.by_application = csr_array((ones, (self.row, index)), shape=(n, self.many))
        self.by_expert = csr_array((ones, (self.column, index)), shape=(m, self.many))
        self.served = csr_array((self.values, (self.row, index)), shape=(n, self.many))
        self.pair_at = np.full((n, m), -1, dtype=np.int64)
        self.pair_at[self.row, self.column] = index
        self.groups = self._groups()
        self.needs = self._sets([(need.application, need.members) for need in problem.needs])
        self.ran_out = False
        self.need_least = np.array([need.least for need in problem.needs], dtype=np.float64)

    def _groups(self) -> csr_array:
        """One row for each application and group of experts of one organisation."""
        allowed = self.problem.allowed
        return self._sets(
            [
                (application, members)
                for group in self.problem.together
                for application in range(len(self.problem.applications))
                if len(members := tuple(column for column in group if allowed[application, column])) > 1
            ]
        )

    def _sets(self, sets: list[tuple[int, tuple[int, ...]]]) -> csr_array:
        places = [
            (number, int(self.pair_at[application, column]))
            for number, (application, members) in enumerate(sets)
            for column in members
        ]
        where = ([number for number, _ in places], [pair for _, pair in places])
        return csr_array((np.ones(len(places)), where), shape=(len(sets), self.many))

    def constraints(self) -> list[LinearConstraint]:
        """Demand, loads, organisations, profiles and previous experts."""
        problem = self.problem
        found = [
            LinearConstraint(self.by_application, problem.demand, problem.demand),
            LinearConstraint(self.by_expert, problem.min_load, problem.max_load),
        ]
        if self.groups.shape[0]:
            found.append(LinearConstraint(self.groups, 0, 1))
        if self.needs.shape[0]:
            found.append(LinearConstraint(self.needs, self.need_least, np.inf))
        return found

    def relaxed(
        self, values: Floats, most: float = 1.0, least: Floats | None = None, served_least: float | None = None
    ) -> tuple[Floats, Floats] | None:
        """Solve the linear programme; None when nothing is feasible.

        Parameters
        ----------
        values : ndarray of float, axis (pair,)
            What a pair is worth.
        most : float
            Upper bound of a pair that is not fixed.
        least : ndarray of float, axis (pair,), optional
            Lower bounds instead of those of the fixed pairs.
        served_least : float, optional
            Affinity that every application gets at least.

        Returns
        -------
        (ndarray of float, ndarray of float), both axis (pair,)
            Shares, and what one whole pair more would cost at least.
        """
        problem = self.problem
        if not self.many:
            return None
        floor = self.least if least is None else least
        parts = [self.by_expert, -self.by_expert, self.groups, -self.needs]
        limits = [problem.max_load, -problem.min_load, np.ones(self.groups.shape[0]), -self.need_least]
        if served_least is not None:
            parts.append(-self.served)
            limits.append(np.full(len(problem.applications), -served_least))
        result = linprog(
            -values,
            A_ub=vstack(parts, format="csr"),
            b_ub=np.concatenate(limits).astype(np.float64),
            A_eq=self.by_application,
            b_eq=problem.demand.astype(np.float64),
            bounds=np.column_stack([floor, np.maximum(floor, most)]),
            method="highs-ds",
        )
        if result.x is None:
            return None
        return np.asarray(result.x, dtype=np.float64), np.asarray(result.lower.marginals, dtype=np.float64)

    def best_whole(
        self, seconds: float, least: Floats | None = None, served_least: float | None = None
    ) -> tuple[Floats, float] | None:
        """Solve for whole pairs by branch and bound; shares and the proven bound of the total."""
        rows = self.constraints()
        if served_least is not None:
            rows.append(LinearConstraint(self.served, served_least, np.inf))
        ones = np.ones(self.many)
        bounds = self.least if least is None else least, ones
        result = solve_whole(-self.values, rows, bounds, ones, time_limit=seconds)
        if result.x is None:
            self.ran_out = result.status == _TIME_ENDED
            return None
        return np.asarray(result.x, dtype=np.float64), -float(result.mip_dual_bound)

    def whole(self, solution: Floats) -> Flags:
        """Write a whole solution as a matrix, axes (application, expert)."""
        chosen = np.zeros(self.problem.allowed.shape, dtype=np.bool_)
        taken = solution > 0.5
        chosen[self.row[taken], self.column[taken]] = True
        return chosen

    def whole_if_feasible(self, solution: Floats) -> Flags | None:
        """Write a solution as a matrix where it is whole and keeps every constraint."""
        if (np.abs(solution - solution.round()) > WHOLE).any():
            return None
        chosen = self.whole(solution)
        return chosen if self.problem.keeps_all(chosen) else None


def sum_choice(problem: Problem, seconds: float = 60.0) -> Chosen | None:
    """Choose for the greatest total affinity; the bound is that optimum.

    Without side rows the corners of the linear programme are whole. With them a corner that happens to be whole is
    the optimum as well; otherwise branch and bound decides.

    Raises
    ------
    PairError
        The time ended before it was known whether there is any assignment at all: that is no shortage.
    """
    programme = Programme(problem)
    solved = programme.relaxed(programme.values)
    if solved is None:
        return None
    chosen = programme.whole_if_feasible(solved[0])
    if chosen is not None:
        return chosen, float(programme.values @ solved[0])
    best = programme.best_whole(seconds)
    if programme.ran_out:
        raise PairError("the time ended before any assignment was found: give more seconds", column="seconds")
    return None if best is None else (programme.whole(best[0]), best[1])


class Gaps:
    """What stays empty when as much as possible is filled: places first, then needs, then the least loads.

    Attributes
    ----------
    places : ndarray of float, axis (application,)
    needs : ndarray of float, axis (need,)
    loads : ndarray of float, axis (expert,)
    """

    def __init__(self, problem: Problem, most: float = 1.0) -> None:
        self._programme = Programme(problem)
        self._most = most
        n, m = problem.allowed.shape
        k = len(problem.needs)
        self._parts = {"places": slice(0, n), "needs": slice(n, n + k), "loads": slice(n + k, n + k + m)}
        self._count = n + k + m
        gaps = self._least()
        self.places, self.needs, self.loads = (gaps[part].round(9) for part in self._parts.values())

    def _rows(self, n: int, k: int, m: int) -> list[LinearConstraint]:
        """The constraints, each demand, need and least load with a gap of its own."""
        programme, problem = self._programme, self._programme.problem
        empty = csr_array((m, n + k))
        rows = [
            (hstack([programme.by_application, eye_array(n), csr_array((n, k + m))]), problem.demand, problem.demand),
            (hstack([programme.by_expert, csr_array((m, n + k + m))]), 0, problem.max_load),
            (hstack([programme.by_expert, empty, eye_array(m)]), problem.min_load, np.inf),
        ]
        if k:
            parts = [programme.needs, csr_array((k, n)), eye_array(k), csr_array((k, m))]
            rows.append((hstack(parts), programme.need_least, np.inf))
        if count := programme.groups.shape[0]:
            rows.append((hstack([programme.groups, csr_array((count, self._count))]), 0, 1))
        return [LinearConstraint(csr_array(matrix), low, high) for matrix, low, high in rows]

    def _least(self) -> Floats:
        """Solve for the fewest gaps: one place weighs more than all needs, one need more than all least loads."""
        programme, problem = self._programme, self._programme.problem
        n, k, m = len(problem.applications), len(problem.needs), len(problem.experts)
        of_need = 1.0 + float(problem.min_load.sum())
        of_place = of_need * (1.0 + float(programme.need_least.sum()))
        weights = np.repeat([of_place, of_need, 1.0], [n, k, m]) / of_place
        whole = self._most >= 1.0 and problem.has_sides
        result = solve_whole(
            np.append(np.zeros(programme.many), weights),
            self._rows(n, k, m),
            (
                np.append(programme.least, np.zeros(self._count)),
                np.append(np.maximum(programme.least, self._most), np.full(self._count, np.inf)),
            ),
            np.append(np.full(programme.many, int(whole)), np.zeros(self._count)),
        )
        if result.x is None:
            raise ArithmeticError("the solver finds no relaxation of the assignment")
        return np.asarray(result.x[programme.many :], dtype=np.float64)
