"""What is typed is never lost: two browsers, two tabs, a cut network, an ended session, a closed tab."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.reviews import services
from grants_app.reviews.models import Review
from tests.support.browser import WIDE, axe_violations, kill, settled, until
from tests.support.panel import Panel, assignment_of, declared, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.typists import (
    PASSWORD,
    end_session,
    enter,
    give_password,
    keeps,
    kept_ids,
    kept_words,
    open_sheet,
    reason_box,
    stored_reason,
)

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
OFFLINE = "Немає зв’язку. Текст збережено у браузері, надішлемо, коли зв’язок з’явиться"


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """A call in scoring; its first expert has declared on both applications."""
    made = opened_panel(clock)
    for application in made.applications:
        declared(application, made.experts[0])
    return made


@pytest.fixture
def page(app: Flask, panel: Panel, browser_context: BrowserContext, live_server: str) -> Page:
    """The first expert's browser."""
    enter(app, browser_context, live_server, panel.experts[0])
    return browser_context.new_page()


@pytest.fixture
def other(app: Flask, panel: Panel, chromium_browser: Browser, live_server: str) -> Iterator[Page]:
    """Another device of the same expert."""
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=WIDE) as context:
        context.set_default_timeout(20_000)
        enter(app, context, live_server, panel.experts[0])
        yield context.new_page()


def status(page: Page) -> object:
    """The line that says where the text stands."""
    return page.locator("form [data-autosave-status]").first


def box(page: Page, panel: Panel, place: int = 0) -> object:
    """The justification of a criterion."""
    return page.locator(f"[name={reason_box(panel, place)}]")


def mine(panel: Panel) -> object:
    """The first expert's assignment to the first application."""
    return assignment_of(panel.applications[0], panel.experts[0])


def both(panel: Panel) -> tuple[str, str]:
    """What the database holds of the first two justifications."""
    return stored_reason(mine(panel), 0), stored_reason(mine(panel), 1)


def test_fields_changed_on_two_devices_are_both_kept(page: Page, other: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    open_sheet(other, panel)
    box(page, panel, 0).fill("З першого пристрою")
    expect(status(page)).to_contain_text("Збережено")
    box(other, panel, 1).fill("З другого пристрою")
    expect(status(other)).to_contain_text("Збережено")
    # The second device has been given what the first one wrote, and nothing was asked.
    expect(box(other, panel, 0)).to_have_value("З першого пристрою")
    expect(other.locator(".app-clash")).to_have_count(0)
    until(other, lambda: both(panel), ("З першого пристрою", "З другого пристрою"))


@pytest.mark.parametrize(
    ("choice", "stays"),
    [
        ("Лишити написане тут", "Другий текст"),
        ("Узяти написане в іншому місці", "Перший текст"),
        ("Лишити обидва", "Другий текст\n\nПерший текст"),
    ],
)
def test_one_field_changed_on_two_devices_is_chosen_by_the_person(
    page: Page, other: Page, panel: Panel, choice: str, stays: str
) -> None:
    open_sheet(page, panel)
    open_sheet(other, panel)
    box(page, panel).fill("Перший текст")
    expect(status(page)).to_contain_text("Збережено")
    box(other, panel).fill("Другий текст")
    clash = other.locator(".app-clash")
    expect(clash).to_contain_text("Перший текст")
    expect(clash).to_contain_text("Другий текст")
    assert axe_violations(other) == []
    # While nothing is chosen the server keeps its own, and other fields are saved all the same.
    box(other, panel, 1).fill("Інше поле")
    until(other, lambda: both(panel), ("Перший текст", "Інше поле"))
    clash.get_by_role("button", name=choice).click()
    expect(clash).to_have_count(0)
    expect(status(other)).to_contain_text("Збережено")
    expect(box(other, panel)).to_have_value(stays)
    until(other, lambda: stored_reason(mine(panel)), stays)


def test_choice_still_open_survives_a_reload(page: Page, other: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    open_sheet(other, panel)
    box(page, panel).fill("Перший текст")
    expect(status(page)).to_contain_text("Збережено")
    box(other, panel).fill("Другий текст")
    expect(other.locator(".app-clash")).to_be_visible()
    keeps(other, "Другий текст")
    open_sheet(other, panel)
    expect(other.locator(".app-clash")).to_contain_text("Перший текст")
    expect(box(other, panel)).to_have_value("Другий текст")
    # A later save carries everything that is not open: the open one stays as it is stored.
    box(other, panel, 1).fill("Інше поле")
    until(other, lambda: both(panel), ("Перший текст", "Інше поле"))


def test_second_tab_is_noticed_and_follows(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    tab = page.context.new_page()
    open_sheet(tab, panel)
    expect(page.get_by_text("Цю форму відкрито ще в одній вкладці")).to_be_visible()
    expect(tab.get_by_text("Цю форму відкрито ще в одній вкладці")).to_be_visible()
    box(page, panel).fill("Написано в першій вкладці")
    expect(box(tab, panel)).to_have_value("Написано в першій вкладці")
    box(tab, panel).fill("Дописано в другій")
    expect(box(page, panel)).to_have_value("Дописано в другій")


def test_save_cut_off_after_the_server_had_it_counts_once(page: Page, panel: Panel) -> None:
    """The request arrives, the answer does not; typing goes on without a network."""
    open_sheet(page, panel)

    def cut(route: Route) -> None:
        route.fetch()
        page.context.set_offline(True)
        route.abort("connectionreset")

    page.route("**/sheet/draft", cut, times=1)
    box(page, panel).press_sequentially("Перша половина", delay=10)
    expect(status(page)).to_have_text(OFFLINE)
    box(page, panel).press_sequentially(" і друга", delay=10)
    keeps(page, "Перша половина і друга")
    page.context.set_offline(False)
    expect(status(page)).to_contain_text("Збережено")
    until(page, lambda: stored_reason(mine(panel)), "Перша половина і друга")
    expect(page.locator(".app-clash")).to_have_count(0)
    assert db.session.query(Review).count() == 1


def test_tab_closed_without_a_network_gives_its_text_back(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    page.context.set_offline(True)
    box(page, panel).fill("Закрито без зв’язку")
    expect(status(page)).to_have_text(OFFLINE)
    kill(page)
    assert stored_reason(mine(panel)) == ""
    page.context.set_offline(False)
    again = page.context.new_page()
    open_sheet(again, panel)
    expect(box(again, panel)).to_have_value("Закрито без зв’язку")
    expect(status(again)).to_contain_text("Збережено")
    assert stored_reason(mine(panel)) == "Закрито без зв’язку"


def test_text_of_a_closed_tab_is_sent_from_another_page(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    page.context.set_offline(True)
    box(page, panel).fill("Надіслано з переліку")
    expect(status(page)).to_have_text(OFFLINE)
    kill(page)
    page.context.set_offline(False)
    queue = page.context.new_page()
    with queue.expect_response(lambda answer: answer.url.endswith("/sheet/draft") and answer.request.method == "POST"):
        queue.goto("/reviews")
    assert stored_reason(mine(panel)) == "Надіслано з переліку"


def test_ended_session_is_renewed_over_the_page(page: Page, panel: Panel, app: Flask) -> None:
    give_password(panel.experts[0])
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        open_sheet(page, panel)
        end_session(page)
        box(page, panel).fill("Написано після кінця сеансу")
        dialog = page.get_by_role("dialog", name="Увійдіть, щоб продовжити")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_label("Електронна пошта")).to_have_value(panel.experts[0].email)
        assert axe_violations(page) == []
        dialog.get_by_label("Пароль").fill("не той пароль")
        dialog.get_by_role("button", name="Увійти й продовжити").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Пароль неправильний")
        dialog.get_by_label("Пароль").fill(PASSWORD)
        dialog.get_by_role("button", name="Увійти й продовжити").click()
        expect(dialog).to_be_hidden()
        expect(status(page)).to_contain_text("Збережено")
        box(page, panel).press_sequentially(" і далі", delay=10)
        until(page, lambda: stored_reason(mine(panel)), "Написано після кінця сеансу і далі")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_finishing_after_the_end_of_the_session_asks_for_the_password_and_goes_on(
    page: Page, panel: Panel, app: Flask
) -> None:
    give_password(panel.experts[0])
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        open_sheet(page, panel)
        box(page, panel).fill("Ще не повна")
        expect(status(page)).to_contain_text("Збережено")
        end_session(page)
        page.get_by_role("button", name="Завершити оцінку").click()
        dialog = page.get_by_role("dialog", name="Увійдіть, щоб продовжити")
        dialog.get_by_label("Пароль").fill(PASSWORD)
        dialog.get_by_role("button", name="Увійти й продовжити").click()
        # The press has arrived: the sheet lacks marks, what was written stands in it.
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        expect(box(page, panel)).to_have_value("Ще не повна")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_another_person_in_this_browser_reads_nothing(page: Page, panel: Panel, app: Flask, live_server: str) -> None:
    give_password(panel.experts[0])
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        open_sheet(page, panel)
        box(page, panel).fill("Збережене")
        expect(status(page)).to_contain_text("Збережено")
        end_session(page)
        enter(app, page.context, live_server, panel.heads[0])
        box(page, panel).fill("Лише автора")
        dialog = page.get_by_role("dialog", name="Увійдіть, щоб продовжити")
        expect(dialog).to_contain_text("увійшла інша людина")
        expect(page.locator("#main")).to_be_hidden()
        assert stored_reason(mine(panel)) == "Збережене"
        dialog.get_by_label("Пароль").fill(PASSWORD)
        dialog.get_by_role("button", name="Увійти й продовжити").click()
        expect(page.locator("#main")).to_be_visible()
        expect(status(page)).to_contain_text("Збережено")
        until(page, lambda: stored_reason(mine(panel)), "Лише автора")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_token_grown_old_is_replaced_without_a_word(page: Page, panel: Panel, app: Flask) -> None:
    """A page open for more than an hour: its token is over, its session is not."""
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        open_sheet(page, panel)
        page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach((field) => { field.value = 'old' })")
        box(page, panel).fill("Після години на сторінці")
        expect(status(page)).to_contain_text("Збережено")
        assert stored_reason(mine(panel)) == "Після години на сторінці"
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_question_before_the_end_of_the_session_is_answered_by_one_press(page: Page, panel: Panel, app: Flask) -> None:
    lifetime, app.config["PERMANENT_SESSION_LIFETIME"] = app.config["PERMANENT_SESSION_LIFETIME"], 302
    try:
        open_sheet(page, panel)
        dialog = page.get_by_role("dialog", name="Через 5 хвилин ми завершимо сеанс. Продовжити роботу?")
        expect(dialog).to_be_visible()
        # The next question is hours away: it must not come before anybody has looked.
        dialog.evaluate("node => { node.dataset.sessionEnds = '43200' }")
        with page.expect_response("**/session") as answer:
            dialog.get_by_role("button", name="Продовжити роботу").click()
        expect(dialog).to_be_hidden()
        assert answer.value.status == 200
    finally:
        app.config["PERMANENT_SESSION_LIFETIME"] = lifetime


def test_finished_press_without_a_network_stays_on_the_page(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    page.context.set_offline(True)
    box(page, panel).fill("Ще не надіслано")
    page.get_by_role("button", name="Завершити оцінку").click()
    expect(status(page)).to_have_text(OFFLINE)
    page.context.set_offline(False)
    expect(status(page)).to_contain_text("Збережено")
    assert stored_reason(mine(panel)) == "Ще не надіслано"


def test_final_press_waits_for_the_save_that_set_out_before_it(page: Page, panel: Panel) -> None:
    """The session is asked while a save is on its way: the sheet goes with the version that the save gives it."""
    open_sheet(page, panel)
    asked: list[Route] = []
    saved: list[tuple[Route, APIResponse]] = []
    page.route("**/session", lambda route: asked.append(route))
    page.route("**/sheet/draft", lambda route: saved.append((route, route.fetch())), times=1)
    box(page, panel).fill("Ще не повна")
    page.get_by_role("button", name="Завершити оцінку").click()
    until(page, lambda: (len(asked), len(saved)), (1, 1))
    with page.expect_navigation() as moved:
        with page.expect_event("requestfinished", lambda request: request.url.endswith("/session")):
            asked[0].continue_()
        route, answer = saved[0]
        route.fulfill(response=answer)
    # What is missing in the sheet is told, and nobody else has changed it.
    assert moved.value.status == 422
    expect(box(page, panel)).to_have_value("Ще не повна")


def test_text_written_after_the_assignment_was_taken_back_stays_with_its_author(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    with unit_of_work():
        services.declare_conflict(mine(panel), "Родич у команді", db.session.get_one(User, panel.experts[0].id))
    box(page, panel).fill("Запізнілий текст")
    note = page.locator("form .app-note--bad")
    expect(note.get_by_label("Текст для копіювання")).to_be_visible()
    expect(note.get_by_label("Текст для копіювання")).to_have_value(re.compile("Запізнілий текст"))
    page.goto("/reviews")
    left = page.locator("[data-leftovers]")
    expect(left.get_by_label("Текст для копіювання")).to_be_visible()
    left.get_by_role("button", name="Скопійовано, прибрати").click()
    until(page, lambda: kept_words(page), "[]")
    page.goto("/reviews")
    settled(page)
    expect(left.get_by_label("Текст для копіювання")).to_have_count(0)


def test_signing_out_sends_first_and_then_destroys_everything(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    box(page, panel).fill("Останнє слово")
    page.get_by_role("button", name="Вийти").click()
    page.wait_for_url("**/")
    assert stored_reason(mine(panel)) == "Останнє слово"
    assert kept_ids(page) == []


def test_signing_out_with_unsent_text_asks(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    page.route("**/sheet/draft", lambda route: route.abort("internetdisconnected"))
    box(page, panel).fill("Не надіслано")
    expect(status(page)).to_have_text(OFFLINE)
    page.get_by_role("button", name="Вийти").click()
    dialog = page.get_by_role("dialog", name="Частину вашого тексту ще не збережено")
    expect(dialog).to_contain_text(panel.applications[0].title)
    assert axe_violations(page) == []
    dialog.get_by_role("button", name="Не виходити").click()
    expect(box(page, panel)).to_have_value("Не надіслано")


def test_submitted_elsewhere_is_said_and_not_overwritten(page: Page, panel: Panel) -> None:
    open_sheet(page, panel)
    submitted(panel.applications[0], panel.experts[0])
    box(page, panel).fill("Після подання")
    expect(status(page)).to_have_text("Оцінку завершено й закрито")
    assert stored_reason(mine(panel)) == "Показники вимірні, ціни підтверджені пропозиціями."
