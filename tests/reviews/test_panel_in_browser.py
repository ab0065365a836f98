"""The panel in a real browser: from the invitation of somebody new to a checked certificate, wide and narrow."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect

from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.journal.services import advance
from grants_app.reviews.models import ExpertProfile, WorkCertificate
from grants_app.reviews.services import certificates
from tests.support.browser import WIDE, faults, follow, settled
from tests.support.panel import new_panel, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.typists import PASSWORD, enter

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def link_in_letter(email: str) -> str:
    db.session.rollback()  # what the server has stored since is read anew
    body = db.session.scalars(sa.select(Notice.body).filter_by(email=email, template="panel_invitation")).one()
    found = re.search(r"/reviews/invitations/[\w-]+", body)
    assert found is not None
    return found[0]


def test_new_expert_from_the_letter_to_the_profile(
    app: Flask,
    clock: FrozenClock,
    browser_context: BrowserContext,
    chromium_browser: Browser,
    live_server: str,
) -> None:
    panel = new_panel(clock, applications=3, experts=3)
    with unit_of_work():
        db.session.add(ExpertProfile(user_id=panel.experts[1].id, is_available=False, workplace="Міська бібліотека"))
    enter(app, browser_context, live_server, panel.secretary)
    page = browser_context.new_page()
    page.goto(f"/reviews/{panel.competition.code}/panel")
    found = faults(page, "panel empty")
    page.locator("input[name=people]:not([disabled])").first.check()
    page.get_by_role("button", name="Запросити вибраних").click()
    expect(page.locator(".app-flashes")).to_contain_text("1 лист чекає: перегляньте його й відправте в розділі «Листи»")
    page.get_by_label("Ім’я та прізвище").fill("Соломія Вигадана-Зразкова")
    page.get_by_role("textbox", name="Електронна пошта").fill("нова адреса")
    page.get_by_role("button", name="Запросити поштою").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    found += faults(page, "panel refused")
    page.get_by_role("textbox", name="Електронна пошта").fill("solomiia@example.org")
    page.get_by_role("button", name="Запросити поштою").click()
    expect(page.get_by_role("rowheader").filter(has_text="Соломія")).to_be_visible()
    found += faults(page, "panel")
    page.goto("/reviews/experts")
    found += faults(page, "pool")
    with chromium_browser.new_context(base_url=live_server, locale="uk-UA", viewport=WIDE) as context:
        guest = context.new_page()
        guest.goto(link_in_letter("solomiia@example.org"))
        found += faults(guest, "invitation")
        guest.get_by_label("Новий пароль", exact=True).fill(PASSWORD)
        guest.get_by_label("Новий пароль ще раз").fill(PASSWORD)
        follow(guest, guest.get_by_role("button", name="Відкрити обліковий запис і прийняти"))
        found += faults(guest, "invitation refused")
        guest.get_by_label("Новий пароль", exact=True).fill(PASSWORD)
        guest.get_by_label("Новий пароль ще раз").fill(PASSWORD)
        guest.get_by_label("Угоду та зобов’язання").check()
        guest.get_by_role("button", name="Відкрити обліковий запис і прийняти").click()
        expect(guest.get_by_role("heading", level=1)).to_have_text("Мій профіль експерта")
        settled(guest)
        guest.get_by_label("Організація").first.fill("ГО «Вигадана»")
        guest.get_by_label("Що вас пов’язує").first.select_option("board")
        guest.get_by_role("button", name="Додати організацію").click()
        guest.get_by_label("Організація").nth(1).fill("БФ «Вигаданий»")
        guest.get_by_label("Код ЄДРПОУ").nth(1).fill("12345679")
        follow(guest, guest.get_by_role("button", name="Зберегти профіль"))
        found += faults(guest, "profile refused")
        guest.get_by_label("Код ЄДРПОУ").nth(1).fill("14360570")
        guest.get_by_label("Що вас пов’язує").nth(1).select_option("founder")
        guest.get_by_role("button", name="Зберегти профіль").click()
        expect(guest.locator(".app-flashes")).to_contain_text("Профіль збережено")
        found += faults(guest, "profile")
        follow(guest, guest.get_by_role("link", name="Переглянути").first)
        found += faults(guest, "agreed")
    db.session.rollback()
    profile = db.session.scalars(sa.select(ExpertProfile).order_by(ExpertProfile.user_id.desc())).first()
    assert profile is not None
    assert [row["role"] for row in profile.organisations] == ["board", "founder"]
    assert found == []


def test_certificate_issued_and_checked(
    app: Flask, clock: FrozenClock, browser_context: BrowserContext, live_server: str
) -> None:
    panel = opened_panel(clock, applications=1)
    for expert in panel.experts:
        submitted(panel.applications[0], expert)
    enter(app, browser_context, live_server, panel.experts[0])
    page = browser_context.new_page()
    page.goto("/reviews/certificates")
    found = faults(page, "certificates before")
    with unit_of_work():
        advance(panel.competition, "open_decision", by=panel.secretary)
    page.reload()
    follow(page, page.get_by_role("button", name="Видати довідку"))
    found += faults(page, "certificates")
    page.get_by_role("link", name="Перевірити").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Довідка справжня")
    found += faults(page, "genuine")
    db.session.rollback()
    paper = db.session.scalars(sa.select(WorkCertificate)).one()
    with unit_of_work():
        certificates.revoke(paper, "Видано помилково", by=panel.secretary)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Довідку анульовано")
    found += faults(page, "revoked")
    page.goto("/reviews/certificates/check")
    found += faults(page, "check form")
    assert found == []
