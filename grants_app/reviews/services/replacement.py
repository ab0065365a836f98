"""The expert who takes a freed place: chosen so that loads stay even, found by looking at everybody."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core.errors import EditConflict, NotAllowed
from grants_app.lifecycle import ApplicationState
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy.pairing import needs_reason, why_not_pair
from grants_app.reviews.queries.matching import Facts, facts_of
from grants_app.reviews.services.assigning import CHANGED, check_pair, create, refuse_assigning
from grants_app.reviews.services.proposal import Addition, Shortage, addition_of, obstacles_of
from grants_app.reviews.services.rows import lock_application, lock_competition


def replacement_for(application: Application) -> Addition | Shortage:
    """Who should take the next place of the application: the least loaded of those whom every rule lets in.

    Among equally loaded ones a previous expert of the applicant whom the rules keep, then who knows the field. Pairs
    with a possible conflict are left to a person's decision. The shortage says whom what keeps away.
    """
    facts = facts_of(application.competition, only=[application.id])
    chosen = _choice(facts, application.id)
    if chosen is not None:
        return addition_of(facts, chosen, application.id)
    lacking = _fields_to_bring(facts, application.id)
    return Shortage(
        applications=(application.code or "",),
        slots_missing=max(1, facts.missing(application.id)) if application.id in facts.seats else 0,
        conflicts=tuple(obstacles_of(facts, [application.code or ""])),
        experts_count=len(facts.eligible),
        per_application=application.competition.experts_per_application,
        fields=tuple((application.code or "", code) for code in sorted(lacking)),
    )


def replace_expert(application: Application, expert: User, by: User, *, reason: str = "") -> Assignment:
    """Assign the replacement that was shown. Raises EditConflict when it would be somebody else by now."""
    competition = lock_competition(application.competition_id)
    application = lock_application(application.id)
    refuse_assigning(competition, by)
    if application.state != ApplicationState.ADMITTED:
        raise NotAllowed("Experts are assigned to admitted applications only")
    facts = facts_of(competition, only=[application.id])
    if not facts.missing(application.id):
        raise NotAllowed("Every place of this application is taken")
    if _choice(facts, application.id) != expert.id:
        raise EditConflict(CHANGED)
    check_pair(facts, expert, application, reason)
    is_extra = facts.is_extra_seat(application.id)
    return create(competition, application, expert, by, reason=reason, is_extra=is_extra)


def _choice(facts: Facts, application: int) -> int | None:
    """The best of those who may take the place; the same facts give the same person."""
    if application not in facts.seats:
        return None
    free = [
        expert
        for expert in facts.eligible
        if why_not_pair(facts, expert, application) is None
        and not needs_reason(facts, expert, application)
        and _leaves_possible(facts, expert, application)
    ]
    previous = facts.previous.get(application, frozenset())
    is_previous_wanted = len(facts.seats[application] & previous) < facts.competition.kept_experts
    return min(
        free,
        key=lambda expert: (
            not (is_previous_wanted and expert in previous),
            facts.loads.get(expert, 0),
            -facts.affinity(expert, application),
            expert,
        ),
        default=None,
    )


def _fields_to_bring(facts: Facts, application: int) -> set[str]:
    """Required fields that nobody at the application knows."""
    if application not in facts.seats:
        return set()
    known = frozenset().union(*(facts.knows(expert) for expert in facts.seats[application]))
    return set(facts.fields_wanted(application)) - known


def _leaves_possible(facts: Facts, expert: int, application: int) -> bool:
    """Whether the required fields can still all be brought by those who take the places left after this one."""
    left = _fields_to_bring(facts, application) - facts.knows(expert)
    return len(left) <= max(0, facts.missing(application) - 1)
