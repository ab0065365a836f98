"""Why scoring may not open or be prolonged; None means it may. The reasons are English msgids."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, WrongState
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy.masking import gaps_of_copies
from grants_app.reviews.policy.scoring import NOT_SCORING
from grants_app.reviews.queries.marks import has_scoring_ended
from grants_app.reviews.queries.people import ACTIVE


def why_not_prolong(user: User, competition: Competition) -> str | None:
    """Moving the end of scoring."""
    if not user.can(Permission.COMPETITION_RUN):
        return "Only the secretary or the organizer moves the end of scoring"
    return None if competition.state == CompetitionState.SCORING else NOT_SCORING


def why_not_open_review(user: User, competition: Competition) -> str | None:
    """The first thing that keeps the competition from scoring, as one sentence."""
    if not user.can(Permission.COMPETITION_RUN):
        return "Only the secretary or the organizer opens scoring"
    gaps = gaps_before_review(competition)
    return str(gaps[0]) if gaps else None


def gaps_before_review(competition: Competition, out: frozenset[int] = frozenset()) -> list[DomainError]:
    """Everything that must be done before scoring opens, each as a sentence with its facts.

    Applications of `out` are considered without the reader: they are neither named nor counted.
    """
    if competition.state != CompetitionState.FORMAL_CHECK:
        return [
            WrongState(
                "Scoring opens after the formal check: the state is “%(state)s”",
                facts={"state": competition.state.label},
            )
        ]
    waiting = (ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.CORRECTED)
    undecided = _count(competition, out, *waiting)
    gaps: list[DomainError] = []
    if undecided:
        gaps.append(DomainError("Applications not yet admitted or rejected: %(count)s", facts={"count": undecided}))
    if not _count(competition, out, ApplicationState.ADMITTED):
        gaps.append(DomainError("No application is admitted"))
    short = short_of_experts(competition, out)
    if short:
        facts = {"codes": ", ".join(short[:10]), "needed": competition.experts_per_application}
        gaps.append(DomainError("Assign %(needed)s experts to each application. Too few have: %(codes)s", facts=facts))
    if competition.scoring_until is None or has_scoring_ended(competition):
        gaps.append(DomainError("The end of scoring is not set or has passed. Set it in the calendar"))
    return [*gaps, *gaps_of_copies(competition, out)]


def short_of_experts(competition: Competition, out: frozenset[int] = frozenset()) -> list[str]:
    """Codes of admitted applications (but those of `out`) that have fewer experts than the call asks for."""
    active = (
        sa.select(Assignment.application_id, sa.func.count().label("experts"))
        .filter(Assignment.competition_id == competition.id, Assignment.state.in_(ACTIVE))
        .group_by(Assignment.application_id)
        .subquery()
    )
    query = (
        sa.select(Application.code)
        .outerjoin(active, active.c.application_id == Application.id)
        .filter(
            Application.competition_id == competition.id,
            Application.state == ApplicationState.ADMITTED,
            Application.id.not_in(out),
            sa.func.coalesce(active.c.experts, 0) < competition.experts_per_application,
        )
        .order_by(Application.code)
    )
    return [code for code in db.session.scalars(query) if code is not None]


def _count(competition: Competition, out: frozenset[int], *states: ApplicationState) -> int:
    query = sa.select(sa.func.count()).filter(
        Application.competition_id == competition.id, Application.state.in_(states), Application.id.not_in(out)
    )
    return int(db.session.scalar(query) or 0)
