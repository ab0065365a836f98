"""One count on both sides: a paste from Word, a Mac or a messenger has the same length for page and server."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from playwright.sync_api import Page

from grants_app.applications import queries
from grants_app.core import words
from tests.support.applications import draft_application, new_head, version_of
from tests.support.calls import Call
from tests.support.forms import extended_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

# text -> (unified, characters, words)
PASTES: dict[str, tuple[str, str, int, int]] = {
    "plain": ("Менше сварок", "Менше сварок", 12, 2),
    "nothing": ("", "", 0, 0),
    "only signs": (" – — … ", "– — …", 5, 0),
    "word: smart quotes and CRLF": ("“Двір” – наш\r\nдім", "“Двір” – наш\nдім", 16, 3),
    "word: break inside a paragraph": ("рядок\x0bрядок", "рядок\nрядок", 11, 2),
    "word: soft hyphen": ("само\u00adврядування", "самоврядування", 14, 1),
    "word: no-break spaces": ("10\u00a0000\u202fгрн", "10\u00a0000\u202fгрн", 10, 3),
    "word: bullets": ("•\tперше\r\n•\tдруге", "•\tперше\n•\tдруге", 15, 2),
    "word: apostrophe": ("п'ять м`яч об´єкт ім‘я", "п’ять м’яч об’єкт ім’я", 22, 4),
    "mac: decomposed letters": ("и\u0306жак і і\u0308жа", "йжак і їжа", 10, 3),
    "mac: CR": ("один\rдва", "один\nдва", 8, 2),
    "mac: joiner inside a letter": ("и\u200d\u0306", "й", 1, 1),
    "telegram: zero-width and marks": ("\u200eпри\u200bвіт\ufeff 👋\ufe0f", "привіт 👋\ufe0f", 9, 1),
    "telegram: emoji of several signs": ("👨\u200d👩\u200d👧 родина", "👨👩👧 родина", 10, 1),
    "site: line and paragraph signs": ("а\u2028б\u2029в\x85г", "а\nб\nв\nг", 7, 4),
    "direction signs": ("\u202eтам\u202c", "там", 3, 1),
    "control signs": ("а\x00б\x1fв\x7f", "абв", 3, 1),
    "hyphens are one word": ("село-супутник 2-й – так", "село-супутник 2-й – так", 23, 3),
    "beyond the basic plane": ("𝒜𝒷 ②", "𝒜𝒷 ②", 4, 2),
    "stress": ("за\u0301мок", "за\u0301мок", 6, 1),
    "many blanks": ("  а \n\n\n б  ", "а \n\n\n б", 7, 2),
}


@pytest.mark.parametrize("name", PASTES)
def test_pasted_text_on_the_server(name: str) -> None:
    text, unified, characters, count = PASTES[name]
    found = words.unify(text).strip()
    assert (found, words.count(found), words.count_words(text)) == (unified, characters, count)
    # What is stored is counted again when it is shown: it must not shrink further.
    assert words.unify(found) == found


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_pasted_text_in_the_page(browser_page: Page) -> None:
    browser_page.goto("/")
    found = browser_page.evaluate(
        """async (texts) => {
            const { unify, oneLine, countCharacters, countWords } = await import('/static/js/counter.js')
            const told = (text) => [unify(text).trim(), countCharacters(text), countWords(text), oneLine(text)]
            return JSON.parse(texts).map(told)
        }""",
        json.dumps([text for text, *_rest in PASTES.values()]),
    )
    expected = [
        [
            words.unify(text).strip(),
            words.count(words.unify(text).strip()),
            words.count_words(text),
            words.one_line(text),
        ]
        for text, *_rest in PASTES.values()
    ]
    assert dict(zip(PASTES, found, strict=True)) == dict(zip(PASTES, expected, strict=True))


@pytest.mark.browser
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("text", "most", "unit", "expected"),
    [
        ("абвг", 4, "characters", ""),
        ("абвгд", 4, "characters", "д"),
        ("👋👋👋", 2, "characters", "👋"),
        ("раз два три", 2, "words", "три"),
        ("раз – два – три чотири", 2, "words", "три чотири"),
        ("раз два", 2, "words", ""),
    ],
)
def test_text_beyond_the_limit_is_what_the_server_counts_off(
    browser_page: Page, text: str, most: int, unit: str, expected: str
) -> None:
    browser_page.goto("/")
    found = browser_page.evaluate(
        "async ([text, most, unit]) => (await import('/static/js/counter.js')).beyond(text, most, unit)",
        [text, most, unit],
    )
    assert found == expected
    assert (words.length(text, unit) > most) is bool(expected)


PASTED: list[tuple[str, str]] = [
    ("• перше\r\n• друге", "– перше\n– друге"),
    ("·\u00a0\u00a0\u00a0перше\r\n·\u00a0\u00a0друге", "– перше\n– друге"),
    ("o\tвкладене", "– вкладене"),
    ("\uf0b7\tсимвольний шрифт", "– символьний шрифт"),
    ("- перше\n* друге\n— третє", "– перше\n– друге\n– третє"),
    ("1.\tперше\n2)\tдруге", "1. перше\n2) друге"),
    ("абзац\r\n\r\n\r\n\r\nабзац", "абзац\n\nабзац"),
    ("хвіст   \n\tпочаток", "хвіст\nпочаток"),
    ("о 10 годині", "о 10 годині"),
    ("-5 градусів", "-5 градусів"),
]


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_pasted_formatting_is_cleaned(browser_page: Page) -> None:
    browser_page.goto("/")
    found = browser_page.evaluate(
        "async (texts) => { const { cleaned } = await import('/static/js/paste.js'); return texts.map(cleaned) }",
        [text for text, _expected in PASTED],
    )
    assert found == [expected for _text, expected in PASTED]


@pytest.mark.browser
@pytest.mark.sqlite_only
def test_pasted_list_of_a_site_keeps_its_dashes(browser_page: Page) -> None:
    browser_page.goto("/")
    html = (
        "<meta charset=utf-8><style>li{color:red}</style><p style='color:red'>Наші <b>завдання</b>:</p>"
        "<ul><li>навчити</li><li>показати<ol><li>раз</li><li>два</li></ol></li></ul><script>alert(1)</script>"
    )
    found = browser_page.evaluate(
        """async (html) => {
            const { textOf } = await import('/static/js/paste.js')
            return [textOf(html), textOf('<p>б</p>')]
        }""",
        html,
    )
    assert found == ["Наші завдання:\n\n– навчити\n– показати\n1. раз\n2. два", None]


def test_words_beyond_the_limit_are_refused_and_told(app: Flask, clock: FrozenClock) -> None:
    call, head = extended_call(), new_head()
    application = draft_application(call.competition, head, volunteers=12)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/extra"
    page = visitor.get(address).text
    assert 'data-counter-max="20" data-counter-unit="words"' in page
    data = {"version": version_of(page), "volunteers": "12", "training": "слово – " * 20}
    assert visitor.post(f"{address}/autosave", data=data).status_code == 200
    assert words.count_words(queries.answers_of(application)["training"]) == 20
    refused = visitor.post(address, data={**data, "version": "", "training": "слово " * 22})
    assert (refused.status_code, "Скоротіть текст, зайвих слів 2: дозволено 20, а зараз 22" in refused.text) == (
        422,
        True,
    )
    assert "слово " * 21 in refused.text


def test_characters_are_counted_after_unifying(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/sections/rationale"
    version = version_of(visitor.get(address).text)
    # 500 letters, twice as many code points as a Mac writes them, and a soft hyphen after each.
    text = "и\u0306\u00ad" * 500
    rows = {"target_groups-0-group": "Підлітки", "target_groups-0-direct": "60", "target_groups-0-indirect": "300"}
    data = {"version": version, "goal": text, "rationale": "У дворах бракує розмови.", **rows}
    assert visitor.post(f"{address}/autosave", data=data).status_code == 200
    assert queries.answers_of(application)["goal"] == "й" * 500
