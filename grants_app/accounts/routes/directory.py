"""The public directory of organisations that agreed to be listed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from math import ceil
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from grants_app.accounts.queries.directory import (
    LICENCE,
    PAGE_SIZES,
    DirectoryChoice,
    DirectoryRow,
    directory_entry,
    directory_rows,
)
from grants_app.accounts.queries.ledger import public_rows, year_totals
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.ledger import shown
from grants_app.accounts.rules import ORGANISATION_KINDS
from grants_app.accounts.rules.profile import FIELDS
from grants_app.accounts.schemas import DirectorySchema
from grants_app.core.words import one_line
from grants_app.web.access import public
from grants_app.web.context import select_language
from grants_app.web.export import Block, Document, respond
from grants_app.web.requests import page_number


@dataclass(frozen=True)
class OpenRow:
    """An entry as open data."""

    id: str
    edrpou: str
    name: str
    short_name: str
    kind: str
    activities: tuple[str, ...]
    district: str
    about: str
    website: str
    email: str
    registered_year: int
    listed_at: datetime | None
    licence: str = LICENCE


@blueprint.get("/organisations")
@public
def directory() -> str:
    """Organisations by field of activity and district."""
    choice = _choice()
    rows, districts = directory_rows(choice)
    pages = max(ceil(len(rows) / choice.size), 1)
    page = min(choice.page, pages)
    asked = {name: value for name, value in _asked(choice).items() if value}
    return render_template(
        "accounts/directory.html",
        rows=[_entry(row) for row in rows[(page - 1) * choice.size : page * choice.size]],
        total=len(rows),
        choice=choice,
        page=page,
        pages=pages,
        page_url=url_for("accounts.directory", page="{page}", **asked),
        fields=[(code, _(label)) for code, label in FIELDS.items()],
        districts=[(district, district) for district in districts],
        sizes=[(str(size), str(size)) for size in PAGE_SIZES],
        exports=[
            (suffix.upper(), url_for("accounts.directory_export", suffix=suffix, **asked)) for suffix in ("csv", "json")
        ],
        licence=LICENCE,
    )


@blueprint.get("/organisations.<any(json,csv):suffix>")
@public
def directory_export(suffix: str) -> Response:
    """The chosen entries as open data, each with the licence."""
    rows, _districts = directory_rows(_choice())
    shared = [field.name for field in fields(DirectoryRow) if field.name != "fields"]
    entries = [
        OpenRow(id=f"UA-EDR-{row.edrpou}", activities=row.fields, **{name: getattr(row, name) for name in shared})
        for row in rows
    ]
    document = Document(title=_("Directory of organisations"), blocks=[Block("rows")], lang=select_language())
    return respond(entries, DirectorySchema, suffix, file_name="organisations", document=document)


@blueprint.get("/organisations/<string:edrpou>")
@public
def directory_page(edrpou: str) -> str:
    """One listed organisation: what its head agreed to show, and facts that are published anyway."""
    row, organisation = directory_entry(edrpou)
    lines = public_rows(organisation)
    return render_template(
        "accounts/directory_entry.html",
        row=_entry(row),
        lines=[shown(line) for line in lines],
        years=year_totals(lines),
    )


def _entry(row: DirectoryRow) -> dict[str, object]:
    return {
        **{field.name: getattr(row, field.name) for field in fields(DirectoryRow)},
        "kind": _(ORGANISATION_KINDS.get(row.kind, row.kind)),
        "fields": [_(FIELDS[code]) for code in row.fields if code in FIELDS],
        "url": url_for("accounts.directory_page", edrpou=row.edrpou),
    }


def _choice() -> DirectoryChoice:
    size = request.args.get("size", "")
    field = request.args.get("field", "")
    return DirectoryChoice(
        text=one_line(request.args.get("text", ""))[:80],
        field=field if field in FIELDS else "",
        district=one_line(request.args.get("district", ""))[:80],
        page=page_number(),
        size=next((one for one in PAGE_SIZES if str(one) == size), PAGE_SIZES[0]),
    )


def _asked(choice: DirectoryChoice) -> dict[str, Any]:
    size = "" if choice.size == PAGE_SIZES[0] else str(choice.size)
    return {"text": choice.text, "field": choice.field, "district": choice.district, "size": size}
