"""The queue of the formal check: what is due by when, who has taken it, what was found so far."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application, Correction, FormalCheckItem
from grants_app.applications.queries.access import hidden_ids, may_read_in
from grants_app.applications.queries.content import form_for, is_sealed
from grants_app.applications.queries.flags import flag_counts
from grants_app.applications.rules.requirements import CHECK_DAYS, NOTICE_DAYS
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import days_off
from grants_app.core import clock
from grants_app.core.state_machine import State
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import ApplicationState as A
from grants_app.lifecycle import CompetitionState, FlagState

PAGE = 50
WAITING = (A.SUBMITTED, A.CORRECTED, A.RETURNED)
# What has to happen by the term: code -> msgid.
DUE_WORDS = {
    "notice": "Tell the applicant of the defects",
    "check": "Finish the check",
    "correction": "The applicant corrects",
    "late": "Not corrected in time: decide",
    "proposed": "Waits for the commission",
    "done": "Decided",
}


@dataclass(frozen=True)
class QueueRow:
    """One application in the queue; `due_word` is a msgid, `due_at` the exclusive end of the term.

    `flags`: marks to be looked at; `days_left`: working days after today till the end of the term, 0 on its last day.
    """

    number: int | None
    code: str
    organisation: str
    title: str
    state: State
    due_at: datetime | None
    due_word: str
    is_overdue: bool
    verdicts: int
    requirements: int
    defects: int
    flags: int
    confirmed: int
    days_left: int | None
    checker: str
    checker_id: int | None
    proposal: str

    @property
    def due_on(self) -> date | None:
        """The last day of the term."""
        return None if self.due_at is None else clock.last_day(self.due_at)

    @property
    def overdue_word(self) -> str | None:
        """«Overdue», for exports."""
        return "Overdue" if self.is_overdue else None

    @property
    def progress(self) -> str:
        """How many requirements have a verdict."""
        return f"{self.verdicts}/{self.requirements}"


@dataclass(frozen=True)
class QueueChoice:
    """What the address asks for; unknown values mean «all»."""

    who: str = ""  # mine | free
    state: str = ""  # waiting | overdue | proposed | done
    text: str = ""
    sort: str = "due"


@dataclass(frozen=True)
class Queue:
    """The rows that were asked for, and the counts of all."""

    rows: list[QueueRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    is_sealed: bool = False


_FAR = datetime.max.replace(tzinfo=clock.KYIV)
SORTS: dict[str, Callable[[QueueRow], Any]] = {
    "due": lambda row: (row.due_at is None, row.due_at or _FAR, row.number or 0, row.code),
    "number": lambda row: (row.number is None, row.number or 0, row.code),
    "organisation": lambda row: (ukrainian_key(row.organisation), row.code),
    "flags": lambda row: (-row.flags, row.number or 0, row.code),
    "checker": lambda row: (not row.checker, ukrainian_key(row.checker), row.number or 0),
}
KINDS: dict[str, Callable[[QueueRow], bool]] = {
    "waiting": lambda row: row.state in (A.SUBMITTED, A.CORRECTED) and not row.proposal,
    "overdue": lambda row: row.is_overdue,
    "returned": lambda row: row.state == A.RETURNED,
    "proposed": lambda row: bool(row.proposal) and row.state in WAITING,
    "done": lambda row: row.state not in WAITING,
}


def check_queue(competition: Competition, viewer: User, choice: QueueChoice | None = None) -> Queue:
    """The queue as this person may see it: overdue first; nothing while sealed or for those who may not read it."""
    if is_sealed(competition):
        return Queue(is_sealed=True)
    if not may_read_in(viewer, competition):
        return Queue()
    rows, choice = _rows(competition, viewer), choice or QueueChoice()
    counts = {name: sum(map(fits, rows)) for name, fits in KINDS.items()}
    wanted = search_form(choice.text)
    chosen = [
        row
        for row in rows
        if (choice.state not in KINDS or KINDS[choice.state](row))
        and (choice.who != "mine" or row.checker_id == viewer.id)
        and (choice.who != "free" or (row.checker_id is None and row.state in WAITING))
        and (not wanted or wanted in search_form(f"{row.code} {row.organisation} {row.title}"))
    ]
    name = choice.sort.removeprefix("-")
    chosen.sort(key=SORTS.get(name, SORTS["due"]), reverse=choice.sort.startswith("-"))
    return Queue(chosen, counts, len(rows))


def checking_competitions() -> list[Competition]:
    """Competitions whose formal check runs."""
    query = sa.select(Competition).filter_by(state=CompetitionState.FORMAL_CHECK).order_by(Competition.id)
    return list(db.session.scalars(query))


def checker_of(application: Application) -> User | None:
    """Who has taken the application into the check."""
    return None if application.checker_id is None else db.session.get(User, application.checker_id)


def term_of(competition: Competition, days: int, since: datetime | None = None) -> datetime | None:
    """The exclusive end of a term in working days, counted from the end of intake or from a later instant."""
    start = since or competition.intake_closed_at or competition.intake_until
    if start is None:
        return None
    # What ends with the first instant of a day ended on the day before.
    first = clock.kyiv(start - timedelta(microseconds=1)).date()
    return clock.end_of_day(clock.add_term(first, days, working=True, days_off=days_off()))


def days_until(last: date, off: Collection[date]) -> int:
    """Working days after today till the last day of a term, that day included."""
    today = clock.today()
    days = (today + timedelta(days=step) for step in range(1, (last - today).days + 1))
    return sum(clock.is_working_day(day, off) for day in days)


def _rows(competition: Competition, viewer: User) -> list[QueueRow]:
    query = (
        sa.select(Application, Organisation.name, Correction, User.full_name)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(Correction, Correction.application_id == Application.id)
        .outerjoin(User, User.id == Application.checker_id)
        .where(
            Application.competition_id == competition.id,
            Application.state.not_in((A.DRAFT, A.WITHDRAWN)),
            Application.id.not_in(hidden_ids(viewer, competition)),
        )
    )
    found = list(db.session.execute(query))
    given, flags, off = _verdicts(competition), flag_counts(viewer, competition), days_off()
    terms = {days: term_of(competition, days) for days in (NOTICE_DAYS, CHECK_DAYS)}
    asked: dict[int | None, int] = {}
    rows, now = [], clock.now()
    for application, organisation, correction, checker in found:
        if application.form_version not in asked:
            asked[application.form_version] = len(form_for(application).requirements)
        verdicts = given.get(application.id, [])
        word, due_at = _due(application, correction, "defect" in verdicts, terms, now)
        rows.append(
            QueueRow(
                number=application.register_number,
                code=application.code or "",
                organisation=organisation or "",
                title=application.title,
                state=application.state,
                due_at=due_at,
                due_word=DUE_WORDS[word],
                is_overdue=due_at is not None and now >= due_at,
                verdicts=len(verdicts),
                requirements=asked[application.form_version],
                defects=verdicts.count("defect"),
                flags=flags[application.code or "", FlagState.OPEN],
                confirmed=flags[application.code or "", FlagState.CONFIRMED],
                days_left=None if due_at is None or now >= due_at else days_until(clock.last_day(due_at), off),
                checker=checker or "",
                checker_id=application.checker_id,
                proposal=_proposed(application),
            )
        )
    return rows


def _proposed(application: Application) -> str:
    """What is proposed to the commission and not decided yet."""
    proposal = application.admission_proposal if application.state in WAITING else None
    return str((proposal or {}).get("verdict", ""))


def _due(
    application: Application,
    correction: Correction | None,
    has_defect: bool,
    terms: dict[int, datetime | None],
    now: datetime,
) -> tuple[str, datetime | None]:
    """What has to happen next and by when: 3 working days for a notice of defects, 5 for the check."""
    if application.state not in WAITING:
        return "done", None
    if application.admission_proposal is not None:
        return "proposed", None
    if application.state == A.RETURNED and correction is not None:
        return ("correction" if now < correction.due_at else "late"), correction.due_at
    if application.state == A.CORRECTED and correction is not None:
        return "check", term_of(application.competition, CHECK_DAYS, correction.answered_at)
    return ("notice", terms[NOTICE_DAYS]) if has_defect else ("check", terms[CHECK_DAYS])


def _verdicts(competition: Competition) -> dict[int, list[str]]:
    query = (
        sa.select(FormalCheckItem.application_id, FormalCheckItem.verdict)
        .join(Application, Application.id == FormalCheckItem.application_id)
        .where(Application.competition_id == competition.id)
    )
    found: dict[int, list[str]] = {}
    for application_id, verdict in db.session.execute(query):
        found.setdefault(application_id, []).append(verdict)
    return found


def open_codes(rows: Collection[QueueRow]) -> list[str]:
    """Codes of the rows that a step on many may take."""
    return [row.code for row in rows if row.state in WAITING]
