"""How far experts agree: intraclass correlations, Krippendorff's alpha, Kendall's W, and the spread per application.

Advice only. Sources: Shrout and Fleiss (1979), McGraw and Wong (1996) for the correlations and their F intervals;
Krippendorff (2004) for alpha; Kendall and Babington Smith (1939) with the correction for ties for W.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import fdtri

from scoring.advisory import AdvisoryResult
from scoring.explain import Step, step
from scoring.fingerprint import input_hash
from scoring.marks import Mark, tabulate_marks
from scoring.ratings import Floats, Ratings, criterion_ratings, expert_ratings
from scoring.rules import Rules

Interval = tuple[float, float]

SPREAD_SHARE: Final = 0.3
"""A range above this share of the scale is worth a talk among the experts."""
CONFIDENCE: Final = 0.95
_NOUGHT: Final = 1e-12
_CORRELATIONS: Final = ("icc1", "icc1_k", "icc_a1", "icc_ak", "icc_c1", "icc_ck")


@dataclass(frozen=True)
class Coefficients:
    """Agreement of one set of ratings; None where it is undefined, with ``why`` in words."""

    icc1: float | None
    icc1_k: float | None
    icc_a1: float | None
    icc_ak: float | None
    icc_c1: float | None
    icc_ck: float | None
    alpha_interval: float | None
    alpha_ordinal: float | None
    kendall_w: float | None
    intervals: tuple[tuple[str, Interval], ...]
    why: str | None

    def to_json(self) -> dict[str, object]:
        """Plain data; ``intervals`` are of 95 %."""
        names = (*_CORRELATIONS, "alpha_interval", "alpha_ordinal", "kendall_w")
        found: dict[str, object] = {name: getattr(self, name) for name in names}
        return {**found, "intervals": {name: list(ends) for name, ends in self.intervals}, "why": self.why}


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the experts of one application are apart, in points of the rating."""

    application: str
    n: int
    sd: float | None
    range: float
    spread_flag: bool

    def to_json(self) -> dict[str, object]:
        """Plain data of the row."""
        return {
            "application": self.application,
            "n": self.n,
            "sd": self.sd,
            "range": self.range,
            "spread_flag": self.spread_flag,
        }


@dataclass(frozen=True, kw_only=True)
class Agreement(AdvisoryResult):
    """Agreement over the experts' totals, by criterion and by application."""

    overall: Coefficients
    by_criterion: tuple[tuple[str, Coefficients], ...]
    applications: tuple[Spread, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data, as the format of the ``agree`` command names it."""
        return {
            **self.overall.to_json(),
            "by_criterion": {code: found.to_json() for code, found in self.by_criterion},
            "applications": [row.to_json() for row in self.applications],
            "steps": [one.to_json() for one in self.steps],
            "rules_hash": self.rules_hash,
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


def agreement(rules: Rules, marks: Sequence[Mark]) -> Agreement:
    """Measure how far the experts agree on their totals and on each criterion.

    Parameters
    ----------
    rules : Rules
        Values are the experts' totals by the common weights; with one counted criterion, its marks.
    marks : sequence of Mark
        Only scored ones count.

    Returns
    -------
    Agreement
        Unitless coefficients; standard deviation and range in points of the rating.

    Raises
    ------
    MarkError
        Marks that the rules do not allow.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> points = {"A": "78", "B": "45", "C": "12"}
    >>> marks = [Mark(a, e, "c", x) for a, pair in points.items() for e, x in zip(("E", "F"), pair)]
    >>> round(agreement(rules, marks).overall.icc_c1, 3)
    1.0
    """
    table = tabulate_marks(rules, marks)
    totals, scale = expert_ratings(rules, table)
    by_criterion = tuple(
        (criterion.code, coefficients(criterion_ratings(table, criterion.code))) for criterion in rules.criteria
    )
    return Agreement(
        overall=coefficients(totals),
        by_criterion=by_criterion,
        applications=spreads(totals, scale),
        steps=(_told(totals),),
        rules_hash=rules.digest,
        input_hash=input_hash(rules, table, marks),
    )


def _told(ratings: Ratings) -> Step:
    counts = {"applications": len(ratings.applications), "experts": len(ratings.experts)}
    return step("agreement_over", len(ratings.value), **counts)


def coefficients(ratings: Ratings) -> Coefficients:
    """Compute every coefficient that the design of the ratings allows.

    Parameters
    ----------
    ratings : Ratings

    Returns
    -------
    Coefficients
        ICC(A) and ICC(C) and Kendall's W only for a complete panel: with different experts per application they are
        undefined, not merely imprecise.

    Examples
    --------
    >>> codes = ("A", "B"), ("E", "F")
    >>> grid = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> coefficients(Ratings(*codes, *grid, np.array([1.0, 2.0, 3.0, 4.0]))).icc_c1
    1.0
    """
    reasons: list[str] = []
    found: dict[str, float | None] = dict.fromkeys(_CORRELATIONS)
    intervals: dict[str, Interval] = {}
    _one_way(ratings, found, intervals, reasons)
    kendall = None
    if ratings.is_complete:
        _two_way(ratings.matrix(), found, intervals, reasons)
        kendall = kendall_w(ratings.matrix())
        if kendall is None:
            reasons.append("Kendall's W is undefined: every expert gives one and the same mark")
    else:
        reasons.append("ICC(A), ICC(C) and Kendall's W need a complete panel: not every expert rated every application")
    interval = krippendorff_alpha(ratings)
    ordinal = krippendorff_alpha(ratings, ordinal=True)
    if interval is None:
        reasons.append("alpha needs at least two different marks on applications with two experts")
    return Coefficients(
        **found,
        alpha_interval=interval,
        alpha_ordinal=ordinal,
        kendall_w=kendall,
        intervals=tuple(intervals.items()),
        why="; ".join(reasons) or None,
    )


def _sizes_and_means(ratings: Ratings) -> tuple[Floats, Floats]:
    many = len(ratings.applications)
    sizes = np.bincount(ratings.item, minlength=many).astype(np.float64)
    return sizes, np.bincount(ratings.item, weights=ratings.value, minlength=many) / sizes


def _one_way(
    ratings: Ratings, found: dict[str, float | None], intervals: dict[str, Interval], reasons: list[str]
) -> None:
    """ICC(1) and ICC(1,k) by unbalanced one-way analysis of variance."""
    total, many = len(ratings.value), len(ratings.applications)
    if many < 2 or total == many:
        reasons.append("ICC(1) needs two applications and one with two experts")
        return
    sizes, means = _sizes_and_means(ratings)
    between = float(sizes @ (means - ratings.value.mean()) ** 2) / (many - 1)
    within = float(((ratings.value - means[ratings.item]) ** 2).sum()) / (total - many)
    size = (total - float(sizes @ sizes) / total) / (many - 1)
    if between + (size - 1) * within <= 0 or between <= _noise(ratings.value):
        reasons.append("ICC(1) is undefined: all applications have the same mean")
        return
    found["icc1"] = (between - within) / (between + (size - 1) * within)
    found["icc1_k"] = (between - within) / between
    if within > 0:
        low, high = _f_ends(between / within, many - 1, total - many)
        intervals["icc1"] = ((low - 1) / (low + size - 1), (high - 1) / (high + size - 1))
        intervals["icc1_k"] = (1 - 1 / low, 1 - 1 / high)


def _noise(values: Floats) -> float:
    """Mean square that rounding alone can make of equal means: what is not above it is nought."""
    return values.size * (8 * float(np.finfo(float).eps) * float(np.abs(values).max())) ** 2


def _f_ends(ratio: float, above: float, below: float) -> Interval:
    """Confidence limits of a ratio of mean squares with these degrees of freedom."""
    tail = (1 + CONFIDENCE) / 2
    return ratio / float(fdtri(above, below, tail)), ratio * float(fdtri(below, above, tail))


def _two_way(
    matrix: Floats, found: dict[str, float | None], intervals: dict[str, Interval], reasons: list[str]
) -> None:
    """ICC(A,1), ICC(A,k), ICC(C,1), ICC(C,k) of a complete panel, axes (application, expert)."""
    n, k = matrix.shape
    grand = matrix.mean()
    rows, columns = matrix.mean(axis=1), matrix.mean(axis=0)
    row_square = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    column_square = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    rest = matrix - rows[:, None] - columns[None, :] + grand
    error = float((rest**2).sum()) / ((n - 1) * (k - 1))
    noise = _noise(matrix)
    if row_square <= noise:
        reasons.append("ICC(A) and ICC(C) are undefined: all applications have the same mean")
        return
    error = error if error > noise else 0.0
    shift, parts = (column_square - error) / n, row_square + (column_square + error) / n
    found["icc_a1"] = alone = (row_square - error) / (row_square + (k - 1) * error + k * shift)
    if abs(row_square + shift) <= _NOUGHT * parts + (noise * parts) ** 0.5:
        reasons.append("ICC(A,k) has no denominator: applications and experts together differ no more than by chance")
    else:
        found["icc_ak"] = (row_square - error) / (row_square + shift)
    found["icc_c1"] = (row_square - error) / (row_square + (k - 1) * error)
    found["icc_ck"] = (row_square - error) / row_square
    if error > 0 and alone < 1:
        low, high = _f_ends(row_square / error, n - 1, (n - 1) * (k - 1))
        intervals["icc_c1"] = ((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))
        intervals["icc_ck"] = (1 - 1 / low, 1 - 1 / high)
        ends = _absolute_ends((n, k), row_square, column_square, error, alone)
        intervals["icc_a1"] = ends
        if found["icc_ak"] is not None and 1 + (k - 1) * ends[0] > _NOUGHT:  # else its lower end is at minus infinity
            intervals["icc_ak"] = (_stepped_up(ends[0], k), _stepped_up(ends[1], k))


def _stepped_up(correlation: float, k: int) -> float:
    """Spearman and Brown: from one expert to the mean of k."""
    return k * correlation / (1 + (k - 1) * correlation)


def _absolute_ends(shape: tuple[int, int], rows: float, columns: float, error: float, estimate: float) -> Interval:
    """Limits of ICC(A,1) with Satterthwaite's degrees of freedom (McGraw and Wong 1996, table 7)."""
    n, k = shape
    part = k * estimate / (n * (1 - estimate))
    whole = 1 + k * estimate * (n - 1) / (n * (1 - estimate))
    top = (part * columns + whole * error) ** 2
    freedom = top / ((part * columns) ** 2 / (k - 1) + (whole * error) ** 2 / ((n - 1) * (k - 1)))
    tail = (1 + CONFIDENCE) / 2
    lower, upper = float(fdtri(n - 1, freedom, tail)), float(fdtri(freedom, n - 1, tail))
    base = k * columns + (k * n - k - n) * error
    return (
        n * (rows - lower * error) / (lower * base + n * rows),
        n * (upper * rows - error) / (base + n * upper * rows),
    )


def krippendorff_alpha(ratings: Ratings, *, ordinal: bool = False) -> float | None:
    """Krippendorff's alpha, gaps allowed; None where nothing varies or nobody shares an application.

    The ordinal difference of two values is the distance of their mid-ranks among all pairable values, so the ordinal
    alpha is the interval alpha of the mid-ranks.

    Examples
    --------
    >>> codes = ("A", "B"), ("E", "F")
    >>> grid = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> krippendorff_alpha(Ratings(*codes, *grid, np.array([1.0, 1.0, 3.0, 3.0])))
    1.0
    """
    if not len(ratings.value):
        return None
    sizes, _ = _sizes_and_means(ratings)
    shared = sizes[ratings.item] >= 2
    values, item = ratings.value[shared], ratings.item[shared]
    if len(values) < 2 or values.min() == values.max():
        return None
    if ordinal:
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        values = (np.cumsum(counts) - counts / 2)[inverse]
    values = values - values.mean()
    expected = 2 * float(values @ values) / (len(values) - 1)
    many = len(ratings.applications)
    sums = np.bincount(item, weights=values, minlength=many)
    squares = np.bincount(item, weights=values * values, minlength=many)
    units = sizes >= 2
    inside = 2 * (sizes[units] * squares[units] - sums[units] ** 2) / (sizes[units] - 1)
    return 1 - float(inside.sum()) / len(values) / expected


def kendall_w(matrix: Floats) -> float | None:
    """Kendall's coefficient of concordance, corrected for ties.

    Parameters
    ----------
    matrix : ndarray of float, axes (application, expert)
        Complete; points.

    Returns
    -------
    float or None
        Between 0 and 1; None where no expert tells the applications apart.

    Examples
    --------
    >>> kendall_w(np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 9.0]]))
    1.0
    """
    n, k = matrix.shape
    ranks = np.empty_like(matrix)
    ties = 0.0
    for column in range(k):
        _, inverse, counts = np.unique(matrix[:, column], return_inverse=True, return_counts=True)
        ranks[:, column] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
        ties += float((counts.astype(np.float64) ** 3 - counts).sum())
    sums = ranks.sum(axis=1)
    bottom = k**2 * (n**3 - n) - k * ties
    return 12 * float(((sums - sums.mean()) ** 2).sum()) / bottom if bottom > 0 else None


def spreads(ratings: Ratings, scale: float) -> tuple[Spread, ...]:
    """Standard deviation (n - 1) and range of each application, flagged above 30 % of the scale.

    Parameters
    ----------
    ratings : Ratings
    scale : float
        Length of the scale of the ratings, in points.

    Examples
    --------
    >>> ratings = Ratings(("A",), ("E", "F"), np.array([0, 0]), np.array([0, 1]), np.array([3.0, 7.0]))
    >>> spreads(ratings, 10.0)[0].spread_flag
    True
    """
    found = []
    for index, application in enumerate(ratings.applications):
        values = ratings.value[ratings.item == index]
        width = float(values.max() - values.min())
        sd = float(values.std(ddof=1)) if len(values) > 1 else None
        wide = width > SPREAD_SHARE * scale + 1e-9 * scale
        found.append(Spread(application, len(values), sd, width, wide))
    return tuple(found)
