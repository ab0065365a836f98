"""The rules of a competition as frozen, hashable values: what is marked, how marks become places and money.

The format is the project's public ``rules.json``; :meth:`Rules.from_json` refuses whatever the format does not
name, because a rule that is silently ignored decides about money just as a wrong one does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal, cast

from scoring.digest import digest
from scoring.errors import RulesError
from scoring.funding import AllocationRule, Band, Lot
from scoring.rounding import RoundingMode, decimal_text, optional_text
from scoring.strict_json import Section

Direction = Literal["higher", "lower"]
ExpertTotal = Literal["normalised", "points", "weighted_mean"]
Order = Literal["total_then_combine", "combine_each_criterion_then_weight"]
Combine = Literal["mean", "sum", "trimmed", "median"]
StageName = Literal["expert_total", "criterion_combined", "criterion_weighted", "total"]

DIRECTIONS: Final = ("higher", "lower")
EXPERT_TOTALS: Final = ("normalised", "points", "weighted_mean")
ORDERS: Final = ("total_then_combine", "combine_each_criterion_then_weight")
COMBINES: Final = ("mean", "sum", "trimmed", "median")
STAGES: Final = ("expert_total", "criterion_combined", "criterion_weighted", "total")
MODES: Final = ("half_up", "half_even")
TIE_BREAKS: Final = ("criterion", "column", "worst_expert")
MOST_PLACES: Final = 12

__all__ = ["AllocationRule", "Band", "Criterion", "Lot", "RoundingStage", "Rules", "TieBreak"]


@dataclass(frozen=True)
class Criterion:
    """One thing that experts mark: its scale, weight and own pass mark (domain: «критерій оцінювання»).

    >>> Criterion("results", "Results", Decimal(0), Decimal(10), Decimal(1), Decimal(20)).allows(Fraction(15, 2))
    False
    """

    code: str
    title: str
    min: Decimal
    max: Decimal
    step: Decimal
    weight: Decimal
    pass_mark: Decimal | None = None
    counted: bool = True

    KEYS = ("code", "title", "min", "max", "step", "weight", "pass_mark", "counted")

    @classmethod
    def from_json(cls, value: object, path: str) -> Criterion:
        """Read one element of ``criteria``; raises RulesError with the key."""
        part = Section(value, path, cls.KEYS)
        found = cls(
            code=part.text("code"),
            title=part.text("title", empty=True),
            min=part.decimal("min"),
            max=part.decimal("max"),
            step=part.decimal("step"),
            weight=part.decimal("weight"),
            pass_mark=part.optional_decimal("pass_mark"),
            counted=part.boolean("counted"),
        )
        if found.min >= found.max:
            raise part.refuse("max", "must be above min")
        if found.step <= 0:
            raise part.refuse("step", "must be above 0")
        if found.weight < 0:
            raise part.refuse("weight", "must not be negative")
        return found

    def to_json(self) -> dict[str, object]:
        """Write the element of ``criteria``."""
        return {
            "code": self.code,
            "title": self.title,
            "min": decimal_text(self.min),
            "max": decimal_text(self.max),
            "step": decimal_text(self.step),
            "weight": decimal_text(self.weight),
            "pass_mark": optional_text(self.pass_mark),
            "counted": self.counted,
        }

    def allows(self, points: Fraction) -> bool:
        """Tell whether a mark lies on the scale and on a step of it."""
        return self.is_on_scale(points) and (points - Fraction(self.min)) % Fraction(self.step) == 0

    def is_on_scale(self, points: Fraction) -> bool:
        """Tell whether a mark lies between the ends of the scale."""
        return Fraction(self.min) <= points <= Fraction(self.max)


@dataclass(frozen=True)
class RoundingStage:
    """One rounding of the published procedure: after what, to how many places, halves where."""

    after: StageName
    places: int
    mode: RoundingMode = "half_up"

    @classmethod
    def from_json(cls, value: object, path: str) -> RoundingStage:
        """Read one element of ``rounding``; raises RulesError with the key."""
        part = Section(value, path, ("after", "places", "mode"))
        return cls(
            after=cast(StageName, part.choice("after", STAGES)),  # choice() has checked the word
            places=part.whole("places", most=MOST_PLACES),
            mode=cast(RoundingMode, part.choice("mode", MODES)),  # choice() has checked the word
        )

    def to_json(self) -> dict[str, object]:
        """Write the element of ``rounding``."""
        return {"after": self.after, "places": self.places, "mode": self.mode}


@dataclass(frozen=True)
class TieBreak:
    """One link of the tie chain: what is compared when totals are equal, and which side wins.

    >>> TieBreak("criterion", "lower", "budget").label
    'criterion:budget'
    """

    by: Literal["criterion", "column", "worst_expert"]
    direction: Direction
    name: str = ""

    @classmethod
    def from_json(cls, value: object, path: str) -> TieBreak:
        """Read one element of ``tie_breaks``; raises RulesError with the key."""
        by = value.get("by") if isinstance(value, Mapping) else None
        if isinstance(value, Mapping) and by not in TIE_BREAKS:
            raise RulesError(f"must be one of {', '.join(TIE_BREAKS)}", column=f"{path}.by")
        named = {"criterion": ("code",), "column": ("column",)}.get(str(by), ())
        part = Section(value, path, ("by", *named, "direction"))
        return cls(
            by=cast(Literal["criterion", "column", "worst_expert"], by),  # one of TIE_BREAKS, see above
            direction=cast(Direction, part.choice("direction", DIRECTIONS)),  # choice() has checked the word
            name=part.text(named[0]) if named else "",
        )

    def to_json(self) -> dict[str, object]:
        """Write the element of ``tie_breaks``."""
        named = {"criterion": {"code": self.name}, "column": {"column": self.name}}.get(self.by, {})
        return {"by": self.by, **named, "direction": self.direction}

    @property
    def label(self) -> str:
        """Name by which results say what separated two applications."""
        return f"{self.by}:{self.name}" if self.name else self.by


@dataclass(frozen=True)
class Rules:
    """Everything that decides places and money, frozen when the competition is announced.

    Examples
    --------
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> Rules.from_json(rules.to_json()) == rules
    True
    """

    criteria: tuple[Criterion, ...]
    direction: Direction = "higher"
    expert_total: ExpertTotal = "normalised"
    order: Order = "total_then_combine"
    combine: Combine = "mean"
    trim: int = 0
    min_experts: int = 2
    rounding: tuple[RoundingStage, ...] = (RoundingStage("total", 2),)
    pass_mark: Decimal | None = None
    tie_breaks: tuple[TieBreak, ...] = ()
    allocation: AllocationRule = field(default_factory=AllocationRule)
    lots: tuple[Lot, ...] = ()
    rules_version: int = 1

    KEYS = (
        "rules_version",
        "direction",
        "criteria",
        "expert_total",
        "order",
        "combine",
        "trim",
        "min_experts",
        "rounding",
        "pass_mark",
        "tie_breaks",
        "allocation",
        "lots",
    )

    @classmethod
    def from_json(cls, value: object) -> Rules:
        """Read ``rules.json`` (parsed), refusing unknown keys and contradictions.

        Raises
        ------
        RulesError
            With the path of the key in ``column``, for example ``criteria[0].step``.
        """
        part = Section(value, "", cls.KEYS)
        part.whole("rules_version", least=1, most=1)
        found = cls(
            criteria=tuple(Criterion.from_json(element, place) for place, element in part.items("criteria")),
            direction=cast(Direction, part.choice("direction", DIRECTIONS)),  # choice() has checked the words
            expert_total=cast(ExpertTotal, part.choice("expert_total", EXPERT_TOTALS)),
            order=cast(Order, part.choice("order", ORDERS)),
            combine=cast(Combine, part.choice("combine", COMBINES)),
            trim=part.whole("trim"),
            min_experts=part.whole("min_experts", least=1),
            rounding=tuple(RoundingStage.from_json(element, place) for place, element in part.items("rounding")),
            pass_mark=part.optional_decimal("pass_mark"),
            tie_breaks=tuple(TieBreak.from_json(element, place) for place, element in part.items("tie_breaks")),
            allocation=AllocationRule.from_json(part.raw("allocation"), "allocation"),
            lots=tuple(Lot.from_json(element, place) for place, element in part.items("lots")),
        )
        _check_criteria(found)
        _check_references(found)
        return found

    def to_json(self) -> dict[str, object]:
        """Write ``rules.json``; reading it again gives equal rules."""
        return {
            "rules_version": self.rules_version,
            "direction": self.direction,
            "criteria": [criterion.to_json() for criterion in self.criteria],
            "expert_total": self.expert_total,
            "order": self.order,
            "combine": self.combine,
            "trim": self.trim,
            "min_experts": self.min_experts,
            "rounding": [stage.to_json() for stage in self.rounding],
            "pass_mark": optional_text(self.pass_mark),
            "tie_breaks": [link.to_json() for link in self.tie_breaks],
            "allocation": self.allocation.to_json(),
            "lots": [lot.to_json() for lot in self.lots],
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the rules."""
        return digest(self.to_json())

    @cached_property
    def _lots_by_code(self) -> dict[str, Lot]:
        return {lot.code: lot for lot in self.lots}

    def lot(self, code: str) -> Lot | None:
        """Find a lot by its code."""
        return self._lots_by_code.get(code)

    def stage(self, after: StageName) -> RoundingStage | None:
        """Find the rounding that stands at a place of the procedure."""
        return next((stage for stage in self.rounding if stage.after == after), None)

    def pass_mark_of(self, lot_code: str) -> Fraction | None:
        """Pass mark of a lot, or the common one where the lot names none."""
        lot = self.lot(lot_code)
        own = lot.pass_mark if lot is not None and lot.pass_mark is not None else self.pass_mark
        return None if own is None else Fraction(own)

    def reaches(self, score: Fraction, pass_mark: Fraction | None) -> bool:
        """Compare a score with a pass mark in the direction of the rules; equal is enough."""
        if pass_mark is None:
            return True
        return score >= pass_mark if self.direction == "higher" else score <= pass_mark


def _refuse_twice(codes: Sequence[str], path: str, what: str) -> None:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            raise RulesError(f"{what} {code!r} stands twice", column=f"{path}[{index}]")


def _check_criteria(rules: Rules) -> None:
    if not any(criterion.counted and criterion.weight > 0 for criterion in rules.criteria):
        raise RulesError("at least one counted criterion must have a weight above 0", column="criteria")
    _refuse_twice([criterion.code for criterion in rules.criteria], "criteria", "criterion")
    _refuse_twice([stage.after for stage in rules.rounding], "rounding", "stage")
    counted = {criterion.code for criterion in rules.criteria if criterion.counted}
    codes = {criterion.code for criterion in rules.criteria}
    for index, lot in enumerate(rules.lots):
        if lot.criteria_weights is None:
            continue
        path = f"lots[{index}].criteria_weights"
        for code, _ in lot.criteria_weights:
            if code not in codes:
                raise RulesError("unknown criterion", column=f"{path}.{code}")
        if not any(code in counted and weight > 0 for code, weight in lot.criteria_weights):
            raise RulesError("at least one counted criterion must have a weight above 0", column=path)


def _check_references(rules: Rules) -> None:
    _refuse_twice([lot.code for lot in rules.lots], "lots", "lot")
    codes = {criterion.code for criterion in rules.criteria}
    for index, link in enumerate(rules.tie_breaks):
        if link.by == "criterion" and link.name not in codes:
            raise RulesError(f"unknown criterion {link.name!r}", column=f"tie_breaks[{index}].code")
    for index, code in enumerate(rules.allocation.pool_without_lots):
        if rules.lot(code) is None:
            raise RulesError(f"unknown lot {code!r}", column=f"allocation.pool_without_lots[{index}]")
