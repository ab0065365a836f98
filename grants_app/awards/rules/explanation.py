"""Which steps of the walk down a lot decide about one application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Step = Mapping[str, Any]

# The application takes no part: the fund of its lot has nothing to do with it.
OUTSIDE = frozenset(("not_eligible", "below_bands", "asks_nothing"))
BEFORE = "given_before"  # a step of ours: what higher places have received


def score_steps(steps: Sequence[Step], *, by_total: bool) -> tuple[list[Step], list[Step], list[Step]]:
    """Steps of a ranking line in three parts: to the score, to the means by criterion, to the place."""
    score: list[Step] = []
    criteria: list[Step] = []
    place: list[Step] = []
    for step in steps:
        key = str(step["key"])
        if key in ("place", "place_in_lot", "separated_by", "tie_not_separated", "tied_with"):
            place.append(step)
        elif by_total and key.startswith("criterion_combined"):
            criteria.append(step)
        else:
            score.append(step)
    return score, criteria, place


def money_steps(lot: str, code: str, trace: Sequence[Step]) -> list[Step]:
    """The walk as far as it decides about this application, or who stopped it before."""
    own = [step for step in trace if _speaks_of(step["operands"], code)]
    if own and own[0]["key"] in OUTSIDE:
        return own[:1]
    opened = [step for step in trace if step["key"] == "lot_opened" and step["operands"].get("lot") == lot]
    if own:
        return [*opened, *_before(opened, own), *own]
    return [*opened, *_stopped(lot, trace)]


def _speaks_of(operands: Mapping[str, str], code: str) -> bool:
    return operands.get("application") == code or code in str(operands.get("applications", "")).split(", ")


def _before(opened: Sequence[Step], own: Sequence[Step]) -> Iterable[Step]:
    """What higher places have received: the fund less what was left when the walk came here."""
    first = next((step for step in own if step["key"] not in ("band_share", "over_cap")), None)
    if not opened or first is None or first["key"].startswith("pool"):
        return
    fund = int(opened[0]["operands"]["fund_kop"])
    left = first["operands"].get("left_kop") or (first["result"] if first["key"] == "remainder_paid" else "")
    if str(left).isdigit():
        facts = {"fund_kop": str(fund), "left_kop": str(left)}
        yield {"key": BEFORE, "operands": facts, "result": str(fund - int(left))}


def _stopped(lot: str, trace: Sequence[Step]) -> list[Step]:
    """The application at which the walk of the lot stopped, with its steps."""
    end = next(
        (
            index
            for index, step in enumerate(trace)
            if step["key"] == "lot_stopped" and step["operands"].get("lot") == lot
        ),
        None,
    )
    if end is None:
        return []
    who = None
    for step in reversed(trace[:end]):
        who = step["operands"].get("application") or step["operands"].get("applications")
        if who:
            break
    told = [
        step
        for step in trace[:end]
        if who and who in (step["operands"].get("application"), step["operands"].get("applications"))
    ]
    return [*told, trace[end]]
