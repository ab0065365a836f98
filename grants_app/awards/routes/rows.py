"""Rows of the ranked list made ready for the page: texts are formed once, so that the template only prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from grants_app.awards.queries.ranking import RankedRow, RankingPage
from grants_app.awards.rules.words import DEPARTURES, STANDINGS
from grants_app.reviews.documents.explanation import tie_rule
from grants_app.web import formatting

EQUAL = "…codes…"
MOST_CODES = 6
_WAITING = frozenset(("reserve", "tie_at_cut"))
_BELOW = frozenset(("below_pass_mark", "insufficient"))


@dataclass(slots=True)
class Cells:
    """A row as it is printed, with the full-width lines that stand before it."""

    place: str
    code: str
    title: str
    under: str
    score: str
    marks: str
    dots: list[str]
    span: str
    mean: str
    dashes: str
    requested: str
    rule: str
    proposed: str
    running: str
    spread: str
    state: str
    colour: str
    css: str
    notes: list[str]
    before: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Exported:
    """A row of the files: the same columns as the page, values unformatted."""

    place: int | None
    title: str
    organisation: str
    code: str
    score: str | None
    marks: str
    requested_kop: int
    rule_kop: int
    proposed_kop: int
    running_kop: int | None
    state: str
    note: str


def cells_of(page: RankingPage) -> list[Cells]:
    """The rows of a page with the lines of lots, money and pass mark where the list is in the order of places."""
    words = {key: (_(label.label), label.colour) for key, label in STANDINGS.items()}
    told = _tie_words(page)
    cells = [_cells(row, page, words, told) for row in page.rows]
    if page.zone:
        border = _("border of funding (for information)")
        for cell in cells:
            if cell.code in page.zone:
                cell.notes = [*cell.notes, border]
    if page.choice.sort == "place":
        _draw_lines(page, cells)
    return cells


def exported(page: RankingPage) -> list[Exported]:
    """The rows for the files."""
    words = {key: _(label.label) for key, label in STANDINGS.items()}
    told = _tie_words(page)
    return [
        Exported(
            place=row.place,
            title=row.title,
            organisation=row.organisation,
            code=row.code,
            score=row.score,
            marks=row.marks.replace(" ", " · "),
            requested_kop=row.requested_kop,
            rule_kop=row.rule_kop,
            proposed_kop=row.proposed_kop,
            running_kop=row.running_kop,
            state=_state(row, words[row.standing]),
            note="; ".join(_notes(row, page, told)),
        )
        for row in page.rows
    ]


def lot_sentences(page: RankingPage) -> list[str]:
    """The money of every lot in one sentence, for the bars and for the documents."""
    return [f"{balance['title']}: {lot_sentence(balance)}" for balance in page.balances]


def lot_sentence(balance: Mapping[str, Any]) -> str:
    """What is left and what the cheapest waiting project would cost."""
    left = balance["left_kop"]
    text = (
        _("%(sum)s of %(fund)s is left.", sum=formatting.money(left), fund=formatting.money(balance["fund_kop"]))
        if left > 0
        else _("All %(fund)s is distributed.", fund=formatting.money(balance["fund_kop"]))
    )
    cheapest = balance["cheapest"]
    if cheapest is None:
        return text
    told = _(
        "The cheapest on the reserve, %(code)s, asks for %(sum)s.",
        code=cheapest["code"],
        sum=formatting.money(cheapest["amount_kop"]),
    )
    return f"{text} {told}"


def separated(rule: str, criteria: Mapping[str, str]) -> str:
    """The deciding tie rule in words."""
    return _("Equal score, separated by: %(rule)s", rule=tie_rule(rule, criteria))


def _tie_words(page: RankingPage) -> dict[str, str]:
    """Sentences about ties, formed once for a page; the place of the codes is kept open."""
    rules = {row.separated_by for row in page.rows if row.separated_by}
    told = {rule: separated(rule, page.criteria) for rule in rules}
    return {**told, EQUAL: _("Equal with: %(codes)s", codes=EQUAL)}


def _cells(row: RankedRow, page: RankingPage, words: Mapping[str, tuple[str, str]], told: Mapping[str, str]) -> Cells:
    label, colour = words[row.standing]
    dots, _semi, rest = row.strip.partition(";")
    mean, _semi, dashes = rest.partition(";")
    places = dots.split(" ") if dots else []
    span = f"M{min(places, key=float)} 10H{max(places, key=float)}" if places else ""
    css = "is-out" if row.standing in {"below_pass_mark", "insufficient"} else ""
    return Cells(
        place=str(row.place) if row.place is not None else "–",
        code=row.code,
        title=row.title,
        under=f"{row.organisation} · " if row.organisation else "",
        score=formatting.number(row.score or None),
        marks=formatting.number(row.marks).replace(" ", " · "),
        dots=places,
        span=span,
        mean=mean,
        dashes=dashes,
        requested=formatting.hryvnias(row.requested_kop),
        rule=formatting.hryvnias(row.rule_kop) if row.rule_kop else "–",
        proposed=formatting.hryvnias(row.proposed_kop) if row.proposed_kop else "–",
        running=formatting.hryvnias(row.running_kop) if row.running_kop is not None else "–",
        spread=formatting.number(row.spread) if row.spread else "",
        state=_state(row, label),
        colour=colour,
        css="is-partial" if row.standing in {"partial", "changed"} else css,
        notes=_notes(row, page, told) if row.separated_by or row.tied_with or row.departure else [],
    )


def _state(row: RankedRow, label: str) -> str:
    return f"{label} {row.reserve_place}" if row.reserve_place is not None and row.standing == "reserve" else label


def _notes(row: RankedRow, page: RankingPage, told: Mapping[str, str]) -> list[str]:
    notes = []
    if row.separated_by:
        notes.append(told[row.separated_by])
    if row.tied_with and not page.hidden:
        more = "…" if len(row.tied_with) > MOST_CODES else ""
        notes.append(told[EQUAL].replace(EQUAL, ", ".join(row.tied_with[:MOST_CODES]) + more))
    if row.departure:
        notes.append(f"{_(DEPARTURES[row.departure])}. {row.reason}")
    return notes


def _draw_lines(page: RankingPage, cells: list[Cells]) -> None:
    by_lot = {balance["lot"]: balance for balance in page.balances}
    names_lots = len(page.lots) > 1 and not page.choice.lot
    drawn: set[tuple[str, str]] = set()

    def is_first(kind: str, lot: str) -> bool:
        """Each line is drawn once a lot, and its words are formed only then."""
        new = (kind, lot) not in drawn
        drawn.add((kind, lot))
        return new

    for row, cell in zip(page.rows, cells, strict=True):
        balance = by_lot.get(row.lot)
        if balance is None:
            continue
        if names_lots and is_first("lot", row.lot):
            cell.before.append(("app-cut app-cut--pass", balance["title"], ""))
        waits = row.standing in _WAITING and balance["cut_at"] is not None and row.position >= balance["cut_at"]
        if waits and is_first("cut", row.lot):
            cell.before.append(("app-cut", _("Money line."), _cut_text(balance)))
        if row.standing in _BELOW and is_first("pass", row.lot):
            mark = _("Pass mark %(mark)s.", mark=formatting.number(page.pass_mark))
            told = _("Applications below are not funded, even if money is left.")
            cell.before.append(("app-cut app-cut--pass", mark, told))


def _cut_text(balance: Mapping[str, Any]) -> str:
    spent = balance["fund_kop"] - balance["left_kop"]
    count = balance["funded_count"] + balance["partial_count"]
    parts = [
        ngettext(
            "Above this line %(num)d project receives %(sum)s.",
            "Above this line %(num)d projects receive %(sum)s.",
            count,
            sum=formatting.money(spent),
        )
    ]
    if balance["short"]:
        parts.append(
            _(
                "To give %(code)s its full sum, %(sum)s is missing.",
                code=balance["short"]["code"],
                sum=formatting.money(balance["short"]["amount_kop"]),
            )
        )
    if balance["next"]:
        parts.append(
            _(
                "The price of one more project: %(sum)s for %(code)s.",
                code=balance["next"]["code"],
                sum=formatting.money(balance["next"]["amount_kop"]),
            )
        )
    return " ".join(parts)
