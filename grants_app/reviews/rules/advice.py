"""What the advisory figures are called and where their words begin; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

# The whole report after the handover; while experts score, agreement alone: nothing from which a list could be read.
SCORING, DECISION = "scoring", "decision"
DRAWS = 4_000
# An award whose chance lies strictly between these hangs on who happened to score it.
ZONE_LOW, ZONE_HIGH = 0.25, 0.75
# Seconds after which a command of the engine is stopped.
SECONDS = {"agree": 120, "rank": 120, "allocate": 120, "calibrate": 240, "robust": 420, "conflicts": 240}
# Agreement from which each word holds, the closest first; panels of real grant rounds lie between 0.3 and 0.6.
AGREEMENT_FROM = ((0.8, "close"), (0.6, "little"), (0.3, "moderate"), (0.1, "marked"))
# Spread of one application as a share of the scale up to which each word holds.
SPREAD_UP_TO = ((0.1, "close"), (0.3, "moderate"))


def agreement_level(value: float) -> str:
    """The word of a coefficient of agreement.

    >>> agreement_level(0.37), agreement_level(0.85), agreement_level(-0.2)
    ('moderate', 'close', 'strong')
    """
    return next((word for least, word in AGREEMENT_FROM if value >= least), "strong")


def spread_level(spread: float, scale: float) -> str:
    """The word of the distance between the farthest two experts of an application.

    >>> spread_level(30, 100), spread_level(31, 100), spread_level(0, 100)
    ('moderate', 'strong', 'close')
    """
    share = spread / scale if scale > 0 else 0.0
    return next((word for most, word in SPREAD_UP_TO if share <= most + 1e-9), "strong")


def is_in_zone(chance: float | None) -> bool:
    """Whether an award lies in the zone «межа фінансування».

    >>> is_in_zone(0.25), is_in_zone(0.5), is_in_zone(None)
    (False, True, False)
    """
    return chance is not None and ZONE_LOW < chance < ZONE_HIGH


def is_contrary(chance: float | None, *, is_funded: bool) -> bool:
    """Whether the chance of money lies beyond the zone on the side that the rule did not take.

    >>> is_contrary(0.1, is_funded=True), is_contrary(0.75, is_funded=False), is_contrary(0.1, is_funded=False)
    (True, True, False)
    >>> is_contrary(0.5, is_funded=True), is_contrary(None, is_funded=True)
    (False, False)
    """
    if chance is None:
        return False
    return chance <= ZONE_LOW if is_funded else chance >= ZONE_HIGH


def zone_of(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Codes of the zone among the rows that the engine gives by application."""
    found = []
    for row in rows:
        chance = row["p_funded"]
        if isinstance(chance, (int, float)) and is_in_zone(float(chance)):
            found.append(str(row["application"]))
    return found


Five = tuple[Fraction, Fraction, Fraction, Fraction, Fraction]


def five_numbers(values: Iterable[Fraction]) -> Five | None:
    """Least, lower quartile, median, upper quartile, greatest (quartiles between the neighbours); None of nothing.

    >>> [str(one) for one in five_numbers([Fraction(1), Fraction(2), Fraction(3), Fraction(4)])]
    ['1', '7/4', '5/2', '13/4', '4']
    """
    ordered = sorted(values)
    if not ordered:
        return None

    def at(share: Fraction) -> Fraction:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return ordered[0], at(Fraction(1, 4)), at(Fraction(1, 2)), at(Fraction(3, 4)), ordered[-1]


def in_bins(values: Iterable[Fraction], low: Fraction, high: Fraction, bins: int = 10) -> list[int]:
    """How many values lie in each of the equal parts of a scale; a border belongs to the part above it.

    >>> in_bins([Fraction(0), Fraction(10), Fraction(99), Fraction(100)], Fraction(0), Fraction(100))
    [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    """
    counts = [0] * bins
    for value in values:
        place = int((value - low) * bins / (high - low)) if high > low else 0
        counts[min(max(place, 0), bins - 1)] += 1
    return counts
