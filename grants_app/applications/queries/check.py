"""The formal check as the secretary sees it: requirements with machine hints, defects, corrections with old and new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications import rules
from grants_app.applications.models import Application, Correction, FormalCheckItem, Submission
from grants_app.applications.queries.access import hidden_ids
from grants_app.applications.queries.content import (
    answer_words,
    answers_of,
    attachments_of,
    form_for,
    frozen_content,
    lines_of,
)
from grants_app.applications.queries.evidence import ONLY_A_PERSON, Hint, hints_of
from grants_app.applications.rules import Totals
from grants_app.applications.rules.budget import totals
from grants_app.applications.rules.budget_diff import PairedLine, lines_of_content, side_by_side
from grants_app.applications.rules.files import SIGNATURE_KINDS
from grants_app.applications.rules.likeness import Piece, changes
from grants_app.database import db
from grants_app.lifecycle import ApplicationState


@dataclass(frozen=True)
class RequirementRow:
    """One requirement with its hint and the verdict given so far."""

    requirement: rules.Requirement
    hint: Hint
    verdict: str | None
    note: str
    question: str | None


@dataclass(frozen=True)
class BudgetSides:
    """Two versions of the budget, line by line; `labels`: msgids of the cost categories."""

    lines: tuple[PairedLine, ...]
    old: Totals
    new: Totals
    old_smallest_kop: int | None
    new_smallest_kop: int | None
    labels: Mapping[str, str]

    @property
    def is_changed(self) -> bool:
        """Whether anything differs."""
        return any(line.kind != "same" for line in self.lines) or self.old_smallest_kop != self.new_smallest_kop


@dataclass(frozen=True)
class ChangedItem:
    """An answer before and after the correction."""

    item: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    pieces: tuple[Piece, ...] = ()  # both in one text, word by word
    budget: BudgetSides | None = None  # the budget is no text: its lines stand beside each other


def requirement_rows(application: Application) -> list[RequirementRow]:
    """Every requirement with what the machine and the secretary say."""
    given = verdicts_of(application)
    hints = hints_of(application)
    return [
        RequirementRow(
            requirement=requirement,
            hint=hints.get(requirement.machine, ONLY_A_PERSON),
            verdict=given[requirement.code].verdict if requirement.code in given else None,
            note=given[requirement.code].note if requirement.code in given else "",
            question=given[requirement.code].question if requirement.code in given else None,
        )
        for requirement in form_for(application).requirements
    ]


def verdicts_of(application: Application) -> dict[str, FormalCheckItem]:
    """Verdicts by requirement."""
    query = sa.select(FormalCheckItem).filter_by(application_id=application.id)
    return {item.requirement: item for item in db.session.scalars(query)}


def correction_of(application: Application) -> Correction | None:
    """The one return for correction, if there was one."""
    return db.session.scalar(sa.select(Correction).filter_by(application_id=application.id))


def next_to_check(application: Application, viewer: User) -> str | None:
    """The next application by number that waits for a verdict: nobody's or one's own, and open to this person."""
    waiting = (ApplicationState.SUBMITTED, ApplicationState.CORRECTED)
    query = (
        sa.select(Application.code)
        .where(
            Application.competition_id == application.competition_id,
            Application.id != application.id,
            Application.id.not_in(hidden_ids(viewer, application.competition)),
            Application.state.in_(waiting),
            Application.admission_proposal.is_(None),
            sa.or_(Application.checker_id.is_(None), Application.checker_id == viewer.id),
        )
        .order_by(Application.register_number)
        .limit(1)
    )
    return db.session.scalar(query)


def opened_items(application: Application, correction: Correction) -> frozenset[str]:
    """What the applicant may correct: the named items, and questions that depend on the named ones."""
    return rules.depending_on(form_for(application), correction.questions)


def stray_changes(application: Application, lang: str = "uk") -> list[ChangedItem]:
    """What differs from the first sending though nobody opened it: the locks do not let that happen, we look anyway."""
    correction = correction_of(application)
    first = db.session.scalar(
        sa.select(Submission.content)
        .filter_by(application_id=application.id, kind="first")
        .order_by(Submission.id.desc())
    )
    if correction is None or first is None:
        return []
    sent: dict[str, Any] = json.loads(first)
    kept = json.loads(json.dumps(frozen_content(application)))  # as the stored content is
    form, now, opened = form_for(application), kept["answers"], opened_items(application, correction)
    old = sent.get("answers", {})
    for content in (sent, kept):
        content["files"] = _papers(content)
    found = [
        _changed(form, code, (old.get(code), now.get(code)), lang)
        for code in form.questions
        if code not in opened and old.get(code) != now.get(code)
    ]
    if rules.BUDGET_ITEM not in opened and sent.get("budget") != kept["budget"]:
        found.append(_changed_budget(form, sent, kept))
    if rules.FILES_ITEM not in opened and sent.get("files") != kept["files"]:
        before, after = (_paper_words(content["files"]) for content in (sent, kept))
        found.append(_changed(form, rules.FILES_ITEM, (before, after), lang))
    return found


def _papers(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Documents of a frozen content; corrections bring a signature of their own, which is no change of documents."""
    return [file for file in content.get("files", []) if file["kind"] not in SIGNATURE_KINDS]


def _sent_before(application: Application, moment: datetime) -> dict[str, Any] | None:
    query = (
        sa.select(Submission.content)
        .where(Submission.application_id == application.id, Submission.at <= moment)
        .order_by(Submission.id.desc())
    )
    text = db.session.scalar(query.limit(1))
    return None if text is None else dict(json.loads(text))


def changed_items(application: Application, lang: str = "uk") -> list[ChangedItem]:
    """What the correction was opened for, old beside new; questions behind a named one where they changed."""
    correction = correction_of(application)
    if correction is None:
        return []
    form = form_for(application)
    behind = sorted(opened_items(application, correction) - {*correction.questions})
    now, old = current_values(application, [*correction.questions, *behind]), correction.old_values
    sent = _sent_before(application, correction.sent_at) if rules.BUDGET_ITEM in correction.questions else None
    return [
        _changed(form, item, (old.get(item), now.get(item)), lang)
        if item != rules.BUDGET_ITEM
        else _changed_budget(form, sent or {}, frozen_content(application))
        for item in (*correction.questions, *behind)
        if item in correction.questions or correction.old_values.get(item) != now.get(item)
    ]


def _changed(form: rules.Form, item: str, values: tuple[Any, Any], lang: str) -> ChangedItem:
    before, after = (_words(form, item, value, lang) for value in values)
    return ChangedItem(item, form.item_label(item), before, after, changes("\n".join(before), "\n".join(after)))


def _changed_budget(form: rules.Form, sent: Mapping[str, Any], kept: Mapping[str, Any]) -> ChangedItem:
    old, new = (lines_of_content(content.get("budget", [])) for content in (sent, kept))
    sides = BudgetSides(
        tuple(side_by_side(old, new)),
        totals(old),
        totals(new),
        sent.get("smallest_kop"),
        kept.get("smallest_kop"),
        form.category_labels,
    )
    return ChangedItem(rules.BUDGET_ITEM, form.item_label(rules.BUDGET_ITEM), (), (), budget=sides)


def _paper_words(files: list[dict[str, Any]]) -> list[str]:
    return [f"{file['name']} ({file['sha256'][:12]})" for file in files]


def current_values(application: Application, items: list[str]) -> dict[str, Any]:
    """Present values of questions, of the budget and of the documents, as plain values."""
    answers = answers_of(application)
    values: dict[str, Any] = {item: answers.get(item) for item in items}
    if rules.BUDGET_ITEM in items:
        values[rules.BUDGET_ITEM] = [asdict(line) for line in lines_of(application)]
    if rules.FILES_ITEM in items:
        values[rules.FILES_ITEM] = [f"{file.file_name} ({file.sha256[:12]})" for file in attachments_of(application)]
    return values


def _words(form: rules.Form, item: str, value: Any, lang: str) -> tuple[str, ...]:
    if item == rules.FILES_ITEM:
        return tuple(value or ())
    if item not in form.questions:
        return (str(value),) if value else ()
    text, lines = answer_words(form.questions[item], value, lang=lang)
    return lines or ((text,) if text else ())
