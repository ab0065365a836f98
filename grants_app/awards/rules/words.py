"""Words of outcomes, as English msgids with tag colours, and the engine's steps in words of the page."""

from __future__ import annotations

from dataclasses import dataclass


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
