"""What marks of linked experts did: the list with and without them, and whether they run high beside the same
experts' other marks.

Advice only. A severe or generous expert is no partial one: what counts is how far a mark lies from what this
application and this expert would have, so marks are compared as residuals of the crossed effects, and by chance only
the applications of one expert are exchanged. Source: Good (2005) for permutation inside blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod
from typing import Final

import numpy as np

from scoring.advisory import AdvisoryResult
from scoring.aggregate import ApplicationTotal, Formulas, aggregate
from scoring.digest import digest
from scoring.errors import MarkError, PairError, RankingError
from scoring.explain import step
from scoring.fingerprint import input_hash
from scoring.marks import Application, Mark, MarkTable, tabulate_marks
from scoring.pairs import Link
from scoring.problems import Flags
from scoring.ratings import Floats, Ratings, expert_ratings
from scoring.robustness import ListChange, award_list, list_places
from scoring.rules import Rules
from scoring.severity import fit_effects

MOST_EXACT: Final = 20_000
"""Exchanges up to which all of them are counted instead of drawn."""
_EQUAL: Final = 1e-9


@dataclass(frozen=True, slots=True)
class LinkedMark:
    """One linked mark: the expert's total, its residual in points, and the application's lot with and without it."""

    expert: str
    application: str
    rating: float | None
    residual: float | None
    place: int | None
    place_without: int | None
    awarded: bool
    awarded_without: bool

    def to_json(self) -> dict[str, object]:
        """Plain data of the row."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Favour:
    """Mean residual of linked marks against the rest, in points towards the better end of the scale.

    ``p`` is the share of exchanges inside experts that favour the linked applications at least as much; None, with
    ``why``, where nothing can be exchanged or the marks are too few for a model.
    """

    linked: int
    rest: int
    mean_linked: float | None
    mean_rest: float | None
    difference: float | None
    p: float | None
    exchanges: int
    exact: bool
    why: str | None

    def to_json(self) -> dict[str, object]:
        """Plain data of the comparison."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, kw_only=True)
class WhatIf(AdvisoryResult):
    """The list without linked marks, by expert and altogether, and the comparison of residuals."""

    pairs: tuple[LinkedMark, ...]
    without_expert: tuple[ListChange, ...]
    without_all: ListChange
    favour: Favour

    def to_json(self) -> dict[str, object]:
        """Plain data, as the ``conflicts`` command prints it."""
        return {
            "pairs": [row.to_json() for row in self.pairs],
            "without_expert": [row.to_json("expert") for row in self.without_expert],
            "without_all": {"enter": list(self.without_all.enter), "leave": list(self.without_all.leave)},
            "favour": self.favour.to_json(),
            "steps": [one.to_json() for one in self.steps],
            "rules_hash": self.rules_hash,
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


def conflicts_what_if(
    rules: Rules,
    applications: Sequence[Application],
    marks: Sequence[Mark],
    links: Sequence[Link],
    *,
    seed: int = 1,
    draws: int = 10_000,
) -> WhatIf:
    """Hold the list against the marks of linked experts.

    Parameters
    ----------
    rules : Rules
        With lots.
    applications : sequence of Application
        With requested sums.
    marks : sequence of Mark
    links : sequence of Link
        A link without a scored mark (a recused expert) is listed and changes nothing.
    seed, draws : int
        Of the exchanges, where there are too many to count all of them.

    Returns
    -------
    WhatIf

    Raises
    ------
    PairError
        A link twice, or one that names an unknown application.
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
    >>> points = {"A": "95", "B": "67", "C": "34"}
    >>> marks = [Mark(a, e, "c", x) for a, pair in points.items() for e, x in zip("EF", pair)]
    >>> found = conflicts_what_if(rules, [Application(a, "L", 50) for a in points], marks, [Link("E", "A")])
    >>> found.without_all.enter, found.without_all.leave, round(found.favour.p, 2)
    (('B',), ('A',), 0.33)
    """
    if not rules.lots or any(application.requested_kop is None for application in applications):
        raise RankingError("an award list needs lots and a requested sum of every application")
    table = tabulate_marks(rules, marks, applications)
    chosen = _checked(links, {application.code for application in applications})
    lists = _Lists(rules, table)
    ratings, _ = expert_ratings(rules, table)
    residuals, why = _residuals(ratings)
    experts = sorted({link.expert for link in chosen})
    if residuals is None:
        favour = _unknown(ratings, chosen, why or "")
    else:
        favour = _favour(ratings, residuals if rules.direction == "higher" else -residuals, chosen, (seed, draws))
    return WhatIf(
        pairs=tuple(lists.row(link, ratings, residuals) for link in chosen),
        without_expert=tuple(
            lists.change(expert, [one for one in chosen if one.expert == expert]) for expert in experts
        ),
        without_all=lists.change("", chosen),
        favour=favour,
        steps=(step("linked_marks", favour.linked, experts=len(experts), exchanges=favour.exchanges),),
        rules_hash=rules.digest,
        input_hash=digest([input_hash(rules, table, marks), [list(link) for link in chosen], seed, draws]),
    )


def _checked(links: Sequence[Link], known: set[str]) -> list[Link]:
    seen: set[Link] = set()
    for index, link in enumerate(links):
        if not link.expert or not link.application:
            column = "application" if link.expert else "expert"
            raise PairError("must not be empty", column=column, index=index)
        if link in seen:
            raise PairError(f"a second line of {link.expert}, {link.application}", column="expert", index=index)
        if link.application not in known:
            raise PairError(f"unknown application {link.application!r}", column="application", index=index)
        seen.add(link)
    return sorted(seen)


class _Lists:
    """The list with all marks, and without the marks of some links."""

    def __init__(self, rules: Rules, table: MarkTable) -> None:
        self._rules, self._table = rules, table
        self._formulas = Formulas(rules, table)
        self._base = aggregate(rules, table, self._formulas)
        self._awarded, self._places = award_list(rules, self._base), list_places(rules, self._base)

    def _without(self, links: Iterable[Link]) -> list[ApplicationTotal]:
        left_out: dict[str, set[str]] = {}
        for link in links:
            left_out.setdefault(link.application, set()).add(link.expert)
        totals = []
        for total in self._base:
            marked = self._table.points.get(total.application.code, {})
            out = left_out.get(total.application.code, set())
            kept = {expert: row for expert, row in marked.items() if expert not in out}
            totals.append(self._formulas.total(total.application, kept) if out else total)
        return totals

    def change(self, name: str, links: Sequence[Link]) -> ListChange:
        """Who enters and who leaves without the marks of these links."""
        other = award_list(self._rules, self._without(links))
        return ListChange(name, tuple(sorted(other - self._awarded)), tuple(sorted(self._awarded - other)))

    def row(self, link: Link, ratings: Ratings, residuals: Floats | None) -> LinkedMark:
        """One link with its mark and what leaving that mark out does to its application."""
        totals = self._without([link])
        at = _index(ratings).get((link.expert, link.application))
        return LinkedMark(
            expert=link.expert,
            application=link.application,
            rating=None if at is None else float(ratings.value[at]),
            residual=None if at is None or residuals is None else float(residuals[at]),
            place=self._places.get(link.application),
            place_without=list_places(self._rules, totals).get(link.application),
            awarded=link.application in self._awarded,
            awarded_without=link.application in award_list(self._rules, totals),
        )


def _index(ratings: Ratings) -> Mapping[tuple[str, str], int]:
    pairs = zip(ratings.judge, ratings.item, strict=True)
    return {(ratings.experts[e], ratings.applications[a]): number for number, (e, a) in enumerate(pairs)}


def _residuals(ratings: Ratings) -> tuple[Floats | None, str | None]:
    """What is left of each rating after its application and its expert; axis (rating,)."""
    try:
        fit = fit_effects(ratings)
    except MarkError as error:
        return None, error.message
    return ratings.value - fit.mu - fit.effect[ratings.item] - fit.severity[ratings.judge], None


def _unknown(ratings: Ratings, links: Sequence[Link], why: str) -> Favour:
    linked = int(_is_linked(ratings, links).sum())
    return Favour(linked, len(ratings.value) - linked, None, None, None, None, 0, True, why)


def _is_linked(ratings: Ratings, links: Sequence[Link]) -> Flags:
    where = _index(ratings)
    linked = np.zeros(len(ratings.value), dtype=np.bool_)
    linked[[where[link.expert, link.application] for link in links if link in where]] = True
    return linked


def _favour(ratings: Ratings, good: Floats, links: Sequence[Link], chance: tuple[int, int]) -> Favour:
    """Compare residuals that grow towards the better end of the scale; axis (rating,)."""
    linked = _is_linked(ratings, links)
    many, rest = int(linked.sum()), int((~linked).sum())
    if not many or not rest:
        return _unknown(ratings, links, "there is no linked mark beside others")
    sums, exact = _exchanged(good, linked, ratings, chance)
    mean_linked, mean_rest = float(good[linked].mean()), float(good[~linked].mean())
    difference = mean_linked - mean_rest
    if len(sums) <= 1:
        told = "every expert with a link has only linked marks: nothing can be exchanged"
        return Favour(many, rest, mean_linked, mean_rest, difference, None, len(sums), exact, told)
    reached = int((sums >= float(good[linked].sum()) - _EQUAL).sum())
    p = reached / len(sums) if exact else (reached + 1) / (len(sums) + 1)
    return Favour(many, rest, mean_linked, mean_rest, difference, p, len(sums), exact, None)


def _exchanged(good: Floats, linked: Flags, ratings: Ratings, chance: tuple[int, int]) -> tuple[Floats, bool]:
    """Sum of linked residuals under exchanges inside experts: all of them, or so many draws; the total decides all.

    With the number of linked marks fixed, the difference of means grows with this sum and with nothing else.
    """
    blocks = [
        (good[ratings.judge == expert], int(linked[ratings.judge == expert].sum()))
        for expert in range(len(ratings.experts))
    ]
    blocks = [(values, count) for values, count in blocks if count]
    if prod(comb(len(values), count) for values, count in blocks) <= MOST_EXACT:
        choices = [
            [float(values[list(one)].sum()) for one in combinations(range(len(values)), count)]
            for values, count in blocks
        ]
        return np.array([sum(parts) for parts in product(*choices)]), True
    seed, draws = chance
    draw = np.random.default_rng(seed)
    sums = np.zeros(draws)
    for values, count in blocks:
        order = draw.random((draws, len(values))).argsort(axis=1)[:, :count]
        sums += values[order].sum(axis=1)
    return sums, False
