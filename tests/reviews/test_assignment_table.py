"""The assignment as a table: out and back unchanged, previewed, applied whole; every bad row named by its place."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import openpyxl
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import services
from tests.support.assignments import active_pairs, describe, set_rules, tie
from tests.support.panel import Panel, assignment_of, declared, new_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

CODE = "2027-SKP"
BOARD = f"/reviews/{CODE}/assignment"


def sent(client: FlaskClient, body: bytes, name: str = "table.csv") -> TestResponse:
    return client.post(f"{BOARD}/upload?lang=en", data={"file": (io.BytesIO(body), name)})


def csv_of(*rows: Sequence[str], head: Sequence[str] = ("Application", "E-mail")) -> bytes:
    return "\r\n".join(";".join(row) for row in (head, *rows)).encode("utf-8-sig")


def xlsx_of(*rows: Sequence[object]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def errors_of(answer: TestResponse) -> list[tuple[str, str, str]]:
    soup = BeautifulSoup(answer.text, "html.parser")
    table = soup.find("caption", string="Errors by row and column")
    rows = table.find_parent("table").select("tbody tr") if table is not None else []  # type: ignore[union-attr]
    return [tuple(cell.get_text(strip=True) for cell in row.select("th, td")) for row in rows]  # type: ignore[misc]


def summary_of(answer: TestResponse) -> list[str]:
    soup = BeautifulSoup(answer.text, "html.parser")
    return [item.get_text(" ", strip=True) for item in soup.select(".govuk-error-summary li")]


def confirm_form(answer: TestResponse) -> dict[str, str]:
    form = BeautifulSoup(answer.text, "html.parser").select_one("form[action$='/assignment/confirm']")
    assert form is not None, answer.text
    return {str(one["name"]): str(one.get("value", "")) for one in form.select("input[name]")}


def assigned(panel: Panel) -> None:
    """The first two experts score the first application."""
    with unit_of_work():
        for expert in panel.experts[:2]:
            services.assign(panel.applications[0], expert, panel.secretary)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_downloaded_table_comes_back_without_a_change(app: Flask, clock: FrozenClock, suffix: str) -> None:
    panel = new_panel(clock, applications=2, experts=4)
    assigned(panel)
    client = visit_as(app, panel.secretary)
    answer = sent(client, client.get(f"{BOARD}.{suffix}").data, f"table.{suffix}")
    assert (answer.status_code, errors_of(answer)) == (200, [])
    assert "there is nothing to change" in answer.text
    assert "2 assignments stay as they are" in answer.text


def test_export_shows_what_is_seen(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=3)
    describe(panel.experts[0], "culture")
    with unit_of_work():
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)
    client = visit_as(app, panel.secretary)
    rows = client.get(f"{BOARD}.json?lang=en").json["rows"]  # type: ignore[index]
    code = assignment_of(panel.applications[0], panel.experts[0]).expert_code
    first = [rows[0][name] for name in ("application_code", "email", "expert_code", "state", "fit", "load_count")]
    assert first == [f"{CODE}-0001", panel.experts[0].email, code, "proposed", "fits", 1]
    assert [rows[1][name] for name in ("application_code", "expert", "email")] == [f"{CODE}-0002", "", ""]
    for suffix, start in (("xlsx", b"PK"), ("pdf", b"%PDF-"), ("csv", b"\xef\xbb\xbf")):
        assert client.get(f"{BOARD}.{suffix}").data.startswith(start)
    assert visit_as(app, panel.experts[0]).get(f"{BOARD}.csv").status_code == 403


def test_table_is_previewed_then_applied_whole(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=3, experts=5)
    assigned(panel)
    one, other, third = panel.applications
    stays, leaves, comes = panel.experts[:3]
    body = xlsx_of(
        ("Найменування", "Код заявки", "Електронна пошта"),
        ("", one.code, stays.email),
        ("", one.code, comes.email),
        ("", other.code, leaves.email),
    )
    client = visit_as(app, panel.secretary)
    preview = sent(client, body, "table.xlsx")
    assert preview.status_code == 200
    for sentence in ("2 assignments are added", "1 assignment is taken back", "1 assignment stays as it is"):
        assert sentence in preview.text
    assert active_pairs(panel.competition) == {(stays.id, one.id), (leaves.id, one.id)}
    form = confirm_form(preview)
    assert client.post(f"{BOARD}/confirm?lang=en", data={**form, "reason": ""}).status_code == 422
    assert client.post(f"{BOARD}/confirm", data={**form, "reason": "Зміна складу"}).location == BOARD
    assert active_pairs(panel.competition) == {(stays.id, one.id), (comes.id, one.id), (leaves.id, other.id)}
    assert assignment_of(one, leaves).state is AssignmentState.REMOVED
    assert assignment_of(one, leaves).ended_reason == "Зміна складу"
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(step="apply_assignment_table")).one()
    facts = json.loads(entry.body)["facts"]
    assert (facts["added"], facts["taken_back"]) == (2, 1)
    assert third.id not in {application for _, application in active_pairs(panel.competition)}


def test_every_bad_row_is_named_and_nothing_is_written(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    bid, (first, colleague, tied, full, free, _last) = panel.applications[0], panel.experts
    describe(first, workplace="Бібліотека")
    describe(colleague, workplace="Бібліотека")
    describe(full, most=1)
    tie(tied, bid)
    with unit_of_work():
        services.assign(panel.applications[1], full, panel.secretary)
    body = csv_of(
        ("2027-SKP-9999", free.email),
        (str(bid.code), "nobody@example.org"),
        (str(bid.code), first.email),
        (str(bid.code), colleague.email),
        (str(bid.code), tied.email),
        (str(bid.code), full.email),
        (str(bid.code), first.email.upper()),
        (str(bid.code), panel.secretary.email),
        (str(bid.code), free.email),
    )
    answer = sent(visit_as(app, panel.secretary), body)
    assert answer.status_code == 422
    assert errors_of(answer) == [
        ("2", "Application", "No admitted application has the code “2027-SKP-9999”"),
        ("3", "E-mail", "No expert has the e-mail “nobody@example.org”"),
        ("5", "E-mail", "Another expert from “Бібліотека” scores this application already"),
        ("6", "E-mail", "Conflict of interest: this person has the same phone as the applicant"),
        ("7", "E-mail", "This expert has 1 applications and may have 1 at most"),
        ("8", "Application", "Row 4 names this pair already"),
        ("9", "E-mail", "This person is not an expert"),
    ]
    assert BeautifulSoup(answer.text, "html.parser").select("form[action$='/assignment/confirm']") == []
    assert active_pairs(panel.competition) == {(full.id, panel.applications[1].id)}


def test_begun_and_finished_work_is_not_taken_back(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=4)
    bid = panel.applications[0]
    with unit_of_work():
        for expert in panel.experts[:3]:
            services.assign(bid, expert, panel.secretary)
        services.open_review(panel.competition, panel.secretary)
    submitted(bid, panel.experts[0])
    declared(bid, panel.experts[1])
    body = csv_of((str(bid.code), panel.experts[2].email), (str(bid.code), panel.experts[3].email))
    answer = sent(visit_as(app, panel.secretary), body)
    assert answer.status_code == 422
    assert errors_of(answer) == [
        ("2", "Application", "Тест Тестовий has begun (“Scored”): a table does not take work back")
    ]
    assert len(active_pairs(panel.competition)) == 3


def test_code_of_the_expert_is_enough_and_must_agree(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=3)
    assigned(panel)
    one, other = panel.applications
    code = assignment_of(one, panel.experts[0]).expert_code
    head = ("Code", "Application", "E-mail")
    client = visit_as(app, panel.secretary)
    good = sent(client, csv_of((code, str(other.code), ""), head=head))
    assert client.post(f"{BOARD}/confirm", data=confirm_form(good)).status_code == 302
    assert (panel.experts[0].id, other.id) in active_pairs(panel.competition)
    bad = sent(
        client,
        csv_of((code, str(other.code), panel.experts[1].email), ("E-XXXX", str(other.code), ""), head=head),
    )
    assert errors_of(bad) == [
        ("2", "Code", "The e-mail and the code name two different people"),
        ("3", "Code", "No expert has the code “E-XXXX”"),
    ]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("body", "name", "message"),
    [
        (b"", "t.csv", "The file cannot be read: it is damaged or is not a table"),
        (b"PK\x03\x04broken", "t.xlsx", "The file cannot be read: it is damaged or is not a table"),
        (
            csv_of(("1", "2"), head=("Name", "Sum")),
            "t.csv",
            "The file has no table with the columns of application and of the expert’s e-mail or code",
        ),
        (
            csv_of(("1", "2", "3"), head=("Application", "E-mail", "Заявка")),
            "t.csv",
            "CSV!A1: this column appears twice",
        ),
        (
            xlsx_of(("Application", "E-mail"), ("2027-SKP-0001", '=CONCAT("a","b")'), ("=A2", "x@example.org")),
            "t.xlsx",
            "Sheet!B2: a formula, not a value",
        ),
    ],
)
def test_file_that_is_no_such_table_refused(
    app: Flask, clock: FrozenClock, body: bytes, name: str, message: str
) -> None:
    panel = new_panel(clock, applications=1, experts=3)
    answer = sent(visit_as(app, panel.secretary), body, name)
    assert answer.status_code == 422
    assert summary_of(answer)[0] == message


def test_no_file_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=3)
    answer = visit_as(app, panel.secretary).post(f"{BOARD}/upload?lang=en", data={})
    assert (answer.status_code, summary_of(answer)) == (422, ["Choose a file"])


def test_rows_tampered_with_after_the_preview_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=4)
    bid, client = panel.applications[0], visit_as(app, panel.secretary)
    form = confirm_form(sent(client, csv_of((str(bid.code), panel.experts[0].email))))
    rows = [[2, bid.code, panel.experts[1].email, ""]]
    assert client.post(f"{BOARD}/confirm", data={**form, "rows": json.dumps(rows)}).status_code == 409
    for broken in ("", "{}", "[1]", "not json", json.dumps([[2, bid.code]])):
        assert client.post(f"{BOARD}/confirm", data={**form, "rows": broken}).status_code == 422
    tie(panel.experts[0], bid)
    answer = client.post(f"{BOARD}/confirm?lang=en", data=form)
    assert (answer.status_code, len(errors_of(answer))) == (409, 1)
    assert active_pairs(panel.competition) == set()


def test_table_confirmed_twice_counts_once(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=4)
    client = visit_as(app, panel.secretary)
    form = confirm_form(sent(client, csv_of((str(panel.applications[0].code), panel.experts[0].email))))
    answers = [client.post(f"{BOARD}/confirm", data=form).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert len(active_pairs(panel.competition)) == 1


def test_doubtful_pair_by_a_table_needs_a_reason(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=4)
    set_rules(panel.competition, required_fields=["green"])
    bid, client = panel.applications[0], visit_as(app, panel.secretary)
    with unit_of_work():
        panel.experts[0].full_name = "Особа К. Е."  # surname and initials of the head of the applicant
        bid.organisation.head_name = "Особа Керівна Евгенівна"
    rows = [(str(bid.code), expert.email) for expert in panel.experts[:3]]
    preview = sent(client, csv_of(*rows))
    assert "Possible conflict, the chair decides" in preview.text
    assert "Nobody at this application knows the field “Зелене місто”" in preview.text
    form = confirm_form(preview)
    assert client.post(f"{BOARD}/confirm", data=form).status_code == 422
    assert client.post(f"{BOARD}/confirm", data={**form, "reason": "Однофамільці"}).status_code == 302
    assert len(active_pairs(panel.competition)) == 3


def test_download_of_the_table_is_noted(app: Flask, clock: FrozenClock) -> None:
    """Each file by itself: who, which kind, how many rows; the page notes nothing, nor does a refusal."""
    panel = new_panel(clock, applications=2, experts=4)
    with unit_of_work():
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)
    client = visit_as(app, panel.secretary)
    assert client.get(BOARD).status_code == 200
    assert visit_as(app, panel.experts[0]).get(f"{BOARD}.csv").status_code == 403
    for suffix in ("csv", "xlsx", "pdf", "json"):
        assert client.get(f"{BOARD}.{suffix}").status_code == 200
    query = sa.select(JournalEntry).filter_by(step="export_assignment").order_by(JournalEntry.seq)
    noted = [(one.actor_id, one.thing_code, json.loads(one.body)["facts"]) for one in db.session.scalars(query)]
    assert noted == [
        (panel.secretary.id, CODE, {"file": suffix, "rows": 2}) for suffix in ("csv", "xlsx", "pdf", "json")
    ]
