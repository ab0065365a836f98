"""Equal shares: a budget spent as if every voter held an equal part of it; for citizens' votes beside the experts'.

Exact. Source: Peters, Pierczyński and Skowron (2021), with the costs of projects as satisfaction, completed by giving
every voter one unit more as long as the projects chosen stay within the budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class EqualShares:
    """Projects in the order chosen; ``undecided`` are those of a tie that the votes do not break.

    ``endowment`` is what every voter held, in units of the budget, when these were chosen.
    """

    chosen: tuple[str, ...]
    spent: int
    endowment: Fraction
    undecided: tuple[str, ...] = ()


def equal_shares(
    costs: Mapping[str, int], votes: Sequence[frozenset[str]], budget: int, *, completed: bool = True
) -> EqualShares:
    """Choose projects by equal shares.

    Parameters
    ----------
    costs : dict project -> int
        Above 0, in one unit with the budget.
    votes : sequence of frozenset of str
        Projects that each voter approves.
    budget : int
    completed : bool
        Whether the endowments grow by one unit at a time while the result stays within the budget.

    Returns
    -------
    EqualShares
        Independent of the order of votes and projects and of names, but for the order in which equals are listed.

    Raises
    ------
    ValueError
        No votes, a cost that is not above 0, a vote for an unknown project.

    Examples
    --------
    >>> votes = [frozenset("ab"), frozenset("a"), frozenset("c")]
    >>> equal_shares({"a": 40, "b": 25, "c": 30}, votes, 90).chosen
    ('a', 'c')
    """
    if not votes or any(cost <= 0 for cost in costs.values()) or not frozenset().union(*votes) <= set(costs):
        raise ValueError("equal shares need votes, costs above 0 and votes for listed projects")
    supporters = {code: [v for v, vote in enumerate(votes) if code in vote] for code in sorted(costs)}
    found = _round(costs, supporters, len(votes), Fraction(budget, len(votes)))
    if not completed:
        return found
    backed = {code for code, voters in supporters.items() if voters}
    while set(found.chosen) != backed:
        more = _round(costs, supporters, len(votes), found.endowment + 1)
        if more.spent > budget:
            break
        found = more  # a tie may be gone with the next unit
        if found.undecided and found.endowment > sum(costs.values()):
            break
    return found


def _round(
    costs: Mapping[str, int], supporters: Mapping[str, list[int]], voters: int, endowment: Fraction
) -> EqualShares:
    """Buy the project with the least share of its cost per supporter until no supporters can pay for one."""
    purse = [endowment] * voters
    chosen: list[str] = []
    while True:
        price = {
            code: share
            for code in supporters
            if code not in chosen and (share := _share(costs[code], supporters[code], purse)) is not None
        }
        if not price:
            return EqualShares(tuple(chosen), sum(costs[code] for code in chosen), endowment)
        least = min(price.values())
        cheapest = [code for code, share in price.items() if share == least]
        tied = _clashing(cheapest, costs, supporters, purse)
        if tied:
            return EqualShares(tuple(chosen), sum(costs[code] for code in chosen), endowment, tuple(tied))
        for code in cheapest:
            _pay(costs[code], supporters[code], purse)
            chosen.append(code)


def _share(cost: int, voters: Sequence[int], purse: Sequence[Fraction]) -> Fraction | None:
    """Largest part of the cost that one supporter pays when all pay alike as far as they can; None if they cannot."""
    paying = sorted(purse[voter] for voter in voters)
    if sum(paying) < cost:
        return None
    left = Fraction(cost)
    for position, most in enumerate(paying):
        share = left / (len(paying) - position)
        if share <= most:
            return share / cost
        left -= most
    return None


def _pay(cost: int, voters: Sequence[int], purse: list[Fraction]) -> None:
    share = (_share(cost, voters, purse) or Fraction(0)) * cost
    for voter in voters:
        purse[voter] -= min(purse[voter], share)


def _clashing(
    codes: Sequence[str], costs: Mapping[str, int], supporters: Mapping[str, list[int]], purse: Sequence[Fraction]
) -> list[str]:
    """Equally cheap projects whose order matters: after buying the others, one of them costs its voters more."""
    if len(codes) == 1:
        return []
    for last in codes:
        trial = list(purse)
        before = _share(costs[last], supporters[last], trial)
        for code in codes:
            if code != last:
                if _share(costs[code], supporters[code], trial) is None:
                    return list(codes)
                _pay(costs[code], supporters[code], trial)
        if _share(costs[last], supporters[last], trial) != before:
            return list(codes)
    return []
