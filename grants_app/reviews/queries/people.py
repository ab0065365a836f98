"""Experts: the pool, who is free for a competition and for an application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import RoleGrant, User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import CommissionSeat, Competition, Priority
from grants_app.core import clock
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import AssignmentState, CompetitionState, InvitationState
from grants_app.permissions import Permission, Role
from grants_app.reviews.models import Assignment, ExpertProfile, PanelInvitation
from grants_app.reviews.queries.conflicts import competing_people
from grants_app.reviews.rules import KNOWS_ANOTHER, KNOWS_THE_FIELD
from grants_app.reviews.rules.experts import ProfileFacts

ENDED = (AssignmentState.DECLINED_COI, AssignmentState.DECLINED_BUSY, AssignmentState.REMOVED)
ACTIVE = (
    AssignmentState.PROPOSED,
    AssignmentState.ACCEPTED,
    AssignmentState.IN_PROGRESS,
    AssignmentState.DONE,
)


@dataclass(frozen=True)
class ExpertRow:
    """A person of the pool as the secretary sees them."""

    code: str
    name: str
    email: str
    workplace: str
    workplace_edrpou: str
    fields_known: tuple[str, ...]
    languages: tuple[str, ...]
    is_available: bool
    away_from: date | None
    away_until: date | None
    most_applications: int | None
    open_count: int
    done_count: int


@dataclass(frozen=True)
class PoolChoice:
    """Which people of the pool to list; an empty text leaves a question out."""

    text: str = ""
    field: str = ""
    language: str = ""
    availability: str = ""  # free | away: today


def pool() -> list[User]:
    """Everybody who holds the role of an expert and may sign in, by name."""
    is_expert = User.grants.any(sa.and_(RoleGrant.role == Role.EXPERT, RoleGrant.ended_at.is_(None)))
    query = sa.select(User).filter(is_expert, User.active.is_(True))
    return sorted(db.session.scalars(query), key=lambda user: (ukrainian_key(user.full_name), user.id))


def profiles_of(experts: Sequence[User]) -> dict[int, ExpertProfile]:
    """Profiles by the person's id."""
    query = sa.select(ExpertProfile).filter(ExpertProfile.user_id.in_([expert.id for expert in experts]))
    return {profile.user_id: profile for profile in db.session.scalars(query)}


def profile_by_code(code: str) -> ExpertProfile | None:
    """The profile of that public code."""
    query = sa.select(ExpertProfile).options(joinedload(ExpertProfile.user)).filter(ExpertProfile.code == code)
    return db.session.scalar(query)


def profile_of(person: User) -> ExpertProfile | None:
    """The profile of that person, if there is one yet."""
    query = sa.select(ExpertProfile).options(joinedload(ExpertProfile.user)).filter_by(user_id=person.id)
    return db.session.scalar(query)


def expert_rows(viewer: User, choice: PoolChoice | None = None) -> list[ExpertRow]:
    """The pool, or what is chosen of it, with what is on each one's table.

    Applications that are considered without the viewer are not counted.
    """
    people = pool()
    profiles = profiles_of(people)
    counts = _counts(hidden_ids(viewer))
    rows = [_expert_row(person, profiles.get(person.id), counts) for person in people]
    return rows if choice is None else [row for row in rows if _is_chosen(row, choice)]


def _expert_row(person: User, profile: ExpertProfile | None, counts: dict[tuple[int, bool], int]) -> ExpertRow:
    known = profile if profile is not None else ProfileFacts()
    return ExpertRow(
        code=profile.code if profile is not None else "",
        name=person.full_name,
        email=person.email,
        workplace=known.workplace,
        workplace_edrpou=known.workplace_edrpou,
        fields_known=tuple(known.fields_known),
        languages=tuple(known.languages),
        is_available=not is_away_between(profile, clock.today(), clock.today()),
        away_from=known.away_from,
        away_until=known.away_until,
        most_applications=known.most_applications,
        open_count=counts.get((person.id, False), 0),
        done_count=counts.get((person.id, True), 0),
    )


def _is_chosen(row: ExpertRow, choice: PoolChoice) -> bool:
    wanted = search_form(choice.text)
    return (
        (not wanted or wanted in search_form(f"{row.name} {row.email} {row.workplace}"))
        and (not choice.field or choice.field in row.fields_known)
        and (not choice.language or choice.language in row.languages)
        and (not choice.availability or row.is_available == (choice.availability == "free"))
    )


def known_fields() -> list[tuple[str, str]]:
    """Codes and titles of priorities of all competitions, the newest title of each code."""
    query = sa.select(Priority.code, Priority.title).order_by(Priority.id.desc())
    found: dict[str, str] = {}
    for row in db.session.execute(query):
        found.setdefault(row.code, row.title)
    return sorted(found.items(), key=lambda pair: ukrainian_key(pair[1]))


def _counts(out: frozenset[int]) -> dict[tuple[int, bool], int]:
    is_done = Assignment.state == AssignmentState.DONE
    query = (
        sa.select(Assignment.expert_id, is_done.label("is_done"), sa.func.count())
        .filter(Assignment.state.in_(ACTIVE), Assignment.application_id.not_in(out))
        .group_by(Assignment.expert_id, is_done)
    )
    return {(row[0], bool(row[1])): row[2] for row in db.session.execute(query) if row[0]}


def eligible_experts(competition: Competition) -> list[User]:
    """Experts who may be given applications here: available, with no part in the competition beside scoring.

    Once anybody is invited to the panel of the competition, only those who agreed; before that the whole pool.
    """
    people = [person for person in pool() if not person.can(Permission.REVIEW_PROGRESS_READ)]
    agreed = agreed_ids(competition)
    if agreed is not None:
        people = [person for person in people if person.id in agreed]
    profiles = profiles_of(people)
    barred = competing_people(competition, people)
    return [
        person for person in people if person.id not in barred and not is_away(profiles.get(person.id), competition)
    ]


def agreed_ids(competition: Competition) -> set[int] | None:
    """People who agreed to score here; None where nobody was invited, so that the whole pool stands open.

    Whoever signed a declaration here before the first invitation went out has agreed by that.
    """
    query = sa.select(PanelInvitation.user_id, PanelInvitation.state).filter(
        PanelInvitation.competition_id == competition.id, PanelInvitation.state != InvitationState.WITHDRAWN
    )
    rows = db.session.execute(query).all()
    if not rows:
        return None
    agreed = {row.user_id for row in rows if row.state == InvitationState.ACCEPTED and row.user_id is not None}
    at_work = sa.select(Assignment.expert_id).filter(
        Assignment.competition_id == competition.id,
        Assignment.expert_id.is_not(None),
        Assignment.state.in_((AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS, AssignmentState.DONE)),
    )
    answered = {row.user_id for row in rows}
    return agreed | {one for one in db.session.scalars(at_work) if one is not None and one not in answered}


def is_away(profile: ExpertProfile | None, competition: Competition) -> bool:
    """Whether the person cannot be asked now: said so, or is away for all the time that is left for scoring."""
    first = clock.today()
    last = first if competition.scoring_until is None else max(first, clock.last_day(competition.scoring_until))
    return is_away_between(profile, first, last)


def is_away_between(profile: ExpertProfile | None, first: date, last: date) -> bool:
    """Whether the person has said that they cannot be asked, or is away on every one of these days."""
    if profile is None:
        return False
    if not profile.is_available:
        return True
    if profile.away_from is None and profile.away_until is None:
        return False
    begins_late = profile.away_from is not None and profile.away_from > first
    ends_early = profile.away_until is not None and profile.away_until < last
    return not begins_late and not ends_early


def load_limits(competition: Competition, people: Sequence[User]) -> dict[int, int | None]:
    """The most applications that each person scores here: the call's limit and the person's own; None: no limit."""
    profiles = profiles_of(people)
    found: dict[int, int | None] = {}
    for person in people:
        profile = profiles.get(person.id)
        limits = (competition.most_per_expert, profile.most_applications if profile is not None else None)
        found[person.id] = min((limit for limit in limits if limit is not None), default=None)
    return found


def affinity(profile: ExpertProfile | None, application: Application) -> int:
    """How well the expert's fields fit the application's priority."""
    priority = application.priority
    knows = profile is not None and priority is not None and priority.code in profile.fields_known
    return KNOWS_THE_FIELD if knows else KNOWS_ANOTHER


def loads_in(competition: Competition) -> dict[int, int]:
    """Assignments of each expert in the competition that are not ended."""
    query = (
        sa.select(Assignment.expert_id, sa.func.count())
        .filter(Assignment.competition_id == competition.id, Assignment.state.in_(ACTIVE))
        .group_by(Assignment.expert_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query) if row[0] is not None}


def secretaries_of(competition: Competition) -> list[User]:
    """Who runs the review: the secretary of this commission, else every holder of the role."""
    seated = db.session.scalars(
        sa.select(User)
        .join(CommissionSeat, CommissionSeat.user_id == User.id)
        .filter(CommissionSeat.competition_id == competition.id, CommissionSeat.office == "secretary")
    ).all()
    if seated:
        return list(seated)
    query = (
        sa.select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .filter(RoleGrant.role == Role.SECRETARY, RoleGrant.ended_at.is_(None), User.active.is_(True))
        .order_by(User.id)
    )
    return list(db.session.scalars(query))


def open_competitions() -> list[Competition]:
    """Competitions whose review is prepared or under way."""
    states = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING)
    query = sa.select(Competition).filter(Competition.state.in_(states)).order_by(Competition.scoring_until)
    return list(db.session.scalars(query))
