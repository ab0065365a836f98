"""How a result came about, step by step: a label key, the operands and the result of each step.

Minutes, pages and documents show the same steps; ``TEXTS`` says each in plain English, and an application that
speaks another language translates the template by its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

_UNIT: Final = "kop."


class Step(NamedTuple):
    """One step of a computation or of a walk down the list.

    >>> Step("place", (("lot", "small"),), "3").to_json()
    {'key': 'place', 'operands': {'lot': 'small'}, 'result': '3'}
    """

    key: str
    operands: tuple[tuple[str, str], ...]
    result: str

    def to_json(self) -> dict[str, object]:
        """Plain data of the step."""
        return {"key": self.key, "operands": dict(self.operands), "result": self.result}


TEXTS: Final[dict[str, str]] = {
    # from marks to the score
    "expert_total": "Expert %(expert)s in all: %(formula)s = %(result)s.",
    "expert_total_rounded": "The total of expert %(expert)s, %(before)s, is rounded to %(places)s places (%(mode)s): "
    "%(result)s.",
    "expert_not_counted": "Expert %(expert)s is not counted: there is no mark on %(criteria)s.",
    "experts_counted": "Experts counted: %(result)s; the rules ask for at least %(needed)s.",
    "totals_combined": "The totals of the experts, in order %(values)s, combine (%(combine)s): "
    "%(formula)s = %(result)s.",
    "criterion_combined": "Criterion %(criterion)s: the marks, in order %(values)s, combine (%(combine)s): "
    "%(formula)s = %(result)s.",
    "criterion_combined_rounded": "Criterion %(criterion)s: %(before)s is rounded to %(places)s places (%(mode)s): "
    "%(result)s.",
    "criterion_weighted": "Criterion %(criterion)s with its weight: %(formula)s = %(result)s.",
    "criterion_weighted_rounded": "Criterion %(criterion)s with its weight: %(before)s is rounded to %(places)s places "
    "(%(mode)s): %(result)s.",
    "criteria_added": "The weighted criteria add up: %(formula)s = %(result)s.",
    "fixed_points": "Fixed points are added: %(before)s + %(points)s = %(result)s.",
    "total_rounded": "The total %(before)s is rounded to %(places)s places (%(mode)s): %(result)s.",
    "insufficient": "Too few counted marks for a score: %(counted)s of at least %(needed)s.",
    "insufficient_criterion": "No score: nobody marked criterion %(criterion)s, which has a pass mark of its own.",
    "insufficient_robust": "Too few counted marks for this way to combine (%(combine)s): %(counted)s of at least "
    "%(needed)s.",
    "pass_mark": "The score %(score)s is compared with the pass mark %(pass_mark)s: %(result)s.",
    "criterion_pass_mark": "Criterion %(criterion)s, %(combined)s, is compared with its pass mark %(pass_mark)s: "
    "%(result)s.",
    # from the score to the place
    "place": "Applications that stand higher: %(better)s. Place: %(result)s.",
    "place_in_lot": "Applications of lot %(lot)s that stand higher: %(better)s. Place: %(result)s.",
    "tie_not_separated": "%(result)s does not separate it from %(other)s with an equal score: both have %(mine)s.",
    "separated_by": "%(result)s separates it from %(other)s with an equal score: %(mine)s against %(theirs)s, the "
    "better is the %(direction)s one.",
    "tied_with": "Applications that the tie chain does not separate from it: %(result)s.",
    # from the list to the money
    "lot_opened": "Lot %(lot)s: the fund is %(fund_kop)s; the rule is %(rule)s.",
    "not_eligible": "%(application)s does not take part: %(reason)s.",
    "band_share": "%(application)s is in the band from %(start)s: %(share_bp)s basis points of %(requested_kop)s, "
    "%(result)s.",
    "below_bands": "%(application)s lies below the lowest band and receives nothing.",
    "asks_nothing": "%(application)s asks for nothing and receives nothing.",
    "funded": "%(application)s (place %(place)s) receives %(result)s: of %(left_kop)s %(after_kop)s are left.",
    "not_fitting": "%(application)s (place %(place)s) needs %(need_kop)s, only %(left_kop)s are left.",
    "over_cap": "%(application)s needs %(need_kop)s; with the %(held_kop)s of its applicant that would be "
    "%(reached_kop)s, over the cap of %(cap_kop)s.",
    "remainder_paid": "%(application)s (place %(place)s) needs %(need_kop)s; it receives the remainder of %(result)s "
    "(at least %(least_kop)s).",
    "remainder_too_small": "The remainder of %(left_kop)s is too small for %(application)s: it would take "
    "%(least_kop)s, the greatest of %(share_kop)s (%(marginal_bp)s basis points of %(requested_kop)s), its smallest "
    "useful sum %(smallest_kop)s and the lot's minimum %(minimum_kop)s.",
    "tie_at_cut": "%(applications)s share place %(place)s and need %(need_kop)s together, but %(left_kop)s are left: "
    "undecided.",
    "draw": "Equal places are drawn by SHA-256 of the seed %(seed)s and the code: %(result)s.",
    "lot_stopped": "The walk of lot %(lot)s stops here.",
    "lot_closed": "Lot %(lot)s: of %(fund_kop)s %(spent_kop)s are awarded, %(result)s are left.",
    "pool_opened": "What the lots have left is pooled: %(result)s.",
    "pooled": "%(application)s receives %(result)s: of the pool of %(left_kop)s %(after_kop)s are left.",
    "pool_not_fitting": "%(application)s needs %(need_kop)s, the pool has %(left_kop)s.",
    "pool_closed": "%(result)s of the pool stay unspent.",
    "released": "%(amount_kop)s are released to the reserve of lot %(lot)s.",
    # advice
    "agreement_over": "%(result)s ratings of %(applications)s applications by %(experts)s experts.",
    "shortage": "%(result)s places of experts are missing for %(applications)s: %(why)s.",
    "assigned_sum": "The total affinity is %(result)s; no assignment reaches more than %(bound)s.",
    "assigned_fair": "The worst-served application gets %(result)s; no assignment gives its worst more than %(bound)s.",
    "assigned_random": "The draw has the total affinity %(result)s; with the announced limit %(bound)s is expected.",
    "worst_served": "The worst-served application is %(application)s, with affinity %(result)s.",
    "loads": "Experts have from %(least)s to %(result)s applications.",
    "parts": "By pairs with two applications in common the experts form %(result)s connected parts.",
    "connection_paid": "For the connection %(result)s of affinity is given up, of %(limit)s that were allowed.",
    "kept_previous": "%(result)s previous experts stay with their applications.",
    "calibrated": "%(result)s ratings are calibrated (prior %(prior)s); %(draws)s draws with seed %(seed)s.",
    "linked_marks": "%(result)s marks of %(experts)s linked experts are held against %(exchanges)s exchanges.",
    "held_against": "%(result)s awards are held against %(experts)s experts, %(criteria)s criteria and %(draws)s "
    "weightings.",
}
"""Sentences by key, as messages: ``gettext(TEXTS[key]) % {**operands, "result": result}`` says a step in any language.

Operands that are words of the rules (``combine``, ``mode``, ``rule``, ``direction``, ``reason``, the result of a
comparison with a pass mark) stand as the rules write them. Operands that end in ``_kop``, and the results of
``SUMS``, are whole kopiykas for whoever speaks to print with a unit.
"""
SUMS: Final = frozenset(
    {"band_share", "funded", "remainder_paid", "lot_closed", "pool_opened", "pooled", "pool_closed"}
)


def step(key: str, result: object = "", /, **operands: object) -> Step:
    """Make a step, its operands in the order given.

    Raises
    ------
    KeyError
        The key has no sentence in ``TEXTS``.

    >>> step("total_rounded", "62.13", places=2, mode="half_up").result
    '62.13'
    """
    TEXTS[key]
    return Step(key, tuple((name, str(value)) for name, value in operands.items()), str(result))


def sentence(one: Step) -> str:
    """Say a step in plain English; sums in kopiykas.

    >>> sentence(step("total_rounded", "62.13", before="62.125", places=2, mode="half_up"))
    'The total 62.125 is rounded to 2 places (half_up): 62.13.'
    >>> sentence(step("pool_closed", 250))
    '250 kop. of the pool stay unspent.'
    """
    operands = {name: f"{value} {_UNIT}" if name.endswith("_kop") else value for name, value in one.operands}
    result = f"{one.result} {_UNIT}" if one.key in SUMS else one.result
    return TEXTS[one.key] % {**operands, "result": result}


def explain(steps: Iterable[Step]) -> tuple[dict[str, object], ...]:
    """Write steps as plain data with their English sentence, in order.

    Parameters
    ----------
    steps : iterable of Step
        The ``steps`` of a ranking row, or the ``trace`` of an allocation.

    Returns
    -------
    tuple of dict
        Keys ``key``, ``operands``, ``result``, ``text``.

    >>> explain([step("lot_stopped", lot="small")])[0]["text"]
    'The walk of lot small stops here.'
    """
    return tuple({**one.to_json(), "text": sentence(one)} for one in steps)
