"""Why the advisory figures may not open or be computed; None means they may. The reasons are English msgids."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.database import db
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission, Role
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.people import ACTIVE

AFTER_HANDOVER = (
    CompetitionState.DELIBERATION,
    CompetitionState.DECIDED,
    CompetitionState.PUBLISHED,
    CompetitionState.COMPLETED,
)
STILL_SCORES = "You score applications of this competition yourself"


def why_not_read_advice(user: User, competition: Competition) -> str | None:
    """The advisory figures of a competition: its secretary, chair and commission, never a person who still scores."""
    if not user.can(Permission.ADVICE_READ) or not _has_part(user, competition):
        return "Advisory figures are for the secretary and the commission of this competition"
    if competition.state in AFTER_HANDOVER:
        return None
    if competition.state != CompetitionState.SCORING:
        return "Advisory figures begin with the first reviews"
    if scores_here(user, competition):
        return STILL_SCORES
    if not user.can(Permission.REVIEW_PROGRESS_READ):
        return "Advisory figures open to the commission when scoring is handed over"
    return None


def why_not_ask_for_advice(user: User, competition: Competition) -> str | None:
    """Asking for the figures to be computed anew: the secretary and the chair."""
    reason = why_not_read_advice(user, competition)
    if reason is None and not user.can(Permission.REVIEW_PROGRESS_READ):
        return "The secretary or the chair asks for a new computation"
    return reason


def why_not_see_what_if(user: User, competition: Competition) -> str | None:
    """What marks of linked experts did to the list: the secretary and the chair, once there is a list."""
    reason = why_not_ask_for_advice(user, competition)
    if reason is None and competition.state not in AFTER_HANDOVER:
        return "The list with and without a conflict is compared when scoring is handed over"
    return reason


def why_not_see_severity(user: User, competition: Competition) -> str | None:
    """Severity of the experts by name: personal data, for the secretary alone (each expert reads their own)."""
    if not user.can(Permission.SCORE_AUTHOR_READ) or Role.SECRETARY not in user.roles:
        return "Severity of an expert is shown to the secretary and to that expert only"
    return why_not_read_advice(user, competition)


def why_not_see_own_severity(user: User, competition: Competition) -> str | None:
    """One's own severity, once the marks can no longer change."""
    own = sa.select(Assignment.id).filter(
        Assignment.competition_id == competition.id, Assignment.expert_id == user.id, Assignment.state.in_(ACTIVE)
    )
    if db.session.scalar(own.limit(1)) is None:
        return "You did not score in this competition"
    return None if competition.state in AFTER_HANDOVER else "Your severity is shown when scoring is handed over"


def scores_here(user: User, competition: Competition) -> bool:
    """Whether the person has applications of the competition to score."""
    own = sa.select(Assignment.id).filter(
        Assignment.competition_id == competition.id, Assignment.expert_id == user.id, Assignment.state.in_(ACTIVE)
    )
    return db.session.scalar(own.limit(1)) is not None


def _has_part(user: User, competition: Competition) -> bool:
    """The secretary works with every competition; the commission with the one it sits in."""
    if Role.SECRETARY in user.roles:
        return True
    seat = sa.select(CommissionSeat.id).filter_by(competition_id=competition.id, user_id=user.id)
    return db.session.scalar(seat) is not None
