"""The page of the budget: rows, sums, the smallest useful amount line by line, tables from elsewhere."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Submission
from grants_app.applications.queries.budget import earlier_budget, smallest_plan
from grants_app.applications.rules import Line
from grants_app.applications.rules import budget as budget_rules
from grants_app.database import db, unit_of_work
from tests.support.applications import complete_budget, draft_application, new_head, submitted_application, version_of
from tests.support.calls import Call
from tests.support.visitors import visit_as


def begun(app: Flask, call: Call) -> tuple[FlaskClient, Application, User, str]:
    head = new_head()
    draft = draft_application(call.competition, head)
    return visit_as(app, head), draft, head, f"/applications/{draft.key}/budget"


def rows(*items: str) -> dict[str, str]:
    """Rows as the page sends them; an empty name is a blank row."""
    sent: dict[str, str] = {}
    for place, item in enumerate(items):
        cells = {"category": "services", "qty": "1", "price": "10 000", "city": "10 000"} if item else {}
        sent |= {f"rows-{place}-{name}": text for name, text in {"item": item, **cells}.items()}
    return sent


def items_shown(page: str) -> list[str]:
    return re.findall(r'name="rows-\d+-item" value="([^"]*)"', page)


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("rows/1/up", ["Б", "А", "В"]),
        ("rows/1/down", ["А", "В", "Б"]),
        ("rows/0/up", ["А", "Б", "В"]),
        ("rows/2/down", ["А", "Б", "В"]),
        ("rows/1/remove", ["А", "В"]),
        ("rows/add", ["А", "Б", "В", ""]),
    ],
)
def test_rows_move_by_buttons_without_saving(app: Flask, call: Call, button: str, expected: list[str]) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    answer = visitor.post(address, data={**rows("А", "Б", "В"), "row": button, "smallest": "12 345"})
    assert (answer.status_code, items_shown(answer.text), "12 345" in answer.text) == (200, expected, True)
    assert queries.lines_of(draft) == before


def test_last_row_removed_leaves_a_blank_one(app: Flask, call: Call) -> None:
    visitor, _draft, _head, address = begun(app, call)
    answer = visitor.post(address, data={**rows("А"), "row": "rows/0/remove"})
    assert (answer.status_code, items_shown(answer.text)) == (200, [""])


@pytest.mark.parametrize("forged", ["rows/99/remove", "rows/x/up", "rows/0/steal", "others/add", "", "/"])
def test_button_that_no_row_has_is_not_there(app: Flask, call: Call, forged: str) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    assert visitor.post(address, data={**rows("А"), "row": forged}).status_code == 404
    assert queries.lines_of(draft) == before


def test_error_names_the_row_as_it_stands_on_the_page(app: Flask, call: Call) -> None:
    """A blank row between two others does not make the rules count otherwise than people do."""
    visitor, _draft, _head, address = begun(app, call)
    sent = rows("А", "", "Б") | {"rows-2-city": "9 999,99", "version": version_of(visitor.get(address).text)}
    answer = visitor.post(address, data=sent)
    assert (answer.status_code, items_shown(answer.text)[:2]) == (422, ["А", "Б"])
    assert "Рядок 2: джерела дають 9" in answer.text.replace("\u00a0", " ")
    assert 'href="#rows-1-city"' in answer.text


@pytest.mark.parametrize(
    ("cell", "typed"),
    [("city", "-5"), ("price", "9" * 19), ("price", "1e18"), ("qty", "-1"), ("qty", "0,0001"), ("city", "1,234")],
)
def test_wrong_amount_is_named_at_its_cell_and_kept(app: Flask, call: Call, cell: str, typed: str) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    sent = rows("А", "Б") | {f"rows-1-{cell}": typed, "version": version_of(visitor.get(address).text)}
    answer = visitor.post(address, data=sent)
    assert (answer.status_code, f'id="rows-1-{cell}-error"' in answer.text) == (422, True)
    assert f'value="{typed}"' in answer.text
    said = visitor.post(f"{address}/autosave", data=sent)
    assert (said.status_code, "Рядок 2" in said.get_json()["message"]) == (422, True)
    assert queries.lines_of(draft) == before


@pytest.mark.parametrize("typed", ["100 000 000 001", "9 999 999 999 999"])
def test_amount_beyond_any_budget_is_refused_in_words(app: Flask, call: Call, typed: str) -> None:
    visitor, draft, _head, address = begun(app, call)
    sent = rows("А") | {"rows-0-price": typed, "version": version_of(visitor.get(address).text)}
    answer = visitor.post(address, data=sent)
    assert (answer.status_code, "Рядок 1: сума завелика" in answer.text) == (422, True)
    assert len(queries.lines_of(draft)) == 2


def test_quantity_times_price_is_exact(call: Call) -> None:
    assert [Line("x", "y", qty, price).total_kop for qty, price in [(333, 1), (1_500, 333), (1, 499), (1, 500)]] == [
        0, 500, 0, 1,
    ]  # fmt: skip


def test_smallest_amount_follows_from_the_lines(app: Flask, call: Call) -> None:
    visitor, draft, head, address = begun(app, call)
    sent = rows("А", "Б", "В") | {
        "rows-0-city": "20 000", "rows-0-price": "20 000", "rows-1-least": "0", "rows-2-least": "5 000",
        "rows-2-justification": "Три пропозиції", "version": version_of(visitor.get(address).text),
    }  # fmt: skip
    visitor.post(address, data=sent)
    db.session.refresh(draft)
    assert draft.smallest_kop == 2_500_000
    plan = [(one.row, one.item, one.city_kop, one.kept_kop, one.dropped_kop) for one in smallest_plan(draft, head)]
    assert plan == [(2, "Б", 1_000_000, 0, 1_000_000), (3, "В", 1_000_000, 500_000, 500_000)]
    assert queries.lines_of(draft)[2].justification == "Три пропозиції"
    assert queries.frozen_content(draft)["budget"][1]["least_kop"] == 0


@pytest.mark.parametrize(
    ("least", "smallest", "rule"),
    [(None, None, None), (500, None, None), (500, 1_000_500, None), (500, 1_000_501, "smallest_lines"),
     (1_000_001, None, "least")],
)  # fmt: skip
def test_smallest_amount_and_its_lines_must_agree(least: int | None, smallest: int | None, rule: str | None) -> None:
    lines = [Line("services", "А", 1_000, 1_000_000, city_kop=1_000_000, least_kop=least)]
    lines.append(Line("services", "Б", 1_000, 1_000_000, city_kop=1_000_000))
    broken = budget_rules.broken(lines, budget_rules.Limits(), smallest)
    assert [one.rule for one in broken] == ([rule] if rule else [])


def test_ceiling_names_its_rows_and_the_limit() -> None:
    lines = [Line("rent", "А", 1_000, 500, city_kop=500), Line("services", "Б", 1_000, 500, city_kop=500)]
    limits = budget_rules.Limits(ceilings={"rent": 1_000}, categories={"rent": "Оренда", "services": "Послуги"})
    (found,) = budget_rules.broken(lines, limits)
    assert (found.row, dict(found.facts)["rows"], dict(found.facts)["maximum"]) == (1, "1", 100)


def test_pasted_block_is_shown_and_then_put(app: Flask, call: Call) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    block = "Стаття\tЗа що\tК-сть\tЦіна\tМісто\nОренда\tЗал\t2\t1 500\t3 000\nЧудасія\tШось\t1\t5\t5\n"
    shown = visitor.post(f"{address}/import", data={"text": block})
    assert (shown.status_code, "Зал" in shown.text, "A3" in shown.text, "Чудасія" in shown.text) == (200,) + (True,) * 3
    assert queries.lines_of(draft) == before
    understood = re.search(r'<textarea name="text" hidden>([^<]*)<', shown.text)
    assert understood is not None
    sent = {"text": understood[1], "mode": "add", "version": version_of(shown.text)}
    assert visitor.post(f"{address}/import/put", data=sent).status_code == 302
    after = queries.lines_of(draft)
    assert after[:2] == before
    assert after[2:] == [
        Line("rent", "Зал", 2_000, 150_000, city_kop=300_000),
        Line("", "Шось", 1_000, 500, city_kop=500),
    ]
    again = visitor.post(f"{address}/import/put", data={**sent, "mode": "replace"})
    assert (again.status_code, queries.lines_of(draft)) == (422, after)  # the budget has changed meanwhile
    sent["version"] = services.budget_digest(draft)
    assert visitor.post(f"{address}/import/put", data={**sent, "mode": "replace"}).status_code == 302
    assert queries.lines_of(draft) == after[2:]


def test_workbook_and_csv_give_the_same_rows(app: Flask, call: Call) -> None:
    visitor, _draft, _head, address = begun(app, call)
    book = openpyxl.Workbook()
    for row in (["Стаття", "За що", "К-сть", "Ціна", "Сума"], ["Оренда", "Зал", 1.5, 0.1 + 0.2, "=C2*D2"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    csv = "Стаття;За що;К-сть;Ціна\nОренда;Зал;1,5;0,30\n".encode("cp1251")
    texts = []
    for name, body in (("budget.xlsx", out.getvalue()), ("budget.csv", csv)):
        answer = visitor.post(f"{address}/import", data={"file": (io.BytesIO(body), name)})
        assert answer.status_code == 200
        texts.append(re.findall(r'<textarea name="text" hidden>([^<]*)<', answer.text))
    assert texts[0] == texts[1]
    assert "rent\tЗал\t\t1,5\t0,30" in texts[0][0]


@pytest.mark.parametrize(
    "body",
    [b"", b"%PDF-1.4 text", b"PK\x03\x04broken", b"\x00\x01", b"a" * (6 * 1024 * 1024 + 2)],
)
def test_file_that_is_no_table_is_refused_in_words(app: Flask, call: Call, body: bytes) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    answer = visitor.post(f"{address}/import", data={"file": (io.BytesIO(body), "budget.xlsx")})
    assert (answer.status_code in {200, 422}, "рецензі" in answer.text.lower()) == (True, False)
    assert queries.lines_of(draft) == before


def test_block_with_too_many_rows_is_refused(app: Flask, call: Call) -> None:
    visitor, _draft, _head, address = begun(app, call)
    block = "Оренда\tЗал\t\t1\t5\n" * (budget_rules.MAX_ROWS + 1)
    for text in (block, "x" * 200_001, "", "   \n\t\n"):
        assert visitor.post(f"{address}/import", data={"text": text}).status_code == 422


def test_import_pages_are_closed_to_strangers_and_after_sending(app: Flask, call: Call) -> None:
    visitor, draft, head, address = begun(app, call)
    assert visit_as(app, new_head()).get(f"{address}/import").status_code == 404
    with unit_of_work():
        services.submit_application(draft, head)
    answer = visitor.get(f"/applications/{draft.code}/budget/import")
    assert (answer.status_code, "<textarea" in answer.text) == (200, False)
    put = visitor.post(f"/applications/{draft.code}/budget/import/put", data={"text": "Оренда\tЗал\t\t1\t5"})
    assert put.status_code == 422


def test_recalled_budget_is_compared_with_what_was_sent(app: Flask, call: Call) -> None:
    head = new_head()
    draft = submitted_application(call.competition, head)
    assert earlier_budget(draft) is not None
    assert earlier_budget(draft_application(call.competition, new_head())) is None
    with unit_of_work():
        services.recall(draft, head)
    lines = complete_budget()
    with unit_of_work():
        services.save_budget(draft, [replace(lines[0], item="Інша назва"), *lines[1:]], head)
    found = earlier_budget(draft)
    assert found is not None
    assert [(one.kind, one.item, [cell.cell for cell in one.cells]) for one in found.changes] == [
        ("changed", "Інша назва", ["item"])
    ]
    page = visit_as(app, head).get(f"/applications/{draft.journal_code}/budget").text
    assert ("Порівняно з поданим" in page, "Інша назва" in page) == (True, True)


def test_budget_sent_before_a_cell_existed_is_still_compared(call: Call) -> None:
    head = new_head()
    draft = submitted_application(call.competition, head)
    stored = db.session.scalars(sa.select(Submission)).one()
    content = json.loads(stored.content)
    for line in content["budget"]:
        line.pop("least_kop")
    with unit_of_work():
        db.session.get_one(Submission, stored.id).content = json.dumps(content)
    found = earlier_budget(draft)
    assert found is not None
    assert found.changes == []


@pytest.mark.parametrize(
    ("cell", "typed", "sentence"),
    [
        ("price", "багато", "Рядок 2: Ціна: Уведіть суму в гривнях, наприклад 12 500 або 12 500,50"),
        ("city", "-5", "Рядок 2: Місто: Сума не буває від’ємною: уведіть її без мінуса"),
        ("own_cash", "− 5,50", "Рядок 2: Власні кошти: Сума не буває від’ємною: уведіть її без мінуса"),
        ("price", "1" + "0" * 18, "Рядок 2: Ціна: Сума завелика: перевірте, скільки в ній цифр"),
        ("price", "1 000 000 000 000 000 000", "Рядок 2: Ціна: Сума завелика: перевірте, скільки в ній цифр"),
        ("price", "1" + "0" * 18 + "гривень", "Рядок 2: Ціна: Уведіть суму в гривнях, наприклад 12 500 або 12 500,50"),
        ("qty", "-1", "Рядок 2: Кількість: Уведіть кількість, наприклад 12 або 1,5"),
    ],
)
@pytest.mark.sqlite_only
def test_cell_that_cannot_be_read_is_named_with_its_row(
    app: Flask, call: Call, cell: str, typed: str, sentence: str
) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    sent = rows("А", "Б") | {f"rows-1-{cell}": typed, "version": version_of(visitor.get(address).text)}
    answer = visitor.post(address, data=sent)
    summary = BeautifulSoup(answer.text, "html.parser").select_one(".govuk-error-summary__list")
    assert summary is not None
    assert (answer.status_code, [one.text for one in summary.select("a")]) == (422, [sentence])
    assert typed in answer.text
    kept = visitor.post(f"{address}/autosave", data=sent)
    assert (kept.status_code, kept.json["message"]) == (422, f"Не збережено: спершу виправте відповіді. {sentence}")
    assert queries.lines_of(draft) == before
