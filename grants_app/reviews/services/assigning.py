"""Who scores what: by hand, by the proposal, taking back, exchanging; every way asks the same rules."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core import clock, identifiers
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import advance, held_batch, record
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy.pairing import BEGUN, needs_reason, why_not_pair
from grants_app.reviews.queries.matching import Facts, facts_of
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.matching import task_of
from grants_app.reviews.services.proposal import Proposal, Shortage, find_proposal
from grants_app.reviews.services.rows import lock_application, lock_assignment, lock_competition

ASSIGNMENT = "Assignment of experts"
CHANGED = "The assignments have changed since this proposal. Look at a new one"


def assign(application: Application, expert: User, by: User, *, reason: str = "") -> Assignment:
    """Ask an expert to score an application. The expert gets a letter when scoring is open already.

    Where the reviews diverge and the announced rule asks for one more expert, the next one is that expert.

    Raises NotAllowed for a conflict of interest, for people of a competing organisation or of the commission, a second
    expert of one workplace, a load over the limit; InvalidInput when this pair exists already, or when a possible
    conflict needs a reason (field reason).
    """
    competition = lock_competition(application.competition_id)
    application = lock_application(application.id)
    refuse_assigning(competition, by)
    if application.state != ApplicationState.ADMITTED:
        raise NotAllowed("Experts are assigned to admitted applications only")
    facts = facts_of(competition, only=[application.id])
    check_pair(facts, expert, application, reason)
    is_extra = facts.is_extra_seat(application.id)
    return create(competition, application, expert, by, reason=reason, is_extra=is_extra)


def propose_assignment(competition: Competition) -> Proposal | Shortage:
    """Compute a balanced proposal; nothing is written. The shortage names what is missing."""
    return find_proposal(competition)


def apply_assignment(competition: Competition, proposal: Proposal, by: User) -> int:
    """Carry out a proposal that was shown: all pairs or none; answers how many were assigned.

    Raises EditConflict when anything that the proposal was computed from has changed since.
    """
    competition = lock_competition(competition.id)
    refuse_assigning(competition, by)
    facts = facts_of(competition, out=hidden_ids(by, competition))
    if task_of(facts).digest != proposal.basis:
        raise EditConflict(CHANGED)
    bids = {bid.code: bid for bid in facts.applications.values()}
    held = {one: len(experts) for one, experts in facts.seats.items()}
    codes = ExpertCodes(competition)
    with held_batch(ASSIGNMENT, competition.code, by):
        for addition in proposal.additions:
            bid = bids[addition.application_code]
            is_extra = facts.is_extra_seat(bid.id, held[bid.id])
            held[bid.id] += 1
            create(competition, bid, facts.people[addition.expert_id], by, codes=codes, is_extra=is_extra)
    certificate, wish = proposal.certificate, proposal.wish
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="apply_assignment",
        by=by,
        facts={
            "digest": proposal.digest,
            "basis": proposal.basis,
            "pairs": len(proposal.additions),
            "load_min": proposal.load_min,
            "load_max": proposal.load_max,
            "mode": wish.mode,
            "fit": f"{certificate.fit:g}",
            "bound": f"{certificate.bound:g}",
            "groups": certificate.components,
            **({"limit_bp": wish.limit_bp, "seed": wish.seed} if wish.mode == "random" else {}),
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


def exchange(one: Assignment, other: Assignment, reason: str, by: User) -> None:
    """Two experts take each other's applications; neither has begun. Both exchanges happen or none.

    Raises NotAllowed when one of them has begun or a rule forbids the new pairs, InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("Give the reason: it is recorded", field="reason")
    lock_competition(one.application.competition_id)
    rows = [lock_assignment(each.id, with_competition=True) for each in (one, other)]
    if any(row.state in BEGUN for row in rows):
        raise NotAllowed("Work that has begun is not exchanged: take it back with a reason")
    if rows[0].application_id == rows[1].application_id or rows[0].expert_id == rows[1].expert_id:
        raise InvalidInput("Choose another expert with another application", field="other")
    for row in rows:
        take_back(row, reason, by)
    db.session.flush()
    for place, person in (rows, rows[::-1]):
        if person.expert is None:
            raise InvalidInput("This review came from a file and has no account", field="other")
        assign(place.application, person.expert, by, reason=reason)


def refuse_assigning(competition: Competition, by: User) -> None:
    """Raises NotAllowed unless this person may change who scores what now."""
    refusal = policy.why_not_assign(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)


def check_pair(facts: Facts, expert: User, application: Application, reason: str) -> None:
    """Raises the first refusal of a pair, or InvalidInput (reason) where a possible conflict must be explained."""
    for obstacle in (policy.why_not_expert(expert, application), why_not_pair(facts, expert.id, application.id)):
        if obstacle is not None:
            kind: type[DomainError] = type(obstacle) if type(obstacle) is not DomainError else NotAllowed
            raise kind(obstacle.message, field="expert", facts=obstacle.facts)
    if needs_reason(facts, expert.id, application.id) and not reason.strip():
        raise InvalidInput("Say why this person may score in spite of the possible conflict", field="reason")


def create(
    competition: Competition,
    application: Application,
    expert: User,
    by: User,
    *,
    codes: ExpertCodes | None = None,
    reason: str = "",
    is_extra: bool = False,
) -> Assignment:
    """Write a pair that was checked; the caller holds the competition. Whoever writes many gives the codes."""
    assignment = Assignment(
        competition_id=competition.id,
        application=application,
        expert=expert,
        expert_code=(codes or ExpertCodes(competition)).of(expert),
        state=AssignmentState.PROPOSED,
        assigned_at=clock.now(),
        assigned_by_id=by.id,
        is_extra=is_extra,
    )
    db.session.add(assignment)
    if codes is None:
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


class ExpertCodes:
    """The names by which the public and the bundle know the experts here: random, one for all reviews of a person.

    The caller holds the competition, so that one expert cannot get two codes.
    """

    def __init__(self, competition: Competition) -> None:
        rows = db.session.execute(
            sa.select(Assignment.expert_id, Assignment.expert_code).filter_by(competition_id=competition.id).distinct()
        ).all()
        self._known = {row.expert_id: row.expert_code for row in rows if row.expert_id is not None}
        self._taken = {row.expert_code for row in rows}

    def of(self, expert: User) -> str:
        """The code of this person, a new one for whoever has none yet."""
        while expert.id not in self._known:
            code = f"E-{identifiers.random_text(4)}"
            if code not in self._taken:
                self._known[expert.id] = code
                self._taken.add(code)
        return self._known[expert.id]
