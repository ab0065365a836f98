"""Intake and formal check of a rehearsal: what cannot be filled in, saved or sent is told with the question's words."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.applications.rules.budget import Limits
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import form_of
from grants_app.core.errors import DomainError, ManyErrors
from grants_app.database import db
from grants_app.demo.cast import Club
from grants_app.demo.intake import by_key
from grants_app.demo.projects import PROJECTS
from grants_app.demo.stage import Stage
from grants_app.lifecycle import ApplicationState
from grants_app.rehearsal.answers import Bid, answers_for, budget_for, ceilings_problem
from grants_app.rehearsal.record import Record
from grants_app.rehearsal.setting import Plan

LEFT_AS_DRAFTS = 1
RETURNED, REJECTED = 2, 3  # the second application is returned once, the third is not admitted


def intake(stage: Stage, plan: Plan, members: list[Club], record: Record) -> int:
    """Every organisation writes its application and all but one send it; how many were sent."""
    length = max((plan.intake_last - plan.intake_from).days, 1)
    _ceilings(stage, plan, record)
    sent, shown = 0, set()
    for number, club in enumerate(members):
        day = plan.intake_from + timedelta(days=number * (length - 1) // max(len(members), 1))
        stage.at(day, 9 + number % 9, number * 7 % 60)
        key = _draft(stage, plan, number, club, record)
        if key is not None:
            shown |= _answered(key)
            if number < len(members) - LEFT_AS_DRAFTS:
                sent += _send(stage, key, club, record)
        record.step()
    _never_asked(stage, plan, shown, record)
    record.figure(applications=len(members), sent=sent)
    stage.at(plan.intake_last, 12)
    record.moment("intake")
    return sent


def check(stage: Stage, plan: Plan, record: Record) -> int:
    """The intake closes, the secretary checks every application; how many are admitted."""
    stage.at(plan.intake_last + timedelta(days=1), 0, 1)
    stage.do(lambda: services.close_intake(stage.competition(plan.code)))
    stage.at(plan.intake_last + timedelta(days=1), 10)
    stage.do(lambda: services.start_formal_check(stage.competition(plan.code), by=stage.user("secretary")))
    keys = _keys(stage, plan)
    half = len(keys) // 2
    for index, key in enumerate(keys):
        if index == half:
            record.moment("check")
        stage.at(plan.intake_last + timedelta(days=1), 11 + index % 6, index * 11 % 60)
        stage.do(partial(_check_one, stage, key, index + 1, many=len(keys) >= REJECTED + 2))
        record.step()
    admitted = _count(stage, plan, ApplicationState.ADMITTED)
    record.figure(admitted=admitted)
    return admitted


def _draft(stage: Stage, plan: Plan, number: int, club: Club, record: Record) -> str | None:
    head = stage.user(club.login)
    try:
        key = stage.do(
            lambda: (
                services.start_application(stage.competition(plan.code), stage.organisation(club.edrpou), by=head).key
            )
        )
    except DomainError as error:
        record.refusals(error)
        return None
    application = by_key(key)
    form = queries.form_for(application)
    bid = _bid(application.competition, plan, number, club)
    answers = answers_for(form, bid)
    db.session.rollback()
    _save(stage, key, answers, club, record)
    _budget(stage, plan, number, key, club=club, record=record)
    _papers(stage, key, answers, club, record)
    return key


def _bid(competition: Competition, plan: Plan, number: int, club: Club) -> Bid:
    lots, priorities = competition.lots, competition.priorities
    project = PROJECTS[number % len(PROJECTS)]
    title = project.title if number < len(PROJECTS) else f"{project.title} {number // len(PROJECTS) + 1}"
    return Bid(
        number=number,
        title=title,
        head=club.head,
        lot=lots[number % len(lots)].code if lots else "",
        priority=priorities[number % len(priorities)].code if priorities else "",
        first=plan.project_from,
        last=plan.project_until,
    )


def _save(stage: Stage, key: str, answers: dict[str, Any], club: Club, record: Record) -> None:
    """All at once; when that is refused one by one, so that one impossible question does not hide the others."""
    try:
        stage.do(lambda: services.save_answers(by_key(key), answers, None, by=stage.user(club.login)))
    except DomainError:
        for code, value in answers.items():
            try:
                stage.do(partial(_save_one, stage, key, code, value, club))
            except DomainError as error:
                record.refusals(error, label=queries.form_for(by_key(key)).item_label(code))
                db.session.rollback()


def _save_one(stage: Stage, key: str, code: str, value: Any, club: Club) -> None:
    services.save_answers(by_key(key), {code: value}, None, by=stage.user(club.login))


def _budget(stage: Stage, plan: Plan, number: int, key: str, *, club: Club, record: Record) -> None:
    def write() -> None:
        application = by_key(key)
        limits = queries.limits_of(application)
        fund = application.lot.fund_kop if application.lot is not None else 0
        lines = budget_for(limits, fund_kop=fund, number=number, count=plan.count)
        asked = sum(line.city_kop for line in lines)
        smallest = max(asked * 6 // 10, limits.minimum_kop or 0)
        services.save_budget(application, lines, by=stage.user(club.login), smallest_kop=min(smallest, asked))

    try:
        stage.do(write)
    except DomainError as error:
        record.refusals(error)


def _papers(stage: Stage, key: str, answers: dict[str, Any], club: Club, record: Record) -> None:
    application = by_key(key)
    form = queries.form_for(application)
    kinds = [kind.code for kind in form.files if kind.required and form.is_asked(kind, answers)]
    db.session.rollback()
    for kind in kinds:
        try:
            stage.do(
                lambda kind=kind: services.add_attachment(  # type: ignore[misc]  # mypy cannot see through the default
                    by_key(key), kind, f"{kind}.pdf", "application/pdf", stage.paper, by=stage.user(club.login)
                )
            )
        except DomainError as error:
            record.refusals(error, label=form.file_labels[kind])


def _send(stage: Stage, key: str, club: Club, record: Record) -> int:
    try:
        stage.do(lambda: services.submit_application(by_key(key), by=stage.user(club.login)))
    except DomainError as error:
        form = queries.form_for(by_key(key))
        for one in error.errors if isinstance(error, ManyErrors) else [error]:
            label = form.item_label(one.field) if one.field else ""
            record.refusals(one, label=label)
        db.session.rollback()
        return 0
    return 1


def _answered(key: str) -> set[str]:
    application = by_key(key)
    form = queries.form_for(application)
    found = set(form.is_shown({answer.question: answer.value for answer in application.answers}))
    db.session.rollback()
    return found


def _never_asked(stage: Stage, plan: Plan, shown: set[str], record: Record) -> None:
    """A question that no application was asked: perhaps its condition can never hold."""
    form = form_of(stage.competition(plan.code))
    for code, question in form.questions.items():
        if shown and code not in shown:
            record.fault(
                "No application was asked “%(label)s”: look at its condition", {"label": question.label}, is_grave=False
            )
    db.session.rollback()


def _ceilings(stage: Stage, plan: Plan, record: Record) -> None:
    competition = stage.competition(plan.code)
    limits = Limits(ceilings=competition.category_ceilings, categories=form_of(competition).category_labels)
    if ceilings_problem(limits):
        record.fault("Ceilings of the cost categories add up to less than the whole cost: no budget can keep them")
    db.session.rollback()


def _keys(stage: Stage, plan: Plan) -> list[str]:
    query = (
        sa.select(Application.key)
        .where(
            Application.competition_id == stage.competition(plan.code).id,
            Application.state == ApplicationState.SUBMITTED,
        )
        .order_by(Application.register_number)
    )
    return list(db.session.scalars(query))


def _count(stage: Stage, plan: Plan, state: ApplicationState) -> int:
    query = sa.select(sa.func.count()).where(
        Application.competition_id == stage.competition(plan.code).id, Application.state == state
    )
    return int(db.session.scalar(query) or 0)


def _check_one(stage: Stage, key: str, number: int, *, many: bool) -> None:
    """The third is rejected; every other one is admitted (the returned one after its correction, here at once)."""
    secretary, application = stage.user("secretary"), by_key(key)
    rejected = many and number == REJECTED
    requirements = queries.form_for(application).requirements
    for index, requirement in enumerate(requirements):
        is_defect = rejected and index == 0
        services.check_requirement(
            application,
            requirement.code,
            "defect" if is_defect else "meets",
            by=secretary,
            note="Вигаданий недолік для репетиції" if is_defect else "",
        )
    if rejected:
        services.reject(application, "Вигадана підстава для репетиції", "п. 3 Положення", by=secretary)
    else:
        services.admit(application, by=secretary)
