"""Steps of the ranked list: handing over, other sums, a draw."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards.models import AgendaItem, Award, Draw, Meeting
from grants_app.awards.policy.words import NO_SEAT, ROLE, WITHOUT_YOU
from grants_app.awards.queries.access import current_ranking, is_staff, leads, recused_applications
from grants_app.awards.queries.decision import undecided_ties
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db
from grants_app.lifecycle import (
    ApplicationState,
    AssignmentState,
    ItemState,
)
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy.discussion import why_not_hand_over


def why_not_open_decision(user: User, competition: Competition) -> str | None:
    """Every admitted application has its reviews, every doubt about a conflict is settled."""
    if not user.can(Permission.COMPETITION_RUN):
        return ROLE
    if competition.state is not C.SCORING:
        return "The competition is not in expert scoring"
    if competition.is_imported:
        return None  # the file says which marks there are; the engine calls the rest insufficient
    if short_of_reviews(competition):
        return "Some applications lack reviews: see the progress of scoring"
    doubts = sa.select(sa.func.count()).filter(
        Assignment.competition_id == competition.id,
        Assignment.doubted_at.is_not(None),
        Assignment.state == AssignmentState.PROPOSED,
    )
    if db.session.scalar(doubts):
        return "A doubt about a conflict of interest waits for the chair"
    return why_not_hand_over(competition)


def short_of_reviews(competition: Competition) -> list[str]:
    """Codes of admitted applications with fewer submitted reviews than the rules ask for."""
    done = (
        sa.select(Assignment.application_id, sa.func.count().label("done"))
        .filter(Assignment.competition_id == competition.id, Assignment.state == AssignmentState.DONE)
        .group_by(Assignment.application_id)
        .subquery()
    )
    query = (
        sa.select(Application.code)
        .outerjoin(done, done.c.application_id == Application.id)
        .filter(
            Application.competition_id == competition.id,
            Application.state == ApplicationState.ADMITTED,
            sa.func.coalesce(done.c.done, 0) < competition.experts_per_application,
        )
        .order_by(Application.code)
    )
    return [code for code in db.session.scalars(query) if code]


def why_not_change(user: User, award: Award) -> str | None:
    """Sums are set while the commission deliberates, not during a vote on them, and never by who is recused."""
    competition = award.competition
    reason = _why_not_deliberate(user, competition, Permission.AWARD_EDIT)
    if reason is not None:
        return reason
    if award.application_id in recused_applications(user, competition.id):
        return WITHOUT_YOU
    if _is_being_voted(award):
        return "A vote on this sum is open: close it first"
    return None


def why_not_announce_draw(user: User, competition: Competition) -> str | None:
    """A seed is announced once, while a tie straddles the money line."""
    reason = _why_not_deliberate(user, competition, Permission.AWARD_EDIT)
    if reason is not None:
        return reason
    if not undecided_ties(competition):
        return "No equal places straddle the money line"
    return "The seed is announced already" if draw_of(competition) is not None else None


def why_not_draw(user: User, competition: Competition) -> str | None:
    """The chair draws, once, after the seed was announced."""
    reason = _why_not_deliberate(user, competition, Permission.MEETING_CHAIR)
    if reason is not None:
        return reason
    draw = draw_of(competition)
    if draw is None:
        return "Announce the seed of the draw first"
    if draw.drawn_at is not None:
        return "The draw has been held"
    return None if draw.announced_at < clock.now() else "The seed must be announced before the draw"


def draw_of(competition: Competition) -> Draw | None:
    """The draw of the list in force."""
    ranking = current_ranking(competition)
    return None if ranking is None else db.session.scalar(sa.select(Draw).filter_by(ranking_id=ranking.id))


def _is_being_voted(award: Award) -> bool:
    query = (
        sa.select(AgendaItem.subject)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(Meeting.competition_id == award.competition_id, AgendaItem.state == ItemState.VOTING)
    )
    return any(award.journal_code in subject for subject in db.session.scalars(query))


def _why_not_deliberate(user: User, competition: Competition, permission: Permission) -> str | None:
    if not user.can(permission):
        return ROLE
    if competition.state is not C.DELIBERATION:
        return "The competition is not with the commission"
    if not is_staff(user) and not leads(user, competition.id):
        return NO_SEAT
    return None
