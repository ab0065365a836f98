"""«Оголошення про конкурс» and the frame of the printed list."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from grants_app.competitions import queries
from grants_app.competitions.documents.annex import questions_annex
from grants_app.competitions.documents.changes import amendment_heading, changes_sheet, note_sentence
from grants_app.competitions.documents.example import example_legend, example_sentences, example_sheet
from grants_app.competitions.documents.form_words import form_parts
from grants_app.competitions.documents.terms import counting_sentences, terms
from grants_app.competitions.documents.wordings import (
    admission_sentences,
    complaint_sentences,
    money_sentences,
    panel_sentences,
    personal_data_sentence,
    ranking_sentences,
    until_words,
)
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.example import Example, worked_example
from grants_app.competitions.queries.published import amendment_rows
from grants_app.competitions.schemas import CriterionSchema, LotSchema, TermSchema
from grants_app.core import clock
from grants_app.core.money import NBSP
from grants_app.web.columns import sheet
from grants_app.web.context import select_language
from grants_app.web.export import Block, Document, table_block
from grants_app.web.formatting import day_long, money_exact, share_exact


def list_document(heading: str, choice: str) -> Document:
    """The printed list of competitions."""
    blocks = [Block("text", text=choice)] if choice else []
    return Document(title=heading, blocks=[*blocks, Block("rows")], landscape=True, lang=select_language())


def announcement(competition: Competition, *, organizer: str) -> Document:
    """What the city publishes when it announces a competition, with every question of the form as an annex."""
    lang = select_language()
    blocks = [
        Block("text", text=competition.summary),
        Block("facts", pairs=_facts(competition, organizer)),
        *_changes(competition),
        Block("heading", text=gettext("Lots and money")),
        table_block(sheet(queries.lot_rows(competition, lang), LotSchema)),
        Block("list", items=money_sentences(competition)),
        *_priorities(competition),
        Block("heading", text=gettext("Who may apply")),
        Block("text", text=competition.who_may_apply),
        Block("list", items=admission_sentences(competition)),
        Block("heading", text=gettext("What is paid and what is not")),
        Block("text", text=competition.what_is_paid),
        *papers(competition),
        *_scoring(competition, lang),
        *_commission(competition),
        Block("heading", text=gettext("Terms in days")),
        table_block(sheet(terms(competition), TermSchema)),
        Block("list", items=counting_sentences()),
        Block("heading", text=gettext("Questions and complaints")),
        Block("list", items=complaint_sentences(competition)),
        Block("heading", text=gettext("Personal data")),
        Block("text", text=personal_data_sentence()),
        Block("signatures", pairs=[(gettext("Competition organizer"), "")]),
        *questions_annex(competition),
    ]
    return Document(
        title=competition.title,
        caption=gettext("Announcement of a competition"),
        number=competition.code,
        blocks=blocks,
        foot=competition.code,
        lang=lang,
    )


def _scoring(competition: Competition, lang: str) -> list[Block]:
    criteria = queries.criterion_rows(competition, lang)
    example = worked_example(competition)
    return [
        Block("heading", text=gettext("Criteria")),
        table_block(sheet(criteria, CriterionSchema)),
        *_bands(criteria),
        Block("heading", text=gettext("Who scores and how")),
        Block("list", items=panel_sentences(competition)),
        Block("heading", text=gettext("How places and grants are decided")),
        Block("list", items=ranking_sentences(competition)),
        *(_example(competition, example) if example else []),
    ]


def _bands(criteria: list[queries.CriterionRow]) -> list[Block]:
    """Guidance; where all criteria share it, it is printed once."""
    told = {tuple((band["from"], band["to"], band["text"]) for band in row.bands) for row in criteria if row.bands}
    if not told:
        return []
    blocks = [Block("heading", text=gettext("What the marks mean"))]
    for row in criteria if len(told) > 1 else criteria[:1]:
        items = [f"{_span(band)}: {band['text']}" for band in row.bands]
        if items and len(told) > 1:
            blocks.append(Block("text", text=f"{row.title}. {'; '.join(items)}."))
        elif items:
            blocks.append(Block("text", text=f"{gettext('For every criterion')}: {'; '.join(items)}."))
    return blocks


def _span(band: dict[str, str]) -> str:
    return band["from"] if band["from"] == band["to"] else f"{band['from']}–{band['to']}"


def _example(competition: Competition, example: Example) -> list[Block]:
    return [
        Block("heading", text=gettext("Example of counting")),
        table_block(example_sheet(competition, example)),
        Block("text", text=f"{example_legend(competition)}."),
        Block("text", text=" ".join(example_sentences(example))),
    ]


def papers(competition: Competition) -> list[Block]:
    """The package: what is attached, and what must be."""
    kinds = [line for part in form_parts(competition) for line in part.lines if line.answer == gettext("File")]
    if not kinds:
        return []
    items = [f"{line.label}: {', '.join(filter(None, (line.required, line.condition)))}" for line in kinds]
    return [
        Block("heading", text=gettext("What an application consists of")),
        Block("text", text=gettext("The form filled in here (its questions stand in the annex), the budget, and:")),
        Block("list", items=items),
    ]


def _facts(competition: Competition, organizer: str) -> list[tuple[str, str]]:
    pairs = [
        (gettext("Organizer"), organizer),
        (gettext("Legal basis"), competition.legal_basis),
        (gettext("Fund of the competition"), money_exact(queries.fund_kop(competition))),
        (
            gettext("Own share"),
            gettext("from %(share)s of the whole cost", share=share_exact(competition.own_share_min_bp)),
        ),
    ]
    if competition.intake_from is not None and competition.intake_until is not None:
        pairs.append(
            (
                gettext("Intake of applications"),
                gettext(
                    "from %(start)s, %(until)s",
                    start=day_long(competition.intake_from),
                    until=until_words(competition.intake_until),
                ),
            )
        )
    dates = (
        (gettext("Last day of scoring"), competition.scoring_until and clock.last_day(competition.scoring_until)),
        (gettext("Results by"), competition.results_by),
        (gettext("Projects begin no earlier than"), competition.project_from),
        (gettext("Projects end no later than"), competition.project_until),
    )
    pairs += [(label, day_long(day)) for label, day in dates if day is not None]
    pairs.append(
        (
            gettext("Time to correct defects"),
            ngettext("%(num)d working day", "%(num)d working days", competition.correction_days).replace(" ", NBSP, 1),
        )
    )
    pairs.append((gettext("Contact"), competition.contact))
    if competition.rules_hash:
        pairs.append((gettext("Digest of the rules"), competition.rules_hash))
    return pairs


def _changes(competition: Competition) -> list[Block]:
    notes = [note for note in competition.notes if note["step"] in {"prolong", "cancel"}]
    blocks = [Block("text", text=note_sentence(note)) for note in notes]
    for row in amendment_rows(competition):
        blocks.append(Block("heading", text=amendment_heading(row)))
        blocks.append(Block("text", text=gettext("Reason: %(reason)s", reason=row.reason)))
        blocks.append(table_block(changes_sheet(row, competition)))
    return blocks


def _priorities(competition: Competition) -> list[Block]:
    if not competition.priorities:
        return []
    return [
        Block("heading", text=gettext("Priorities")),
        Block("list", items=[each.title for each in competition.priorities]),
    ]


def _commission(competition: Competition) -> list[Block]:
    seats = queries.seat_rows(competition)
    if not seats:
        return []
    return [
        Block("heading", text=gettext("Commission")),
        Block("list", items=[f"{row.name}, {gettext(row.office_label)}" for row in seats]),
    ]
