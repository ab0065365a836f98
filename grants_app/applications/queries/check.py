"""The formal check as the secretary sees it: requirements with machine hints, defects, corrections with old and new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.applications import rules
from grants_app.applications.models import Application, Correction, FormalCheckItem
from grants_app.applications.queries.access import sent_count
from grants_app.applications.queries.content import (
    answer_words,
    answers_of,
    attachments_of,
    form_for,
    limits_of,
    lines_of,
    missing_answers,
)
from grants_app.applications.rules import budget as budget_rules
from grants_app.core import clock
from grants_app.core.money import number_text
from grants_app.database import db
from grants_app.lifecycle import ApplicationState

Facts = tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Hint:
    """What the machine found about a requirement: None means that only a person can tell."""

    is_kept: bool | None
    message: str
    facts: Facts = ()


ONLY_A_PERSON = Hint(None, "Only a person can tell")


@dataclass(frozen=True)
class RequirementRow:
    """One requirement with its hint and the verdict given so far."""

    requirement: rules.Requirement
    hint: Hint
    verdict: str | None
    note: str
    question: str | None


@dataclass(frozen=True)
class ChangedItem:
    """An answer before and after the correction."""

    item: str
    label: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def earliest_registration(application: Application) -> date:
    """The last day of registration that still satisfies the rule, counted back from the announcement."""
    competition = application.competition
    announced = clock.kyiv(competition.announced_at).date() if competition.announced_at else clock.today()
    return months_before(announced, competition.registered_months_min)


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def requirement_rows(application: Application) -> list[RequirementRow]:
    """Every requirement with what the machine and the secretary say."""
    given = verdicts_of(application)
    hints = _hints(application)
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


def next_to_check(application: Application) -> str | None:
    """The code of the next application by number that waits for a verdict."""
    waiting = (ApplicationState.SUBMITTED, ApplicationState.CORRECTED)
    query = (
        sa.select(Application.code)
        .where(
            Application.competition_id == application.competition_id,
            Application.id != application.id,
            Application.state.in_(waiting),
        )
        .order_by(Application.register_number)
        .limit(1)
    )
    return db.session.scalar(query)


def changed_items(application: Application) -> list[ChangedItem]:
    """What the correction was opened for, old beside new."""
    correction = correction_of(application)
    if correction is None:
        return []
    form, now = form_for(application), current_values(application, correction.questions)
    return [
        ChangedItem(
            item=item,
            label=form.item_label(item),
            old=_words(form, item, correction.old_values.get(item)),
            new=_words(form, item, now.get(item)),
        )
        for item in correction.questions
    ]


def current_values(application: Application, items: list[str]) -> dict[str, Any]:
    """Present values of questions, of the budget and of the documents, as plain values."""
    answers = answers_of(application)
    values: dict[str, Any] = {item: answers.get(item) for item in items}
    if rules.BUDGET_ITEM in items:
        values[rules.BUDGET_ITEM] = [
            f"{line.item}: {number_text(line.total_kop)} = {' + '.join(number_text(part) for part in _parts(line))}"
            for line in lines_of(application)
        ]
    if rules.FILES_ITEM in items:
        values[rules.FILES_ITEM] = [f"{file.file_name} ({file.sha256[:12]})" for file in attachments_of(application)]
    return values


def _parts(line: rules.Line) -> tuple[int, int, int, int]:
    return line.city_kop, line.own_cash_kop, line.own_inkind_kop, line.other_kop


def _words(form: rules.Form, item: str, value: Any) -> tuple[str, ...]:
    if item in {rules.BUDGET_ITEM, rules.FILES_ITEM}:
        return tuple(value or ())
    if item not in form.questions:
        return (str(value),) if value else ()
    text, lines = answer_words(form.questions[item], value)
    return lines or ((text,) if text else ())


def _hints(application: Application) -> dict[str, Hint]:
    answers = answers_of(application)
    kinds = [file.kind for file in attachments_of(application)]
    gaps = [*missing_answers(application, answers), *rules.missing_files(form_for(application), kinds, answers)]
    broken = {one.rule for one in budget_rules.broken(lines_of(application), limits_of(application))}
    limits = limits_of(application)
    return {
        "in_time": _in_time(application.submitted_at, application.competition.intake_until),
        "age": _age(application),
        "complete": Hint(not gaps, "Nothing is missing")
        if not gaps
        else Hint(False, "Missing: %(count)s, first “%(cell)s”", (("count", len(gaps)), ("cell", gaps[0].label))),
        "limits": Hint(
            not broken & {"maximum", "minimum"},
            "Asked %(amount)s, the lot allows from %(minimum)s to %(maximum)s",
            (
                ("amount", application.requested_kop),
                ("minimum", limits.minimum_kop or 0),
                ("maximum", limits.maximum_kop if limits.maximum_kop is not None else "–"),
            ),
        ),
        "own_share": Hint(
            "own_share" not in broken,
            "Own share %(share)s, at least %(least)s is needed",
            (("share", _per_cent(application.own_share_bp)), ("least", _per_cent(limits.own_share_min_bp))),
        ),
        "period": Hint(not [gap for gap in gaps if gap.item in {"start_on", "end_on"}], "Dates of the project"),
        "double_funding": Hint(
            answers.get("other_public_funding") != "yes" or None, "Answer of the applicant on other budgets"
        ),
        "per_organisation": _per_organisation(application),
    }


def _in_time(sent: datetime | None, until: datetime | None) -> Hint:
    is_kept = sent is not None and (until is None or sent < until)
    shown = clock.kyiv(sent).strftime("%d.%m.%Y %H:%M:%S") if sent else "–"
    return Hint(is_kept, "Submitted at %(time)s", (("time", shown),))


def _age(application: Application) -> Hint:
    if application.organisation is None:
        return Hint(None, "The organisation is not in the system")
    last = earliest_registration(application)
    registered = application.organisation.registered_on
    facts: Facts = (("day", registered.strftime("%d.%m.%Y")), ("last", last.strftime("%d.%m.%Y")))
    return Hint(registered <= last, "Registered on %(day)s, needed not later than %(last)s", facts)


def _per_organisation(application: Application) -> Hint:
    allowed = application.competition.applications_per_organisation
    sent = sent_count(application.competition, application.organisation_id)
    facts: Facts = (("sent", sent), ("allowed", allowed))
    return Hint(sent <= allowed, "Sent %(sent)s, allowed %(allowed)s", facts)


def _per_cent(bp: int) -> str:
    return f"{bp // 100},{bp % 100:02d}\u00a0%".replace(",00", "")
