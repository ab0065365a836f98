"""The city's register of organisations: one list for the page and every export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key
from grants_app.permissions import Role


@dataclass(frozen=True)
class RegisterRow:
    """An organisation of the register. Governing people and accounts never stand here."""

    edrpou: str
    name: str
    short_name: str
    kind: str
    registered_on: date
    nonprofit_code: str
    nonprofit_decision: str
    head_name: str
    head_position: str
    legal_address: str
    actual_address: str
    katottg: str
    district: str
    fields: tuple[str, ...]
    contact_email: str
    contact_phone: str
    website: str
    people_count: int
    has_head: bool
    is_listed: bool
    is_imported: bool
    edrpou_reason: str | None

    @property
    def activities(self) -> tuple[str, ...]:
        """The fields of activity under the name that a schema may use."""
        return self.fields


@dataclass(frozen=True)
class RegisterChoice:
    """What the address asks for; unknown values mean «all»."""

    text: str = ""
    kind: str = ""
    field: str = ""
    district: str = ""
    status: str = ""  # people | headless | imported | listed | doubtful
    sort: str = "name"


STATUSES: dict[str, Callable[[RegisterRow], bool]] = {
    "people": lambda row: row.people_count > 0,
    "headless": lambda row: not row.has_head,
    "imported": lambda row: row.is_imported,
    "listed": lambda row: row.is_listed,
    "doubtful": lambda row: row.edrpou_reason is not None,
}
SORTS: dict[str, Callable[[RegisterRow], Any]] = {
    "name": lambda row: (ukrainian_key(row.name), row.edrpou),
    "edrpou": lambda row: row.edrpou,
    "kind": lambda row: (row.kind, ukrainian_key(row.name)),
    "registered_on": lambda row: (row.registered_on, row.edrpou),
    "district": lambda row: (row.district == "", ukrainian_key(row.district), ukrainian_key(row.name)),
    "people_count": lambda row: (row.people_count, ukrainian_key(row.name)),
}
_COLUMNS = (
    "edrpou name short_name kind registered_on nonprofit_code nonprofit_decision head_name head_position "
    "legal_address actual_address katottg district fields contact_email contact_phone website is_listed is_imported "
    "edrpou_reason"
).split()


@dataclass(frozen=True)
class Register:
    """The rows that were asked for, counts by status of all, and every district."""

    rows: list[RegisterRow]
    counts: dict[str, int]
    total: int
    districts: list[str]


def register_rows(choice: RegisterChoice) -> Register:
    """The register, filtered and sorted."""
    rows = every_row()
    wanted = search_form(choice.text)
    chosen = [row for row in rows if _fits(row, choice, wanted)]
    name = choice.sort.removeprefix("-")
    chosen.sort(key=SORTS.get(name, SORTS["name"]), reverse=choice.sort.startswith("-"))
    return Register(
        rows=chosen,
        counts={status: sum(map(fits, rows)) for status, fits in STATUSES.items()},
        total=len(rows),
        districts=sorted({row.district for row in rows if row.district}, key=ukrainian_key),
    )


def organisation_count() -> int:
    """How many organisations there are."""
    return int(db.session.scalar(sa.select(sa.func.count(Organisation.id))) or 0)


def _fits(row: RegisterRow, choice: RegisterChoice, wanted: str) -> bool:
    if choice.status in STATUSES and not STATUSES[choice.status](row):
        return False
    return (
        (not choice.kind or row.kind == choice.kind)
        and (not choice.field or choice.field in row.fields)
        and (not choice.district or row.district == choice.district)
        and (not wanted or wanted in search_form(f"{row.edrpou} {row.name} {row.short_name} {row.head_name}"))
    )


def every_row() -> list[RegisterRow]:
    """The whole register, unsorted."""
    people = (
        sa.select(
            Membership.organisation_id,
            sa.func.count(Membership.id).label("people"),
            sa.func.sum(sa.case((sa.and_(Membership.role == Role.NGO_HEAD, User.active), 1), else_=0)).label("heads"),
        )
        .join(User, User.id == Membership.user_id)
        .where(Membership.ended_at.is_(None))
        .group_by(Membership.organisation_id)
        .subquery()
    )
    columns = [getattr(Organisation, name) for name in _COLUMNS]
    query = sa.select(*columns, people.c.people, people.c.heads).outerjoin(
        people, people.c.organisation_id == Organisation.id
    )
    return [
        RegisterRow(
            **{name: getattr(found, name) for name in _COLUMNS if name != "fields"},
            fields=tuple(found.fields or ()),
            people_count=found.people or 0,
            has_head=bool(found.heads),
        )
        for found in db.session.execute(query)
    ]
