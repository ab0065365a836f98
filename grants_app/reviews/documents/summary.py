"""«Зведений оціночний лист»: under the table of marks the steps by which each score came out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _

from grants_app.competitions.models import Competition
from grants_app.reviews.documents.explanation import Names, step_lines
from grants_app.reviews.queries import SummaryRow, engine_rules, score_records
from grants_app.reviews.queries.advice import applications_by_engine_code
from grants_app.web.export import Block, Document
from scoring import ScoringError, rank

# Steps that compare an application with others: they belong to the list, and may name what is kept from the reader.
_OF_THE_LIST = frozenset(("place", "place_in_lot", "separated_by", "tie_not_separated", "tied_with"))


def with_steps(frame: Document, competition: Competition, rows: Sequence[SummaryRow]) -> Document:
    """The document with the steps of every application that its table shows."""
    rules = engine_rules(competition)
    bids, marks = score_records(competition)
    try:
        ranked = rank(rules, bids, marks)
    except ScoringError:
        return frame  # without scores there is nothing to explain; the list of the commission says why
    shown = {row.application_code: row.application for row in rows}
    codes = {engine: one.code for engine, one in applications_by_engine_code(competition).items()}
    names = Names({one.code: one.title or one.code for one in rules.criteria})
    blocks = [Block("heading", text=_("How the scores came about"))]
    for line in ranked.rows:
        code = codes.get(line.application, line.application)
        if code not in shown:
            continue
        steps = [step.to_json() for step in line.steps if step.key not in _OF_THE_LIST]
        blocks.append(Block("text", text=f"{code}. {shown[code]}"))
        blocks.append(Block("list", items=[step.label for step in step_lines(steps, names)]))
    return replace(frame, blocks=[*frame.blocks, *blocks])
