"""From marks to totals by the published formula, in exact arithmetic.

The sums run over whole numbers on common denominators, so that ten thousand applications take seconds and no
number is ever rounded but by a stage of the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Final

from scoring.errors import RankingError
from scoring.marks import Application, MarkTable
from scoring.rounding import fixed_text, plain_text, round_fraction, round_ratio
from scoring.rules import Criterion, RoundingStage, Rules

ROBUST_LEAST: Final = 5
"""Counted marks under which neither a median nor a trimmed mean is an answer."""


@dataclass(frozen=True, slots=True)
class CriterionCell:
    """One criterion of one application over its experts.

    ``combined`` is None where nobody (or too few for a median) marked it, ``weighted`` also where it is not counted.
    """

    combined: Fraction | None
    weighted: Fraction | None
    combined_text: str | None
    weighted_text: str | None


NO_CELL: Final = CriterionCell(None, None, None, None)


@dataclass(frozen=True, slots=True)
class ApplicationTotal:
    """What the formula makes of one application before it is compared with others.

    Attributes
    ----------
    experts : int
        Counted experts.
    marks : int
        The smallest number of counted marks behind any part of the total.
    expert_totals : dict expert -> Fraction
        After the stage ``expert_total``; only experts who marked every counted criterion.
    criteria : dict criterion -> CriterionCell
    combined : Fraction or None
        Before the fixed points and the stage ``total``; None when insufficient.
    total : Fraction or None
        The score that decides the place.
    """

    application: Application
    experts: int
    marks: int
    expert_totals: Mapping[str, Fraction]
    criteria: Mapping[str, CriterionCell]
    combined: Fraction | None
    total: Fraction | None


class Formula:
    """The formula of one lot: its criteria with their weights, ready for many applications.

    Parameters
    ----------
    rules : Rules
    values : dict criterion -> text -> Fraction
        Values of the marks that occur.
    weights : dict criterion -> Fraction or None
        The lot's own weights; a criterion they do not name has no part in the lot's totals.
    """

    def __init__(
        self,
        rules: Rules,
        values: Mapping[str, Mapping[str, Fraction]],
        weights: Mapping[str, Fraction] | None = None,
    ) -> None:
        self.rules = rules
        self.counted = tuple(
            criterion
            for criterion in rules.criteria
            if criterion.counted and (weights is None or criterion.code in weights)
        )
        self.relevant = tuple(one for one in rules.criteria if not one.counted or one in self.counted)
        own = {criterion.code: Fraction(criterion.weight) for criterion in rules.criteria}
        self._weights = own if weights is None else {**own, **weights}
        self._whole = sum((self._weights[criterion.code] for criterion in self.counted), Fraction(0))
        self._stages: dict[str, RoundingStage | None] = {
            "expert_total": rules.stage("expert_total"),
            "criterion_combined": rules.stage("criterion_combined"),
            "criterion_weighted": rules.stage("criterion_weighted"),
        }
        self._codes = [criterion.code for criterion in self.counted]
        self._parts, self._unit = _on_common_denominator(
            {
                criterion.code: {
                    text: self.weigh(criterion, value, 1) for text, value in values[criterion.code].items()
                }
                for criterion in self.counted
            }
        )
        scaled = [_on_common_denominator({code: dict(texts)}) for code, texts in values.items()]
        self._marks = {code: parts[code] for code, (parts, _) in zip(values, scaled, strict=True)}
        self._mark_units = {code: unit for code, (_, unit) in zip(values, scaled, strict=True)}
        self._cells: dict[tuple[str, int, int, int], CriterionCell] = {}
        self._totals: dict[int, Fraction] = {}

    @property
    def unit(self) -> int:
        """Denominator of the units of :meth:`expert_totals`."""
        return self._unit

    @property
    def whole_weight(self) -> Fraction:
        """Sum of the weights of the counted criteria."""
        return self._whole

    def weight(self, criterion: Criterion) -> Fraction:
        """Weight of a criterion in this lot."""
        return self._weights[criterion.code]

    def weigh(self, criterion: Criterion, value: Fraction, experts: int) -> Fraction:
        """Weigh the mark of one expert, or the sum of the marks of several, on one criterion."""
        weight = self._weights[criterion.code]
        if self.rules.expert_total == "points":
            return weight * value
        if self.rules.expert_total == "weighted_mean":
            return weight * value / self._whole
        low, high = Fraction(criterion.min), Fraction(criterion.max)
        return weight * (value - experts * low) / (high - low) * 100 / self._whole

    def expert_totals(self, of_experts: Mapping[str, Mapping[str, str | None]]) -> dict[str, int]:
        """Sum the parts of each expert who marked every counted criterion; units of the formula's denominator."""
        found = {}
        for expert, marks in of_experts.items():
            total = 0
            for code in self._codes:
                text = marks.get(code)
                if text is None:
                    break
                total += self._parts[code][text]
            else:
                found[expert] = total
        return found

    def rounded_totals(self, totals: Mapping[str, int]) -> tuple[dict[str, int], int]:
        """Apply the stage ``expert_total``; return the totals in whole units and the unit's denominator."""
        stage = self._stages["expert_total"]
        if stage is None:
            return dict(totals), self._unit
        unit = 10**stage.places
        return {
            expert: round_ratio(total, self._unit, stage.places, stage.mode) for expert, total in totals.items()
        }, unit

    def exact_totals(self, of_experts: Mapping[str, Mapping[str, str | None]]) -> dict[str, Fraction]:
        """Totals of the experts who marked every counted criterion, after the stage ``expert_total``."""
        raw, unit = self.rounded_totals(self.expert_totals(of_experts))
        return {expert: self.fraction(total, unit) for expert, total in raw.items()}

    def fraction(self, units: int, unit: int) -> Fraction:
        """Turn whole units into a fraction, each value once."""
        found = self._totals.get(units)
        if found is None:
            found = self._totals[units] = Fraction(units, unit)
        return found

    def cell(self, criterion: Criterion, texts: list[str]) -> CriterionCell:
        """Combine and weigh the marks of one criterion.

        Parameters
        ----------
        texts : list of str
            Decimal text of the counted marks, in any order.
        """
        if not texts:
            return NO_CELL
        marks = self._marks[criterion.code]
        combined = combine([marks[text] for text in texts], self.rules)
        if combined is None:
            return NO_CELL
        key = (criterion.code, combined[0], combined[1], len(texts))
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = self._new_cell(criterion, combined, len(texts))
        return found

    def _new_cell(self, criterion: Criterion, combined: tuple[int, int], experts: int) -> CriterionCell:
        value = Fraction(combined[0], combined[1] * self._mark_units[criterion.code])
        value, text = _staged(value, self._stages["criterion_combined"])
        if criterion.code not in self._codes:
            return CriterionCell(value, None, text, None)
        many = experts if self.rules.combine == "sum" else 1
        weighted, weighted_text = _staged(self.weigh(criterion, value, many), self._stages["criterion_weighted"])
        return CriterionCell(value, weighted, text, weighted_text)


def _staged(value: Fraction, stage: RoundingStage | None) -> tuple[Fraction, str]:
    if stage is None:
        return value, plain_text(value)
    value = round_fraction(value, stage.places, stage.mode)
    return value, fixed_text(value, stage.places)


def _on_common_denominator(
    values: Mapping[str, Mapping[str, Fraction]],
) -> tuple[dict[str, dict[str, int]], int]:
    unit = lcm(*(value.denominator for texts in values.values() for value in texts.values()))
    whole = {
        code: {text: value.numerator * (unit // value.denominator) for text, value in texts.items()}
        for code, texts in values.items()
    }
    return whole, unit


def combine(values: list[int], rules: Rules) -> tuple[int, int] | None:
    """Combine the numbers of several experts as the rules say.

    Returns
    -------
    (numerator, denominator) in the unit of the values, or None when a median or a trimmed mean has fewer than
    five values or nothing left after trimming.

    Examples
    --------
    >>> from decimal import Decimal
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> combine([1, 2, 2, 9, 9], rules)
    (23, 5)
    """
    count = len(values)
    if rules.combine == "sum":
        return sum(values), 1
    if rules.combine == "mean":
        return sum(values), count
    if count < ROBUST_LEAST:
        return None
    ordered = sorted(values)
    if rules.combine == "median":
        middle = ordered[(count - 1) // 2 : count // 2 + 1]
        return sum(middle), len(middle)
    kept = ordered[rules.trim : count - rules.trim]
    return (sum(kept), len(kept)) if kept else None


def aggregate(rules: Rules, table: MarkTable, formulas: Formulas | None = None) -> tuple[ApplicationTotal, ...]:
    """Compute the total of every application.

    Parameters
    ----------
    rules : Rules
    table : MarkTable
        Checked marks; a missing mark is absent from every sum and every count.
    formulas : Formulas, optional
        Of the same rules and marks, where they are needed elsewhere too.

    Returns
    -------
    tuple of ApplicationTotal
        One per application, sorted by code.

    Raises
    ------
    RankingError
        The rules sum over experts and the applications have unequal numbers of them.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.marks import Mark, tabulate_marks
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> table = tabulate_marks(rules, [Mark("A", "E", "c", "7"), Mark("A", "F", "c", "8")])
    >>> aggregate(rules, table)[0].total
    Fraction(75, 1)
    """
    formulas = formulas or Formulas(rules, table)
    found = tuple(
        formulas.total(application, table.points.get(application.code, {})) for application in table.applications
    )
    if rules.combine == "sum":
        _refuse_unequal_counts(rules, found, table)
    return found


class Formulas:
    """The formula of every lot, for one set of marks.

    Parameters
    ----------
    rules : Rules
    table : MarkTable
    """

    def __init__(self, rules: Rules, table: MarkTable) -> None:
        self._common = Formula(rules, table.values)
        self._own = {
            lot.code: Formula(rules, table.values, {code: Fraction(weight) for code, weight in lot.criteria_weights})
            for lot in rules.lots
            if lot.criteria_weights is not None
        }

    def total(self, application: Application, of_experts: Mapping[str, Mapping[str, str | None]]) -> ApplicationTotal:
        """Compute the total of one application from the marks of its experts."""
        return _application_total(self.of(application), application, of_experts)

    def of(self, application: Application) -> Formula:
        """Find the formula of the application's lot."""
        return self._own.get(application.lot, self._common)


def _application_total(
    formula: Formula, application: Application, of_experts: Mapping[str, Mapping[str, str | None]]
) -> ApplicationTotal:
    rules = formula.rules
    raw, unit = formula.rounded_totals(formula.expert_totals(of_experts))
    totals = {expert: formula.fraction(raw[expert], unit) for expert in sorted(raw)}
    by_total = rules.order == "total_then_combine"
    judging = {expert: of_experts[expert] for expert in raw} if by_total else of_experts
    texts = {criterion.code: _texts(judging.values(), criterion.code) for criterion in rules.criteria}
    cells = {criterion.code: formula.cell(criterion, texts[criterion.code]) for criterion in rules.criteria}
    if by_total:
        experts = marks = len(raw)
        combined = _combined_totals(list(raw.values()), unit, rules)
    else:
        codes = [criterion.code for criterion in formula.counted]
        experts = sum(any(row.get(code) is not None for code in codes) for row in of_experts.values())
        marks = min(len(texts[code]) for code in codes)
        combined = _sum_of([cells[code].weighted for code in codes])
    eliminating = any(
        criterion.pass_mark is not None and cells[criterion.code].combined is None for criterion in formula.relevant
    )
    if marks < rules.min_experts or eliminating:
        combined = None
    total = None if combined is None else _final(combined + application.fixed_points, rules)
    return ApplicationTotal(application, experts, marks, totals, cells, combined, total)


def _texts(rows: Iterable[Mapping[str, str | None]], code: str) -> list[str]:
    return [text for row in rows if (text := row.get(code)) is not None]


def _combined_totals(raw: list[int], unit: int, rules: Rules) -> Fraction | None:
    combined = combine(raw, rules) if raw else None
    return None if combined is None else Fraction(combined[0], combined[1] * unit)


def _sum_of(parts: list[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _final(value: Fraction, rules: Rules) -> Fraction:
    stage = rules.stage("total")
    return value if stage is None else round_fraction(value, stage.places, stage.mode)


def _refuse_unequal_counts(rules: Rules, totals: tuple[ApplicationTotal, ...], table: MarkTable) -> None:
    ranked = [total for total in totals if total.total is not None]
    if rules.order == "total_then_combine":
        counts = {total.application.code: {total.experts} for total in ranked}
    else:
        counted = [criterion.code for criterion in rules.criteria if criterion.counted]
        counts = {
            total.application.code: {
                len(texts) for code in counted if (texts := _texts(table.points[total.application.code].values(), code))
            }
            for total in ranked
        }
    if len(set().union(*counts.values())) > 1:
        low = min(ranked, key=lambda total: (min(counts[total.application.code]), total.application.code))
        high = max(ranked, key=lambda total: (max(counts[total.application.code]), total.application.code))
        few, many = min(counts[low.application.code]), max(counts[high.application.code])
        raise RankingError(
            f"a sum over unequal numbers of experts: {low.application.code} has {few} marks, "
            f"{high.application.code} has {many}; combine by mean instead"
        )
