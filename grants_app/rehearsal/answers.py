"""Made-up answers that fit any form: every kind, limit, condition and repeating row; and a budget within any rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from grants_app.applications.rules import Line
from grants_app.applications.rules.budget import Limits
from grants_app.competitions.rules.form import Cell, Form, Question, holds, leaves

PHONE, EMAIL = "+380000000000", "office@demo.example"
SENTENCES = (
    "Це вигадана відповідь для репетиції.",
    "Сусіди збираються раз на тиждень і роблять спільну справу.",
    "Ми опитали мешканців трьох мікрорайонів: двоє з трьох назвали цю потребу нагальною.",
    "Результат побачать щонайменше сто людей, про це розкажуть списки й світлини.",
)
WHOLE_BP = 10_000


@dataclass(frozen=True)
class Bid:
    """One made-up application: its number and what it chooses."""

    number: int
    title: str
    head: str
    lot: str
    priority: str
    first: date
    last: date


def answers_for(form: Form, bid: Bid) -> dict[str, Any]:
    """Answers to every question that these answers let be asked; which branch is taken goes by the bid's number."""
    found: dict[str, Any] = {}
    shown: set[str] = set()
    for position, question in enumerate(form.questions.values()):
        if question.show_if is not None and not holds(question.show_if, found, shown):
            continue
        shown.add(question.code)
        found[question.code] = _answer(form, question, bid, position)
    return found


def _answer(form: Form, question: Question, bid: Bid, position: int) -> Any:
    own = _own(question.code, bid)
    if own is not None and question.kind in {"text", "date", "choice"}:
        return own
    if question.source:
        return {"lots": bid.lot, "priorities": bid.priority}.get(question.source, "")
    if question.kind in {"choice", "many"}:
        chosen = question.options[(bid.number + position) % len(question.options)][0]
        return [chosen] if question.kind == "many" else chosen
    if question.kind in {"number", "money"}:
        return _number(form, question, bid.number)
    if question.kind == "rows":
        return [_row(question, bid, number) for number in range(max(question.min_rows, 1))]
    if question.kind == "declaration":
        return True
    return _plain(question, bid)


def _own(code: str, bid: Bid) -> str | None:
    """Answers that the procedure reads."""
    return {
        "title": bid.title,
        "contact_name": bid.head,
        "contact_phone": PHONE,
        "contact_email": EMAIL,
        "start_on": bid.first.isoformat(),
        "end_on": bid.last.isoformat(),
        "other_public_funding": "yes" if bid.number % 4 == 3 else "no",
    }.get(code)


def _plain(asked: Question | Cell, bid: Bid) -> str:
    if asked.kind == "date":
        return bid.first.isoformat()
    return _text(asked.limit, getattr(asked, "limit_unit", "characters"), bid.number, long=asked.kind == "long")


def _text(limit: int, unit: str, number: int, *, long: bool) -> str:
    """Words of a made-up text within a limit; one letter where there is room for no more."""
    sentences = [SENTENCES[(number + index) % len(SENTENCES)] for index in range(3 if long else 1)]
    words = " ".join(sentences).split()
    if unit == "words":
        return " ".join(words[:limit])
    kept = ""
    for word in words:
        if len(kept) + 1 + len(word) > limit:
            break
        kept = f"{kept} {word}".strip()
    return kept or "Репетиція"[:limit]


def _number(form: Form, question: Question, number: int) -> int:
    """Around each threshold that other questions ask of this one, so that both branches are taken."""
    amounts = [100_000 if question.kind == "money" else 10 + number]
    for other in form.questions.values():
        for leaf in leaves(other.show_if) if other.show_if else ():
            if leaf.get("question") == question.code:
                for name, step in (("at_least", -1), ("at_most", 1)):
                    if name in leaf:
                        amounts += [leaf[name], max(leaf[name] + step, 0)]
    return max(int(amounts[number % len(amounts)]), 0)


def _row(question: Question, bid: Bid, number: int) -> dict[str, Any]:
    return {cell.code: _cell(cell, bid, number) for cell in question.cells}


def _cell(cell: Cell, bid: Bid, number: int) -> Any:
    if cell.kind == "choice":
        return cell.options[(bid.number + number) % len(cell.options)][0] if cell.options else ""
    if cell.kind in {"number", "money"}:
        return 100_000 if cell.kind == "money" else 2 + number
    if cell.kind == "date":
        end = min(bid.first + timedelta(days=14), bid.last)
        return (end if cell.code.startswith("end") else bid.first).isoformat()
    if cell.code == "name":
        return bid.head[: cell.limit]
    if cell.code == "edrpou":
        return ""  # a made-up code could be somebody’s
    return _text(cell.limit, "characters", bid.number + number, long=cell.kind == "long")


def budget_for(limits: Limits, *, fund_kop: int, number: int, count: int) -> list[Line]:
    """Lines whose city part lies within the limits of the lot and whose own share suffices; ceilings are kept as far
    as they add up to the whole."""
    least = limits.minimum_kop or min(fund_kop, 100_000)
    most = min(limits.maximum_kop or fund_kop, fund_kop) or least
    city = least + (max(most - least, 0) * (number % count) // max(count - 1, 1)) // 100 * 100
    share = min(limits.own_share_min_bp, WHOLE_BP - 1)
    own = -(-city * share // (WHOLE_BP - share)) if share else 0
    own += (-own) % 100
    inkind = own * limits.inkind_max_bp // WHOLE_BP // 2 // 100 * 100
    money = {"city": city, "own_cash": own - inkind, "own_inkind": inkind}
    return _lines(_portions(limits, city + own), money)


def ceilings_problem(limits: Limits) -> bool:
    """Whether every cost category has a ceiling and all of them together stay under the whole cost."""
    ceilings = [limits.ceilings.get(code) for code in limits.categories]
    known = [one for one in ceilings if one is not None]
    return bool(ceilings) and len(known) == len(ceilings) and sum(known) < WHOLE_BP


def _portions(limits: Limits, total: int) -> list[tuple[str, int]]:
    """The whole cost by categories: those without a ceiling share it; otherwise ceilings are filled one by one."""
    free = [code for code in limits.categories if code not in limits.ceilings]
    if free:
        chosen = free[:3]
        each = total // len(chosen) // 100 * 100
        return [*((code, each) for code in chosen[1:]), (chosen[0], total - each * (len(chosen) - 1))]
    left, found = total, []
    for code in limits.categories:
        part = min(left, total * limits.ceilings[code] // WHOLE_BP)
        if part > 0:
            found.append((code, part))
        left -= part
    if left > 0 and found:
        found[-1] = (found[-1][0], found[-1][1] + left)
    return found


def _lines(portions: list[tuple[str, int]], money: Mapping[str, int]) -> list[Line]:
    left = dict(money)
    lines = []
    for category, portion in portions:
        rest = portion
        for source in left:
            part = min(rest, left[source])
            if part > 0:
                lines.append(_line(category, part, source))
                left[source] -= part
                rest -= part
    return lines


def _line(category: str, total: int, source: str) -> Line:
    return Line(
        category=category,
        item="Витрата для репетиції",
        qty_milli=1000,
        price_kop=total,
        unit="послуга",
        justification="За середньою ціною трьох пропозицій",
        **{f"{source}_kop": total},
    )
