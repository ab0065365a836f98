"""An independent look at an allocation: what must hold whatever the rule, and what each rule promises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from scoring import Allocation, Award, Candidate, Rules

PAID = {"funded", "partial", "pooled"}


def faults(rules: Rules, candidates: Sequence[Candidate], allocation: Allocation) -> list[str]:
    """Every broken promise in words; nothing where all is well."""
    return [
        *_sums(rules, candidates, allocation),
        *_eligibility(rules, candidates, allocation),
        *_order(rules, candidates, allocation),
        *_cap(rules, candidates, allocation),
    ]


def _sums(rules: Rules, candidates: Sequence[Candidate], allocation: Allocation) -> list[str]:
    wrong = []
    by_code = {one.application: one for one in candidates}
    spent: dict[str, int] = defaultdict(int)
    pooled = 0
    if {award.application for award in allocation.awards} != set(by_code):
        wrong.append("not every application has an award")
    for award in allocation.awards:
        wrong += _amount(award, by_code[award.application].requested_kop)
        if award.outcome == "pooled":
            pooled += award.amount_kop
        else:
            spent[award.lot] += award.amount_kop
    for lot, balance in zip(rules.lots, allocation.lots, strict=True):
        if (balance.code, balance.fund_kop, balance.spent_kop) != (lot.code, lot.fund_kop, spent[lot.code]):
            wrong.append(f"lot {lot.code}: balance {balance}, counted {spent[lot.code]}")
        if balance.left_kop < 0:
            wrong.append(f"lot {lot.code} is overspent")
    inside = [one for one in allocation.lots if one.code not in rules.allocation.pool_without_lots]
    if pooled > sum(one.left_kop for one in inside):
        wrong.append("the pool is overspent")
    return wrong


def _amount(award: Award, asked: int) -> list[str]:
    told = f"{award.application}: {award.outcome} {award.amount_kop} of {asked}"
    right = 0 <= award.amount_kop <= asked and (award.amount_kop > 0) == (award.outcome.value in PAID)
    return [] if right and (award.outcome != "funded" or award.amount_kop == asked) else [told]


def _passes(rules: Rules, one: Candidate) -> bool:
    lot = rules.lot(one.lot)
    mark = (lot.pass_mark if lot is not None and lot.pass_mark is not None else None) or rules.pass_mark
    if one.status != "ranked" or one.score is None:
        return False
    if mark is None:
        return True
    return one.score >= Fraction(mark) if rules.direction == "higher" else one.score <= Fraction(mark)


def _eligibility(rules: Rules, candidates: Sequence[Candidate], allocation: Allocation) -> list[str]:
    below = {award.application for award in allocation.awards if award.outcome == "below_pass_mark"}
    expected = {one.application for one in candidates if not _passes(rules, one)}
    return [f"below the pass mark: {sorted(below)} for {sorted(expected)}"] if below != expected else []


def _order(rules: Rules, candidates: Sequence[Candidate], allocation: Allocation) -> list[str]:
    awards = {award.application: award for award in allocation.awards}
    wrong = []
    for lot in rules.lots:
        mine = [one for one in candidates if one.lot == lot.code and _passes(rules, one) and one.requested_kop]
        paid = [one for one in mine if awards[one.application].outcome.value in ("funded", "partial")]
        unpaid = [one for one in mine if awards[one.application].amount_kop == 0]
        for loser in unpaid:
            behind = [one for one in paid if (one.place or 0) > (loser.place or 0)]
            if rules.allocation.rule == "skip":
                behind = [one for one in behind if one.requested_kop >= loser.requested_kop]
            capped = rules.allocation.cap_per_applicant_kop is not None
            tied = awards[loser.application].outcome == "tie_at_cut"
            if behind and not capped and not tied and rules.allocation.rule != "bands":
                wrong.append(f"{loser.application} is passed over for {behind[0].application}")
    return wrong


def _cap(rules: Rules, candidates: Sequence[Candidate], allocation: Allocation) -> list[str]:
    cap = rules.allocation.cap_per_applicant_kop
    if cap is None:
        return []
    owners = {one.application: one.applicant or f"alone {one.application}" for one in candidates}
    held: dict[str, int] = defaultdict(int)
    for award in allocation.awards:
        held[owners[award.application]] += award.amount_kop
    return [f"{owner} holds {amount}, over the cap {cap}" for owner, amount in held.items() if amount > cap]
