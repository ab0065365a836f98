"""The public directory: organisations whose heads have agreed, and of them only what they agreed to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation
from grants_app.core.errors import NotFound
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key

PAGE_SIZES = (25, 50, 100)
LICENCE = "CC BY 4.0"
# What the head agrees to show, and nothing else is read for it.
_SHOWN = (
    Organisation.edrpou,
    Organisation.name,
    Organisation.short_name,
    Organisation.kind,
    Organisation.fields,
    Organisation.district,
    Organisation.about,
    Organisation.website,
    Organisation.contact_email,
    Organisation.registered_on,
    Organisation.listed_at,
)


@dataclass(frozen=True)
class DirectoryRow:
    """An entry of the directory."""

    edrpou: str
    name: str
    short_name: str
    kind: str
    fields: tuple[str, ...]
    district: str
    about: str
    website: str
    email: str
    registered_year: int
    listed_at: datetime | None


@dataclass(frozen=True)
class DirectoryChoice:
    """What the address asks for; unknown values mean «all»."""

    text: str = ""
    field: str = ""
    district: str = ""
    page: int = 1
    size: int = PAGE_SIZES[0]


def directory_rows(choice: DirectoryChoice) -> tuple[list[DirectoryRow], list[str]]:
    """Entries that fit, by name, whatever the page; and every district there is."""
    rows = [_row(found) for found in db.session.execute(sa.select(*_SHOWN).where(Organisation.is_listed))]
    rows.sort(key=lambda row: (ukrainian_key(row.name), row.edrpou))
    districts = sorted({row.district for row in rows if row.district}, key=ukrainian_key)
    wanted = search_form(choice.text)
    chosen = [
        row
        for row in rows
        if (not choice.field or choice.field in row.fields)
        and (not choice.district or choice.district == row.district)
        and (not wanted or wanted in search_form(f"{row.name} {row.short_name} {row.edrpou} {row.about}"))
    ]
    return chosen, districts


def directory_entry(edrpou: str) -> tuple[DirectoryRow, Organisation]:
    """One entry, with its organisation for published facts. Raises NotFound for one that is not listed."""
    query = sa.select(*_SHOWN).where(Organisation.is_listed, Organisation.edrpou == edrpou)
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound
    return _row(found), db.session.scalars(sa.select(Organisation).filter_by(edrpou=edrpou)).one()


def _row(found: Any) -> DirectoryRow:
    return DirectoryRow(
        edrpou=found.edrpou,
        name=found.name,
        short_name=found.short_name,
        kind=found.kind,
        fields=tuple(found.fields or ()),
        district=found.district,
        about=found.about,
        website=found.website,
        email=found.contact_email,
        registered_year=found.registered_on.year,
        listed_at=found.listed_at,
    )
