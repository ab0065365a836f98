"""Saving the budget while it is typed: what it costs, what is written, who writes beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application, BudgetRow
from grants_app.applications.rules import Line
from grants_app.applications.rules.budget_diff import placed
from grants_app.database import db, unit_of_work
from tests.support.applications import (
    close,
    complete_budget,
    draft_application,
    new_head,
    submitted_application,
    version_of,
)
from tests.support.calls import Call
from tests.support.queries import Statements, count_queries
from tests.support.visitors import visit_as

ITEMS = ("Оренда", "Друк", "Чай", "Зал", "Проїзд")


def begun(app: Flask, call: Call) -> tuple[FlaskClient, Application, User, str]:
    head = new_head()
    draft = draft_application(call.competition, head)
    return visit_as(app, head), draft, head, f"/applications/{draft.key}/budget"


def sent(*items: str, **cells: str) -> dict[str, str]:
    """Rows as the page sends them; `cells` by name, like rows_1_city."""
    found: dict[str, str] = {}
    for place, item in enumerate(items):
        row = {"category": "services", "item": item, "qty": "1", "price": "10 000", "city": "10 000"}
        found |= {f"rows-{place}-{name}": text for name, text in row.items()}
    return found | {name.replace("__", "-"): text for name, text in cells.items()}


def autosave(
    visitor: FlaskClient, address: str, data: dict[str, str], version: str | None = None
) -> tuple[Any, Statements]:
    version = version_of(visitor.get(address).text) if version is None else version
    with count_queries() as statements:
        answer = visitor.post(f"{address}/autosave", data={**data, "version": version})
    return answer, statements


def stored(draft: Application) -> list[tuple[int, str]]:
    query = sa.select(BudgetRow.position, BudgetRow.item).filter_by(application_id=draft.id, is_gone=False)
    return [(row.position, row.item) for row in db.session.execute(query.order_by(BudgetRow.position))]


@pytest.mark.parametrize(
    ("data", "most", "items"),
    [
        # The person, the budget locked and read, the lines that moved, the sums.
        (sent(*ITEMS), 2, [*enumerate(ITEMS, 1)]),
        (sent(*ITEMS, rows__4__city="9 000"), 4, [*enumerate(ITEMS, 1)]),
        (sent(*ITEMS, rows__0__item="Інше", rows__4__item="Ще інше"), 4,
         [(1, "Інше"), (2, "Друк"), (3, "Чай"), (4, "Зал"), (5, "Ще інше")]),
        (sent(*ITEMS, "Нове", "Ще"), 4, [*enumerate([*ITEMS, "Нове", "Ще"], 1)]),
        (sent("Нове", *ITEMS), 4, [*enumerate(["Нове", *ITEMS], 1)]),
        (sent("Друк", "Оренда", *ITEMS[2:]), 4, [*enumerate(["Друк", "Оренда", *ITEMS[2:]], 1)]),
        (sent(*ITEMS[:1], *ITEMS[2:]), 4, [(1, "Оренда"), (3, "Чай"), (4, "Зал"), (5, "Проїзд")]),
        (sent(*ITEMS[:4]), 4, [*enumerate(ITEMS[:4], 1)]),
        (sent(ITEMS[0], "Замість друку", ITEMS[4]), 4, [(1, "Оренда"), (2, "Замість друку"), (5, "Проїзд")]),
        (sent("Решта", "Ще"), 4, [(1, "Решта"), (2, "Ще")]),
        ({}, 4, []),
        (sent(*ITEMS, smallest_dropped="Менше друку"), 4, [*enumerate(ITEMS, 1)]),
    ],
    ids="same amount two added first moved removed last replaced rewritten all text".split(),
)  # fmt: skip
def test_autosave_of_the_budget_costs_at_most_four_questions(
    app: Flask, call: Call, data: dict[str, str], most: int, items: list[tuple[int, str]]
) -> None:
    visitor, draft, _head, address = begun(app, call)
    assert autosave(visitor, address, sent(*ITEMS))[0].status_code == 200
    answer, statements = autosave(visitor, address, data)
    assert (answer.status_code, len(statements) <= most) == (200, True), str(statements)
    assert stored(draft) == items
    page = visitor.get(address).text
    assert answer.json["version"] == version_of(page)
    # What is typed next starts from this answer, without the page being read again.
    again, statements = autosave(visitor, address, sent(*ITEMS[:2]), answer.json["version"])
    assert (again.status_code, [item for _place, item in stored(draft)]) == (200, ["Оренда", "Друк"])


def test_row_and_text_typed_at_once_are_both_kept(app: Flask, call: Call) -> None:
    visitor, draft, _head, address = begun(app, call)
    assert autosave(visitor, address, sent("Оренда"))[0].status_code == 200
    data = sent("Оренда зали", smallest="5 000", smallest_dropped="Без друку")
    first, statements = autosave(visitor, address, data)
    # One request writes one part and says what is left; the page sends it at once.
    assert (first.json["left"], len(statements) <= 4) == (["smallest_dropped"], True), str(statements)
    assert (draft.smallest_kop, draft.requested_kop, stored(draft)) == (500_000, 1_000_000, [(1, "Оренда зали")])
    assert "smallest_dropped" not in queries.answers_of(draft)
    second, statements = autosave(visitor, address, data, first.json["version"])
    assert (second.json["left"], len(statements) <= 4) == ([], True), str(statements)
    assert queries.answers_of(draft)["smallest_dropped"] == "Без друку"
    assert second.json["version"] == version_of(visitor.get(address).text)


def test_page_that_is_left_sends_the_same_twice_and_both_parts_are_kept(app: Flask, call: Call) -> None:
    visitor, draft, _head, address = begun(app, call)
    version = autosave(visitor, address, sent("Оренда", "Друк", "Чай"))[0].json["version"]
    data = sent("Оренда зали", "Чай", smallest_dropped="Без друку")
    answers = [autosave(visitor, address, data, version) for _part in range(2)]
    assert [(answer.status_code, answer.json["left"]) for answer, _statements in answers] == [
        (200, ["smallest_dropped"]),
        (200, []),
    ]
    assert [item for _place, item in stored(draft)] == ["Оренда зали", "Чай"]
    assert queries.answers_of(draft)["smallest_dropped"] == "Без друку"
    # A colleague wrote meanwhile: neither part goes over theirs.
    stale, _statements = autosave(visitor, address, sent("Зовсім інше", smallest_dropped="Інше"), version)
    assert (stale.status_code, queries.answers_of(draft)["smallest_dropped"]) == (409, "Без друку")


def test_lines_taken_away_while_others_are_written_are_nowhere_to_be_seen(app: Flask, call: Call) -> None:
    visitor, draft, head, address = begun(app, call)
    assert autosave(visitor, address, sent("Оренда", "Друк", "Чай"))[0].status_code == 200
    assert autosave(visitor, address, sent("Оренда зали", "Чай"))[0].status_code == 200
    rows = sa.select(sa.func.count()).select_from(BudgetRow).filter_by(application_id=draft.id)
    assert db.session.scalar(rows) == 3
    db.session.refresh(draft)
    seen = [line.item for line in queries.lines_of(draft)], [row.item for row in draft.budget_rows]
    assert seen == (["Оренда зали", "Чай"], ["Оренда зали", "Чай"])
    assert ("Чай" in visitor.get(address).text, "Друк" in visitor.get(address).text) == (True, False)
    # The press of «save» clears what was only marked.
    with unit_of_work():
        services.save_budget(draft, queries.lines_of(draft), head)
    assert (db.session.scalar(rows), [line.item for line in queries.lines_of(draft)]) == (2, ["Оренда зали", "Чай"])


def test_opened_budget_is_saved_while_typed_at_the_same_price(app: Flask, call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, ["budget"], "Кошторис", by=call.secretary)
    visitor, address = visit_as(app, head), f"/applications/{application.code}/budget"
    answer, statements = autosave(visitor, address, sent("Виправлене", "Друге"))
    assert (answer.status_code, len(statements) <= 4) == (200, True), str(statements)
    # What the project gives up stands on the same page and is open with the table.
    text = sent("Виправлене", "Друге", smallest_dropped="Без чашок")
    answer, statements = autosave(visitor, address, text, answer.json["version"])
    assert (answer.status_code, len(statements) <= 4) == (200, True), str(statements)
    assert ([item for _place, item in stored(application)], queries.answers_of(application)["smallest_dropped"]) == (
        ["Виправлене", "Друге"],
        "Без чашок",
    )
    assert queries.stray_changes(application) == []


def test_second_editor_of_the_budget_gets_both_and_overwrites_nothing(app: Flask, call: Call) -> None:
    visitor, draft, _head, address = begun(app, call)
    version = version_of(visitor.get(address).text)
    assert autosave(visitor, address, sent("Перше"), version)[0].status_code == 200
    answer, _statements = autosave(visitor, address, sent("Друге"), version)
    assert (answer.status_code, answer.json["fields"]["rows-0-item"]) == (409, ["Перше"])
    assert stored(draft) == [(1, "Перше")]


def test_text_beneath_the_table_is_not_overwritten_by_a_second_editor(app: Flask, call: Call) -> None:
    visitor, draft, _head, address = begun(app, call)
    page = visitor.get(address).text
    lines = queries.lines_of(draft)
    with unit_of_work():
        services.save_budget(draft, lines[:1], draft_author(draft))
    first = version_of(visitor.get(address).text)
    kept = autosave(visitor, address, sent("Оренда", smallest_dropped="Моє"), first)[0].json["version"]
    assert autosave(visitor, address, sent("Оренда", smallest_dropped="Колеги"), kept)[0].status_code == 200
    stale, _statements = autosave(visitor, address, sent("Оренда", smallest_dropped="Зі старої вкладки"), kept)
    assert (stale.status_code, stale.json["fields"]["smallest_dropped"]) == (409, ["Колеги"])
    assert (queries.answers_of(draft)["smallest_dropped"], "smallest_dropped" in page) == ("Колеги", True)


def draft_author(draft: Application) -> User:
    return db.session.get_one(User, draft.created_by_id)


def test_lines_joined_before_the_lock_are_read_again(app: Flask, call: Call) -> None:
    """PostgreSQL brings a joined table as it was before it waited; the digest beside the lock tells."""
    visitor, draft, _head, address = begun(app, call)
    assert autosave(visitor, address, sent(*ITEMS[:2]))[0].status_code == 200
    with unit_of_work():
        db.session.get_one(Application, draft.id).budget_digest = "0" * 64
    answer, statements = autosave(visitor, address, sent(*ITEMS[:3]))
    assert (answer.status_code, len(statements)) == (200, 5)


def test_forged_category_is_refused_and_nothing_is_stored(app: Flask, call: Call) -> None:
    visitor, draft, _head, address = begun(app, call)
    before = queries.lines_of(draft)
    answer, _statements = autosave(visitor, address, sent("Оренда", rows__0__category="я" * 31))
    assert (answer.status_code, queries.lines_of(draft)) == (422, before)


def test_foreign_budget_is_not_there(app: Flask, call: Call) -> None:
    _visitor, _draft, _head, address = begun(app, call)
    stranger = visit_as(app, new_head())
    for data in (sent("Чуже"), {"rows-0-qty": "багато"}):
        assert stranger.post(f"{address}/autosave", data=data).status_code == 404


@pytest.mark.parametrize(
    ("old", "new", "written", "gone"),
    [
        ("", "", {}, []),
        ("", "аб", {1: "а", 2: "б"}, []),
        ("аб", "аб", {}, []),
        ("абв", "ав", {}, [5]),
        ("абв", "", {}, [2, 5, 6]),
        ("абв", "абвг", {7: "г"}, []),
        ("абв", "агбв", {5: "г", 6: "б", 7: "в"}, []),
        ("абв", "бв", {}, [2]),
        ("абв", "бг", {2: "б", 5: "г"}, [6]),
        ("ааа", "аа", {}, [6]),
        ("абв", "вба", {2: "в", 6: "а"}, []),
    ],
)
def test_lines_are_written_only_where_they_differ(old: str, new: str, written: dict[int, str], gone: list[int]) -> None:
    before, after = ([replace(complete_budget()[0], item=sign) for sign in text] for text in (old, new))
    places = [2, 5, 6][: len(old)]
    found, empty = placed(places, before, after)
    assert ({place: line.item for place, line in found.items()}, empty) == (written, gone)
    table: dict[int, Line] = dict(zip(places, before, strict=True)) | found
    assert [table[place] for place in sorted(table) if place not in empty] == after
