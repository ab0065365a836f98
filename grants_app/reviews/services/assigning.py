"""Who scores what: by hand, by the proposal, taking back."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core import clock, identifiers
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import advance, record
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.people import ENDED
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.proposal import Proposal, Shortage, find_proposal
from grants_app.reviews.services.rows import lock_application, lock_assignment, lock_competition


def assign(application: Application, expert: User, by: User, *, reason: str = "") -> Assignment:
    """Ask an expert to score an application. The expert gets a letter when scoring is open already.

    Raises NotAllowed for a conflict of interest, for people of a competing organisation or of the commission, and
    InvalidInput when this pair exists already.
    """
    competition = lock_competition(application.competition_id)
    application = lock_application(application.id)
    _check_pair(application, expert, by)
    return _create(competition, application, expert, by, reason=reason)


def propose_assignment(competition: Competition) -> Proposal | Shortage:
    """Compute a balanced proposal; nothing is written. The shortage names what is missing."""
    return find_proposal(competition)


def apply_assignment(competition: Competition, proposal: Proposal, by: User) -> int:
    """Carry out a proposal that was shown: all pairs or none; answers how many were assigned.

    Raises EditConflict when an application has become complete or a pair impossible since the proposal was made.
    """
    competition = lock_competition(competition.id)
    refusal = policy.why_not_assign(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    for addition in proposal.additions:
        application = db.session.scalar(
            sa.select(Application).filter_by(code=addition.application_code, competition_id=competition.id)
        )
        expert = db.session.get(User, addition.expert_id)
        if application is None or expert is None or _experts_of(application) >= proposal.per_application:
            raise EditConflict("The assignments have changed since this proposal. Look at a new one")
        application = lock_application(application.id)
        _check_pair(application, expert, by)
        _create(competition, application, expert, by)
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="apply_assignment",
        by=by,
        facts={
            "digest": proposal.digest,
            "pairs": len(proposal.additions),
            "load_min": proposal.load_min,
            "load_max": proposal.load_max,
        },
    )
    return len(proposal.additions)


def take_back(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Take an unfinished assignment away; the expert gets a letter, the draft is kept but never counted."""
    row = lock_assignment(assignment.id, with_competition=True)
    refusal = policy.why_not_take_back(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    row.ended_at = clock.now()
    row.ended_reason = reason
    advance(row, "take_back", by=by, reason=reason)
    competition = row.application.competition
    if row.expert is not None and competition.state == CompetitionState.SCORING:
        write_letter("review_taken_back", row.expert, competition, row)
    return row


def _check_pair(application: Application, expert: User, by: User) -> None:
    refusal = policy.why_not_assign(by, application.competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    if application.state != ApplicationState.ADMITTED:
        raise NotAllowed("Experts are assigned to admitted applications only")
    obstacle = policy.why_not_expert(expert, application)
    if obstacle is not None:
        raise NotAllowed(obstacle.message, field="expert", facts=obstacle.facts)
    before = db.session.scalar(sa.select(Assignment).filter_by(application_id=application.id, expert_id=expert.id))
    if before is None:
        return
    if before.state in ENDED:
        raise InvalidInput(
            "This expert had this application and it ended: “%(state)s”",
            field="expert",
            facts={"state": before.state.label},
        )
    raise InvalidInput("This expert is assigned to this application already", field="expert")


def _create(
    competition: Competition, application: Application, expert: User, by: User, *, reason: str = ""
) -> Assignment:
    assignment = Assignment(
        competition_id=competition.id,
        application=application,
        expert=expert,
        expert_code=_expert_code(competition, expert),
        state=AssignmentState.PROPOSED,
        assigned_at=clock.now(),
        assigned_by_id=by.id,
    )
    db.session.add(assignment)
    db.session.flush()
    record(
        thing="assignment",
        code=assignment.journal_code,
        scope=competition.code,
        step="assign",
        by=by,
        to_state=AssignmentState.PROPOSED,
        reason=reason or None,
    )
    if competition.state == CompetitionState.SCORING:
        write_letter("review_assigned", expert, competition, assignment)
    return assignment


def _expert_code(competition: Competition, expert: User) -> str:
    """The name by which the public and the bundle know the expert here: random, the same for all of their reviews.

    The caller holds the competition, so that one expert cannot get two codes.
    """
    rows = db.session.execute(
        sa.select(Assignment.expert_id, Assignment.expert_code).filter_by(competition_id=competition.id).distinct()
    ).all()
    known = {row.expert_id: row.expert_code for row in rows if row.expert_id is not None}
    if expert.id in known:
        return str(known[expert.id])
    taken = {row.expert_code for row in rows}
    while True:
        code = f"E-{identifiers.random_text(4)}"
        if code not in taken:
            return code


def _experts_of(application: Application) -> int:
    query = sa.select(sa.func.count()).filter(
        Assignment.application_id == application.id, Assignment.state.not_in(ENDED)
    )
    return int(db.session.scalar(query) or 0)
