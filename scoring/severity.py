"""The model behind calibration: crossed random effects of applications and experts, by REML.

``y_ij = mu + u_i + b_j + e_ij`` with independent normal effects. Sources: Patterson and Thompson (1971) for restricted
likelihood; Henderson (1975) for the equations; Bates et al. (2015) for the criterion that is profiled here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.sparse import csr_array

from scoring.errors import MarkError
from scoring.ratings import Floats, Ratings

_LEAST_LOG, _MOST_LOG = -24.0, 12.0
_START: Final = (-6.0, -2.0, 0.0, 2.0)
_STEP: Final = 1e-4


@dataclass(frozen=True)
class Fit:
    """Estimates of the model in points, and what the posterior of the effects needs.

    Attributes
    ----------
    mu, var_application, var_expert, var_residual, criterion : float
    effect : ndarray of float, axis (application,)
        Posterior means of u.
    severity : ndarray of float, axis (expert,)
        Posterior means of b, as added to a mark.
    severity_sd : ndarray of float, axis (expert,)
    spread : ndarray of float, axis (application,)
        Standard deviation of u given the experts.
    loading : ndarray of float, axes (application, 1 + expert)
        How u moves with independent unit draws of mu and b; cov(u) = diag(spread**2) + loading @ loading.T.
    mu_loading : ndarray of float, axis (1 + expert,)
        How mu moves with the same draws: where u is surer than mu, the two move against each other.
    """

    mu: float
    var_application: float
    var_expert: float
    var_residual: float
    criterion: float
    effect: Floats
    severity: Floats
    severity_sd: Floats
    spread: Floats
    loading: Floats
    mu_loading: Floats

    def effect_sd(self) -> Floats:
        """Posterior standard deviation of u, axis (application,)."""
        return np.asarray(np.sqrt(self.spread**2 + (self.loading**2).sum(axis=1)))


class _Equations:
    """Henderson's equations with the applications eliminated, for any pair of variance ratios."""

    def __init__(self, ratings: Ratings) -> None:
        self.n, self.m = len(ratings.applications), len(ratings.experts)
        self.count = len(ratings.value)
        self.shift = float(ratings.value.mean())
        value = ratings.value - self.shift
        self.square = float(value @ value)
        self.per_application = np.bincount(ratings.item, minlength=self.n).astype(np.float64)
        self.sum_application = np.bincount(ratings.item, weights=value, minlength=self.n)
        per_expert = np.bincount(ratings.judge, minlength=self.m).astype(np.float64)
        sum_expert = np.bincount(ratings.judge, weights=value, minlength=self.m)
        ones = np.ones(self.count)
        pairs = csr_array((ones, (1 + ratings.judge, ratings.item)), shape=(1 + self.m, self.n)).tolil()
        pairs[0] = self.per_application
        self.pairs = csr_array(pairs)
        self.within = np.diag(np.append(self.count, per_expert))
        self.within[0, 1:] = self.within[1:, 0] = per_expert
        self.sums = np.append(value.sum(), sum_expert)

    def solve(self, ratio_u: float, ratio_b: float) -> _Solution:
        """Eliminate the applications and factor what is left; ratios are variances over the residual variance.

        Everything is scaled by the square roots of the ratios, so that a ratio of 0 is as well-behaved as any other.
        """
        shrink = ratio_u / (1 + ratio_u * self.per_application)
        coupled = self.pairs * shrink[None, :]
        scale = np.append(1.0, np.full(self.m, np.sqrt(ratio_b)))
        matrix = scale[:, None] * (self.within - (coupled @ self.pairs.T).toarray()) * scale[None, :]
        matrix[np.arange(1, self.m + 1), np.arange(1, self.m + 1)] += 1.0
        right = scale * (self.sums - coupled @ self.sum_application)
        factor, _ = cho_factor(matrix, lower=True)
        fixed = cho_solve((factor, True), right)
        rest = self.square - float(shrink @ self.sum_application**2) - float(fixed @ right)
        logs = float(np.log1p(ratio_u * self.per_application).sum()) + 2 * float(np.log(np.diag(factor)).sum())
        return _Solution(shrink, scale, factor, fixed, max(rest, 1e-12 * max(self.square, 1e-300)), logs)


@dataclass(frozen=True)
class _Solution:
    shrink: Floats
    scale: Floats
    factor: Floats
    fixed: Floats
    rest: float
    logs: float


def fit_effects(ratings: Ratings, expert_sd: float | None = None) -> Fit:
    """Estimate the variances by REML and the effects given them.

    Parameters
    ----------
    ratings : Ratings
        At least two applications, two experts and three values more than one application has.
    expert_sd : float, optional
        Standard deviation of an expert's bias in points; where given it is fixed and only the others are estimated.

    Returns
    -------
    Fit

    Raises
    ------
    MarkError
        Too few ratings for any estimate.

    Examples
    --------
    >>> grid = np.repeat([0, 1, 2], 2), np.tile([0, 1], 3)
    >>> fit = fit_effects(Ratings(("A", "B", "C"), ("E", "F"), *grid, np.array([1.0, 2.1, 4.0, 5.0, 7.0, 7.9])))
    >>> (fit.severity[0] < 0 < fit.severity[1]).item(), round(fit.mu, 6)
    (True, 4.5)
    """
    if len(ratings.applications) < 2 or len(ratings.experts) < 2 or len(ratings.value) <= len(ratings.applications):
        raise MarkError("calibration needs two applications, two experts and an application with two experts")
    equations = _Equations(ratings)
    if expert_sd is None:
        ratio_u, ratio_b, criterion = _free(equations)
        solution = equations.solve(ratio_u, ratio_b)
        residual = solution.rest / (equations.count - 1)
    else:
        ratio_u, residual, criterion = _fixed(equations, expert_sd**2)
        ratio_b = expert_sd**2 / residual
        solution = equations.solve(ratio_u, ratio_b)
    return _fit(equations, solution, (ratio_u * residual, ratio_b * residual, residual), criterion)


def _free(equations: _Equations) -> tuple[float, float, float]:
    degrees = equations.count - 1

    def criterion(logs: NDArray[np.float64]) -> float:
        solution = equations.solve(float(np.exp(logs[0])), float(np.exp(logs[1])))
        return degrees * (np.log(2 * np.pi * solution.rest / degrees) + 1) + solution.logs

    best, value = _minimum(criterion, [(start, other) for start in _START[1:] for other in _START])
    return float(np.exp(best[0])), float(np.exp(best[1])), value


def _fixed(equations: _Equations, var_expert: float) -> tuple[float, float, float]:
    degrees = equations.count - 1
    unit = max(equations.square / equations.count, var_expert)  # the bounds hold for any scale of marks

    def criterion(logs: NDArray[np.float64]) -> float:
        residual = unit * float(np.exp(logs[1]))
        solution = equations.solve(float(np.exp(logs[0])), var_expert / residual)
        return degrees * np.log(2 * np.pi * residual) + solution.rest / residual + solution.logs

    best, value = _minimum(criterion, [(start, other) for start in _START[1:] for other in (-3.0, -1.0, 0.0)])
    return float(np.exp(best[0])), unit * float(np.exp(best[1])), value


def _minimum(
    criterion: Callable[[NDArray[np.float64]], float], starts: list[tuple[float, float]]
) -> tuple[NDArray[np.float64], float]:
    """Minimise over two logarithms: the best of a coarse grid, then quasi-Newton."""
    points = [np.array(start) for start in starts]
    first = min(points, key=criterion)

    def slope(logs: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([(criterion(logs + step) - criterion(logs - step)) / (2 * _STEP) for step in _STEP * np.eye(2)])

    bounds = [(_LEAST_LOG, _MOST_LOG)] * 2
    options = {"ftol": 1e-12, "gtol": 1e-5}
    found = minimize(criterion, first, jac=slope, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64), float(found.fun)


def _fit(equations: _Equations, solution: _Solution, variances: tuple[float, float, float], criterion: float) -> Fit:
    residual = variances[2]
    fixed = solution.scale * solution.fixed
    effect = solution.shrink * (equations.sum_application - equations.pairs.T @ fixed)
    inverse = solve_triangular(solution.factor, np.diag(solution.scale), lower=True)
    loading = -(equations.pairs.T @ inverse.T) * solution.shrink[:, None] * np.sqrt(residual)
    return Fit(
        mu=equations.shift + float(fixed[0]),
        var_application=variances[0],
        var_expert=variances[1],
        var_residual=residual,
        criterion=criterion,
        effect=np.asarray(effect, dtype=np.float64),
        severity=np.asarray(fixed[1:], dtype=np.float64),
        severity_sd=np.sqrt(residual * (inverse**2).sum(axis=0)[1:]),
        spread=np.sqrt(residual * solution.shrink),
        loading=np.asarray(loading, dtype=np.float64),
        mu_loading=np.asarray(inverse[:, 0] * np.sqrt(residual), dtype=np.float64),
    )
