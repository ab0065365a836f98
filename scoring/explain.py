"""How a result came about, step by step: a label key, the operands and the result of each step.

Minutes, pages and documents show the same steps; ``TEXTS`` says each in plain English, and an application that
speaks another language translates the template by its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple


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
    "expert_total": "Expert {expert} gives {result} in all.",
    "criterion_combined": "Criterion {criterion}: the marks of the experts combine ({combine}) to {result}.",
    "criterion_weighted": "Criterion {criterion} with its weight: {result}.",
    "experts_counted": "{result} experts are counted; the rules ask for at least {needed}.",
    "totals_combined": "The totals of the experts combine ({combine}): {result}.",
    "criteria_added": "The weighted criteria add up to {result}.",
    "fixed_points": "Fixed points of {points} are added: {result}.",
    "total_rounded": "The total is rounded to {places} places ({mode}): {result}.",
    "insufficient": "There are too few counted marks for a score.",
    "pass_mark": "The total is compared with the pass mark {pass_mark}: {result}.",
    "criterion_pass_mark": "Criterion {criterion}, {combined}, is compared with its pass mark {pass_mark}: {result}.",
    "place": "Place in the list{lot}: {result}.",
    "separated_by": "An equal score was separated by {result}.",
    "tied_with": "The tie chain does not separate it from {result} other applications.",
    "lot_opened": "Lot {lot}: the fund is {fund_kop} kopiykas; the rule is {rule}.",
    "not_eligible": "{application} does not take part: {reason}.",
    "band_share": "{application} is in the band from {start}: {share_bp} basis points of {requested_kop}, {result}.",
    "below_bands": "{application} lies below the lowest band and receives nothing.",
    "asks_nothing": "{application} asks for nothing and receives nothing.",
    "funded": "{application} (place {place}) receives {result} of {left_kop} kopiykas left.",
    "not_fitting": "{application} (place {place}) needs {need_kop}, only {left_kop} kopiykas are left.",
    "over_cap": "{application} would take its applicant to {reached_kop}, over the cap of {cap_kop} kopiykas.",
    "remainder_paid": "{application} (place {place}) needs {need_kop}; it receives the remainder of {result}.",
    "remainder_too_small": "The remainder of {left_kop} is too small for {application}: it would take {least_kop}.",
    "tie_at_cut": "{applications} share place {place} and do not fit together into {left_kop} kopiykas: undecided.",
    "draw": "Equal places are drawn by SHA-256 of the seed {seed} and the code: {result}.",
    "lot_stopped": "The walk of lot {lot} stops here.",
    "lot_closed": "Lot {lot}: {spent_kop} kopiykas are awarded, {result} are left.",
    "pool_opened": "What the lots have left is pooled: {result} kopiykas.",
    "pooled": "{application} receives {result} of the pool of {left_kop} kopiykas.",
    "pool_not_fitting": "{application} needs {need_kop}, the pool has {left_kop} kopiykas.",
    "pool_closed": "{result} kopiykas of the pool stay unspent.",
    "agreement_over": "{result} ratings of {applications} applications by {experts} experts.",
    "shortage": "{result} places of experts are missing for {applications}: {why}.",
    "assigned_sum": "The total affinity is {result}; no assignment reaches more than {bound}.",
    "assigned_fair": "The worst-served application gets {result}; no assignment gives its worst more than {bound}.",
    "assigned_random": "The draw has the total affinity {result}; with the announced limit {bound} is expected.",
    "worst_served": "The worst-served application is {application}, with affinity {result}.",
    "loads": "Experts have from {least} to {result} applications.",
    "parts": "By pairs with two applications in common the experts form {result} connected parts.",
    "connection_paid": "For the connection {result} of affinity is given up, of {limit} that were allowed.",
    "kept_previous": "{result} previous experts stay with their applications.",
    "calibrated": "{result} ratings are calibrated (prior {prior}); {draws} draws with seed {seed}.",
    "held_against": "{result} awards are held against {experts} experts, {criteria} criteria and {draws} weightings.",
    "released": "{amount_kop} kopiykas are released to the reserve of lot {lot}.",
}


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
    """Say a step in plain English.

    >>> sentence(step("total_rounded", "62.13", places=2, mode="half_up"))
    'The total is rounded to 2 places (half_up): 62.13.'
    """
    return TEXTS[one.key].format(**dict(one.operands), result=one.result)


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

    >>> explain([step("insufficient")])[0]["text"]
    'There are too few counted marks for a score.'
    """
    return tuple({**one.to_json(), "text": sentence(one)} for one in steps)
