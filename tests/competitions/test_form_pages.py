"""Pages of the form editor through the client: untouched texts stay translatable, refusals stand at their fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.competitions import queries
from grants_app.competitions import services as calls
from grants_app.competitions.models import CallVersion, Competition
from grants_app.competitions.queries.amendments import amendment_of
from grants_app.competitions.rules.form import STANDARD, Form, Question
from grants_app.competitions.services import form as services
from grants_app.database import db, unit_of_work
from tests.competitions.test_pages import page_of, summary, typed
from tests.support.calls import CODE, Call, announced_call, new_call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

FORM = f"/competitions/{CODE}/settings/form"
PARTS = [
    *(f"/questions/{code}" for section in STANDARD.sections for code in (one.code for one in section.questions)),
    *(f"/pages/{section.slug}" for section in STANDARD.sections),
    *(f"/files/{kind.code}" for kind in STANDARD.files),
    *(f"/declarations/{one.code}" for one in STANDARD.declarations),
    *(f"/categories/{code}" for code, _label in STANDARD.categories),
    *(f"/eligibility/{one.code}" for one in STANDARD.eligibility),
    *(f"/requirements/{one.code}" for one in STANDARD.requirements),
]


def stored() -> Competition:
    db.session.rollback()
    return db.session.query(Competition).filter_by(code=CODE).one()


def form_now() -> Form:
    return queries.form_of(stored())


def opened(app: Flask) -> tuple[Call, FlaskClient]:
    call = new_call()
    return call, visit_as(app, call.organizer)


def hrefs(answer: TestResponse) -> list[str]:
    return [str(link["href"]) for link in page_of(answer).select(".govuk-error-summary a")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("lang", ["uk", "en"])
def test_saving_untouched_parts_changes_nothing_in_either_language(app: Flask, clock: FrozenClock, lang: str) -> None:
    _call, organizer = opened(app)
    organizer.get(f"/competitions?lang={lang}")
    for part in PARTS:
        answer = organizer.get(f"{FORM}{part}")
        assert (part, answer.status_code) == (part, 200)
        saved = organizer.post(f"{FORM}{part}", data=typed(answer))
        assert (part, saved.status_code, summary(saved)) == (part, 302, [])
    assert form_now() == STANDARD


def test_changed_words_become_the_citys_own(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    sent = typed(organizer.get(f"{FORM}/questions/goal"))
    organizer.post(f"{FORM}/questions/goal", data=sent | {"label": "Чого ви прагнете?", "limit": "300"})
    known = STANDARD.questions["goal"]
    assert form_now().questions["goal"] == replace(known, label="Чого ви прагнете?", limit=300)


def test_check_of_a_requirement_is_chosen_among_those_that_are_made(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    sent = typed(organizer.get(f"{FORM}/requirements/status"))
    assert organizer.post(f"{FORM}/requirements/status", data=sent | {"machine": "duplicate"}).status_code == 302
    assert form_now().requirement_by_code["status"].machine == "duplicate"
    sent = typed(organizer.get(f"{FORM}/requirements/status"))
    forged = organizer.post(f"{FORM}/requirements/status", data=sent | {"machine": "unheard"})
    assert (forged.status_code, hrefs(forged)) == (422, ["#machine"])


def new_question(organizer: FlaskClient, kind: str, **values: str) -> TestResponse:
    page = organizer.get(f"{FORM}/questions/new?section=team&kind={kind}")
    return organizer.post(f"{FORM}/questions/new", data=typed(page) | values)


def test_fewest_rows_above_the_most_are_refused_at_their_field(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    cells = {"cells-0-label": "Ім’я", "min_rows": "3", "max_rows": "2"}
    answer = new_question(organizer, "rows", label="Назвіть їх", **cells)
    assert answer.status_code == 422
    assert summary(answer) == ["Найменша кількість рядків не може бути більшою за найбільшу"]
    assert 'id="min_rows-error"' in answer.text


def test_question_with_options_rows_and_a_condition(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    options = {"options-0-label": "Так", "options-1-label": " ", "options-2-label": "Ні"}
    assert new_question(organizer, "many", label="Хто допоможе?", **options).status_code == 302
    cells = {
        "cells-0-label": "Ім’я",
        "cells-0-required": "y",
        "cells-1-label": "Роль",
        "cells-1-kind": "choice",
        "cells-1-options": "Водійка\nКухар\nВодійка\n",
        "min_rows": "1",
        "max_rows": "5",
    }
    rule = {
        "conditions-0-question": "q1",
        "conditions-0-test": "is_not",
        "conditions-0-answer": "q1:o2",
        "conditions-1-question": "q1",
        "conditions-1-test": "answered",
        "join": "any",
    }
    answer = new_question(organizer, "rows", label="Назвіть їх", **cells, **rule)
    assert (answer.status_code, summary(answer)) == (302, [])
    first, second = form_now().questions["q1"], form_now().questions["q2"]
    assert first.options == (("o1", "Так"), ("o2", "Ні"))
    assert [(one.code, one.kind, one.required, one.options) for one in second.cells] == [
        ("c1", "text", True, ()),
        ("c2", "choice", False, (("o1", "Водійка"), ("o2", "Кухар"))),
    ]
    assert second.show_if == {"any": [{"not": {"question": "q1", "is": "o2"}}, {"question": "q1", "answered": True}]}
    again = typed(organizer.get(f"{FORM}/questions/q2"))
    assert organizer.post(f"{FORM}/questions/q2", data=again).status_code == 302
    assert form_now().questions["q2"] == second


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("text", {"label": ""}, "label"),
        ("text", {"label": "я" * 301}, "label"),
        ("long", {"label": "?", "limit": "0"}, "limit"),
        ("long", {"label": "?", "limit": "20001"}, "limit"),
        ("choice", {"label": "?", "options-0-label": "Одне"}, "options"),
        ("rows", {"label": "?", "cells-0-label": ""}, "cells"),
        ("rows", {"label": "?", "cells-0-label": "Ім’я", "max_rows": "101"}, "max_rows"),
        ("text", {"label": "?", "conditions-0-question": "title", "conditions-0-test": "is"}, "conditions-0-answer"),
        (
            "text",
            {
                "label": "?",
                "conditions-0-question": "title",
                "conditions-0-test": "at_least",
                "conditions-0-number": "5",
            },
            "conditions-0-test",
        ),
    ],
)
def test_question_that_cannot_be_is_explained_at_its_field(
    app: Flask, clock: FrozenClock, kind: str, values: dict[str, str], field: str
) -> None:
    _call, organizer = opened(app)
    answer = new_question(organizer, kind, **values)
    assert (answer.status_code, hrefs(answer)) == (422, [f"#{field}"])
    sent = typed(answer)
    assert {name: sent[name] for name in values} == values
    assert form_now() == STANDARD


def test_forged_fields_of_a_fixed_question_count_for_nothing(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    forged = {"kind": "rows", "section": "team", "audience": "public", "required": "", "is_fixed": "", "code": "x"}
    sent = typed(organizer.get(f"{FORM}/questions/contact_phone")) | forged | {"conditions-0-question": "title"}
    assert organizer.post(f"{FORM}/questions/contact_phone", data=sent).status_code == 302
    assert form_now() == STANDARD


def test_two_editors_of_one_question_see_both_versions(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    address = f"{FORM}/questions/goal"
    first, second = typed(organizer.get(address)), typed(organizer.get(address))
    organizer.post(address, data=first | {"label": "Перша"})
    answer = organizer.post(address, data=second | {"label": "Друга"})
    cells = [cell.get_text(strip=True) for cell in page_of(answer).select("main tbody tr td")]
    assert (answer.status_code, cells) == (409, ["Друга", "Перша"])
    assert form_now().questions["goal"].label == "Перша"
    assert organizer.post(address, data=typed(answer)).status_code == 302
    assert form_now().questions["goal"].label == "Друга"


def test_double_click_adds_one_question(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    page = organizer.get(f"{FORM}/questions/new?section=team&kind=text")
    for _ in range(2):
        organizer.post(f"{FORM}/questions/new", data=typed(page) | {"label": "Ще одне"})
    assert [code for code in form_now().questions if code not in STANDARD.questions] == ["q1"]


def test_condition_deeper_than_the_controls_is_told_in_words_and_kept(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    deep = {
        "any": [{"all": [{"question": "title", "answered": True}]}, {"question": "other_public_funding", "is": "yes"}]
    }
    question = Question("", "Глибоке", "text", show_if=deep)
    with unit_of_work():
        services.save_question(call.competition, question, section="other-funding", by=call.organizer)
    page = organizer.get(f"{FORM}/questions/q1")
    assert "Назва проєкту" in page_of(page).select_one("main").get_text(" ")  # type: ignore[union-attr]  # it is there
    assert organizer.post(f"{FORM}/questions/q1", data=typed(page) | {"hint": "Слово"}).status_code == 302
    assert form_now().questions["q1"] == replace(question, code="q1", hint="Слово")
    sent = typed(organizer.get(f"{FORM}/questions/q1"))
    del sent["keeps_rule"]
    assert organizer.post(f"{FORM}/questions/q1", data=sent).status_code == 302
    assert form_now().questions["q1"].show_if is None


def test_removal_that_a_condition_forbids_is_explained_on_the_list(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    with unit_of_work():
        code = services.save_question(
            call.competition, Question("", "Перше", "number"), section="team", by=call.organizer
        )
        tree: dict[str, Any] = {"question": code, "at_least": 2}
        second = Question("", "Друге", "text", show_if=tree)
        services.save_question(call.competition, second, section="team", by=call.organizer)
    answer = organizer.post(f"{FORM}/questions/{code}/remove")
    text = page_of(answer).select_one(".govuk-error-summary")
    assert (answer.status_code, text is not None and "Друге" in text.get_text()) == (422, True)
    moved = organizer.post(f"{FORM}/order", data={"move": f"questions/{code}/down"})
    assert moved.status_code == 422
    assert list(form_now().questions)[-8:-6] != []


@pytest.mark.parametrize("move", ["", "questions/title", "questions/nope/up", "lots/small/up", "questions/title/away"])
def test_forged_move_is_not_found(app: Flask, clock: FrozenClock, move: str) -> None:
    _call, organizer = opened(app)
    assert organizer.post(f"{FORM}/order", data={"move": move}).status_code == 404


def test_preview_stores_nothing_and_opens_what_answers_open(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    address, version = f"/applications/preview/{CODE}", stored().version
    page = organizer.get(address)
    assert len(page_of(page).select("[hidden] #other_funding_details")) == 1
    answer = organizer.post(address, data=typed(page) | {"other_public_funding": "yes", "title": "Проба"})
    assert page_of(answer).select("[hidden] #other_funding_details") == []
    assert len(page_of(answer).select("#other_funding_details")) == 1
    assert typed(answer)["title"] == "Проба"
    assert (form_now(), stored().version) == (STANDARD, version)


def test_preview_of_a_call_without_priorities_does_not_ask_for_one(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    assert len(page_of(organizer.get(f"/applications/preview/{CODE}")).select("#priority")) == 1
    with unit_of_work():
        calls.update_priorities(stored(), [], by=call.organizer, version=stored().version)
    answer = organizer.get(f"/applications/preview/{CODE}")
    assert (answer.status_code, page_of(answer).select("#priority")) == (200, [])


def test_ceilings_of_own_categories_are_asked_among_the_rules(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    with unit_of_work():
        services.save_item(call.competition, "categories", ("", "Волонтерські витрати"), by=call.organizer)
    address = f"/competitions/{CODE}/settings/rules"
    page = organizer.get(address)
    assert page_of(page).select_one("label[for=ceilings-k1]").get_text(strip=True) == "Волонтерські витрати"  # type: ignore[union-attr]  # it is there
    assert organizer.post(address, data=typed(page) | {"ceilings-k1": "10"}).status_code == 302
    assert stored().category_ceilings == {"k1": 1000}


def test_queries_of_the_list_do_not_grow_with_the_questions(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    counts = []
    for number in (1, 2, 3):
        with unit_of_work():
            text = Question("", f"Питання {number}", "text")
            services.save_question(call.competition, text, section="team", by=call.organizer)
        with count_queries() as statements:
            organizer.get(FORM)
        counts.append(len(statements))
    assert counts[0] == counts[2]


def test_announced_form_is_shown_fixed_with_the_way_to_amend(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    page = page_of(organizer.get(FORM))
    assert page.select("button[name=move]") == []
    assert [link["href"] for link in page.select("main a") if "amendment" in str(link["href"])] == [
        f"/competitions/{CODE}/amendment"
    ]
    assert organizer.get(f"{FORM}/questions/goal").status_code == 403


def test_amendment_through_the_pages(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    address = f"/competitions/{CODE}/amendment"
    assert organizer.post(f"{address}/begin").location == address
    empty = organizer.post(f"{address}/publish", data=typed(organizer.get(address)) | {"reason": "Бо так"})
    assert empty.status_code == 422
    texts = typed(organizer.get(f"{address}/texts"))
    stale = dict(texts)
    assert organizer.post(f"{address}/texts", data=texts | {"title": ""}).status_code == 422
    assert organizer.post(f"{address}/texts", data=texts | {"summary": "Коротше"}).status_code == 302
    assert organizer.post(f"{address}/texts", data=stale | {"summary": "Довше"}).status_code == 409
    sent = typed(organizer.get(address))
    refused = organizer.post(f"{address}/publish", data=sent | {"reason": ""})
    assert (refused.status_code, hrefs(refused)) == (422, ["#reason"])
    for _ in range(2):
        answer = organizer.post(f"{address}/publish", data=sent | {"reason": "Текст був задовгий"})
        assert answer.location == f"/competitions/{CODE}"
    assert (stored().summary, stored().form_version, amendment_of(stored())) == ("Коротше", 2, None)
    assert db.session.query(CallVersion).count() == 2


def test_calendar_warns_of_days_that_are_too_few(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    page = page_of(organizer.get(f"/competitions/{CODE}/settings/calendar"))
    hints = [item.get_text(" ", strip=True) for item in page.select("#hints ~ ul li b")]
    assert len(hints) == 3
    with unit_of_work():
        calls.update_calendar(
            call.competition, calls.CalendarSetting(None, None, None, None, None, None), by=call.organizer
        )
    assert page_of(organizer.get(f"/competitions/{CODE}/settings/calendar")).select("#hints") == []
