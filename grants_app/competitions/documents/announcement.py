"""«Оголошення про конкурс» and the frame of the printed list."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext

from grants_app.competitions import queries
from grants_app.competitions.documents.wordings import panel_sentences, ranking_sentences, until_words
from grants_app.competitions.models import Competition
from grants_app.competitions.schemas import CriterionSchema, LotSchema
from grants_app.core import clock
from grants_app.core.money import NBSP
from grants_app.web.columns import sheet
from grants_app.web.context import day_long, money_exact, select_language, share
from grants_app.web.export import Block, Document, table_block


def list_document(heading: str, choice: str) -> Document:
    """The printed list of competitions."""
    blocks = [Block("text", text=choice)] if choice else []
    return Document(title=heading, blocks=[*blocks, Block("rows")], landscape=True, lang=select_language())


def announcement(competition: Competition, *, organizer: str) -> Document:
    """What the city publishes when it announces a competition."""
    lang = select_language()
    blocks = [
        Block("text", text=competition.summary),
        Block("facts", pairs=_facts(competition, organizer)),
        *_changes(competition),
        Block("heading", text=gettext("Lots and money")),
        table_block(sheet(queries.lot_rows(competition, lang), LotSchema)),
        *_priorities(competition),
        Block("heading", text=gettext("Who may apply")),
        Block("text", text=competition.who_may_apply),
        Block("heading", text=gettext("What is paid and what is not")),
        Block("text", text=competition.what_is_paid),
        Block("heading", text=gettext("Criteria")),
        table_block(sheet(queries.criterion_rows(competition, lang), CriterionSchema)),
        Block("heading", text=gettext("Who scores and how")),
        Block("list", items=panel_sentences(competition)),
        Block("heading", text=gettext("How places and grants are decided")),
        Block("list", items=ranking_sentences(competition)),
        *_commission(competition),
        Block("heading", text=gettext("Personal data")),
        Block(
            "text",
            text=gettext(
                "Names and contacts are used for this competition only. Summaries, budgets, marks by criterion and "
                "decisions are published; experts’ names beside marks, tax numbers and bank accounts are not."
            ),
        ),
        Block("signatures", pairs=[(gettext("Competition organizer"), "")]),
    ]
    return Document(
        title=competition.title,
        caption=gettext("Announcement of a competition"),
        number=competition.code,
        blocks=blocks,
        foot=competition.code,
        lang=lang,
    )


def _facts(competition: Competition, organizer: str) -> list[tuple[str, str]]:
    pairs = [
        (gettext("Organizer"), organizer),
        (gettext("Legal basis"), competition.legal_basis),
        (gettext("Fund of the competition"), money_exact(queries.fund_kop(competition))),
        (gettext("Own share"), gettext("from %(share)s of the whole cost", share=share(competition.own_share_min_bp))),
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
        (gettext("Projects begin not earlier than"), competition.project_from),
        (gettext("Projects end not later than"), competition.project_until),
    )
    pairs += [(label, day_long(day)) for label, day in dates if day is not None]
    pairs.append(
        (
            gettext("Time to correct defects"),
            gettext("%(days)s working days", days=f"{competition.correction_days}").replace(" ", NBSP, 1),
        )
    )
    pairs.append((gettext("Contact"), competition.contact))
    if competition.rules_hash:
        pairs.append((gettext("Digest of the rules"), competition.rules_hash))
    return pairs


def _changes(competition: Competition) -> list[Block]:
    notes = [note for note in competition.notes if note["step"] in {"prolong", "cancel"}]
    return [Block("text", text=note_sentence(note)) for note in notes]


def note_sentence(note: dict[str, str]) -> str:
    """A published change of the competition in one sentence, with its reason."""
    if note["step"] == "prolong":
        return gettext(
            "The intake is prolonged %(new)s (it was %(old)s). Reason: %(reason)s",
            new=until_words(datetime.fromisoformat(note["to"])),
            old=until_words(datetime.fromisoformat(note["from"])),
            reason=note["reason"],
        )
    if note["step"] == "cancel":
        return gettext("The competition is cancelled. Reason: %(reason)s", reason=note["reason"])
    return gettext("The intake is shorter than 30 days. Reason: %(reason)s", reason=note["reason"])


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
