"""Advisory figures in words: each number with its sentence, each refusal of the engine in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants_app.reviews.rules.advice import Five, agreement_level
from grants_app.web import formatting
from scoring.rounding import fixed_text, plain_text

AGREEMENT_WORDS = {
    "close": _l("the experts agree closely"),
    "little": _l("the experts diverge little"),
    "moderate": _l("the experts diverge moderately"),
    "marked": _l("the experts diverge markedly"),
    "strong": _l("the experts diverge strongly"),
}
# Name and sentence of every coefficient, in the order of the page.
COEFFICIENTS = {
    "alpha_interval": (
        _l("Krippendorff’s alpha"),
        _l("1: the experts give the same totals; 0: no more alike than by chance."),
    ),
    "alpha_ordinal": (_l("Krippendorff’s alpha of the order"), _l("The same, when only who stands higher matters.")),
    "icc1": (
        _l("ICC(1), one expert"),
        _l("The share of the differences that comes from the applications when one expert is asked."),
    ),
    "icc1_k": (_l("ICC(1,k), mean of the experts"), _l("The same for the mean of all experts of an application.")),
    "icc_a1": (
        _l("ICC(A,1), absolute agreement"),
        _l("For one panel that marks everything: whether the experts give the same points."),
    ),
    "icc_c1": (
        _l("ICC(C,1), consistency"),
        _l("For one panel that marks everything: the same when strictness of an expert is left aside."),
    ),
    "kendall_w": (
        _l("Kendall’s W"),
        _l("1: every expert puts the applications in the same order; 0: no common order."),
    ),
}
# The engine speaks English; what it refuses is said here in the reader's language.
_NO_LOTS = _l("The competition has no lots with money, or an application names no sum")
_REFUSALS: tuple[tuple[str, Any], ...] = (
    (
        r"calibration needs two applications",
        _l("Calibration needs two applications, two experts and an application with two of them"),
    ),
    (r"an award list needs lots|at least one lot|no lots", _NO_LOTS),
    (
        r"ICC\(A\), ICC\(C\) and Kendall's W need",
        _l("ICC(A), ICC(C) and Kendall’s W need a panel in which every expert has marked every application"),
    ),
    (r"Kendall's W is undefined", _l("Kendall’s W is undefined: every expert gives one and the same mark")),
    (r"alpha needs at least two", _l("Alpha needs two different marks on applications that have two experts")),
    (r"ICC\(1\) needs two applications", _l("ICC(1) needs two applications, one of them with two experts")),
    (r"ICC.+ (?:is|are) undefined", _l("ICC is undefined: all applications have the same mean")),
    (
        r"ICC\(A,k\) has no denominator",
        _l("ICC(A,k) is undefined: applications and experts together differ no more than by chance"),
    ),
    (r"have too few marks for it", _l("Some applications have too few marks for this rule")),
    (r"nothing is left to rank by", _l("Without it nothing is left to rank by")),
    (r"where lower is better", _l("Where the lower score is better, a sum of scores is no goal")),
    (r"no set of full grants", _l("No set of full grants keeps all floors and ceilings")),
    (r"there is no linked mark beside others", _l("There are no marks with a conflict beside others to compare")),
    (
        r"nothing can be exchanged",
        _l("Every expert with a conflict has only such marks: nothing can be compared by exchange"),
    ),
    (
        r"unequal numbers of experts",
        _l("The rules add up experts, and the applications have unequal numbers of them"),
    ),
)


@dataclass(frozen=True)
class CoefficientRow:
    """A coefficient with its interval and its sentence."""

    name: str
    value: str
    interval: str
    sentence: str


def decimal(value: float | None, places: int = 2) -> str:
    """A figure in the reader's language; a dash where there is none.

    >>> decimal(-0.375), decimal(None)
    ('−0,38', '–')
    """
    return formatting.fixed(value, places)


def exact(text: str | None) -> str:
    """An exact number of the engine in the reader's language."""
    return formatting.number(text)


def edge(value: Fraction) -> str:
    """The border of a part of a scale: «62,5», «70».

    >>> edge(Fraction(125, 2)), edge(Fraction(70))
    ('62,5', '70')
    """
    return exact(plain_text(value, 2))


def percent(value: float | None) -> str:
    """A chance in whole per cent; the ends are said as such: «<1 %», «>99 %».

    >>> percent(0.42).replace(chr(160), " "), percent(0.999).replace(chr(160), " ")
    ('42 %', '>99 %')
    """
    if value is None:
        return "–"
    if 0 < value < 0.005:
        return f"<{formatting.per_cent('1')}"
    if 0.995 <= value < 1:
        return f">{formatting.per_cent('99')}"
    return formatting.per_cent(f"{value * 100:.0f}")


def agreement_headline(part: Mapping[str, Any] | None) -> str:
    """«Експерти розходяться помірно, 0,37»."""
    value = None if part is None else part.get("alpha_interval")
    if value is None:
        return _("How far the experts agree cannot be said yet")
    words = str(AGREEMENT_WORDS[agreement_level(value)])
    return f"{words[0].upper()}{words[1:]}, {decimal(value)}"


def coefficient_rows(part: Mapping[str, Any]) -> list[CoefficientRow]:
    """The coefficients that the design allows; those it does not are left to the reasons."""
    intervals = part.get("intervals", {})
    return [
        CoefficientRow(str(name), decimal(part[key]), interval(*(intervals.get(key) or (None, None))), str(sentence))
        for key, (name, sentence) in COEFFICIENTS.items()
        if part.get(key) is not None
    ]


def reasons(why: str | None) -> list[str]:
    """Why some coefficients are missing, in the reader's language."""
    return [refusal_words(one) for one in (why or "").split("; ") if one]


def refusal_words(told: str) -> str:
    """A refusal of the engine in the reader's language; one that has no words here is cited."""
    for pattern, words in _REFUSALS:
        if re.search(pattern, told):
            return str(words)
    return _("The data do not allow it: %(told)s", told=told)


def five_texts(five: Five) -> list[str]:
    """The five numbers of a box as texts of its table."""
    return [exact(fixed_text(one, 2)) for one in five]


def criterion_rows(part: Mapping[str, Any], titles: Mapping[str, str]) -> list[Sequence[str]]:
    """Agreement by criterion in the order of the call: title, alpha, alpha of the order, ICC(1)."""
    found = part.get("by_criterion", {})
    return [
        (title, *(decimal(found[code].get(key)) for key in ("alpha_interval", "alpha_ordinal", "icc1")))
        for code, title in titles.items()
        if code in found
    ]


def interval(low: float | None, high: float | None) -> str:
    """«−4,10…2,35»."""
    return "–" if low is None or high is None else f"{decimal(low)}…{decimal(high)}"


def signed(value: float | None) -> str:
    """A deviation with its sign: «+3,20».

    >>> signed(3.2), signed(-0.001)
    ('+3,20', '0,00')
    """
    text = decimal(value)
    return f"+{text}" if value is not None and float(f"{value:.2f}") > 0 else text


def severity_words(row: Mapping[str, Any], *, lower_is_better: bool) -> str:
    """What a severity means, and an honest refusal where the design cannot tell it."""
    flag, severity = row["flag"], row["severity"]
    if flag == "not_identifiable" or severity is None:
        return _("Cannot be told: these experts share fewer than two applications with the others")
    if flag == "too_few":
        return _("Too few applications to judge by: at least three are needed")
    if flag in ("harsh", "generous"):
        return _("Stricter than the others") if flag == "harsh" else _("More generous than the others")
    if row["low"] <= 0 <= row["high"]:
        return _("Not different from the others: the interval holds zero")
    is_generous = (severity > 0) != lower_is_better
    return _("A little more generous than the others") if is_generous else _("A little stricter than the others")


def prior_words(part: Mapping[str, Any]) -> str:
    """Which prior, how many draws, which seed: always printed beside what depends on them."""
    name = (
        _("estimated from the marks themselves (REML)")
        if part["prior"] == "reml"
        else _("fixed as in the method of the Swiss National Science Foundation (SNSF)")
    )
    return _("Prior: %(name)s. Draws: %(draws)s, seed %(seed)s.", name=name, draws=part["draws"], seed=part["seed"])
