"""Discussions of applications: how far reviews diverge, the thread as each person may read it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids, may_read_in
from grants_app.competitions.models import Competition, Lot
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.lifecycle import AssignmentState, CompetitionState, DiscussionState
from grants_app.permissions import Permission
from grants_app.reviews.models import Assignment, Discussion, DiscussionMessage, Review
from grants_app.reviews.queries.conflicts import is_kept_out
from grants_app.reviews.queries.invitations import is_removed
from grants_app.reviews.queries.marks import SCORED_STATES, engine_rules
from grants_app.reviews.queries.people import ACTIVE
from grants_app.reviews.rules import diverges, span_of
from scoring.rounding import plain_text

_WITH_COMMISSION = (
    CompetitionState.DELIBERATION,
    CompetitionState.DECIDED,
    CompetitionState.PUBLISHED,
    CompetitionState.COMPLETED,
)
# What each part in the discussion reads beside its own messages.
_READS: dict[str, tuple[str, ...]] = {
    "expert": ("panel", "commission"),
    "secretary": ("secretary", "panel", "commission"),
    "chair": ("panel", "commission"),
    "member": ("commission",),
}


@dataclass(frozen=True)
class Spread:
    """How far the submitted reviews of an application stand apart, in points as printed."""

    application_id: int
    application_code: str
    totals: tuple[str, ...]
    spread_text: str
    limit_text: str
    is_over: bool


@dataclass(frozen=True)
class MessageView:
    """A message as this reader sees it."""

    code: str
    author: str
    is_own: bool
    visibility: str
    text: str
    mentions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class PanelMark:
    """An expert of the panel in the discussion: code, name for whom it is open, total, whether the sheet is closed."""

    expert_code: str
    name: str
    total_text: str | None
    state: State
    is_lead: bool
    is_own: bool
    is_extra: bool


@dataclass(frozen=True)
class ThreadRow:
    """A discussion in a list of the competition."""

    application_code: str
    application: str
    state: State
    reason: str
    spread_text: str | None
    message_count: int
    opened_at: datetime
    outcome: str


def spreads(competition: Competition, *, application: Application | None = None) -> dict[int, Spread]:
    """Spread of the submitted totals by application id, for those with two reviews; one statement."""
    query = (
        sa.select(Application.id, Application.code, Lot.code.label("lot"), Review.total_text)
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .join(Review, Review.assignment_id == Assignment.id)
        .outerjoin(Lot, Lot.id == Application.lot_id)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.state == AssignmentState.DONE,
            Review.total_text.is_not(None),
            Application.state.in_(SCORED_STATES),
        )
        .order_by(Application.code, Assignment.expert_code)
    )
    if application is not None:
        query = query.filter(Application.id == application.id)
    totals: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for row in db.session.execute(query):
        totals[row.id, row.code or "", row.lot or ""].append(row.total_text)
    rules = engine_rules(competition)
    spans: dict[str, Fraction] = {}
    found = {}
    for (key, code, lot), texts in totals.items():
        if len(texts) < 2:
            continue
        lot = lot if rules.lots else ""
        span = spans.setdefault(lot, span_of(rules, lot))
        given = [Fraction(text) for text in texts]
        found[key] = Spread(
            application_id=key,
            application_code=code,
            totals=tuple(plain_text(one, 2) for one in given),
            spread_text=plain_text(max(given) - min(given), 2),
            limit_text=plain_text(span * competition.divergence_bp / 10_000, 2),
            is_over=diverges(given, span, competition.divergence_bp),
        )
    return found


def wants_extra(competition: Competition) -> frozenset[int]:
    """Applications that the announced rule gives one more expert, and that have not got one yet."""
    if competition.divergence_rule != "extra_expert":
        return frozenset()
    over = {key for key, spread in spreads(competition).items() if spread.is_over}
    served = db.session.scalars(
        sa.select(Assignment.application_id).filter(
            Assignment.competition_id == competition.id, Assignment.is_extra.is_(True), Assignment.state.in_(ACTIVE)
        )
    )
    return frozenset(over - set(served))


def extra_ids(competition: Competition) -> frozenset[int]:
    """Applications that have an extra expert or must get one: their panel is larger by one."""
    served = db.session.scalars(
        sa.select(Assignment.application_id).filter(
            Assignment.competition_id == competition.id, Assignment.is_extra.is_(True), Assignment.state.in_(ACTIVE)
        )
    )
    return wants_extra(competition) | set(served)


def discussion_of(application: Application) -> Discussion | None:
    """The thread of the application with its messages, if one was ever opened."""
    query = (
        sa.select(Discussion)
        .options(selectinload(Discussion.messages), joinedload(Discussion.lead))
        .filter_by(application_id=application.id)
    )
    return db.session.scalar(query)


def part_of(viewer: User, application: Application) -> str | None:
    """In which part the person reads the discussion: expert, secretary, chair, member; None: not at all.

    An expert after submitting and opening the others' reviews; a member of the commission after the handover.
    """
    competition = application.competition
    if application.id in hidden_ids(viewer, competition):
        return None
    own = own_assignment(viewer, application)
    if own is not None:
        # Whoever scores here speaks as an expert only, whatever other office they hold.
        is_in = own.others_opened_at is not None and not is_removed(viewer.id, competition.id)
        return "expert" if is_in else None
    if _scores_here(viewer, competition) or not may_read_in(viewer, competition):
        return None
    if viewer.can(Permission.REVIEW_ASSIGN):
        return "secretary"
    if viewer.can(Permission.REVIEW_PROGRESS_READ):
        return "chair"
    is_open = viewer.can(Permission.RANKING_READ) and competition.state in _WITH_COMMISSION
    return "member" if is_open else None


def own_assignment(viewer: User, application: Application) -> Assignment | None:
    """The viewer's assignment to the application, unless it has ended."""
    return db.session.scalar(
        sa.select(Assignment)
        .options(joinedload(Assignment.review))
        .filter(
            Assignment.application_id == application.id,
            Assignment.expert_id == viewer.id,
            Assignment.state.in_(ACTIVE),
        )
    )


def _scores_here(viewer: User, competition: Competition) -> bool:
    found = sa.select(Assignment.id).filter(
        Assignment.competition_id == competition.id, Assignment.expert_id == viewer.id, Assignment.state.in_(ACTIVE)
    )
    return db.session.scalar(found.limit(1)) is not None


def messages_for(viewer: User, part: str, discussion: Discussion, labels: frozenset[str]) -> list[MessageView]:
    """Messages that this part reads: one's own, those of its levels, and those that name the reader."""
    return [
        MessageView(
            code=one.code,
            author=one.author_label,
            is_own=one.author_id == viewer.id,
            visibility=one.visibility,
            text=one.text,
            mentions=tuple(one.mentions),
            at=one.at,
        )
        for one in discussion.messages
        if is_readable(one, viewer, part, labels)
    ]


def is_readable(one: DiscussionMessage, viewer: User, part: str, labels: frozenset[str]) -> bool:
    """Whether the reader of that part sees the message: by its level, as its author, or as one whom it names."""
    return one.visibility in _READS[part] or one.author_id == viewer.id or bool(labels & set(one.mentions))


def panel_of(application: Application, viewer: User, *, with_names: bool) -> list[PanelMark]:
    """Experts who score the application, with totals of submitted sheets."""
    discussion = discussion_of(application)
    lead = None if discussion is None else discussion.lead_id
    query = (
        sa.select(Assignment)
        .options(joinedload(Assignment.expert), joinedload(Assignment.review))
        .filter(Assignment.application_id == application.id, Assignment.state.in_(ACTIVE))
        .order_by(Assignment.expert_code)
    )
    return [
        PanelMark(
            expert_code=one.expert_code,
            name=one.expert.full_name if with_names and one.expert is not None else "",
            total_text=one.review.total_text if one.review is not None else None,
            state=one.state,
            is_lead=lead is not None and one.expert_id == lead,
            is_own=one.expert_id == viewer.id,
            is_extra=one.is_extra,
        )
        for one in db.session.scalars(query)
    ]


def thread_rows(competition: Competition, viewer: User) -> list[ThreadRow]:
    """Discussions of the competition for its secretary and chair: open ones first."""
    hidden = hidden_ids(viewer, competition)
    counts = sa.select(DiscussionMessage.discussion_id, sa.func.count().label("count")).group_by(
        DiscussionMessage.discussion_id
    )
    messages = counts.subquery()
    query = (
        sa.select(Discussion, Application.code, Application.title, messages.c.count)
        .join(Application, Application.id == Discussion.application_id)
        .outerjoin(messages, messages.c.discussion_id == Discussion.id)
        .filter(Discussion.competition_id == competition.id, Discussion.application_id.not_in(hidden))
        .order_by(Application.code)
    )
    rows = [
        ThreadRow(
            application_code=code or "",
            application=title,
            state=one.state,
            reason=one.reason,
            spread_text=one.spread_text,
            message_count=int(count or 0),
            opened_at=one.opened_at,
            outcome=one.outcome,
        )
        for one, code, title, count in db.session.execute(query)
    ]
    return sorted(rows, key=lambda row: (row.state != DiscussionState.OPEN, row.application_code))


def waiting_for(viewer: User) -> list[tuple[str, str]]:
    """Open discussions in which the person is an expert: code and title of the application."""
    query = (
        sa.select(Application.code, Application.title)
        .join(Discussion, Discussion.application_id == Application.id)
        .join(Assignment, Assignment.application_id == Application.id)
        .join(Competition, Competition.id == Application.competition_id)
        .filter(
            Assignment.expert_id == viewer.id,
            Assignment.state == AssignmentState.DONE,
            ~is_kept_out(Assignment.expert_id, Assignment.application_id),
            Discussion.state == DiscussionState.OPEN,
            Competition.state == CompetitionState.SCORING,
        )
        .order_by(Application.code)
    )
    return [(row.code or "", row.title) for row in db.session.execute(query)]


def open_count(competition: Competition, out: frozenset[int] = frozenset()) -> int:
    """How many discussions of the competition are open; applications of `out` are not counted."""
    query = sa.select(sa.func.count()).filter(
        Discussion.competition_id == competition.id,
        Discussion.state == DiscussionState.OPEN,
        Discussion.application_id.not_in(out),
    )
    return int(db.session.scalar(query) or 0)
