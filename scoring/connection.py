"""Assignments whose experts can be compared: any two joined by a chain of pairs that share two applications.

Severity of experts can be told apart from the quality of applications only inside such a chain, so a little affinity
is given up for it, within a limit said beforehand. Merging goes pair by pair at the least loss; where that leaves parts
and the problem is small, one mixed-integer programme finds the fewest parts there can be.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from scoring.matching import WHOLE, Programme
from scoring.problems import Flags, Floats, Problem, Whole
from scoring.spanning import SHARED, FewestParts, Limits, meetings_of

_MOST_TRIES: Final = 25
_MOST_MEETINGS: Final = 4000


def parts_of(chosen: Flags) -> tuple[int, Whole]:
    """Parts of the experts' graph and the part of each expert, -1 for one who has no application.

    >>> both = np.array([[True, True, False], [True, True, False], [False, True, True]])
    >>> count, part = parts_of(both)
    >>> count, part.tolist()
    (2, [0, 0, 1])
    """
    used = np.flatnonzero(chosen.any(axis=0))
    part = np.full(chosen.shape[1], -1, dtype=np.int64)
    count, labels = connected_components(_edges(chosen[:, used]), directed=False)
    part[used] = labels
    return int(count), part


def connect(problem: Problem, chosen: Flags, limits: Limits, seconds: float) -> Flags:
    """Change a best assignment until its experts are connected, or as few parts remain as the limits let.

    Parameters
    ----------
    problem : Problem
    chosen : ndarray of bool, axes (application, expert)
        Keeps every constraint; it is returned where nothing can be gained.
    limits : Limits
    seconds : float
        Time after which no further merge is begun.

    Returns
    -------
    ndarray of bool, axes (application, expert)
        Keeps every constraint and the limits; never more parts than before.
    """
    started = time.monotonic()
    merging = _Merging(problem, limits)
    while parts_of(chosen)[0] > 1 and time.monotonic() - started < seconds:
        better = merging.merged(chosen)
        if better is None:
            break
        chosen = better
    count = parts_of(chosen)[0]
    if count > 1 and meetings_of(problem) <= _MOST_MEETINGS:
        left = max(1.0, seconds - (time.monotonic() - started))
        fewest = FewestParts(problem, limits).solve(left)
        if fewest is not None and parts_of(fewest)[0] < count:
            return fewest
    return chosen


def _edges(chosen: Flags) -> csr_array:
    shared = chosen.T.astype(np.int64) @ chosen.astype(np.int64)
    np.fill_diagonal(shared, 0)
    return csr_array(shared >= SHARED)


class _Merging:
    """Joins two parts at a time by two applications that a pair of experts is made to share."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self._problem = problem
        self._limits = limits
        self._programme = Programme(problem)

    def merged(self, chosen: Flags) -> Flags | None:
        """Find an assignment with fewer parts; None when no try gives one within the limits."""
        count = parts_of(chosen)[0]
        held = self._problem.fixed | _tree_pairs(chosen)
        programme = self._programme
        solved = programme.relaxed(programme.values, least=self._least(held), served_least=self._limits.worst)
        price = np.zeros(programme.many) if solved is None else solved[1]
        for expert, other in self._candidates(chosen, price):
            forced = held.copy()
            for application in self._cheapest(chosen, price, expert, other):
                forced[application, [expert, other]] = True
            found = self._solve(forced)
            if found is not None and parts_of(found)[0] < count and self._limits.hold(self._problem, found):
                return found
        return None

    def _least(self, held: Flags) -> Floats:
        return held[self._programme.row, self._programme.column].astype(np.float64)

    def _solve(self, forced: Flags) -> Flags | None:
        """Best assignment that holds all the forced pairs."""
        if (forced.sum(axis=1) > self._problem.demand).any() or (forced.sum(axis=0) > self._problem.max_load).any():
            return None
        programme, least = self._programme, self._least(forced)
        solved = programme.relaxed(programme.values, least=least, served_least=self._limits.worst)
        if solved is None or float(programme.values @ solved[0]) < self._limits.total - WHOLE:
            return None
        chosen = programme.whole_if_feasible(solved[0])
        if chosen is not None:
            return chosen
        best = programme.best_whole(5.0, least, self._limits.worst)
        return None if best is None else programme.whole_if_feasible(best[0])

    def _costs(self, chosen: Flags, price: Floats) -> Floats:
        """Estimated loss of putting an expert on an application, axes (application, expert); inf where forbidden."""
        cost = np.full(chosen.shape, np.inf)
        cost[self._programme.row, self._programme.column] = np.maximum(price, 0.0) + 1e-3
        cost[chosen] = 0.0
        return cost

    def _candidates(self, chosen: Flags, price: Floats) -> list[tuple[int, int]]:
        """Pairs of experts of different parts, the cheapest to join first."""
        part = parts_of(chosen)[1]
        cost = self._costs(chosen, price)
        used = np.flatnonzero(part >= 0)
        found: list[tuple[float, int, int]] = []
        if len(cost) < SHARED:
            return []
        for expert in used:
            others = used[(used > expert) & (part[used] != part[expert])]
            joined = np.partition(cost[:, [expert]] + cost[:, others], SHARED - 1, axis=0)[:SHARED].sum(axis=0)
            found += [
                (round(float(loss), 9), int(expert), int(other))
                for loss, other in zip(joined, others, strict=True)
                if np.isfinite(loss)
            ]
        return [(expert, other) for _, expert, other in sorted(found)[:_MOST_TRIES]]

    def _cheapest(self, chosen: Flags, price: Floats, expert: int, other: int) -> list[int]:
        cost = self._costs(chosen, price)
        joined = cost[:, expert] + cost[:, other]
        return [int(row) for row in np.argsort(joined, kind="stable")[:SHARED]]


def _tree_pairs(chosen: Flags) -> Flags:
    """Pairs that hold the parts together: for every branch of a spanning tree, two applications of its experts."""
    edges = _edges(chosen)
    held = np.zeros(chosen.shape, dtype=np.bool_)
    seen: set[int] = set()
    for root in range(chosen.shape[1]):
        if root in seen:
            continue
        order, before = breadth_first_order(edges, root, directed=False)
        seen.update(order.tolist())
        for expert in order[1:].tolist():
            common = np.flatnonzero(chosen[:, expert] & chosen[:, before[expert]])[:SHARED]
            held[np.ix_(common, np.array([expert, before[expert]]))] = True
    return held
