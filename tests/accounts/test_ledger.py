"""The ledger: everything of an organisation for its own people, the product's one truth for everybody else."""

from __future__ import annotations

import csv
import io

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import Organisation, User
from grants_app.accounts.queries.ledger import ledger_rows, public_rows, year_totals
from grants_app.accounts.schemas import Kind, Status
from grants_app.applications.models import Application
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.web.columns import Word
from tests.attacks.test_leak_walk import block
from tests.support.applications import close, new_head, organisation_of, submitted_application
from tests.support.calls import Call, announced_call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

READERS = (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR)
OTHERS = (Role.ADMIN, Role.VOUCHER_OPERATOR)
DRAFT, SENT = "Чернетка у шухляді", "Надіслана у строк"


def page_of(organisation: Organisation) -> str:
    return f"/accounts/organisation/{organisation.edrpou}/ledger"


def plain_draft(call: Call, boss: User, title: str) -> None:
    """One more draft than the call allows."""
    with unit_of_work():
        db.session.add(
            Application(
                key=title,
                competition_id=call.competition.id,
                organisation_id=organisation_of(boss).id,
                title=title,
                requested_kop=3_000_000,
                created_at=product_clock.now(),
            )
        )


def titles(viewer: User, organisation: Organisation) -> list[str]:
    db.session.rollback()
    return sorted(line.title for line in ledger_rows(viewer, organisation))


def test_sealed_application_stands_in_the_ledger_of_its_authors_alone(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    boss = new_head()
    organisation = organisation_of(boss)
    submitted_application(call.competition, boss, title=SENT)
    plain_draft(call, boss, DRAFT)
    staff = {role: new_person(role) for role in (*READERS, *OTHERS)}
    assert titles(boss, organisation) == sorted([SENT, DRAFT])
    for role, person in staff.items():
        assert titles(person, organisation) == [], role
        answer = visit_as(app, person).get(page_of(organisation))
        assert (answer.status_code, SENT in answer.text, DRAFT in answer.text) == (200, False, False)
    close(call.competition)
    for role, person in staff.items():
        assert titles(person, organisation) == [SENT], role
        links = f"/applications/{call.competition.code}" in visit_as(app, person).get(page_of(organisation)).text
        assert links is (role in READERS)
    assert titles(boss, organisation) == sorted([SENT, DRAFT])


def test_ledger_tells_a_person_with_a_conflict_nothing(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    boss = new_head()
    organisation = organisation_of(boss)
    sent = submitted_application(call.competition, boss, title=SENT)
    close(call.competition)
    conflicted, free = new_person(Role.SECRETARY), new_person(Role.SECRETARY)
    block(sent, conflicted)
    assert titles(free, organisation) == [SENT]
    assert titles(conflicted, organisation) == []
    for suffix in ("", ".json", ".csv"):
        assert SENT not in visit_as(app, conflicted).get(page_of(organisation) + suffix).data.decode()


def test_ledger_closed_to_everybody_else(app: Flask, clock: FrozenClock) -> None:
    boss, stranger = new_head(), new_head()
    address = page_of(organisation_of(boss))
    roles = (Role.EXPERT, Role.COMMISSION_MEMBER, Role.CHAIR, Role.FINANCE, Role.CONSULTANT)
    for person in (stranger, *map(new_person, roles)):
        for suffix in ("", ".json", ".csv", ".xlsx", ".pdf"):
            assert visit_as(app, person).get(address + suffix).status_code == 404
    assert visit_as(app, None).get(address).status_code == 302


def test_ledger_leaves_as_it_is_seen(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    boss = new_head()
    submitted_application(call.competition, boss, title="=cmd()|' /C calc'!A0")
    address = page_of(organisation_of(boss))
    visitor = visit_as(app, boss)
    rows = list(csv.reader(io.StringIO(visitor.get(f"{address}.csv").data.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][2].startswith("'=cmd()")
    assert rows[1][9] == ""  # nothing is owed: an empty text has no translation, not the head of the catalogue
    assert visitor.get(f"{address}.json").get_json()["rows"][0]["asked_kop"] == 3_000_000
    assert visitor.get(f"{address}.pdf").data[:4] == b"%PDF"
    assert visitor.get(f"{address}.xlsx").data[:2] == b"PK"


def test_columns_of_words_leave_an_empty_text_empty(app: Flask) -> None:
    with app.test_request_context("/?lang=uk"):
        assert [column(label="").shown("") for column in (Word, Kind, Status)] == ["", "", ""]
        assert Status(label="").shown("0032") == "0032: громадські об’єднання"


def test_totals_by_year_add_up(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    boss = new_head()
    for title in ("Перша", "Друга"):
        plain_draft(call, boss, title)
    lines = ledger_rows(boss, organisation_of(boss))
    assert [(one.year, one.line_count, one.asked_kop, one.given_kop) for one in year_totals(lines)] == [
        (2027, 2, 6_000_000, 0)
    ]
    assert public_rows(organisation_of(boss)) == []


@pytest.mark.parametrize(
    ("lang", "heading", "sum_"), [("uk", "Запитано, грн", "30 000"), ("en", "Asked, UAH", "30,000")]
)
def test_sums_of_the_ledger_leave_the_currency_to_their_heading(
    app: Flask, clock: FrozenClock, lang: str, heading: str, sum_: str
) -> None:
    call = announced_call()
    boss = new_head()
    plain_draft(call, boss, DRAFT)
    page = BeautifulSoup(visit_as(app, boss).get(f"{page_of(organisation_of(boss))}?lang={lang}").text, "html.parser")
    cells = [cell.get_text(strip=True).replace("\u00a0", " ") for cell in page.select(f'td[data-l="{heading}"]')]
    assert cells == [sum_, sum_]


def test_queries_of_the_ledger_do_not_grow(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    boss, secretary = new_head(), new_person(Role.SECRETARY)
    address = page_of(organisation_of(boss))
    counts = []
    submitted_application(call.competition, boss, title="Перша")
    plain_draft(call, boss, "Чернетка")
    for person in (boss, secretary):
        visitor = visit_as(app, person)
        visitor.get(address)
        with count_queries() as found:
            visitor.get(address)
        counts.append(len(found))
    for number in range(3):
        plain_draft(call, boss, f"Ще {number}")
    for place, person in enumerate((boss, secretary)):
        visitor = visit_as(app, person)
        with count_queries() as found:
            visitor.get(address)
        assert len(found) == counts[place]


@pytest.mark.sqlite_only
def test_empty_ledger_says_what_will_be_here(app: Flask) -> None:
    boss = new_head()
    page = visit_as(app, boss).get(page_of(organisation_of(boss)))
    assert (page.status_code, "/competitions" in page.text) == (200, True)
