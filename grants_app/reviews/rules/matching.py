"""What the assignment weighs: how well a pair fits, how hard a conflict keeps a pair apart, loads as even as can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

UNDER_REVIEW = 0  # affinity of a pair that waits for a decision on a conflict

# Ties that the register itself is: what, where it was found (msgids).
IN_REGISTER = ("stands in the register of conflicts", "register of conflicts")
TO_BE_DECIDED = ("stands in the register of conflicts until the chair decides", "register of conflicts")

MODES: dict[str, str] = {
    "sum": "Best match",
    "fair": "Fairest",
    "random": "Random with a limit",
}


@dataclass(frozen=True)
class Wish:
    """How the secretary wants the proposal: the mode; for a draw the highest probability of a pair and the seed."""

    mode: str = "sum"
    limit_bp: int = 5_000
    seed: int = 1


@dataclass(frozen=True)
class Load:
    """What one expert holds already and may hold at most."""

    held: int
    most: int


def even_loads(loads: Mapping[int, Load], whole: int) -> Iterator[dict[int, tuple[int, int]]]:
    """Least and most applications of each expert to try, from as even as the limits allow to any load at all.

    >>> next(even_loads({1: Load(0, 9), 2: Load(0, 9), 3: Load(0, 2)}, 10))
    {1: (4, 4), 2: (4, 4), 3: (2, 2)}
    """
    top = max((load.most for load in loads.values()), default=0)
    high = next((each for each in range(top + 1) if _capacity(loads, each) >= whole), top)
    low = max((each for each in range(high + 1) if _capacity(loads, each) <= whole), default=0)
    tried: list[dict[int, tuple[int, int]]] = []
    for less, more in ((low, high), (low - 1, high + 1), (low - 3, high + 2), (0, top)):
        bounds = {}
        for expert, load in loads.items():
            most = max(load.held, min(load.most, more))
            bounds[expert] = (max(0, min(most, less)), most)
        if bounds not in tried:
            tried.append(bounds)
            yield bounds


def _capacity(loads: Mapping[int, Load], each: int) -> int:
    """Seats taken when everybody has `each`, nobody less than they hold or more than they may."""
    return sum(max(load.held, min(load.most, each)) for load in loads.values())
