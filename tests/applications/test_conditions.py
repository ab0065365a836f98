"""Conditional questions: one rule for server and page; what is hidden is kept, and counts for nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page

from grants_app.applications import queries, rules, services
from grants_app.applications.forms.conditions import condition_words, conditions_json
from grants_app.applications.models import Answer, Submission
from grants_app.competitions.rules.form import Form, Question, Section
from grants_app.core.errors import InvalidInput
from grants_app.database import db, unit_of_work
from tests.support.applications import draft_application, new_head, version_of
from tests.support.calls import Call
from tests.support.forms import EXTRA, extended, extended_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

FORM = extended(EXTRA)
CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    ({"helpers": ["schools"]}, {"school_list"}),
    ({"helpers": ["volunteers", "schools"]}, {"school_list"}),
    ({"helpers": ["volunteers"]}, set()),
    ({"helpers": []}, set()),
    ({"volunteers": 9}, set()),
    ({"volunteers": 10}, {"training"}),
    ({"volunteers": 10, "lot": "small"}, {"training"}),
    ({"volunteers": 10, "lot": "large"}, set()),
    ({"volunteers": None}, set()),
    ({"rent": 99_999}, set()),
    ({"rent": 100_000}, {"rooms"}),
    ({"consent": True}, {"photo_person"}),
    ({"consent": False}, set()),
    ({"helpers": ["schools"], "school_list": "Ліцей"}, {"school_list", "photo_person"}),
    # The question between is hidden: its answer counts as none.
    ({"helpers": ["media"], "school_list": "Ліцей"}, set()),
    ({"helpers": ["schools"], "school_list": ""}, {"school_list"}),
    ({"other_public_funding": "yes"}, {"other_funding_details"}),
    ({"other_public_funding": "no"}, set()),
]
LEAVES: list[tuple[dict[str, Any], Any, bool]] = [
    ({"is": "yes"}, "yes", True),
    ({"is": "yes"}, None, False),
    ({"is": True}, True, True),
    ({"is": True}, False, False),
    ({"is": "a"}, ["b", "a"], True),
    ({"is": "a"}, [], False),
    ({"one_of": ["a", "b"]}, "b", True),
    ({"one_of": ["a", "b"]}, ["c"], False),
    ({"answered": True}, "", False),
    ({"answered": True}, [], False),
    ({"answered": True}, 0, True),
    ({"answered": False}, False, True),
    ({"answered": False}, "так", False),
    ({"at_least": 0}, None, False),
    ({"at_least": 0}, 0, True),
    ({"at_least": 2}, "2", False),
    ({"at_most": 5}, 5, True),
    ({"at_most": 5}, 6, False),
    ({"at_most": 5}, True, False),
]


def _conditional(form: Form) -> set[str]:
    return {code for code, question in form.questions.items() if question.show_if}


def _of_leaf(leaf: dict[str, Any]) -> Form:
    asked = Question("asked", "Питання", "text")
    depends = Question("depends", "Залежне", "text", show_if={"question": "asked", **leaf})
    denied = Question("denied", "Заперечене", "text", show_if={"not": {"question": "asked", **leaf}})
    return extended(Section("one", "project", "Розділ", (asked, depends, denied)))


@pytest.mark.parametrize(("answers", "expected"), CASES)
def test_shown_questions_by_answers(answers: dict[str, Any], expected: set[str]) -> None:
    assert FORM.is_shown(answers) & _conditional(FORM) == expected


@pytest.mark.parametrize(("leaf", "value", "expected"), LEAVES)
def test_shown_by_one_test(leaf: dict[str, Any], value: Any, expected: bool) -> None:
    shown = _of_leaf(leaf).is_shown({"asked": value})
    assert ("depends" in shown, "denied" in shown) == (expected, not expected)


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_page_judges_conditions_as_the_server(browser_page: Page) -> None:
    browser_page.goto("/")
    trees = [(FORM, answers) for answers, _expected in CASES]
    trees += [(_of_leaf(leaf), {"asked": value}) for leaf, value, _expected in LEAVES]
    table = [
        [[{"code": code, "if": question.show_if} for code, question in form.questions.items()], answers]
        for form, answers in trees
    ]
    found = browser_page.evaluate(
        """async (table) => {
            const { shownOf } = await import('/static/js/conditions.js')
            return JSON.parse(table).map(([questions, answers]) => [...shownOf(questions, answers)].sort())
        }""",
        json.dumps(table, ensure_ascii=False, default=dict),
    )
    assert found == [sorted(form.is_shown(answers)) for form, answers in trees]


def test_hidden_answer_is_kept_and_counts_for_nothing(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(
        call.competition, head, helpers=["schools"], school_list="Ліцей № 4", photo_person="Олег"
    )
    with unit_of_work():
        services.save_answers(application, {"helpers": ["media"]}, None, head)
    assert queries.answers_of(application)["school_list"] == "Ліцей № 4"
    assert [one.item for one in queries.missing_of(application)] == []
    read = {one.code: one.lines for section in queries.application_text(application) for one in section.answers}
    assert ("school_list" in read, "photo_person" in read, read["helpers"]) == (False, False, ("Медіа",))
    with unit_of_work():
        services.submit_application(application, head)
    frozen = json.loads(db.session.scalars(sa.select(Submission.content)).one())["answers"]
    assert {"helpers", "school_list", "photo_person"} & set(frozen) == {"helpers"}


def test_shown_question_is_required_again(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head, helpers=["schools"])
    assert [(one.item, one.is_error) for one in queries.missing_of(application)] == [("school_list", False)]


def test_condition_over_an_earlier_page(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head, volunteers=12)
    assert [one.item for one in queries.missing_of(application)] == ["training"]
    visitor = visit_as(app, head)
    page = visitor.get(f"/applications/{application.key}/sections/extra").text
    parts = conditions_json(FORM, EXTRA.questions, queries.answers_of(application))
    assert [one for one in json.loads(parts) if one["code"] == "lot"] == [
        {"code": "lot", "kind": "choice", "if": None, "value": "small"}
    ]
    assert 'data-question="training"' in page
    assert 'data-question="training" data-label="Як навчаєте волонтерів" data-unasked' not in page
    with unit_of_work():
        services.save_answers(application, {"lot": "large"}, None, head)
    assert [one.item for one in queries.missing_of(application) if one.section == "extra"] == []
    page = visitor.get(f"/applications/{application.key}/sections/extra").text
    assert 'data-question="training" data-label="Як навчаєте волонтерів" data-unasked' in page


def test_page_without_script_says_when_a_question_counts(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head)
    page = visit_as(app, head).get(f"/applications/{application.key}/sections/extra").text
    assert "Відповідайте, лише якщо «Хто допомагає»: «Школи»" in page
    assert "Відповідайте, лише якщо «Оренда на місяць» не менше 1\u00a0000" in page


def test_words_of_a_joined_condition(app: Flask) -> None:
    tree = {"any": [{"question": "consent", "is": True}, {"all": [{"question": "volunteers", "at_most": 3},
            {"question": "title", "answered": False}]}]}  # fmt: skip
    with app.test_request_context():
        found = condition_words(FORM, tree, {})
    assert found == (
        "«Погоджуємося на фотографування»: «Так» або "
        "(«Скільки волонтерів» не більше 3 і на «Назва проєкту» немає відповіді)"
    )


def test_hidden_answer_that_cannot_be_read_bars_nothing(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/extra"
    data = {"helpers": ["media"], "school_list": "я" * 61, "training": "слово " * 21, "rooms-0-area": "багато",
            "photo_person": "Олег"}  # fmt: skip
    answer = visitor.post(f"{address}/autosave", data=data)
    assert answer.status_code == 200
    answers = queries.answers_of(application)
    assert (answers["helpers"], "school_list" in answers, answers["photo_person"]) == (["media"], False, "Олег")
    # The same texts where they are asked for are refused, each at its field.
    answer = visitor.post(f"{address}/autosave", data={**data, "helpers": ["media", "schools"]})
    assert (answer.status_code, (answer.json or {}).get("fields")) == (422, ["school_list"])
    assert visitor.post(address, data=data).status_code == 302
    assert visitor.post(address, data={**data, "helpers": ["schools"]}).status_code == 422


def test_options_stand_in_the_order_of_the_form(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head, helpers=["media", "volunteers", "media"])
    assert queries.answers_of(application)["helpers"] == ["volunteers", "media"]
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        services.save_answers(application, {"helpers": ["mayor"]}, None, head)
    assert refused.value.field == "helpers"
    page = visit_as(app, head).get(f"/applications/{application.key}/check").text
    assert "<li>Волонтери</li><li>Медіа</li>" in page


@pytest.mark.parametrize("value", ["schools", [1], {"schools": True}, [["schools"]]])
def test_options_of_another_shape_are_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        rules.clean(FORM.questions["helpers"], value)


def test_name_of_another_page_is_not_read(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    before = db.session.scalar(sa.select(sa.func.count(Answer.id)))
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/other-funding"
    data = {"version": version_of(visitor.get(address).text), "other_public_funding": "no"}
    forged = {"school_list": "x", "title": "чужа сторінка"}
    assert visitor.post(f"{address}/autosave", data={**data, **forged}).status_code == 200
    assert queries.answers_of(application)["title"] == "Школа дворових медіаторів"
    assert db.session.scalar(sa.select(sa.func.count(Answer.id))) == before
