"""Nothing is promised beyond a limit, whoever clicks at once; entries explain every counter."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.budget import queries, services
from grants_app.budget.models import BudgetLine
from grants_app.core.errors import EditConflict, InvalidInput, NotFound, OverBudget
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.visitors import new_person

THREADS, TRIES, AMOUNT, LIMIT = 8, 11, 7, 500


@pytest.fixture
def finance(app: Flask) -> User:
    return new_person(Role.FINANCE)


def new_line(by: User, limit_kop: int = LIMIT, *, code: str = "CITY", parent: BudgetLine | None = None) -> BudgetLine:
    with unit_of_work():
        return services.create_line(
            code=code, title="Рядок", year=2027, source="city", limit_kop=limit_kop, by=by, parent=parent
        )


def counters(line: BudgetLine) -> tuple[int, int, int]:
    return line.limit_kop, line.reserved_kop, line.spent_kop


def test_concurrent_promises_never_pass_the_limit(app: Flask, finance: User) -> None:
    line_id, actor_id = new_line(finance).id, finance.id
    start = Barrier(THREADS)

    def promise(number: int) -> int:
        kept = 0
        start.wait()
        for attempt in range(TRIES):
            with app.app_context():
                try:
                    with unit_of_work():
                        line, by = db.session.get_one(BudgetLine, line_id), db.session.get_one(User, actor_id)
                        services.reserve(line, AMOUNT, thing="test", code=f"{number}-{attempt}", by=by)
                    kept += 1
                except OverBudget:
                    pass
        return kept

    with ThreadPoolExecutor(THREADS) as pool:
        kept = sum(pool.map(promise, range(THREADS)))
    db.session.rollback()  # what this thread had read is older than the others' commits
    line = db.session.get_one(BudgetLine, line_id)
    assert (kept, line.reserved_kop) == (LIMIT // AMOUNT, LIMIT // AMOUNT * AMOUNT)
    assert len([row for row in queries.entry_rows(line) if row.kind == "reserve"]) == kept
    assert queries.broken_lines() == []


def test_entries_recompute_the_counters(app: Flask, finance: User) -> None:
    line = new_line(finance)
    with unit_of_work():
        services.reserve(line, 300, thing="award", code="A", by=finance)
        services.release(line, 50, thing="award", code="A", by=finance)
        services.spend(line, 200, thing="award", code="A", by=finance)
        services.refund(line, 20, thing="award", code="A", by=finance)
    assert counters(line) == (500, 50, 180)
    assert [(row.kind, row.amount_kop) for row in queries.entry_rows(line)] == [
        ("limit", 500),
        ("reserve", 300),
        ("release", 50),
        ("spend", 200),
        ("refund", 20),
    ]
    assert queries.broken_lines() == []


def test_broken_counter_is_found(app: Flask, finance: User) -> None:
    line = new_line(finance)
    with unit_of_work():
        db.session.execute(sa.update(BudgetLine).values(reserved_kop=1))
    assert queries.broken_lines() == [f"budget line {line.code}: counters [500, 1, 0], entries [500, 0, 0]"]


def test_promise_of_one_kopiyka_too_much_refused(app: Flask, finance: User) -> None:
    line = new_line(finance)
    with pytest.raises(OverBudget) as refused, unit_of_work():
        services.reserve(line, LIMIT + 1, thing="test", code="X", by=finance)
    assert (refused.value.facts["excess_kop"], refused.value.facts["available_kop"]) == (1, LIMIT)
    with unit_of_work():
        services.reserve(line, LIMIT, thing="test", code="X", by=finance)
    assert line.free_kop == 0


@pytest.mark.parametrize("move", ["release", "spend", "refund"])
def test_money_that_is_not_there_cannot_move(app: Flask, finance: User, move: str) -> None:
    line = new_line(finance)
    with pytest.raises(OverBudget), unit_of_work():
        getattr(services, move)(line, 1, thing="test", code="X", by=finance)
    assert counters(line) == (LIMIT, 0, 0)


@pytest.mark.parametrize("amount", [0, -1])
def test_promise_of_nothing_refused(app: Flask, finance: User, amount: int) -> None:
    line = new_line(finance)
    with pytest.raises(InvalidInput), unit_of_work():
        services.reserve(line, amount, thing="test", code="X", by=finance)


def test_part_of_a_line_takes_and_returns_its_limit(app: Flask, finance: User) -> None:
    whole = new_line(finance)
    part = new_line(finance, 400, code="LOT", parent=whole)
    assert counters(whole) == (500, 400, 0)
    with pytest.raises(OverBudget), unit_of_work():
        services.change_limit(part, 501, by=finance, reason="Рішення")
    with unit_of_work():
        services.change_limit(part, 500, by=finance, reason="Рішення")
    assert (counters(whole), counters(part)) == ((500, 500, 0), (500, 0, 0))
    with unit_of_work():
        services.change_limit(part, 100, by=finance, reason="Рішення")
    assert (counters(whole), counters(part)) == ((500, 100, 0), (100, 0, 0))
    assert queries.broken_lines() == []


def test_part_larger_than_the_whole_refused(app: Flask, finance: User) -> None:
    whole = new_line(finance)
    with pytest.raises(OverBudget):
        new_line(finance, LIMIT + 1, code="LOT", parent=whole)
    assert [row.code for row in queries.line_tree()] == ["CITY"]
    assert counters(whole) == (LIMIT, 0, 0)


def test_limit_below_promises_refused(app: Flask, finance: User) -> None:
    line = new_line(finance)
    with unit_of_work():
        services.reserve(line, 300, thing="test", code="X", by=finance)
    with pytest.raises(OverBudget), unit_of_work():
        services.change_limit(line, 299, by=finance, reason="Рішення")
    with unit_of_work():
        services.change_limit(line, 300, by=finance, reason="Рішення")
    assert counters(line) == (300, 300, 0)


def test_limit_changed_meanwhile_is_told(app: Flask, finance: User) -> None:
    line = new_line(finance)
    with unit_of_work():
        services.change_limit(line, 600, by=finance, reason="Перше", seen_kop=500)
    with pytest.raises(EditConflict), unit_of_work():
        services.change_limit(line, 700, by=finance, reason="Друге", seen_kop=500)
    assert line.limit_kop == 600


def test_code_taken_refused(app: Flask, finance: User) -> None:
    new_line(finance)
    with pytest.raises(InvalidInput) as refused:
        new_line(finance)
    assert refused.value.field == "code"


def test_tree_puts_parts_under_their_whole(app: Flask, finance: User) -> None:
    whole = new_line(finance, code="B")
    new_line(finance, 100, code="A-PART", parent=whole)
    new_line(finance, code="C")
    assert [(row.code, row.depth, row.parent) for row in queries.line_tree()] == [
        ("B", 0, None),
        ("A-PART", 1, "B"),
        ("C", 0, None),
    ]
    with pytest.raises(NotFound):
        queries.line_by_code("NONE")
