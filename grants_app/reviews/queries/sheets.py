"""The expert's side: queue, declaration, sheet, and the others' reviews once the own one is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition, Criterion
from grants_app.core.errors import NotFound
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.reviews.models import Assignment, Review, Score
from grants_app.reviews.queries.conflicts import is_kept_out
from grants_app.reviews.queries.evidence import EvidenceView, evidence_of
from grants_app.reviews.queries.lines import LineView, line_views
from grants_app.reviews.queries.marks import engine_rules, lot_code
from grants_app.reviews.queries.people import ENDED
from grants_app.reviews.queries.reading import Reading
from grants_app.reviews.rules import RunningTotal, running_total, scale_of, shown_points
from scoring.rounding import plain_text

HIDDEN_STAGES = (CompetitionState.FORMAL_CHECK, CompetitionState.CANCELLED)


def assignment_for(viewer: User, application_code: str) -> Assignment:
    """The viewer's own assignment to that application. Raises NotFound when there is none or it has ended."""
    query = (
        sa.select(Assignment)
        .join(Assignment.application)
        .join(Application.competition)
        .options(
            contains_eager(Assignment.application).options(
                contains_eager(Application.competition),
                joinedload(Application.organisation),
                joinedload(Application.lot),
                joinedload(Application.priority),
                selectinload(Application.budget_rows),
            ),
            joinedload(Assignment.review).options(selectinload(Review.scores)),
            selectinload(Assignment.evidence),
            selectinload(Assignment.line_advice),
        )
        .filter(
            Application.code == application_code,
            Assignment.expert_id == viewer.id,
            Assignment.state.not_in(ENDED),
            ~is_kept_out(Assignment.expert_id, Assignment.application_id),
            Competition.state.not_in(HIDDEN_STAGES),
        )
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def is_accepted_expert(viewer: User, application: Application) -> bool:
    """Whether the text of the application is open to this person as its expert (a masked one in a blind phase)."""
    accepted = (AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS, AssignmentState.DONE)
    found = db.session.scalar(
        sa.select(Assignment.id)
        .join(Application, Application.id == Assignment.application_id)
        .join(Competition, Competition.id == Application.competition_id)
        .filter(
            Assignment.application_id == application.id,
            Assignment.expert_id == viewer.id,
            Assignment.state.in_(accepted),
            Competition.state.not_in(HIDDEN_STAGES),
        )
    )
    return found is not None


@dataclass(frozen=True)
class CriterionView:
    """A criterion of the sheet with its guidance and what was given."""

    number: int
    code: str
    title: str
    question: str
    bands: tuple[tuple[str, str, str], ...]
    scale: tuple[str, ...]
    low: str
    high: str
    step: str
    worth: str
    worth_exact: str
    nought: str  # the mark that gives no points, by the formula of the rules
    given_shown: str | None
    points: str | None
    justification: str
    pass_mark: str | None
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True)
class SheetView:
    """The review sheet as one person may see it."""

    criteria: tuple[CriterionView, ...]
    expert_code: str
    expert_name: str
    version: int
    recommendation: str
    recommended_kop: int | None
    comment_applicant: str
    comment_secretary: str
    saved_at: datetime | None
    submitted_at: datetime | None
    declared_at: datetime | None
    total: str
    possible: str
    whole: str
    pass_mark: str | None
    scored_count: int
    missing: tuple[tuple[int, str], ...]
    total_text: str | None
    content_digest: str | None
    state: State
    lines: tuple[LineView, ...]
    requested_kop: int

    @property
    def cut_lines(self) -> tuple[LineView, ...]:
        """Lines of the budget of which something is said."""
        return tuple(one for one in self.lines if one.cut_kop or one.reason)

    @property
    def cut_kop(self) -> int:
        """What the lines take out of the request."""
        return sum(one.cut_kop for one in self.lines)

    @property
    def left_kop(self) -> int:
        """What the lines leave of the request."""
        return self.requested_kop - self.cut_kop

    @property
    def is_submitted(self) -> bool:
        """Whether the sheet is locked."""
        return self.submitted_at is not None


def sheet_for(
    assignment: Assignment, viewer: User, *, with_name: bool = False, reading: Reading | None = None
) -> SheetView:
    """The sheet of an assignment; the viewer is its expert, or may see whose marks they are (`with_name`).

    An expert reads it beside the text of the application (`reading`), staff without.
    """
    competition = assignment.application.competition
    rules = engine_rules(competition)
    lot = lot_code(assignment.application, rules)
    review = assignment.review
    marks = {score.criterion_id: score for score in review.scores} if review else {}
    points = {one.code: marks[one.id].points for one in competition.criteria if one.id in marks}
    total = running_total(rules, lot, points)
    asked = [one for one in competition.criteria if one.code in total.worth]
    scales = {one.code: scale_of(one) for one in rules.criteria}
    evidence = evidence_of(assignment, reading)
    counts_from_low = rules.expert_total not in ("points", "weighted_mean")
    views = tuple(
        _criterion(number, one, marks.get(one.id), total, (scales[one.code], evidence.get(one.id, []), counts_from_low))
        for number, one in enumerate(asked, start=1)
    )
    limit = rules.pass_mark_of(lot)
    is_own = assignment.expert_id == viewer.id
    return SheetView(
        criteria=views,
        expert_code=assignment.expert_code,
        expert_name=assignment.expert.full_name if assignment.expert and (with_name or is_own) else "",
        version=review.version if review else 0,
        recommendation=(review.recommendation if review else None) or "",
        recommended_kop=review.recommended_kop if review else None,
        comment_applicant=review.comment_applicant if review else "",
        comment_secretary=review.comment_secretary if review else "",
        saved_at=review.saved_at if review else None,
        submitted_at=review.submitted_at if review else None,
        declared_at=assignment.declared_at,
        total=shown_points(total.total),
        possible=plain_text(total.possible, 2),
        whole=plain_text(total.whole, 2),
        pass_mark=None if limit is None else plain_text(limit),
        scored_count=total.scored_count,
        missing=tuple((view.number, view.code) for view in views if view.code in total.missing),
        total_text=review.total_text if review else None,
        content_digest=review.content_digest if review else None,
        state=assignment.state,
        lines=line_views(assignment, reading),
        requested_kop=assignment.application.requested_kop,
    )


def other_reviews(assignment: Assignment, viewer: User, reading: Reading | None = None) -> list[SheetView]:
    """Submitted reviews of the other experts, under codes; empty until the viewer has submitted and opened them."""
    if assignment.expert_id != viewer.id or assignment.state != AssignmentState.DONE:
        return []
    if assignment.others_opened_at is None:
        return []
    return [
        sheet_for(one, viewer, reading=reading)
        for one in reviews_of(assignment.application, only_done=True)
        if one.id != assignment.id
    ]


def reviews_of(application: Application, *, only_done: bool = False) -> Sequence[Assignment]:
    """All assignments of an application with their sheets, by code of the expert."""
    query = (
        sa.select(Assignment)
        .options(
            joinedload(Assignment.expert),
            joinedload(Assignment.application).joinedload(Application.competition),
            joinedload(Assignment.review).options(selectinload(Review.scores), selectinload(Review.editions)),
            selectinload(Assignment.evidence),
            selectinload(Assignment.line_advice),
        )
        .filter(Assignment.application_id == application.id)
        .order_by(Assignment.expert_code)
    )
    if only_done:
        query = query.filter(Assignment.state == AssignmentState.DONE)
    return db.session.scalars(query).all()


def _criterion(
    number: int,
    one: Criterion,
    mark: Score | None,
    total: RunningTotal,
    more: tuple[list[str], list[EvidenceView], bool],
) -> CriterionView:
    scale, evidence, counts_from_low = more
    worth = total.worth[one.code]
    given: Fraction | None = total.given.get(one.code)
    return CriterionView(
        number=number,
        code=one.code,
        title=one.title,
        question=one.question,
        bands=tuple(sorted(((band["from"], band["to"], band["text"]) for band in one.bands), key=_band_order)),
        scale=tuple(scale),
        low=one.minimum,
        high=one.maximum,
        step=one.step,
        worth=plain_text(worth, 2),
        worth_exact=f"{worth.numerator}/{worth.denominator}",
        nought=one.minimum if counts_from_low else "0",
        given_shown=None if given is None else shown_points(given),
        points=mark.points if mark else None,
        justification=mark.justification if mark else "",
        pass_mark=one.pass_mark,
        evidence=tuple(evidence),
    )


def _band_order(band: tuple[str, str, str]) -> Fraction:
    return Fraction(band[0])
