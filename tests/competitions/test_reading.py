"""What anybody reads before applying: all questions, the first questions, the calendar, the announcement."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from pypdf import PdfReader

from grants_app.accounts.models import User
from grants_app.competitions import services
from grants_app.competitions.documents.annex import questions_annex
from grants_app.competitions.documents.example import example_sentences, example_sheet
from grants_app.competitions.documents.form_words import condition_words, form_lines
from grants_app.competitions.documents.terms import days, terms
from grants_app.competitions.models import CallVersion, Competition
from grants_app.competitions.queries.example import worked_example
from grants_app.competitions.rules import PRESETS
from grants_app.competitions.rules.form import STANDARD, Form, Question, Section, form_text
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from tests.support.calls import CODE, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

pytestmark = pytest.mark.sqlite_only
PAGES = ("/questions", "/questions.json", "/eligibility", "/calendar")


def own_form() -> Form:
    """The standard form with a section of the city's own: a condition, a limit in words, some of the options."""
    options = (("art", "Мистецтво"), ("sport", "Спорт"))
    added = Section(
        "city",
        "project",
        "Питання міста",
        (
            Question("fields", "Напрями", "many", options=options),
            Question(
                "halls",
                "Які зали потрібні",
                "long",
                limit=50,
                limit_unit="words",
                show_if={
                    "all": [
                        {"question": "fields", "one_of": ["art"]},
                        {"not": {"question": "title", "answered": False}},
                    ]
                },
            ),
            Question("visitors", "Скільки глядачів", "number", required=False, audience="staff"),
            Question("guards", "Хто охороняє", "text", show_if={"question": "visitors", "at_least": 100}),
        ),
    )
    return replace(STANDARD, sections=(*STANDARD.sections, added))


def call_with(form: Form) -> Competition:
    call = new_call()
    with unit_of_work():
        call.competition.form_text = form_text(form)
    with unit_of_work():
        services.announce(call.competition, by=call.organizer)
    return call.competition


def text_of(app: Flask, address: str, person: User | None = None) -> str:
    answer = visit_as(app, person).get(f"/competitions/{CODE}{address}")
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.data, "html.parser").get_text(" ", strip=True).replace("\xa0", " ")


def pdf_text(app: Flask, address: str) -> str:
    body = visit_as(app, None).get(f"/competitions/{CODE}{address}").data
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(body)).pages)


def test_every_question_stands_beforehand(app: Flask, clock: FrozenClock) -> None:
    competition = call_with(own_form())
    shown = text_of(app, "/questions")
    with app.test_request_context("/"):
        lines = form_lines(competition)
    codes = [line.code for line in lines]
    wanted = [*own_form().questions, *(kind.code for kind in STANDARD.files), *dict(STANDARD.categories)]
    assert sorted(codes) == sorted(wanted)
    assert [line.label for line in lines if line.label.replace("\xa0", " ") not in shown] == []
    for words in ("до 50 слів", "Запитується, лише якщо", "Мистецтво", "Малі гранти", "Культура", "до 140 знаків"):
        assert words in shown, words


def test_questions_leave_as_files(app: Flask, clock: FrozenClock) -> None:
    call_with(own_form())
    rows = visit_as(app, None).get(f"/competitions/{CODE}/questions.json").get_json()["rows"]
    (halls,) = [row for row in rows if row["code"] == "halls"]
    assert (halls["label"], halls["answer"], halls["required"]) == (
        "Які зали потрібні",
        "Текст із кількох абзаців, до 50 слів",
        "обов’язково",
    )
    assert "Які зали потрібні" in pdf_text(app, "/questions.pdf")
    head = visit_as(app, None).get(f"/competitions/{CODE}/questions.csv").text.lstrip("\ufeff").splitlines()[0]
    assert head.split(";")[2:4] == ["Запитання", "Відповідь"]  # nouns: «Відповісти» is a button


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"question": "fields", "is": "art"}, "the answer to “Напрями” is “Мистецтво”"),
        ({"question": "fields", "one_of": ["art", "sport"]}, "the answer to “Напрями” is “Мистецтво” or “Спорт”"),
        ({"question": "visitors", "at_least": 100}, "“Скільки глядачів” is 100 or more"),
        (
            {"any": [{"question": "title", "answered": True}, {"not": {"question": "visitors", "at_most": 5}}]},
            "“Project title” is answered or not so: “Скільки глядачів” is 5 or less",
        ),
        ({"not": {"question": "fields", "is": "art"}}, "the answer to “Напрями” is not “Мистецтво”"),
    ],
)
def test_condition_is_said_in_words(app: Flask, tree: dict[str, Any], words: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert condition_words(tree, own_form()) == words


def test_condition_names_the_number_where_numbers_stand(app: Flask) -> None:
    tree = {"all": [{"question": "fields", "is": "art"}, {"question": "visitors", "at_least": 100}]}
    with app.test_request_context("/?lang=uk"):
        words = condition_words(tree, own_form(), {"fields": "13.1", "visitors": "13.3"})
    assert words == "відповідь на 13.1 – «Мистецтво» і 13.3 – 100 або більше"


def test_condition_in_ukrainian_has_ukrainian_quotes(app: Flask) -> None:
    with app.test_request_context("/?lang=uk"):
        words = condition_words({"question": "fields", "is": "art"}, own_form())
    assert words == "відповідь на «Напрями» – «Мистецтво»"


def test_draft_is_read_by_its_desk_alone(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    for address in PAGES:
        got = [visit_as(app, who).get(f"/competitions/{CODE}{address}").status_code for who in (None, call.organizer)]
        assert got == [404, 200], address


def test_first_questions_answer_in_words_with_the_clause(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    guest = visit_as(app, None)
    good = {one.code: one.wanted for one in STANDARD.eligibility}
    address = f"/competitions/{CODE}/eligibility"
    told = {}
    for name, given in (
        ("good", good),
        ("bad", {**good, "liquidation": "yes", "nonprofit": "no"}),
        ("half", {"kind": "yes"}),
        ("forged", {**good, "kind": "perhaps"}),
    ):
        answer = guest.get(address, query_string=given)
        told[name] = (answer.status_code, BeautifulSoup(answer.data, "html.parser"))
    assert [told[name][0] for name in ("good", "bad", "half", "forged")] == [200, 200, 422, 422]
    assert "Ваша організація може подати заявку" in told["good"][1].get_text()
    refused = [item.get_text(" ", strip=True) for item in told["bad"][1].select("[role=status] li")]
    assert len(refused) == 2
    assert "Порядок КМУ №\u00a01049, п.\u00a010" in refused[1]
    assert len(told["half"][1].select(".govuk-error-summary li")) == len(good) - 1
    assert told["good"][1].select("main script") == []


def test_first_questions_write_nothing(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    answer = visit_as(app, None).get(f"/competitions/{CODE}/eligibility?legal_entity=yes")
    assert "Set-Cookie" not in answer.headers or "legal_entity" not in answer.headers["Set-Cookie"]


def test_options_and_columns_stand_one_under_the_other_on_paper(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with app.test_request_context("/?lang=uk"):
        tables = [block.table for block in questions_annex(call.competition) if block.table is not None]
    headings = [table["headings"] for table in tables]
    assert headings[0] == ["№", "Запитання", "Відповідь"]  # no question of the first section has options
    assert headings[1] == ["№", "Запитання", "Відповідь", "Варіанти або стовпці"]
    assert [line[:9] for line in tables[1]["cells"][0][3].split("\n")][:2] == ["– Проєкт ", "– Рік (Ці"]


def test_announcement_holds_everything_that_binds(app: Flask, clock: FrozenClock) -> None:
    call_with(own_form())
    text = pdf_text(app, ".pdf")
    for words in (
        "Лоти й кошти",
        "Власний внесок",
        "Культура",
        "Хто може подати заявку",
        "Рішення керівного органу про участь у конкурсі",
        "до 23:59 середи, 31 березня 2027 року",
        "Що означають бали",
        "Приклад підрахунку",
        "Якщо їхні підсумки різняться більш ніж на",
        "30 календарних днів",
        "konkurs@example.org",
        "Персональні дані",
        "Додаток. Усі запитання форми заявки",
        "Які зали потрібні",
    ):
        assert words in text, words


def test_shares_are_announced_exactly_as_they_bind(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with unit_of_work():
        shares = services.AdmissionSetting(own_share_min_bp=1275, inkind_max_bp=5000, category_ceilings={"pay": 1025})
        engine = {"allocation": {**call.competition.engine["allocation"], "marginal_bp": 6667}}
        services.update_rules(call.competition, engine=engine, admission=shares, by=call.organizer)
        services.announce(call.competition, by=call.organizer)
    guest = visit_as(app, None)
    page = guest.get(f"/competitions/{CODE}").get_data(as_text=True).replace("\xa0", " ")
    for words in (
        "від 12,75 %",
        "щонайменше 12,75 %",
        "не більше ніж 50 %",
        "10,25 %",
        "щонайменше 66,67 % запитаного",
    ):
        assert words in page, words
    english = guest.get(f"/competitions/{CODE}?lang=en").get_data(as_text=True)
    assert "at least 66.67% of the request" in english
    asked = guest.get(f"/competitions/{CODE}/questions").get_data(as_text=True)
    assert "at most 10.25% of the whole cost" in asked


def test_amendment_stands_with_its_reason_old_and_new(app: Flask, clock: FrozenClock) -> None:
    competition = announced_call().competition
    first = form_text(STANDARD)
    clock.at("2027-03-05 12:00")
    changes = [{"place": "Contact", "what": "Text", "old": ["konkurs@example.org"], "new": ["inshyi@example.org"]}]
    with unit_of_work():
        if not db.session.query(CallVersion).filter_by(competition_id=competition.id).count():
            db.session.add(_version(competition, 1, first, "–", []))
        competition.contact = "inshyi@example.org"
        competition.form_version = 2
        db.session.add(_version(competition, 2, first, "Змінилася адреса", changes))
    for shown in (text_of(app, ""), pdf_text(app, ".pdf")):
        for words in (
            "Зміна 1 від 5 березня 2027 року",
            "Змінилася адреса",
            "konkurs@example.org",
            "inshyi@example.org",
        ):
            assert words in shown, words


def _version(competition: Competition, number: int, text: str, reason: str, changes: list[Any]) -> CallVersion:
    return CallVersion(
        competition=competition,
        number=number,
        form_text=text,
        texts={},
        reason=reason,
        changes=changes,
        at=product_clock.now(),
    )


@pytest.mark.parametrize(("lang", "letters"), [("uk", "абвг"), ("en", "abcd")])
def test_cost_categories_are_lettered_in_the_language_of_the_reader(
    app: Flask, clock: FrozenClock, lang: str, letters: str
) -> None:
    competition = announced_call().competition
    with app.test_request_context(f"/?lang={lang}"):
        numbers = [line.number for line in form_lines(competition) if line.number[-1].isalpha()]
    assert numbers[:4] == [f"10.{letter}" for letter in letters]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_example_is_counted_by_the_engine_for_every_preset(app: Flask, clock: FrozenClock, preset: str) -> None:
    call = new_call(preset=preset)
    example = worked_example(call.competition)
    assert example is not None
    assert [(one.application, one.place) for one in example.results] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    ("lang", "named", "said"),
    [
        ("uk", {("А", "Е1"), ("Б", "Е1")}, "Заявка А:"),
        ("en", {("A", "E1"), ("B", "E1")}, "Application A:"),
    ],
)
def test_example_names_its_applications_in_the_letters_of_the_reader(
    app: Flask, clock: FrozenClock, lang: str, named: set[tuple[str, str]], said: str
) -> None:
    competition = announced_call().competition
    example = worked_example(competition)
    assert example is not None
    with app.test_request_context(f"/?lang={lang}"):
        first = {(row[0], row[1]) for row in example_sheet(competition, example).cells}
        assert named <= first
        assert example_sentences(example)[0].startswith(said)


def test_example_can_be_redone_by_hand(app: Flask, clock: FrozenClock) -> None:
    competition = announced_call().competition
    example = worked_example(competition)
    assert example is not None
    weights = [int(each.weight) for each in competition.criteria]
    for line in example.lines:
        by_hand = sum(weight * int(mark) / 10 for weight, mark in zip(weights, line.marks, strict=True))
        assert float(line.total) == by_hand
    of_first = [float(line.total) for line in example.lines if line.application == "A"]
    assert float(example.results[0].score) == pytest.approx(sum(of_first) / len(of_first), abs=0.005)


def test_terms_say_how_their_days_are_counted(app: Flask, clock: FrozenClock) -> None:
    competition = announced_call().competition
    with app.test_request_context("/?lang=en"):
        assert [days(10), days(11), days(1)] == ["10 working days", "11 calendar days", "1 working day"]
        told = {one.what: one.days for one in terms(competition)}
    assert told["Complaint against a decision"] == "30 calendar days"
    assert told["Correction of defects, once, of the named answers alone"] == "5 working days"


def test_calendar_file_has_every_date(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    body = visit_as(app, None).get(f"/competitions/{CODE}/calendar.ics").get_data(as_text=True)
    lines = body.replace("\r\n ", "").split("\r\n")
    days_of = [line.partition(":")[2] for line in lines if line.startswith("DTSTART;VALUE=DATE")]
    assert days_of == ["20270301", "20270301", "20270331", "20270420", "20270505", "20270520", "20271215"]
    assert [line for line in lines if line.startswith("DTEND:")] == ["DTEND:20270331T210000Z"]
    assert sum("робочих днів" in line for line in lines if line.startswith("DESCRIPTION:")) == 2
    assert max(len(line.encode()) for line in body.split("\r\n")) <= 75
    assert len({line for line in lines if line.startswith("UID:")}) == len(days_of) + 1
    assert product_clock.today() == date(2027, 3, 1)
