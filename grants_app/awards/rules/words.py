"""Words of outcomes, as English msgids with tag colours, and the engine's steps in words of the page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Label:
    """A word with its tag colour."""

    label: str
    colour: str


# How a row of the ranked list stands: the key is what the filter takes.
STANDINGS = {
    "funded": Label("Full sum", "green"),
    "partial": Label("Remainder", "yellow"),
    "changed": Label("Another sum", "yellow"),
    "pooled": Label("From the leftover", "green"),
    "reserve": Label("Reserve", "blue"),
    "tie_at_cut": Label("Tie at the money line", "yellow"),
    "skipped": Label("Not funded by decision", "grey"),
    "below_pass_mark": Label("Below the pass mark", "grey"),
    "insufficient": Label("Too few reviews", "red"),
}
FUNDED = ("funded", "partial", "changed", "pooled")
ON_RESERVE = ("reserve", "not_fitting", "tie_at_cut")

DECISIONS = {
    "awarded": Label("Awarded", "green"),
    "reserve": Label("Reserve list", "blue"),
    "not_awarded": Label("Not awarded", "grey"),
    "below_pass_mark": Label("Below the pass mark", "grey"),
}
DEPARTURES = {
    "amount": "Departure: another sum",
    "fund": "Departure: funded by decision",
    "skip": "Departure: not funded by decision",
}
KIND_LABELS = {"ranking": "List of awards", "award": "One award", "general": "Other question"}
MEETING_KINDS = {"room": "In a room", "online": "Online", "mixed": "In a room and online"}


def standing(outcome: str, proposed_kop: int, rule_kop: int, requested_kop: int) -> str:
    """Where a row stands now, from the engine's outcome and what is proposed instead.

    >>> standing("reserve", 500, 0, 700)
    'changed'
    >>> standing("funded", 0, 700, 700)
    'skipped'
    """
    if proposed_kop > 0:
        if outcome == "pooled" and proposed_kop == rule_kop:
            return "pooled"
        if proposed_kop == requested_kop:
            return "funded"
        return "partial" if proposed_kop == rule_kop else "changed"
    if rule_kop > 0:
        return "skipped"
    return "reserve" if outcome == "not_fitting" else outcome


def mean_text(text: str | None) -> str:
    """A criterion's mean as people read it: at most two decimals, half up; files and bundle keep the exact text.

    >>> mean_text("8.666667")
    '8,67'
    """
    if not text:
        return "–"
    number = Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
    return format(number, "f").replace(".", ",")


# The engine's sentences as the product says them; `%(…)s` are its operands, sums end in _kop.
STEP_TEXTS = {
    "expert_total": "Expert %(expert)s gives in all",
    "criterion_combined": "Criterion “%(criterion)s”: marks of the experts combined (%(combine)s)",
    "criterion_weighted": "Criterion “%(criterion)s” with its weight",
    "experts_counted": "Experts counted (at least %(needed)s are needed)",
    "totals_combined": "Totals of the experts combined (%(combine)s)",
    "criteria_added": "Weighted criteria added up",
    "fixed_points": "Fixed points added: %(points)s",
    "total_rounded": "Total rounded to %(places)s places (%(mode)s)",
    "insufficient": "Too few counted marks for a score",
    "pass_mark": "Compared with the pass mark %(pass_mark)s",
    "criterion_pass_mark": "Criterion “%(criterion)s”: %(combined)s compared with its pass mark %(pass_mark)s",
    "place": "Place in the list",
    "separated_by": "An equal score was separated by",
    "tied_with": "The tie chain does not separate it from",
    "lot_opened": "Lot opened with its fund of %(fund_kop)s, rule “%(rule)s”",
    "not_eligible": "%(application)s takes no part in the distribution",
    "band_share": "%(application)s: share of its band",
    "below_bands": "%(application)s lies below the lowest band",
    "asks_nothing": "%(application)s asks for nothing",
    "funded": "%(application)s, place %(place)s: %(left_kop)s were left, receives",
    "not_fitting": "%(application)s, place %(place)s: needs %(need_kop)s, only %(left_kop)s are left",
    "over_cap": "%(application)s would take its applicant over the cap of %(cap_kop)s",
    "remainder_paid": "%(application)s, place %(place)s: needs %(need_kop)s, receives the remainder of",
    "remainder_too_small": "The remainder of %(left_kop)s is too small for %(application)s: at least %(least_kop)s",
    "tie_at_cut": "%(applications)s share place %(place)s and do not fit into %(left_kop)s together",
    "draw": "Equal places drawn by SHA-256 of the announced seed “%(seed)s” and the code",
    "lot_stopped": "The walk down the lot stops here",
    "lot_closed": "Lot closed: %(spent_kop)s awarded, left",
    "pool_opened": "What the lots have left is pooled",
    "pooled": "%(application)s receives from the pool of %(left_kop)s",
    "pool_not_fitting": "%(application)s needs %(need_kop)s, the pool has %(left_kop)s",
    "pool_closed": "Left unspent in the pool",
    "released": "Released to the reserve: %(amount_kop)s",
}
STEP_WORDS = {
    "mean": "mean",
    "sum": "sum",
    "median": "median",
    "trimmed": "mean without the extremes",
    "half_up": "half up",
    "half_even": "half to even",
    "reached": "reached",
    "not reached": "not reached",
    "stop": "from the top, stop at the first that does not fit",
    "skip": "from the top, smaller ones that fit go on",
    "marginal": "from the top, the last one receives the remainder",
    "bands": "share by the band of the score",
}
