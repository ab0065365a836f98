"""Pairs of expert and application as they enter the assignment."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """How well an expert suits an application, or that the two must never meet.

    A pair that is not listed has affinity 0 and is allowed.

    >>> Pair("E-1", "A-1", 4.0).conflict
    False
    """

    expert: str
    application: str
    affinity: float = 0.0
    conflict: bool = False
