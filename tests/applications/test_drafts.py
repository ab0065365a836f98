"""Drafts: what an automatic save costs, who writes beside one, what last year's answers are worth, deleting."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import GoverningPerson, User
from grants_app.applications import queries, services
from grants_app.applications.models import Answer, Application, Attachment, BudgetRow, Presence
from grants_app.competitions.services import amendments
from grants_app.competitions.services import form as form_services
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role
from tests.support.applications import (
    close,
    complete_answers,
    draft_application,
    new_head,
    organisation_of,
    submitted_application,
    version_of,
)
from tests.support.calls import Call, announced_call
from tests.support.forms import extended_call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


def _colleague(head: User, name: str = "Олена Соловей") -> User:
    person = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    with unit_of_work():
        db.session.get_one(User, person.id).full_name = name
    return person


def _autosave(visitor: FlaskClient, application: Application, slug: str, **data: Any) -> tuple[Any, int]:
    address = f"/applications/{application.key}/sections/{slug}"
    shown = {"version": version_of(visitor.get(address).text)}
    with count_queries() as sent:
        answer = visitor.post(f"{address}/autosave", data={**shown, **data})
    return answer, len(sent)


SUMMARY = {"title": "Нова назва", "lot": "large", "priority": "green", "summary": "Коротко", "start_on": "2027-06-02",
           "end_on": "2027-11-29", "location": "Парк"}  # fmt: skip


@pytest.mark.parametrize(
    ("slug", "data", "most"),
    [
        # The person, the application locked, the answers; for the title, the lot and the priority what lists show.
        ("other-funding", {"other_public_funding": "yes"}, 3),
        ("plan", {"tasks-0-task": "Перше", "tasks-1-task": "Друге", "activities-0-what": "Зустріч"}, 3),
        ("summary", {"title": "Нова назва"}, 4),
        ("summary", SUMMARY, 4),
        ("extra", {"helpers": ["schools", "media"], "school_list": "Ліцей", "volunteers": "20", "training": "Так"}, 3),
    ],
)
def test_autosave_costs_at_most_four_questions(
    app: Flask, clock: FrozenClock, slug: str, data: dict[str, Any], most: int
) -> None:
    head = new_head()
    application = draft_application(extended_call().competition, head)
    answer, count = _autosave(visit_as(app, head), application, slug, **data)
    assert (answer.status_code, count) == (200, most)


def test_autosave_of_the_summary_stands_on_the_application_too(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    answer, _count = _autosave(visit_as(app, head), application, "summary", **SUMMARY)
    assert answer.status_code == 200
    db.session.rollback()
    stored = (application.title, application.lot.code, application.priority.code)  # type: ignore[union-attr]  # chosen
    assert stored == ("Нова назва", "large", "green")


def test_lot_of_another_call_is_refused_and_nothing_is_stored(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    answer, _count = _autosave(visit_as(app, head), application, "summary", **{**SUMMARY, "lot": "huge"})
    assert (answer.status_code, answer.json["message"]) == (422, "Виберіть один з варіантів")
    db.session.rollback()
    assert queries.answers_of(application)["title"] == "Школа дворових медіаторів"


def test_forged_version_is_a_clash_and_no_fault(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/lasting/autosave"
    for version in ('{"strategy_link":[99999999999999999999,"x"]}', '{"strategy_link":["1","x"]}', "[]", "{"):
        answer = visitor.post(address, data={"version": version, "strategy_link": "Інше"})
        assert (version, answer.status_code) == (version, 409)
    assert queries.answers_of(application)["strategy_link"] == "Ціль 2"


def test_stale_version_is_refused_on_both_engines(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    seen = queries.versions_of(application)
    with unit_of_work():
        now = services.save_answers(application, {"goal": "Друга"}, seen, head)
    assert now == {"goal": seen["goal"] + 1}
    with pytest.raises(EditConflict) as clash, unit_of_work():
        services.save_answers(application, {"goal": "Третя", "capacity": "Так"}, seen, head)
    assert (clash.value.facts["yours"], clash.value.facts["theirs"]) == ("Третя", "Друга")
    answers = queries.answers_of(application)
    assert (answers["goal"], answers["capacity"]) == ("Друга", complete_answers()["capacity"])
    # The same text from another hand is no clash.
    with unit_of_work():
        assert services.save_answers(application, {"goal": "Друга"}, seen, head) == {}


def test_foreign_draft_is_not_found_by_any_address(app: Flask, call: Call) -> None:
    application = draft_application(call.competition, new_head())
    stranger = visit_as(app, new_head())
    for way in ("sections/rationale/autosave", "presence", "delete"):
        answer = stranger.post(f"/applications/{application.key}/{way}", data={"goal": "x", "page": "plan"})
        assert (way, answer.status_code) == (way, 404)
    assert db.session.scalar(sa.select(sa.func.count(Presence.id))) == 0


def test_colleagues_see_each_other_for_45_seconds(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    colleague = _colleague(head)
    address = f"/applications/{application.key}/presence"
    one, other = visit_as(app, head), visit_as(app, colleague)
    assert other.post(address, data={"page": "rationale"}).json == {"sentence": ""}
    sentence = "Олена Соловей зараз у розділі «Проблема і мета»."
    assert one.post(address, data={"page": "plan"}).json == {"sentence": sentence}
    pages = ("", "/sections/plan", "/budget", "/files", "/check")
    assert [sentence in one.get(f"/applications/{application.key}{page}").text for page in pages] == [True] * 5
    clock.forward(seconds=44)
    assert one.post(address, data={"page": "plan"}).json == {"sentence": sentence}
    clock.forward(seconds=1)
    assert one.post(address, data={"page": "plan"}).json == {"sentence": ""}
    assert other.post(address, data={"page": "list"}).json == {
        "sentence": "Тест Тестовий зараз у розділі «Завдання і план-графік»."
    }
    # Whoever leaves is gone at once; one row a person, whatever was opened.
    assert one.post(address, data={"page": ""}).json == {"sentence": "Олена Соловей зараз переглядає перелік розділів."}
    assert other.post(address, data={"page": "list"}).json == {"sentence": ""}
    assert db.session.scalar(sa.select(sa.func.count(Presence.id))) == 2


def test_presence_is_cheap_and_writes_nothing_for_one_person(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/presence"
    assert visitor.post(address, data={"page": "plan"}).json == {"sentence": ""}
    assert db.session.scalar(sa.select(sa.func.count(Presence.id))) == 0
    _colleague(head)
    visitor.post(address, data={"page": "plan"})
    with count_queries() as sent:
        visitor.post(address, data={"page": "<script>"})
    assert len(sent) <= 10, str(sent)
    assert db.session.scalar(sa.select(Presence.page)) == "list"


def test_reading_the_form_notes_nobody(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    _colleague(head)
    for way in ("", "/sections/plan", "/check", "/print"):
        assert visit_as(app, head).get(f"/applications/{application.key}{way}").status_code == 200
    assert db.session.scalar(sa.select(sa.func.count(Presence.id))) == 0


@pytest.fixture
def sequel(app: Flask, call: Call, clock: FrozenClock) -> tuple[User, Application]:
    """The draft of an organisation that has applied before, in an earlier call."""
    head = new_head()
    submitted_application(call.competition, head, goal="Торішня мета", tasks=[{"task": "Торішнє"}])
    second = announced_call(code="2027-NEW")
    with unit_of_work():
        return head, services.start_application(second.competition, organisation_of(head), head)


def test_answer_of_the_last_application_is_taken_over(app: Flask, sequel: tuple[User, Application]) -> None:
    head, application = sequel
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/rationale"
    page = visitor.get(address).text
    assert ("Ваша відповідь 2027 року" in page, "Торішня мета" in page, 'value="goal"' in page) == (True, True, True)
    data = {"version": version_of(page), "take": "goal", "rationale": "Уже написано"}
    answer = visitor.post(address, data=data)
    assert (answer.status_code, answer.location) == (302, f"{address}#goal")
    found = queries.answers_of(application)
    assert (found["goal"], found["rationale"]) == ("Торішня мета", "Уже написано")
    # An answered question offers nothing more.
    assert 'value="goal"' not in visitor.get(address).text


def test_days_and_choices_are_not_taken_over(app: Flask, sequel: tuple[User, Application]) -> None:
    head, application = sequel
    offered = queries.earlier_answers(application, list(queries.form_for(application).questions.values()))
    assert {"start_on", "lot", "priority", "other_public_funding", "declare_truth"} & set(offered) == set()
    assert offered["tasks"].value == [{"task": "Торішнє"}]
    with pytest.raises(InvalidInput), unit_of_work():
        services.take_answer(application, "start_on", head)


def test_answers_of_another_organisation_are_never_offered(app: Flask, sequel: tuple[User, Application]) -> None:
    _head, application = sequel
    other = new_head()
    with unit_of_work():
        own = services.start_application(application.competition, organisation_of(other), other)
    assert queries.earlier_answers(own, list(queries.form_for(own).questions.values())) == {}


def test_governing_people_of_the_profile_begin_the_draft(app: Flask, call: Call) -> None:
    head = new_head()
    with unit_of_work():
        db.session.add(
            GoverningPerson(organisation_id=organisation_of(head).id, full_name="Ірина Тестова", office="рада")
        )
    with unit_of_work():
        application = services.start_application(call.competition, organisation_of(head), head)
    assert queries.answers_of(application)["governing_people"] == [{"name": "Ірина Тестова", "office": "рада"}]


def test_draft_is_deleted_by_its_head_with_everything(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    colleague = _colleague(head)
    visit_as(app, colleague).post(f"/applications/{application.key}/presence", data={"page": "plan"})
    visitor, address = visit_as(app, head), f"/applications/{application.key}/delete"
    assert "Видалити чернетку" in visitor.get(f"/applications/{application.key}").text
    assert "1 документ" in visitor.get(address).text
    key = application.key
    answer = visitor.post(address)
    assert (answer.status_code, answer.location) == (302, f"/applications?gone={key}")
    assert f'data-forget="/applications/{key}/"' in visitor.get(answer.location).text
    db.session.rollback()
    for kind in (Application, Answer, BudgetRow, Attachment, Presence):
        assert (kind.__name__, db.session.scalar(sa.select(sa.func.count(kind.id)))) == (kind.__name__, 0)
    steps = db.session.scalars(sa.select(JournalEntry.step).filter_by(thing="application", thing_code=key))
    assert list(steps)[-1] == "delete"
    assert visitor.get(f"/applications/{key}").status_code == 404


def test_draft_is_not_deleted_by_a_member_nor_after_sending(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    member = visit_as(app, _colleague(head))
    assert member.post(f"/applications/{application.key}/delete").status_code == 403
    assert "Видалити чернетку" not in member.get(f"/applications/{application.key}").text
    with unit_of_work():
        services.submit_application(application, head)
    with pytest.raises(NotAllowed), unit_of_work():
        services.delete_draft(application, head)
    with unit_of_work():
        services.recall(application, head)
    # It was sent once: the record of that stays, so does the draft.
    with pytest.raises(NotAllowed), unit_of_work():
        services.delete_draft(application, head)
    assert application.state == ApplicationState.DRAFT


def test_marker_of_a_deleted_draft_never_names_a_living_one(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor = visit_as(app, head)
    for gone in (application.key, '"><script>', "a"):
        assert "data-forget" not in visitor.get("/applications", query_string={"gone": gone}).text


def test_draft_stays_readable_after_the_intake(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head, goal="Мета, яку не встигли подати")
    close(call.competition)
    visitor = visit_as(app, head)
    for way in ("sections/rationale", "print", "check"):
        assert "Мета, яку не встигли подати" in visitor.get(f"/applications/{application.key}/{way}").text
    assert "Зберегти й продовжити" not in visitor.get(f"/applications/{application.key}/sections/rationale").text


def _rows(application: Application) -> dict[str, str]:
    tasks = queries.task_list(application)
    return {row.slug: row.status for group in tasks.groups for row in group.rows}


def test_task_list_tells_every_state(app: Flask, clock: FrozenClock) -> None:
    head = new_head()
    application = draft_application(extended_call().competition, head)
    tasks = queries.task_list(application)
    settled = {"done", "optional"}  # a section whose answers may all stay empty
    assert (set(_rows(application).values()), tasks.last.status, tasks.counts) == (settled, "done", {"done": 12})
    assert tasks.done == 13
    changes = {"end_on": "2027-05-25", "goal": "", "capacity": "", "track_record": [], "declare_truth": False}
    with unit_of_work():
        services.save_answers(application, changes, None, head)
    rows, tasks = _rows(application), queries.task_list(application)
    found = {slug: rows[slug] for slug in ("summary", "rationale", "experience", "extra")}
    assert found == {"summary": "wrong", "rationale": "started", "experience": "empty", "extra": "optional"}
    assert (tasks.last.status, tasks.counts) == ("later", {"done": 9, "started": 1, "wrong": 1, "empty": 1})
    page = visit_as(app, _colleague(head)).get(f"/applications/{application.key}").text
    for words in ("заповнено: 9, почато: 1, з помилкою: 1, не почато: 1", "Ще недоступно",
                  "Це робить керівник: Тест Тестовий", "останні зміни: Тест Тестовий"):  # fmt: skip
        assert words in page
    assert "Це робите ви як керівник" in visit_as(app, head).get(f"/applications/{application.key}").text


def test_check_page_leads_to_the_very_question(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head, goal="")
    page = visit_as(app, head).get(f"/applications/{application.key}/check").text
    address = f"/applications/{application.key}/sections/rationale"
    # Once in the list of what is missing, once beside the question.
    assert page.count(f'href="{address}#goal"') == 2
    assert page.count(f'href="{address}#rationale"') == 1
    assert 'id="goal"' in visit_as(app, head).get(address).text


def test_recalled_application_shows_what_changed_since(app: Flask, call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    with unit_of_work():
        services.recall(application, head)
    visitor, address = visit_as(app, head), f"/applications/{application.code}/check"
    assert "Від поданого нічого не відрізняється" in visitor.get(address).text
    with unit_of_work():
        services.save_answers(application, {"goal": "Нова мета", "declare_truth": False}, None, head)
    changes = queries.changed_since_sent(application)
    assert changes is not None
    assert ({code: one.text for code, one in changes.answers.items()}, changes.budget, changes.files) == (
        {"goal": "Менше сварок."}, False, False
    )  # fmt: skip
    page = visitor.get(address).text
    assert ("Нова мета" in page, "Менше сварок." in page, "1 відповідь або частина" in page) == (True, True, True)
    assert queries.changed_since_sent(draft_application(call.competition, new_head())) is None


def test_questions_amended_since_the_draft_began_are_marked(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head)
    clock.forward(days=2)
    form = queries.form_of(call.competition)
    question = form.questions["volunteers"]
    with unit_of_work():
        amendments.begin_amendment(call.competition, by=call.organizer)
        changed = type(question)(**{**question.__dict__, "label": "Скільки залучите волонтерів"})
        form_services.save_question(call.competition, changed, section="extra", by=call.organizer)
        amendments.publish_amendment(call.competition, by=call.organizer, reason="Уточнили питання")
    amended = queries.amended_questions(application)
    assert {code: (one.reason, one.is_new) for code, one in amended.items()} == {
        "volunteers": ("Уточнили питання", False)
    }
    page = visit_as(app, head).get(f"/applications/{application.key}/sections/extra").text
    assert "Організатор змінив це запитання 03.03.2027" in page
    # A draft begun later knows no other question.
    other = new_head()
    with unit_of_work():
        later = services.start_application(call.competition, organisation_of(other), other)
    assert queries.amended_questions(later) == {}
