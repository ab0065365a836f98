"""A return opens only what is named and what depends on it; anything else that changed stands in red."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Answer, Application
from grants_app.applications.rules import STANDARD, depending_on
from grants_app.competitions.models import Competition
from grants_app.competitions.rules.form import Form, Question, Section
from grants_app.competitions.rules.form.document import form_text
from grants_app.core.errors import ManyErrors, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import ApplicationState as A
from tests.support.admissions import checking
from tests.support.applications import close, complete_budget, new_head, submitted_application
from tests.support.calls import Call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

PARTS = (
    Question("has_partner", "Чи є партнер?", "choice", options=(("no", "Ні"), ("yes", "Так"))),
    Question("partner_name", "Хто партнер?", "text", show_if={"question": "has_partner", "is": "yes"}),
    Question("partner_part", "Що робить партнер?", "text", show_if={"question": "partner_name", "answered": True}),
    Question("free", "Інше", "text", required=False),
)


def _form() -> Form:
    extra = Section("partner", "project", "Партнер", PARTS)
    return Form(
        (*STANDARD.sections, extra), STANDARD.declarations, STANDARD.files, STANDARD.categories, STANDARD.requirements
    )


def _returned(call: Call, *items: str, **changes: str) -> tuple[Application, User]:
    """An application of a call that asks for a partner, returned for these items."""
    with unit_of_work():
        db.session.execute(
            sa.update(Competition).where(Competition.id == call.competition.id).values(form_text=form_text(_form()))
        )
    db.session.expire_all()
    head = new_head()
    application = submitted_application(call.competition, head, **{"has_partner": "no", **changes})
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, list(items), "Скажіть про партнера", by=call.secretary)
    return application, head


def test_depending_questions_are_found_step_by_step() -> None:
    form = _form()
    assert depending_on(form, ["has_partner"]) == {"has_partner", "partner_name", "partner_part"}
    assert depending_on(form, ["partner_name"]) == {"partner_name", "partner_part"}
    assert depending_on(form, ["free", "files"]) == {"free", "files"}
    # What the project gives up stands on the page of the budget.
    assert depending_on(form, ["budget"]) == {"budget", "smallest_dropped"}


def test_depending_question_opens_with_the_named_one_and_must_be_answered(call: Call) -> None:
    application, head = _returned(call, "has_partner")
    with pytest.raises(NotAllowed), unit_of_work():
        services.save_correction(application, {"free": "Щось"}, by=head)
    with unit_of_work():
        services.save_correction(application, {"has_partner": "yes"}, by=head)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.send_correction(application, by=head)
    assert [error.field for error in caught.value.errors] == ["partner_name"]
    with unit_of_work():
        services.save_correction(application, {"partner_name": "Школа № 1", "partner_part": "Дає залу"}, by=head)
    with unit_of_work():
        services.send_correction(application, by=head)
    changed = {item.item: (item.old, item.new) for item in queries.changed_items(application)}
    assert changed["partner_name"] == ((), ("Школа № 1",))
    assert (application.state, queries.stray_changes(application)) == (A.CORRECTED, [])


def test_change_behind_the_locks_stands_in_red(app: Flask, call: Call) -> None:
    application, _head = _returned(call, "goal")
    assert queries.stray_changes(application) == []
    with unit_of_work():
        db.session.execute(
            sa.update(Answer)
            .where(Answer.application_id == application.id, Answer.question == "summary")
            .values(value="Тихо змінений опис")
        )
    assert [item.item for item in queries.stray_changes(application)] == ["summary"]
    page = visit_as(app, call.secretary).get(f"/applications/{application.code}/changes").text
    assert ("Тихо" in page, "app-note--bad" in page) == (True, True)


def test_kept_answer_to_a_hidden_question_is_no_change_behind_the_locks(call: Call) -> None:
    application, _head = _returned(call, "goal", partner_name="Школа № 1")
    assert queries.answers_of(application)["partner_name"] == "Школа № 1"
    assert queries.stray_changes(application) == []


def test_only_named_fields_are_read_from_a_forged_form(app: Flask, call: Call) -> None:
    application, head = _returned(call, "goal")
    client = visit_as(app, head)
    versions = queries.versions_of(application)
    client.post(
        f"/applications/{application.code}/corrections",
        data={"goal": "Нова мета", "summary": "Підмінено", "title": "Підмінено", "free": "Підмінено"},
    )
    db.session.expire_all()
    answers = queries.answers_of(application)
    assert (answers["summary"], answers["title"], "free" in answers) == (
        "Навчимо підлітків мирити сусідів.",
        "Школа дворових медіаторів",
        False,
    )
    assert queries.versions_of(application)["summary"] == versions["summary"]


def test_preview_is_the_letter_that_arrives(app: Flask, call: Call, clock: FrozenClock) -> None:
    (application,) = checking(call, 1)
    clock.at("2027-04-02 10:00")
    client, address = visit_as(app, call.secretary), f"/applications/{application.code}/return"
    picked = client.get(f"{address}?items=goal&items=forged").text
    assert ("Просимо виправити: Мета" in picked, 'value="forged"' in picked) == (True, False)
    data = {"letter": "Уточніть мету", "days": "5", "questions": ["goal"]}
    shown = client.post(address, data={**data, "then": "preview"})
    assert (shown.status_code, application.state) == (200, A.SUBMITTED)
    assert client.post(address, data=data).status_code == 302
    letter = db.session.scalars(sa.select(Notice).filter_by(template="application_returned")).one()
    assert "09.04.2027" in letter.subject
    paragraphs = [line for line in letter.body.split("\n") if line]
    assert [line for line in paragraphs if line not in shown.text.replace("&#39;", "'")] == []
    assert letter.subject in shown.text


def test_preview_speaks_the_language_of_the_head(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    clock.at("2027-04-02 10:00")
    client, address = visit_as(app, call.secretary), f"/applications/{application.code}/return"
    data = {"letter": "Уточніть мету", "days": "5", "questions": ["goal"], "then": "preview"}

    def subjects() -> list[bool]:
        page = client.post(address, data=data).text
        return [part in page for part in ("Виправте недоліки до", "Correct the defects")]

    assert subjects() == [True, False]
    with unit_of_work():
        head.lang = "en"
    assert subjects() == [False, True]


def test_lines_of_a_corrected_budget_stand_side_by_side(app: Flask, call: Call) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    with unit_of_work():
        services.return_for_correction(application, ["budget"], "Кошторис", by=call.secretary)
    first = queries.lines_of(application)
    lines = [replace(complete_budget(2_700_000, 1_300_000)[0], justification="Рахунок")]
    with unit_of_work():
        services.save_corrected_budget(application, [*lines, replace(lines[0], item="Друк", city_kop=0)], by=head)
    (item,) = queries.changed_items(application)
    assert item.budget is not None
    pairs = [(one.kind, one.old_row, one.new_row) for one in item.budget.lines]
    kept = [("changed", 1, 1), ("added", None, 2), *(("removed", place + 1, None) for place in range(1, len(first)))]
    assert pairs == kept
    page = visit_as(app, call.secretary).get(f"/applications/{application.code}/changes").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())
    assert (page.count("Рядок змінено"), page.count("Новий рядок")) == (1, 1)
    # What it was and what it is stands in words; the category is named as people know it.
    assert "було 30 000 грн стало 27 000 грн" in text
    assert ("services" in text, "Послуги сторонніх виконавців" in text) == (False, True)


def test_budget_that_was_opened_and_left_alone_says_so(app: Flask, call: Call) -> None:
    (application,) = checking(call, 1, [new_head()])
    with unit_of_work():
        services.return_for_correction(application, ["budget"], "Кошторис", by=call.secretary)
    (item,) = queries.changed_items(application)
    assert (item.budget is not None and item.budget.is_changed) is False
    page = visit_as(app, call.secretary).get(f"/applications/{application.code}/changes").text
    assert (page.count("<del"), "Не змінено" in page) == (0, True)


def test_page_of_changes_says_whose_turn_it_is_and_shows_both_texts_only_where_they_differ(
    app: Flask, call: Call
) -> None:
    application, head = _returned(call, "goal")
    before = queries.answers_of(application)["goal"]
    desk, address = visit_as(app, call.secretary), f"/applications/{application.code}/changes"
    waiting = desk.get(address).text
    assert [waiting.count(words) for words in (before, "черга заявника", "Не змінено", "Було")] == [1, 1, 1, 0]
    with unit_of_work():
        services.save_correction(application, {"goal": "Перше речення про мету."}, by=head)
    with unit_of_work():
        services.send_correction(application, by=head)
    sent = desk.get(address).text
    assert [sent.count(words) for words in ("черга заявника", "Не змінено", "Було", "Зараз")] == [0, 0, 1, 1]
