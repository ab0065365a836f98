"""What would have to change for an award to change: one expert less, one criterion less, other weights, another rule.

Advice only. Source for the acceptability of weights: Lahdelma and Salminen (2001).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from scoring.advisory import AdvisoryResult
from scoring.aggregate import ApplicationTotal, Formulas, aggregate
from scoring.allocation import Candidate
from scoring.errors import RankingError, ScoringError
from scoring.explain import step
from scoring.fingerprint import input_hash
from scoring.marks import Application, Mark, MarkTable, tabulate_marks
from scoring.ranking import Status, competition_places, sort_keys, status_of
from scoring.rules import Rules
from scoring.walk import Walk
from scoring.weighting import WeightChange, Weighting

_ROBUST_TRIM: Final = 1


@dataclass(frozen=True, slots=True)
class ListChange:
    """Who enters and who leaves the award list when one thing is otherwise; ``why`` where it cannot be computed."""

    name: str
    enter: tuple[str, ...]
    leave: tuple[str, ...]
    why: str | None = None

    def to_json(self, key: str) -> dict[str, object]:
        """Plain data with the name under ``key``."""
        found: dict[str, object] = {key: self.name, "enter": list(self.enter), "leave": list(self.leave)}
        return found if self.why is None else {**found, "why": self.why}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One application: whether it is awarded, and each single change that would turn that round."""

    application: str
    awarded: bool
    changes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data of the row."""
        return {"application": self.application, "awarded": self.awarded, "changes": list(self.changes)}


@dataclass(frozen=True, kw_only=True)
class Robustness(AdvisoryResult):
    """The award list held against everything that could have been otherwise."""

    awarded: tuple[str, ...]
    without_expert: tuple[ListChange, ...]
    without_criterion: tuple[ListChange, ...]
    weight_change: tuple[WeightChange, ...]
    weight_acceptance: tuple[tuple[str, float], ...]
    other_rules: tuple[ListChange, ...]
    what_would_have_to_change: tuple[Verdict, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data, as the format of the ``robust`` command names it."""
        return {
            "awarded": list(self.awarded),
            "without_expert": [row.to_json("expert") for row in self.without_expert],
            "without_criterion": [row.to_json("criterion") for row in self.without_criterion],
            "weight_change": [row.to_json() for row in self.weight_change],
            "weight_acceptance": dict(self.weight_acceptance),
            "other_rules": [row.to_json("rule") for row in self.other_rules],
            "what_would_have_to_change": [row.to_json() for row in self.what_would_have_to_change],
            "steps": [one.to_json() for one in self.steps],
            "rules_hash": self.rules_hash,
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


def robustness(
    rules: Rules, applications: Sequence[Application], marks: Sequence[Mark], *, seed: int = 1, draws: int = 5000
) -> Robustness:
    """Hold the award list against one expert less, one criterion less, other weights and other rules.

    Parameters
    ----------
    rules : Rules
        With lots.
    applications : sequence of Application
        With requested sums.
    marks : sequence of Mark
    seed, draws : int
        Of the weights drawn uniformly over all weights.

    Returns
    -------
    Robustness
        Lists by code; weights in their own unit; acceptance as probabilities.

    Raises
    ------
    RankingError
        No lots, or a request is missing.
    MarkError, ApplicationError
        Input that the rules do not allow.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import AllocationRule, Criterion, Lot
    >>> rules = Rules(
    ...     criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),),
    ...     lots=(Lot("L", 50),), allocation=AllocationRule("stop"), min_experts=1,
    ... )
    >>> marks = [Mark(a, e, "c", x) for a, pair in {"A": "96", "B": "77"}.items() for e, x in zip("EF", pair)]
    >>> found = robustness(rules, [Application("A", "L", 50), Application("B", "L", 50)], marks)
    >>> found.awarded, [(row.name, row.enter, row.leave) for row in found.without_expert]
    (('A',), [('E', ('B',), ('A',)), ('F', (), ())])
    """
    if not rules.lots or any(application.requested_kop is None for application in applications):
        raise RankingError("an award list needs lots and a requested sum of every application")
    table = tabulate_marks(rules, marks, applications)
    base = aggregate(rules, table)
    awarded = award_list(rules, base)
    experts = _without_experts(rules, table, base, awarded)
    criteria = tuple(_without_criterion(rules, table, code, awarded) for code in _counted(rules))
    others = tuple(_under_rule(rules, table, base, name, awarded) for name in _other_names(rules))
    order = _official_order(rules, base)
    weighting = Weighting(rules, [by_code for by_code in base if by_code.total is not None], order)
    changes = weighting.changes(awarded)
    return Robustness(
        awarded=tuple(sorted(awarded)),
        without_expert=experts,
        without_criterion=criteria,
        weight_change=changes,
        weight_acceptance=tuple(sorted(weighting.acceptance(seed, draws).items())),
        other_rules=others,
        what_would_have_to_change=_verdicts(base, awarded, _Changes(experts, criteria, others, changes)),
        steps=(step("held_against", len(awarded), experts=len(experts), criteria=len(criteria), draws=draws),),
        rules_hash=rules.digest,
        input_hash=input_hash(rules, table, marks),
    )


def award_list(rules: Rules, totals: Sequence[ApplicationTotal]) -> frozenset[str]:
    """Rank and award totals; return the codes that receive money."""
    places = list_places(rules, totals)
    candidates = [_candidate(rules, total, places.get(total.application.code)) for total in totals]
    walk = Walk(rules, candidates, None)
    walk.run()
    return frozenset(code for code, (amount, _) in walk.awards.items() if amount)


def list_places(rules: Rules, totals: Sequence[ApplicationTotal]) -> dict[str, int]:
    """Places inside the lots, of applications that have a score."""
    keys = sort_keys(rules, totals)
    by_lot: dict[str, list[str]] = {}
    for total in totals:
        if total.total is not None:
            by_lot.setdefault(total.application.lot, []).append(total.application.code)
    places: dict[str, int] = {}
    for codes in by_lot.values():
        places.update(competition_places(sorted(codes, key=keys.__getitem__), keys))
    return places


def _candidate(rules: Rules, total: ApplicationTotal, place: int | None) -> Candidate:
    one = total.application
    status = status_of(rules, total)[0] if total.total is not None else Status.INSUFFICIENT
    return Candidate(
        application=one.code,
        lot=one.lot,
        place=place,
        score=total.total,
        requested_kop=one.requested_kop or 0,
        smallest_kop=one.smallest_kop,
        applicant=one.applicant,
        status=status.value,
    )


def _counted(rules: Rules) -> list[str]:
    return [criterion.code for criterion in rules.criteria if criterion.counted]


def _official_order(rules: Rules, totals: Sequence[ApplicationTotal]) -> dict[str, int]:
    """Rank of every application by the score and the chain over all lots, for ties of other weights."""
    keys = sort_keys(rules, totals)
    return {code: index for index, code in enumerate(sorted(keys, key=lambda code: (keys[code], code)))}


# -- one thing less ------------------------------------------------------------------------------------------------


def _change(name: str, awarded: frozenset[str], other: frozenset[str]) -> ListChange:
    return ListChange(name, tuple(sorted(other - awarded)), tuple(sorted(awarded - other)))


def _without_experts(
    rules: Rules, table: MarkTable, base: Sequence[ApplicationTotal], awarded: frozenset[str]
) -> tuple[ListChange, ...]:
    """Leave out each expert in turn; only the applications that he or she marked are computed anew."""
    formulas = Formulas(rules, table)
    experts = sorted({expert for of_experts in table.points.values() for expert in of_experts})
    found = []
    for expert in experts:
        if rules.combine == "sum":  # without the expert the sums may be of unequal numbers, which are no sums
            points = {code: _less(of_experts, expert) for code, of_experts in table.points.items()}
            found.append(_recomputed(expert, rules, replace(table, points=points), awarded))
            continue
        totals = [
            formulas.total(total.application, _less(marked, expert))
            if expert in (marked := table.points.get(total.application.code, {}))
            else total
            for total in base
        ]
        found.append(_change(expert, awarded, award_list(rules, totals)))
    return tuple(found)


def _recomputed(name: str, rules: Rules, table: MarkTable, awarded: frozenset[str]) -> ListChange:
    """The list from other marks or criteria, or why the rules refuse to make one of them.

    The reason names no application: a report may be read by a person from whom one of them is hidden.
    """
    try:
        totals = aggregate(rules, table)
    except RankingError:
        return ListChange(name, (), (), "the rules sum over experts, and there would be unequal numbers of experts")
    return _change(name, awarded, award_list(rules, totals))


def _less(of_experts: Mapping[str, dict[str, str | None]], expert: str) -> dict[str, dict[str, str | None]]:
    return {other: marks for other, marks in of_experts.items() if other != expert}


def _without_criterion(rules: Rules, table: MarkTable, code: str, awarded: frozenset[str]) -> ListChange:
    criteria = tuple(replace(one, counted=False, pass_mark=None) if one.code == code else one for one in rules.criteria)
    left = {one.code for one in criteria if one.counted and one.weight > 0}
    own = [{name for name, weight in lot.criteria_weights if weight > 0} for lot in rules.lots if lot.criteria_weights]
    counted = {one.code for one in criteria if one.counted}
    if not left or any(not names & counted for names in own):
        return ListChange(code, (), (), "nothing is left to rank by")
    ties = tuple(link for link in rules.tie_breaks if (link.by, link.name) != ("criterion", code))
    fewer = replace(rules, criteria=criteria, tie_breaks=ties)
    return _recomputed(code, fewer, table, awarded)


# -- another rule --------------------------------------------------------------------------------------------------


def _other_names(rules: Rules) -> list[str]:
    names = [name for name in ("mean", "trimmed", "median") if name != rules.combine]
    return [*names, *(name for name in ("stop", "skip", "marginal") if name != rules.allocation.rule)]


def _under_rule(
    rules: Rules, table: MarkTable, base: Sequence[ApplicationTotal], name: str, awarded: frozenset[str]
) -> ListChange:
    if name in ("stop", "skip", "marginal"):
        return _change(name, awarded, award_list(_with_allocation(rules, name), base))
    try:
        totals = aggregate(_with_combine(rules, name), table)
    except ScoringError as error:
        return ListChange(name, (), (), error.message)
    scored = {total.application.code for total in base if total.total is not None}
    lost = [one.application.code for one in totals if one.total is None and one.application.code in scored]
    if lost:
        return ListChange(name, (), (), f"{len(lost)} applications have too few marks for it")
    return _change(name, awarded, award_list(_with_combine(rules, name), totals))


def _with_allocation(rules: Rules, name: str) -> Rules:
    plan = rules.allocation
    if name == "stop":
        return replace(rules, allocation=replace(plan, rule="stop"))
    return replace(rules, allocation=replace(plan, rule="skip" if name == "skip" else "marginal"))


def _with_combine(rules: Rules, name: str) -> Rules:
    if name == "mean":
        return replace(rules, combine="mean")
    if name == "median":
        return replace(rules, combine="median")
    return replace(rules, combine="trimmed", trim=_ROBUST_TRIM)


# -- the one table ---------------------------------------------------------------------------------------------------


class _Changes(NamedTuple):
    experts: tuple[ListChange, ...]
    criteria: tuple[ListChange, ...]
    rules: tuple[ListChange, ...]
    weights: tuple[WeightChange, ...]

    def named(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Each change in words and the applications that it turns round."""
        kinds = {"without expert": self.experts, "without criterion": self.criteria, "under the rule": self.rules}
        for kind, rows in kinds.items():
            for row in rows:
                yield f"{kind} {row.name}", (*row.enter, *row.leave)
        for change in self.weights:
            for way, size, turns in (("down", change.down, change.down_turns), ("up", change.up, change.up_turns)):
                if size is not None:
                    yield f"weight of {change.criterion} {way} by more than {size:.4g}", turns


def _verdicts(base: Sequence[ApplicationTotal], awarded: frozenset[str], found: _Changes) -> tuple[Verdict, ...]:
    """Collect, for every application, each single change that would turn its award round."""
    turned: dict[str, list[str]] = {total.application.code: [] for total in base}
    for words, codes in found.named():
        for code in codes:
            turned[code].append(words)
    return tuple(Verdict(code, code in awarded, tuple(changes)) for code, changes in sorted(turned.items()) if changes)
