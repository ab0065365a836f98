"""The task list of a draft: sections in groups, what is done, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications import rules
from grants_app.applications.models import Answer, Application
from grants_app.applications.queries.content import answers_of, attachments_of, form_for, is_over, lines_of, missing_of
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, CompetitionState

# Nothing is left to do there.
SETTLED = frozenset({"done", "unneeded", "optional"})


@dataclass(frozen=True)
class TaskRow:
    """A section on the task list. status: done | started | empty | wrong | later | unneeded | optional.

    `missing` names what keeps it open; `by` and `at` tell whose hand was there last.
    """

    slug: str
    title: str
    status: str
    missing: tuple[rules.Missing, ...]
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class TaskGroup:
    """A group of sections."""

    title: str
    rows: tuple[TaskRow, ...]


@dataclass(frozen=True)
class TaskList:
    """The whole list; declarations are counted apart, they belong to sending."""

    groups: tuple[TaskGroup, ...]
    last: TaskRow
    done: int
    total: int
    saved_at: datetime | None

    @property
    def open_rows(self) -> list[TaskRow]:
        """Sections that are not finished."""
        return [row for group in self.groups for row in group.rows if row.status not in SETTLED]

    @property
    def counts(self) -> dict[str, int]:
        """How many sections stand in each state, in the order of the work."""
        rows = [row for group in self.groups for row in group.rows]
        counts = {status: sum(row.status == status for row in rows) for status in ("done", "started", "wrong", "empty")}
        return {status: count for status, count in counts.items() if count}


def task_list(application: Application) -> TaskList:
    """How far the draft is, who wrote where last, and what the head does at the end."""
    form, answers = form_for(application), answers_of(application)
    shown = form.is_shown(answers)
    begun = {
        "budget": bool(lines_of(application)),
        "files": bool(attachments_of(application)),
        **{
            section.slug: any(not rules.is_empty(answers.get(question.code)) for question in section.questions)
            for section in form.sections
            if section.page == "questions"
        },
    }
    missing: dict[str, list[rules.Missing]] = {}
    for one in missing_of(application):
        missing.setdefault(one.section, []).append(one)
    hands = _hands(application, form)
    rows = [
        _row(section, begun[section.slug], missing.get(section.slug, []), hands.get(section.slug), shown)
        for section in form.sections
    ]
    groups = tuple(
        TaskGroup(title, tuple(row for row, section in zip(rows, form.sections, strict=True) if section.group == code))
        for code, title in rules.GROUPS
    )
    done = sum(row.status in SETTLED for row in rows)
    declared = form.declaration_section
    open_boxes = tuple(missing.get(declared.slug, []))
    last = TaskRow(
        declared.slug,
        declared.title,
        "later" if done < len(rows) else ("empty" if open_boxes else "done"),
        open_boxes,
    )
    return TaskList(groups, last, done, len(rows), max((at for _by, at in hands.values()), default=None))


def _hands(application: Application, form: rules.Form) -> dict[str, tuple[str, datetime]]:
    """By section: who changed an answer of it last, and when."""
    query = (
        sa.select(Answer.question, Answer.updated_at, User.full_name)
        .outerjoin(User, User.id == Answer.updated_by_id)
        .where(Answer.application_id == application.id)
        .order_by(Answer.updated_at)
    )
    found = {}
    for code, at, name in db.session.execute(query):
        section = form.section_of.get(code)
        if section is not None:
            found[section.slug] = (name or "", at)
    return found


def _row(
    section: rules.Section,
    is_begun: bool,
    missing: list[rules.Missing],
    hand: tuple[str, datetime] | None,
    shown: frozenset[str],
) -> TaskRow:
    by, at = hand or ("", None)
    if section.page == "questions" and not any(question.code in shown for question in section.questions):
        status = "unneeded"
    elif any(one.is_error for one in missing):
        status = "wrong"
    elif not missing:
        status = "done" if is_begun else "optional"
    else:
        status = "started" if is_begun else "empty"
    return TaskRow(section.slug, section.title, status, tuple(missing), by, at)


def road_states(application: Application) -> list[str]:
    """How far a sent application is: sending, intake, formal check, scoring, decision; none once it is over."""
    competition = application.competition
    if application.state in {ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.CORRECTED}:
        reached = 2 if is_over(competition) else 1
    elif application.state == ApplicationState.ADMITTED:
        is_scored = competition.state in {CompetitionState.DELIBERATION, CompetitionState.DECIDED}
        reached = 4 if is_scored else 3
    else:
        return []
    return ["done" if step < reached else "now" if step == reached else "next" for step in range(5)]
