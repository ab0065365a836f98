"""How sure a place is: draws from the posterior, each ranked, each awarded by the rule itself.

Advice only. Source: Laird and Louis (1989) for the expected rank; Heyard et al. (2022) for its use on grants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.marks import Application
from scoring.ratings import Floats, Ratings
from scoring.rules import Rules
from scoring.severity import Fit
from scoring.simulated import funded_in, official_scale

_QUANTILES: Final = {"rank_low50": 0.25, "rank_high50": 0.75, "rank_low90": 0.05, "rank_high90": 0.95}


@dataclass(frozen=True, slots=True)
class Chances:
    """Where an application stands over the draws; ranks with 1 as the best, probabilities from 0 to 1.

    ``p_top`` is None without a rank to reach, ``p_funded`` without lots and sums.
    """

    expected_rank: float
    rank_low50: int
    rank_high50: int
    rank_low90: int
    rank_high90: int
    p_top: float | None
    p_funded: float | None

    def to_json(self) -> dict[str, object]:
        """Plain data of the chances."""
        return {name: getattr(self, name) for name in self.__slots__}


def posterior_draws(fit: Fit, draws: int, seed: int) -> Floats:
    """Draw what an application is worth to an average expert: mu + u.

    Returns
    -------
    ndarray of float, axes (draw, application)
        Points.

    Examples
    --------
    >>> one = np.array([1.0, -1.0])
    >>> fit = Fit(5.0, 1.0, 0.0, 1.0, 0.0, one, one, one, np.array([0.1, 0.1]), np.zeros((2, 3)), np.zeros(3))
    >>> posterior_draws(fit, 500, 1).mean(axis=0).round(1).tolist()
    [6.0, 4.0]
    """
    draw = np.random.default_rng(seed)
    own = draw.standard_normal((draws, len(fit.effect))) * fit.spread
    common = draw.standard_normal((draws, fit.loading.shape[1])) @ (fit.loading + fit.mu_loading).T
    return np.asarray(fit.mu + fit.effect + own + common, dtype=np.float64)


def chances(
    rules: Rules,
    ratings: Ratings,
    fit: Fit,
    applications: Sequence[Application] | None = None,
    *,
    seed: int = 1,
    draws: int = 4000,
    top: int | None = None,
) -> tuple[Chances, ...]:
    """Rank every draw and, where there is money to give, award it.

    Parameters
    ----------
    rules : Rules
    ratings : Ratings
    fit : Fit
        Of these ratings.
    applications : sequence of Application, optional
        The rated ones in the order of the ratings; with sums and lots ``p_funded`` is computed.
    seed, draws : int
    top : int, optional

    Returns
    -------
    tuple of Chances
        In the order of ``ratings.applications``.
    """
    worth = posterior_draws(fit, draws, seed)
    badness = -worth if rules.direction == "higher" else worth
    order = np.argsort(badness, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    ends = _quantiles(ranks)
    expected = ranks.mean(axis=0)
    p_top = None if top is None else (ranks <= top).mean(axis=0)
    p_funded = None
    if applications is not None and rules.lots and all(one.requested_kop is not None for one in applications):
        p_funded = funded_in(rules, applications, official_scale(rules, worth), order).mean(axis=0)
    return tuple(
        Chances(
            expected_rank=float(expected[index]),
            p_top=None if p_top is None else float(p_top[index]),
            p_funded=None if p_funded is None else float(p_funded[index]),
            **{name: int(values[index]) for name, values in ends.items()},
        )
        for index in range(len(ratings.applications))
    )


def _quantiles(ranks: NDArray[np.intp]) -> dict[str, NDArray[np.intp]]:
    """Quantiles that are ranks: the smallest rank reached by so large a share of the draws."""
    sorted_ranks = np.sort(ranks, axis=0)
    return {
        name: sorted_ranks[max(0, int(np.ceil(share * len(ranks) - 1e-9)) - 1)] for name, share in _QUANTILES.items()
    }
