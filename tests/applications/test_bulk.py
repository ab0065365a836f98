"""Steps on many applications: whom they reach, undoing as a whole, two who press together, held letters."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Attachment, BulkStep, Correction
from grants_app.applications.queries import considered_without
from grants_app.applications.services.bulk import Order, settle_steps, take_step, undo_step
from grants_app.applications.services.formal_check import take_over
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.batches import release_batch
from grants_app.journal.delivery import send_waiting
from grants_app.journal.models import LetterBatch, Notice
from grants_app.lifecycle import ApplicationState as A
from grants_app.lifecycle import BulkStepState, LetterBatchState
from grants_app.permissions import Role
from tests.support.admissions import checking, left_to_the_commission, met
from tests.support.applications import new_head
from tests.support.calls import Call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

ADMIT, LETTER = Order("admit"), Order("return", "Додайте статут", ("goal", "files"), 5)


def _take(call: Call, order: Order, *applications: Application) -> BulkStep:
    with unit_of_work():
        return take_step(call.competition, order, [one.code or "" for one in applications], by=call.secretary)


def _undo(call: Call, step: BulkStep) -> list[str]:
    with unit_of_work():
        return undo_step(step, by=call.secretary)


def _letters(template: str) -> list[Notice]:
    return list(db.session.scalars(sa.select(Notice).filter_by(template=template).order_by(Notice.id)))


def test_admits_those_that_meet_everything_and_names_the_others(call: Call) -> None:
    ready, raw = checking(call, 2)
    met(call, ready)
    step = _take(call, ADMIT, ready, raw)
    assert [ready.state, raw.state] == [A.ADMITTED, A.SUBMITTED]
    assert {entry["code"]: entry.get("why") for entry in step.applications} == {
        ready.code: None,
        raw.code: "Give a verdict on every requirement first",
    }


def test_letters_are_held_and_leave_only_when_released(app: Flask, call: Call) -> None:
    (ready,) = checking(call, 1)
    met(call, ready)
    send_waiting()
    step = _take(call, ADMIT, ready)
    batch = db.session.scalars(sa.select(LetterBatch).filter_by(code=step.batch_code)).one()
    (letter,) = _letters("application_admitted")
    assert (letter.batch_id, batch.state) == (batch.id, LetterBatchState.HELD)
    send_waiting()
    db.session.expire_all()
    assert letter.sent_at is None
    with unit_of_work():
        release_batch(batch, by=call.secretary)
    send_waiting()
    db.session.expire_all()
    assert letter.sent_at is not None


def test_undo_brings_states_back_and_withdraws_the_letters(call: Call) -> None:
    first, second = checking(call, 2)
    met(call, first)
    met(call, second)
    step = _take(call, ADMIT, first, second)
    assert _undo(call, step) == []
    assert [first.state, second.state, step.state] == [A.SUBMITTED, A.SUBMITTED, BulkStepState.UNDONE]
    assert [letter.withdrawn_at is None for letter in _letters("application_admitted")] == [False, False]
    with pytest.raises(WrongState), unit_of_work():
        undo_step(step, by=call.secretary)


def test_corrected_one_goes_back_to_corrected(call: Call) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    with unit_of_work():
        services.return_for_correction(application, ["goal"], "Мета", by=call.secretary)
    with unit_of_work():
        services.send_correction(application, by=head)
    met(call, application)
    step = _take(call, ADMIT, application)
    states = [application.state.value]
    _undo(call, step)
    assert [*states, application.state.value] == ["admitted", "corrected"]


def test_undone_return_may_be_returned_again(call: Call) -> None:
    first, second = checking(call, 2)
    step = _take(call, LETTER, first, second)
    assert [first.state, second.state] == [A.RETURNED, A.RETURNED]
    assert [letter.body.count("Додайте статут") for letter in _letters("application_returned")] == [1, 1]
    _undo(call, step)
    assert [first.state, db.session.scalar(sa.select(sa.func.count(Correction.id)))] == [A.SUBMITTED, 0]
    with unit_of_work():
        services.return_for_correction(first, ["goal"], "Інше", by=call.secretary)
    assert first.state == A.RETURNED


def test_what_somebody_went_on_with_is_not_undone(call: Call) -> None:
    head = new_head()
    first, second = checking(call, 2, [head])
    if first.organisation_id != head.memberships[0].organisation_id:
        first, second = second, first
    step = _take(call, LETTER, first, second)
    with unit_of_work():
        services.save_correction(first, {"goal": "Уточнена мета"}, by=head)
    kept = _undo(call, step)
    assert (kept, first.state, second.state) == ([first.code], A.RETURNED, A.SUBMITTED)
    withdrawn = {letter.thing_code: letter.withdrawn_at is not None for letter in _letters("application_returned")}
    assert withdrawn == {first.code: False, second.code: True}
    assert [(entry["code"], entry["outcome"]) for entry in step.applications] == [
        (one.code, "kept" if one is first else "undone") for one in sorted((first, second), key=lambda one: one.id)
    ]
    assert queries.correction_of(first) is not None


def test_paper_taken_off_meanwhile_is_not_lost_by_undoing(call: Call) -> None:
    """The applicant takes the old paper off to put a new one in its place: the return stays open for it."""
    head = new_head()
    (application,) = checking(call, 1, [head])
    step = _take(call, LETTER, application)
    (paper,) = db.session.scalars(sa.select(Attachment).filter_by(application_id=application.id))
    with unit_of_work():
        services.remove_attachment(application, paper.code, by=head)
    with pytest.raises(WrongState, match="somebody went on"), unit_of_work():
        undo_step(step, by=call.secretary)
    assert application.state == A.RETURNED
    assert queries.correction_of(application) is not None


def test_what_is_considered_without_the_undoer_is_left_to_others(app: Flask, call: Call) -> None:
    """A conflict of interest keeps one secretary from the first application: only another undoes its step."""
    first, second = checking(call, 2)
    met(call, first)
    met(call, second)
    step, barred, number = _take(call, ADMIT, first, second), new_person(Role.SECRETARY), first.id
    page, barred_id = f"/applications/register/{call.competition.code}/queue", barred.id

    def hides(viewer: User, competition_id: int | None) -> frozenset[int]:
        return frozenset({number} if viewer.id == barred_id else ())

    def button(person: User) -> bool:
        return f"/bulk/{step.code}/undo" in visit_as(app, person).get(page).text

    def waiting() -> set[str]:
        return {letter.thing_code for letter in _letters("application_admitted") if letter.withdrawn_at is None}

    considered_without.append(hides)
    try:
        assert (button(barred), button(call.secretary)) == (True, True)
        with unit_of_work():
            assert undo_step(step, by=barred) == []
        assert (button(barred), button(call.secretary)) == (False, True)
        assert (first.state, second.state, step.state) == (A.ADMITTED, A.SUBMITTED, BulkStepState.OPEN)
        with pytest.raises(WrongState, match="Nothing can be undone"), unit_of_work():
            undo_step(step, by=barred)
        assert waiting() == {first.code}
        assert _undo(call, step) == []
    finally:
        considered_without.remove(hides)
    assert (first.state, step.state) == (A.SUBMITTED, BulkStepState.UNDONE)
    assert waiting() == set()
    batch = db.session.scalars(sa.select(LetterBatch).filter_by(code=step.batch_code)).one()
    assert batch.state == LetterBatchState.WITHDRAWN


def test_withdrawn_meanwhile_is_not_undone(call: Call) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    met(call, application)
    step = _take(call, ADMIT, application)
    with unit_of_work():
        services.withdraw(application, "Не встигаємо", head)
    with pytest.raises(WrongState, match="somebody went on"), unit_of_work():
        undo_step(step, by=call.secretary)
    assert application.state == A.WITHDRAWN


def test_undo_after_the_time_or_after_the_letters_went_refused(call: Call, clock: FrozenClock) -> None:
    first, second = checking(call, 2)
    met(call, first)
    met(call, second)
    released, late = _take(call, ADMIT, first), _take(call, ADMIT, second)
    batch = db.session.scalars(sa.select(LetterBatch).filter_by(code=released.batch_code)).one()
    with unit_of_work():
        release_batch(batch, by=call.secretary)
    with pytest.raises(WrongState, match="letters"), unit_of_work():
        undo_step(released, by=call.secretary)
    clock.at(late.undo_until)
    with pytest.raises(WrongState, match="time for undoing"), unit_of_work():
        undo_step(late, by=call.secretary)
    assert (settle_steps(), settle_steps()) == (2, 0)
    assert [first.state, second.state, late.state] == [A.ADMITTED, A.ADMITTED, BulkStepState.FINAL]


def test_second_press_finds_nothing_left(call: Call) -> None:
    (application,) = checking(call, 1)
    met(call, application)
    _take(call, ADMIT, application)
    with pytest.raises(InvalidInput, match="Nothing is left"), unit_of_work():
        take_step(call.competition, ADMIT, [application.code or ""], by=call.secretary)
    assert db.session.scalar(sa.select(sa.func.count(BulkStep.id))) == 1


def test_machine_verdicts_are_taken_and_given_back(call: Call) -> None:
    (application,) = checking(call, 1)
    with unit_of_work():
        services.check_requirement(application, "complete", "defect", by=call.secretary, note="Немає статуту")
    step = _take(call, Order("verdicts"), application)
    given = {code: item.verdict for code, item in queries.verdicts_of(application).items()}
    assert (given["complete"], given["age"], "status" in given) == ("defect", "meets", False)
    _undo(call, step)
    assert set(queries.verdicts_of(application)) == {"complete"}


def test_proposals_of_many_to_the_commission_are_given_back(call: Call) -> None:
    left_to_the_commission(call)
    (application,) = checking(call, 1)
    met(call, application)
    step = _take(call, Order("propose"), application)
    assert (application.admission_proposal or {})["verdict"] == "admit"
    _undo(call, step)
    assert application.admission_proposal is None


@pytest.mark.parametrize(
    ("order", "field"),
    [(Order("return", " ", ("goal",), 5), "letter"), (Order("return", "Лист", (), 5), "questions"),
     (Order("return", "Лист", ("goal",), 31), "days"), (Order("forge"), "step")],
)  # fmt: skip
def test_odd_orders_change_nothing(call: Call, order: Order, field: str) -> None:
    (application,) = checking(call, 1)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        take_step(call.competition, order, [application.code or ""], by=call.secretary)
    assert (caught.value.field, application.state) == (field, A.SUBMITTED)
    assert db.session.scalar(sa.select(sa.func.count(LetterBatch.id))) == 0


def test_hidden_or_foreign_applications_are_not_taken(call: Call) -> None:
    (application,) = checking(call, 1)
    with pytest.raises(NotAllowed), unit_of_work():
        take_step(call.competition, LETTER, [application.code or ""], by=call.organizer)
    with pytest.raises(NotFound), unit_of_work():
        take_step(call.competition, LETTER, ["2027-SKP-XXXX"], by=call.secretary)
    number = application.id

    def hides(viewer: object, competition_id: int | None) -> frozenset[int]:
        return frozenset({number})

    considered_without.append(hides)
    try:
        with pytest.raises(NotFound), unit_of_work():
            take_step(call.competition, LETTER, [application.code or ""], by=call.secretary)
    finally:
        considered_without.remove(hides)


def test_pages_show_what_will_happen_then_do_it_and_undo_it(app: Flask, call: Call) -> None:
    first, second = checking(call, 2)
    client, address = visit_as(app, call.secretary), f"/applications/register/{call.competition.code}"
    query = f"?step=return&codes={first.code}&codes={second.code}"
    assert client.get(f"{address}/bulk{query}").status_code == 200
    data = {"step": "return", "codes": [first.code, second.code], "letter": "Додайте статут", "days": "5"}
    shown = client.post(f"{address}/bulk", data={**data, "questions": ["files"], "then": "preview"})
    assert (shown.status_code, "Додайте статут" in shown.text, first.state) == (200, True, A.SUBMITTED)
    assert client.post(f"{address}/bulk", data=data).status_code == 422
    assert client.post(f"{address}/bulk", data={**data, "questions": ["files"]}).status_code == 302
    db.session.expire_all()
    assert [first.state, second.state] == [A.RETURNED, A.RETURNED]
    step = db.session.scalars(sa.select(BulkStep)).one()
    assert step.code in client.get(f"{address}/queue").text
    assert client.post(f"{address}/bulk/{step.code}/undo").status_code == 302
    db.session.expire_all()
    assert [first.state, second.state] == [A.SUBMITTED, A.SUBMITTED]
    assert client.post(f"{address}/bulk/B-NONE/undo").status_code == 404
    assert visit_as(app, call.organizer).post(f"{address}/bulk", data=data).status_code == 403


def test_machine_looks_once_at_each_application(call: Call) -> None:
    """With sixty applications the machine's work is what a step takes, under the lock of the competition."""
    first, second = checking(call, 2)
    with count_queries() as asked:
        step = _take(call, Order("verdicts"), first, second)
    assert [len(entry["verdicts"]) > 5 for entry in step.applications] == [True, True]
    assert sum("FROM attachment" in statement for statement in asked) == 2
    assert sum("FROM formal_check_item" in statement for statement in asked) == 4


def test_verdict_given_meanwhile_is_not_taken_over(call: Call) -> None:
    (application,) = checking(call, 1)
    with unit_of_work():
        services.check_requirement(application, "complete", "defect", by=call.secretary, note="Немає статуту")
    with pytest.raises(WrongState, match="meanwhile"), unit_of_work():
        take_over(application, ["complete"], by=call.secretary)
    with pytest.raises(NotFound), unit_of_work():
        take_over(application, ["no_such"], by=call.secretary)
    assert queries.verdicts_of(application)["complete"].verdict == "defect"
