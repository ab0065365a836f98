"""A budget written elsewhere: what is understood of pasted rows and files, and what is named as not understood."""

from __future__ import annotations

import time

import pytest

from grants_app.applications.rules.budget import Line
from grants_app.applications.rules.budget_diff import changes
from grants_app.applications.rules.budget_reading import ReadBudget, read_budget, table_of_text
from grants_app.core.money import parse_kop
from grants_app.core.tables import Cell, Table, TableRow

CATEGORIES = {"оренда": "rent", "послуги": "services", "rent": "rent"}
HEAD = "Стаття\tЗа що платимо\tОдиниця\tКількість\tЦіна\tМісто\tВласні кошти\n"


def read(text: str) -> ReadBudget:
    return read_budget(table_of_text(text), CATEGORIES)


@pytest.mark.parametrize(
    ("typed", "kop"),
    [
        ("1 234,50", 123_450),
        ("1\u00a0234,50", 123_450),
        ("1\u202f234.5", 123_450),
        ("1,234.50", 123_450),
        ("1.234,50", 123_450),
        ("1,234,567.89", 123_456_789),
        ("1234.50 ₴", 123_450),
        ("₴ 1 234,50", 123_450),
        ("1234 грн", 123_400),
        ("1 234,5 грн.", 123_450),
        ("UAH 10", 1_000),
        ("0", 0),
    ],
)
def test_amount_is_read_as_people_write_it(typed: str, kop: int) -> None:
    assert parse_kop(typed) == kop
    line = read(f"{HEAD}Оренда\tЗал\t\t1\t{typed}\n").lines[0]
    assert line.price_kop == kop


@pytest.mark.parametrize(
    "typed", ["-5", "−5", "1,234", "1.234", "12,345", "1e18", "9" * 18, "1 234 567 8", "₴", "=1+1"]
)
def test_amount_that_cannot_be_read_is_named_by_its_cell(typed: str) -> None:
    found = read(f"{HEAD}Оренда\tЗал\tгод\t2\t{typed}\t10\n")
    assert [(error.place, error.facts["text"]) for error in found.errors] == [("E2", typed)]
    assert found.lines == [Line("rent", "Зал", 2_000, 0, unit="год", city_kop=1_000)]


NAMES = {
    "services": "services",
    "послуги сторонніх виконавців (цпд, фоп)": "services",
    "services of contractors": "services",
    "інформаційні послуги": "information",
    "оплата праці та внески (єсв)": "pay",
    "інше": "other",
    "інше обладнання": "equipment",
    "проїзд учасників": "travel",
    "проїзд": "fares",
    "проїзд волонтерів": "volunteers",
    "харчування учасників": "food",
    "харчування волонтерів": "volunteers",
}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Послуги", "services"),
        ("послуги", "services"),
        ("«ПОСЛУГИ»", "services"),
        ("1. Послуги сторонніх виконавців", "services"),
        ("2.3 Послуги:", "services"),
        ("Services", "services"),
        ("services of", "services"),
        ("Оплата праці", "pay"),
        ("Інформаційні", "information"),
        ("Інше", "other"),
        ("проїзд", "fares"),
    ],
)
def test_category_is_known_by_the_words_people_write(text: str, code: str) -> None:
    found = read_budget(table_of_text(f"{HEAD}{text}\tЗал\tгод\t1\t10\t10\t"), NAMES)
    assert ([line.category for line in found.lines], found.errors) == ([code], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Посл", "The call has no category “%(text)s”"),
        ("Послуги зв’язку", "The call has no category “%(text)s”"),
        ("Харчування", "“%(text)s” begins the names of several categories: write it in full"),
        ("...", "The call has no category “%(text)s”"),
    ],
)
def test_category_that_is_not_known_is_told_by_its_row(text: str, message: str) -> None:
    rows = f"{HEAD}Інше\tЗал\tгод\t1\t10\t10\t\n{text}\tДрук\tшт\t1\t10\t10\t"
    found = read_budget(table_of_text(rows), NAMES)
    told = [(one.row, one.place, one.cell, one.message, one.facts["text"]) for one in found.errors]
    assert told == [(3, "A3", "category", message, text)]
    assert [line.category for line in found.lines] == ["other", ""]


def test_rows_in_any_order_of_columns_with_headings() -> None:
    head = "Ціна, грн\tНайменування\tщось своє\tКіл-ть\tСтаття витрат\tРазом\tКошти міста\n"
    found = read(f"{head}100\tЗал\tx\t1,5\tоренда\t150\t150\n")
    assert found.lines == [Line("rent", "Зал", 1_500, 10_000, city_kop=15_000)]
    assert (found.unread, found.errors, found.columns[1]) == (("щось своє",), [], ("Найменування", "item"))


def test_rows_without_headings_follow_the_table_of_the_page() -> None:
    found = read("rent\tЗал\tгод\t10\t1,234.50\t12 345\t10 000 ₴\t2345\n")
    assert found.lines == [Line("rent", "Зал", 10_000, 123_450, unit="год", city_kop=1_000_000, own_cash_kop=234_500)]


def test_sum_that_contradicts_its_row_is_told_and_not_taken() -> None:
    found = read("Стаття\tЗа що\tК-сть\tЦіна\tСума\nоренда\tЗал\t2\t100\t201\n")
    assert [(one.place, one.facts) for one in found.errors] == [("E2", {"amount": 20_100, "available": 20_000})]
    assert found.lines[0].total_kop == 20_000


def test_rows_of_sums_and_blank_rows_are_left_away() -> None:
    found = read(f"{HEAD}Оренда\tЗал\t\t1\t10\n\n\t\t\t\t\nРазом\t\t\t\t\t10\n\tУсього за статтею\t\t\t\t10\n")
    assert (len(found.rows), found.skipped) == (1, 2)


def test_cells_with_quotes_and_line_breaks_come_whole() -> None:
    text = f'{HEAD}Оренда\t"Зал\nна двох"\tгод\t1\t5\nПослуги\t"Ромашка" друкує\t\t1\t5\nПослуги\t"не закрито\t\t1\t5\n'
    assert [line.item for line in read(text).lines] == ["Зал на двох", '"Ромашка" друкує', '"не закрито']


@pytest.mark.parametrize("text", ['"' * 200_000, '"a\n' * 60_000, "\t" * 200_000, "\n" * 200_000, '"\t"\n' * 50_000])
def test_block_made_to_be_slow_is_read_fast(text: str) -> None:
    begun = time.process_time()
    read(text)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("text", "kop", "errors"),
    [("0.30000000000000004", 30, 0), ("33.333333333333336", 0, 1), ("1234.5", 123_450, 0), ("1E+3", 100_000, 0),
     ("NaN", 0, 1), ("1E+400", 0, 1)],
)  # fmt: skip
def test_numbers_of_a_spreadsheet_lose_only_its_own_dust(text: str, kop: int, errors: int) -> None:
    row = TableRow(2, {"A": Cell("text", "Зал"), "B": Cell("number", text)})
    head = TableRow(1, {"A": Cell("text", "За що"), "B": Cell("text", "Ціна")})
    found = read_budget(Table("Кошторис", [head, row]), CATEGORIES)
    assert (found.lines[0].price_kop, len(found.errors)) == (kop, errors)
    assert [error.place for error in found.errors] == ["Кошторис!B2"] * errors


def test_formula_is_asked_for_as_a_value() -> None:
    cells = {"A": Cell("text", "Зал"), "B": Cell("formula", "")}
    head = TableRow(1, {"A": Cell("text", "За що"), "B": Cell("text", "Ціна")})
    found = read_budget(Table("S", [head, TableRow(2, cells)]), CATEGORIES)
    assert [(one.place, one.message) for one in found.errors] == [("S!B2", "The cell holds a formula: paste its value")]


def test_changes_of_a_budget_name_lines_and_cells() -> None:
    hall, paper, tea = Line("rent", "Зал", 1_000, 500), Line("services", "Друк", 1_000, 900), Line("x", "Чай", 1_000, 7)
    dearer = Line("rent", "Зал", 2_000, 500, city_kop=1_000)
    new = Line("x", "Кава", 1_000, 8)
    found = changes([hall, paper, tea], [new, paper, dearer])
    assert [(one.kind, one.row, one.item) for one in found] == [
        ("added", 1, "Кава"),
        ("changed", 3, "Зал"),
        ("removed", 3, "Чай"),
    ]
    assert [(cell.cell, cell.old, cell.new) for cell in found[1].cells] == [
        ("qty_milli", 1_000, 2_000),
        ("total_kop", 500, 1_000),
        ("city_kop", 0, 1_000),
    ]
    assert changes([hall, paper], [paper, hall]) == []  # a line that only moved is no change
