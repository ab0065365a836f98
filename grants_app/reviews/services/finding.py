"""Looking for conflicts of interest in our own data: when the formal check ends, and whenever somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from grants_app.accounts.models import RoleGrant, User
from grants_app.applications.models import Application
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core.errors import NotAllowed
from grants_app.database import db
from grants_app.journal.letters import link_to
from grants_app.journal.services import SystemActor, notify_user
from grants_app.lifecycle import ApplicationState, ConflictState, InvitationState
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment, Conflict, PanelInvitation
from grants_app.reviews.policy.conflicts import why_not_find
from grants_app.reviews.queries.deciders import deciders
from grants_app.reviews.queries.people import ACTIVE
from grants_app.reviews.queries.ties import ties_of
from grants_app.reviews.rules.conflict_letters import LETTERS
from grants_app.reviews.services.conflicts import add_line
from grants_app.reviews.services.rows import lock_competition

_STAFF = (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR, Role.ADMIN, Role.CHAIR)


def find_conflicts(competition: Competition, by: User | SystemActor) -> int:
    """Write a line for every tie that our own data shows and that the register does not know; answers how many.

    Of people who score here, sit in the commission or work with every competition. Who decides gets one letter.
    """
    competition = lock_competition(competition.id)
    if isinstance(by, User):
        refusal = why_not_find(by, competition)
        if refusal is not None:
            raise NotAllowed(refusal)
    people = {one.id: one for one in _concerned(competition)}
    applications = {one.id: one for one in _considered(competition)}
    settled, stored = _known(competition)
    found = ties_of(list(people.values()), list(applications.values()))
    lines = [
        add_line(
            applications[application_id],
            people[person_id],
            source="found",
            level=tie.level,
            kind=tie.kind,
            details="",
            by=by,
        )
        for (person_id, application_id), ties in sorted(found.items())
        if (person_id, application_id) not in settled
        for tie in ties
        if (person_id, application_id, tie.kind) not in stored
    ]
    _tell(competition, lines)
    return len(lines)


def _known(competition: Competition) -> tuple[set[tuple[int, int]], set[tuple[int, int, str]]]:
    """Pairs that are out already, and what was found before."""
    rows = db.session.execute(
        sa.select(Conflict.person_id, Conflict.application_id, Conflict.kind, Conflict.source, Conflict.state).where(
            Conflict.competition_id == competition.id
        )
    ).all()
    settled = {(row.person_id, row.application_id) for row in rows if row.state == ConflictState.CONFIRMED}
    stored = {(row.person_id, row.application_id, row.kind) for row in rows if row.source == "found"}
    return settled, stored


def _concerned(competition: Competition) -> list[User]:
    """Experts of the panel, the commission, and staff who see every competition."""
    scoring = sa.select(Assignment.expert_id).where(
        Assignment.competition_id == competition.id, Assignment.expert_id.is_not(None), Assignment.state.in_(ACTIVE)
    )
    agreed = sa.select(PanelInvitation.user_id).where(
        PanelInvitation.competition_id == competition.id,
        PanelInvitation.user_id.is_not(None),
        PanelInvitation.state == InvitationState.ACCEPTED,
    )
    seated = sa.select(CommissionSeat.user_id).where(CommissionSeat.competition_id == competition.id)
    staff = sa.select(RoleGrant.user_id).where(RoleGrant.role.in_(_STAFF), RoleGrant.ended_at.is_(None))
    ids = sa.union(scoring, agreed, seated, staff).subquery()
    query = sa.select(User).where(User.id.in_(sa.select(ids)), User.active.is_(True)).order_by(User.id)
    return list(db.session.scalars(query))


def _considered(competition: Competition) -> list[Application]:
    left = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN, ApplicationState.REJECTED)
    query = sa.select(Application).where(
        Application.competition_id == competition.id, Application.state.not_in(left), Application.code.is_not(None)
    )
    return list(db.session.scalars(query.order_by(Application.id)))


def _tell(competition: Competition, lines: Sequence[Conflict]) -> None:
    counts: Counter[int] = Counter()
    people: dict[int, User] = {}
    asked: dict[tuple[int, int], list[User]] = {}
    for line in lines:
        pair = (line.application_id, line.person_id)
        if pair not in asked:
            asked[pair] = deciders(line)
        people |= {person.id: person for person in asked[pair]}
        counts.update(person.id for person in asked[pair])
    for number, person in people.items():
        notify_user(
            person,
            LETTERS,
            "conflicts_found",
            facts={
                "code": competition.code,
                "title": competition.title,
                "count": counts[number],
                "link": link_to(f"/reviews/{competition.code}/conflicts?state=open"),
            },
            thing="competition",
            code=competition.code,
            scope=competition.code,
        )
