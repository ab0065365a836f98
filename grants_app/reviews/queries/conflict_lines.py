"""The register of conflicts of a competition: the same rows for the page, every export and the annex to the minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core.errors import NotFound
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import AssignmentState, ConflictState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment, Conflict, PanelInvitation
from grants_app.reviews.rules.conflicts import DOUBT, LEVELS, SOURCES, kind_label


@dataclass(frozen=True)
class Statement:
    """A statement about a conflict that another stage keeps: the recusals of meetings. It is shown, never copied."""

    application_id: int
    person_id: int
    state: ConflictState
    kind: str  # an English msgid
    raised_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class ConflictRow:
    """A line of the register. Words are English msgids; `code` is empty for what is kept elsewhere."""

    code: str
    application_code: str
    application: str
    person: str
    source: str
    kind: str
    level: str
    state: ConflictState
    decided_by: str
    decision_reason: str
    raised_at: datetime
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == ConflictState.OPEN


@dataclass(frozen=True)
class ConflictChoice:
    """What the address asks for; unknown values mean «all»."""

    state: str = ""
    source: str = ""
    text: str = ""
    sort: str = "-time"


# Later stages offer what they keep about conflicts of a competition.
also_stated: list[Callable[[Competition], list[Statement]]] = []
_NAMELESS = "Expert"
SORTS = {
    "time": lambda row: row.raised_at,
    "application": lambda row: (row.application_code, row.raised_at),
    "person": lambda row: (ukrainian_key(row.person), row.application_code, row.raised_at),
    "state": lambda row: (row.state.value, row.raised_at),
}


def conflict_rows(competition: Competition, viewer: User, choice: ConflictChoice | None = None) -> list[ConflictRow]:
    """Lines that this person may read: none about themselves, none of applications considered without them.

    Experts stand under names for who may see whose marks are whose, and for the chair where the chair decides;
    otherwise under their codes.
    """
    if not viewer.can(Permission.CONFLICT_REGISTER_READ):
        return []
    hidden = hidden_ids(viewer, competition)
    lines = [one for one in _lines(competition) if one.application_id not in hidden and one.person_id != viewer.id]
    stated = [one for one in _stated(competition) if one.application_id not in hidden and one.person_id != viewer.id]
    return _chosen(_rows(competition, lines, stated, viewer), choice or ConflictChoice())


def annex_rows(
    competition: Competition, *, out: frozenset[int] = frozenset(), until: datetime | None = None
) -> list[ConflictRow]:
    """The register as the minutes carry it, first to last: experts under codes, no words of anybody.

    Without applications of `out`; as it stood at the instant `until`, if one is given.
    """
    lines = [one for one in _lines(competition) if one.application_id not in out]
    stated = [one for one in _stated(competition) if one.application_id not in out]
    rows = _rows(competition, lines, stated, None)
    if until is not None:
        rows = [_as_of(row, until) for row in rows if row.raised_at <= until]
    return sorted(rows, key=SORTS["time"])


def _as_of(row: ConflictRow, moment: datetime) -> ConflictRow:
    if row.decided_at is None or row.decided_at <= moment:
        return row
    return replace(row, state=ConflictState.OPEN, decided_by="", decided_at=None)


def conflict_for(viewer: User, competition: Competition, code: str) -> Conflict:
    """A line for who reads the register or decides on it. Raises NotFound, also for whom it concerns."""
    query = (
        sa.select(Conflict)
        .options(joinedload(Conflict.application), joinedload(Conflict.person), joinedload(Conflict.raised_by))
        .where(Conflict.competition_id == competition.id, Conflict.code == code)
    )
    found = db.session.scalar(query)
    if found is None or found.person_id == viewer.id or found.application_id in hidden_ids(viewer, competition):
        raise NotFound()
    return found


def shown_person(conflict: Conflict, viewer: User) -> str:
    """The person of a line as this reader may see them."""
    competition = conflict.competition
    experts = _experts(competition)
    return _person(
        conflict.person_id, conflict.person.full_name, experts, _sees(conflict.source, conflict.kind, viewer)
    )


def late_lines(competition: Competition, application_ids: frozenset[int] | None = None) -> list[Conflict]:
    """Confirmed conflicts of experts whose marks stay in the ranking: it was made before they were known."""
    query = (
        sa.select(Conflict)
        .join(
            Assignment,
            sa.and_(
                Assignment.application_id == Conflict.application_id,
                Assignment.expert_id == Conflict.person_id,
                Assignment.state == AssignmentState.DONE,
            ),
        )
        .options(joinedload(Conflict.application))
        .where(Conflict.competition_id == competition.id, Conflict.state == ConflictState.CONFIRMED)
        .order_by(Conflict.decided_at)
    )
    if application_ids is not None:
        query = query.where(Conflict.application_id.in_(application_ids))
    return list(db.session.scalars(query))


def waiting_lines(viewer: User) -> list[Conflict]:
    """Lines that wait for a decision in competitions of this person's commission, oldest first."""
    seat = sa.select(CommissionSeat.competition_id).where(CommissionSeat.user_id == viewer.id)
    query = (
        sa.select(Conflict)
        .options(joinedload(Conflict.application), joinedload(Conflict.competition))
        .where(Conflict.state == ConflictState.OPEN, Conflict.person_id != viewer.id)
        .order_by(Conflict.raised_at, Conflict.id)
    )
    if not viewer.can(Permission.CONFLICT_DECIDE):
        query = query.where(Conflict.competition_id.in_(seat))
    return list(db.session.scalars(query))


def _lines(competition: Competition) -> list[Conflict]:
    query = sa.select(Conflict).where(Conflict.competition_id == competition.id).order_by(Conflict.id)
    return list(db.session.scalars(query))


def _stated(competition: Competition) -> list[Statement]:
    return [one for stated in also_stated for one in stated(competition)]


def _rows(
    competition: Competition, lines: list[Conflict], stated: list[Statement], viewer: User | None
) -> list[ConflictRow]:
    experts = _experts(competition)
    people = {one.person_id for one in lines} | {one.person_id for one in stated}
    people |= {one.decided_by_id for one in lines if one.decided_by_id is not None}
    names = {
        row.id: row.full_name
        for row in db.session.execute(sa.select(User.id, User.full_name).where(User.id.in_(people)))
    }
    bids = {one.application_id for one in lines} | {one.application_id for one in stated}
    titles = {
        row.id: (row.code or "", row.title)
        for row in db.session.execute(
            sa.select(Application.id, Application.code, Application.title).where(Application.id.in_(bids))
        )
    }
    return [
        *(_row(one, names, titles, experts, viewer) for one in lines),
        *(
            ConflictRow(
                code="",
                application_code=titles[one.application_id][0],
                application=titles[one.application_id][1],
                person=_person(one.person_id, names[one.person_id], experts, viewer is not None),
                source=SOURCES["meeting"],
                kind=one.kind,
                level=LEVELS["block"],
                state=one.state,
                decided_by="",
                decision_reason="",
                raised_at=one.raised_at,
                decided_at=one.decided_at,
            )
            for one in stated
        ),
    ]


def _row(
    one: Conflict,
    names: dict[int, str],
    titles: dict[int, tuple[str, str]],
    experts: dict[int, str],
    viewer: User | None,
) -> ConflictRow:
    is_own = one.decided_by_id == one.person_id
    return ConflictRow(
        code=one.code,
        application_code=titles[one.application_id][0],
        application=titles[one.application_id][1],
        person=_person(one.person_id, names[one.person_id], experts, _sees(one.source, one.kind, viewer)),
        source=SOURCES[one.source],
        kind=kind_label(one.kind),
        level=LEVELS[one.level],
        state=one.state,
        decided_by="" if one.decided_by_id is None or is_own else names[one.decided_by_id],
        decision_reason="" if viewer is None else one.decision_reason or "",
        raised_at=one.raised_at,
        decided_at=one.decided_at,
    )


def _sees(source: str, kind: str, viewer: User | None) -> bool:
    """Whether the reader sees an expert's name in such a line: whose marks are whose, or what they must decide."""
    if viewer is None:
        return False
    asks = source != "declared" or kind == DOUBT
    return viewer.can(Permission.SCORE_AUTHOR_READ) or (asks and viewer.can(Permission.CONFLICT_DECIDE))


def _person(person_id: int, name: str, experts: dict[int, str], sees_names: bool) -> str:
    if person_id not in experts or sees_names:
        return name
    return experts[person_id] or _NAMELESS


def _experts(competition: Competition) -> dict[int, str]:
    """Experts of the panel with their codes (none before they have an application); whoever has a seat has a name."""
    seat = aliased(CommissionSeat)
    codes = sa.select(Assignment.expert_id, Assignment.expert_code).where(
        Assignment.competition_id == competition.id, Assignment.expert_id.is_not(None)
    )
    asked = sa.select(PanelInvitation.user_id).where(
        PanelInvitation.competition_id == competition.id, PanelInvitation.user_id.is_not(None)
    )
    seated = set(db.session.scalars(sa.select(seat.user_id).where(seat.competition_id == competition.id)))
    found: dict[int, str] = {one: "" for one in db.session.scalars(asked) if one is not None}
    found |= {row.expert_id: row.expert_code for row in db.session.execute(codes.distinct())}
    return {one: code for one, code in found.items() if one not in seated}


def _chosen(rows: list[ConflictRow], choice: ConflictChoice) -> list[ConflictRow]:
    wanted = search_form(choice.text)
    states, sources = {one.value for one in ConflictState}, SOURCES
    chosen = [
        row
        for row in rows
        if (choice.state not in states or row.state.value == choice.state)
        and (choice.source not in sources or row.source == sources[choice.source])
        and (not wanted or wanted in search_form(f"{row.application_code} {row.application} {row.person}"))
    ]
    name = choice.sort.removeprefix("-")
    return sorted(chosen, key=SORTS.get(name, SORTS["time"]), reverse=choice.sort.startswith("-"))
