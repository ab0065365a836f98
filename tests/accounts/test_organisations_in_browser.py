"""Pages of organisations in a browser: the path of joining, and nothing for axe to complain of."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from grants_app.accounts import services
from grants_app.accounts.models import Organisation
from grants_app.accounts.rules.profile import Governing
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.accounts.people import EDRPOU, PASSWORD, head, person
from tests.accounts.test_city_register import ROW, sheet
from tests.accounts.test_directory import hundred, listed
from tests.support.browser import NARROW, axe_violations, follow, settled, sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
PAGE = f"/accounts/organisation/{EDRPOU}"


def sign_in(page: Page, email: str) -> None:
    page.goto("about:blank")  # what is still under way would bring the old cookie back
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.fill("main input[name=email]", email)
    page.fill("main input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/home")
    settled(page)


def clean(page: Page, *addresses: str) -> None:
    """At two widths, nothing for axe to complain of and nothing beyond the edge."""
    for size in ({"width": 1280, "height": 900}, {**NARROW, "width": 320}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for address in addresses:
            page.goto(address)
            settled(page)
            assert (axe_violations(page), sideways_scroll(page)) == ([], 0), address


def test_person_asks_and_is_let_in(app: Flask, browser_page: Page) -> None:
    user, _organisation = head()
    person("new@example.org", name="Нова Людина")
    page = browser_page
    sign_in(page, "new@example.org")
    page.goto(f"/accounts/join?edrpou={EDRPOU}")
    page.fill("textarea[name=message]", "Працюю тут з весни")
    page.get_by_role("button", name="Надіслати запит").click()
    page.wait_for_url("**/accounts/organisation")
    clean(page, "/accounts/organisation", "/accounts/join")
    sign_in(page, user.email)
    expect(page.locator("main")).to_contain_text("Нова Людина")
    clean(page, PAGE)
    page.get_by_label("Долучити як: Нова Людина").select_option("ngo_accountant")
    page.get_by_role("button", name="Долучити", exact=True).click()
    page.get_by_text("Людину долучено").wait_for()
    page.get_by_role("button", name="Запропонувати посаду керівника").click()
    page.get_by_text("Посаду запропоновано").wait_for()
    sign_in(page, "new@example.org")
    page.goto(PAGE)
    page.get_by_role("button", name="Прийняти посаду").click()
    page.get_by_text("Тепер ви керівник").wait_for()
    expect(page.get_by_role("heading", name="Запросити колегу")).to_have_count(1)
    db.session.rollback()
    newcomer = services.find_user("new@example.org")
    assert newcomer is not None
    assert list(newcomer.roles) == [Role.NGO_HEAD]


def test_own_pages_and_the_directory_are_clean(app: Flask, browser_page: Page) -> None:
    user, organisation = listed()
    with unit_of_work():
        found = db.session.get(Organisation, organisation.id)
        services.set_governing(found, [Governing("А Б", "голова")], version=found.version, by=user)
    hundred()
    sign_in(browser_page, user.email)
    clean(browser_page, f"{PAGE}/governing", f"{PAGE}/ledger", f"{PAGE}/directory", f"{PAGE}/edit")
    browser_page.goto("about:blank")  # as above
    browser_page.context.clear_cookies()
    clean(browser_page, "/organisations?size=100", f"/organisations/{EDRPOU}", f"/accounts/join?edrpou={EDRPOU}")


def test_rows_of_governing_people_added_by_keyboard(app: Flask, browser_page: Page) -> None:
    user, organisation = head()
    page = browser_page
    sign_in(page, user.email)
    page.goto(f"{PAGE}/governing")
    settled(page)
    page.focus("[name='people-0-full_name']")
    page.keyboard.type("Вигадана Марія")
    page.get_by_role("button", name="Додати особу").press("Enter")
    page.focus("[name='people-1-full_name']")
    page.keyboard.type("Вигаданий Петро")
    with page.expect_navigation():
        page.get_by_role("button", name="Зберегти список").press("Enter")
    expect(page.locator(".app-flashes")).to_be_visible()
    db.session.rollback()
    found = db.session.get(Organisation, organisation.id)
    assert [one.full_name for one in found.governing] == ["Вигадана Марія", "Вигаданий Петро"]


def test_table_taken_in_through_the_browser(app: Flask, browser_page: Page) -> None:
    person("organizer@example.org", Role.ORGANIZER)
    page = browser_page
    sign_in(page, "organizer@example.org")
    page.get_by_role("link", name="Відкрити реєстр").click()
    follow(page, page.get_by_role("button", name="Імпортувати таблицю"))
    body = sheet(ROW)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("input[type=file]", {"name": "t.xlsx", "mimeType": kind, "buffer": io.BytesIO(body).read()})
    follow(page, page.get_by_role("button", name="Показати зміни"))
    expect(page.locator("#plan")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Записати до реєстру").click()
    page.wait_for_url("**/accounts/organisations")
    expect(page.locator("main")).to_contain_text(ROW[0])
    clean(page, "/accounts/organisations", "/accounts/organisations/import", "/accounts/organisations/new")
