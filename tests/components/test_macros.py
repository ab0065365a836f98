"""Single components at their edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from jinja2 import UndefinedError

NOW = datetime(2027, 3, 18, 8, 40, tzinfo=UTC)


def render(app: Flask, source: str, **values: Any) -> BeautifulSoup:
    with app.test_request_context("/"):
        return BeautifulSoup(app.jinja_env.from_string(source).render(**values), "html.parser")


def macro(file: str, name: str, call: str) -> str:
    """Source of a template that imports one macro and calls it."""
    return f'{{% from "components/{file}.html" import {name} %}}{{{{ {name}({call}) }}}}'


@pytest.mark.parametrize(
    ("left", "words", "is_soon"),
    [
        (timedelta(days=15, hours=3), "Лишилося 15 днів", False),
        (timedelta(days=8, hours=13), "8 днів 13 годин", False),
        (timedelta(days=6, hours=9), "6 днів 9 годин", True),
        (timedelta(days=1), "1 день", True),
        (timedelta(hours=2, minutes=59), "2 години", True),
        (timedelta(minutes=21, seconds=59), "21 хвилина", True),
        (timedelta(seconds=1), "1 хвилина", True),
        (timedelta(0), "Строк минув", True),
        (timedelta(days=-2), "Строк минув", True),
    ],
)
def test_clock_says_what_is_left(gallery: Flask, left: timedelta, words: str, is_soon: bool) -> None:
    source = macro("clock", "clock", 'now + left, now, "до 23:59", starts_at=now + left - whole')
    page = render(gallery, source, now=NOW, left=left, whole=timedelta(days=20))
    assert page.b is not None
    assert page.div is not None
    assert page.b.get_text() == words
    assert ("app-clock--soon" in page.div["class"]) == is_soon
    assert len(page.select("circle.left")) == (1 if left > timedelta(0) else 0)


def test_money_bar_without_money_divides_by_nothing(gallery: Flask) -> None:
    page = render(gallery, macro("money", "money_bar", '"Фонд", 0, []'))
    assert page.get_text().strip().replace("\u00a0", " ") == "Фонд0 грн із 0 грн"


def test_split_bar_rounds_shares_half_up(gallery: Flask) -> None:
    parts = [
        {"label": "а", "amount_kop": 1, "series": 1},
        {"label": "б", "amount_kop": 1, "series": 2},
        {"label": "в", "amount_kop": 1, "series": 3},
    ]
    page = render(gallery, macro("money", "split_bar", 'parts, "Частки"'), parts=parts)
    assert [node.get_text().replace("\u00a0", " ") for node in page.select("li")] == [
        "а 0,01 грн, 33,3 %",
        "б 0,01 грн, 33,3 %",
        "в 0,01 грн, 33,3 %",
    ]


@pytest.mark.parametrize(("current", "shown"), [(1, "1 2 ⋯ 9"), (4, "1 ⋯ 3 4 5 ⋯ 9"), (9, "1 ⋯ 8 9")])
def test_pagination_shows_ends_and_neighbours(gallery: Flask, current: int, shown: str) -> None:
    page = render(
        gallery,
        macro("tables", "pagination", 'current, 9, "?page={page}"'),
        current=current,
    )
    assert " ".join(node.get_text() for node in page.select(".govuk-pagination__list li")) == shown
    assert [str(node["href"]) for node in page.select("a[aria-current]")] == [f"?page={current}"]


def test_pagination_of_one_page_prints_nothing(gallery: Flask) -> None:
    page = render(gallery, macro("tables", "pagination", '1, 1, "?page={page}"'))
    assert page.get_text() == ""


def test_table_cell_escapes_what_people_wrote(gallery: Flask) -> None:
    columns = [{"key": "a", "label": "А"}, {"key": "b", "label": "Б", "kind": "money"}]
    source = macro("tables", "list_table", '"Т", columns, [{"a": "<b>x</b>", "b": none}]')
    page = render(gallery, source, columns=columns)
    assert [node.get_text() for node in page.select("tbody tr > *")] == ["<b>x</b>", "–"]


def test_table_with_an_unknown_column_fails_loudly(gallery: Flask) -> None:
    source = macro("tables", "list_table", '"Т", [{"key": "a", "label": "А"}], [row]')
    with pytest.raises(UndefinedError):
        render(gallery, source, row=object())


def test_score_scale_keeps_half_marks_and_leaves_untouched_empty(gallery: Flask) -> None:
    from .samples import SheetForm

    source = macro("score", "criterion", '2, "Потреба", "", f, options=options, maximum=10')
    options = [(str(mark / 2), str(mark / 2).replace(".", ",")) for mark in range(21)]
    with gallery.test_request_context("/"):
        empty, half = SheetForm(formdata=None), SheetForm(formdata=None, data={"c2": "7.5"})
        template = gallery.jinja_env.from_string(source)
        first, second = (
            BeautifulSoup(template.render(f=form.c2, options=options), "html.parser") for form in (empty, half)
        )
    assert [len(first.select("input")), len(first.select("input[checked]"))] == [21, 0]
    assert [str(node["aria-label"]) for node in second.select("input[checked]")] == ["7,5 із 10"]
