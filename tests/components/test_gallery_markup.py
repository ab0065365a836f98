"""The markup of every layout and component: ids, ties between labels and fields, no inline style or script."""

from __future__ import annotations

from collections import Counter

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from .gallery import catalogue, pages

ADDRESSES = [f"/{name}{query}" for name in pages() for query in ("", "?errors=1", "?lang=en", "?guest=1")]
REFUSED = ["/form?errors=1", "/sheet?errors=1"]


def soup(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).text, "html.parser")


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_ids_are_unique(client: FlaskClient, address: str) -> None:
    ids = Counter(str(node["id"]) for node in soup(client, address).find_all(id=True))
    assert [name for name, count in ids.items() if count > 1] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_has_no_inline_style_or_handler(client: FlaskClient, address: str) -> None:
    found = [
        (node.name, name)
        for node in soup(client, address).find_all(True)
        for name in node.attrs
        if name == "style" or name.startswith("on")
    ]
    assert found == []
    assert soup(client, address).find_all("style") == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_script_is_a_file_with_the_nonce(client: FlaskClient, address: str) -> None:
    scripts = soup(client, address).find_all("script")
    assert len(scripts) >= 2
    assert [str(node) for node in scripts if not node.get("src") or node.get("nonce") != "gallery-nonce"] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_references_between_elements_hold(client: FlaskClient, address: str) -> None:
    page = soup(client, address)
    ids = {str(node["id"]) for node in page.find_all(id=True)}
    wanted = {str(node["for"]) for node in page.find_all("label", attrs={"for": True})}
    for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
        wanted |= {part for node in page.find_all(attrs={name: True}) for part in str(node[name]).split()}
    wanted |= {
        str(node["href"])[1:] for node in page.find_all("a", href=lambda href: bool(href) and href.startswith("#"))
    }
    assert wanted - ids == set()


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_control_has_a_name_for_readers(client: FlaskClient, address: str) -> None:
    page = soup(client, address)
    labelled = {str(node["for"]) for node in page.find_all("label", attrs={"for": True})}
    silent = [
        str(node)
        for node in page.find_all(["input", "select", "textarea"])
        if node.get("type") != "hidden" and node.get("id") not in labelled and not node.get("aria-label")
    ]
    assert silent == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_has_one_main_and_one_first_heading(client: FlaskClient, address: str) -> None:
    page = soup(client, address)
    assert (len(page.find_all("main")), len(page.find_all("h1"))) == (1, 1)


def test_all_words_of_the_look_are_translated(gallery: Flask, client: FlaskClient) -> None:
    for name in pages():
        assert client.get(f"/{name}").status_code == 200
    assert gallery.extensions["missing_words"] == set()


def test_catalogue_gives_three_forms_wherever_a_number_stands() -> None:
    wrong = [key for key, value in catalogue().items() if isinstance(value, list) != ("%(num)d" in key)]
    assert wrong == []
    assert [key for key, value in catalogue().items() if isinstance(value, list) and len(value) != 3] == []


@pytest.mark.parametrize("address", REFUSED)
def test_summary_links_jump_to_fields_and_repeat_their_sentences(client: FlaskClient, address: str) -> None:
    page = soup(client, address)
    links = page.select(".govuk-error-summary__list a")
    assert len(links) >= 3
    for link in links:
        field_id = str(link["href"])[1:]
        shown = page.find(id=f"{field_id}-error")
        assert shown is not None, field_id
        sentence = link.get_text().removeprefix("Рядок 1: ")
        assert shown.get_text(" ", strip=True) == f"Помилка: {sentence}"


def test_summary_lists_every_refused_field_once(client: FlaskClient) -> None:
    page = soup(client, "/form?errors=1")
    targets = [str(link["href"])[1:] for link in page.select(".govuk-error-summary__list a")]
    assert targets == [
        "title",
        "about",
        "priority",
        "lot",
        "agrees",
        "starts_on",
        "requested",
        "people_count",
        "password",
        "team-0-name",
    ]


def test_refused_form_answers_422_and_keeps_what_was_typed(client: FlaskClient) -> None:
    answer = client.get("/form?errors=1")
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert page.title is not None
    assert page.title.get_text() == "Помилка: Назва, пріоритет, короткий опис – Гранти громади"
    typed = {name: page.find(id=name)["value"] for name in ("people_count", "requested", "starts_on", "team-1-name")}  # type: ignore[index]
    assert typed == {"people_count": "багато", "requested": "сто", "starts_on": "завтра", "team-1-name": "Тарас"}
    about = page.find(id="about")
    assert about is not None
    assert about.get_text().strip().startswith("<b>о</b>")


def test_browser_judges_nothing_itself(client: FlaskClient) -> None:
    page = soup(client, "/form")
    judging = {"required", "maxlength", "min", "max", "pattern", "step"}
    assert [
        node.get("id") for node in page.find_all(["input", "select", "textarea"]) if judging & set(node.attrs)
    ] == []
    assert [form for form in page.select("main form.app-card") if not form.has_attr("novalidate")] == []


def test_form_carries_one_csrf_token_and_the_key(client: FlaskClient) -> None:
    form = soup(client, "/form").find("form", action="/form")
    assert form is not None
    assert len(form.find_all("input", attrs={"name": "csrf_token"})) == 1
    assert [node["value"] for node in form.find_all("input", attrs={"name": "form_key"})] == ["0f3a"]


def test_refused_action_is_disabled_with_its_reason(client: FlaskClient) -> None:
    page = soup(client, "/form")
    button = page.select_one("form[action='/form/submit'] button")
    assert button is not None
    assert button.has_attr("disabled")
    reason = page.find(id=str(button["aria-describedby"]))
    assert reason is not None
    assert reason.get_text() == "Подати поки не можна: не закінчено 3 розділи"


def test_sorted_column_says_so_and_numbers_stand_right(client: FlaskClient) -> None:
    page = soup(client, "/work")
    table = page.select("main table.app-stack")[0]
    heads = table.select("thead th")
    assert [head.get("aria-sort") for head in heads] == [None, "ascending", None, None, None, None]
    assert [" ".join(head.get("class") or []) for head in heads] == ["", "num", "num", "num", "", ""]
    assert [cell.get_text() for cell in table.select("tbody td.num b")] == [
        "91,33",
        "88,50",
        "76,17",
    ]


def test_money_bar_over_the_limit_says_by_how_much(client: FlaskClient) -> None:
    bars = soup(client, "/parts").select(".app-money")
    keys = [[item.get_text().replace("\u00a0", " ") for item in bar.select(".app-key li")] for bar in bars]
    assert keys == [
        ["6 проєктів, повні суми 842 500 грн", "1 проєкт, залишок 12 500 грн", "вільно 45 000 грн"],
        ["ухвалено 380 000 грн", "це питання 32 500 грн", "перевищено на 12 500 грн"],
    ]
    assert [len(bar.select(".app-money__bar .sover")) for bar in bars] == [0, 1]


def test_due_list_counts_equal_its_rows(client: FlaskClient) -> None:
    page = soup(client, "/parts")
    assert [node.get_text() for node in page.select(".app-band .app-count")] == ["1", "2"]
    assert len(page.select(".app-due")) == 3
