"""Papers of the review: the review sheet, frames of the exported tables."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.reviews.queries import Reading, SheetView
from grants_app.reviews.rules import RECOMMENDATIONS
from grants_app.web import formatting
from grants_app.web.export import Block, Document

MARK_WORDS = {"recused": "recused", "absent": "absent", "withdrawn": "withdrawn", "pending": "not scored"}


def review_sheet(
    application: Application, view: SheetView, *, lang: str, with_note: bool, reading: Reading | None = None
) -> Document:
    """«Оціночний лист»: points, justifications, evidence, lines of the budget, recommendation.

    The note stands in it only for the expert and the secretary. An expert's own paper names the applicant as their
    reading of the application does.
    """
    blocks = [
        Block("facts", pairs=_facts(application, view, reading)),
        Block("table", text=_("Points by criterion"), table=_points(view)),
    ]
    for criterion in view.criteria:
        if criterion.justification or criterion.evidence:
            blocks.append(Block("heading", text=f"{criterion.number}. {criterion.title}"))
        if criterion.justification:
            blocks.append(Block("text", text=criterion.justification))
        if criterion.evidence:
            blocks.append(Block("text", text=_("Marked evidence")))
            blocks.append(Block("list", items=[f"«{one.quote}» ({_(one.label)})" for one in criterion.evidence]))
    if view.cut_lines:
        blocks.append(Block("table", text=_("Lines of the budget"), table=_lines(view)))
    blocks += _comments(view, with_note=with_note)
    if view.content_digest:
        blocks.append(Block("text", text=_("SHA-256 of the submitted sheet: %(digest)s", digest=view.content_digest)))
    blocks.append(Block("signatures", pairs=[(_("Expert"), view.expert_name or view.expert_code)]))
    return Document(
        title=_("Review sheet"),
        caption=application.competition.title,
        number=f"{application.code} · {view.expert_code}",
        blocks=blocks,
        foot=_("Review sheet %(code)s", code=f"{application.code} / {view.expert_code}"),
        lang=lang,
    )


def table_frame(title: str, competition: Competition, *, lang: str, landscape: bool = True) -> Document:
    """The frame of an exported table."""
    return Document(
        title=title,
        caption=competition.title,
        number=competition.code,
        blocks=[
            Block("text", text=_("As of %(moment)s", moment=formatting.stamp(clock.now()))),
            Block("rows"),
        ],
        landscape=landscape,
        foot=f"{title}, {competition.code}",
        lang=lang,
    )


def comma(text: str | None) -> str:
    """An exact number as the reader's language writes it in papers."""
    return formatting.number(text)


def _facts(application: Application, view: SheetView, reading: Reading | None) -> list[tuple[str, str]]:
    organisation = application.organisation
    applicant = (organisation.name if organisation else None) if reading is None else reading.applicant
    facts = [
        (_("Application"), f"{application.code}, {application.title if reading is None else reading.title}"),
        *([(_("Applicant"), applicant)] if applicant is not None else []),
        (_("Requested sum"), formatting.money_exact(application.requested_kop)),
        (_("Expert"), view.expert_name or view.expert_code),
    ]
    if view.declared_at is not None:
        facts.append((_("Declaration of impartiality"), _moment(view.declared_at)))
    state = _moment(view.submitted_at) if view.submitted_at else _("draft, not submitted")
    return [*facts, (_("Review submitted"), state)]


def _moment(value: Any) -> str:
    return formatting.second(value)


def _points(view: SheetView) -> dict[str, Any]:
    cells = [
        [
            str(one.number),
            one.title,
            f"{comma(one.low)}–{comma(one.high)}",
            comma(one.points) if one.points is not None else _("not scored"),
            comma(one.given_shown),
        ]
        for one in view.criteria
    ]
    total = view.total_text or view.total
    cells.append(["", _("Total") if view.is_submitted else _("Total over scored criteria"), "", "", comma(total)])
    headings = [_("No."), _("Criterion"), _("Scale"), _("Points"), _("Weighted")]
    return {
        "headings": headings,
        "numeric": [False, False, True, True, True],
        "widths": [0.6, 5.0, 1.2, 1.2, 1.4],
        "formats": [None] * 5,
        "cells": cells,
        "values": cells,
    }


def _lines(view: SheetView) -> dict[str, Any]:
    """Lines of which the expert says something, and what is left of the whole request."""
    cells = [
        [str(one.number), one.item, _sum(one.asked_kop), _sum(one.left_kop), one.reason or "–"]
        for one in view.cut_lines
    ]
    cells.append(["", _("Whole request"), _sum(view.requested_kop), _sum(view.left_kop), ""])
    return {
        "headings": [_("No."), _("Costs"), _("Asked, UAH"), _("Left, UAH"), _("Reason")],
        "numeric": [False, False, True, True, False],
        "widths": [0.6, 3.4, 1.5, 1.5, 3.4],
        "formats": [None] * 5,
        "cells": cells,
        "values": cells,
    }


def _sum(kop: int) -> str:
    return formatting.hryvnias_exact(kop)


def _comments(view: SheetView, *, with_note: bool) -> list[Block]:
    blocks: list[Block] = []
    if view.recommendation:
        words = _(RECOMMENDATIONS[view.recommendation])
        if view.recommended_kop is not None:
            words = f"{words}: {formatting.money_exact(view.recommended_kop)}"
        blocks += [Block("heading", text=_("Recommendation")), Block("text", text=words)]
    if view.comment_applicant:
        blocks += [Block("heading", text=_("Comment for the applicant")), Block("text", text=view.comment_applicant)]
    if with_note and view.comment_secretary:
        blocks += [Block("heading", text=_("Note for the secretary")), Block("text", text=view.comment_secretary)]
    return blocks
