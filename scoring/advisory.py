"""Results that advise and never decide: their type is no official type, so no official function takes them."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.digest import ENGINE_VERSION
from scoring.explain import Step


@dataclass(frozen=True, kw_only=True)
class AdvisoryResult:
    """What every advisory result carries; it is no :class:`~scoring.ranking.OfficialResult`.

    >>> from scoring.ranking import OfficialResult
    >>> issubclass(AdvisoryResult, OfficialResult)
    False
    """

    rules_hash: str | None
    input_hash: str
    engine_version: str = ENGINE_VERSION
    steps: tuple[Step, ...] = ()
