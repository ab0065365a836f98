"""Questions about a call: what everybody reads, what waits for an answer. Who asked is told to nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.competitions.models import CallQuestion, Competition
from grants_app.competitions.queries.calls import days_off
from grants_app.competitions.rules.asking import ANSWER_DAYS
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import CallQuestionState as Q


@dataclass(frozen=True)
class EarlierAnswer:
    """Published words that were corrected later."""

    at: datetime
    question: str
    answer: str
    reason: str


@dataclass(frozen=True)
class QuestionRow:
    """A question with its answer, as everybody reads it."""

    code: str
    question: str
    answer: str
    answered_at: datetime | None
    earlier: tuple[EarlierAnswer, ...] = ()


@dataclass(frozen=True)
class WaitingRow:
    """A question that waits: for the desk (which is not told who asked), or for the person who asked."""

    code: str
    competition_code: str
    competition_title: str
    text: str
    asked_at: datetime
    answer_by: date
    state: Q = field(default=Q.ASKED)


def answered_rows(competition: Competition) -> list[QuestionRow]:
    """Answered questions, the newest answer first."""
    query = (
        sa.select(CallQuestion)
        .filter_by(competition_id=competition.id, state=Q.ANSWERED)
        .order_by(CallQuestion.answered_at.desc(), CallQuestion.id.desc())
    )
    return [_row(one) for one in db.session.scalars(query)]


def own_rows(competition: Competition, person: Any) -> list[WaitingRow]:
    """What this person asked and what is not answered in public (yet)."""
    if person is None or person.actor_id is None:
        return []
    return _waiting(
        sa.select(CallQuestion).filter_by(competition_id=competition.id, asked_by_id=person.actor_id).where(
            CallQuestion.state != Q.ANSWERED
        )
    )  # fmt: skip


def waiting_rows(competition: Competition | None = None) -> list[WaitingRow]:
    """Questions that wait for an answer, the oldest first; of one competition, or of all."""
    query = sa.select(CallQuestion).filter_by(state=Q.ASKED)
    if competition is not None:
        query = query.filter_by(competition_id=competition.id)
    return _waiting(query)


def question_of(competition: Competition, code: str) -> CallQuestion:
    """A question of this competition for those who answer. Raises NotFound."""
    found = db.session.scalar(sa.select(CallQuestion).filter_by(competition_id=competition.id, code=code))
    if found is None:
        raise NotFound
    return found


def earlier_of(question: CallQuestion) -> tuple[EarlierAnswer, ...]:
    """Published words that were corrected later, the newest first."""
    return tuple(
        EarlierAnswer(datetime.fromisoformat(one["at"]), one["question"], one["answer"], one["reason"])
        for one in reversed(question.earlier)
    )


def _row(one: CallQuestion) -> QuestionRow:
    return QuestionRow(one.code, one.published_text, one.answer, one.answered_at, earlier_of(one))


def _waiting(query: sa.Select[Any]) -> list[WaitingRow]:
    found: Sequence[CallQuestion] = db.session.scalars(
        query.join(CallQuestion.competition)
        .options(sa.orm.contains_eager(CallQuestion.competition))
        .order_by(CallQuestion.asked_at, CallQuestion.id)
    ).all()
    off = days_off() if found else frozenset()
    return [
        WaitingRow(
            one.code,
            one.competition.code,
            one.competition.title,
            one.text,
            one.asked_at,
            clock.add_term(clock.kyiv(one.asked_at).date(), ANSWER_DAYS, working=True, days_off=off),
            one.state,
        )
        for one in found
    ]
