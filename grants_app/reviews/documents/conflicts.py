"""The register of conflicts on paper: the whole register, and the annex to the minutes."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.reviews.queries.conflict_lines import ConflictRow
from grants_app.reviews.schemas.conflicts import AnnexSchema
from grants_app.web import formatting
from grants_app.web.columns import sheet
from grants_app.web.export import Block, Document, table_block


def annex_blocks(rows: Sequence[ConflictRow]) -> list[Block]:
    """The annex as it stands in the minutes: a table, or the sentence that there was nothing."""
    heading = Block("heading", text=_("Annex. Conflicts of interest"))
    if not rows:
        return [heading, Block("text", text=_("No conflict of interest was declared, found or reported."))]
    return [heading, table_block(sheet(list(rows), AnnexSchema), caption=_("Conflicts of interest"))]


def annex_document(competition: Competition, rows: Sequence[ConflictRow], *, lang: str) -> Document:
    """The annex as a paper of its own."""
    moment = formatting.stamp(clock.now())
    return Document(
        title=_("Register of conflicts of interest"),
        caption=competition.title,
        number=_("Annex to the minutes, competition %(code)s", code=competition.code),
        blocks=[
            Block("text", text=_("As of %(moment)s", moment=moment)),
            *annex_blocks(rows),
            Block("signatures", pairs=[(_("Chair of the commission"), ""), (_("Secretary of the commission"), "")]),
        ],
        landscape=True,
        foot=competition.code,
        lang=lang,
    )
