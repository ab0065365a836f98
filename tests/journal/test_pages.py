from __future__ import annotations

import csv
import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core.state_machine import State
from grants_app.database import db, unit_of_work
from grants_app.journal.queries import JournalFilter, journal_rows, verify_chain
from grants_app.journal.services import record
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role
from tests.accounts.people import enter, person, steps_of
from tests.journal.test_chain import by_sql
from tests.support.queries import count_queries
from tests.support.time import FrozenClock


def happen(user: object, code: str, step: str = "submit", thing: str = "application", **more: object) -> None:
    with unit_of_work():
        record(thing=thing, code=code, step=step, by=user, **more)  # type: ignore[arg-type]  # passed through


def test_journal_filtered_by_each_condition(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    auditor = person("aud@example.org", Role.AUDITOR, name="Аудиторка")
    olena = person("olena@example.org", name="Олена Їжакова")
    draft, submitted = list(ApplicationState)[:2]
    happen(olena, "2027-A", from_state=draft, to_state=submitted, reason="Підстава", scope="2027-SKP")
    clock.at("2027-03-02 00:00")
    happen(auditor, "2027-B", "register")
    ask = lambda **wanted: [row.code for row in journal_rows(JournalFilter(**wanted), auditor)[0]]  # noqa: E731
    assert ask(thing="application") == ["2027-B", "2027-A"]
    assert ask(step="register") == ["2027-B"]
    assert ask(code="2027-SKP") == ["2027-A"]
    assert ask(person="їжак") == ["2027-A"]
    assert ask(thing="application", day=clock.now.date()) == ["2027-A"]
    enter(client, auditor)
    page = client.get("/journal?code=2027-A&lang=en")
    assert page.status_code == 200
    for text in ("Олена Їжакова", "Підстава", "The chain holds: "):
        assert text in page.text
    assert "2027-B" not in page.text.split("<tbody", 1)[1].split("</tbody>", 1)[0]
    assert client.get("/journal?day=31-31&page=-1&thing=x&unknown=1").status_code == 200


def test_broken_chain_stands_on_top(app: Flask, client: FlaskClient) -> None:
    auditor = person("aud@example.org", Role.AUDITOR)
    happen(auditor, "2027-A")
    by_sql("UPDATE journal_entry SET reason = 'bribe' WHERE seq = 1")
    enter(client, auditor)
    page = client.get("/journal?lang=en")
    assert "First broken entry: 1." in page.text


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_export_gives_the_filtered_lines_and_is_itself_noted(app: Flask, client: FlaskClient, suffix: str) -> None:
    auditor = person("aud@example.org", Role.AUDITOR, name="Аудиторка")
    happen(auditor, "2027-A")
    happen(auditor, "2027-B")
    enter(client, auditor)
    answer = client.get(f"/journal/export.{suffix}?code=2027-A&lang=en")
    assert answer.status_code == 200
    if suffix == "csv":
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        assert [row[4] for row in rows] == ["Code", "2027-A"]
    else:
        assert [row["code"] for row in json.loads(answer.data)["rows"]] == ["2027-A"]
    assert steps_of("journal", suffix) == ["export"]
    db.session.expire_all()
    assert verify_chain().holds


@pytest.mark.sqlite_only
def test_administrator_sees_nothing_sealed(app: Flask, client: FlaskClient) -> None:
    auditor, admin = person("aud@example.org", Role.AUDITOR), person("admin@example.org", Role.ADMIN)
    happen(auditor, "sealed-award", "propose", thing="award")
    assert [row.code for row in journal_rows(JournalFilter(thing="award"), auditor)[0]] == ["sealed-award"]
    assert journal_rows(JournalFilter(thing="award"), admin) == ([], 0)
    enter(client, admin)
    assert "sealed-award" not in client.get("/journal").text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", [Role.SECRETARY, Role.EXPERT, Role.CHAIR, Role.FINANCE])
def test_journal_closed_to_others(app: Flask, client: FlaskClient, role: Role) -> None:
    enter(client, person("x@example.org", role))
    assert client.get("/journal").status_code == 403
    assert client.get("/journal/export.csv").status_code == 403


@pytest.mark.sqlite_only
def test_lines_of_many_people_ask_as_often_as_of_one(app: Flask) -> None:
    auditor = person("aud@example.org", Role.AUDITOR)
    counts = []
    for number in range(3):
        happen(person(f"p{number}@example.org"), f"c{number}")
        auditor.roles  # loaded before counting  # noqa: B018
        with count_queries() as asked:
            journal_rows(JournalFilter(), auditor)
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


def test_state_words_come_from_the_state_table(app: Flask) -> None:
    auditor = person("aud@example.org", Role.AUDITOR)
    states: list[State] = list(ApplicationState)
    happen(auditor, "2027-A", from_state=states[0], to_state=states[1])
    row = journal_rows(JournalFilter(code="2027-A"), auditor)[0][0]
    assert (row.before, row.after, row.thing) == (states[0].label, states[1].label, "Application")
