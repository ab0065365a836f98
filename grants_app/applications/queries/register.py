"""The register of applications: sealed till the end of intake, then the same rows for the page and every export."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application, Attachment, LateEntry, Submission
from grants_app.applications.queries.access import hidden_ids, may_read_in
from grants_app.applications.queries.content import is_over, is_sealed
from grants_app.applications.queries.signing import may_read_signatures, signed_in
from grants_app.applications.queries.veil import is_veiled, titles_under_veil
from grants_app.competitions.models import Competition, Lot
from grants_app.core.state_machine import State
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import ApplicationState, CompetitionState


@dataclass(frozen=True)
class RegisterRow:
    """An application in the register."""

    number: int | None
    code: str
    submitted_at: datetime | None
    organisation: str
    edrpou: str
    title: str
    lot: str
    requested_kop: int
    total_cost_kop: int
    own_share_bp: int
    file_count: int
    state: State
    note: str = ""  # why it came late, by the reason that the organizer published
    late_file_count: int = 0
    signature_mode: str = ""  # how the head signed, and whom the signature names: only for whoever checks
    signed_by: str = ""


@dataclass(frozen=True)
class RegisterChoice:
    """What the address asks for; unknown values mean «all»."""

    state: str = ""
    lot: str = ""
    text: str = ""
    sort: str = "number"


@dataclass(frozen=True)
class Register:
    """The rows that were asked for, and the counts by state of all."""

    rows: list[RegisterRow] = field(default_factory=list)
    counts: dict[ApplicationState, int] = field(default_factory=dict)
    is_sealed: bool = False
    received: int | None = None  # while sealed: how many were sent so far

    @property
    def total(self) -> int:
        """All applications of the register."""
        return sum(self.counts.values())


SORTS = {
    "number": lambda row: (row.number is None, row.number or 0, row.code),
    "time": lambda row: (row.submitted_at is None, row.submitted_at.timestamp() if row.submitted_at else 0, row.code),
    "organisation": lambda row: (ukrainian_key(row.organisation), row.code),
    "title": lambda row: (ukrainian_key(row.title), row.code),
    "amount": lambda row: (row.requested_kop, row.code),
    "state": lambda row: (row.state.value, row.number or 0),
}


def register_rows(competition: Competition, viewer: User, choice: RegisterChoice | None = None) -> Register:
    """The register as this person may see it: empty and uncounted while sealed, and for those who may not read it."""
    if not may_read_in(viewer, competition):
        return Register(is_sealed=is_sealed(competition))
    if is_sealed(competition):
        return Register(is_sealed=True, received=received_count(competition, viewer))
    rows = _rows(competition, hidden_ids(viewer, competition), is_under_veil=is_veiled(viewer, competition))
    if may_read_signatures(viewer):
        rows = _with_signatures(rows, competition)
    return _chosen(rows, choice or RegisterChoice())


def _with_signatures(rows: list[RegisterRow], competition: Competition) -> list[RegisterRow]:
    """The rows with the signature of the newest sending of each."""
    signed = signed_in(competition)
    return [
        replace(row, signature_mode=signed[row.code][0], signed_by=signed[row.code][1]) if row.code in signed else row
        for row in rows
    ]


def public_rows(competition: Competition, choice: RegisterChoice | None = None) -> Register:
    """The registered list for everybody: only what has a number, after the intake."""
    if not is_over(competition):
        return Register(is_sealed=True)
    rows = [row for row in _rows(competition, is_under_veil=is_veiled(None, competition)) if row.number is not None]
    return _chosen(rows, choice or RegisterChoice())


def _chosen(rows: list[RegisterRow], choice: RegisterChoice) -> Register:
    counts: dict[ApplicationState, int] = {}
    for row in rows:
        state = ApplicationState(row.state.value)
        counts[state] = counts.get(state, 0) + 1
    wanted = search_form(choice.text)
    chosen = [
        row
        for row in rows
        if (choice.state not in set(counts) or row.state.value == choice.state)
        and (not choice.lot or row.lot == choice.lot)
        and (not wanted or wanted in search_form(f"{row.code} {row.organisation} {row.edrpou} {row.title}"))
    ]
    name = choice.sort.removeprefix("-")
    chosen.sort(key=SORTS.get(name, SORTS["number"]), reverse=choice.sort.startswith("-"))
    return Register(chosen, counts)


def _rows(
    competition: Competition, out: frozenset[int] = frozenset(), *, is_under_veil: bool = False
) -> list[RegisterRow]:
    """The rows; under a veil without their applicants, so that neither search nor order betrays one."""
    files = (
        sa.select(sa.func.count(Attachment.id))
        .where(Attachment.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    query = (
        sa.select(Application, Organisation.name, Organisation.edrpou, Lot.title, files, LateEntry.reason)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(Lot, Lot.id == Application.lot_id)
        .outerjoin(LateEntry, sa.and_(LateEntry.application_id == Application.id, LateEntry.used_at.is_not(None)))
        .where(Application.competition_id == competition.id, Application.state != ApplicationState.DRAFT)
    )
    if out:
        query = query.where(Application.id.not_in(out))
    found = list(db.session.execute(query))
    titles = {row.Application.id: row.Application.title for row in found}
    files_late = _late_files(competition)
    if is_under_veil:
        titles = dict(titles_under_veil(titles))
    return [
        RegisterRow(
            number=application.register_number,
            code=application.code or application.key,
            submitted_at=application.submitted_at,
            organisation="" if is_under_veil else organisation or "",
            edrpou="" if is_under_veil else edrpou or "",
            title=titles[application.id],
            lot=lot or "",
            requested_kop=application.requested_kop,
            total_cost_kop=application.total_cost_kop,
            own_share_bp=application.own_share_bp,
            file_count=count,
            state=application.state,
            note=reason or "",
            late_file_count=files_late.get(application.id, 0),
        )
        for application, organisation, edrpou, lot, count, reason in found
    ]


def _late_files(competition: Competition) -> dict[int, int]:
    """How many files of each application ended after the sending, as the rules of the call allow."""
    if not competition.upload_grace_minutes:
        return {}
    query = (
        sa.select(Submission.application_id, sa.func.count(Submission.id))
        .join(Application, Application.id == Submission.application_id)
        .where(Application.competition_id == competition.id, Submission.kind == "late_file")
        .group_by(Submission.application_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def received_count(competition: Competition, viewer: User) -> int:
    """How many applications were sent so far: a number is no secret to the desks, even while texts are sealed."""
    query = sa.select(sa.func.count(Application.id)).where(
        Application.competition_id == competition.id,
        Application.state.not_in((ApplicationState.DRAFT, ApplicationState.WITHDRAWN)),
        Application.id.not_in(hidden_ids(viewer, competition)),
    )
    return int(db.session.scalar(query) or 0)


def submissions_of(application: Application) -> list[Submission]:
    """Every sending of the application, first to last."""
    query = sa.select(Submission).filter_by(application_id=application.id).order_by(Submission.id)
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class DeskRow:
    """A competition on the secretary's desk; counts are shown while texts are sealed too."""

    code: str
    title: str
    state: State
    intake_until: datetime | None
    total: int
    waiting: int
    can_start: bool


def desk_rows(viewer: User) -> list[DeskRow]:
    """Announced competitions, newest first, with how many applications wait for a check.

    What is considered without this person is not counted.
    """
    competitions = list(
        db.session.scalars(
            sa.select(Competition)
            .where(Competition.announced_at.is_not(None))
            .order_by(Competition.year.desc(), Competition.id.desc())
        )
    )
    counts: dict[int, dict[ApplicationState, int]] = {}
    query = (
        sa.select(Application.competition_id, Application.state, sa.func.count(Application.id))
        .where(Application.state != ApplicationState.DRAFT, Application.id.not_in(hidden_ids(viewer)))
        .group_by(Application.competition_id, Application.state)
    )
    for competition_id, state, count in db.session.execute(query):
        counts.setdefault(competition_id, {})[state] = count
    return [_desk_row(competition, counts.get(competition.id, {})) for competition in competitions]


def _desk_row(competition: Competition, counts: dict[ApplicationState, int]) -> DeskRow:
    is_ended = is_over(competition)
    is_checking = competition.state == CompetitionState.FORMAL_CHECK
    waiting = sum(counts.get(state, 0) for state in (ApplicationState.SUBMITTED, ApplicationState.CORRECTED))
    before_check = {CompetitionState.ANNOUNCED, CompetitionState.OPEN, CompetitionState.CLOSED}
    return DeskRow(
        code=competition.code,
        title=competition.title,
        state=competition.state,
        intake_until=competition.intake_until,
        total=sum(counts.values()),
        waiting=waiting if is_checking else 0,
        can_start=is_ended and competition.state in before_check,
    )
