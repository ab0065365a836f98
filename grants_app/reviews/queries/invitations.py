"""The panel of a competition: who is invited, who could be, and whether those who agreed are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState, InvitationState
from grants_app.reviews.models import Assignment, ExpertProfile, PanelInvitation
from grants_app.reviews.queries.people import ACTIVE, eligible_experts, load_limits, pool, profiles_of

# Applications about which the formal check has not decided yet: they may still need experts.
_UNDECIDED = (ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.CORRECTED)
OPEN_FOR_ANSWERS = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING)


@dataclass(frozen=True)
class PanelRow:
    """An invitation as the secretary sees it; `state` is what holds now, whether or not the clock has noted it."""

    code: str
    name: str
    email: str
    state: InvitationState
    invited_at: datetime
    respond_by: datetime
    answered_at: datetime | None
    limit_count: int | None
    assigned_count: int
    done_count: int
    decline_reason: str
    agreement_digest: str | None
    person: User | None


@dataclass(frozen=True)
class Forecast:
    """What the panel must do and what it can: reviews, counted."""

    admitted_count: int
    undecided_count: int
    per_application: int
    needed_count: int
    agreed_people: int
    agreed_count: int
    awaited_people: int
    awaited_count: int

    @property
    def short_count(self) -> int:
        """Reviews that nobody who agreed can give."""
        return max(0, self.needed_count - self.agreed_count)


@dataclass(frozen=True)
class Invitable:
    """A person of the pool who might be invited."""

    person: User
    name: str
    email: str
    workplace: str
    fields_known: tuple[str, ...]
    languages: tuple[str, ...]
    most_applications: int | None


def invitation_by_digest(digest: str) -> PanelInvitation | None:
    """The invitation whose present link has this digest; an earlier link finds nothing."""
    query = sa.select(PanelInvitation).options(joinedload(PanelInvitation.competition))
    return db.session.scalar(query.filter_by(token_digest=digest))


def own_invitations(person: User) -> list[PanelInvitation]:
    """Invitations of a person with an account, the newest first; withdrawn ones ask for nothing."""
    query = (
        sa.select(PanelInvitation)
        .options(joinedload(PanelInvitation.competition))
        .filter(_belongs(person), PanelInvitation.state != InvitationState.WITHDRAWN)
        .order_by(PanelInvitation.invited_at.desc(), PanelInvitation.id.desc())
    )
    return list(db.session.scalars(query))


def own_invitation(person: User, code: str) -> PanelInvitation | None:
    """One of the person's invitations."""
    query = sa.select(PanelInvitation).options(joinedload(PanelInvitation.competition))
    return db.session.scalar(query.filter(PanelInvitation.code == code, _belongs(person)))


def panel_invitation(competition: Competition, code: str) -> PanelInvitation | None:
    """An invitation of this competition."""
    return db.session.scalar(sa.select(PanelInvitation).filter_by(competition_id=competition.id, code=code))


def _belongs(person: User) -> sa.ColumnElement[bool]:
    """By account, or by address while the account is younger than the invitation."""
    by_address = sa.and_(PanelInvitation.user_id.is_(None), PanelInvitation.email == person.email)
    return sa.or_(PanelInvitation.user_id == person.id, by_address)


def state_now(invitation: PanelInvitation) -> InvitationState:
    """The state by the instant: past its term an invitation has lapsed before the clock's step records it."""
    if invitation.state is InvitationState.INVITED and clock.now() >= invitation.respond_by:
        return InvitationState.LAPSED
    return invitation.state


def overdue_invitations() -> list[int]:
    """Ids of invitations whose term has passed and is not recorded."""
    query = sa.select(PanelInvitation.id).filter(
        PanelInvitation.state == InvitationState.INVITED, PanelInvitation.respond_by <= clock.now()
    )
    return list(db.session.scalars(query.order_by(PanelInvitation.id)))


def panel_rows(competition: Competition, viewer: User) -> list[PanelRow]:
    """Everybody who was invited: answers awaited first, then those who agreed, then the rest, by name.

    Applications that are considered without the viewer are not counted.
    """
    query = (
        sa.select(PanelInvitation)
        .options(joinedload(PanelInvitation.user))
        .filter(PanelInvitation.competition_id == competition.id)
    )
    found = list(db.session.scalars(query))
    people = [one.user for one in found if one.user is not None]
    limits, loads = load_limits(competition, people), _loads(competition, hidden_ids(viewer, competition))
    order = list(InvitationState)
    rows = [_panel_row(one, limits, loads) for one in found]
    return sorted(rows, key=lambda row: (order.index(row.state), ukrainian_key(row.name), row.code))


def _panel_row(one: PanelInvitation, limits: dict[int, int | None], loads: dict[int, tuple[int, int]]) -> PanelRow:
    person = one.user
    number = person.id if person is not None else 0
    assigned, done = loads.get(number, (0, 0))
    return PanelRow(
        code=one.code,
        name=person.full_name if person is not None else one.full_name,
        email=one.email,
        state=state_now(one),
        invited_at=one.invited_at,
        respond_by=one.respond_by,
        answered_at=one.answered_at,
        limit_count=limits.get(number),
        assigned_count=assigned,
        done_count=done,
        decline_reason=one.decline_reason,
        agreement_digest=one.agreement_digest,
        person=person,
    )


def _loads(competition: Competition, out: frozenset[int]) -> dict[int, tuple[int, int]]:
    """Assignments in force of each expert, and how many of them are finished."""
    done = sa.func.sum(sa.case((Assignment.state == AssignmentState.DONE, 1), else_=0))
    query = (
        sa.select(Assignment.expert_id, sa.func.count(), done)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.state.in_(ACTIVE),
            Assignment.application_id.not_in(out),
        )
        .group_by(Assignment.expert_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in db.session.execute(query) if row[0] is not None}


def forecast(competition: Competition, out: frozenset[int] = frozenset()) -> Forecast:
    """Reviews needed, and how many can be given by those who agreed and by those who have not answered yet.

    One person scores an application once, so nobody gives more than there are applications, nor more than the limit.
    Applications of `out` are considered without the reader and left away.
    """
    admitted, undecided = _counts(competition, out)
    agreed = eligible_experts(competition) if has_invitations(competition) else []
    awaited = _awaited(competition)
    limits = load_limits(competition, [*agreed, *(person for person in awaited if person is not None)])

    def capacity(person: User | None) -> int:
        limit = competition.most_per_expert if person is None else limits.get(person.id)
        return admitted if limit is None else min(limit, admitted)

    return Forecast(
        admitted_count=admitted,
        undecided_count=undecided,
        per_application=competition.experts_per_application,
        needed_count=admitted * competition.experts_per_application,
        agreed_people=len(agreed),
        agreed_count=sum(capacity(person) for person in agreed),
        awaited_people=len(awaited),
        awaited_count=sum(capacity(person) for person in awaited),
    )


def has_invitations(competition: Competition) -> bool:
    """Whether anybody is on the list of the panel, so that only those who agree take part."""
    query = sa.select(PanelInvitation.id).filter(
        PanelInvitation.competition_id == competition.id, PanelInvitation.state != InvitationState.WITHDRAWN
    )
    return db.session.scalar(query.limit(1)) is not None


def _awaited(competition: Competition) -> Sequence[User | None]:
    query = (
        sa.select(PanelInvitation)
        .options(joinedload(PanelInvitation.user))
        .filter(
            PanelInvitation.competition_id == competition.id,
            PanelInvitation.state == InvitationState.INVITED,
            PanelInvitation.respond_by > clock.now(),
        )
    )
    return [one.user for one in db.session.scalars(query)]


def _counts(competition: Competition, out: frozenset[int]) -> tuple[int, int]:
    query = (
        sa.select(Application.state, sa.func.count())
        .filter(
            Application.competition_id == competition.id,
            Application.state.in_((ApplicationState.ADMITTED, *_UNDECIDED)),
            Application.id.not_in(out),
        )
        .group_by(Application.state)
    )
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    return counts.get(ApplicationState.ADMITTED, 0), sum(counts.get(state, 0) for state in _UNDECIDED)


def invitable_people(competition: Competition) -> list[Invitable]:
    """People of the pool who are not on the list of this panel, by name."""
    listed = set(
        db.session.scalars(sa.select(PanelInvitation.email).filter(PanelInvitation.competition_id == competition.id))
    )
    people = [person for person in pool() if person.email not in listed]
    profiles = profiles_of(people)
    return [_invitable(person, profiles.get(person.id)) for person in people]


def _invitable(person: User, profile: ExpertProfile | None) -> Invitable:
    return Invitable(
        person=person,
        name=person.full_name,
        email=person.email,
        workplace=profile.workplace if profile is not None else "",
        fields_known=tuple(profile.fields_known) if profile is not None else (),
        languages=tuple(profile.languages) if profile is not None else (),
        most_applications=profile.most_applications if profile is not None else None,
    )


def has_submitted(person_id: int, competition_id: int) -> bool:
    """Whether the person has a finished review in the competition."""
    query = sa.select(Assignment.id).filter_by(
        expert_id=person_id, competition_id=competition_id, state=AssignmentState.DONE
    )
    return db.session.scalar(query.limit(1)) is not None


def is_removed(person_id: int, competition_id: int) -> bool:
    """Whether the person was removed from the panel: what they have finished stands as it is."""
    query = sa.select(PanelInvitation.id).filter_by(
        user_id=person_id, competition_id=competition_id, state=InvitationState.REMOVED
    )
    return db.session.scalar(query) is not None


def open_assignment_ids(person_id: int, competition_id: int) -> list[int]:
    """Assignments of the person in the competition that wait for work."""
    query = sa.select(Assignment.id).filter(
        Assignment.expert_id == person_id,
        Assignment.competition_id == competition_id,
        Assignment.state.in_(ACTIVE),
        Assignment.state != AssignmentState.DONE,
    )
    return list(db.session.scalars(query.order_by(Assignment.application_id)))
