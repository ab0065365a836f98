"""Marks of the radar for those who may read both sides: what is hidden on either side hides the mark whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Flag
from grants_app.applications.queries.access import hidden_ids, may_read_in
from grants_app.applications.queries.content import is_closed_to_desks
from grants_app.applications.queries.radar import payment_sources
from grants_app.applications.rules.likeness import Piece, shared_pieces
from grants_app.applications.rules.radar import KINDS
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, FlagState


@dataclass(frozen=True)
class FlagRow:
    """A mark in a list; kind and other_label are msgids."""

    code: str
    application: str
    number: int | None
    title: str
    kind: str
    other: str
    other_label: str
    other_competition: str
    likeness_bp: int
    state: State
    note: str
    gone_at: datetime | None


@dataclass(frozen=True)
class Pair:
    """Two places side by side, equal words marked."""

    place: str
    own: tuple[Piece, ...]
    other: tuple[Piece, ...]
    own_kop: int | None
    other_kop: int | None


@dataclass(frozen=True)
class FlagView:
    """A mark with its evidence."""

    flag: Flag
    row: FlagRow
    pairs: list[Pair]
    decided_by: str
    mirror: Flag | None  # the same finding seen from the other application
    other_application: Application | None


def flag_rows(
    viewer: User, competition: Competition, *, application: Application | None = None, state: str = ""
) -> list[FlagRow]:
    """Marks of a competition, or of one application, that this person may read, open ones first."""
    if not may_read_in(viewer, competition) or is_closed_to_desks(competition):
        return []
    query = (
        sa.select(Flag)
        .join(Application, Application.id == Flag.application_id)
        .where(Application.competition_id == competition.id)
        .options(joinedload(Flag.application))
        .order_by(Application.register_number, Application.code, Flag.kind, Flag.other_code, Flag.id)
    )
    if application is not None:
        query = query.where(Flag.application_id == application.id)
    order = (FlagState.OPEN, FlagState.CONFIRMED, FlagState.DISMISSED)
    rows = [row for row in _readable(viewer, list(db.session.scalars(query))) if not state or row.state.value == state]
    return sorted(rows, key=lambda row: order.index(FlagState(row.state.value)))


def flag_counts(viewer: User, competition: Competition) -> Counter[tuple[str, FlagState]]:
    """Marks by application and state, of those that this person may read; what is seen no more does not count."""
    rows = flag_rows(viewer, competition)
    return Counter((row.application, FlagState(row.state.value)) for row in rows if row.gone_at is None)


def flag_for(viewer: User, application: Application, code: str) -> FlagView:
    """One mark of an application with both texts. Raises NotFound where either side is closed to this person."""
    flag = db.session.scalar(sa.select(Flag).filter_by(code=code, application_id=application.id))
    rows = _readable(viewer, [flag]) if flag is not None else []
    if flag is None or not rows or not may_read_in(viewer, application.competition):
        raise NotFound()
    other = None
    if flag.other_thing == "application":
        other = db.session.scalar(
            sa.select(Application)
            .filter_by(code=flag.other_code)
            .options(joinedload(Application.organisation), joinedload(Application.competition))
        )
    pairs = [
        Pair(one["place"], *shared_pieces(one["own"], one["other"]), one["own_kop"], one["other_kop"])
        for one in flag.evidence
    ]
    decider = db.session.get(User, flag.decided_by_id) if flag.decided_by_id is not None else None
    return FlagView(flag, rows[0], pairs, decider.full_name if decider else "", mirror_of(flag), other)


def mirror_of(flag: Flag) -> Flag | None:
    """The mark of the same kind that the other application of the pair carries."""
    query = (
        sa.select(Flag)
        .join(Application, Application.id == Flag.application_id)
        .where(
            Application.code == flag.other_code,
            Flag.kind == flag.kind,
            Flag.other_thing == "application",
            Flag.other_code == flag.application.code,
            Flag.gone_at.is_(None),
        )
        .order_by(Flag.id.desc())
        .limit(1)
    )
    return db.session.scalar(query) if flag.other_thing == "application" and flag.gone_at is None else None


def withheld_flags(viewer: User) -> frozenset[str]:
    """Codes of marks whose one side is considered without this person: their lines of the journal too."""
    hidden = hidden_ids(viewer)
    if not hidden:
        return frozenset()
    codes = sa.select(Application.code).where(Application.id.in_(hidden))
    query = sa.select(Flag.code).where(
        sa.or_(Flag.application_id.in_(hidden), sa.and_(Flag.other_thing == "application", Flag.other_code.in_(codes)))
    )
    return frozenset(db.session.scalars(query))


def _readable(viewer: User, flags: Iterable[Flag]) -> list[FlagRow]:
    """Only marks of which the person may read both sides."""
    flags = list(flags)
    hidden = hidden_ids(viewer)
    others = _others({flag.other_code for flag in flags if flag.other_thing == "application"})
    reads: dict[int, bool] = {}
    rows = []
    for flag in flags:
        if flag.application_id in hidden:
            continue
        competition_title, label = "", "Application"
        if flag.other_thing == "application":
            other = others.get(flag.other_code)
            if other is None or other.id in hidden or not _reads_other(viewer, other, reads):
                continue
            competition_title = other.competition.title
        else:
            source = payment_sources.get(flag.other_thing)
            if source is None or not source.may_read(viewer, flag.other_code):
                continue
            label = source.label
        rows.append(_row(flag, label, competition_title))
    return rows


def _row(flag: Flag, label: str, competition_title: str) -> FlagRow:
    return FlagRow(
        code=flag.code,
        application=flag.application.code or "",
        number=flag.application.register_number,
        title=flag.application.title,
        kind=KINDS.get(flag.kind, flag.kind),
        other=flag.other_code,
        other_label=label,
        other_competition=competition_title,
        likeness_bp=flag.likeness_bp,
        state=flag.state,
        note=flag.note,
        gone_at=flag.gone_at,
    )


def _others(codes: set[str]) -> dict[str, Application]:
    query = (
        sa.select(Application).where(Application.code.in_(codes)).options(joinedload(Application.competition))
        if codes
        else None
    )
    return {} if query is None else {one.code or "": one for one in db.session.scalars(query)}


def _reads_other(viewer: User, other: Application, reads: dict[int, bool]) -> bool:
    if other.competition_id not in reads:
        is_open = not is_closed_to_desks(other.competition)
        reads[other.competition_id] = is_open and may_read_in(viewer, other.competition)
    return reads[other.competition_id] and other.state != ApplicationState.DRAFT
