"""The reviewer's desk in a browser: the whole way by the keyboard, marks by selection, keys to switch off."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from grants_app.database import db
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.models import Evidence, LineAdvice
from tests.support.browser import NARROW, axe_violations, follow, settled, sideways_scroll
from tests.support.desk import with_budget
from tests.support.panel import REASON, Panel, assignment_of, declared, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.typists import enter

SELECT_WORDS = """(words) => {
  const text = document.querySelector('[data-answer=rationale]').lastChild
  const start = text.textContent.indexOf(words)
  const range = document.createRange()
  range.setStart(text, start); range.setEnd(text, start + words.length)
  const selection = document.getSelection(); selection.removeAllRanges(); selection.addRange(range)
}"""


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    found = opened_panel(clock, applications=2)
    for bid in found.applications:
        with_budget(bid)
    return found


@pytest.fixture
def page(app: Flask, panel: Panel, browser_context: BrowserContext, browser_page: Page, live_server: str) -> Page:
    enter(app, browser_context, live_server, panel.experts[0])
    return browser_page


def focus(page: Page, locator: str) -> None:
    """Reach a control by Tab alone."""
    wanted = page.locator(locator).first
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{locator} cannot be reached by the keyboard")


def press_button(page: Page, name: str) -> None:
    """Press what leads to another page, and be there."""
    focus(page, f"role=button[name='{name}'] >> visible=true")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    settled(page)


def state(panel: Panel, number: int = 0) -> AssignmentState:
    db.session.rollback()
    return assignment_of(panel.applications[number], panel.experts[0]).state


def test_whole_way_by_the_keyboard(panel: Panel, page: Page) -> None:
    bid = panel.applications[0]
    submitted(bid, panel.experts[1], "3")
    submitted(panel.applications[1], panel.experts[1], "3")
    page.goto("/reviews")
    press_button(page, "Відкрити наступну")
    focus(page, "input[name=answer]")
    page.keyboard.press("Space")
    press_button(page, "Підписати відповідь")
    expect(page).to_have_url(re.compile(f"{bid.code}/sheet$"))
    settled(page)
    for _ in panel.competition.criteria:
        page.keyboard.press("j")
        page.keyboard.press("8")
        page.keyboard.press("Tab")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(REASON)
        page.keyboard.press("Shift+Tab")
    expect(page.locator("[data-score-total]")).to_have_text("80,0")
    expect(page.locator("[data-score-left]")).to_have_text("Усі критерії оцінено")
    page.keyboard.press("k")
    expect(page.locator("[data-criterion-number='6'] input:focus")).to_have_count(1)
    with page.expect_navigation():
        page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Виберіть слова, якими підтверджуєте бали")
    focus(page, "input[name=sentence]")
    page.keyboard.press("ArrowDown")
    press_button(page, "Додати до критерію 6")
    expect(page.locator("[data-criterion-number='6'] .app-quote")).to_have_count(1)
    focus(page, "[name=line_4]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("3000,50")
    focus(page, "[name=why_4]")
    page.keyboard.type("Ціни вищі за ринкові")
    focus(page, "[name=recommendation]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=recommended_kop]")).to_have_value("35 000,50")
    press_button(page, "Переглянути перед надсиланням")
    cut = "8\u00a0000\u00a0грн → 3\u00a0000,50\u00a0грн"
    expect(page.get_by_role("region", name="Читає комісія")).to_contain_text(cut)
    press_button(page, "Завершити оцінку")
    expect(page.get_by_text("Оцінку завершено", exact=False).first).to_be_visible()
    assert state(panel) is AssignmentState.DONE
    press_button(page, "Відкликати оцінку, щоб змінити")
    expect(page.locator("[data-score-total]")).to_have_text("80,0")
    assert state(panel) is AssignmentState.IN_PROGRESS
    settled(page)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Відкрити оцінки інших експертів")).to_be_visible()
    assert state(panel) is AssignmentState.DONE
    press_button(page, "Відкрити оцінки інших експертів")
    expect(page.locator("#others .app-sheet")).to_have_count(1)
    db.session.rollback()
    assert assignment_of(bid, panel.experts[0]).others_opened_at is not None
    review = assignment_of(bid, panel.experts[0]).review
    assert review is not None
    assert (review.recommended_kop, len(review.editions)) == (3_500_050, 1)
    assert db.session.scalars(sa.select(LineAdvice.city_kop)).all() == [300_050]


def test_selected_words_attached_and_removed(panel: Panel, page: Page) -> None:
    bid = panel.applications[0]
    declared(bid, panel.experts[0])
    page.goto(f"/reviews/{bid.code}/sheet")
    settled(page)
    page.locator("[name=comment_applicant]").fill("Ще не збережений коментар")
    page.evaluate(SELECT_WORDS, "сусідські суперечки")
    bar = page.get_by_role("toolbar", name="Додати виділене до критерію")
    bar.get_by_role("button", name="Докази до критерію 3").click()
    expect(page.locator("[data-evidence-of=results] .app-quote q")).to_have_text("сусідські суперечки")
    expect(page.locator("[data-answer=rationale] mark")).to_have_text("сусідські суперечки")
    page.evaluate(SELECT_WORDS.replace("lastChild", "firstChild"), "1 240 звернень")
    page.keyboard.press("2")
    expect(page.locator("[data-evidence-of=need] .app-quote q")).to_have_text("1 240 звернень")
    page.evaluate(SELECT_WORDS.replace("lastChild", "firstChild"), "За рік")
    page.keyboard.press("e")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-evidence-of=need] .app-quote")).to_have_count(2)
    expect(bar).to_be_hidden()
    page.locator("[data-evidence-of=results] [data-evidence-remove]").click()
    expect(page.locator("[data-evidence-of=results] .app-quote")).to_have_count(0)
    expect(page.locator("[name=comment_applicant]")).to_have_value("Ще не збережений коментар")
    db.session.rollback()
    kept = db.session.execute(sa.select(Evidence.quote, Evidence.start).order_by(Evidence.start)).all()
    assert [tuple(one) for one in kept] == [("За рік", 0), ("1 240 звернень", 23)]
    page.locator("[data-evidence-of=need] a").first.click()
    expect(page.locator("[data-answer=rationale] sup a:target")).to_have_count(1)


def test_keys_rest_while_somebody_types_and_when_switched_off(panel: Panel, page: Page) -> None:
    bid = panel.applications[0]
    declared(bid, panel.experts[0])
    page.goto(f"/reviews/{bid.code}/sheet")
    settled(page)
    comment = page.locator("[name=comment_applicant]")
    comment.click()
    page.keyboard.type("j?]k[e5")
    expect(comment).to_have_value("j?]k[e5")
    expect(page.locator("dialog[data-keys]")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Швидкі клавіші")
    expect(help_).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("j")
    page.get_by_label("Окремі клавіші діють").uncheck()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator(".app-score input:focus")).to_have_count(0)
    page.reload()
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(help_).to_be_hidden()
    expect(page.locator(".app-score input:focus")).to_have_count(0)
    page.get_by_role("button", name="Швидкі клавіші").click()
    page.get_by_label("Окремі клавіші діють").check()
    page.get_by_role("button", name="Закрити").last.click()
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("[data-criterion-number='1'] .app-score input:focus")).to_have_count(1)
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(f"{panel.applications[1].code}/declaration$"))


def test_lines_counted_along(panel: Panel, page: Page) -> None:
    bid = panel.applications[0]
    declared(bid, panel.experts[0])
    page.goto(f"/reviews/{bid.code}/sheet")
    settled(page)
    left, total = page.locator("[data-lines-left]"), page.locator("[name=recommended_kop]")
    expect(page.locator("[name=why_4]")).to_be_hidden()
    page.locator("[data-line]").nth(2).get_by_role("button", name="Вилучити").click()
    expect(left).to_have_text("32\u00a0000\u00a0грн")
    expect(page.locator("[name=why_4]")).to_be_focused()
    expect(total).to_have_value("32 000")
    page.locator("[name=line_1]").fill("20000,01")
    expect(left).to_have_text("32\u00a0000\u00a0грн")
    page.locator("[name=line_1]").fill("19 999,99")
    expect(left).to_have_text("31\u00a0999,99\u00a0грн")
    page.locator("[name=line_1]").fill("")
    page.locator("[data-line]").nth(2).get_by_role("button", name="Повернути").click()
    expect(left).to_have_text("40\u00a0000\u00a0грн")
    expect(total).to_have_value("")
    expect(total).to_be_editable()


def test_sums_that_a_script_types_are_read_in_english_too(panel: Panel, page: Page) -> None:
    bid = panel.applications[0]
    declared(bid, panel.experts[0])
    page.goto(f"/reviews/{bid.code}/sheet?lang=en")
    settled(page)
    page.locator("[data-line]").nth(2).get_by_role("button", name="Strike").click()
    expect(page.locator("[name=recommended_kop]")).to_have_value("32 000")
    expect(page.locator("[data-lines-left]")).to_have_text("UAH\u00a032,000")
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Saved at")
    page.get_by_label("Fund a smaller sum").check()
    follow(page, page.get_by_role("button", name="Preview before sending"))
    expect(page.get_by_role("region", name="The commission reads")).to_contain_text("UAH\u00a032,000")


@pytest.mark.parametrize("lang", ["uk", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_desk_fits_phones_and_has_no_faults(panel: Panel, page: Page, lang: str, scheme: str) -> None:
    bid = panel.applications[0]
    declared(bid, panel.experts[0])
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # width and height
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    own = [f"/{bid.code}/{name}" for name in ("sheet", "preview", "evidence/1", "abstain")]
    for address in ("", *own):
        page.goto(f"/reviews{address}?lang={lang}")
        settled(page)
        assert (address, axe_violations(page), sideways_scroll(page)) == (address, [], 0)
    page.goto(f"/reviews/{bid.code}/sheet?lang={lang}")
    settled(page)
    bar = page.locator(".app-jump")
    for place in (0, 3000, 100_000):
        page.evaluate("(top) => window.scrollTo(0, top)", place)
        expect(bar).to_be_in_viewport()
    page.locator("label", has=page.locator("[name=points_need][value='9']")).click()
    expect(page.locator("[data-score-echo]")).to_have_text("13,5" if lang == "uk" else "13.5")
    saved = "Збережено" if lang == "uk" else "Saved at"
    expect(page.locator("[data-autosave-status]").first).to_contain_text(saved)
