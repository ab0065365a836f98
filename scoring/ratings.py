"""Marks as numbers for statistics: one value for each application and expert who rated it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from scoring.aggregate import Formula
from scoring.marks import MarkTable
from scoring.rules import Rules

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings in long form, sorted by application and expert.

    Attributes
    ----------
    applications, experts : tuple of str
        Codes by index.
    item, judge : ndarray of int, axis (rating,)
    value : ndarray of float, axis (rating,)
        Points; there is no entry for a missing mark.
    """

    applications: tuple[str, ...]
    experts: tuple[str, ...]
    item: NDArray[np.intp]
    judge: NDArray[np.intp]
    value: Floats

    @property
    def is_complete(self) -> bool:
        """Whether every expert rated every application, at least two of each."""
        many = len(self.applications) >= 2 and len(self.experts) >= 2
        return many and len(self.value) == len(self.applications) * len(self.experts)

    def matrix(self) -> Floats:
        """Ratings of a complete panel, axes (application, expert)."""
        return self.value.reshape(len(self.applications), len(self.experts))


def expert_ratings(rules: Rules, table: MarkTable) -> tuple[Ratings, float]:
    """Take the experts' totals by the common weights, or the marks where one criterion is counted.

    Returns
    -------
    (Ratings, float)
        The ratings and the length of their scale, in points.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.marks import Mark, tabulate_marks
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(1), Decimal(5), Decimal(1), Decimal(1)),))
    >>> ratings, scale = expert_ratings(rules, tabulate_marks(rules, [Mark("A", "E", "c", "4")]))
    >>> ratings.value.tolist(), scale
    ([4.0], 4.0)
    """
    counted = [criterion for criterion in rules.criteria if criterion.counted]
    if len(counted) == 1:
        return criterion_ratings(table, counted[0].code), float(counted[0].max - counted[0].min)
    formula = Formula(rules, table.values)
    found = {
        (application, expert): float(value)
        for application, of_experts in table.points.items()
        for expert, value in formula.exact_totals(of_experts).items()
    }
    highest = sum(formula.weigh(criterion, Fraction(criterion.max), 1) for criterion in counted)
    lowest = sum(formula.weigh(criterion, Fraction(criterion.min), 1) for criterion in counted)
    return _ratings(found), float(highest - lowest)


def criterion_ratings(table: MarkTable, criterion: str) -> Ratings:
    """Take the marks of one criterion, in points."""
    values = {text: float(value) for text, value in table.values[criterion].items()}
    return _ratings(
        {
            (application, expert): values[text]
            for application, of_experts in table.points.items()
            for expert, marks in of_experts.items()
            if (text := marks.get(criterion)) is not None
        }
    )


def _ratings(found: dict[tuple[str, str], float]) -> Ratings:
    pairs = sorted(found)
    applications = tuple(sorted({application for application, _ in pairs}))
    experts = tuple(sorted({expert for _, expert in pairs}))
    item_of = {code: index for index, code in enumerate(applications)}
    judge_of = {code: index for index, code in enumerate(experts)}
    return Ratings(
        applications=applications,
        experts=experts,
        item=np.array([item_of[application] for application, _ in pairs], dtype=np.intp),
        judge=np.array([judge_of[expert] for _, expert in pairs], dtype=np.intp),
        value=np.array([found[pair] for pair in pairs], dtype=np.float64),
    )
