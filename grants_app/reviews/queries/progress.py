"""The secretary's side: pace of the experts, missing reviews, divergence, who scores what, the summary sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition, Criterion, Lot
from grants_app.core.state_machine import State
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment, Review, Score
from grants_app.reviews.queries.marks import SCORED_STATES, engine_rules, has_scoring_ended
from grants_app.reviews.queries.pace import missing_on_the_day, opened_at
from grants_app.reviews.queries.people import ACTIVE
from grants_app.reviews.rules import diverges, running_total, span_of
from scoring.rounding import plain_text


@dataclass(frozen=True)
class ProgressRow:
    """One expert's pace. `expert` is the name or, for a viewer who may not see authors, the code."""

    expert: str
    expert_code: str
    done_count: int
    begun_count: int
    waiting_count: int
    all_count: int
    last_action_at: datetime | None
    missing_count: int
    is_overdue: bool


@dataclass(frozen=True)
class MissingRow:
    """A review that is not there yet."""

    application_code: str
    application: str
    expert: str
    expert_code: str
    state: State
    assigned_at: datetime
    is_doubted: bool


@dataclass(frozen=True)
class DivergenceRow:
    """The spread of the experts' totals of one application."""

    application_code: str
    application: str
    lot: str
    review_count: int
    score_text: str | None
    totals_text: str
    totals: tuple[str, ...]
    spread_text: str
    limit_text: str
    whole_text: str
    is_over: bool


def sees_authors(viewer: User) -> bool:
    """Whether names stand beside marks, or codes only."""
    return viewer.can(Permission.SCORE_AUTHOR_READ)


def progress_rows(competition: Competition, viewer: User) -> list[ProgressRow]:
    """Experts' pace: finished, begun, not begun, last action, and how many will be missing at this pace."""
    names = sees_authors(viewer)
    opened = opened_at([competition.code]).get(competition.code)
    paces = _paces(competition, hidden_ids(viewer, competition))
    rows = [_progress_row(found, names, competition, opened) for found in db.session.execute(paces)]
    return sorted(rows, key=lambda row: (-row.missing_count, ukrainian_key(row.expert), row.expert_code))


def missing_rows(competition: Competition, viewer: User) -> list[MissingRow]:
    """Reviews not submitted yet, doubts first."""
    names = sees_authors(viewer)
    rows = [
        MissingRow(
            application_code=one.application_code or "",
            application=one.application_title,
            expert=_shown(one, names),
            expert_code=one.expert_code,
            state=one.state,
            assigned_at=one.assigned_at,
            is_doubted=one.doubted_at is not None,
        )
        for one in _assignments(
            competition, *_active(), *_but(viewer, competition), Assignment.state != AssignmentState.DONE
        )
    ]
    return sorted(rows, key=lambda row: (not row.is_doubted, row.application_code, row.expert_code))


def divergence_rows(competition: Competition, viewer: User) -> list[DivergenceRow]:
    """Spread of submitted totals by application, widest first; over the limit when it exceeds the call's share.

    Empty for a viewer who may not see marks.
    """
    if not viewer.can(Permission.REVIEW_PROGRESS_READ):
        return []
    totals: dict[int, list[Fraction]] = defaultdict(list)
    query = (
        sa.select(Assignment.application_id, Review.total_text)
        .join(Review, Review.assignment_id == Assignment.id)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.state == AssignmentState.DONE,
            Review.total_text.is_not(None),
        )
        .order_by(Assignment.expert_code)
    )
    for row in db.session.execute(query):
        totals[row.application_id].append(Fraction(row.total_text))
    rules = engine_rules(competition)
    scales: dict[str, tuple[Fraction, str]] = {}
    found = []
    hidden = hidden_ids(viewer, competition)
    for application in _applications(competition):
        given = totals.get(application.id, [])
        if len(given) < 2 or application.id in hidden:
            continue
        lot = (application.lot_code or "") if rules.lots else ""
        if lot not in scales:
            scales[lot] = span_of(rules, lot), plain_text(running_total(rules, lot, {}).whole, 2)
        found.append(_divergence_row(application, given, scales[lot], competition.divergence_bp))
    return sorted(found, key=lambda row: (-Fraction(row.spread_text), row.application_code))


def _divergence_row(
    application: Any, given: list[Fraction], scale: tuple[Fraction, str], limit_bp: int
) -> DivergenceRow:
    span, whole = scale
    shown = tuple(plain_text(one, 2) for one in given)
    return DivergenceRow(
        application_code=application.code or "",
        application=application.title,
        lot=application.lot_title or "",
        review_count=len(given),
        score_text=application.score_text,
        totals_text=" · ".join(shown),
        totals=shown,
        spread_text=plain_text(max(given) - min(given), 2),
        limit_text=plain_text(span * limit_bp / 10_000, 2),
        whole_text=whole,
        is_over=diverges(given, span, limit_bp),
    )


@dataclass(frozen=True)
class SummaryRow:
    """A line of the summary sheet: one expert's marks of one application, or the means over its experts."""

    application_code: str
    application: str
    expert_code: str
    points: Mapping[str, str]
    total_text: str | None
    is_mean: bool


def summary_rows(
    competition: Competition, out: frozenset[int] = frozenset()
) -> tuple[list[tuple[str, str]], list[SummaryRow]]:
    """«Зведений оціночний лист»: criteria (code, title); by application its experts (codes) and means.

    Applications of `out` are considered without the reader and left away.
    """
    criteria = [(one.code, one.title) for one in competition.criteria]
    marks: dict[int, dict[str, str]] = defaultdict(dict)
    query = (
        sa.select(Assignment.id, Criterion.code, Score.points, Score.mark_state)
        .join(Review, Review.assignment_id == Assignment.id)
        .join(Score, Score.review_id == Review.id)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .filter(Assignment.competition_id == competition.id)
    )
    for row in db.session.execute(query):
        marks[row.id][row.code] = row.points if row.points is not None else row.mark_state
    done: dict[int, list[Any]] = defaultdict(list)
    marked = (AssignmentState.DONE, AssignmentState.DECLINED_COI)
    for one in _assignments(competition, Assignment.state.in_(marked)):
        done[one.application_id].append(one)
    rows = []
    for application in sorted(_applications(competition, Application.criterion_means), key=lambda one: one.code or ""):
        if application.id in out:
            continue
        for one in sorted(done.get(application.id, []), key=lambda pair: pair.expert_code):
            is_recused = one.state == AssignmentState.DECLINED_COI
            points = {code: "recused" for code, _ in criteria} if is_recused else marks[one.id]
            rows.append(
                SummaryRow(application.code or "", application.title, one.expert_code, points, one.total_text, False)
            )
        means = application.criterion_means
        rows.append(SummaryRow(application.code or "", application.title, "", means, application.score_text, True))
    return criteria, rows


def _assignments(competition: Competition, *conditions: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Assignments with the columns that lists show: rows of a statement, thousands of objects would cost a second."""
    query = (
        sa.select(
            Assignment.id, Assignment.application_id, Assignment.expert_code, Assignment.state, Assignment.assigned_at,
            Assignment.doubted_at, Assignment.conflict_reason, Assignment.ended_reason, User.full_name,
            Review.total_text, Application.code.label("application_code"), Application.title.label("application_title"),
        )
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .outerjoin(User, User.id == Assignment.expert_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .filter(Assignment.competition_id == competition.id, *conditions)
        .order_by(Assignment.id)
    )  # fmt: skip
    return db.session.execute(query).all()


def _but(viewer: User, competition: Competition) -> tuple[sa.ColumnElement[bool], ...]:
    """Nothing of what is considered without the viewer."""
    return (Assignment.application_id.not_in(hidden_ids(viewer, competition)),)


def _active() -> tuple[sa.ColumnElement[bool], ...]:
    return Assignment.state.in_(ACTIVE), Application.state.in_(SCORED_STATES)


def _applications(competition: Competition, *more: Any) -> Sequence[Any]:
    query = (
        sa.select(
            Application.id, Application.code, Application.title, Application.score_text, Lot.code.label("lot_code"),
            Lot.title.label("lot_title"), Organisation.short_name, *more,
        )
        .outerjoin(Lot, Lot.id == Application.lot_id)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .filter(Application.competition_id == competition.id, Application.state.in_(SCORED_STATES))
        .order_by(Application.code)
    )  # fmt: skip
    return db.session.execute(query).all()


def _paces(competition: Competition, out: frozenset[int]) -> sa.Select[Any]:
    """Each expert's reviews, counted by the database."""

    def count(state: AssignmentState) -> Any:
        return sa.func.sum(sa.case((Assignment.state == state, 1), else_=0))

    return (
        sa.select(
            Assignment.expert_code, User.full_name, sa.func.count().label("whole"),
            count(AssignmentState.DONE).label("done"), count(AssignmentState.IN_PROGRESS).label("begun"),
            sa.func.max(Assignment.declared_at).label("declared_at"), sa.func.max(Review.saved_at).label("saved_at"),
        )
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .outerjoin(User, User.id == Assignment.expert_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .filter(Assignment.competition_id == competition.id, Assignment.application_id.not_in(out), *_active())
        .group_by(Assignment.expert_code, User.full_name)
    )  # fmt: skip


def _shown(one: Any, names: bool) -> str:
    return one.full_name if names and one.full_name is not None else one.expert_code


def _progress_row(found: Any, names: bool, competition: Competition, opened: datetime | None) -> ProgressRow:
    """A row of the statement, which has no type of its own."""
    done, begun, whole = int(found.done), int(found.begun), int(found.whole)
    moments = [moment for moment in (found.declared_at, found.saved_at) if moment is not None]
    return ProgressRow(
        expert=_shown(found, names),
        expert_code=found.expert_code,
        done_count=done,
        begun_count=begun,
        waiting_count=whole - done - begun,
        all_count=whole,
        last_action_at=max(moments, default=None),
        missing_count=missing_on_the_day(whole - done, done, competition.scoring_until, opened),
        is_overdue=done < whole and has_scoring_ended(competition),
    )
