"""Arithmetic of plan indicators: what is asked of a span of years, and how a fact compares."""

from __future__ import annotations


def target_for(target: int | None, per: str, years: int) -> int | None:
    """The target of a span of `years`: monthly and yearly ones grow with it, one of the plan stands as printed.

    >>> target_for(1, "month", 2), target_for(6, "year", 2), target_for(4, "plan", 2)
    (24, 12, 4)
    """
    if target is None:
        return None
    return target * {"month": 12 * years, "year": years, "plan": 1}[per]


def standing(value: int | None, target: int | None) -> str:
    """One word on an indicator: "counted" (no target), "open" (nothing yet), "behind" or "reached"."""
    if target is None:
        return "counted"
    if value is None:
        return "open"
    return "reached" if value >= target else "behind"
