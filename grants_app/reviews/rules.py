"""What a review sheet asks and how its numbers are counted; nothing here knows the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from grants_app.core import words
from scoring import Criterion, Rules
from scoring.rounding import fixed_text, is_decimal, parse_decimal, plain_text

LONGEST_TEXT = 5_000
MOST_RADIOS = 21  # 0 to 10 by half marks; a longer scale is typed
KNOWS_THE_FIELD, KNOWS_ANOTHER = 4, 1  # affinity of an expert and an application
KEPT = 1_000  # affinity of a pair that stands already: the optimum never gives it up while the load allows it
MICRO = 1_000_000

RECOMMENDATIONS: dict[str, str] = {
    "fund": "Fund in full",
    "partly": "Fund a smaller sum",
    "refuse": "Do not fund",
}
CONFLICT_REASONS: dict[str, str] = {
    "work": "I work or worked with this organisation",
    "family": "A relative or a close person takes part",
    "money": "I have a financial interest in the project",
    "partner": "I helped to prepare the application",
    "rival": "My organisation competes for the same money",
    "other": "Another reason",
}


def points_field(code: str) -> str:
    """Name of the field in which the points of a criterion are sent."""
    return f"points_{code}"


def reason_field(code: str) -> str:
    """Name of the field in which the justification of a criterion is sent."""
    return f"reason_{code}"


@dataclass(frozen=True)
class SheetInput:
    """What an expert has written, as typed: points by criterion are text, an empty text is «not scored»."""

    points: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    recommendation: str = ""
    recommended_kop: int | None = None
    comment_applicant: str = ""
    comment_secretary: str = ""


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


def same_phone(left: str, right: str) -> bool:
    """Whether two typed numbers end in the same nine digits."""
    digits = [re.sub(r"\D", "", text)[-9:] for text in (left, right)]
    return len(digits[0]) == 9 and digits[0] == digits[1]


def same_text(left: str, right: str) -> bool:
    """Whether two names or addresses are the same but for case, spaces and apostrophes."""
    return bool(words.one_line(left)) and words.search_form(left) == words.search_form(right)


# Letters: subject starts with the task, the first line says who must do what by when.
LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "review_opened": {
        "uk": (
            "Оцініть заявки до %(until)s: %(code)s",
            (
                "Оцініть призначені вам заявки (%(count)s) до %(until)s.\n\nКонкурс «%(title)s». Спершу підпишіть"
                " декларацію неупередженості щодо кожної заявки, після цього відкриється її текст."
            ),
        ),
        "en": (
            "Score the applications until %(until)s: %(code)s",
            (
                "Score the applications assigned to you (%(count)s) until %(until)s.\n\nCompetition “%(title)s”. First"
                " declare your impartiality for each application, then its text opens."
            ),
        ),
    },
    "review_assigned": {
        "uk": (
            "Оцініть ще одну заявку до %(until)s: %(code)s",
            (
                "Вам призначено заявку %(application)s. Оцініть її до %(until)s.\n\nКонкурс «%(title)s». Спершу"
                " підпишіть декларацію неупередженості, після цього відкриється текст."
            ),
        ),
        "en": (
            "Score one more application until %(until)s: %(code)s",
            (
                "Application %(application)s is assigned to you. Score it until %(until)s.\n\nCompetition “%(title)s”."
                " First declare your impartiality, then the text opens."
            ),
        ),
    },
    "review_taken_back": {
        "uk": (
            "Заявку %(application)s оцінювати не треба",
            "Призначення на заявку %(application)s скасовано. Робити нічого не треба.\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "You need not score application %(application)s",
            (
                "The assignment to application %(application)s was taken back. Nothing is left to do.\n\nCompetition"
                " “%(title)s”."
            ),
        ),
    },
    "review_reopened": {
        "uk": (
            "Доповніть оцінку до %(until)s: %(application)s",
            (
                "Вашу оцінку заявки %(application)s відкрито для змін. Завершіть її знову до %(until)s.\n\nПричина:"
                " %(reason)s"
            ),
        ),
        "en": (
            "Complete your review until %(until)s: %(application)s",
            (
                "Your review of application %(application)s is open for changes. Submit it again until %(until)s.\n\n"
                "Reason: %(reason)s"
            ),
        ),
    },
    "review_reminder": {
        "uk": (
            "Нагадуємо: оцініть заявки до %(until)s (%(code)s)",
            "Лишилося оцінити заявок: %(count)s. Строк: %(until)s.\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "Reminder: score the applications until %(until)s: %(code)s",
            "Applications left to score: %(count)s. Term: %(until)s.\n\nCompetition “%(title)s”.",
        ),
    },
    "review_prolonged": {
        "uk": (
            "Строк оцінювання змінено до %(until)s: %(code)s",
            "Оцінити заявки треба до %(until)s. Лишилося: %(count)s.\n\nКонкурс «%(title)s». Причина: %(reason)s",
        ),
        "en": (
            "The term of scoring is now %(until)s: %(code)s",
            "Score the applications until %(until)s. Left: %(count)s.\n\nCompetition “%(title)s”. Reason: %(reason)s",
        ),
    },
    "conflict_declared": {
        "uk": (
            "Замініть експерта: %(application)s",
            (
                "Експерт %(expert)s відмовляється оцінювати заявку %(application)s через конфлікт інтересів. Призначте"
                " іншого експерта.\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Replace an expert: %(application)s",
            (
                "Expert %(expert)s cannot score application %(application)s because of a conflict of interest. Assign"
                " another expert.\n\nCompetition “%(title)s”."
            ),
        ),
    },
    "conflict_doubted": {
        "uk": (
            "Вирішіть сумнів про конфлікт інтересів: %(application)s",
            (
                "Експерт %(expert)s сумнівається, чи може оцінювати заявку %(application)s. Прочитайте пояснення на"
                " сторінці призначень і вирішіть.\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Decide on a doubt about a conflict of interest: %(application)s",
            (
                "Expert %(expert)s doubts whether to score application %(application)s. Read the explanation on the"
                " page of assignments and decide.\n\nCompetition “%(title)s”."
            ),
        ),
    },
}
