"""Experts, applications and pairs of both as they enter the assignment."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """How well an expert suits an application, or that the two must never, or in any case, meet.

    A pair that is not listed has affinity 0 and is allowed.

    >>> Pair("E-1", "A-1", 4.0).conflict
    False
    """

    expert: str
    application: str
    affinity: float = 0.0
    conflict: bool = False
    fixed: bool = False


class ExpertTerms(NamedTuple):
    """What is known of one expert; a load that is not given is the common one.

    >>> ExpertTerms("E-1", max_load=5, profiles=("law",)).min_load is None
    True
    """

    expert: str
    max_load: int | None = None
    min_load: int | None = None
    organisation: str = ""
    profiles: tuple[str, ...] = ()


class ApplicationTerms(NamedTuple):
    """What one application asks for: so many experts, at least one of each profile, so many of the previous ones.

    ``keep`` is capped by the demand and by those previous experts who may be chosen together.

    >>> ApplicationTerms("A-1", profiles=("law",), previous=("E-1", "E-2"), keep=1).demand is None
    True
    """

    application: str
    demand: int | None = None
    profiles: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    keep: int = 0


class Link(NamedTuple):
    """An expert who has to do with an applicant: declared, found or raised, whatever was decided about it."""

    expert: str
    application: str
