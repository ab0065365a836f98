"""What a review sheet asks and how its numbers are counted; nothing here knows the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from scoring import Criterion, Rules
from scoring.rounding import fixed_text, is_decimal, parse_decimal, plain_text

LONGEST_TEXT = 5_000
LONGEST_LINE_REASON = 500
MOST_RADIOS = 21  # 0 to 10 by half marks; a longer scale is typed
KNOWS_THE_FIELD, KNOWS_ANOTHER = 4, 1  # affinity of an expert and an application
MICRO = 1_000_000

RECOMMENDATIONS: dict[str, str] = {
    "fund": "Fund in full",
    "partly": "Fund a smaller sum",
    "refuse": "Do not fund",
}


def points_field(code: str) -> str:
    """Name of the field in which the points of a criterion are sent."""
    return f"points_{code}"


def reason_field(code: str) -> str:
    """Name of the field in which the justification of a criterion is sent."""
    return f"reason_{code}"


def line_field(number: int) -> str:
    """Name of the field in which the sum left in a line of the budget is sent."""
    return f"line_{number}"


def line_reason_field(number: int) -> str:
    """Name of the field in which the reason for cutting that line is sent."""
    return f"why_{number}"


@dataclass(frozen=True)
class LineInput:
    """What an expert would leave of the city's money in a line; None leaves it as it was asked, 0 strikes it."""

    left_kop: int | None
    reason: str = ""


@dataclass(frozen=True)
class SheetInput:
    """What an expert has written, as typed: points by criterion are text, an empty text is «not scored».

    `lines` holds lines of the project budget by their number, from 1; a line that is not named stays as it was.
    """

    points: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    recommendation: str = ""
    recommended_kop: int | None = None
    comment_applicant: str = ""
    comment_secretary: str = ""
    lines: Mapping[int, LineInput] = field(default_factory=dict)


class OffScaleError(ValueError):
    """Points that are no number, off the scale or off the step; the message is an English msgid."""


def clean_points(text: str, criterion: Criterion) -> str:
    """Canonical decimal text of typed points: «7,50» is stored as «7.5».

    Raises OffScaleError for anything that the scale does not hold.
    """
    plain = re.sub(r"\s", "", text).replace(",", ".")
    if not is_decimal(plain):
        raise OffScaleError("Enter points as a number from %(low)s to %(high)s")
    value = Fraction(parse_decimal(plain))
    if not criterion.is_on_scale(value):
        raise OffScaleError("Choose points from %(low)s to %(high)s")
    if not criterion.allows(value):
        raise OffScaleError("Choose points in steps of %(step)s from %(low)s to %(high)s")
    return plain_text(value)


def scale_of(criterion: Criterion) -> list[str]:
    """Every value of the scale, in order, or nothing when it is too long for a row of buttons."""
    low, high, step = Fraction(criterion.min), Fraction(criterion.max), Fraction(criterion.step)
    count = (high - low) // step + 1
    return [plain_text(low + step * index) for index in range(count)] if count <= MOST_RADIOS else []


def weights_of(rules: Rules, lot_code: str) -> dict[str, Fraction]:
    """Criteria of the sheet in their order with their weights; one that is not counted weighs 0.

    A criterion that the lot's own weights do not name has no part in that lot.
    """
    lot = rules.lot(lot_code)
    own = None if lot is None or lot.criteria_weights is None else dict(lot.criteria_weights)
    found: dict[str, Fraction] = {}
    for criterion in rules.criteria:
        if not criterion.counted:
            found[criterion.code] = Fraction(0)
        elif own is None:
            found[criterion.code] = Fraction(criterion.weight)
        elif criterion.code in own:
            found[criterion.code] = Fraction(own[criterion.code])
    return found


@dataclass(frozen=True)
class RunningTotal:
    """Points over the scored criteria only, and what those criteria could give."""

    total: Fraction
    possible: Fraction
    whole: Fraction
    worth: dict[str, Fraction]
    given: dict[str, Fraction]
    missing: list[str]

    @property
    def scored_count(self) -> int:
        """Criteria that have points."""
        return len(self.given)


def running_total(rules: Rules, lot_code: str, points: Mapping[str, str | None]) -> RunningTotal:
    """The expert's total as far as the sheet is filled, by the formula of the rules; missing is never 0."""
    weights = weights_of(rules, lot_code)
    by_code = {criterion.code: criterion for criterion in rules.criteria}
    sum_of_weights = sum(weights.values(), Fraction(0))
    worth = {code: _part(rules, by_code[code], weights[code], sum_of_weights, None) for code in weights}
    given = {
        code: _part(rules, by_code[code], weights[code], sum_of_weights, Fraction(text))
        for code in weights
        if (text := points.get(code))
    }
    return RunningTotal(
        total=sum(given.values(), Fraction(0)),
        possible=sum((worth[code] for code in given), Fraction(0)),
        whole=sum(worth.values(), Fraction(0)),
        worth=worth,
        given=given,
        missing=[code for code in weights if code not in given],
    )


def _part(rules: Rules, criterion: Criterion, weight: Fraction, whole: Fraction, points: Fraction | None) -> Fraction:
    low, high = Fraction(criterion.min), Fraction(criterion.max)
    value = high if points is None else points
    if rules.expert_total == "points":
        return weight * value
    if rules.expert_total == "weighted_mean":
        return weight * value / whole
    return weight * (value - low) / (high - low) * 100 / whole


def shown_points(value: Fraction) -> str:
    """«64.0», or «64.25» where one place would hide something."""
    return fixed_text(value, 1 if (value * 10).denominator == 1 else 2)


def span_of(rules: Rules, lot_code: str) -> Fraction:
    """Distance from the worst to the best possible total of an expert."""
    weights = weights_of(rules, lot_code)
    lowest = {criterion.code: plain_text(Fraction(criterion.min)) for criterion in rules.criteria}
    worst = running_total(rules, lot_code, {code: lowest[code] for code in weights})
    return worst.whole - worst.total


def diverges(totals: list[Fraction], span: Fraction, limit_bp: int) -> bool:
    """Whether the farthest two reviews stand apart by more than the call's limit (exactly the limit is not more)."""
    return len(totals) > 1 and (max(totals) - min(totals)) * 10_000 > limit_bp * span
