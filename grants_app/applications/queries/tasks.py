"""The task list of a draft: sections in groups, what is done, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.applications import rules
from grants_app.applications.models import Answer, Application
from grants_app.applications.queries.content import answers_of, attachments_of, form_for, lines_of, missing_of
from grants_app.database import db


@dataclass(frozen=True)
class TaskRow:
    """A section on the task list. status: done | started | empty | wrong; `missing` names what keeps it open."""

    slug: str
    title: str
    status: str
    missing: tuple[rules.Missing, ...]


@dataclass(frozen=True)
class TaskGroup:
    """A group of sections."""

    title: str
    rows: tuple[TaskRow, ...]


@dataclass(frozen=True)
class TaskList:
    """The whole list; declarations are counted apart, they belong to sending."""

    groups: tuple[TaskGroup, ...]
    done: int
    total: int
    saved_at: datetime | None

    @property
    def open_rows(self) -> list[TaskRow]:
        """Sections that are not finished."""
        return [row for group in self.groups for row in group.rows if row.status != "done"]


def task_list(application: Application) -> TaskList:
    """How far the draft is."""
    form, answers = form_for(application), answers_of(application)
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
    rows = [_row(section, begun[section.slug], missing.get(section.slug, [])) for section in form.sections]
    groups = tuple(
        TaskGroup(title, tuple(row for row, section in zip(rows, form.sections, strict=True) if section.group == code))
        for code, title in rules.GROUPS
    )
    last = db.session.scalar(sa.select(sa.func.max(Answer.updated_at)).filter_by(application_id=application.id))
    return TaskList(groups, sum(row.status == "done" for row in rows), len(rows), last)


def _row(section: rules.Section, is_begun: bool, missing: list[rules.Missing]) -> TaskRow:
    if not missing:
        status = "done"
    elif not is_begun:
        status = "empty"
    else:
        status = "wrong" if section.page == "budget" else "started"
    return TaskRow(section.slug, section.title, status, tuple(missing))
