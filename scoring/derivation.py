"""How a total came about, in steps that a person can redo with pencil and paper: formulas with their numbers.

Numbers in formulas are exact: decimals where they end, fractions where they do not. Pieces that recur from application
to application are made once, so that ten thousand lists of steps take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeVar

from scoring.aggregate import ROBUST_LEAST, ApplicationTotal, CriterionCell, Formula, Formulas
from scoring.explain import Step, step
from scoring.marks import MarkTable
from scoring.rounding import exact_text, fixed_text, plain_text, round_fraction
from scoring.rules import Criterion, RoundingStage, Rules

_NEAR: Final = " ≈ "
_Value = TypeVar("_Value", str, Fraction)
Marks = Mapping[str, Mapping[str, str | None]]


class Derivation:
    """Tells the totals of one set of marks.

    Parameters
    ----------
    rules : Rules
    table : MarkTable
    formulas : Formulas
        Of the same rules and marks.
    detailed : bool
        Whether the steps begin with every expert and every criterion, or with the totals.
    """

    def __init__(self, rules: Rules, table: MarkTable, formulas: Formulas, *, detailed: bool) -> None:
        self._detailed = detailed
        self._rules = rules
        self._table = table
        self._formulas = formulas
        self._of_formula: dict[int, _OfFormula] = {}

    def steps(self, total: ApplicationTotal, score: str | None) -> list[Step]:
        """Everything from the marks to the score, in the order of the rules.

        Parameters
        ----------
        total : ApplicationTotal
        score : str or None
            As the minutes print it.
        """
        rules = self._rules
        telling = self._telling(total)
        marks = self._table.points.get(total.application.code, {})
        steps: list[Step] = []
        counted = step("experts_counted", total.experts, needed=rules.min_experts)
        if rules.order == "total_then_combine":
            raw = telling.formula.expert_totals(marks)
            steps += [*telling.expert_steps(marks, raw), counted] if self._detailed else [counted]
            if total.combined is not None:
                rounded, unit = telling.formula.rounded_totals(raw)
                facts = _combining(rules, [telling.unit_text(value, unit) for value in sorted(rounded.values())])
                steps.append(step("totals_combined", _number(total.combined), **facts))
            if self._detailed:
                steps += telling.criterion_steps(total.criteria, [marks[expert] for expert in raw])
        else:
            told = telling.criterion_steps(total.criteria, list(marks.values())) if self._detailed else []
            steps += [counted, *told]
            if total.combined is not None:
                parts = [_in_formula(total.criteria[one.code].weighted) for one in telling.formula.counted]
                steps.append(step("criteria_added", _number(total.combined), formula=" + ".join(parts)))
        if total.combined is None or score is None:
            return [*steps, self._insufficient(telling.formula, total)]
        return [*steps, *self._final_steps(total, total.combined, score)]

    def _telling(self, total: ApplicationTotal) -> _OfFormula:
        formula = self._formulas.of(total.application)
        found = self._of_formula.get(id(formula))
        if found is None:
            found = self._of_formula[id(formula)] = _OfFormula(self._rules, self._table, formula)
        return found

    def _final_steps(self, total: ApplicationTotal, combined: Fraction, score: str) -> list[Step]:
        steps = []
        fixed = total.application.fixed_points
        reached = combined + fixed
        if fixed:
            facts = {"points": plain_text(fixed), "before": _number(combined)}
            steps.append(step("fixed_points", _number(reached), **facts))
        stage = self._rules.stage("total")
        if stage is not None:
            steps.append(step("total_rounded", score, **_rounding(reached, stage)))
        return steps

    def _insufficient(self, formula: Formula, total: ApplicationTotal) -> Step:
        """Why there is no score: too few marks, too few for a median, or none on a criterion that can eliminate."""
        if total.marks < self._rules.min_experts:
            return step("insufficient", counted=total.marks, needed=self._rules.min_experts)
        for criterion in formula.relevant:
            if criterion.pass_mark is not None and total.criteria[criterion.code].combined is None:
                return step("insufficient_criterion", criterion=criterion.code)
        needed = max(ROBUST_LEAST, 2 * self._rules.trim + 1 if self._rules.combine == "trimmed" else 0)
        return step("insufficient_robust", counted=total.marks, needed=needed, combine=self._rules.combine)


class _OfFormula:
    """Steps by the formula of one lot; every piece of text is made once."""

    def __init__(self, rules: Rules, table: MarkTable, formula: Formula) -> None:
        self.formula = formula
        self._rules = rules
        self._values = table.values
        self._codes = [one.code for one in formula.counted]
        self._terms = {
            one.code: {
                text: self._weighed(one, _in_formula(value), 1) for text, value in table.values[one.code].items()
            }
            for one in formula.counted
        }
        self._units: dict[tuple[int, int], str] = {}
        self._results: dict[int, str] = {}
        self._told: dict[tuple[str, tuple[str, ...]], tuple[Step, ...]] = {}

    def unit_text(self, units: int, unit: int) -> str:
        """Write whole units exactly, as inside a formula."""
        found = self._units.get((units, unit))
        if found is None:
            found = self._units[units, unit] = _in_formula(Fraction(units, unit))
        return found

    # -- experts -------------------------------------------------------------------------------------------------

    def expert_steps(self, marks: Marks, raw: Mapping[str, int]) -> list[Step]:
        """Each expert's total by the formula, or the criterion for want of which the expert is not counted."""
        stage = self._rules.stage("expert_total")
        steps = []
        for expert in sorted(marks):
            if expert not in raw:
                missing = [code for code in self._codes if marks[expert].get(code) is None]
                if len(missing) < len(self._codes):  # who gave no mark at all is as if never there
                    steps.append(step("expert_not_counted", expert=expert, criteria=", ".join(missing)))
                continue
            told = self._formula(marks[expert])
            steps.append(Step("expert_total", (("expert", expert), ("formula", told)), self._result(raw[expert])))
            if stage is not None:
                exact = Fraction(raw[expert], self.formula.unit)
                rounded = fixed_text(round_fraction(exact, stage.places, stage.mode), stage.places)
                steps.append(step("expert_total_rounded", rounded, expert=expert, **_rounding(exact, stage)))
        return steps

    def _result(self, units: int) -> str:
        """Write an expert's total in units of the formula, each once."""
        found = self._results.get(units)
        if found is None:
            found = self._results[units] = _number(Fraction(units, self.formula.unit))
        return found

    def _formula(self, marks: Mapping[str, str | None]) -> str:
        """The formula of one expert's total with the weights, scales and marks in it."""
        terms = self._terms
        parts = [terms[code][marks[code] or ""] for code in self._codes]
        return self._scaled(" + ".join(parts), many=len(parts))

    def _weighed(self, criterion: Criterion, value: str, experts: int) -> str:
        """One criterion's part: its weight times the value, from the foot of the scale where it is normalised."""
        weight = _in_formula(self.formula.weight(criterion))
        if self._rules.expert_total != "normalised":
            return f"{weight} × {value}"
        low = experts * Fraction(criterion.min)
        span = _in_formula(Fraction(criterion.max) - Fraction(criterion.min))
        above = value if low == 0 else f"({value} − {_in_formula(low)})"
        return f"{weight} × {above} / {span}"

    def _scaled(self, parts: str, *, many: int) -> str:
        """Divide a sum of weighed parts by the sum of the weights, where the rules do."""
        whole = self.formula.whole_weight
        if self._rules.expert_total == "points":
            return parts
        times = " × 100" if self._rules.expert_total == "normalised" else ""
        if times and whole == 100:
            return parts
        return f"{f'({parts})' if many > 1 else parts}{times} / {_in_formula(whole)}"

    # -- criteria ------------------------------------------------------------------------------------------------

    def criterion_steps(
        self, cells: Mapping[str, CriterionCell], rows: Sequence[Mapping[str, str | None]]
    ) -> list[Step]:
        """Each criterion over its experts; weighed where the rules add up criteria."""
        steps: list[Step] = []
        for criterion in self.formula.relevant:
            code = criterion.code
            if cells[code].combined is None:
                continue
            texts = sorted([text for row in rows if (text := row.get(code)) is not None])
            key = code, tuple(texts)
            found = self._told.get(key)
            if found is None:
                found = self._told[key] = tuple(self._one_criterion(criterion, cells[code], texts))
            steps += found
        return steps

    def _one_criterion(self, criterion: Criterion, cell: CriterionCell, texts: Sequence[str]) -> list[Step]:
        values = sorted(self._values[criterion.code][text] for text in texts)
        steps = self._combined_steps(criterion, values, cell.combined_text or "")
        if self._rules.order == "total_then_combine" or cell.weighted is None or cell.combined is None:
            return steps
        many = len(values) if self._rules.combine == "sum" else 1
        told = self._weighed(criterion, _in_formula(cell.combined), many)
        exact = self.formula.weigh(criterion, cell.combined, many)
        facts = {"criterion": criterion.code, "formula": self._scaled(told, many=1)}
        steps.append(step("criterion_weighted", _number(exact), **facts))
        stage = self._rules.stage("criterion_weighted")
        if stage is not None:
            facts = {"criterion": criterion.code, **_rounding(exact, stage)}
            steps.append(step("criterion_weighted_rounded", cell.weighted_text, **facts))
        return steps

    def _combined_steps(self, criterion: Criterion, values: Sequence[Fraction], result: str) -> list[Step]:
        kept, divisor = _kept(values, self._rules)
        exact = sum(kept, Fraction(0)) / divisor
        facts = {"criterion": criterion.code, **_combining(self._rules, [_in_formula(value) for value in values])}
        steps = [step("criterion_combined", _number(exact), **facts)]
        stage = self._rules.stage("criterion_combined")
        if stage is not None:
            facts = {"criterion": criterion.code, **_rounding(exact, stage)}
            steps.append(step("criterion_combined_rounded", result, **facts))
        return steps


def _kept(ordered: Sequence[_Value], rules: Rules) -> tuple[Sequence[_Value], int]:
    """Values that take part, of values in order, and what their sum is divided by."""
    if rules.combine == "sum":
        return ordered, 1
    if rules.combine == "median":
        ordered = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    elif rules.combine == "trimmed":
        ordered = ordered[rules.trim : len(ordered) - rules.trim]
    return ordered, len(ordered)


def _combining(rules: Rules, ordered: Sequence[str]) -> dict[str, str]:
    """How numbers in order are combined: all of them, and the formula over those that count."""
    kept, divisor = _kept(ordered, rules)
    formula = " + ".join(kept)
    if divisor > 1:
        formula = f"{f'({formula})' if len(kept) > 1 else formula} / {divisor}"
    return {"combine": rules.combine, "values": "; ".join(ordered), "formula": formula}


def _rounding(value: Fraction, stage: RoundingStage) -> dict[str, str]:
    return {"before": _number(value), "places": str(stage.places), "mode": stage.mode}


def _in_formula(value: Fraction | None) -> str:
    """A number inside a formula; a negative one in brackets."""
    text = exact_text(value or Fraction(0))
    return f"({text})" if text.startswith("-") else text


def _number(value: Fraction) -> str:
    """A result: exact, and where it is a fraction its decimal beside it."""
    text = exact_text(value)
    return f"{text}{_NEAR}{plain_text(value)}" if "/" in text else text
