"""How a place and a sum came about, in steps that a person can redo by hand: sums in hryvnias, counts in digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from grants_app.core.money import number_text
from grants_app.reviews.rules.explanation import Told
from scoring import Rules
from scoring.marks import Application

Step = Mapping[str, Any]


def place_story(
    place: int | None, better: int, lot: str, equals: Sequence[tuple[str, str]], rule: str | None
) -> list[Told]:
    """The place from the count of better ones, and what separated it from equal scores.

    `equals` are codes of the applications with the same score and what decides between them, this one first.
    """
    if place is None:
        return []
    told = [Told("place", {"lot": lot}, f"1 + {better}", str(place))]
    if rule is not None and len(equals) > 1:
        listed = "; ".join(f"{code}: {value}" for code, value in equals)
        told.append(Told("separated", {"rule": rule}, listed))
    elif len(equals) > 1:
        told.append(Told("tied", {"codes": ", ".join(code for code, _ in equals[1:])}))
    return told


def money_story(rules: Rules, bid: Application, trace: Sequence[Step]) -> list[Told]:
    """The walk down the lot as far as it decides about this application."""
    told: list[Told] = []
    fund = 0
    speaks = False
    for step in trace:
        key, operands = step["key"], step["operands"]
        if key == "lot_opened" and operands.get("lot") == bid.lot:
            fund = int(operands["fund_kop"])
            told.append(Told("fund", {"lot": bid.lot, "rule": operands["rule"]}, "", _kop(fund)))
        elif _speaks_of(operands, bid.code):
            teller = TELLERS.get(key)
            if teller is not None:
                told.extend(teller(rules, bid, step, 0 if speaks and key != "pooled" else fund))
                speaks = True
    if not speaks:
        told.extend(_stopped_before(bid, trace))
    # What takes no part is said before the lot opens: its fund has nothing to do with it.
    return told[:1] if told and told[0].key in _OUTSIDE else told


def _speaks_of(operands: Mapping[str, str], code: str) -> bool:
    return operands.get("application") == code or code in str(operands.get("applications", "")).split(", ")


def _before(fund: int, left: int) -> Iterable[Told]:
    """What higher places have received, where the fund is known."""
    if fund:
        yield Told("given_before", {}, f"{_kop(fund)} − {_kop(left)}", _kop(fund - left))


def _funded(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    left, paid = int(step["operands"]["left_kop"]), int(step["result"])
    yield from _before(fund, left)
    yield Told("funded", {"place": step["operands"]["place"]}, f"{_kop(paid)} ≤ {_kop(left)}", _kop(paid))


def _band(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    operands = step["operands"]
    share = int(operands["share_bp"])
    formula = f"{_kop(int(operands['requested_kop']))} × {_percent(share)} ÷ 100"
    yield Told("band", {"start": _comma(operands["start"])}, formula, _kop(int(step["result"])))


def _not_fitting(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    need, left = int(step["operands"]["need_kop"]), int(step["operands"]["left_kop"])
    yield from _before(fund, left)
    yield Told("not_fitting", {"place": step["operands"]["place"]}, f"{_kop(need)} > {_kop(left)}")


def _remainder_paid(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    need, left = int(step["operands"]["need_kop"]), int(step["result"])
    yield from _before(fund, left)
    yield Told("not_fitting", {"place": step["operands"]["place"]}, f"{_kop(need)} > {_kop(left)}")
    least, formula = _least(rules, bid)
    yield Told("least_remainder", {}, formula, _kop(least))
    yield Told("remainder_paid", {}, f"{_kop(left)} ≥ {_kop(least)}", _kop(left))


def _remainder_too_small(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    left, least = int(step["operands"]["left_kop"]), int(step["operands"]["least_kop"])
    yield Told("least_remainder", {}, _least(rules, bid)[1], _kop(least))
    yield Told("remainder_too_small", {}, f"{_kop(left)} < {_kop(least)}")


def _least(rules: Rules, bid: Application) -> tuple[int, str]:
    """The smallest remainder that may be paid, as the greatest of what asks for it."""
    share = rules.allocation.marginal_bp
    lot = rules.lot(bid.lot)
    asked = bid.requested_kop or 0
    parts = [(-(-asked * share // 10_000), f"{_kop(asked)} × {_percent(share)} ÷ 100")]
    if bid.smallest_kop:
        parts.append((bid.smallest_kop, _kop(bid.smallest_kop)))
    if lot is not None and lot.minimum_kop:
        parts.append((lot.minimum_kop, _kop(lot.minimum_kop)))
    formula = parts[0][1] if len(parts) == 1 else f"max({'; '.join(text for _, text in parts)})"
    return max(1, *(value for value, _ in parts)), formula


def _over_cap(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    reached, cap = int(step["operands"]["reached_kop"]), int(step["operands"]["cap_kop"])
    yield Told("over_cap", {}, f"{_kop(reached)} > {_kop(cap)}")


def _tie(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    left = int(step["operands"]["left_kop"])
    yield from _before(fund, left)
    yield Told("tie_at_cut", {"codes": step["operands"]["applications"]}, "", _kop(left))


def _pooled(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    left, paid = int(step["operands"]["left_kop"]), int(step["result"])
    yield Told("pooled", {}, f"{_kop(paid)} ≤ {_kop(left)}", _kop(paid))


def _pool_not_fitting(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
    need, left = int(step["operands"]["need_kop"]), int(step["operands"]["left_kop"])
    yield Told("pool_not_fitting", {}, f"{_kop(need)} > {_kop(left)}")


def _plain(key: str) -> Callable[[Rules, Application, Step, int], Iterable[Told]]:
    def teller(rules: Rules, bid: Application, step: Step, fund: int) -> Iterable[Told]:
        yield Told(key, {"reason": str(step["operands"].get("reason", ""))})

    return teller


def _stopped_before(bid: Application, trace: Sequence[Step]) -> Iterable[Told]:
    """Who stopped the walk of the lot before it came to this application."""
    last: Step | None = None
    for step in trace:
        if step["key"] == "lot_stopped" and step["operands"].get("lot") == bid.lot:
            if last is not None and "place" in last["operands"]:
                who = last["operands"].get("application") or last["operands"].get("applications", "")
                yield Told("stopped_at", {"application": who, "place": last["operands"]["place"]})
                return
            yield Told("stopped", {})
            return
        if "place" in step["operands"]:
            last = step


_OUTSIDE = ("not_eligible", "below_bands", "asks_nothing")
TELLERS: dict[str, Callable[[Rules, Application, Step, int], Iterable[Told]]] = {
    "funded": _funded,
    "band_share": _band,
    "not_fitting": _not_fitting,
    "remainder_paid": _remainder_paid,
    "remainder_too_small": _remainder_too_small,
    "over_cap": _over_cap,
    "tie_at_cut": _tie,
    "pooled": _pooled,
    "pool_not_fitting": _pool_not_fitting,
    "not_eligible": _plain("not_eligible"),
    "below_bands": _plain("below_bands"),
    "asks_nothing": _plain("asks_nothing"),
}


def _kop(value: int) -> str:
    return number_text(value)


def _percent(share_bp: int) -> str:
    whole, rest = divmod(share_bp, 100)
    return f"{whole},{rest:02d}".rstrip("0") if rest else str(whole)


def _comma(text: str) -> str:
    return str(text).replace(".", ",")
