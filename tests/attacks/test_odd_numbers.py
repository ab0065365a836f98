"""Numbers of thousands of digits, infinite ones, boxes inside boxes without end: refused in words, never our fault."""

from __future__ import annotations

import base64
import zlib

import pytest
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries
from grants_app.database import unit_of_work
from grants_app.journal.services import held_batch, notify
from grants_app.permissions import Role
from tests.support.applications import draft_application, new_head
from tests.support.calls import Call, announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

ENDLESS = "9" * 5_000
DEEP = "[" * 100_000
LISTS = {
    "/accounts/users?page=": Role.ADMIN,
    "/accounts/organisations?page=": Role.ORGANIZER,
    "/organisations?page=": None,
    "/competitions/working-days?year=": Role.ORGANIZER,
    "/journal?page=": Role.AUDITOR,
    "/journal/outbox?page=": Role.SECRETARY,
}


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call whose intake runs."""
    return announced_call()


def test_pages_of_endless_numbers_are_answered(app: Flask, clock: FrozenClock) -> None:
    answers = {}
    for address, role in LISTS.items():
        visitor = visit_as(app, new_person(role) if role else None)
        for number in (ENDLESS, f"000000001{ENDLESS}"):
            answers[address, number[:1]] = visitor.get(address + number).status_code
    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize(
    "version",
    [ENDLESS, DEEP, '{"title": [1e999, "x"]}', '{"title": [NaN, -0.0]}'],
    ids=["endless", "deep", "infinite", "none"],
)
def test_forged_reading_of_a_section_is_no_reading(app: Flask, call: Call, version: str) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{draft.key}/sections/summary"
    before = queries.answers_of(draft)
    answers = [
        visitor.post(f"{address}{suffix}", data={"version": version, "title": "Інша назва"}).status_code
        for suffix in ("", "/autosave")
    ]
    assert (answers, queries.answers_of(draft)) == ([409, 409], before)


def packed(text: str) -> str:
    """Rows as they travel with the preview of a register."""
    return base64.b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    "rows",
    [DEEP, "[[1e999, {}]]", "[[NaN, {}]]", f"[[{ENDLESS}, {{}}]]", '[["2", []]]', "{}"],
    ids=["deep", "infinite", "none", "endless", "list", "object"],
)
def test_forged_rows_of_a_register_are_no_rows(app: Flask, clock: FrozenClock, rows: str) -> None:
    visitor = visit_as(app, new_person(Role.ORGANIZER))
    data = {"rows": packed(rows), "basis": "x", "overwrite": "1"}
    assert visitor.post("/accounts/organisations/import/confirm", data=data).status_code == 422


def test_forged_versions_of_steps_are_answered(app: Flask, call: Call) -> None:
    organizer, secretary = visit_as(app, call.organizer), visit_as(app, call.secretary)
    code = call.competition.code
    assert organizer.post(f"/competitions/{code}/amendment/begin").status_code == 302
    for number in (ENDLESS, "²", "٣", "-1", "1e999"):
        for step in ("texts", "publish", "discard"):
            answer = organizer.post(f"/competitions/{code}/amendment/{step}", data={"version": number, "title": "Т"})
            assert (step, number[:3], answer.status_code < 500) == (step, number[:3], True)
            organizer.post(f"/competitions/{code}/amendment/begin")
        limit = {"seen": number, "limit": "1", "reason": "Перевірка"}
        assert organizer.post(f"/budget/{call.line.code}/limit", data=limit).status_code < 500
        release = f"/journal/batches/{_batch(call.secretary)}/release"
        assert secretary.post(release, data={"letter": number}).status_code == 422


def _batch(secretary: User) -> str:
    """A held list of one letter."""
    with unit_of_work(), held_batch("Amend the call", None, secretary) as batch:
        notify(email="a@example.org", template="test", subject="Т", body="Т", thing="test", code="T")
    return batch.code
