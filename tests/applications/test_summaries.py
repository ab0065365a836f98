"""The list of mistakes above a page says which field each of them is about."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.support.applications import complete_answers, draft_application, new_head, version_of
from tests.support.calls import Call
from tests.support.visitors import visit_as

pytestmark = pytest.mark.sqlite_only


def sentences(page: str) -> list[str]:
    return [one.text for one in BeautifulSoup(page, "html.parser").select(".govuk-error-summary__list a")]


def test_days_that_do_not_exist_are_told_apart(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    days = {"start_on": "2027-02-30", "end_on": "завтра", "version": "{}"}
    answer = visit_as(app, head).post(f"/applications/{draft.key}/sections/summary", data=days)
    assert (answer.status_code, sentences(answer.text)) == (
        422,
        ["Проєкт починається: Уведіть справжню дату", "Проєкт закінчується: Уведіть справжню дату"],
    )


def test_cell_of_a_group_is_named_after_its_group_and_row(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    long = {"tasks-0-task": "Перше", "tasks-1-task": "а" * 501, "version": "{}"}
    answer = visit_as(app, head).post(f"/applications/{draft.key}/sections/plan", data=long)
    assert (answer.status_code, sentences(answer.text)) == (
        422,
        ["Завдання: Рядок 2: Завдання: Скоротіть текст, зайвих знаків 1: дозволено 500, а зараз 501"],
    )


def test_question_that_asks_is_not_followed_by_a_colon(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head, other_public_funding=None)
    answer = visit_as(app, head).get(f"/applications/{draft.key}/check")
    assert sentences(answer.text) == [
        "Чи платить за цей проєкт інший бюджет у тому самому році? Виберіть один з варіантів"
    ]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("1700-01-01", "2027-06-20", ["Заходи: Рядок 1: проєкти цього конкурсу тривають від 20.05.2027 до 15.12.2027"]),
        ("2027-06-10", "9999-12-31", ["Заходи: Рядок 1: проєкти цього конкурсу тривають від 20.05.2027 до 15.12.2027"]),
        ("2027-06-20", "2027-06-10", ["Заходи: Рядок 1 закінчується раніше, ніж починається"]),
        ("2027-05-20", "2027-12-15", []),
    ],
)
def test_activity_outside_the_year_bars_the_sending(
    app: Flask, call: Call, first: str, last: str, found: list[str]
) -> None:
    head = new_head()
    activity = {**complete_answers()["activities"][0], "start_on": first, "end_on": last}
    draft = draft_application(call.competition, head, activities=[activity])
    answer = visit_as(app, head).get(f"/applications/{draft.key}/check")
    assert sentences(answer.text) == found


@pytest.mark.parametrize(
    ("slug", "typed", "told"),
    [
        ("summary", {"start_on": "2027-02-30"}, "Проєкт починається: Уведіть справжню дату"),
        ("plan", {"tasks-0-task": "а", "tasks-1-task": "а" * 501},
         "Завдання: Рядок 2: Завдання: Скоротіть текст, зайвих знаків 1: дозволено 500, а зараз 501"),
    ],
)  # fmt: skip
def test_autosave_that_refuses_says_which_answer(
    app: Flask, call: Call, slug: str, typed: dict[str, str], told: str
) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    answer = visit_as(app, head).post(f"/applications/{draft.key}/sections/{slug}/autosave", data=typed)
    assert (answer.status_code, answer.json["message"]) == (  # type: ignore[index]  # it is JSON
        422,
        f"Не збережено: спершу виправте відповіді. {told}",
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("32855961", []),
        ("", []),
        ("32855968", ["Партнери: Рядок 1: код ЄДРПОУ має вісім цифр, остання з них контрольна. Перевірте код"]),
        ("3285596", ["Партнери: Рядок 1: код ЄДРПОУ має вісім цифр, остання з них контрольна. Перевірте код"]),
    ],
)
def test_code_of_a_partner_with_a_wrong_digit_bars_the_sending(
    app: Flask, call: Call, code: str, found: list[str]
) -> None:
    """A tie of an expert to a partner is found by this code."""
    head = new_head()
    draft = draft_application(call.competition, head)
    client, address = visit_as(app, head), f"/applications/{draft.key}"
    sent = {"partners-0-name": "ОСББ «Вигадане»", "partners-0-role": "майданчик", "partners-0-edrpou": code}
    team = {"team-0-name": "Олена Тестова", "team-0-role": "координаторка"}
    page = client.get(f"{address}/sections/team").text
    assert (
        client.post(f"{address}/sections/team", data={**team, **sent, "version": version_of(page)}).status_code == 302
    )
    assert sentences(client.get(f"{address}/check").text) == found
