"""The city's register: an organisation entered by hand, a whole table, both without people until somebody joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from grants_app.accounts.models import Organisation, User
from grants_app.accounts.queries.register import RegisterRow, every_row
from grants_app.accounts.rules import OrganisationFacts
from grants_app.accounts.rules.register_table import HEADINGS, CellError, RegisterLine, Values, read_register
from grants_app.accounts.services.organisations import EDRPOU_TAKEN, columns_of
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed
from grants_app.core.identifiers import is_edrpou
from grants_app.core.tables import Cell, Table, TableRow
from grants_app.database import db, lock
from grants_app.journal.services import digest_of, record
from grants_app.permissions import Permission

CHANGED = "The register has changed meanwhile: look at the changes once more"
PORTION = 500
_NEEDED = ("name", "registered_on")
Row = TypeVar("Row")


@dataclass(frozen=True)
class FieldChange:
    """One field, as it stands and as the table has it."""

    name: str
    old: str | tuple[str, ...]
    new: str | tuple[str, ...]


@dataclass(frozen=True)
class RowChange:
    """What a row does to an organisation that is registered."""

    row: int
    edrpou: str
    name: str
    changes: tuple[FieldChange, ...]
    kept: tuple[FieldChange, ...]  # left as the organisation's own people wrote it
    has_people: bool


@dataclass(frozen=True)
class ImportPlan:
    """What a table would do to the register; nothing is written by it."""

    added: tuple[RegisterLine, ...]
    changed: tuple[RowChange, ...]
    unchanged_count: int
    kept_count: int
    errors: tuple[CellError, ...]
    digest: str
    touching: tuple[RegisterLine, ...]  # rows that add or change: they alone are needed to carry the plan out

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.touching


def enter_organisation(facts: OrganisationFacts, *, reason: str, by: User) -> Organisation:
    """An organisation that the city enters itself, without people. A doubtful code needs an administrator's reason.

    Raises NotAllowed, InvalidInput (edrpou, edrpou_reason).
    """
    _refuse_keeping(by)
    refusal = why_not_code(facts.edrpou, reason, by)
    if refusal is not None:
        raise refusal
    if db.session.scalar(sa.select(Organisation.id).filter_by(edrpou=facts.edrpou)) is not None:
        raise InvalidInput(EDRPOU_TAKEN, field="edrpou")
    doubtful = not is_edrpou(facts.edrpou)
    organisation = Organisation(
        **columns_of(facts),
        created_at=clock.now(),
        is_imported=True,
        edrpou_reason=reason.strip() if doubtful else None,
        edrpou_reason_by_id=by.id if doubtful else None,
    )
    db.session.add(organisation)
    try:
        db.session.flush()
    except IntegrityError as error:  # PostgreSQL: the same code was registered between the look and the insert
        raise InvalidInput(EDRPOU_TAKEN, field="edrpou") from error
    told = reason.strip() if doubtful else None
    record(thing="organisation", code=organisation.edrpou, step="enter", by=by, reason=told)
    return organisation


def why_not_code(edrpou: str, reason: str, by: User) -> InvalidInput | None:
    """A code with a wrong last digit is let in by an administrator alone, with a reason."""
    if is_edrpou(edrpou):
        return None
    if not reason.strip():
        return InvalidInput("Check the EDRPOU code: it has eight digits and the last one must agree", field="edrpou")
    if not by.can(Permission.USER_MANAGE):
        return InvalidInput("Only an administrator lets a code with a wrong last digit in", field="edrpou_reason")
    return None


def plan_import(lines: Sequence[RegisterLine], errors: Iterable[CellError], *, overwrite: bool, by: User) -> ImportPlan:
    """What these rows would add and change. Where an organisation has people of its own, only empty fields are filled,
    unless `overwrite`."""
    _refuse_keeping(by)
    known = {row.edrpou: row for row in every_row()}
    added, changed, found, touching = [], [], list(errors), []
    unchanged = kept = 0
    for line in lines:
        code = str(line.values["edrpou"])
        row = known.get(code)
        if row is None:
            fault = _fault_of_new(line, by)
            if fault is not None:
                found.append(fault)
                continue
            added.append(line)
            touching.append(line)
            continue
        change = _change(line, row, overwrite=overwrite)
        kept += len(change.kept)
        if change.changes:
            changed.append(change)
            touching.append(line)
        else:
            unchanged += 1
    seen = [[line.values for line in added], [[one.edrpou, _plain(one.changes)] for one in changed]]
    return ImportPlan(
        added=tuple(added),
        changed=tuple(changed),
        unchanged_count=unchanged,
        kept_count=kept,
        errors=tuple(sorted(found, key=lambda one: one.row)),
        digest=digest_of(seen),
        touching=tuple(touching),
    )


def carry_out(lines: Sequence[RegisterLine], *, overwrite: bool, seen: str, by: User) -> ImportPlan:
    """Write what was shown: everything or nothing. `seen` is the digest of the plan on the screen.

    Raises NotAllowed, EditConflict when the same rows would do something else by now.
    """
    plan = plan_import(lines, (), overwrite=overwrite, by=by)
    if plan.digest != seen or plan.errors:
        raise EditConflict(CHANGED)
    now = clock.now()
    try:
        for portion in _portions(plan.added):
            db.session.execute(sa.insert(Organisation), [_new_row(line, now, by) for line in portion])
    except IntegrityError as error:  # PostgreSQL: a code was registered between the look and the insert
        raise EditConflict(CHANGED) from error
    for change, organisation in _organisations(plan.changed):
        for one in change.changes:
            setattr(organisation, one.name, _stored(one.name, one.new))
        if change.has_people:
            names = [one.name for one in change.changes]
            record(thing="organisation", code=change.edrpou, step="edit", by=by, facts={"changed": names})
    told = {"added": len(plan.added), "changed": len(plan.changed), "digest": plan.digest, "overwrite": overwrite}
    record(thing="organisation_register", code="register", step="import", by=by, facts=told)
    return plan


def checked_again(rows: Sequence[tuple[int, dict[str, object]]], *, today: date) -> list[RegisterLine]:
    """Rows that came back from the preview, read like cells of a file; one that does not hold makes all of them void.

    Raises ValueError.
    """
    names = list(HEADINGS)
    letters = {name: chr(ord("A") + place) for place, name in enumerate(names)}
    head = TableRow(1, {letters[name]: Cell("text", name) for name in names})
    made = [head]
    for place, (_number, values) in enumerate(rows, start=2):
        if not values.keys() <= letters.keys():
            raise ValueError("unknown column")
        made.append(TableRow(place, {letters[name]: Cell("text", _joined(value)) for name, value in values.items()}))
    read = read_register([Table("", made)], today=today)
    if read.errors or len(read.lines) != len(rows):
        raise ValueError("not the rows that were shown")
    return [RegisterLine(number, line.values) for (number, _values), line in zip(rows, read.lines, strict=True)]


def _joined(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _refuse_keeping(by: User) -> None:
    if not by.can(Permission.ORGANISATION_REGISTER_EDIT):
        raise NotAllowed("Your role does not keep the register of organisations")


def _fault_of_new(line: RegisterLine, by: User) -> CellError | None:
    refusal: DomainError | None = why_not_code(
        str(line.values["edrpou"]), str(line.values.get("edrpou_reason", "")), by
    )
    column = "edrpou"
    if refusal is None:
        missing = next((name for name in _NEEDED if name not in line.values), None)
        if missing is None:
            return None
        column, refusal = missing, DomainError("A new organisation needs this")
    return CellError(line.number, HEADINGS[column], "", refusal)


def _change(line: RegisterLine, row: RegisterRow, *, overwrite: bool) -> RowChange:
    has_people = row.people_count > 0
    changes: list[FieldChange] = []
    kept: list[FieldChange] = []
    for name, value in line.values.items():
        if name in {"edrpou", "edrpou_reason"}:
            continue
        old = _shown(getattr(row, name))
        new = tuple(value) if isinstance(value, list) else value
        if old == new:
            continue
        target = kept if has_people and old and not overwrite else changes
        target.append(FieldChange(name, old, new))
    return RowChange(line.number, row.edrpou, row.name, tuple(changes), tuple(kept), has_people)


def _shown(value: object) -> str | tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _plain(changes: Iterable[FieldChange]) -> list[list[object]]:
    return [[one.name, one.old, one.new] for one in changes]


def _stored(name: str, value: str | tuple[str, ...]) -> object:
    if isinstance(value, tuple):
        return list(value)
    return date.fromisoformat(value) if name == "registered_on" else value


def _new_row(line: RegisterLine, now: object, by: User) -> dict[str, object]:
    values: Values = line.values
    doubtful = not is_edrpou(str(values["edrpou"]))
    row: dict[str, object] = dict.fromkeys(HEADINGS, "")
    row |= {"kind": "ngo", "nonprofit_code": "0032", "fields": []}
    row |= {name: _stored(name, tuple(value) if isinstance(value, list) else value) for name, value in values.items()}
    row["short_name"] = row["short_name"] or str(row["name"])[:120]
    row["edrpou_reason"] = str(values.get("edrpou_reason", "")) if doubtful else None
    return row | {
        "edrpou_reason_by_id": by.id if doubtful else None,
        "is_imported": True,
        "created_at": now,
        "version": 1,
    }


def _organisations(changed: Sequence[RowChange]) -> Iterator[tuple[RowChange, Organisation]]:
    for portion in _portions(changed):
        query = sa.select(Organisation).where(Organisation.edrpou.in_([one.edrpou for one in portion]))
        found = {one.edrpou: one for one in db.session.scalars(lock(query.order_by(Organisation.id)))}
        for change in portion:
            yield change, found[change.edrpou]
        db.session.flush()


def _portions(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + PORTION] for start in range(0, len(rows), PORTION))
