"""The look in a real browser: accessibility, small screens, scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from grants_app.core import words
from grants_app.core.money import parse_kop, parse_milli
from tests.support.browser import settled

from .gallery import pages

NAMES = [f"{name}?" for name in pages()] + ["form?errors=1&", "sheet?errors=1&"]


LOOKS = [(1280, "light"), (360, "light"), (1280, "dark"), (360, "dark")]


@pytest.mark.parametrize("name", NAMES)
def test_page_has_no_accessibility_violations(page: Page, gallery_url: str, name: str) -> None:
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{gallery_url}/{name}theme={theme}")
        settled(page)
        found = Axe().run(page).response["violations"]
        assert [(theme, width, fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found] == []


@pytest.mark.parametrize("name", NAMES)
def test_page_does_not_scroll_sideways_on_the_smallest_phone(page: Page, gallery_url: str, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{gallery_url}/{name}")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_hour_is_that_of_the_city_wherever_the_browser_is(gallery_url: str, chromium_browser: Browser) -> None:
    page = chromium_browser.new_page(timezone_id="America/New_York")
    page.goto(f"{gallery_url}/form")
    said = "async (at) => (await import('/static/js/wording.js')).hour(at)"
    midsummer, midwinter = 1_782_216_300_000, 1_768_485_900_000  # 12:05 and 14:05 in Greenwich
    assert [page.evaluate(said, midsummer), page.evaluate(said, midwinter)] == ["15:05", "16:05"]
    page.close()


CUT_OFF = """() => [...document.querySelectorAll('.app-tablewrap')]
  .filter((frame) => frame.scrollWidth > frame.clientWidth && getComputedStyle(frame).overflowX !== 'auto')
  .map((frame) => frame.querySelector('caption').textContent)"""


@pytest.mark.parametrize("name", NAMES)
def test_no_table_loses_columns_on_a_phone(page: Page, gallery_url: str, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{gallery_url}/{name}")
    settled(page)
    assert page.evaluate(CUT_OFF) == []


TEXTS = [
    "",
    "ґанок",
    "e\u0301\u0301",
    "рядок\r\nдругий",
    "🙂 усміх",
    "м'ята\u200b",
    "\u0007дзвін",
    "  край  ",
    "и\u0306йї\u0308",
]


@pytest.mark.parametrize("text", TEXTS)
def test_counter_counts_as_the_server(page: Page, gallery_url: str, text: str) -> None:
    page.goto(f"{gallery_url}/form")
    counted = page.evaluate("async (text) => (await import('/static/js/counter.js')).countCharacters(text)", text)
    assert counted == words.count(words.unify(text).strip())


def test_counter_speaks_of_what_is_left(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/form")
    settled(page)
    note = page.locator("#about-info")
    page.fill("#about", "а" * 999)
    expect(note).to_have_text("Лишився 1 знак")
    page.fill("#about", "а" * 1022)
    expect(note).to_have_text("Зайві 22 знаки")


def test_rows_are_added_and_removed_by_keyboard(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/form")
    settled(page)
    page.get_by_role("button", name="Додати людину").press("Enter")
    expect(page.locator("#team-2-name")).to_be_focused()
    page.keyboard.type("Ганна Липа")
    page.locator("#team-0 [data-row-remove]").press("Enter")
    expect(page.locator(".app-row-card__head > [data-row-name]")).to_have_text(["Рядок 1", "Рядок 2"])
    names = page.eval_on_selector_all("[name^=team-][name$=-name]", "(all) => all.map((one) => [one.name, one.value])")
    assert names == [["team-1-name", "Тарас Береза"], ["team-2-name", "Ганна Липа"]]


def test_digits_set_the_focused_scale_and_the_total_follows(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/sheet")
    settled(page)
    page.locator("#c2").focus()
    page.keyboard.type("7,5")
    expect(page.locator("input[name=c2]:checked")).to_have_value("7.5")
    expect(page.locator("[data-score-total]")).to_have_text("40,5")
    expect(page.locator("[data-score-possible]")).to_have_text("із 50 за 2 критерії")
    page.locator("input[name=c1]:checked").focus()
    page.keyboard.type("10")
    expect(page.locator("input[name=c1]:checked")).to_have_value("10")
    expect(page.locator("[data-score-total]")).to_have_text("42,5")


def test_typed_text_is_saved_without_pressing_anything(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/sheet")
    settled(page)
    page.fill("#r1", "Показники вимірні.")
    expect(page.locator("[data-autosave-status]")).to_have_text("Збережено о 14:32")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_text_survives_a_lost_network(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/sheet")
    settled(page)
    page.route("**/autosave", lambda route: route.abort("internetdisconnected"))
    page.fill("#r1", "Написано без зв’язку.")
    expect(page.locator("[data-autosave-status]")).to_have_text(
        "Немає зв’язку. Текст збережено у браузері, надішлемо, коли зв’язок з’явиться"
    )
    page.goto(f"{gallery_url}/sheet?again")
    settled(page)
    expect(page.locator("#r1")).to_have_value("Написано без зв’язку.")


def test_second_editor_sees_the_other_text(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/sheet")
    settled(page)
    page.fill("#r1", "clash")
    expect(page.locator("[data-autosave-status]")).to_have_text("Ганна Липа змінила цю відповідь о 14:30")
    expect(page.locator("[data-autosave-status] + .app-note")).to_have_text("Інший текст")


def test_page_works_without_scripts(chromium_browser: Browser, gallery_url: str) -> None:
    context = chromium_browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{gallery_url}/form")
    page.fill("#title", "Без скрипту")
    page.get_by_role("button", name="Зберегти й далі").click()
    expect(page.locator(".govuk-error-summary")).to_have_count(1)
    context.close()


TYPED = ("1234", "1 234,50", "1\u00a0234.5", "1,234.50", "1.234,50", "1,234", "12.500", "0,125", "1,2340", "1,234,567",
         "7.5", "1000,125", "x", "-5")  # fmt: skip


def test_typed_numbers_are_read_as_the_server_reads_them(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/form")
    settled(page)
    read = page.evaluate(
        """async (texts) => {
          const { kopiykas, thousandths } = await import('/static/js/budget.js')
          const plain = (one) => one === null ? null : Number(one)
          return texts.map((text) => [plain(kopiykas(text)), plain(thousandths(text))])
        }""",
        list(TYPED),
    )
    told = {text: [_read(parse_kop, text), _read(parse_milli, text)] for text in TYPED}
    assert dict(zip(TYPED, read, strict=True)) == told


def _read(parse: Callable[[str], int], text: str) -> int | None:
    try:
        return parse(text)
    except ValueError:
        return None
