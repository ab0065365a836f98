"""The drawn assignment: no pair more probable than announced, every row, load and set kept.

Sources: Jecmen et al. (2020) for the programme; Gandhi et al. (2006) for dependent rounding; Budish, Che, Kojima and
Milgrom (2013) for what can be kept: any family of sets inside an application that are nested or apart, because then
the shares are a flow that splits into whole flows.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from scoring.errors import PairError
from scoring.matching import WHOLE, Chosen, Programme
from scoring.problems import Floats, Problem

_MOST_DRAWS: Final = 20
_SOURCE: Final = 0
Members = frozenset[int]


def random_choice(problem: Problem, q: float, seed: int) -> Chosen | None:
    """Draw an assignment in which no pair is more probable than ``q``; the bound is the best expected total.

    Raises
    ------
    PairError
        Organisations, profiles or previous experts of one application overlap in part: no draw keeps them all.
    """
    families = [_family(problem, row) for row in range(len(problem.applications))]
    programme = Programme(problem)
    solved = programme.relaxed(programme.values, q)
    if solved is None:
        return None
    bound = float(programme.values @ solved[0])
    draw = np.random.default_rng(seed)
    for _ in range(_MOST_DRAWS):
        chosen = programme.whole(_Rounding(programme, solved[0], families, draw).run())
        if problem.keeps_all(chosen):
            return chosen, bound
    raise ArithmeticError("the shares of the linear programme are too inexact to be rounded")


def _family(problem: Problem, row: int) -> list[Members]:
    """Sets of experts that bind one application, smallest first."""
    allowed = problem.allowed[row]
    sets = {frozenset(column for column in group if allowed[column]) for group in problem.together}
    sets |= {frozenset(need.members) for need in problem.needs if need.application == row}
    family = sorted((one for one in sets if len(one) > 1), key=lambda one: (len(one), sorted(one)))
    for index, one in enumerate(family):
        for other in family[index + 1 :]:
            if one & other and not one <= other:
                code = problem.experts[min(one & other)]
                raise PairError(
                    f"a draw cannot keep organisations, profiles and previous experts of {problem.applications[row]} "
                    f"that overlap in part ({code} is in two of them): choose sum or fair",
                    column="objective",
                )
    return family


class _Rounding:
    """Dependent rounding of a flow: every pair keeps its probability, every sum goes to one of its next whole numbers.

    Arcs run from a source to the experts (their loads), from the experts through the sets of an application to the
    application. Arcs whose flow is not whole form cycles; along a cycle the flow is shifted to and fro until an arc
    becomes whole.
    """

    def __init__(
        self, programme: Programme, solution: Floats, families: list[list[Members]], draw: np.random.Generator
    ) -> None:
        self._draw = draw
        self._many = programme.many
        self._flow = [float(share) for share in solution]
        problem = programme.problem
        n, m = problem.allowed.shape
        self._ends: list[tuple[int, int]] = []
        nodes = 1 + m + n
        set_node: list[dict[Members, int]] = []
        for family in families:
            set_node.append({one: nodes + number for number, one in enumerate(family)})
            nodes += len(family)
        for row, column in zip(programme.row.tolist(), programme.column.tolist(), strict=True):
            inside = [one for one in families[row] if column in one]
            self._ends.append((1 + column, set_node[row][inside[0]] if inside else 1 + m + row))
        self._add_sets(families, set_node, 1 + m)
        for column, load in enumerate((programme.by_expert @ solution).tolist()):
            self._ends.append((_SOURCE, 1 + column))
            self._flow.append(float(load))
        self._open: dict[int, list[int]] = {}
        for arc, flow in enumerate(self._flow):
            if abs(flow - round(flow)) > WHOLE:
                for node in self._ends[arc]:
                    self._open.setdefault(node, []).append(arc)

    def _add_sets(self, families: list[list[Members]], set_node: list[dict[Members, int]], first: int) -> None:
        """Arcs from each set to the next larger one, or to the application."""
        for row, family in enumerate(families):
            for index, one in enumerate(family):
                larger = [other for other in family[index + 1 :] if one <= other]
                node = set_node[row][one]
                inflow = sum(flow for flow, ends in zip(self._flow, self._ends, strict=True) if ends[1] == node)
                self._ends.append((node, set_node[row][larger[0]] if larger else first + row))
                self._flow.append(inflow)

    def run(self) -> Floats:
        """Round all; returns shares of 0 or 1, axis (pair,)."""
        while self._open:
            self._shift(self._walk())
        return np.array([float(flow > 0.5) for flow in self._flow[: self._many]])

    def _walk(self) -> list[tuple[int, int]]:
        """Find a cycle, or a path between two ends left loose by inexact shares, as (arc, direction)."""
        node = min(self._open, key=lambda one: (len(self._open[one]), one))
        seen = {node: 0}
        arcs: list[tuple[int, int]] = []
        while True:
            last = arcs[-1][0] if arcs else -1
            onward = [arc for arc in self._open[node] if arc != last]
            if not onward:
                return arcs
            tail, head = self._ends[onward[0]]
            arcs.append((onward[0], 1 if node == tail else -1))
            node = head if node == tail else tail
            if node in seen:
                return arcs[seen[node] :]
            seen[node] = len(arcs)

    def _shift(self, arcs: list[tuple[int, int]]) -> None:
        ahead = [np.ceil(self._flow[arc]) - self._flow[arc] for arc, _ in arcs]
        behind = [self._flow[arc] - np.floor(self._flow[arc]) for arc, _ in arcs]
        ways = [way for _, way in arcs]
        up = min(a if way > 0 else b for a, b, way in zip(ahead, behind, ways, strict=True))
        down = min(b if way > 0 else a for a, b, way in zip(ahead, behind, ways, strict=True))
        step = up if self._draw.random() < down / (up + down) else -down
        for arc, way in arcs:
            self._flow[arc] += way * step
            if abs(self._flow[arc] - round(self._flow[arc])) <= WHOLE:
                self._flow[arc] = float(round(self._flow[arc]))
                for node in self._ends[arc]:
                    self._open[node].remove(arc)
                    if not self._open[node]:
                        del self._open[node]
