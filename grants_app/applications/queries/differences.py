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
from grants_app.applications.queries.content import AnswerText, answer_text, answers_of, form_for, frozen_content
from grants_app.competitions.models import CallVersion
from grants_app.competitions.rules.form import read_form
from grants_app.database import db


@dataclass(frozen=True)
class Changes:
    """What differs from the content that was sent last: answers as they were then, the budget, the documents."""

    answers: dict[str, AnswerText]
    budget: bool
    files: bool

    def __len__(self) -> int:
        """How many answers and parts."""
        return len(self.answers) + self.budget + self.files


@dataclass(frozen=True)
class Amendment:
    """A question that the call changed (or added) after the draft had begun."""

    at: datetime
    reason: str
    is_new: bool


@dataclass(frozen=True)
class SetAside:
    """An answer that an amendment took out of the application: it stays stored, nobody is shown it, it is not sent.

    `is_removed`: the question is gone; otherwise it is asked only with other answers.
    """

    at: datetime
    reason: str
    answer: AnswerText
    is_removed: bool


def changed_since_sent(application: Application, lang: str = "uk") -> Changes | None:
    """After a recall: what differs from the content that was sent; None when nothing was ever sent."""
    query = sa.select(Submission.content).filter_by(application_id=application.id).order_by(Submission.id.desc())
    content = db.session.scalar(query.limit(1))
    if content is None:
        return None
    document: dict[str, Any] = json.loads(content)
    sent = document.get("answers", {})
    # As the stored content is: through JSON, so that nothing differs by its type alone.
    now = json.loads(json.dumps(frozen_content(application)))
    form = form_for(application)
    return Changes(
        {
            code: answer_text(form.questions[code], sent.get(code), {}, lang=lang)
            for code in form.questions
            if form.questions[code].kind != "declaration" and not _is_same(now["answers"].get(code), sent.get(code))
        },
        budget=now["budget"] != document.get("budget") or now["smallest_kop"] != document.get("smallest_kop"),
        files=now["files"] != document.get("files"),
    )


def _is_same(one: Any, other: Any) -> bool:
    return one == other or (rules.is_empty(one) and rules.is_empty(other))


def amended_questions(application: Application) -> dict[str, Amendment]:
    """Questions whose text or terms were changed since the draft began, each with its last change."""
    found: dict[str, Amendment] = {}
    for before, after in _amendments(application):
        old, new = read_form(before.form_text).questions, read_form(after.form_text).questions
        for code, question in new.items():
            if old.get(code) != question:
                is_new = code not in old or (code in found and found[code].is_new)
                found[code] = Amendment(after.at, after.reason, is_new)
    return found


def set_aside(application: Application, lang: str = "uk") -> list[SetAside]:
    """What the applicant had answered and an amendment since then asks no more, in the order of the form of then."""
    form, answers = form_for(application), answers_of(application)
    shown = form.is_shown(answers)
    found: dict[str, SetAside] = {}
    for before, after in _amendments(application):
        old, new = read_form(before.form_text), read_form(after.form_text).questions
        for code, question in old.questions.items():
            is_same = code in new and new[code].show_if == question.show_if
            if code in shown or is_same or rules.is_empty(answers.get(code)):
                continue
            text = answer_text(question, answers[code], {}, lang=lang)
            found[code] = SetAside(after.at, after.reason, text, is_removed=code not in form.questions)
    return list(found.values())


def _amendments(application: Application) -> list[tuple[CallVersion, CallVersion]]:
    """The versions of the form, before and after, of every amendment since the draft began."""
    of_call = sa.select(CallVersion).filter_by(competition_id=application.competition_id).order_by(CallVersion.number)
    return [
        (before, after)
        for before, after in pairwise(db.session.scalars(of_call))
        if after.at > application.created_at and before.form_text != after.form_text
    ]
