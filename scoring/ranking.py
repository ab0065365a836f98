"""Places: totals compared, ties broken by the published chain, and what separated whom.

Competition ranking (1, 2, 2, 4). Nothing but the score and the chain decides: never a code, never the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import Final, NamedTuple

from scoring.aggregate import ApplicationTotal, CriterionCell, Formulas, aggregate
from scoring.derivation import Derivation
from scoring.digest import ENGINE_VERSION
from scoring.errors import ApplicationError
from scoring.explain import Step, step
from scoring.fingerprint import input_hash
from scoring.marks import Application, Mark, tabulate_marks
from scoring.rounding import fixed_text, is_decimal, parse_decimal, plain_text
from scoring.rules import Rules, TieBreak

NOTHING: Final = "–"


class Status(StrEnum):
    """Whether an application stands in the list with a claim to money."""

    RANKED = "ranked"
    INSUFFICIENT = "insufficient"
    BELOW_PASS_MARK = "below_pass_mark"


@dataclass(frozen=True, kw_only=True)
class OfficialResult:
    """What every official result carries, so that it can be recomputed and compared."""

    rules_hash: str
    input_hash: str
    engine_version: str = ENGINE_VERSION


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One line of the ranked list.

    Attributes
    ----------
    place, place_overall : int or None
        Inside the lot and over all lots; None when insufficient.
    score : str or None
        As the minutes print it; ``score_exact`` is the same number as a fraction and decides the place.
    experts : int
        Counted experts.
    tied_with : tuple of str
        Codes of the same lot that the tie chain does not separate from this one.
    separated_by : str or None
        ``criterion:CODE``, ``column:NAME`` or ``worst_expert``.
    criteria : dict criterion -> CriterionCell
    expert_totals : dict expert -> str
    steps : tuple of Step
    """

    application: str
    lot: str
    place: int | None
    place_overall: int | None
    score: str | None
    score_exact: Fraction | None
    status: Status
    experts: int
    tied_with: tuple[str, ...]
    separated_by: str | None
    criteria: Mapping[str, CriterionCell] = field(hash=False)
    expert_totals: Mapping[str, str] = field(hash=False)
    steps: tuple[Step, ...]
    requested_kop: int | None
    smallest_kop: int | None
    applicant: str

    def to_json(self, *, steps: bool = True) -> dict[str, object]:
        """Plain data of the line, as the format of the ``rank`` command names it."""
        row: dict[str, object] = {
            "application": self.application,
            "lot": self.lot,
            "place": self.place,
            "place_overall": self.place_overall,
            "score": self.score,
            "score_exact": None if self.score_exact is None else str(self.score_exact),
            "status": self.status.value,
            "experts": self.experts,
            "tied_with": list(self.tied_with),
            "separated_by": self.separated_by,
            "criteria": {
                code: {
                    "combined": cell.combined_text,
                    "combined_exact": None if cell.combined is None else str(cell.combined),
                    "weighted": cell.weighted_text,
                }
                for code, cell in self.criteria.items()
            },
            "expert_totals": dict(self.expert_totals),
        }
        if steps:
            row["steps"] = [one.to_json() for one in self.steps]
        return row


@dataclass(frozen=True, kw_only=True)
class Ranking(OfficialResult):
    """The ranked list of a competition, by lot, place and code."""

    rows: tuple[RankingRow, ...]

    def __iter__(self) -> Iterator[RankingRow]:
        return iter(self.rows)

    def row(self, application: str) -> RankingRow:
        """Find the line of an application; raises KeyError where it is not listed."""
        for row in self.rows:
            if row.application == application:
                return row
        raise KeyError(application)

    def to_json(self) -> dict[str, object]:
        """Plain data of the whole list."""
        return {
            "ranking": [row.to_json() for row in self.rows],
            "rules_hash": self.rules_hash,
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


def rank(
    rules: Rules, applications: Sequence[Application] | None, marks: Sequence[Mark], *, detailed: bool = True
) -> Ranking:
    """Rank the applications of a competition by its published rules.

    Parameters
    ----------
    rules : Rules
    applications : sequence of Application or None
        None makes one application of every code among the marks, without lots, sums or columns.
    marks : sequence of Mark
        In any order; only marks in the state ``scored`` count.
    detailed : bool
        Whether the steps of a line begin with every expert and criterion, by formulas with their numbers; without
        them ten thousand applications take half the time.

    Returns
    -------
    Ranking
        Independent of the order of the rows and of the codes.

    Raises
    ------
    MarkError, ApplicationError, RankingError
        Input that the rules do not allow; nothing is ranked then.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> points = {"A": ("7", "8"), "B": ("9", "9"), "C": ("8", "7")}
    >>> marks = [Mark(a, e, "c", x) for a, pair in points.items() for e, x in zip(("E", "F"), pair)]
    >>> [(row.application, row.place, row.score) for row in rank(rules, None, marks)]
    [('B', 1, '90.00'), ('A', 2, '75.00'), ('C', 2, '75.00')]
    """
    if applications is None and any(lot.criteria_weights is not None for lot in rules.lots):
        raise ApplicationError("applications with their lots are needed: a lot has weights of its own", column="lots")
    table = tabulate_marks(rules, marks, applications)
    formulas = Formulas(rules, table)
    totals = aggregate(rules, table, formulas)
    keys = sort_keys(rules, totals)
    overall = competition_places(sorted(keys, key=keys.__getitem__), keys)
    by_lot: dict[str, list[str]] = {}
    for total in totals:
        by_lot.setdefault(total.application.lot, []).append(total.application.code)
    by_code = {total.application.code: total for total in totals}
    printer = _Printer(rules, Derivation(rules, table, formulas, detailed=detailed), by_code)
    rows = []
    for lot in sorted(by_lot):
        listed = sorted((code for code in by_lot[lot] if code in keys), key=lambda code: (keys[code], code))
        places = competition_places(listed, keys)
        neighbours = _neighbours(listed, keys)
        for code in [*listed, *sorted(code for code in by_lot[lot] if code not in keys)]:
            place = (places.get(code), overall.get(code))
            rows.append(printer.row(by_code[code], place, neighbours.get(code, _ALONE)))
    return Ranking(rows=tuple(rows), rules_hash=rules.digest, input_hash=input_hash(rules, table, marks))


class _Neighbours(NamedTuple):
    """Who stands beside an application with an equal score: tied ones, one that is separated, and by which link."""

    tied: tuple[str, ...]
    other: str | None
    link: int | None


_ALONE: Final = _Neighbours((), None, None)


class _Printer:
    """Makes lines of totals, printing each number once."""

    def __init__(self, rules: Rules, derivation: Derivation, totals: Mapping[str, ApplicationTotal]) -> None:
        self._rules = rules
        self._derivation = derivation
        self._totals = totals
        self._total_stage = rules.stage("total")
        self._expert_stage = rules.stage("expert_total")
        self._texts: dict[Fraction, str] = {}

    def row(self, total: ApplicationTotal, places: tuple[int | None, int | None], beside: _Neighbours) -> RankingRow:
        application = total.application
        score = None if total.total is None else self._score(total.total)
        status, checks = status_of(self._rules, total, score)
        steps = [*self._derivation.steps(total, score), *checks, *self._place_steps(total, places[0], beside)]
        return RankingRow(
            application=application.code,
            lot=application.lot,
            place=places[0],
            place_overall=places[1],
            score=score,
            score_exact=total.total,
            status=status,
            experts=total.experts,
            tied_with=beside.tied,
            separated_by=None if beside.link is None else self._rules.tie_breaks[beside.link].label,
            criteria=total.criteria,
            expert_totals={expert: self._expert(value) for expert, value in total.expert_totals.items()},
            steps=tuple(steps),
            requested_kop=application.requested_kop,
            smallest_kop=application.smallest_kop,
            applicant=application.applicant,
        )

    def _score(self, value: Fraction) -> str:
        return plain_text(value) if self._total_stage is None else fixed_text(value, self._total_stage.places)

    def _expert(self, value: Fraction) -> str:
        found = self._texts.get(value)
        if found is None:
            stage = self._expert_stage
            found = self._texts[value] = plain_text(value) if stage is None else fixed_text(value, stage.places)
        return found

    def _place_steps(self, total: ApplicationTotal, place: int | None, beside: _Neighbours) -> list[Step]:
        """The place by counting who stands higher, then the links of the tie chain down to the one that decides."""
        if place is None:
            return []
        lot = total.application.lot
        facts = {"better": place - 1, "lot": lot}
        steps = [step("place_in_lot" if lot else "place", place, **facts)]
        if beside.other is not None and beside.link is not None:
            other = self._totals[beside.other]
            for index, link in enumerate(self._rules.tie_breaks[: beside.link + 1]):
                mine, theirs = self._tie_text(link, total), self._tie_text(link, other)
                if index < beside.link:
                    steps.append(step("tie_not_separated", link.label, other=beside.other, mine=mine))
                else:
                    facts = {"other": beside.other, "mine": mine, "theirs": theirs, "direction": link.direction}
                    steps.append(step("separated_by", link.label, **facts))
        if beside.tied:
            steps.append(step("tied_with", len(beside.tied)))
        return steps

    def _tie_text(self, link: TieBreak, total: ApplicationTotal) -> str:
        """What the link compares of an application, a dash where there is nothing."""
        if link.by == "criterion":
            return total.criteria[link.name].combined_text or NOTHING
        if link.by == "worst_expert":
            value = worst_total(self._rules, total)
            return NOTHING if value is None else self._expert(value)
        return total.application.cell(link.name) or NOTHING


def status_of(rules: Rules, total: ApplicationTotal, score: str | None = None) -> tuple[Status, list[Step]]:
    """Compare a total and its criteria with the pass marks, each comparison a step."""
    if total.total is None:
        return Status.INSUFFICIENT, []
    steps, below = [], False
    limit = rules.pass_mark_of(total.application.lot)
    if limit is not None:
        reached = rules.reaches(total.total, limit)
        below = not reached
        printed = plain_text(total.total) if score is None else score
        steps.append(step("pass_mark", _word(reached), score=printed, pass_mark=plain_text(limit)))
    for criterion in rules.criteria:
        cell = total.criteria[criterion.code]
        if criterion.pass_mark is None or cell.combined is None:
            continue
        reached = rules.reaches(cell.combined, Fraction(criterion.pass_mark))
        below = below or not reached
        facts = {"criterion": criterion.code, "combined": cell.combined_text, "pass_mark": criterion.pass_mark}
        steps.append(step("criterion_pass_mark", _word(reached), **facts))
    return Status.BELOW_PASS_MARK if below else Status.RANKED, steps


def _word(reached: bool) -> str:
    return "reached" if reached else "not reached"


# -- comparing -------------------------------------------------------------------------------------------------


def sort_keys(rules: Rules, totals: Sequence[ApplicationTotal]) -> dict[str, tuple[int, ...]]:
    """Sort key of every application that has a score: the score and the tie chain as whole numbers, the best 0."""
    scored = [total for total in totals if total.total is not None]
    columns = [_ordinals([total.total for total in scored], rules.direction == "higher")]
    for link in rules.tie_breaks:
        columns.append(_ordinals(_tie_values(rules, link, scored, totals), link.direction == "higher"))
    return {total.application.code: key for total, key in zip(scored, zip(*columns, strict=True), strict=True)}


def _ordinals(values: Sequence[Fraction | str | None], higher: bool) -> list[int]:
    """Number the distinct values from the best; None is behind all."""
    present = {value for value in values if value is not None}
    order = {value: index for index, value in enumerate(sorted(present, reverse=higher))}
    return [len(order) if value is None else order[value] for value in values]


def _tie_values(
    rules: Rules, link: TieBreak, scored: Sequence[ApplicationTotal], totals: Sequence[ApplicationTotal]
) -> Sequence[Fraction | str | None]:
    if link.by == "criterion":
        return [total.criteria[link.name].combined for total in scored]
    if link.by == "worst_expert":
        return [worst_total(rules, total) for total in scored]
    cells = {total.application.code: total.application.cell(link.name) for total in totals}
    if all(is_decimal(text) for text in cells.values() if text):
        return [Fraction(parse_decimal(text)) if (text := cells[total.application.code]) else None for total in scored]
    return [cells[total.application.code] or None for total in scored]


def worst_total(rules: Rules, total: ApplicationTotal) -> Fraction | None:
    """The worst of the experts' totals in the direction of the rules."""
    worst = min if rules.direction == "higher" else max
    return worst(total.expert_totals.values(), default=None)


def competition_places(listed: Sequence[str], keys: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """Places 1, 2, 2, 4 of codes that are in order already; equal keys share a place."""
    places, place = {}, 0
    for index, code in enumerate(listed):
        if index == 0 or keys[code] != keys[listed[index - 1]]:
            place = index + 1
        places[code] = place
    return places


def _neighbours(listed: Sequence[str], keys: Mapping[str, tuple[int, ...]]) -> dict[str, _Neighbours]:
    """For codes of one lot in order: who is tied with it, and what separated it from an equal score beside it."""
    found: dict[str, _Neighbours] = {}
    for _, same_score in groupby(listed, key=lambda code: keys[code][0]):
        groups = [list(group) for _, group in groupby(same_score, key=lambda code: keys[code])]
        for index, group in enumerate(groups):
            beside = groups[index - 1] if index else groups[1] if len(groups) > 1 else None
            other = None if beside is None else beside[0]
            link = None if other is None else _first_difference(keys[group[0]], keys[other])
            for code in group:
                found[code] = _Neighbours(tuple(sorted(tied for tied in group if tied != code)), other, link)
    return found


def _first_difference(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Index of the link of the tie chain in which two keys with an equal score differ first."""
    return next(index for index, pair in enumerate(zip(one[1:], other[1:], strict=True)) if pair[0] != pair[1])
