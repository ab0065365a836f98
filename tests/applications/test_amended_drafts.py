"""A draft written before the call was amended: the applicant is told, nothing is lost, nothing unfit is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.competitions.rules.form import Form
from grants_app.competitions.services import amendments
from grants_app.competitions.services import form as form_services
from grants_app.core.errors import DomainError, ManyErrors
from grants_app.database import db, unit_of_work
from tests.support.applications import draft_application, new_head, version_of
from tests.support.calls import Call
from tests.support.forms import extended_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

REASON = "Так вирішила рада"
TEXT = "Навчаємо щосуботи: спершу безпека, потім перша допомога, далі розмова з людьми."
WRITTEN: dict[str, Any] = {
    "helpers": ["schools", "media"],
    "school_list": "Ліцей № 4",
    "volunteers": 12,
    "training": TEXT,
    "photo_person": "Олег",
}


@pytest.fixture
def written(app: Flask, clock: FrozenClock) -> tuple[Call, User, Application]:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head, **WRITTEN)
    clock.forward(days=2)
    return call, head, application


def amended(call: Call, *, removes: str = "", **changes: dict[str, Any]) -> None:
    form = queries.form_of(call.competition)
    with unit_of_work():
        amendments.begin_amendment(call.competition, by=call.organizer)
    for code, change in changes.items():
        with unit_of_work():
            wanted = replace(form.questions[code], **change)
            slug = form.section_of[code].slug
            form_services.save_question(call.competition, wanted, section=slug, by=call.organizer)
    if removes:
        with unit_of_work():
            form_services.remove_question(call.competition, removes, by=call.organizer)
    with unit_of_work():
        amendments.publish_amendment(call.competition, by=call.organizer, reason=REASON)


def without(form: Form, code: str, gone: str) -> tuple[tuple[str, str], ...]:
    return tuple(one for one in form.questions[code].options if one[0] != gone)


def refused_fields(application: Application, head: User) -> list[str | None]:
    with pytest.raises(DomainError) as caught, unit_of_work():
        services.submit_application(application, head)
    errors = caught.value.errors if isinstance(caught.value, ManyErrors) else [caught.value]
    return [one.field for one in errors]


def words(app: Flask, head: User, application: Application, page: str = "") -> str:
    answer = visit_as(app, head).get(f"/applications/{application.key}{page}")
    assert answer.status_code == 200
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


def told(app: Flask, head: User, application: Application, sentence: str) -> dict[str, bool]:
    """Whether the task list says that the call was changed, and the check page what exactly."""
    tasks = words(app, head, application)
    return {
        "list": "після того, як ви почали" in tasks,
        "check": sentence in words(app, head, application, "/check"),
        "reason": REASON in words(app, head, application, "/check"),
    }


ALL_TOLD = {"list": True, "check": True, "reason": True}


def test_removed_option_is_told_in_words_and_bars_sending(app: Flask, written: tuple[Call, User, Application]) -> None:
    call, head, application = written
    amended(call, helpers={"options": without(queries.form_of(call.competition), "helpers", "media")})
    row = next(row for group in queries.task_list(application).groups for row in group.rows if row.slug == "extra")
    assert (row.status, [one.item for one in row.missing]) == ("wrong", ["helpers"])
    assert told(app, head, application, "Хто допомагає: Дещо з того, що ви вибрали, більше не пропонують") == ALL_TOLD
    assert "Школи Медіа" in words(app, head, application, "/check")
    assert queries.answers_of(application)["helpers"] == ["schools", "media"]
    assert refused_fields(application, head) == ["helpers"]


def test_page_with_a_removed_option_is_saved_by_its_reader_alone(
    app: Flask, written: tuple[Call, User, Application]
) -> None:
    call, head, application = written
    amended(call, helpers={"options": without(queries.form_of(call.competition), "helpers", "media")})
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/extra"
    page = visitor.get(address).text
    assert "Ви вибрали «Медіа»; цього більше не пропонують" in page
    typed = {**WRITTEN, "helpers": ["schools"], "photo_person": "Ольга", "version": version_of(page)}
    assert visitor.post(f"{address}/autosave", data=typed).status_code == 200
    db.session.rollback()
    kept = queries.answers_of(application)
    assert (kept["helpers"], kept["photo_person"]) == (["schools", "media"], "Ольга")
    assert visitor.post(address, data={**typed, "version": version_of(visitor.get(address).text)}).status_code == 302
    db.session.rollback()
    assert queries.answers_of(application)["helpers"] == ["schools"]
    with unit_of_work():
        services.submit_application(application, head)
    assert application.form_version == 2


def test_lowered_limit_is_told_keeps_the_text_and_bars_sending(
    app: Flask, written: tuple[Call, User, Application]
) -> None:
    call, head, application = written
    amended(call, training={"limit": 5})
    assert told(app, head, application, "Як навчаєте волонтерів: Скоротіть текст, зайвих слів 6") == ALL_TOLD
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/extra"
    page = visitor.get(address).text
    assert TEXT in page
    typed = {**WRITTEN, "photo_person": "Ольга", "version": version_of(page)}
    first = visitor.post(f"{address}/autosave", data=typed)
    second = visitor.post(
        f"{address}/autosave", data={**typed, "photo_person": "Оксана", "version": (first.json or {})["version"]}
    )
    assert (first.status_code, second.status_code) == (200, 200)
    longer = {**typed, "training": f"{TEXT} І ще.", "version": (second.json or {})["version"]}
    assert visitor.post(f"{address}/autosave", data=longer).status_code == 422
    assert visitor.post(address, data=typed).status_code == 422
    db.session.rollback()
    kept = queries.answers_of(application)
    assert (kept["training"], kept["photo_person"]) == (TEXT, "Оксана")
    assert refused_fields(application, head) == ["training"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda call: amended(call, removes="training"), "Вилучив організатор 03.03.2027"),
        (
            lambda call: amended(call, training={"show_if": {"question": "helpers", "is": "volunteers"}}),
            "З 03.03.2027 запитуємо лише за інших відповідей",
        ),
    ],
    ids=["removed", "conditional"],
)
def test_answer_no_longer_asked_is_told_kept_and_not_sent(
    app: Flask, written: tuple[Call, User, Application], change: Callable[[Call], None], sentence: str
) -> None:
    call, head, application = written
    change(call)
    assert told(app, head, application, sentence) == ALL_TOLD
    assert "«Як навчаєте волонтерів»" in words(app, head, application)
    assert TEXT in words(app, head, application, "/check")
    assert queries.answers_of(application)["training"] == TEXT
    with unit_of_work():
        submission = services.submit_application(application, head)
    assert "training" not in json.loads(submission.content)["answers"]
    assert queries.answers_of(application)["training"] == TEXT


def test_question_made_conditional_and_asked_is_not_set_aside(
    app: Flask, written: tuple[Call, User, Application]
) -> None:
    call, head, application = written
    amended(call, training={"show_if": {"question": "helpers", "is": "schools"}})
    assert queries.set_aside(application) == []
    assert list(queries.amended_questions(application)) == ["training"]
    with unit_of_work():
        submission = services.submit_application(application, head)
    assert json.loads(submission.content)["answers"]["training"] == TEXT
