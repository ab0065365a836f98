"""A decided competition whose texts are hostile and whose experts have names: walked by everybody, in every form."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.awards import services
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment
from tests.attacks.addresses import addresses
from tests.support.decisions import Bid, Case, adopt, open_decision, publish, rules_of, scored_competition
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

pytestmark = pytest.mark.sqlite_only
NAME = "Канарко Таємний"
MARKUP = "\"'><img src=x onerror=alert(1)><b>{{7*7}}%(code)s</b>"
FORMULA = '=HYPERLINK("http://evil.example","x")'
LINES = "Рядок\r\nBcc: all@example.org\r\nX: y"
TITLES = {"перша": MARKUP, "друга": FORMULA, "третя": LINES}


@pytest.fixture
def case(app: Flask, clock: FrozenClock) -> Case:
    """Three scored applications with hostile titles; each expert's code belongs to a person with a name."""
    bids = [
        Bid(name, 4_000_000, {"E-AAAA": "9", "E-BBBB": str(mark)}) for name, mark in zip(TITLES, (9, 8, 7), strict=True)
    ]
    made = scored_competition(bids, rules_of({"lot": 9_000_000}))
    experts = {code: new_person(Role.EXPERT) for code in ("E-AAAA", "E-BBBB")}
    with unit_of_work():
        for person in experts.values():
            person.full_name = NAME
        for assignment in db.session.scalars(sa.select(Assignment)):
            assignment.expert_id = experts[assignment.expert_code].id
        for name, title in TITLES.items():
            application = made.application(name)
            application.title = title
            assert application.organisation is not None
            application.organisation.name = application.organisation.short_name = title
    return made


def pages(app: Flask, case: Case, person: User | None) -> dict[str, tuple[str, bytes]]:
    """Every answer to the person: kind of contents and body, by address."""
    visitor = visit_as(app, person)
    known = {
        "*": [case.competition.code, case.codes["перша"]],
        "code": [case.competition.code, f"{case.competition.code}-M1", case.codes["перша"]],
        "application": [case.codes["перша"]],
        "competition": [case.competition.code],
        "expert": ["E-AAAA"],
        "number": ["1", "2"],
    }
    found: dict[str, tuple[str, bytes]] = {}
    for address in addresses(app, known):
        if address.endswith(".pdf"):
            continue  # drawn by a child process each: tests of the papers have their own corpus
        answer = visitor.get(address)
        if answer.status_code < 300:
            found[address] = (str(answer.mimetype), bytes(answer.data))
    return found


def test_names_of_experts_open_to_nobody_but_the_secretary(app: Flask, case: Case) -> None:
    outsiders = [None, case.heads["перша"], case.organizer, case.members[0], case.chair, new_person(Role.FINANCE)]
    outsiders += [new_person(Role.ADMIN), new_person(Role.VOUCHER_OPERATOR)]
    open_decision(case)
    naming = [f"{address} before" for person in outsiders for address in _naming(app, case, person)]
    adopt(case)
    publish(case)
    naming += [f"{address} after" for person in outsiders for address in _naming(app, case, person)]
    letters = db.session.scalars(sa.select(Notice.body).filter(Notice.thing == "award")).all()
    assert (naming, [body for body in letters if NAME in body]) == ([], [])
    assert len(letters) == len(TITLES)


def test_marks_and_awards_open_to_nobody_outside_before_publication(app: Flask, case: Case) -> None:
    """The administrator keeps people, finance the money: neither learns a decision before everybody does."""
    open_decision(case)
    with unit_of_work():
        services.change_amount(case.award("друга"), 1_234_567, reason="канарейка-причина", by=case.secretary)
    words = (b"12 345,67", "12\u00a0345,67".encode(), b"1234567", "канарейка-причина".encode())
    for person in (None, case.heads["друга"], new_person(Role.ADMIN), new_person(Role.EXPERT)):
        showing = [
            address for address, (_kind, body) in pages(app, case, person).items() if any(w in body for w in words)
        ]
        assert showing == []
    assert any("канарейка-причина".encode() in body for _kind, body in pages(app, case, case.chair).values())


def test_hostile_titles_stay_texts_in_every_form(app: Flask, case: Case) -> None:
    open_decision(case)
    adopt(case)
    publish(case)
    seen: dict[str, int] = {}
    for person in (None, case.secretary, case.organizer, case.heads["перша"], new_person(Role.AUDITOR)):
        for address, (kind, body) in pages(app, case, person).items():
            seen[kind] = seen.get(kind, 0) + 1
            if kind == "text/html":
                assert (address, b"<img src=x" in body, b"<b>49" in body) == (address, False, False)
            elif kind == "text/csv":
                rows = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
                assert (address, [cell for row in rows for cell in row if cell[:1] == "="]) == (address, [])
            elif kind == "application/json":
                assert json.loads(body) is not None
            elif kind == "text/calendar":
                assert b"\r\nBcc:" not in body
    assert {"text/html", "text/csv", "application/json", "text/calendar"} <= set(seen)


@pytest.mark.parametrize("suffix", ["xlsx", "pdf"])
def test_hostile_titles_are_drawn_as_texts(app: Flask, case: Case, suffix: str) -> None:
    open_decision(case)
    adopt(case)
    publish(case)
    answer = app.test_client().get(f"/awards/{case.competition.code}/winners.{suffix}")
    assert answer.status_code == 200
    if suffix == "xlsx":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
            assert (b"<f>" in sheet, "hyperlink" in str(book.namelist())) == (False, False)
            assert b"HYPERLINK" in book.read("xl/sharedStrings.xml")
    else:
        assert (b"/JavaScript" in answer.data, b"/URI" in answer.data) == (False, False)


def _naming(app: Flask, case: Case, person: User | None) -> list[str]:
    # Whom the administrator lists as people of the system is no secret: what they score is.
    return [
        address
        for address, (_kind, body) in pages(app, case, person).items()
        if NAME.encode() in body and not address.startswith("/accounts/users")
    ]
