"""Submitting: to the second, once, in order, frozen."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.applications import queries, services
from grants_app.applications.models import Application, Submission
from grants_app.core.errors import DomainError, ManyErrors, NotAllowed, WrongState
from grants_app.core.identifiers import has_valid_check
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.support.applications import (
    attach_decision,
    close,
    complete_answers,
    complete_budget,
    declarations,
    draft_application,
    new_head,
    organisation_of,
    submitted_application,
)
from tests.support.calls import Call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person


@pytest.mark.parametrize(("seconds", "is_taken"), [(-1, True), (0, False), (1, False)])
def test_submit_at_the_deadline(call: Call, clock: FrozenClock, seconds: int, is_taken: bool) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    clock.at(call.competition.intake_until + timedelta(seconds=seconds))
    if is_taken:
        with unit_of_work():
            services.submit_application(application, head)
        assert (application.state, application.submitted_at) == (A.SUBMITTED, clock.now)
    else:
        with pytest.raises(NotAllowed), unit_of_work():
            services.submit_application(application, head)
        assert (application.state, application.submitted_at, application.code) == (A.DRAFT, None, None)


def test_submit_freezes_content_and_writes_receipt(call: Call) -> None:
    application = submitted_application(call.competition)
    submission = db.session.scalars(sa.select(Submission)).one()
    assert hashlib.sha256(submission.content.encode()).hexdigest() == submission.digest == application.content_digest
    content = json.loads(submission.content)
    assert (content["code"], content["answers"]["title"]) == (application.code, "Школа дворових медіаторів")
    assert [file["name"] for file in content["files"]] == ["рішення.pdf"]
    assert [(notice.template, notice.thing_code) for notice in db.session.scalars(sa.select(Notice))] == [
        ("application_received", application.code)
    ]
    competition_code, _, tail = application.code.rpartition("-")
    assert (competition_code, len(tail), has_valid_check(tail)) == (call.competition.code, 4, True)


def test_submit_twice_counts_once(call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    with unit_of_work():
        services.submit_application(application, head)
    code = application.code
    with pytest.raises(NotAllowed), unit_of_work():
        services.submit_application(application, head)
    assert application.code == code
    assert db.session.scalar(sa.select(sa.func.count(Submission.id))) == 1


def test_submit_by_member_refused(call: Call) -> None:
    head = new_head()
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    application = draft_application(call.competition, head)
    with pytest.raises(NotAllowed, match="Only the head"), unit_of_work():
        services.submit_application(application, member)
    assert application.state == A.DRAFT


def test_submit_by_head_of_other_organisation_refused(call: Call) -> None:
    application, stranger = draft_application(call.competition, new_head()), new_head()
    with pytest.raises(NotAllowed, match="people of the organisation"), unit_of_work():
        services.submit_application(application, stranger)


def test_submit_incomplete_names_what_is_missing(call: Call) -> None:
    head = new_head()
    with unit_of_work():
        application = services.start_application(call.competition, organisation_of(head), head)
    with unit_of_work():
        services.save_answers(
            application, {**complete_answers(goal="", start_on="2026-01-01"), **declarations()}, None, head
        )
        services.save_budget(application, complete_budget(), head)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.submit_application(application, head)
    assert [error.field for error in caught.value.errors] == ["start_on", "goal", "files"]


@pytest.mark.parametrize(
    ("city_kop", "own_kop", "rule"),
    [
        (5_000_000, 1_700_000, None),
        (5_000_001, 1_700_000, "maximum"),
        (2_499_999, 900_000, "minimum"),
        (3_000_000, 1_000_000, None),
        (3_000_000, 999_999, "own_share"),
    ],
)
def test_budget_at_its_limits(call: Call, city_kop: int, own_kop: int, rule: str | None) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    with unit_of_work():
        found = services.save_budget(application, complete_budget(city_kop, own_kop), head)
    assert [finding.rule for finding in found] == ([rule] if rule else [])
    assert (application.requested_kop, application.total_cost_kop) == (city_kop, city_kop + own_kop)
    if rule:
        with pytest.raises(DomainError), unit_of_work():
            services.submit_application(application, head)
    else:
        with unit_of_work():
            services.submit_application(application, head)


def test_recall_before_deadline_opens_the_draft_and_keeps_the_code(call: Call, clock: FrozenClock) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    code = application.code
    with unit_of_work():
        services.recall(application, head)
    assert (application.state, application.submitted_at, application.code) == (A.DRAFT, None, code)
    with unit_of_work():
        services.save_answers(application, {"title": "Інша назва"}, None, head)
        services.submit_application(application, head)
    assert (application.code, application.title) == (code, "Інша назва")
    clock.at(call.competition.intake_until)
    with pytest.raises(NotAllowed, match="no longer be recalled"), unit_of_work():
        services.recall(application, head)


def test_withdraw_needs_a_reason(call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    with pytest.raises(DomainError), unit_of_work():
        services.withdraw(application, " ", head)
    assert application.state == A.SUBMITTED
    with unit_of_work():
        services.withdraw(application, "Змінилися плани", head)
    assert (application.state, application.decision_reason) == (A.WITHDRAWN, "Змінилися плани")


def test_start_over_the_limit_of_the_organisation_refused(call: Call) -> None:
    head = new_head()
    draft_application(call.competition, head)
    with pytest.raises(NotAllowed, match="already has"), unit_of_work():
        services.start_application(call.competition, organisation_of(head), head)
    assert db.session.scalar(sa.select(sa.func.count(Application.id))) == 1


@pytest.mark.parametrize(("registered_on", "is_taken"), [("2026-09-01", True), ("2026-09-02", False)])
def test_start_asks_six_months_before_announcement(call: Call, registered_on: str, is_taken: bool) -> None:
    head = new_head()
    organisation = organisation_of(head)
    with unit_of_work():
        organisation.registered_on = date.fromisoformat(registered_on)
    if is_taken:
        with unit_of_work():
            services.start_application(call.competition, organisation, head)
    else:
        with pytest.raises(NotAllowed, match="less time"), unit_of_work():
            services.start_application(call.competition, organisation, head)


def test_close_before_the_deadline_refused(call: Call, clock: FrozenClock) -> None:
    clock.at(call.competition.intake_until - timedelta(seconds=1))
    with pytest.raises(WrongState), unit_of_work():
        services.close_intake(call.competition)


def test_close_numbers_in_order_of_arrival(call: Call, clock: FrozenClock) -> None:
    applications = []
    for _ in range(4):
        clock.forward(minutes=1)
        applications.append(submitted_application(call.competition))
    withdrawn, draft_head = applications[1], new_head()
    draft = draft_application(call.competition, draft_head)
    with unit_of_work():
        services.withdraw(withdrawn, "Передумали", db.session.get_one(type(draft_head), withdrawn.submitted_by_id))
    assert close(call.competition) == 3
    assert [one.register_number for one in applications] == [1, None, 2, 3]
    assert draft.register_number is None
    first = call.competition.intake_closed_at
    clock.forward(hours=1)
    with unit_of_work():
        assert services.close_intake(call.competition) == 3
    assert call.competition.intake_closed_at == first


def test_tick_closes_what_is_due_once(call: Call, clock: FrozenClock) -> None:
    submitted_application(call.competition)
    assert services.tick() == 0
    clock.at(call.competition.intake_until)
    assert (services.tick(), services.tick()) == (1, 0)
    assert db.session.scalars(sa.select(Application.register_number)).all() == [1]


def test_eight_writers_at_once_get_numbers_without_gaps(app: Flask, call: Call) -> None:
    heads = [new_head() for _ in range(8)]
    drafts = [draft_application(call.competition, head).id for head in heads]
    pairs = list(zip(drafts, [head.id for head in heads], strict=True))
    failures: list[BaseException] = []

    def send(application_id: int, user_id: int) -> None:
        try:
            with app.app_context(), unit_of_work():
                head = db.session.get_one(type(heads[0]), user_id)
                services.submit_application(db.session.get_one(Application, application_id), head)
        except BaseException as error:
            failures.append(error)

    db.session.rollback()
    threads = [threading.Thread(target=send, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert close(call.competition) == 8
    rows = db.session.execute(
        sa.select(Application.register_number, Application.submitted_at, Application.code).order_by(
            Application.register_number
        )
    ).all()
    assert [row.register_number for row in rows] == list(range(1, 9))
    assert rows == sorted(rows, key=lambda row: (row.submitted_at, row.code))
    assert len({row.code for row in rows}) == 8


def test_code_carries_no_order(call: Call) -> None:
    codes = [submitted_application(call.competition).code for _ in range(12)]
    assert len(set(codes)) == 12
    # Chance alone puts twelve in order once in half a thousand million times.
    assert sorted(codes, key=str) not in (codes, codes[::-1])


def test_attachment_is_part_of_the_digest(call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    before = queries.frozen_content(application)
    decision = queries.attachments_of(application)[0]
    with unit_of_work():
        services.remove_attachment(application, decision.code, by=head)
    assert queries.frozen_content(application) != before
    attach_decision(application, head)
    assert queries.frozen_content(application) == before
