"""Rows of the editors are added, moved and removed by buttons that need no script; what was typed is never lost."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.competitions import policy, queries
from grants_app.competitions import services as calls
from grants_app.competitions.models import CallAmendment, Competition
from grants_app.competitions.queries.amendments import amendment_of
from grants_app.competitions.rules.form import STANDARD, Cell, Form, Question, Section, read_form
from grants_app.competitions.services import amendments
from grants_app.competitions.services import form as services
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from tests.competitions.test_pages import page_of, summary, typed
from tests.support.calls import CODE, Call, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

pytestmark = pytest.mark.sqlite_only
FORM = f"/competitions/{CODE}/settings/form"
COLUMNS = (Cell("c1", "Хто"), Cell("c2", "Що", "long", limit=200), Cell("c3", "Коли", "date", required=False))
OPTIONS = (("o1", "Так"), ("o2", "Ні"), ("o3", "Не знаю"))


def stored() -> Competition:
    db.session.rollback()
    return db.session.query(Competition).filter_by(code=CODE).one()


def form_now() -> Form:
    return queries.form_of(stored())


def opened(app: Flask) -> tuple[Call, FlaskClient]:
    """A draft with a choice (q1) and a repeating group (q2)."""
    call = new_call()
    with unit_of_work():
        choice = Question("", "Чи будуть волонтери?", "choice", options=OPTIONS)
        group = Question("", "Хто що робить?", "rows", cells=COLUMNS, max_rows=5)
        services.save_question(call.competition, choice, section="team", by=call.organizer)
        services.save_question(call.competition, group, section="team", by=call.organizer)
    return call, visit_as(app, call.organizer)


def pressed(client: FlaskClient, address: str, page: TestResponse, step: str, **values: str) -> TestResponse:
    return client.post(address, data=typed(page) | values | {"row": step})


def labels(answer: TestResponse, name: str) -> list[str]:
    return [str(field.get("value", "")) for field in page_of(answer).select(f"input[name^={name}-][name$=-label]")]


def steps_of(answer: TestResponse, name: str) -> dict[str, bool]:
    """Buttons over the rows of a list that a browser without scripts shows, with whether they can be pressed."""
    found = page_of(answer).select(f"button[name=row][value^='{name}/']")
    return {str(one["value"]): not one.has_attr("disabled") for one in found if not one.has_attr("hidden")}


def test_options_are_moved_by_buttons_and_saved_in_the_new_order(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    address = f"{FORM}/questions/q1"
    page = organizer.get(address)
    assert {step: can for step, can in steps_of(page, "options").items() if step.endswith(("up", "down"))} == {
        "options/0/up": False,
        "options/0/down": True,
        "options/1/up": True,
        "options/1/down": True,
        "options/2/up": True,
        "options/2/down": False,
    }
    entries = db.session.query(JournalEntry).count()
    page = pressed(organizer, address, page, "options/2/up", label="Чи буде допомога?")
    assert (page.status_code, labels(page, "options")) == (200, ["Так", "Не знаю", "Ні"])
    assert (form_now().questions["q1"].options, db.session.query(JournalEntry).count()) == (OPTIONS, entries)
    assert organizer.post(address, data=typed(page)).status_code == 302
    saved = form_now().questions["q1"]
    assert (saved.label, saved.options) == ("Чи буде допомога?", (OPTIONS[0], OPTIONS[2], OPTIONS[1]))
    assert db.session.query(JournalEntry).count() == entries + 1


def test_columns_keep_their_codes_kinds_and_ticks_when_they_move(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    address = f"{FORM}/questions/q2"
    page = pressed(organizer, address, organizer.get(address), "cells/0/down")
    page = pressed(organizer, address, page, "cells/1/down")
    assert organizer.post(address, data=typed(page)).status_code == 302
    assert form_now().questions["q2"].cells == (COLUMNS[1], COLUMNS[2], COLUMNS[0])


def test_rows_are_added_and_removed_without_a_script(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    address = f"{FORM}/questions/q2"
    page = pressed(organizer, address, organizer.get(address), "cells/add")
    assert labels(page, "cells") == ["Хто", "Що", "Коли", ""]
    page = pressed(organizer, address, page, "cells/1/remove", **{"cells-3-label": "Де"})
    assert labels(page, "cells") == ["Хто", "Коли", "Де"]
    assert organizer.post(address, data=typed(page)).status_code == 302
    assert [(cell.code, cell.label) for cell in form_now().questions["q2"].cells] == [
        ("c1", "Хто"),
        ("c3", "Коли"),
        ("c4", "Де"),
    ]


@pytest.mark.parametrize("step", ["cells", "cells/9/up", "cells/x/up", "cells/0/away", "tokens/0/up", "cells/-1/up"])
def test_forged_step_is_not_found(app: Flask, clock: FrozenClock, step: str) -> None:
    _call, organizer = opened(app)
    address = f"{FORM}/questions/q2"
    assert pressed(organizer, address, organizer.get(address), step).status_code == 404


def test_new_choice_begins_with_two_options_and_enter_saves(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    page = organizer.get(f"{FORM}/questions/new?section=team&kind=choice")
    assert labels(page, "options") == ["", ""]
    first = page_of(page).select("main form button[type=submit]")[0]
    assert (first.get("name"), first.get("aria-hidden")) == (None, "true")


def condition(answer: TestResponse) -> tuple[bool, int, bool]:
    """Whether the condition is open, how many rows it has, whether it asks how rows are joined."""
    box, join = (
        page_of(answer).select_one("details:has(#conditions)"),
        page_of(answer).select_one("[data-rows-several]"),
    )
    assert isinstance(box, Tag)
    assert isinstance(join, Tag)
    return box.has_attr("open"), len(box.select("[data-row]")), not join.has_attr("hidden")


@pytest.mark.parametrize(
    "address", ["questions/new?section=team&kind=text", "questions/q1", f"files/{STANDARD.files[0].code}"]
)
def test_condition_stays_closed_until_somebody_asks_for_one(app: Flask, clock: FrozenClock, address: str) -> None:
    _call, organizer = opened(app)
    assert condition(organizer.get(f"{FORM}/{address}")) == (False, 1, False)


def test_one_condition_is_one_row_and_the_second_comes_when_asked_for(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    with unit_of_work():
        asked = Question("", "Скільки їх?", "number", show_if={"question": "q1", "is": "o1"})
        services.save_question(call.competition, asked, section="team", by=call.organizer)
    address = f"{FORM}/questions/q3"
    page = organizer.get(address)
    assert condition(page) == (True, 1, False)
    page = pressed(organizer, address, page, "conditions/add")
    assert condition(page) == (True, 2, True)
    rule = {"conditions-1-question": "q1", "conditions-1-test": "answered", "join": "any"}
    assert organizer.post(address, data=typed(page) | rule).status_code == 302
    expected: dict[str, Any] = {"any": [{"question": "q1", "is": "o1"}, {"question": "q1", "answered": True}]}
    assert form_now().questions["q3"].show_if == expected
    page = pressed(organizer, address, organizer.get(address), "conditions/1/remove")
    page = pressed(organizer, address, page, "conditions/0/remove")
    assert condition(page) == (True, 1, False)
    assert organizer.post(address, data=typed(page)).status_code == 302
    assert form_now().questions["q3"].show_if is None


def test_condition_on_a_lot_is_chosen_by_its_title_and_announced(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    address = f"{FORM}/questions/q1"
    lot = call.competition.lots[1]
    page = organizer.get(address)
    offered = page_of(page).select_one(f"#conditions-0-answer option[value='lot:{lot.code}']")
    assert offered is not None
    assert offered.get_text() == f"Лот: {lot.title}"
    rule = {"conditions-0-question": "lot", "conditions-0-test": "is", "conditions-0-answer": f"lot:{lot.code}"}
    assert organizer.post(address, data=typed(page) | rule).status_code == 302
    assert form_now().questions["q1"].show_if == {"question": "lot", "is": lot.code}
    assert form_now().questions["lot"].options == ()
    again = typed(organizer.get(address))
    assert {name: again[name] for name in rule} == rule
    with unit_of_work():
        calls.announce(call.competition, by=call.organizer)
    asked = page_of(visit_as(app, None).get(f"/competitions/{CODE}/questions")).get_text(" ", strip=True)
    assert f"Запитується, лише якщо відповідь на 4.2 – «{lot.title}»" in asked


def test_call_whose_condition_names_a_removed_lot_cannot_be_announced(app: Flask, clock: FrozenClock) -> None:
    call, _organizer = opened(app)
    with unit_of_work():
        asked = Question("", "Лише для великих", "text", show_if={"question": "lot", "is": "large"})
        services.save_question(call.competition, asked, section="team", by=call.organizer)
    assert policy.unmet_guards(stored()) == []
    lot = next(one for one in stored().lots if one.code != "large")
    source = lot.source_line.code if lot.source_line else ""
    kept = calls.LotSetting(lot.title, lot.fund_kop, lot.minimum_kop, lot.maximum_kop, lot.code, source)
    with unit_of_work():
        calls.update_lots(call.competition, [kept], by=call.organizer)
    assert [error.field for error in policy.unmet_guards(stored())] == ["form"]


def test_columns_that_the_procedure_needs_do_not_move(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    fixed = next(one for one in STANDARD.questions.values() if one.is_fixed and one.cells)
    address = f"{FORM}/questions/{fixed.code}"
    page = organizer.get(address)
    assert (page_of(page).select("button[name=row]"), page_of(page).select("[data-rows]")) == ([], [])
    sent = typed(page) | {"cells-0-label": "Інакше", "cells-9-label": "Зайвий"}
    assert organizer.post(address, data=sent).status_code == 302
    now = form_now().questions[fixed.code]
    assert [cell.code for cell in now.cells] == [cell.code for cell in fixed.cells]
    assert (now.cells[0].label, now.cells[0].kind) == ("Інакше", fixed.cells[0].kind)


def test_criteria_lots_and_priorities_are_ordered_without_a_script(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    for theme, step in (("criteria", "criteria/1/up"), ("lots", "lots/0/down")):
        address = f"/competitions/{CODE}/settings/{theme}"
        before = [one.code for one in getattr(stored(), theme)]
        page = pressed(organizer, f"{address}?saved=1", organizer.get(address), step)
        assert page_of(page).select(".app-note--ok") == []
        assert [one.code for one in getattr(stored(), theme)] == before
        assert organizer.post(address, data=typed(page)).status_code == 302
        assert [one.code for one in getattr(stored(), theme)] == [before[1], before[0], *before[2:]]


# -- an amendment ------------------------------------------------------------------------------------------------------
def amended(app: Flask) -> tuple[Call, FlaskClient]:
    call = announced_call()
    with unit_of_work():
        amendments.begin_amendment(call.competition, by=call.organizer)
        choice = Question("", "Чи будуть волонтери?", "choice", options=OPTIONS)
        services.save_question(call.competition, choice, section="team", by=call.organizer)
    return call, visit_as(app, call.organizer)


def test_order_changed_in_an_amendment_waits_for_its_publication(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = amended(app)
    address = f"{FORM}/questions/q1"
    page = pressed(organizer, address, organizer.get(address), "options/0/down")
    assert organizer.post(address, data=typed(page)).status_code == 302
    written = amendment_of(stored())
    assert isinstance(written, CallAmendment)
    assert read_form(written.form_text).questions["q1"].options == (OPTIONS[1], OPTIONS[0], OPTIONS[2])
    assert "q1" not in form_now().questions


def test_text_typed_when_the_amendment_was_thrown_away_stands_on_the_page(app: Flask, clock: FrozenClock) -> None:
    call, organizer = amended(app)
    address = f"{FORM}/questions/q1"
    sent = typed(organizer.get(address)) | {"label": "Дуже довго думали над цим"}
    with unit_of_work():
        amendments.discard_amendment(call.competition, by=call.organizer)
    answer = organizer.post(address, data=sent)
    page = page_of(answer)
    assert (answer.status_code, page.select("main form[method=post]")) == (403, [])
    assert "Дуже довго думали над цим" in page.get_text(" ")


# -- removed meanwhile -------------------------------------------------------------------------------------------------
def test_question_removed_meanwhile_comes_back_as_a_new_one(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    address = f"{FORM}/questions/q2"
    sent = typed(organizer.get(address)) | {"label": "Хто, що й коли?", "cells-0-label": "Людина"}
    with unit_of_work():
        services.remove_question(call.competition, "q2", by=call.organizer)
    page = organizer.post(address, data=sent)
    assert (page.status_code, len(summary(page)), labels(page, "cells")) == (409, 1, ["Людина", "Що", "Коли"])
    page = pressed(organizer, address, page, "cells/0/down")
    assert labels(page, "cells") == ["Що", "Людина", "Коли"]
    assert organizer.post(f"{FORM}/questions/new", data=typed(page)).status_code == 302
    found = [one for one in form_now().section("team").questions if one.label == "Хто, що й коли?"]  # type: ignore[union-attr]  # it stands
    assert [(cell.label, cell.kind) for one in found for cell in one.cells] == [
        ("Що", "long"),
        ("Людина", "text"),
        ("Коли", "date"),
    ]


def test_question_of_a_removed_page_asks_where_it_belongs(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    with unit_of_work():
        slug = services.save_section(call.competition, Section("", "project", "Ще одна"), by=call.organizer)
    new = typed(organizer.get(f"{FORM}/questions/new?section={slug}&kind=long"))
    with unit_of_work():
        services.remove_section(call.competition, slug, by=call.organizer)
    page = organizer.post(f"{FORM}/questions/new", data=new | {"label": "Навіщо це?"})
    assert (page.status_code, typed(page)["label"], typed(page)["kind"]) == (409, "Навіщо це?", "long")
    assert organizer.post(f"{FORM}/questions/new", data=typed(page) | {"section": "team"}).status_code == 302
    assert form_now().section_of[next(code for code in form_now().questions if code == "q3")].slug == "team"


@pytest.mark.parametrize(
    ("part", "words"),
    [("pages/{slug}", "title"), ("files/{file}", "label"), ("eligibility/{first}", "label")],
)
def test_part_removed_meanwhile_is_offered_as_a_new_one(app: Flask, clock: FrozenClock, part: str, words: str) -> None:
    call, organizer = opened(app)
    with unit_of_work():
        slug = services.save_section(call.competition, Section("", "project", "Ще одна"), by=call.organizer)
    codes = {"slug": slug, "file": STANDARD.files[0].code, "first": STANDARD.eligibility[0].code}
    address = f"{FORM}/{part.format(**codes)}"
    sent = typed(organizer.get(address)) | {words: "Те, що писали довго"}
    assert organizer.post(f"{address}/remove").status_code == 302
    page = organizer.post(address, data=sent)
    assert (page.status_code, typed(page)[words]) == (409, "Те, що писали довго")
    target = page_of(page).select_one("main form[method=post]")
    assert isinstance(target, Tag)
    assert organizer.post(str(target["action"]), data=typed(page)).status_code == 302
    assert "Те, що писали довго" in str(stored().form_text)


def test_nothing_typed_for_a_part_that_never_was_is_not_found(app: Flask, clock: FrozenClock) -> None:
    _call, organizer = opened(app)
    for part in ("questions/q99", "pages/s99", "files/f99"):
        assert organizer.post(f"{FORM}/{part}", data={}).status_code == 404


def test_text_typed_while_the_call_was_announced_stands_on_the_page(app: Flask, clock: FrozenClock) -> None:
    call, organizer = opened(app)
    address = f"{FORM}/questions/q1"
    sent = typed(organizer.get(address)) | {"label": "Дописане пізно"}
    with unit_of_work():
        calls.announce(call.competition, by=call.organizer)
    answer = organizer.post(address, data=sent)
    text = page_of(answer).select_one("main").get_text(" ")  # type: ignore[union-attr]  # it is there
    assert (answer.status_code, "Дописане пізно" in text, "Не знаю" in text) == (403, True, True)
    assert form_now().questions["q1"].label == "Чи будуть волонтери?"


def test_added_question_is_published_with_its_options_and_condition(app: Flask, clock: FrozenClock) -> None:
    call, organizer = amended(app)
    with unit_of_work():
        rule = {"question": "lot", "is": "large"}
        asked = Question("", "Опишіть", "long", limit=90, limit_unit="words", required=False, show_if=rule)
        services.save_question(call.competition, asked, section="team", by=call.organizer)
        amendments.publish_amendment(call.competition, by=call.organizer, reason="Забули запитати")
    page = page_of(organizer.get(f"/competitions/{CODE}"))
    lines = [
        [cell.get_text(strip=True) for cell in line.select("th, td")] for line in page.select(".app-words tbody tr")
    ]
    lot = next(one.title for one in call.competition.lots if one.code == "large")
    assert lines == [
        ["Чи будуть волонтери? · Додано до форми", "–", "Чи будуть волонтери?; Один із варіантів; обов’язково"],
        ["Чи будуть волонтери? · Варіанти", "–", "Так; Ні; Не знаю"],
        ["Опишіть · Додано до форми", "–", "Опишіть; Текст із кількох абзаців; за бажанням"],
        ["Опишіть · Найдовша відповідь", "–", "90 слів"],
        ["Опишіть · Коли запитується", "–", f"Запитується, лише якщо відповідь на «Лот» – «{lot}»"],
    ]
