"""The best list that money can buy: the sum of scores that a simple award rule gives up.

Advice only. A knapsack drops better-placed bids for cheap ones, which an applicant rightly contests; it is shown beside
the list so that a commission sees the price of the simple rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from scoring.advisory import AdvisoryResult
from scoring.digest import digest
from scoring.ranking import Status
from scoring.rounding import plain_text
from scoring.rules import Lot, Rules
from scoring.walk import Candidate

_MOST_REPAIRS: Final = 50


@dataclass(frozen=True, kw_only=True)
class Optimum(AdvisoryResult):
    """The advised set: full grants with the greatest sum of scores.

    ``value`` is exact; all three are None or empty with ``why`` where there is no such set.
    """

    value: Fraction | None
    spent_kop: int | None
    applications: tuple[str, ...]
    why: str | None = None

    def to_json(self) -> dict[str, object]:
        """Plain data, as ``advice.optimum`` of the ``allocate`` command."""
        found: dict[str, object] = {
            "value": None if self.value is None else plain_text(self.value, 12),
            "spent_kop": self.spent_kop,
            "applications": list(self.applications),
        }
        return found if self.why is None else {**found, "why": self.why}


def best_awards(rules: Rules, candidates: Sequence[Candidate], *, seconds: float = 60.0) -> Optimum:
    """Find the set of full grants with the greatest sum of scores under the same funds and pass marks.

    Parameters
    ----------
    rules : Rules
        Each lot's fund, or ``spend_max_kop`` where set; floors ``spend_min_kop`` and the common ``pool_kop`` hold too.
    candidates : sequence of Candidate
        The ranked list.
    seconds : float
        Time limit of each solution; a set found by then is returned even if its optimality is not proven.

    Returns
    -------
    Optimum

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(
    ...     criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),), lots=(Lot("L", 100),)
    ... )
    >>> rows = [("A", 90, 70), ("B", 60, 50), ("C", 50, 50)]
    >>> listed = [Candidate(code, "L", i, Fraction(s), need) for i, (code, s, need) in enumerate(rows, 1)]
    >>> best_awards(rules, listed).applications
    ('B', 'C')
    """
    listed = sorted([one.application, str(one.score), one.requested_kop] for one in candidates)
    stamp = digest([rules.to_json(), listed])
    if rules.direction == "lower":
        return _optimum(rules, stamp, None, "where lower is better, a sum of scores is no goal")
    eligible = sorted((one for one in candidates if _is_eligible(rules, one)), key=lambda one: one.application)
    chosen: list[Candidate] = []
    proven = True
    for members, limits in _problems(rules, eligible):
        picked, optimal = _solve(members, limits, seconds)
        if picked is None:
            return _optimum(rules, stamp, None, "no set of full grants keeps all floors and ceilings")
        chosen += picked
        proven = proven and optimal
    why = None if proven else "the time limit ended the search: a better set may exist"
    return _optimum(rules, stamp, sorted(chosen, key=lambda one: one.application), why)


@dataclass(frozen=True, slots=True)
class _Limit:
    """Least and most kopiykas that some of the candidates (by index) may take together."""

    members: tuple[int, ...]
    least: int
    most: int


def _problems(rules: Rules, eligible: list[Candidate]) -> list[tuple[list[Candidate], list[_Limit]]]:
    """One problem per lot, or one of all lots where they share a pool."""
    by_lot = {lot.code: [one for one in eligible if one.lot == lot.code] for lot in rules.lots}
    if rules.allocation.pool_kop is None:
        return [(by_lot[lot.code], [_lot_limit(lot, range(len(by_lot[lot.code])))]) for lot in rules.lots]
    limits = [
        _lot_limit(lot, [index for index, one in enumerate(eligible) if one.lot == lot.code]) for lot in rules.lots
    ]
    return [(eligible, [*limits, _Limit(tuple(range(len(eligible))), 0, rules.allocation.pool_kop)])]


def _lot_limit(lot: Lot, members: Sequence[int]) -> _Limit:
    most = lot.fund_kop if lot.spend_max_kop is None else lot.spend_max_kop
    return _Limit(tuple(members), lot.spend_min_kop or 0, most)


def _solve(members: list[Candidate], limits: list[_Limit], seconds: float) -> tuple[list[Candidate] | None, bool]:
    """Solve one knapsack; HiGHS calls a set whole within 1e-6, so the sums are checked in kopiykas and tightened."""
    if not members:
        return ([], True) if all(limit.least <= 0 for limit in limits) else (None, True)
    for _ in range(_MOST_REPAIRS):
        found = _milp(members, limits, seconds)
        if found is None:
            return None, True
        picked, optimal = found
        tightened = [_tightened(members, limit, picked) for limit in limits]
        if tightened == limits:
            return [members[index] for index in sorted(picked)], optimal
        limits = tightened
    return None, False


def _tightened(members: list[Candidate], limit: _Limit, picked: set[int]) -> _Limit:
    spent = sum(members[index].requested_kop for index in limit.members if index in picked)
    over, under = max(0, spent - limit.most), max(0, limit.least - spent)
    return limit if not over and not under else _Limit(limit.members, limit.least + under, limit.most - over)


def _milp(members: list[Candidate], limits: list[_Limit], seconds: float) -> tuple[set[int], bool] | None:
    costs = [one.requested_kop for one in members]
    unit = max(1, gcd(*costs))
    rows = [row for row, limit in enumerate(limits) for _ in limit.members]
    columns = [index for limit in limits for index in limit.members]
    weights = np.array([costs[index] // unit for index in columns], dtype=np.float64)
    matrix = csr_array((weights, (rows, columns)), shape=(len(limits), len(members)))
    least = np.array([-(-limit.least // unit) for limit in limits], dtype=np.float64)
    most = np.array([limit.most // unit for limit in limits], dtype=np.float64)
    if (least > most).any():
        return None
    result = milp(
        -np.array([float(one.score or 0) for one in members]),
        constraints=LinearConstraint(matrix, least, most),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(members)),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    if result.x is None:
        return None
    return {int(index) for index in np.flatnonzero(result.x > 0.5)}, result.status == 0


def _optimum(rules: Rules, stamp: str, chosen: list[Candidate] | None, why: str | None) -> Optimum:
    rows = chosen or []
    return Optimum(
        value=None if chosen is None else sum((one.score or Fraction(0) for one in rows), Fraction(0)),
        spent_kop=None if chosen is None else sum(one.requested_kop for one in rows),
        applications=tuple(one.application for one in rows),
        why=why,
        rules_hash=rules.digest,
        input_hash=stamp,
    )


def _is_eligible(rules: Rules, one: Candidate) -> bool:
    ranked = one.status == Status.RANKED and one.score is not None
    return ranked and rules.reaches(one.score or Fraction(0), rules.pass_mark_of(one.lot))
