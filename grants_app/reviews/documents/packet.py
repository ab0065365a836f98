"""The reviewer's packet on paper: an application as its expert reads it, the score sheet to fill in, the read-me."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from grants_app.competitions.models import Competition
from grants_app.core import clock, figures
from grants_app.reviews.documents.sheet import comma
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries import Reading, SheetView
from grants_app.reviews.queries.reading import ReadLine
from grants_app.reviews.rules import packet
from grants_app.reviews.rules.packet import BID_COLUMNS, HEADINGS, RECOMMENDATION_WORDS, SCORE_COLUMNS, SHEET_NAMES
from grants_app.web import formatting
from grants_app.web.export import Block, Document
from grants_app.web.parcels import Workbook

_SCORE_WIDTHS = (20, 32, 12, 32, 18, 10, 60)
_BID_WIDTHS = (20, 32, 26, 18, 60, 40, 10)


def application_paper(assignment: Assignment, reading: Reading, *, lang: str) -> Document:
    """The application with the code of its reader and the day across every page."""
    application = assignment.application
    blocks = [Block("facts", pairs=_facts(assignment, reading))]
    if reading.is_masked:
        note = _("This is an edited copy: what could name the applicant is masked with the sign █.")
        blocks.append(Block("text", text=note))
    for section in reading.sections:
        blocks.append(Block("heading", text=_(section.title)))
        for answer in section.answers:
            blocks += _answer(answer)
    if reading.budget:
        blocks.append(Block("table", text=_("Project budget"), table=_budget(reading)))
    if reading.attachments:
        blocks.append(Block("heading", text=_("Attached documents")))
        items = [f"{_(file.label)}: {file.file_name} ({(file.size + 1023) // 1024} KB)" for file in reading.attachments]
        blocks.append(Block("list", items=items))
    return Document(
        title=reading.title,
        caption=application.competition.title,
        number=reading.code,
        blocks=blocks,
        foot=_("%(code)s, copy of expert %(expert)s", code=reading.code, expert=assignment.expert_code),
        lang=lang,
        watermark=f"{assignment.expert_code} · {formatting.day_short(clock.now())}",
    )


def _facts(assignment: Assignment, reading: Reading) -> list[tuple[str, str]]:
    application = assignment.application
    facts = [(_("Application"), reading.code)]
    if reading.applicant:
        facts.append((_("Applicant"), reading.applicant))
    if application.lot is not None:
        facts.append((_("Lot"), application.lot.title))
    return [
        *facts,
        (_("Requested sum"), formatting.money_exact(application.requested_kop)),
        (_("Full cost of the project"), formatting.money_exact(application.total_cost_kop)),
    ]


def _answer(answer: Any) -> list[Block]:
    if not (answer.text or answer.lines):
        return []
    label = Block("quiet", text=_(answer.label))
    if answer.lines:
        return [label, Block("list", items=list(answer.lines))]
    return [label, Block("text", text=_(answer.text) if answer.is_choice else answer.text)]


def _budget(reading: Reading) -> dict[str, Any]:
    cells = [
        [
            "\n".join((line.item, _price(line))),
            _(reading.categories.get(line.category, line.category)),
            line.justification,
            formatting.hryvnias_exact(line.total_kop),
            formatting.hryvnias_exact(line.city_kop),
        ]
        for line in reading.budget
    ]
    sums = [formatting.hryvnias_exact(sum(getattr(line, one) for line in reading.budget)) for one in _SUMS]
    cells.append([_("Total"), "", "", *sums])
    return {
        "headings": [_("Costs"), _("Category"), _("Justification"), _("Whole cost, UAH"), _("City, UAH")],
        "numeric": [False, False, False, True, True],
        "widths": [3.0, 1.8, 3.0, 1.4, 1.4],
        "formats": [None] * 5,
        "cells": cells,
        "values": cells,
    }


_SUMS = ("total_kop", "city_kop")


# -- the score sheet -------------------------------------------------------------------------------------------

Item = tuple[Assignment, Reading, SheetView]


def _price(line: ReadLine) -> str:
    return f"{formatting.quantity(line.qty_milli)} {line.unit} × {formatting.money_exact(line.price_kop)}"


def score_sheet(competition: Competition, items: Sequence[Item], *, lang: str) -> Workbook:
    """The workbook to fill in: how to, points by application and criterion, the rest by application."""
    lang = lang if lang in packet.LANGUAGES else "uk"
    return Workbook(
        [
            _sheet("help", lang, lines=_instructions(competition), widths=[110]),
            _scores(items, lang),
            _bids(items, lang),
        ]
    )


def _sheet(name: str, lang: str, **parts: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"lines": [], "headings": [], "widths": [], "rows": [], "open": [], "checks": []}
    return {"name": SHEET_NAMES[name][lang], **empty, **parts}


def _scores(items: Sequence[Item], lang: str) -> dict[str, Any]:
    rows: list[list[Any]] = []
    checks: list[dict[str, Any]] = []
    for _assignment, reading, view in items:
        for one in view.criteria:
            span = {"low": comma(one.low), "high": comma(one.high), "step": comma(one.step)}
            scale = _("%(low)s to %(high)s, step %(step)s", **span)
            points = None if one.points is None else float(one.points)  # a spreadsheet has no other numbers
            rows.append([reading.code, reading.title, one.code, one.title, scale, points, one.justification])
            checks.append(_check(len(rows) - 1, one, scale))
    return _sheet(
        "scores",
        lang,
        headings=[HEADINGS[name][lang] for name in SCORE_COLUMNS],
        widths=list(_SCORE_WIDTHS),
        rows=rows,
        open=[SCORE_COLUMNS.index("points"), SCORE_COLUMNS.index("reason")],
        checks=checks,
    )


def _check(row: int, one: Any, scale: str) -> dict[str, Any]:
    """A whole number of steps between the ends; a grain of tolerance, for spreadsheets count in binary."""
    cell = "F{row}"
    formula = (
        f"=AND(ISNUMBER({cell}),{cell}>={one.low},{cell}<={one.high},"
        f"ABS(({cell}-{one.low})/{one.step}-ROUND(({cell}-{one.low})/{one.step},0))<0.000001)"
    )
    column = SCORE_COLUMNS.index("points")
    return {"row": row, "column": column, "formula": formula, "title": _("Points"), "message": scale}


def _bids(items: Sequence[Item], lang: str) -> dict[str, Any]:
    rows, checks = [], []
    for number, (_assignment, reading, view) in enumerate(items):
        own = view.recommended_kop if view.recommendation == "partly" else None
        rows.append(
            [
                reading.code,
                reading.title,
                RECOMMENDATION_WORDS[view.recommendation][lang] if view.recommendation else None,
                None if own is None else own / 100,
                view.comment_applicant,
                view.comment_secretary,
                view.version,
            ]
        )
        words = [texts[lang] for texts in RECOMMENDATION_WORDS.values()]
        checks.append(
            {"row": number, "column": 2, "list": words, "title": _("Recommendation"), "message": "; ".join(words)}
        )
    opened = ("recommendation", "sum", "comment_applicant", "comment_secretary")
    return _sheet(
        "applications",
        lang,
        headings=[HEADINGS[name][lang] for name in BID_COLUMNS],
        widths=list(_BID_WIDTHS),
        rows=rows,
        open=[BID_COLUMNS.index(name) for name in opened],
        checks=checks,
    )


def _instructions(competition: Competition) -> list[str]:
    return [
        f"{competition.code} · {competition.title}",
        _("Fill in the framed cells of the two other sheets, save the file and upload it on the page of the packet."),
        _("Points are numbers on the scale of their row. Do not type formulas: they are not taken."),
        _("An empty cell changes nothing: what you have saved on the site stays."),
        _("Rows and columns may be moved: they are found by codes and headings. Do not change the codes."),
        _("The sum is read only with the recommendation of a smaller sum."),
        _("The comment is read by the applicant and the commission without your name, the note only by the secretary."),
        _("Before anything is written you see what changes. Finished reviews are never changed by a file."),
        _("The justification needs at least %(count)s characters.", count=competition.justification_min),
    ]


def read_me(competition: Competition, items: Sequence[Item], closed: Sequence[str]) -> str:
    """README of the packet, Ukrainian first, English below; `closed` names files that did not fit."""
    codes = ", ".join(reading.code for _assignment, reading, _view in items)
    until = competition.scoring_until
    parts = []
    for lang, words in _README.items():
        parts.append(
            words
            % {
                "code": competition.code,
                "title": competition.title,
                "codes": codes,
                "made": figures.stamp(clock.now(), lang),
                "until": "–" if until is None else figures.last_minute(until, lang),
                "count": len(items),
            }
        )
        if closed:
            parts.append(_CLOSED[lang] + "\n" + "\n".join(closed) + "\n")
    return "\n".join(parts).replace("\n", "\r\n")


# Both languages stand in one file, whichever the reader uses on the site.
_README_UK = """Пакет експерта: %(code)s, «%(title)s»
Створено %(made)s. Заявок: %(count)s (%(codes)s). Оцінити до %(until)s.

1. У теках із кодами заявок лежать текст заявки (PDF) і додані документи.
2. Бали, обґрунтування й рекомендації впишіть у файл оціночного листа (XLSX). Як саме, сказано на його першому аркуші.
3. Завантажте заповнений файл на сторінці пакета. Спершу ви побачите, що зміниться, і лише тоді підтвердите.

Тексти конфіденційні: не передавайте їх нікому. Примірник позначено вашим кодом. Після оцінювання видаліть файли.
"""
_README_EN = """Reviewer's packet: %(code)s, “%(title)s”
Made %(made)s. Applications: %(count)s (%(codes)s). Score until %(until)s.

1. Folders named by application codes hold the text of the application (PDF) and the attached documents.
2. Enter points, justifications and recommendations in the score sheet (XLSX). Its first sheet says how.
3. Upload the filled file on the page of the packet. You see first what changes, and only then confirm.

The texts are confidential: give them to nobody. The copy bears your code. Delete the files when scoring is over.
"""
_README = {"uk": _README_UK, "en": _README_EN}
_CLOSED = {
    "uk": "Ці документи не вмістилися в пакет, відкрийте їх на сайті:",
    "en": "These documents did not fit into the packet, open them on the site:",
}
