"""Late entries: until when an organisation may still apply, and what of it stands in the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications.models import Application, LateEntry
from grants_app.applications.queries.access import hidden_ids
from grants_app.applications.queries.content import TAKING_STATES, is_over
from grants_app.applications.queries.veil import is_veiled
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import is_intake_open
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.permissions import Role


@dataclass(frozen=True)
class LateRow:
    """A late entry on the organizer's page and beside the register."""

    code: str
    organisation: str
    edrpou: str
    reason: str
    given_at: datetime
    until: datetime
    state: str  # running | used | ended | expired
    application_code: str | None


def late_entry_of(competition: Competition, organisation_id: int | None, at: datetime) -> LateEntry | None:
    """The late entry by which the organisation may apply at this instant: its code was entered, it is not used yet."""
    if organisation_id is None or competition.state not in TAKING_STATES:
        return None
    query = (
        sa.select(LateEntry)
        .filter_by(competition_id=competition.id, organisation_id=organisation_id)
        .where(
            LateEntry.opened_at.is_not(None),
            LateEntry.used_at.is_(None),
            LateEntry.ended_at.is_(None),
            LateEntry.until > at,
        )
        .order_by(LateEntry.until.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def takes_from(competition: Competition, organisation_id: int | None, at: datetime) -> bool:
    """Whether an application of this organisation is taken at this instant: intake runs, or a late entry does."""
    return is_intake_open(competition, at) or late_entry_of(competition, organisation_id, at) is not None


def deadline_of(application: Application) -> datetime | None:
    """Until when this application may be written and sent: the end of the intake, or of the own late entry."""
    competition = application.competition
    if not is_over(competition):
        return competition.intake_until
    entry = late_entry_of(competition, application.organisation_id, clock.arrival())
    return competition.intake_until if entry is None else entry.until


def running_entries(competition: Competition) -> list[LateEntry]:
    """Late entries that may still bring an application."""
    query = sa.select(LateEntry).filter_by(competition_id=competition.id).where(*_running(clock.now()))
    return list(db.session.scalars(query))


def waiting_entries(viewer: User) -> list[LateEntry]:
    """Late entries given to organisations that the person heads, whose code nobody has entered yet."""
    query = (
        sa.select(LateEntry)
        .join(Membership, Membership.organisation_id == LateEntry.organisation_id)
        .where(
            Membership.user_id == viewer.id,
            Membership.ended_at.is_(None),
            Membership.role == Role.NGO_HEAD,
            LateEntry.opened_at.is_(None),
            *_running(clock.now()),
        )
        .options(joinedload(LateEntry.competition), joinedload(LateEntry.organisation))
        .order_by(LateEntry.id)
    )
    return list(db.session.scalars(query))


def _running(at: datetime) -> list[sa.ColumnElement[bool]]:
    return [LateEntry.used_at.is_(None), LateEntry.ended_at.is_(None), LateEntry.until > at]


def late_entry_by_code(competition: Competition, code: str) -> LateEntry:
    """The entry of that code. Raises NotFound."""
    found = db.session.scalar(sa.select(LateEntry).filter_by(competition_id=competition.id, code=code))
    if found is None:
        raise NotFound()
    return found


def late_rows(competition: Competition, viewer: User) -> list[LateRow]:
    """All late entries for a desk, first to last; whether one was used is told when the intake is over."""
    return _rows(competition, hidden_ids(viewer, competition))


def unused_late_rows(competition: Competition) -> list[LateRow]:
    """Late entries by which nothing was sent, for everybody, after the intake; the register tells of the others."""
    return [row for row in _rows(competition, frozenset()) if row.state != "used"] if is_over(competition) else []


def _rows(competition: Competition, out: frozenset[int]) -> list[LateRow]:
    query = (
        sa.select(LateEntry, Organisation.name, Organisation.edrpou, Application.code)
        .join(Organisation, Organisation.id == LateEntry.organisation_id)
        .outerjoin(Application, Application.id == LateEntry.application_id)
        .where(LateEntry.competition_id == competition.id)
        .order_by(LateEntry.id)
    )
    veiled, over = is_veiled(None, competition), is_over(competition)
    return [
        LateRow(
            code=entry.code,
            organisation="" if veiled else name,
            edrpou="" if veiled else edrpou,
            reason=entry.reason,
            given_at=entry.given_at,
            until=entry.until,
            state=_state(entry),
            application_code=code if over and entry.used_at is not None else None,
        )
        for entry, name, edrpou, code in db.session.execute(query)
        if entry.application_id not in out
    ]


def _state(entry: LateEntry) -> str:
    if entry.used_at is not None:
        return "used"
    if entry.ended_at is not None:
        return "ended"
    return "running" if clock.now() < entry.until else "expired"


def late_reason(application: Application) -> str | None:
    """Why the application was let in after the deadline; none when it was not."""
    query = sa.select(LateEntry.reason).where(
        LateEntry.application_id == application.id, LateEntry.used_at.is_not(None)
    )
    return db.session.scalar(query)
