"""The register of conflicts in a browser: reported by an applicant, decided by the chair, on wide and narrow ones."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect

from grants_app.accounts.models import User
from grants_app.database import unit_of_work
from grants_app.reviews import services
from tests.support.browser import WIDE, faults, follow
from tests.support.panel import assignment_of, opened_panel
from tests.support.time import FrozenClock
from tests.support.typists import enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def opened(app: Flask, browser: Browser, address: str, person: User) -> BrowserContext:
    """Another person's browser."""
    context = browser.new_context(base_url=address, locale="uk-UA", viewport=WIDE)
    context.set_default_timeout(20_000)
    enter(app, context, address, person)
    return context


def test_conflict_reported_and_decided(
    app: Flask, clock: FrozenClock, browser_context: BrowserContext, chromium_browser: Browser, live_server: str
) -> None:
    panel = opened_panel(clock, applications=2, experts=4)
    bid, other = panel.applications
    expert = panel.experts[0]
    code = assignment_of(bid, expert).expert_code
    with unit_of_work():
        expert.full_name = "Вигадана Експертка"
        panel.experts[3].full_name = "Запасний Експерт"
        panel.call.members[0].full_name = "Вигаданий Член"
        panel.call.members[0].phone = "0501110001"
        services.declare_conflict(assignment_of(other, panel.experts[1]), "Працюю там", panel.experts[1], kind="work")

    enter(app, browser_context, live_server, panel.heads[0])
    page = browser_context.new_page()
    page.goto(f"/applications/{bid.code}")
    follow(page, page.get_by_role("link", name="Повідомити про конфлікт інтересів"))
    found = faults(page, "raise")
    page.get_by_label("Код експерта").fill(code)
    page.get_by_label("Бере участь родич або близька людина").check()
    page.get_by_label("Що вам відомо").fill("Сестра нашого бухгалтера")
    page.get_by_role("button", name="Надіслати повідомлення").click()
    expect(page.get_by_text("Дякуємо, що повідомили")).to_be_visible()

    with opened(app, chromium_browser, live_server, panel.secretary) as context:
        desk = context.new_page()
        desk.goto(f"/competitions/{panel.competition.code}")
        desk.get_by_role("link", name="Реєстр конфліктів інтересів").click()
        desk.get_by_role("button", name="Знайти збіги").click()
        expect(desk.get_by_text("До реєстру внесено 1 новий збіг")).to_be_visible()
        expect(desk.get_by_text("Запасний Експерт")).to_be_visible()
        found += faults(desk, "register")

    with opened(app, chromium_browser, live_server, panel.call.chair) as context:
        chair = context.new_page()
        chair.goto("/home")
        chair.get_by_role("link", name=f"Вирішіть питання про конфлікт інтересів: {bid.code}", exact=True).click()
        expect(chair.get_by_text("Сестра нашого бухгалтера")).to_be_visible()
        chair.get_by_role("button", name="Записати рішення").click()
        expect(chair.get_by_role("alert")).to_be_visible()
        found += faults(chair, "decision")
        chair.get_by_label("Конфлікт є: заявку розглядають без цієї людини").check()
        chair.get_by_label("Причина").fill("Родинний зв’язок підтверджено")
        chair.get_by_role("button", name="Записати рішення").click()
        expect(chair.get_by_text("Рішення внесено до реєстру")).to_be_visible()

    with opened(app, chromium_browser, live_server, expert) as context:
        sheet = context.new_page()
        answer = sheet.goto(f"/reviews/{bid.code}/declaration")
        assert answer is not None
        assert answer.status == 404
    assert found == []
