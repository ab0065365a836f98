"""What an organisation wrote before: answers of its last application that may be taken over, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.applications import rules
from grants_app.applications.models import Answer, Application
from grants_app.applications.queries.content import AnswerText, answer_text, form_for
from grants_app.core.errors import InvalidInput
from grants_app.database import db
from grants_app.lifecycle import ApplicationState

# Days, sums and choices of another year would mislead; texts and rows are what people wrote for hours.
TAKEN_KINDS = frozenset({"text", "long", "rows", "many"})


@dataclass(frozen=True)
class Earlier:
    """An answer given before, with the year of its competition; `value` fits the question of today."""

    year: int
    title: str
    value: Any
    text: AnswerText


def last_application(application: Application) -> Application | None:
    """The application that the organisation sent last, in this competition or an earlier one."""
    query = (
        sa.select(Application)
        .where(
            Application.organisation_id == application.organisation_id,
            Application.organisation_id.is_not(None),
            Application.id != application.id,
            Application.state != ApplicationState.DRAFT,
        )
        .options(joinedload(Application.competition))
        .order_by(Application.submitted_at.desc(), Application.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def earlier_answers(
    application: Application, questions: Sequence[rules.Question], lang: str = "uk"
) -> dict[str, Earlier]:
    """For each of these questions that was answered in the last application and may be taken over: that answer."""
    wanted = {one.code: one for one in questions if one.kind in TAKEN_KINDS and not one.source}
    last = last_application(application) if wanted else None
    if last is None:
        return {}
    asked = form_for(last).questions
    rows = db.session.execute(
        sa.select(Answer.question, Answer.value).where(Answer.application_id == last.id, Answer.question.in_(wanted))
    )
    found: dict[str, Earlier] = {}
    for code, value in rows:
        question = wanted[code]
        if code not in asked or asked[code].kind != question.kind:
            continue
        try:
            fitting = rules.clean(question, value)
        except InvalidInput:
            continue  # longer than is allowed now, or an option that is offered no more
        if not rules.is_empty(fitting):
            text = answer_text(question, fitting, {}, lang=lang)
            found[code] = Earlier(last.competition.year, last.title, fitting, text)
    return found
