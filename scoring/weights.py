"""Help with weights of criteria before they are frozen: points, an order, swings, comparisons in pairs.

Advice only: the weights that count are those of the published rules. Sources: Barron and Barrett (1996) for the
rank-order centroid; von Winterfeldt and Edwards (1986) for swings; Saaty (1980) for the pairwise comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

WHOLE_POINTS: Final = 100
LARGEST_INCONSISTENCY: Final = 0.10
"""Consistency ratio above which the comparisons are to be asked again."""
_MOST_ROUNDS: Final = 10_000
_RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


def direct_weights(points: Sequence[int]) -> tuple[Fraction, ...]:
    """Weights from points shared out directly; they must add up to 100.

    Raises
    ------
    ValueError
        A negative number, or another sum than 100.

    Examples
    --------
    >>> [str(weight) for weight in direct_weights([50, 30, 20])]
    ['1/2', '3/10', '1/5']
    """
    if any(point < 0 for point in points) or sum(points) != WHOLE_POINTS:
        raise ValueError(f"points from 0 that add up to {WHOLE_POINTS}, not to {sum(points)}")
    return tuple(Fraction(point, WHOLE_POINTS) for point in points)


def rank_order_centroid(count: int) -> tuple[Fraction, ...]:
    """Weights of criteria of which only the order of importance is known, the most important first.

    Raises
    ------
    ValueError
        Fewer than one criterion.

    Examples
    --------
    >>> [str(weight) for weight in rank_order_centroid(3)]
    ['11/18', '5/18', '1/9']
    """
    if count < 1:
        raise ValueError("at least one criterion is needed")
    tails = [Fraction(1, rank) for rank in range(1, count + 1)]
    return tuple(sum(tails[index:], Fraction(0)) / count for index in range(count))


def swing_weights(points: Sequence[int]) -> tuple[Fraction, ...]:
    """Weights from how much the swing from worst to best on each criterion matters, the greatest 100 points.

    Raises
    ------
    ValueError
        A negative number, or nothing above 0.

    Examples
    --------
    >>> [str(weight) for weight in swing_weights([100, 60, 40])]
    ['1/2', '3/10', '1/5']
    """
    if any(point < 0 for point in points) or not sum(points):
        raise ValueError("swings are points from 0, at least one above 0")
    return tuple(Fraction(point, sum(points)) for point in points)


@dataclass(frozen=True)
class PairwiseWeights:
    """Weights from pairwise comparisons; ``accepted`` is False where the comparisons contradict one another."""

    weights: tuple[float, ...]
    largest_eigenvalue: float
    consistency_ratio: float

    @property
    def accepted(self) -> bool:
        """Whether the comparisons are consistent enough to be used."""
        return self.consistency_ratio <= LARGEST_INCONSISTENCY


def pairwise_weights(comparisons: Sequence[Sequence[float]]) -> PairwiseWeights:
    """Weigh criteria by how many times one matters more than another (AHP).

    Parameters
    ----------
    comparisons : sequence of sequence of float, axes (criterion, criterion)
        Positive; the mirror cell holds the reciprocal. Up to ten criteria.

    Returns
    -------
    PairwiseWeights
        Weights add up to 1.

    Raises
    ------
    ValueError
        Not square, not positive, not reciprocal, or more criteria than the random index knows.

    Examples
    --------
    >>> found = pairwise_weights([[1, 3], [1 / 3, 1]])
    >>> [round(weight, 3) for weight in found.weights], found.accepted
    ([0.75, 0.25], True)
    """
    matrix = [[float(value) for value in row] for row in comparisons]
    count = len(matrix)
    if not 1 <= count < len(_RANDOM_INDEX) or any(len(row) != count for row in matrix):
        raise ValueError("comparisons form a square of one to ten criteria")
    if not all(_mirrored(matrix[one][other], matrix[other][one]) for one in range(count) for other in range(count)):
        raise ValueError("comparisons are positive, and the mirror cell holds the reciprocal")
    weights, largest = _principal(matrix)
    random_index = _RANDOM_INDEX[count]
    ratio = 0.0 if random_index == 0 else (largest - count) / (count - 1) / random_index
    return PairwiseWeights(weights, largest, ratio)


def _mirrored(cell: float, mirror: float) -> bool:
    return cell > 0 and abs(cell * mirror - 1) <= 1e-6


def _principal(matrix: list[list[float]]) -> tuple[tuple[float, ...], float]:
    """Greatest eigenvalue with its vector, by powers: a positive matrix has exactly one that they lead to.

    Numpy is left out on purpose: pages that prepare a competition ask for these weights.
    """
    vector = [1 / len(matrix)] * len(matrix)
    for _ in range(_MOST_ROUNDS):
        image = [sum(cell * value for cell, value in zip(row, vector, strict=True)) for row in matrix]
        largest = sum(image)
        vector, former = [value / largest for value in image], vector
        if max(abs(new - old) for new, old in zip(vector, former, strict=True)) < 1e-15:
            break
    return tuple(vector), largest
