"""How a score came about, in steps that a person can redo by hand: the operands as digits, the result of the engine.

The results are the engine's own; the formulas beside them name the marks, weights and counts they are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grants_app.reviews.rules.sheet import weights_of
from scoring import Rules
from scoring.aggregate import ApplicationTotal, Formulas
from scoring.marks import Application, Mark, tabulate_marks
from scoring.rounding import fixed_text, plain_text, round_fraction
from scoring.rules import Criterion, RoundingStage

PLACES = 6


@dataclass(frozen=True)
class Told:
    """A step: its key (the sentence stands with the words), the values in it, the formula in digits, the result."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    formula: str = ""
    result: str = ""


@dataclass(frozen=True)
class ScoreStory:
    """The steps of one application: to its score, and to the means by criterion that lists show."""

    score: tuple[Told, ...]
    criteria: tuple[Told, ...]


def shown(value: Fraction) -> str:
    """A number that loses nothing: its decimals where they end soon, else the fraction.

    >>> shown(Fraction(161, 2)), shown(Fraction(235, 3)), shown(Fraction(-1, 4))
    ('80,5', '235/3', '−0,25')
    """
    if round_fraction(value, PLACES, "half_up") == value:
        return _comma(plain_text(value, PLACES))
    return _comma(str(value))


def result_of(value: Fraction) -> str:
    """A result: the exact number, with its decimals beside where they never end.

    >>> result_of(Fraction(235, 3))
    '235/3 ≈ 78,333333'
    """
    exact = shown(value)
    return exact if "/" not in exact else f"{exact} ≈ {_comma(plain_text(value, PLACES))}"


def score_story(rules: Rules, bid: Application, marks: Sequence[Mark]) -> ScoreStory:
    """The steps of one application from its marks, by the frozen rules."""
    own = [mark for mark in marks if mark.application == bid.code]
    table = tabulate_marks(rules, own, [bid])
    points = table.points.get(bid.code, {})
    total = Formulas(rules, table).total(bid, points)
    teller = _Teller(rules, bid, points, own)
    return ScoreStory(tuple(teller.score(total)), tuple(teller.criteria(total)))


class _Teller:
    """Tells the steps of one application under the rules of its lot."""

    def __init__(
        self, rules: Rules, bid: Application, points: Mapping[str, Mapping[str, str | None]], marks: Sequence[Mark]
    ) -> None:
        self._rules, self._bid, self._points = rules, bid, points
        own = weights_of(rules, bid.lot)
        self._counted = [one for one in rules.criteria if one.counted and one.code in own]
        self._weights = {one.code: own[one.code] for one in self._counted}
        self._whole = sum(self._weights.values(), Fraction(0))
        self._states = {(mark.expert, mark.criterion): str(mark.state) for mark in marks}

    def score(self, total: ApplicationTotal) -> Iterable[Told]:
        """From the marks to the comparison with the pass marks."""
        if self._rules.order == "total_then_combine":
            yield from self._experts(total)
            yield self._count(total)
            if total.combined is not None:
                yield self._totals_combined(total)
        else:
            yield self._count(total)
            if total.combined is not None:
                yield from self._criteria_weighted(total)
        if total.combined is None or total.total is None:
            yield Told("insufficient", {"needed": str(self._rules.min_experts)})
            return
        yield from self._last(total.combined, total.total)
        yield from self._pass_marks(total)

    def criteria(self, total: ApplicationTotal) -> Iterable[Told]:
        """The means by criterion as the lists print them."""
        for criterion in self._rules.criteria:
            value = total.criteria[criterion.code].combined
            if value is not None:
                yield from self._criterion_combined(criterion, value, total)

    def _experts(self, total: ApplicationTotal) -> Iterable[Told]:
        stage = self._rules.stage("expert_total")
        for expert in sorted(self._points):
            marks = self._points[expert]
            missing = [one.title or one.code for one in self._counted if marks.get(one.code) is None]
            if missing:
                state = next(
                    (self._states.get((expert, one.code), "") for one in self._counted if marks.get(one.code) is None),
                    "",
                )
                yield Told("left_out", {"expert": expert, "criteria": "; ".join(missing), "state": state})
                continue
            raw = sum((self._part(one, Fraction(marks[one.code] or 0)) for one in self._counted), Fraction(0))
            yield Told("expert_total", {"expert": expert}, self._sum_formula(marks), result_of(raw))
            yield from _rounded("expert_total_rounded", raw, stage, expert=expert)

    def _count(self, total: ApplicationTotal) -> Told:
        return Told("experts_counted", {"needed": str(self._rules.min_experts)}, "", str(total.experts))

    def _totals_combined(self, total: ApplicationTotal) -> Told:
        values = list(total.expert_totals.values())
        key, formula = self._combination(values)
        return Told(f"totals_{key}", self._trim(), formula, result_of(total.combined or Fraction(0)))

    def _criteria_weighted(self, total: ApplicationTotal) -> Iterable[Told]:
        parts = []
        for criterion in self._counted:
            cell = total.criteria[criterion.code]
            if cell.combined is None or cell.weighted is None:
                continue
            yield from self._criterion_combined(criterion, cell.combined, total)
            many = len(self._marks_of(criterion, total)) if self._rules.combine == "sum" else 1
            raw = self._part(criterion, cell.combined, many)
            title = criterion.title or criterion.code
            formula = self._weighed_formula(criterion, shown(cell.combined), many)
            yield Told("criterion_weighted", {"criterion": title}, formula, result_of(raw))
            yield from _rounded(
                "criterion_weighted_rounded", raw, self._rules.stage("criterion_weighted"), criterion=title
            )
            parts.append(cell.weighted)
        yield Told(
            "criteria_added", {}, " + ".join(_bracketed(part) for part in parts), result_of(sum(parts, Fraction(0)))
        )

    def _criterion_combined(self, criterion: Criterion, value: Fraction, total: ApplicationTotal) -> Iterable[Told]:
        marks = self._marks_of(criterion, total)
        key, formula = self._combination(marks)
        raw = _combined(marks, key, self._rules.trim)
        title = criterion.title or criterion.code
        yield Told(f"criterion_{key}", {"criterion": title, **self._trim()}, formula, result_of(raw))
        yield from _rounded("criterion_combined_rounded", raw, self._rules.stage("criterion_combined"), criterion=title)

    def _marks_of(self, criterion: Criterion, total: ApplicationTotal) -> list[Fraction]:
        """Counted marks of a criterion: of the counted experts, or of whoever marked it."""
        by_total = self._rules.order == "total_then_combine"
        experts = total.expert_totals if by_total else self._points
        return [
            Fraction(text)
            for expert in sorted(experts)
            if (text := self._points[expert].get(criterion.code)) is not None
        ]

    def _combination(self, values: Sequence[Fraction]) -> tuple[str, str]:
        """The word of the combination and its formula."""
        rule = self._rules.combine
        ordered = sorted(values)
        if rule == "sum":
            return "sum", " + ".join(_bracketed(value) for value in values)
        if rule == "median":
            middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
            listed = "; ".join(shown(value) for value in ordered)
            return "median", f"{listed} → {_mean_formula(middle) if len(middle) > 1 else shown(middle[0])}"
        if rule == "trimmed":
            kept = ordered[self._rules.trim : len(ordered) - self._rules.trim]
            return "trimmed", f"{'; '.join(shown(value) for value in ordered)} → {_mean_formula(kept)}"
        return "mean", _mean_formula(values)

    def _trim(self) -> dict[str, str]:
        return {"trim": str(self._rules.trim)} if self._rules.combine == "trimmed" else {}

    def _part(self, criterion: Criterion, value: Fraction, many: int = 1) -> Fraction:
        weight = self._weights[criterion.code]
        if self._rules.expert_total == "points":
            return weight * value
        if self._rules.expert_total == "weighted_mean":
            return weight * value / self._whole
        low, high = Fraction(criterion.min), Fraction(criterion.max)
        return weight * (value - many * low) / (high - low) * 100 / self._whole

    def _term(self, criterion: Criterion, points: str, many: int = 1) -> str:
        """A criterion's share of a total, before the common division by the weights."""
        weight = shown(self._weights[criterion.code])
        if self._rules.expert_total != "normalised":
            return f"{weight} × {points}"
        low, high = Fraction(criterion.min), Fraction(criterion.max)
        lowest = f"{many} × {shown(low)}" if many > 1 else shown(low)
        given = points if low == 0 else f"({points} − {lowest})"
        return f"{weight} × {given} ÷ {shown(high - low)}"

    def _divided(self, terms: str, count: int) -> str:
        """The terms with the division that makes the weights a whole, where the weights are none already."""
        grouped = f"({terms})" if count > 1 else terms
        if self._rules.expert_total == "weighted_mean":
            return f"{grouped} ÷ {shown(self._whole)}"
        if self._rules.expert_total == "normalised" and self._whole != 100:
            return f"{grouped} × 100 ÷ {shown(self._whole)}"
        return terms

    def _sum_formula(self, marks: Mapping[str, str | None]) -> str:
        terms = [self._term(one, shown(Fraction(marks[one.code] or 0))) for one in self._counted]
        return self._divided(" + ".join(terms), len(terms))

    def _weighed_formula(self, criterion: Criterion, points: str, many: int) -> str:
        return self._divided(self._term(criterion, points, many), 1)

    def _last(self, combined: Fraction, total: Fraction) -> Iterable[Told]:
        fixed = self._bid.fixed_points
        if fixed:
            yield Told("fixed_points", {}, f"{shown(combined)} + {_bracketed(fixed)}", result_of(combined + fixed))
        stage = self._rules.stage("total")
        if stage is not None:
            values = {"places": str(stage.places), "mode": stage.mode}
            yield Told("total_rounded", values, shown(combined + fixed), _comma(fixed_text(total, stage.places)))

    def _pass_marks(self, total: ApplicationTotal) -> Iterable[Told]:
        limit = self._rules.pass_mark_of(self._bid.lot)
        if limit is not None and total.total is not None:
            yield self._compared("pass_mark", total.total, limit, {})
        for criterion in self._rules.criteria:
            value = total.criteria[criterion.code].combined
            if criterion.pass_mark is not None and value is not None:
                title = {"criterion": criterion.title or criterion.code}
                yield self._compared("criterion_pass_mark", value, Fraction(criterion.pass_mark), title)

    def _compared(self, key: str, value: Fraction, limit: Fraction, values: Mapping[str, str]) -> Told:
        reached = self._rules.reaches(value, limit)
        better, worse = ("≥", "<") if self._rules.direction == "higher" else ("≤", ">")
        formula = f"{shown(value)} {better if reached else worse} {shown(limit)}"
        return Told(key, values, formula, "reached" if reached else "not reached")


def _rounded(key: str, raw: Fraction, stage: RoundingStage | None, **values: str) -> Iterable[Told]:
    if stage is not None:
        rounded = round_fraction(raw, stage.places, stage.mode)
        told = {**values, "places": str(stage.places), "mode": stage.mode}
        yield Told(key, told, shown(raw), _comma(fixed_text(rounded, stage.places)))


def _combined(values: Sequence[Fraction], key: str, trim: int) -> Fraction:
    ordered = sorted(values)
    if key == "sum":
        return sum(ordered, Fraction(0))
    kept = ordered
    if key == "median":
        kept = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    elif key == "trimmed":
        kept = ordered[trim : len(ordered) - trim]
    return sum(kept, Fraction(0)) / len(kept)


def _mean_formula(values: Sequence[Fraction]) -> str:
    terms = " + ".join(_bracketed(value) for value in values)
    return f"({terms}) ÷ {len(values)}" if len(values) > 1 else shown(values[0])


def _bracketed(value: Fraction) -> str:
    text = shown(value)
    return f"({text})" if value < 0 else text


def _comma(text: str) -> str:
    return text.replace(".", ",").replace("-", "−")
