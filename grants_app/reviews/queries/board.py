"""The board of the assignment: applications with their experts, chosen, sorted, a page at a time; experts' loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition, Lot, Priority
from grants_app.core import words
from grants_app.core.state_machine import State
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import ApplicationState, AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.discussion import extra_ids
from grants_app.reviews.queries.marks import SCORED_STATES
from grants_app.reviews.queries.people import ACTIVE, ENDED, eligible_experts, load_limits

PAGE_SIZE = 25
NEEDS = ("short", "full", "conflict", "begun")
SORTS = ("missing", "code", "title", "experts", "done")


@dataclass(frozen=True)
class SeatOfReview:
    """An expert's place at an application."""

    expert: str
    expert_code: str
    email: str
    state: State
    is_active: bool
    is_doubted: bool
    is_extra: bool
    note: str


@dataclass(frozen=True)
class BoardRow:
    """An application with its experts."""

    code: str
    title: str
    organisation: str
    lot: str
    field: str
    seats: tuple[SeatOfReview, ...]
    expert_count: int
    done_count: int
    missing_count: int


@dataclass(frozen=True)
class BoardChoice:
    """What the secretary wants to see; unknown values mean everything, in the usual order."""

    text: str = ""
    need: str = ""
    field: str = ""
    sort: str = "missing"
    is_descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class BoardPage:
    """One page of the board with counts of the whole."""

    rows: tuple[BoardRow, ...]
    found_count: int
    all_count: int
    missing_count: int  # seats of all applications that nobody holds
    short_count: int  # applications that lack experts
    page: int
    last_page: int


@dataclass(frozen=True)
class LoadRow:
    """How much one expert has. `most` is the limit, None where there is none."""

    expert: str
    email: str
    all_count: int
    done_count: int
    most: int | None


@dataclass(frozen=True)
class _Line:
    """An application of the board before its experts are read."""

    key: int
    code: str
    title: str
    organisation: str
    lot: str
    field: str
    field_code: str
    expert_count: int
    done_count: int
    missing_count: int
    is_in_question: bool
    is_begun: bool


def board_rows(competition: Competition, viewer: User) -> list[BoardRow]:
    """Every application of the board, those that lack experts first."""
    lines = _sorted(_lines(competition, viewer), BoardChoice())
    return _with_seats(viewer, lines)


def board_page(competition: Competition, viewer: User, choice: BoardChoice) -> BoardPage:
    """The chosen page; the number of queries does not depend on the number of applications."""
    everything = _lines(competition, viewer)
    found = _sorted([line for line in everything if _is_wanted(line, choice)], choice)
    last = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(1, choice.page), last)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return BoardPage(
        rows=tuple(_with_seats(viewer, shown)),
        found_count=len(found),
        all_count=len(everything),
        missing_count=sum(line.missing_count for line in everything),
        short_count=sum(line.missing_count > 0 for line in everything),
        page=page,
        last_page=last,
    )


def load_rows(competition: Competition, viewer: User) -> list[LoadRow]:
    """Everybody who may be given applications or has some, the most loaded first."""
    people = {person.id: person for person in eligible_experts(competition)}
    query = (
        sa.select(
            Assignment.expert_id,
            sa.func.count().label("whole"),
            sa.func.sum(sa.case((Assignment.state == AssignmentState.DONE, 1), else_=0)).label("done"),
        )
        .join(Application, Application.id == Assignment.application_id)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.expert_id.is_not(None),
            Assignment.state.in_(ACTIVE),
            Application.state.in_(SCORED_STATES),
            Application.id.not_in(hidden_ids(viewer, competition)),
        )
        .group_by(Assignment.expert_id)
    )
    counts = {row.expert_id: (int(row.whole), int(row.done)) for row in db.session.execute(query)}
    missing = set(counts) - set(people)
    people |= {person.id: person for person in db.session.scalars(sa.select(User).filter(User.id.in_(missing)))}
    limits = load_limits(competition, list(people.values()))
    rows = [
        LoadRow(person.full_name, person.email, *counts.get(key, (0, 0)), limits[key]) for key, person in people.items()
    ]
    return sorted(rows, key=lambda row: (-row.all_count, ukrainian_key(row.expert), row.email))


def _lines(competition: Competition, viewer: User) -> list[_Line]:
    """Applications without their experts, but with how many there are."""
    extra = extra_ids(competition)
    query = (
        sa.select(
            Application.id, Application.code, Application.title, Organisation.short_name, Lot.title.label("lot"),
            Priority.title.label("field"), Priority.code.label("field_code"), *_counts(),
        )
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(Lot, Lot.id == Application.lot_id)
        .outerjoin(Priority, Priority.id == Application.priority_id)
        .outerjoin(Assignment, Assignment.application_id == Application.id)
        .filter(
            Application.competition_id == competition.id,
            Application.state.in_(SCORED_STATES),
            Application.id.not_in(hidden_ids(viewer, competition)),
        )
        .group_by(Application.id, Organisation.short_name, Lot.title, Priority.title, Priority.code)
    )  # fmt: skip
    return [_line(row, competition.experts_per_application + (row.id in extra)) for row in db.session.execute(query)]


def _counts() -> list[Any]:
    def count(condition: Any, name: str) -> Any:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0).label(name)

    is_active = Assignment.state.in_(ACTIVE)
    begun = (AssignmentState.IN_PROGRESS, AssignmentState.DONE)
    is_in_question = sa.or_(
        Assignment.state == AssignmentState.DECLINED_COI, sa.and_(is_active, Assignment.doubted_at.is_not(None))
    )
    return [
        count(is_active, "experts"),
        count(Assignment.state == AssignmentState.DONE, "done"),
        count(Assignment.state.in_(begun), "begun"),
        count(is_in_question, "conflicts"),
    ]


def _line(row: Any, demand: int) -> _Line:
    return _Line(
        key=row.id,
        code=row.code or "",
        title=row.title,
        organisation=row.short_name or "",
        lot=row.lot or "",
        field=row.field or "",
        field_code=row.field_code or "",
        expert_count=int(row.experts),
        done_count=int(row.done),
        missing_count=max(0, demand - int(row.experts)),
        is_in_question=bool(row.conflicts),
        is_begun=bool(row.begun),
    )


def _is_wanted(line: _Line, choice: BoardChoice) -> bool:
    wanted = words.search_form(choice.text)
    if wanted and wanted not in words.search_form(f"{line.code} {line.title} {line.organisation}"):
        return False
    if choice.field and line.field_code != choice.field:
        return False
    needs = {
        "short": line.missing_count > 0,
        "full": line.missing_count == 0,
        "conflict": line.is_in_question,
        "begun": line.is_begun,
    }
    return needs.get(choice.need, True)


_ORDER: dict[str, Callable[[_Line], Any]] = {
    "missing": lambda line: -line.missing_count,
    "code": lambda line: line.code,
    "title": lambda line: ukrainian_key(line.title),
    "experts": lambda line: line.expert_count,
    "done": lambda line: line.done_count,
}


def _sorted(lines: Sequence[_Line], choice: BoardChoice) -> list[_Line]:
    by_code = sorted(lines, key=lambda line: line.code)
    return sorted(by_code, key=_ORDER.get(choice.sort, _ORDER["missing"]), reverse=choice.is_descending)


def _with_seats(viewer: User, lines: Sequence[_Line]) -> list[BoardRow]:
    seats = _seats(lines, names=viewer.can(Permission.SCORE_AUTHOR_READ))
    return [
        BoardRow(
            code=line.code,
            title=line.title,
            organisation=line.organisation,
            lot=line.lot,
            field=line.field,
            seats=tuple(seats[line.key]),
            expert_count=line.expert_count,
            done_count=line.done_count,
            missing_count=line.missing_count,
        )
        for line in lines
    ]


def _seats(lines: Sequence[_Line], *, names: bool) -> dict[int, list[SeatOfReview]]:
    query = (
        sa.select(
            Assignment.application_id, Assignment.expert_code, Assignment.state, Assignment.doubted_at,
            Assignment.is_extra, Assignment.conflict_reason, Assignment.ended_reason, User.full_name, User.email,
        )
        .outerjoin(User, User.id == Assignment.expert_id)
        .filter(Assignment.application_id.in_([line.key for line in lines]))
    )  # fmt: skip
    found: dict[int, list[SeatOfReview]] = defaultdict(list)
    for one in db.session.execute(query):
        is_active = one.state not in ENDED
        found[one.application_id].append(
            SeatOfReview(
                expert=one.full_name if names and one.full_name else one.expert_code,
                expert_code=one.expert_code,
                email=(one.email or "") if names else "",
                state=one.state,
                is_active=is_active,
                is_doubted=one.doubted_at is not None and is_active,
                is_extra=one.is_extra,
                note=(one.conflict_reason or one.ended_reason or "") if names else "",
            )
        )
    for seats in found.values():
        seats.sort(key=lambda seat: (not seat.is_active, ukrainian_key(seat.expert), seat.expert_code))
    return found


@dataclass(frozen=True)
class ExchangeRow:
    """Somebody else's assignment that could be exchanged."""

    code: str
    expert_code: str
    name: str


def exchangeable(application: Application, viewer: User) -> list[ExchangeRow]:
    """Assignments of other applications of the competition on which nobody has begun."""
    query = (
        sa.select(Application.code, Assignment.expert_code, User.full_name)
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .join(User, User.id == Assignment.expert_id)
        .filter(
            Assignment.competition_id == application.competition_id,
            Assignment.application_id != application.id,
            Assignment.state.in_((AssignmentState.PROPOSED, AssignmentState.ACCEPTED)),
            Application.state == ApplicationState.ADMITTED,
            Application.id.not_in(hidden_ids(viewer, application.competition)),
        )
    )
    rows = [ExchangeRow(row.code or "", row.expert_code, row.full_name) for row in db.session.execute(query)]
    return sorted(rows, key=lambda row: (ukrainian_key(row.name), row.code))
