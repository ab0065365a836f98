"""Questions about a call: public answers, nobody learns who asked, one letter a person."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.competitions.models import CallQuestion
from grants_app.competitions.queries.asking import answered_rows, own_rows, waiting_rows
from grants_app.competitions.rules.asking import MOST_WAITING, QUESTION_LONGEST
from grants_app.competitions.services import asking
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.queries import letter_rows
from grants_app.lifecycle import CallQuestionState as Q
from grants_app.permissions import Role
from tests.support.applications import draft_application, new_head
from tests.support.calls import CODE, Call, announced_call, new_call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

TEXT = "Чи можна оплатити з гранту роботу дизайнерки?"


def put(call: Call, by: User, text: str = TEXT) -> CallQuestion:
    with unit_of_work():
        return asking.ask(call.competition, text, by=by)


def published(call: Call, by: User, text: str = TEXT, answer: str = "Так, як послугу.") -> CallQuestion:
    question = put(call, by, text)
    with unit_of_work():
        asking.answer(question, text, answer, by=call.secretary)
    return question


def letters(template: str) -> list[int | None]:
    query = sa.select(Notice.recipient_id).filter_by(template=template).order_by(Notice.recipient_id)
    return list(db.session.scalars(query))


def error_of(step: Any) -> tuple[type[DomainError], str | None]:
    with pytest.raises(DomainError) as caught, unit_of_work():
        step()
    return type(caught.value), caught.value.field


def test_question_is_answered_in_the_words_of_the_secretary(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    question = put(call, head, "Ми, ГО «Тестова», питаємо: чи оплачуєте дизайнерку?")
    assert [row.state for row in own_rows(call.competition, head)] == [Q.ASKED]
    with unit_of_work():
        asking.answer(question, TEXT, "Так, як послугу.", by=call.secretary)
    assert [(row.question, row.answer) for row in answered_rows(call.competition)] == [(TEXT, "Так, як послугу.")]
    assert own_rows(call.competition, head) == []
    assert waiting_rows() == []


def test_answer_goes_once_to_the_asker_and_to_those_who_are_writing(app: Flask, clock: FrozenClock) -> None:
    call, asker, writer = announced_call(), new_head(), new_head()
    draft_application(call.competition, writer)
    draft_application(call.competition, asker)
    new_head()
    published(call, asker)
    assert letters("call_question_answered") == sorted([asker.id, writer.id])


def test_asking_is_in_nobodys_name(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    question = published(call, head)
    entries = db.session.scalars(sa.select(JournalEntry).filter_by(thing="call_question")).all()
    assert [(one.step, one.actor_id) for one in entries] == [("ask", None), ("answer", call.secretary.id)]
    assert head.full_name not in entries[0].body
    for role in (Role.SECRETARY, Role.AUDITOR, Role.ORGANIZER):
        assert letter_rows(new_person(role), code=question.code)[0] == []


def test_correction_keeps_the_earlier_answer(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    question = published(call, head)
    clock.forward(days=1)
    with unit_of_work():
        asking.correct(question, TEXT, "Так, до 10 000 грн.", reason="Не назвали межу", by=call.organizer)
    (row,) = answered_rows(call.competition)
    assert row.answer == "Так, до 10 000 грн."
    assert [(old.answer, old.reason) for old in row.earlier] == [("Так, як послугу.", "Не назвали межу")]
    assert letters("call_question_corrected") == [head.id]
    refused = error_of(lambda: asking.correct(question, TEXT, "Так, до 10 000 грн.", reason="ще", by=call.secretary))
    assert refused == (InvalidInput, "answer")


def test_declined_question_is_told_to_the_asker_alone(app: Flask, clock: FrozenClock) -> None:
    call, head, writer = announced_call(), new_head(), new_head()
    draft_application(call.competition, writer)
    question = put(call, head)
    with unit_of_work():
        asking.decline(question, "Це не про конкурс", by=call.secretary)
    assert answered_rows(call.competition) == []
    assert letters("call_question_declined") == [head.id]
    assert error_of(lambda: asking.answer(question, TEXT, "Пізно", by=call.secretary))[0] is WrongState


def test_question_is_refused_with_its_reason(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    ask = lambda text: error_of(lambda: asking.ask(call.competition, text, by=head))  # noqa: E731
    assert ask("   ") == (InvalidInput, "text")
    assert ask("Що це?") == (InvalidInput, "text")
    assert ask("я" * (QUESTION_LONGEST + 1)) == (InvalidInput, "text")
    put(call, head)
    assert ask(TEXT) == (InvalidInput, "text")
    for number in range(MOST_WAITING - 1):
        put(call, head, f"{TEXT} Ще питання {number}")
    assert ask("Чи можна подати ще одну заявку?") == (InvalidInput, "text")
    put(call, new_head())


def test_questions_end_with_the_intake_to_the_second(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    clock.at("2027-03-31 23:59:59")
    put(call, head)
    clock.at("2027-04-01 00:00:00")
    assert error_of(lambda: asking.ask(call.competition, TEXT + "!", by=head))[0] is NotAllowed


def test_others_neither_ask_nor_answer(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    question = put(call, head)
    for role in (Role.SECRETARY, Role.EXPERT, Role.AUDITOR):
        person = new_person(role)
        assert error_of(lambda who=person: asking.ask(call.competition, TEXT, by=who))[0] is NotAllowed
    for who in (head, call.chair):
        assert error_of(lambda who=who: asking.answer(question, TEXT, "Так", by=who))[0] is NotAllowed


def test_second_answer_meets_the_newer_version(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    question = put(call, head)
    seen = question.version
    with unit_of_work():
        asking.answer(question, TEXT, "Так.", by=call.secretary, version=seen)
    assert error_of(lambda: asking.answer(question, TEXT, "Ні.", by=call.organizer, version=seen))[0] is EditConflict


@pytest.mark.sqlite_only
def test_everybody_reads_the_answer_and_not_the_asker(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    with unit_of_work():
        db.session.get_one(User, head.id).full_name = "Єлизавета Питальна"
    published(call, head)
    for address in (f"/competitions/{CODE}/asked", f"/competitions/{CODE}"):
        for person in (None, call.secretary, new_head()):
            page = visit_as(app, person).get(address).get_data(as_text=True)
            assert (TEXT in page, "Питальна" in page, head.email in page) == (True, False, False)


@pytest.mark.sqlite_only
def test_pages_take_a_question_and_its_answer(app: Flask, clock: FrozenClock) -> None:
    call, head = announced_call(), new_head()
    applicant, desk = visit_as(app, head), visit_as(app, call.secretary)
    page = f"/competitions/{CODE}/asked"
    refused = applicant.post(page, data={"text": "а?"})
    assert (refused.status_code, "а?" in refused.get_data(as_text=True)) == (422, True)
    sent = {"text": TEXT, "form_key": "k1"}
    assert [applicant.post(page, data=sent).status_code for _ in range(2)] == [302, 302]
    (row,) = waiting_rows()
    assert desk.get("/home").get_data(as_text=True).count(f"{page}/{row.code}") >= 1
    empty = desk.post(f"{page}/{row.code}", data={"published_text": TEXT, "answer": "", "version": "1"})
    assert empty.status_code == 422
    done = desk.post(f"{page}/{row.code}", data={"published_text": TEXT, "answer": "Так.", "version": "1"})
    assert done.status_code == 302
    fixed = {"published_text": TEXT, "answer": "Ні.", "reason": "Помилка", "version": "2"}
    assert desk.post(f"{page}/{row.code}", data=fixed).status_code == 302
    assert visit_as(app, call.chair).post(f"{page}/{row.code}", data=fixed).status_code == 403
    shown = BeautifulSoup(visit_as(app, None).get(page).data, "html.parser").select("main section")[0].get_text()
    assert ("Ні." in shown, "Так." in shown, "Помилка" in shown) == (True, True, True)


@pytest.mark.sqlite_only
def test_draft_call_has_no_page_of_questions(app: Flask, clock: FrozenClock) -> None:
    new_call()
    assert visit_as(app, None).get(f"/competitions/{CODE}/asked").status_code == 404


@pytest.mark.sqlite_only
def test_queries_of_the_page_do_not_grow(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    published(call, new_head())
    visit_as(app, None).get(f"/competitions/{CODE}/asked")
    with count_queries() as one:
        visit_as(app, None).get(f"/competitions/{CODE}/asked")
    for _ in range(2):
        published(call, new_head())
    with count_queries() as three:
        visit_as(app, None).get(f"/competitions/{CODE}/asked")
    assert len(three) == len(one)
