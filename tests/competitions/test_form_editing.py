"""The form written part by part: what the procedure needs stays, codes are never given twice, two editors are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from grants_app.competitions import policy, queries
from grants_app.competitions import services as settings
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.amendments import working_form
from grants_app.competitions.rules.form import (
    STANDARD,
    Cell,
    EligibilityQuestion,
    FileKind,
    Form,
    Question,
    Section,
    editing,
)
from grants_app.competitions.services import form as services
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.permissions import Role
from tests.support.calls import Call, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person

PARTNERS = Question("", "Чи є партнери?", "choice", options=(("yes", "Так"), ("no", "Ні")))


def form_of(competition: Competition) -> Form:
    db.session.rollback()
    return queries.form_of(competition)


def put(call: Call, question: Question, section: str = "team", seen: str | None = None) -> str:
    with unit_of_work():
        return services.save_question(call.competition, question, section=section, by=call.organizer, seen=seen)


def refusal(step: Any) -> tuple[type[DomainError], str | None]:
    with pytest.raises(DomainError) as caught, unit_of_work():
        step()
    return type(caught.value), caught.value.field


def test_question_added_changed_moved_and_removed(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    first = put(call, PARTNERS)
    second = put(call, replace(PARTNERS, label="Які саме?", kind="long", options=(), limit=40, limit_unit="words"))
    assert (first, second) == ("q1", "q2")
    with unit_of_work():
        services.move_question(call.competition, second, "up", by=call.organizer)
    section = form_of(call.competition).section("team")
    assert section is not None
    assert [one.code for one in section.questions] == ["team", "partners", "q2", "q1"]
    put(call, replace(section.questions[3], label="Чи маєте партнерів?"))
    assert form_of(call.competition).questions["q1"].label == "Чи маєте партнерів?"
    with unit_of_work():
        services.remove_question(call.competition, "q2", by=call.organizer)
    codes = list(STANDARD.questions)
    place = codes.index("partners") + 1
    assert list(form_of(call.competition).questions) == [*codes[:place], "q1", *codes[place:]]


def test_every_saving_is_in_the_journal_and_counts_a_version(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    before = call.competition.version
    put(call, PARTNERS)
    entry = db.session.query(JournalEntry).order_by(JournalEntry.seq.desc()).first()
    assert entry is not None
    assert (entry.step, call.competition.version) == ("settings", before + 1)


def test_question_moved_to_another_page_keeps_its_code(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    location = STANDARD.questions["location"]
    assert put(call, location, section="plan") == "location"
    form = form_of(call.competition)
    assert (form.section_of["location"].slug, len(form.questions)) == ("plan", len(STANDARD.questions))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "long"},
        {"required": False},
        {"audience": "staff"},
        {"source": ""},
        {"show_if": {"question": "contact_name", "answered": True}},
    ],
    ids=["kind", "required", "audience", "source", "condition"],
)
def test_fixed_question_changes_its_words_alone(app: Flask, clock: FrozenClock, change: dict[str, Any]) -> None:
    call = new_call()
    known = STANDARD.questions["lot"]
    put(call, replace(known, label="Оберіть лот", hint="Один", **change), section="summary")
    assert form_of(call.competition).questions["lot"] == replace(known, label="Оберіть лот", hint="Один")


def test_fixed_rows_keep_their_columns(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    known = STANDARD.questions["team"]
    cells = (replace(known.cells[0], label="Хто", kind="date"), Cell("extra", "Зайве"))
    put(call, replace(known, cells=cells, max_rows=1))
    found = form_of(call.competition).questions["team"]
    assert found == replace(known, cells=(replace(known.cells[0], label="Хто"), *known.cells[1:]))


def test_title_longer_than_its_column_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    long = replace(STANDARD.questions["title"], limit=301)
    assert refusal(lambda: services.save_question(call.competition, long, section="summary", by=call.organizer)) == (
        InvalidInput,
        "limit",
    )


@pytest.mark.parametrize("code", ["title", "contact_phone", "governing_people", "smallest_dropped"])
def test_question_that_the_procedure_needs_is_not_removed(app: Flask, clock: FrozenClock, code: str) -> None:
    call = new_call()
    assert refusal(lambda: services.remove_question(call.competition, code, by=call.organizer)) == (InvalidInput, code)
    assert form_of(call.competition) == STANDARD


@pytest.mark.parametrize("slug", ["budget", "files", "summary"])
def test_page_that_the_procedure_needs_is_not_removed(app: Flask, clock: FrozenClock, slug: str) -> None:
    call = new_call()
    assert refusal(lambda: services.remove_section(call.competition, slug, by=call.organizer)) == (InvalidInput, slug)


def test_question_that_a_condition_asks_about_is_not_removed(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    code = put(call, PARTNERS)
    put(call, Question("", "Назвіть їх", "long", show_if={"question": code, "is": "yes"}))
    assert refusal(lambda: services.remove_question(call.competition, code, by=call.organizer)) == (InvalidInput, code)
    assert refusal(lambda: services.move_question(call.competition, code, "down", by=call.organizer)) == (
        InvalidInput,
        "q2",
    )
    less = replace(PARTNERS, code=code, options=(("no", "Ні"), ("o1", "Не знаю")))
    assert refusal(lambda: services.save_question(call.competition, less, section="team", by=call.organizer)) == (
        InvalidInput,
        "q2",
    )


def test_removed_question_is_opened_by_no_requirement(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with unit_of_work():
        services.remove_question(call.competition, "other_funding_details", by=call.organizer)
    assert form_of(call.competition).requirement_by_code["double_funding"].question == ""


def test_pages_added_moved_and_removed_within_their_part(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with unit_of_work():
        slug = services.save_section(call.competition, Section("", "organisation", "Про нас"), by=call.organizer)
    order = [one.slug for one in form_of(call.competition).sections]
    assert (slug, order[:5]) == ("s1", ["organisation", "experience", "governing", "s1", "summary"])
    for _ in range(5):
        with unit_of_work():
            services.move_section(call.competition, slug, "up", by=call.organizer)
    assert [one.slug for one in form_of(call.competition).sections][:2] == ["s1", "organisation"]
    guard = next(one for one in policy.guards(call.competition) if one.theme == "form")
    assert guard.is_met is False
    with unit_of_work():
        services.remove_section(call.competition, slug, by=call.organizer)
    assert form_of(call.competition) == STANDARD


@pytest.mark.parametrize(
    ("name", "item", "code"),
    [
        ("files", FileKind("", "Паспорт приміщення", True), "f1"),
        ("declarations", Question("", "Приміщення доступне", "declaration", audience="staff"), "d1"),
        ("categories", ("", "Волонтерські витрати"), "k1"),
        ("eligibility", EligibilityQuestion("", "Ви з міста?", "Оголошення, п. 1"), "e1"),
    ],
)
def test_lists_take_and_lose_a_part(app: Flask, clock: FrozenClock, name: str, item: Any, code: str) -> None:
    call = new_call()
    by = call.organizer
    with unit_of_work():
        assert services.save_item(call.competition, name, item, by=by) == code
    assert editing.code_of(getattr(form_of(call.competition), name)[-1]) == code
    with unit_of_work():
        services.move_item(call.competition, name, code, "up", by=by)
    assert editing.code_of(getattr(form_of(call.competition), name)[-2]) == code
    with unit_of_work():
        services.remove_item(call.competition, name, code, by=by)
    assert form_of(call.competition) == STANDARD


def test_ceilings_are_those_of_the_forms_own_categories(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    by = call.organizer
    with unit_of_work():
        services.save_item(call.competition, "categories", ("", "Волонтерські витрати"), by=by)
    own = settings.AdmissionSetting(category_ceilings={"k1": 1000, "administration": 500})
    with unit_of_work():
        settings.update_rules(call.competition, engine={}, admission=own, by=by)
    with unit_of_work():
        services.remove_item(call.competition, "categories", "k1", by=by)
    assert call.competition.category_ceilings == {"administration": 500}
    assert refusal(lambda: settings.update_rules(call.competition, engine={}, admission=own, by=by)) == (
        InvalidInput,
        "category_ceilings",
    )


def test_second_editor_of_one_question_is_told_of_another_not(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    goal, capacity = STANDARD.questions["goal"], STANDARD.questions["capacity"]
    seen = services.mark((goal, "rationale"))
    put(call, replace(goal, limit=600), section="rationale", seen=seen)
    put(call, replace(capacity, limit=600), section="experience", seen=services.mark((capacity, "experience")))
    again = replace(goal, limit=700)
    assert refusal(
        lambda: services.save_question(call.competition, again, section="rationale", by=call.organizer, seen=seen)
    ) == (EditConflict, None)
    assert form_of(call.competition).questions["goal"].limit == 600


def test_unknown_parts_are_not_found(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    by = call.organizer
    steps = [
        lambda: services.save_question(call.competition, replace(PARTNERS, code="nope"), section="team", by=by),
        lambda: services.save_question(call.competition, PARTNERS, section="nope", by=by),
        lambda: services.move_question(call.competition, "title", "sideways", by=by),
        lambda: services.remove_item(call.competition, "files", "nope", by=by),
        lambda: services.remove_question(call.competition, "declare_truth", by=by),
    ]
    assert [refusal(step) for step in steps] == [(NotFound, None)] * 5


def test_question_on_the_page_of_documents_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    assert refusal(lambda: services.save_question(call.competition, PARTNERS, section="files", by=call.organizer)) == (
        InvalidInput,
        "section",
    )


def test_stranger_and_announced_form_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    stranger = new_person(Role.SECRETARY)
    assert refusal(lambda: services.save_question(call.competition, PARTNERS, section="team", by=stranger)) == (
        NotAllowed,
        None,
    )
    with unit_of_work():
        settings.announce(call.competition, by=call.organizer)
    assert refusal(lambda: services.save_question(call.competition, PARTNERS, section="team", by=call.organizer)) == (
        NotAllowed,
        None,
    )


def test_copy_of_last_years_call_takes_the_form_and_the_settings(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    put(call, PARTNERS)
    setting = settings.IntakeSetting(("scan", "confirm"), False, 15, "commission")
    with unit_of_work():
        settings.update_intake(call.competition, setting, by=call.organizer)
    with unit_of_work():
        settings.announce(call.competition, by=call.organizer)
    with unit_of_work():
        copied = settings.copy_competition(call.competition, code="2028-B", title="Далі", year=2028, by=call.organizer)
    assert working_form(copied) == queries.form_of(call.competition)
    assert "q1" in working_form(copied).questions
    assert (copied.signature_modes, copied.upload_grace_minutes) == (["confirm", "scan"], 15)
    assert (copied.seals_applications, copied.admission_by) == (False, "commission")


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        (settings.IntakeSetting(()), "signature_modes"),
        (settings.IntakeSetting(("stamp",)), "signature_modes"),
        (settings.IntakeSetting(upload_grace_minutes=61), "upload_grace_minutes"),
        (settings.IntakeSetting(admission_by="mayor"), "admission_by"),
    ],
)
def test_settings_of_the_intake_out_of_bounds_refused(
    app: Flask, clock: FrozenClock, setting: settings.IntakeSetting, field: str
) -> None:
    call = new_call()
    assert refusal(lambda: settings.update_intake(call.competition, setting, by=call.organizer)) == (
        InvalidInput,
        field,
    )


def test_announcing_keeps_the_form_as_version_one(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    text = call.competition.form_text
    assert (text is None, call.competition.form_version) == (False, 1)
    assert queries.form_of(call.competition) == STANDARD
