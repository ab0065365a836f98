"""The ledger of an organisation: everything it asked, got, owes and reported."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.accounts import queries
from grants_app.accounts.queries.ledger import LedgerLine, ledger_rows, year_totals
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.organisation import sections_of
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.accounts.schemas import LedgerSchema
from grants_app.core import clock
from grants_app.web.access import signed_in
from grants_app.web.context import select_language
from grants_app.web.export import SUFFIXES, Block, Document, respond


@blueprint.get("/accounts/organisation/<string:edrpou>/ledger")
@signed_in
def ledger(edrpou: str) -> Page:
    """Lines and totals by year; what the organisation owes now stands first."""
    found = queries.organisation_for(edrpou, current_user)
    lines = ledger_rows(me(), found)
    now = clock.now()
    rows = [shown(line) for line in lines]
    return render_template(
        "accounts/ledger.html",
        organisation=found,
        sections=sections_of(found, me()),
        rows=rows,
        owed=[row for row in rows if row["due_at"] is not None and row["due_at"] > now],
        years=year_totals(lines),
        is_own=current_user.role_in(found.id) is not None,
        exports=[
            (suffix.upper(), url_for("accounts.ledger_export", edrpou=edrpou, suffix=suffix))
            for suffix in reversed(SUFFIXES)
        ],
    )


@blueprint.get("/accounts/organisation/<string:edrpou>/ledger.<any(json,csv,xlsx,pdf):suffix>")
@signed_in
def ledger_export(edrpou: str, suffix: str) -> Response:
    """The lines of the screen as a file."""
    found = queries.organisation_for(edrpou, current_user)
    document = Document(
        title=_("Ledger of the organisation"),
        caption=f"{found.name}, {found.edrpou}",
        blocks=[Block("rows")],
        landscape=True,
        lang=select_language(),
    )
    lines = ledger_rows(me(), found)
    return respond(lines, LedgerSchema, suffix, file_name=f"ledger-{found.edrpou}", document=document)


def shown(line: LedgerLine) -> dict[str, Any]:
    """A line for a page: its kind in words, its address where there is one."""
    row: dict[str, Any] = {**asdict(line), "state": line.state, "year": line.year}
    row["what"] = _(line.kind)
    row["url"] = url_for(line.endpoint, **dict(line.values.items())) if line.endpoint else ""
    # A term is exclusive: the page shows the last minute that counts.
    row["until"] = None if line.due_at is None else line.due_at - timedelta(minutes=1)
    row["owed"] = _(line.owed) if line.owed else ""
    return row
