"""What is new: against what was sent last, and against the form as it was when the draft began."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from grants_app.applications import rules
from grants_app.applications.models import Application, Submission
from grants_app.applications.queries.content import AnswerText, answer_text, asked_answers_of, form_for
from grants_app.competitions.models import CallVersion
from grants_app.competitions.rules.form import read_form
from grants_app.database import db


@dataclass(frozen=True)
class Amendment:
    """A question that the call changed (or added) after the draft had begun."""

    at: datetime
    reason: str
    is_new: bool


def changed_since_sent(application: Application) -> dict[str, AnswerText] | None:
    """After a recall: answers that differ from what was sent, as they were then; None when nothing was ever sent."""
    query = sa.select(Submission.content).filter_by(application_id=application.id).order_by(Submission.id.desc())
    content = db.session.scalar(query.limit(1))
    if content is None:
        return None
    sent: dict[str, Any] = json.loads(content).get("answers", {})
    now, form = asked_answers_of(application), form_for(application)
    return {
        code: answer_text(form.questions[code], sent.get(code), {})
        for code in form.questions
        if not _is_same(now.get(code), sent.get(code))
    }


def _is_same(one: Any, other: Any) -> bool:
    return one == other or (rules.is_empty(one) and rules.is_empty(other))


def amended_questions(application: Application) -> dict[str, Amendment]:
    """Questions whose text or terms were changed since the draft began, each with its last change."""
    versions = list(
        db.session.scalars(
            sa.select(CallVersion).filter_by(competition_id=application.competition_id).order_by(CallVersion.number)
        )
    )
    found: dict[str, Amendment] = {}
    for before, after in pairwise(versions):
        if after.at <= application.created_at or before.form_text == after.form_text:
            continue
        old, new = read_form(before.form_text).questions, read_form(after.form_text).questions
        for code, question in new.items():
            if old.get(code) != question:
                is_new = code not in old or (code in found and found[code].is_new)
                found[code] = Amendment(after.at, after.reason, is_new)
    return found
