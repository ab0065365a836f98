"""The formal check: verdicts, one round of corrections with named items, admission and refusal with a clause."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from grants_app.applications import queries, rules, services
from grants_app.applications.models import Application, Submission
from grants_app.core import clock as product_clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import do_job, queued_jobs
from grants_app.journal.models import Notice
from grants_app.lifecycle import ApplicationState as A
from tests.support.applications import (
    admitted_application,
    checked_application,
    close,
    complete_budget,
    new_head,
    submitted_application,
)
from tests.support.calls import Call
from tests.support.time import FrozenClock


def _closed(call: Call, count: int = 1) -> list[Application]:
    """Submitted applications of a competition whose formal check runs."""
    applications = [submitted_application(call.competition) for _ in range(count)]
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
    return applications


def _letters(code: str | None) -> list[str]:
    return list(db.session.scalars(sa.select(Notice.template).filter_by(thing_code=code).order_by(Notice.id)))


def test_admit_needs_every_verdict(call: Call) -> None:
    (application,) = _closed(call)
    with pytest.raises(NotAllowed, match="every requirement"), unit_of_work():
        services.admit(application, by=call.secretary)
    admitted_application(application, call.secretary)
    assert application.state == A.ADMITTED
    assert _letters(application.code) == ["application_received", "application_admitted"]
    assert queries.admitted_applications(call.competition) == [application]


def test_admit_with_a_defect_refused(call: Call) -> None:
    (application,) = _closed(call)
    checked_application(call.competition, application, call.secretary)
    with unit_of_work():
        services.check_requirement(application, "complete", "defect", by=call.secretary, note="Немає підпису")
    with pytest.raises(NotAllowed, match="defects"), unit_of_work():
        services.admit(application, by=call.secretary)


def test_defect_without_a_note_refused(call: Call) -> None:
    (application,) = _closed(call)
    with pytest.raises(InvalidInput, match="Describe"), unit_of_work():
        services.check_requirement(application, "complete", "defect", by=call.secretary)


def test_check_before_it_starts_refused(call: Call) -> None:
    application = submitted_application(call.competition)
    with pytest.raises(NotAllowed, match="not started"), unit_of_work():
        services.check_requirement(application, "complete", "meets", by=call.secretary)


def test_check_by_another_role_refused(call: Call) -> None:
    (application,) = _closed(call)
    with pytest.raises(NotAllowed, match="secretary"), unit_of_work():
        services.check_requirement(application, "complete", "meets", by=call.organizer)


def test_reject_carries_clause_and_terms_of_complaint(call: Call) -> None:
    (application,) = _closed(call)
    for reason, clause in (("", "п. 10"), ("Молода організація", "")):
        with pytest.raises(InvalidInput), unit_of_work():
            services.reject(application, reason, clause, by=call.secretary)
    with unit_of_work():
        services.reject(application, "Молода організація", "п. 10", by=call.secretary)
    assert (application.state, application.decision_reason) == (A.REJECTED, "Молода організація (п. 10)")
    letter = db.session.scalars(sa.select(Notice).filter_by(template="application_rejected")).one()
    assert all(part in letter.body for part in ("Молода організація", "п. 10", "30 календарних днів"))
    assert queries.admitted_applications(call.competition) == []


def test_return_opens_only_named_questions_till_the_term(call: Call, clock: FrozenClock) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
    sent_at = application.submitted_at
    clock.at("2027-04-02 10:00")  # Friday; five working days end on the next one
    with unit_of_work():
        correction = services.return_for_correction(application, ["goal"], "Уточніть мету", by=call.secretary)
    assert (application.state, correction.due_day) == (A.RETURNED, date(2027, 4, 9))
    assert correction.due_at == product_clock.end_of_day(date(2027, 4, 9))
    assert correction.old_values == {"goal": "Менше сварок."}
    with pytest.raises(NotAllowed, match="named questions"), unit_of_work():
        services.save_correction(application, {"title": "Інша назва"}, by=head)
    with pytest.raises(NotAllowed, match="named questions"), unit_of_work():
        services.save_corrected_budget(application, complete_budget(), by=head)
    with pytest.raises(NotAllowed), unit_of_work():
        services.save_answers(application, {"title": "Інша назва"}, None, head)
    with unit_of_work():
        services.save_correction(application, {"goal": "Нова мета"}, {"goal": 1}, by=head)
    with pytest.raises(EditConflict), unit_of_work():
        services.save_correction(application, {"goal": "Застаріла мета"}, {"goal": 1}, by=head)
    clock.at(correction.due_at)
    with pytest.raises(NotAllowed, match="deadline for corrections"), unit_of_work():
        services.send_correction(application, by=head)
    clock.forward(seconds=-1)
    with unit_of_work():
        services.send_correction(application, by=head)
    assert (application.state, application.submitted_at, application.title) == (
        A.CORRECTED,
        sent_at,
        "Школа дворових медіаторів",
    )
    kinds = db.session.scalars(sa.select(Submission.kind).order_by(Submission.id)).all()
    assert kinds == ["first", "correction"]
    assert [(item.item, item.old, item.new) for item in queries.changed_items(application)] == [
        ("goal", ("Менше сварок.",), ("Нова мета",))
    ]
    with pytest.raises(NotAllowed, match="one round"), unit_of_work():
        services.return_for_correction(application, ["goal"], "Ще раз", by=call.secretary)
    admitted_application(application, call.secretary)
    assert application.state == A.ADMITTED


def test_correction_that_is_still_missing_is_not_sent(call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, ["goal", "budget"], "Мета й кошторис", by=call.secretary)
    with unit_of_work():
        services.save_correction(application, {"goal": ""}, by=head)
        services.save_corrected_budget(application, complete_budget(3_000_000, 999_999), by=head)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.send_correction(application, by=head)
    assert [error.field for error in caught.value.errors] == ["goal", "budget"]


def test_reject_of_a_returned_one_waits_for_the_term(call: Call, clock: FrozenClock) -> None:
    (application,) = _closed(call)
    with unit_of_work():
        correction = services.return_for_correction(application, ["goal"], "Мета", by=call.secretary)
    with pytest.raises(NotAllowed, match="has not passed"), unit_of_work():
        services.reject(application, "Не виправлено", "п. 12", by=call.secretary)
    clock.at(correction.due_at)
    with unit_of_work():
        services.reject(application, "Не виправлено", "п. 12", by=call.secretary)
    assert application.state == A.REJECTED


@pytest.mark.parametrize(
    ("questions", "letter", "days", "field"),
    [([], "Лист", 5, "questions"), (["nothing"], "Лист", 5, "questions"), (["declare_truth"], "Лист", 5, "questions"),
     (["goal"], " ", 5, "letter"), (["goal"], "Лист", 31, "days"), (["goal"], "Лист", 0, "days")],
)  # fmt: skip
def test_return_with_odd_input_refused(call: Call, questions: list[str], letter: str, days: int, field: str) -> None:
    (application,) = _closed(call)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.return_for_correction(application, questions, letter, by=call.secretary, days=days)
    assert (caught.value.field, application.state) == (field, A.SUBMITTED)


def test_machine_hints_of_a_sound_application(call: Call) -> None:
    (application,) = _closed(call)
    rows = queries.requirement_rows(application)
    assert [row.requirement.code for row in rows] == [one.code for one in rules.STANDARD.requirements]
    assert {row.requirement.code: row.hint.is_kept for row in rows} == {
        "in_time": True,
        "status": None,
        "age": True,
        "complete": True,
        "papers": None,
        "declarations": True,
        "signature": True,
        "limits": True,
        "own_share": True,
        "in_kind": True,
        "period": True,
        "double_funding": None,
        "per_organisation": True,
        "duplicate": None,
    }
    (asked,) = queued_jobs()
    do_job(asked)
    after = {row.requirement.code: row.hint.is_kept for row in queries.requirement_rows(application)}
    assert [after["double_funding"], after["duplicate"]] == [True, True]
