"""A small worked example of the ranking by the rules of a call, computed by the engine that will rank."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from grants_app.competitions.models import Competition
from grants_app.competitions.queries.calls import engine_rules
from grants_app.core.errors import InvalidInput
from scoring import Application, Criterion, Mark, ScoringError, rank

# How much of the scale the two made-up applications earn; the experts of one differ by a step.
_STRENGTHS = {"A": Decimal("0.8"), "B": Decimal("0.6")}


@dataclass(frozen=True)
class ExampleLine:
    """One expert’s marks of one made-up application: by criterion in order, and their total."""

    application: str
    expert: str
    marks: tuple[str, ...]
    total: str


@dataclass(frozen=True)
class ExampleResult:
    """What the engine makes of a made-up application."""

    application: str
    score: str
    place: int | None


@dataclass(frozen=True)
class Example:
    """Marks and what follows from them."""

    lines: tuple[ExampleLine, ...]
    results: tuple[ExampleResult, ...]


def worked_example(competition: Competition) -> Example | None:
    """Two made-up applications ranked by the call’s rules; None while the rules do not hold together."""
    try:
        rules = engine_rules(competition)
        if not rules.criteria or not rules.lots:
            return None
        experts = max(int(rules.min_experts), min(competition.experts_per_application, 3))
        lot = rules.lots[0]
        bids = [
            Application(code, lot.code, lot.minimum_kop or min(lot.fund_kop, 100), columns={"own_share_bp": "2500"})
            for code in _STRENGTHS
        ]
        given = {
            (code, f"E{number}"): [_mark(each, strength, number) for each in rules.criteria]
            for code, strength in _STRENGTHS.items()
            for number in range(1, experts + 1)
        }
        marks = [
            Mark(code, expert, criterion.code, text)
            for (code, expert), texts in given.items()
            for criterion, text in zip(rules.criteria, texts, strict=True)
        ]
        ranking = rank(rules, bids, marks)
    except (InvalidInput, ScoringError):
        return None
    lines = tuple(
        ExampleLine(code, expert, tuple(texts), ranking.row(code).expert_totals.get(expert, "–"))
        for (code, expert), texts in given.items()
    )
    results = tuple(ExampleResult(row.application, row.score or "–", row.place) for row in ranking)
    return Example(lines, results)


def _mark(criterion: Criterion, strength: Decimal, number: int) -> str:
    """A mark on the criterion’s own steps: the strength’s share of the scale, a step less for every second expert."""
    steps = ((criterion.max - criterion.min) * strength / criterion.step).quantize(Decimal(1), ROUND_HALF_EVEN)
    chosen = criterion.min + criterion.step * max(steps - (number + 1) % 2, Decimal(0))
    return format(min(chosen, criterion.max).normalize(), "f")
