"""The steps of a score in words: what the pages, the summary sheets and the print say, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from grants_app.reviews.rules.explanation import Told

TEXTS = {
    "expert_total": _l("Expert %(expert)s, total: points with the weights of the criteria"),
    "expert_total_rounded": _l("Expert %(expert)s, total rounded to %(places)s places, %(mode)s"),
    "left_out": _l("Expert %(expert)s is not counted: no mark for %(criteria)s (%(state)s)"),
    "experts_counted": _l("Experts counted, at least %(needed)s are needed"),
    "totals_mean": _l("Mean of the experts’ totals"),
    "totals_sum": _l("Sum of the experts’ totals"),
    "totals_median": _l("Median of the experts’ totals: the middle of the ordered row"),
    "totals_trimmed": _l("Mean of the experts’ totals without the extremes, %(trim)s at each end of the ordered row"),
    "criterion_mean": _l("Criterion “%(criterion)s”: mean of the marks"),
    "criterion_sum": _l("Criterion “%(criterion)s”: sum of the marks"),
    "criterion_median": _l("Criterion “%(criterion)s”: median of the marks"),
    "criterion_trimmed": _l("Criterion “%(criterion)s”: mean of the marks without %(trim)s at each end"),
    "criterion_combined_rounded": _l("Criterion “%(criterion)s”, rounded to %(places)s places, %(mode)s"),
    "criterion_weighted": _l("Criterion “%(criterion)s” with its weight"),
    "criterion_weighted_rounded": _l(
        "Criterion “%(criterion)s” with its weight, rounded to %(places)s places, %(mode)s"
    ),
    "criteria_added": _l("Weighted criteria added up"),
    "fixed_points": _l("Fixed points of the competition added"),
    "total_rounded": _l("The score: rounded to %(places)s places, %(mode)s"),
    "insufficient": _l("No score: fewer than %(needed)s experts are counted, or a criterion has no mark"),
    "pass_mark": _l("Compared with the pass mark"),
    "criterion_pass_mark": _l("Criterion “%(criterion)s” compared with its pass mark"),
}
WORDS = {
    "half_up": _l("a half goes up"),
    "half_even": _l("a half goes to the even digit"),
    "reached": _l("reached"),
    "not reached": _l("not reached"),
    "recused": _l("recused"),
    "absent": _l("absent"),
    "withdrawn": _l("withdrawn"),
    "pending": _l("not scored"),
    "": _l("not scored"),
    "scored": _l("not scored"),
}


@dataclass(frozen=True)
class StepLine:
    """A step as the component prints it: sentence, operands = result."""

    label: str
    operands: str
    result: str
    clause: str = ""

    @property
    def text(self) -> str:
        """The step in one line, for papers."""
        figures = " = ".join(part for part in (self.operands, self.result) if part)
        return f"{self.label}: {figures}" if figures else self.label


def step_lines(steps: Iterable[Told]) -> list[StepLine]:
    """The steps in words and digits."""
    return [_line(step) for step in steps]


def _line(step: Told) -> StepLine:
    values = {name: _word(name, value) for name, value in step.values.items()}
    sentence = str(TEXTS[step.key])
    # A comparison and a rounding are no equations: the result is said after the operands.
    result = str(WORDS[step.result]) if step.result in ("reached", "not reached") else step.result
    told = sentence % values if values else sentence
    if step.key.endswith("rounded"):
        return StepLine(told, f"{step.formula} → {result}", "")
    if step.key.endswith("pass_mark"):
        return StepLine(told, f"{step.formula}, {result}", "")
    return StepLine(told, step.formula, result)


def _word(name: str, value: str) -> str:
    return str(WORDS[value]) if name in ("mode", "state") and value in WORDS else value
