"""Why a conflict of interest may not be reported, looked for or decided; None means it may. English msgids."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries.access import ADMITTED_STATES
from grants_app.competitions.models import Competition
from grants_app.lifecycle import ApplicationState, CompetitionState, ConflictState
from grants_app.permissions import Permission
from grants_app.reviews.models import Conflict
from grants_app.reviews.queries.deciders import deciders

# From the unsealing of the applications until the commission has decided.
STAGES = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING, CompetitionState.DELIBERATION)
_CONSIDERED = (
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.CORRECTED,
    *ADMITTED_STATES,
)
_NOT_NOW = "Conflicts of interest are reported from the formal check until the commission has decided"


def why_not_raise(user: User, application: Application) -> str | None:
    """Anybody who signed in may say that a person has a conflict with an application."""
    if not user.active or application.competition.state not in STAGES:
        return _NOT_NOW
    return None if application.state in _CONSIDERED else "This application is no longer in the competition"


def why_not_find(user: User, competition: Competition) -> str | None:
    """Looking for ties in our own data."""
    if not (user.can(Permission.REVIEW_ASSIGN) or user.can(Permission.CONFLICT_DECIDE)):
        return "Only the secretary or the chair looks for ties"
    return None if competition.state in STAGES else _NOT_NOW


def why_not_decide(user: User, conflict: Conflict) -> str | None:
    """Confirming or dismissing: the chair, about the chair the deputy, nobody about themselves."""
    if conflict.person_id == user.id:
        return "You cannot decide about yourself"
    if conflict.state != ConflictState.OPEN:
        return "This is decided already"
    if user.id not in {one.id for one in deciders(conflict)}:
        return "The chair decides; about the chair, the deputy"
    return None
