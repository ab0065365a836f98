"""All questions of the form on paper: by themselves, and as the annex of the announcement."""

from __future__ import annotations

from flask_babel import gettext

from grants_app.competitions.documents.form_words import form_parts
from grants_app.competitions.models import Competition
from grants_app.competitions.schemas import AnnexPartsSchema, AnnexSchema
from grants_app.web.columns import sheet
from grants_app.web.context import select_language
from grants_app.web.export import Block, Document, table_block


def questions_document(competition: Competition) -> Document:
    """The questions of the form on paper, before anybody has begun."""
    return Document(
        title=competition.title,
        caption=gettext("All questions of the application form"),
        number=competition.code,
        blocks=questions_annex(competition, is_annex=False),
        foot=competition.code,
        lang=select_language(),
    )


def questions_annex(competition: Competition, *, is_annex: bool = True) -> list[Block]:
    """The form part by part; a part without questions is left out."""
    blocks = [Block("page"), Block("heading", text=gettext("Annex. All questions of the application form"))]
    if not is_annex:
        blocks = []
    blocks.append(Block("text", text=gettext("You can prepare all answers beforehand: nothing else will be asked.")))
    for part in form_parts(competition):
        if part.lines:
            schema = AnnexPartsSchema if any(line.parts for line in part.lines) else AnnexSchema
            rows = sheet(part.lines, schema)
            blocks.append(table_block(rows, caption=f"{part.number}. {part.title}"))
    return blocks
