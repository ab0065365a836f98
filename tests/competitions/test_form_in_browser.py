"""An organizer builds a call without code: a conditional question, rows, a limit in words; announces and amends it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from grants_app.competitions import queries
from grants_app.competitions.models import Competition
from grants_app.competitions.rules.form import Form
from grants_app.database import db
from tests.support.applications import draft_application, new_head
from tests.support.browser import NARROW, axe_violations, follow, settled, sideways_scroll
from tests.support.calls import CODE, Call, new_call
from tests.support.time import FrozenClock
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
FORM = f"/competitions/{CODE}/settings/form"


def form_now() -> Form:
    db.session.rollback()
    return queries.form_of(db.session.query(Competition).filter_by(code=CODE).one())


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A complete draft."""
    return new_call()


@pytest.fixture
def page(app: Flask, call: Call, browser_context: BrowserContext, live_server: str) -> Page:
    """The organizer's browser."""
    enter(app, browser_context, live_server, call.organizer)
    return browser_context.new_page()


def add_question(page: Page, section: str, kind: str, text: str) -> None:
    page.goto(FORM)
    follow(page, page.get_by_role("link", name=re.compile(f"Додати питання.*{section}")))
    follow(page, page.get_by_role("link", name=kind, exact=True))
    settled(page)
    page.get_by_label("Текст запитання").fill(text)


def save(page: Page) -> None:
    follow(page, page.get_by_role("button", name="Зберегти", exact=True))
    expect(page.get_by_text("Збережено", exact=True)).to_be_visible()


def test_call_built_announced_and_amended(app: Flask, page: Page, call: Call, clock: FrozenClock) -> None:
    team = "Команда і партнери"
    add_question(page, team, "Один із варіантів", "Чи залучите волонтерів?")
    page.get_by_label("Варіант").nth(0).fill("Ні")
    page.get_by_label("Варіант").nth(1).fill("Так")
    page.get_by_role("button", name="Додати варіант").click()
    page.get_by_role("button", name=re.compile("Вище.*Рядок 2")).press("Enter")
    expect(page.get_by_label("Варіант").nth(0)).to_have_value("Так")
    save(page)
    add_question(page, team, "Текст із кількох абзаців", "Як їх готуватимете?")
    page.get_by_label("Найдовша відповідь").fill("40")
    page.get_by_label("слів", exact=True).check()
    page.get_by_text("Запитується завжди: додати умову").click()
    page.get_by_label("Попереднє запитання").select_option(label="Чи залучите волонтерів?")
    page.locator("[name=conditions-0-answer]").select_option(label="Чи залучите волонтерів?: Так")
    save(page)
    add_question(page, team, "Рядки, що повторюються", "Хто й коли чергує?")
    page.get_by_label("Назва стовпця").fill("Ім’я")
    page.get_by_role("button", name="Додати стовпець").click()
    page.get_by_label("Назва стовпця").nth(1).fill("День")
    page.locator("[name=cells-1-kind]").select_option("date")
    save(page)
    questions = form_now().questions
    assert (questions["q2"].limit, questions["q2"].limit_unit) == (40, "words")
    assert questions["q2"].show_if == {"question": "q1", "is": "o1"}
    assert [(cell.label, cell.kind) for cell in questions["q3"].cells] == [("Ім’я", "text"), ("День", "date")]

    page.goto(FORM)
    page.get_by_role("link", name="Переглянути форму очима заявника").click()
    expect(page.get_by_label("Як їх готуватимете?")).to_have_count(0)
    page.get_by_role("group", name="Чи залучите волонтерів?").get_by_label("Так").check()
    page.get_by_role("button", name="Показати, що відкривають ці відповіді").click()
    expect(page.get_by_label("Як їх готуватимете?")).to_be_visible()

    page.goto(f"/competitions/{CODE}/announce")
    page.get_by_role("button", name="Оголосити конкурс").click()
    expect(page).to_have_url(f"{page.url.split('/competitions')[0]}/competitions/{CODE}")
    clock.at("2027-03-02 10:00")
    draft_application(call.competition, new_head())

    page.get_by_role("link", name="Змінити оголошення").click()
    page.get_by_role("button", name="Розпочати зміни").click()
    page.get_by_role("link", name="Форма заявки").click()
    page.get_by_role("link", name=re.compile("Змінити.*Як їх готуватимете")).click()
    page.get_by_label("Найдовша відповідь").fill("60")
    save(page)
    assert form_now().questions["q2"].limit == 40
    page.get_by_role("link", name="До змін оголошення").click()
    row = page.get_by_role("row", name="Як їх готуватимете? · Найдовша відповідь")
    expect(row).to_contain_text("60")
    page.get_by_label("Причина").fill("Сорока слів забракло")
    page.get_by_role("button", name="Оприлюднити зміни").click()
    expect(page.get_by_text("Сорока слів забракло").first).to_be_visible()
    assert form_now().questions["q2"].limit == 60


def test_form_is_put_in_order_with_the_keyboard_alone(page: Page, call: Call) -> None:
    page.goto(FORM)
    before = [one.code for one in form_now().sections[1].questions]
    page.get_by_role("button", name=re.compile("Нижче.*Реалізовані проєкти")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{FORM}#{before[0]}")
    assert [one.code for one in form_now().sections[1].questions] == before[::-1]


def test_pages_of_the_form_are_accessible_and_fit_a_phone(
    app: Flask, page: Page, call: Call, chromium_browser: Browser, live_server: str
) -> None:
    addresses = (
        FORM,
        f"{FORM}/questions/other_funding_details",
        f"{FORM}/questions/team",
        f"{FORM}/questions/new?section=team&kind=choice",
        f"{FORM}/requirements",
        f"{FORM}/files/statute",
        f"/applications/preview/{CODE}",
        f"/competitions/{CODE}/settings/intake",
        f"/competitions/{CODE}/settings/calendar",
    )
    for address in addresses:
        page.goto(address)
        settled(page)
        assert (address, axe_violations(page)) == (address, [])
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=NARROW) as context:
        enter(app, context, live_server, call.organizer)
        phone = context.new_page()
        for address in addresses:
            phone.goto(address)
            settled(phone)
            assert (address, sideways_scroll(phone)) == (address, 0)
