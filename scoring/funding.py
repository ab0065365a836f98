"""The money side of the rules: lots, score bands and the way from a ranked list to awards.

Sums are whole kopiykas, shares are basis points (10,000 = the whole).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, cast

from scoring.errors import RulesError
from scoring.rounding import decimal_text, optional_text, parse_decimal
from scoring.strict_json import Section

AllocationName = Literal["stop", "skip", "marginal", "bands"]
ALLOCATIONS: Final = ("stop", "skip", "marginal", "bands")
WHOLE_BP: Final = 10_000


@dataclass(frozen=True)
class Band:
    """Share of the request (basis points) from a score upwards, or downwards where lower is better."""

    start: Decimal
    share_bp: int

    @classmethod
    def from_json(cls, value: object, path: str) -> Band:
        """Read one element of ``bands``; raises RulesError with the key."""
        part = Section(value, path, ("from", "share_bp"))
        return cls(start=part.decimal("from"), share_bp=part.whole("share_bp", most=WHOLE_BP))

    def to_json(self) -> dict[str, object]:
        """Write the element of ``bands``."""
        return {"from": decimal_text(self.start), "share_bp": self.share_bp}


@dataclass(frozen=True)
class AllocationRule:
    """How the ranked list becomes money: who is paid, what happens at the cut, what becomes of the rest."""

    rule: AllocationName = "marginal"
    marginal_bp: int = 5000
    pool_leftover: bool = False
    pool_without_lots: tuple[str, ...] = ()
    cap_per_applicant_kop: int | None = None
    bands: tuple[Band, ...] = ()
    pool_kop: int | None = None

    KEYS = (
        "rule",
        "marginal_bp",
        "pool_leftover",
        "pool_without_lots",
        "cap_per_applicant_kop",
        "bands",
        "pool_kop",
    )

    @classmethod
    def from_json(cls, value: object, path: str) -> AllocationRule:
        """Read ``allocation``; raises RulesError with the key."""
        part = Section(value, path, cls.KEYS)
        bands = tuple(Band.from_json(element, place) for place, element in part.items("bands"))
        if len({band.start for band in bands}) != len(bands):
            raise part.refuse("bands", "two bands start at the same score")
        return cls(
            rule=cast(AllocationName, part.choice("rule", ALLOCATIONS)),  # choice() has checked the word
            marginal_bp=part.whole("marginal_bp", most=WHOLE_BP),
            pool_leftover=part.boolean("pool_leftover"),
            pool_without_lots=part.texts("pool_without_lots"),
            cap_per_applicant_kop=part.optional_whole("cap_per_applicant_kop"),
            bands=bands,
            pool_kop=part.optional_whole("pool_kop"),
        )

    def to_json(self) -> dict[str, object]:
        """Write ``allocation``."""
        return {
            "rule": self.rule,
            "marginal_bp": self.marginal_bp,
            "pool_leftover": self.pool_leftover,
            "pool_without_lots": list(self.pool_without_lots),
            "cap_per_applicant_kop": self.cap_per_applicant_kop,
            "bands": [band.to_json() for band in self.bands],
            "pool_kop": self.pool_kop,
        }


@dataclass(frozen=True)
class Lot:
    """A part of the fund with its own list (domain: «лот»); sums in kopiykas."""

    code: str
    fund_kop: int
    minimum_kop: int | None = None
    maximum_kop: int | None = None
    pass_mark: Decimal | None = None
    criteria_weights: tuple[tuple[str, Decimal], ...] | None = None
    spend_min_kop: int | None = None
    spend_max_kop: int | None = None

    KEYS = (
        "code",
        "fund_kop",
        "minimum_kop",
        "maximum_kop",
        "pass_mark",
        "criteria_weights",
        "spend_min_kop",
        "spend_max_kop",
    )

    @classmethod
    def from_json(cls, value: object, path: str) -> Lot:
        """Read one element of ``lots``; raises RulesError with the key."""
        part = Section(value, path, cls.KEYS)
        found = cls(
            code=part.text("code"),
            fund_kop=part.whole("fund_kop"),
            minimum_kop=part.optional_whole("minimum_kop"),
            maximum_kop=part.optional_whole("maximum_kop"),
            pass_mark=part.optional_decimal("pass_mark"),
            criteria_weights=_weights(part),
            spend_min_kop=part.optional_whole("spend_min_kop"),
            spend_max_kop=part.optional_whole("spend_max_kop"),
        )
        for least, most in (("minimum_kop", "maximum_kop"), ("spend_min_kop", "spend_max_kop")):
            low, high = getattr(found, least), getattr(found, most)
            if low is not None and high is not None and low > high:
                raise part.refuse(most, f"must not be under {least}")
        return found

    def to_json(self) -> dict[str, object]:
        """Write the element of ``lots``."""
        weights = self.criteria_weights
        return {
            "code": self.code,
            "fund_kop": self.fund_kop,
            "minimum_kop": self.minimum_kop,
            "maximum_kop": self.maximum_kop,
            "pass_mark": optional_text(self.pass_mark),
            "criteria_weights": None if weights is None else {code: decimal_text(weight) for code, weight in weights},
            "spend_min_kop": self.spend_min_kop,
            "spend_max_kop": self.spend_max_kop,
        }


def _weights(part: Section) -> tuple[tuple[str, Decimal], ...] | None:
    value = part.raw("criteria_weights")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise part.refuse("criteria_weights", "must be an object or null")
    found = []
    for code, text in value.items():
        place = f"{part.at('criteria_weights')}.{code}"
        try:
            weight = parse_decimal(text if isinstance(text, str) else "")
        except ValueError:
            raise RulesError("must be a decimal number written as text", column=place) from None
        if weight < 0:
            raise RulesError("must not be negative", column=place)
        found.append((str(code), weight))
    return tuple(sorted(found))
