"""The award rule over thousands of scorings at once, for questions of the kind «how often would it be funded».

Advice only; the award list itself is made by ``allocation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from scoring.funding import WHOLE_BP, Lot
from scoring.marks import Application
from scoring.ratings import Floats
from scoring.rules import Rules

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


def funded_in(rules: Rules, applications: Sequence[Application], scores: Floats, order: NDArray[np.intp]) -> Flags:
    """Award every scoring by the rule of the competition, all scorings at once.

    Parameters
    ----------
    rules : Rules
        With lots; ties are not looked for: ``order`` says who comes first.
    applications : sequence of Application
        With sums and lots.
    scores : ndarray of float, axes (scoring, application)
        Points on the scale of pass marks and bands.
    order : ndarray of int, axes (scoring, place)
        Indices of the applications, the best first.

    Returns
    -------
    ndarray of bool, axes (scoring, application)
        True where the application receives money.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import AllocationRule, Criterion
    >>> rules = Rules(
    ...     criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),),
    ...     allocation=AllocationRule("skip"), lots=(Lot("L", 100),),
    ... )
    >>> applications = [Application("A", "L", 70), Application("B", "L", 50), Application("C", "L", 30)]
    >>> funded_in(rules, applications, np.array([[9.0, 8.0, 7.0]]), np.array([[0, 1, 2]])).tolist()
    [[True, False, True]]
    """
    lots = {lot.code: lot for lot in rules.lots}
    home = [lots[one.lot] for one in applications]
    needs = _needs(rules, applications, scores) * _passing(rules, home, scores)
    walk = _Walk(rules, applications, needs)
    left = {}
    for lot in rules.lots:
        members = np.array([index for index, one in enumerate(home) if one is lot], dtype=np.intp)
        own = order[np.isin(order, members)].reshape(len(order), len(members))
        left[lot.code] = walk.lot(lot, own)
    if rules.allocation.pool_leftover:
        outside = rules.allocation.pool_without_lots
        fund = sum((money for code, money in left.items() if code not in outside), np.zeros(len(scores), np.int64))
        walk.pool(np.array([one.code not in outside for one in home]), order, fund)
    return walk.funded


def official_scale(rules: Rules, values: Floats) -> Floats:
    """Turn marks of a single counted criterion into the total that pass marks and bands are compared with."""
    counted = [criterion for criterion in rules.criteria if criterion.counted]
    if len(counted) > 1:
        return values
    low, high, weight = (float(x) for x in (counted[0].min, counted[0].max, counted[0].weight))
    if rules.expert_total == "points":
        return weight * values
    return values if rules.expert_total == "weighted_mean" else (values - low) / (high - low) * 100


def _reaching(rules: Rules, scores: Floats, limit: Fraction) -> Flags:
    return scores >= float(limit) if rules.direction == "higher" else scores <= float(limit)


def _passing(rules: Rules, home: Sequence[Lot], scores: Floats) -> Flags:
    found = np.ones(scores.shape, dtype=np.bool_)
    for index, lot in enumerate(home):
        limit = rules.pass_mark_of(lot.code)
        if limit is not None:
            found[:, index] = _reaching(rules, scores[:, index], limit)
    return found


def _needs(rules: Rules, applications: Sequence[Application], scores: Floats) -> Whole:
    asked = np.array([one.requested_kop or 0 for one in applications], dtype=np.int64)
    needs = np.broadcast_to(asked, scores.shape).copy()
    if rules.allocation.rule != "bands":
        return needs
    share = np.zeros(scores.shape, dtype=np.int64)
    worst_first = sorted(rules.allocation.bands, key=lambda band: band.start, reverse=rules.direction == "lower")
    for band in worst_first:
        share[_reaching(rules, scores, Fraction(band.start))] = band.share_bp
    return needs // WHOLE_BP * share + needs % WHOLE_BP * share // WHOLE_BP  # no product beyond 64 bits


class _Held:
    """Kopiykas of every applicant in every draw, against the cap."""

    def __init__(self, rules: Rules, applications: Sequence[Application], draws: int) -> None:
        self._cap = rules.allocation.cap_per_applicant_kop
        names = [one.applicant or f"\0{one.code}" for one in applications]
        index = {name: number for number, name in enumerate(sorted(set(names)))}
        self._owner = np.array([index[name] for name in names], dtype=np.intp)
        self._sums = np.zeros((draws, len(index)), dtype=np.int64) if self._cap is not None else None
        self._rows = np.arange(draws)

    def allows(self, who: NDArray[np.intp], need: Whole) -> Flags:
        if self._sums is None or self._cap is None:
            return np.ones(len(who), dtype=np.bool_)
        return np.asarray(self._sums[self._rows, self._owner[who]] + need <= self._cap)

    def add(self, who: NDArray[np.intp], paid: Whole) -> None:
        if self._sums is not None:
            self._sums[self._rows, self._owner[who]] += paid


class _Walk:
    """The walk in every scoring at once, one place after the other."""

    def __init__(self, rules: Rules, applications: Sequence[Application], needs: Whole) -> None:
        self._rules = rules
        self._applications = applications
        self._needs = needs
        self._held = _Held(rules, applications, len(needs))
        self._rows = np.arange(len(needs))
        self.funded = np.zeros(needs.shape, dtype=np.bool_)

    def lot(self, lot: Lot, own: NDArray[np.intp]) -> Whole:
        """Walk one lot; return what is left. ``own`` holds its members best first, axes (scoring, place)."""
        enough = sum(one.requested_kop or 0 for one in self._applications)  # a fund may be beyond 64 bits
        left = np.full(len(own), min(lot.fund_kop, enough), dtype=np.int64)
        going = np.ones(len(own), dtype=np.bool_)
        least = self._least_remainders(lot)
        rule = self._rules.allocation.rule
        for place in range(own.shape[1]):
            who = own[:, place]
            need = self._needs[self._rows, who]
            able = going & (need > 0) & self._held.allows(who, need)
            refused = able & (need > left)
            paid = np.where(able & ~refused, need, 0)
            if rule == "marginal":
                paid = np.where(refused & (left >= least[who]), left, paid)
            self._pay(who, paid)
            left -= paid
            if rule != "skip":
                going &= ~refused
        return left

    def pool(self, receiving: Flags, order: NDArray[np.intp], left: Whole) -> None:
        """Give the pool to the best unfunded of all lots, with skip."""
        for place in range(order.shape[1]):
            who = order[:, place]
            open_need = receiving[who] & ~self.funded[self._rows, who]
            need = np.where(open_need, self._needs[self._rows, who], 0)
            pays = (need > 0) & (need <= left) & self._held.allows(who, need)
            paid = np.where(pays, need, 0)
            self._pay(who, paid)
            left = left - paid

    def _pay(self, who: NDArray[np.intp], paid: Whole) -> None:
        self.funded[self._rows, who] |= paid > 0
        self._held.add(who, paid)

    def _least_remainders(self, lot: Lot) -> Whole:
        share = self._rules.allocation.marginal_bp
        least = [
            max(-(-(one.requested_kop or 0) * share // WHOLE_BP), one.smallest_kop or 0, lot.minimum_kop or 0, 1)
            for one in self._applications
        ]
        return np.array(least, dtype=np.int64)
