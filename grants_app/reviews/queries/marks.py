"""Marks and applications as the scoring engine takes them: codes only, missing is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.applications.models import Application
from grants_app.competitions import queries as competitions
from grants_app.competitions.models import Competition, Criterion
from grants_app.core import clock
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AssignmentState
from grants_app.reviews import rules as sheet_rules
from grants_app.reviews.models import Assignment, Review, Score
from scoring import Application as Bid
from scoring import Mark, RankingError, RankingRow, Rules, rank

# An application that was admitted stays in the engine's input after its result is published.
SCORED_STATES = (
    ApplicationState.ADMITTED,
    ApplicationState.AWARDED,
    ApplicationState.RESERVE,
    ApplicationState.NOT_AWARDED,
    ApplicationState.BELOW_PASS_MARK,
)
# Taken back or declined before any mark: such a pair never existed for the formula.
_NEVER_MARKED = (AssignmentState.REMOVED, AssignmentState.DECLINED_BUSY)
_MOST_PARSED = 50
_parsed: dict[str, Rules] = {}


def engine_rules(competition: Competition) -> Rules:
    """The frozen rules of the competition; the same text is parsed once per process."""
    text = competition.rules_text
    if text is None:
        return competitions.engine_rules(competition)
    if text not in _parsed:
        if len(_parsed) > _MOST_PARSED:
            _parsed.clear()
        _parsed[text] = competitions.engine_rules(competition)
    return _parsed[text]


def lot_code(application: Application, rules: Rules) -> str:
    """The lot under which the engine knows the application (none where the rules have no lots)."""
    return application.lot.code if application.lot is not None and rules.lots else ""


def score_records(competition: Competition) -> tuple[list[Bid], list[Mark]]:
    """Everything the ranking is computed from: admitted applications and the marks of their experts, by code.

    A declared conflict gives marks with the state recused, an unfinished review gives pending ones.
    """
    rules = engine_rules(competition)
    applications = db.session.scalars(
        sa.select(Application)
        .options(joinedload(Application.lot), joinedload(Application.organisation))
        .filter(Application.competition_id == competition.id, Application.state.in_(SCORED_STATES))
        .order_by(Application.code)
    ).all()
    marks = _marks(rules, competition.id, None, {application.id: application for application in applications})
    return [_bid(application, rules) for application in applications], marks


@dataclass(frozen=True)
class Totals:
    """Stored totals of one application, exactly as the engine prints them."""

    review_count: int
    score_text: str | None
    score_micro: int | None
    criterion_means: dict[str, str]
    expert_totals: dict[str, str]


def totals_of(application: Application, competition: Competition) -> Totals:
    """The totals of one application from its submitted reviews, by the exact functions of the ranking."""
    rules = engine_rules(competition)
    marks = _marks(rules, competition.id, application.id, {application.id: application})
    bid = _bid(application, rules, with_sums=False)
    row = _only_row(rules, bid, marks)
    experts = {mark.expert for mark in marks if mark.points is not None}
    if row is None:
        return Totals(len(experts), None, None, {}, {})
    means = {code: cell.combined_text for code, cell in row.criteria.items() if cell.combined_text is not None}
    return Totals(
        review_count=len(experts),
        score_text=row.score,
        score_micro=micro(row.score_exact),
        criterion_means=means,
        expert_totals=dict(row.expert_totals),
    )


def _only_row(rules: Rules, bid: Bid, marks: list[Mark]) -> RankingRow | None:
    try:
        ranking = rank(rules, [bid], marks)
    except RankingError:
        return None  # unequal numbers of marks under a sum: no score yet, and the ranking will say why
    return next(iter(ranking.rows), None)


def micro(value: Fraction | None) -> int | None:
    """Millionths of a score, rounded half up, by which lists are ordered."""
    return (
        None
        if value is None
        else (value.numerator * sheet_rules.MICRO * 2 + value.denominator) // (2 * value.denominator)
    )


def _bid(application: Application, rules: Rules, *, with_sums: bool = True) -> Bid:
    columns = dict(application.imported_columns or {})
    columns.setdefault("total_cost_kop", str(application.total_cost_kop))
    columns.setdefault("own_share_bp", str(application.own_share_bp))
    if application.submitted_at is not None:
        columns.setdefault("submitted_at", application.submitted_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if application.organisation is not None:
        columns.setdefault("applicant", application.organisation.edrpou)
    for name in ("application", "lot", "requested_kop", "smallest_kop"):
        columns.pop(name, None)
    return Bid(
        code=application.imported_code or application.code or "",
        lot=lot_code(application, rules),
        requested_kop=application.requested_kop if with_sums else None,
        smallest_kop=application.smallest_kop if with_sums else None,
        columns=columns,
    )


def _marks(
    rules: Rules, competition_id: int, application_id: int | None, applications: dict[int, Application]
) -> list[Mark]:
    query = (
        sa.select(Assignment.id, Assignment.application_id, Assignment.expert_code, Assignment.state)
        .filter(Assignment.competition_id == competition_id, Assignment.state.not_in(_NEVER_MARKED))
        .order_by(Assignment.application_id, Assignment.expert_code)
    )
    if application_id is not None:
        query = query.filter(Assignment.application_id == application_id)
    pairs = [pair for pair in db.session.execute(query) if pair.application_id in applications]
    given = _given([pair.id for pair in pairs if pair.state == AssignmentState.DONE], competition_id, application_id)
    marks: list[Mark] = []
    for pair in pairs:
        bid = applications[pair.application_id]
        code = bid.imported_code or bid.code or ""
        unmarked = "recused" if pair.state == AssignmentState.DECLINED_COI else "pending"
        for criterion in sheet_rules.weights_of(rules, lot_code(bid, rules)):
            points, state, columns = given.get((pair.id, criterion), (None, unmarked, None))
            marks.append(Mark(code, pair.expert_code, criterion, points, state, tuple((columns or {}).items())))
    return marks


def _given(
    done: Sequence[int], competition_id: int, application_id: int | None
) -> dict[tuple[int, str], tuple[str | None, str, dict[str, str] | None]]:
    if not done:
        return {}
    query = (
        sa.select(Review.assignment_id, Criterion.code, Score.points, Score.mark_state, Score.imported_columns)
        .join(Score, Score.review_id == Review.id)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .filter(Assignment.competition_id == competition_id, Assignment.state == AssignmentState.DONE)
    )
    if application_id is not None:
        query = query.filter(Assignment.application_id == application_id)
    return {
        (row.assignment_id, row.code): (row.points, row.mark_state, row.imported_columns)
        for row in db.session.execute(query)
    }


def has_scoring_ended(competition: Competition) -> bool:
    """Whether the last instant of scoring has passed (exclusive end)."""
    return competition.scoring_until is not None and clock.now() >= competition.scoring_until
