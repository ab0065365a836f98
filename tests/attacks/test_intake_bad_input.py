"""What should never have been sent to an intake: a clear answer, nothing lost, nothing half kept."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextvars import Context
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Organisation, User
from grants_app.applications import queries, rules, services
from grants_app.applications.models import Answer, Application, BudgetRow, LateEntry, Submission
from grants_app.applications.rules import Line
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.attacks.addresses import addresses
from tests.support.applications import (
    close,
    complete_answers,
    complete_budget,
    draft_application,
    new_head,
    organisation_of,
    version_of,
)
from tests.support.calls import Call, announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

COMMAND = "=cmd|' /C calc'!A0"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
HIDDEN_SIGNS = "\u202e\u200b\u2066\ufeff\u200f\u00ad\u2069"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call whose intake runs."""
    return announced_call()


def test_forged_names_change_nothing_that_a_form_does_not_ask(app: Flask, call: Call) -> None:
    """Columns of the row beside the fields of the page: what is asked is stored, the rest is as it was."""
    head, rival = new_head(), new_head()
    draft = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{draft.key}"
    forged = {
        "state": "admitted", "register_number": "1", "submitted_at": "2027-01-01", "organisation_id": "2", "id": "7",
        "organisation": organisation_of(rival).edrpou, "requested_kop": "1", "code": "2027-SKP-AAAA", "key": "x",
        "competition_id": "9", "version_id": "9", "content_digest": "f" * 64, "form_version": "9", "goal-0": "x",
        "tasks-0-__class__": "x", "tasks-99999999999-task": "x", "__proto__": "x", "rows-0-total_kop": "1",
        "rows-0-application_id": "2", "rows-0-position": "9", "rows--1-item": "x", "rows-٣-item": "x",
        "smallest_kop": "1",
    }  # fmt: skip
    before = _row(draft)
    page = visitor.get(f"{address}/sections/summary").text
    saved = visitor.post(
        f"{address}/sections/summary/autosave",
        data={**forged, "version": version_of(page), "title": "Нова назва", "summary": "Стислий опис"},
    )
    assert saved.status_code == 200
    sent = {**forged, "version": version_of(visitor.get(f"{address}/budget").text), "rows-0-item": "Зал",
            "rows-0-category": "rent", "rows-0-qty": "1", "rows-0-price": "100", "rows-0-city": "100"}  # fmt: skip
    assert visitor.post(f"{address}/budget/autosave", data=sent).status_code == 200
    db.session.expire_all()
    after = _row(draft)
    mine = {"title", "requested_kop", "total_cost_kop", "own_cash_kop", "own_share_bp", "version", "smallest_kop",
            "own_inkind_kop", "other_kop", "lot_id", "priority_id", "budget_digest"}  # fmt: skip
    assert {name for name in before if before[name] != after[name]} <= mine
    assert (draft.title, draft.requested_kop, draft.smallest_kop) == ("Нова назва", 10_000, None)
    known = set(queries.form_for(draft).questions)
    asked = set(db.session.scalars(sa.select(Answer.question).filter_by(application_id=draft.id)))
    assert asked <= known


def _row(thing: Application) -> dict[str, object]:
    return {column.key: getattr(thing, column.key) for column in sa.inspect(Application).column_attrs}


@pytest.mark.parametrize("suffix", ["", "/autosave"])
def test_ten_thousand_rows_are_refused_in_words_and_change_nothing(app: Flask, call: Call, suffix: str) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    before = queries.lines_of(draft)
    visitor, address = visit_as(app, head), f"/applications/{draft.key}/budget"
    sent = {f"rows-{place}-item": "x" for place in range(10_000)} | {"version": version_of(visitor.get(address).text)}
    begun = time.process_time()
    answer = visitor.post(f"{address}{suffix}", data=sent)
    assert (answer.status_code in {413, 422}, time.process_time() - begun < 10) == (True, True)
    assert answer.status_code == 413 or "10000" in re.sub(r"[\s\u00a0]", "", answer.text)
    assert queries.lines_of(draft) == before


def test_hidden_signs_leave_no_trace_in_what_is_stored(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    name = f"Шко{HIDDEN_SIGNS}ла{HIDDEN_SIGNS}"
    with unit_of_work():
        services.save_answers(draft, {"title": name, "contact_name": name, "goal": f"{HIDDEN_SIGNS}мета"}, None, head)
    stored = queries.answers_of(draft)
    assert (stored["title"], stored["contact_name"], stored["goal"], draft.title) == ("Школа", "Школа", "мета", "Школа")
    visitor, address = visit_as(app, head), f"/applications/{draft.key}/budget"
    sent = {"rows-0-item": name, "rows-0-unit": name, "rows-0-justification": name, "rows-0-qty": "1",
            "version": version_of(visitor.get(address).text)}  # fmt: skip
    visitor.post(address, data=sent)
    assert [(line.item, line.unit, line.justification) for line in queries.lines_of(draft)] == [("Школа",) * 3]


@pytest.mark.parametrize(
    ("start_on", "end_on"),
    [("2026-12-31", "2027-11-30"), ("2027-06-01", "2028-01-01"), ("2027-11-30", "2027-06-01"), ("0001-01-01", None),
     ("9999-12-31", None)],
)  # fmt: skip
def test_dates_outside_the_project_year_keep_the_draft_and_bar_sending(
    app: Flask, call: Call, start_on: str, end_on: str | None
) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    changes = {"start_on": start_on} | ({"end_on": end_on} if end_on else {})
    with unit_of_work():
        services.save_answers(draft, changes, None, head)
    ticks = {one.code: "y" for one in queries.form_for(draft).declarations}
    answer = visit_as(app, head).post(f"/applications/{draft.key}/submit", data=ticks)
    db.session.expire_all()
    assert (answer.status_code, draft.state, queries.answers_of(draft)["start_on"]) == (422, A.DRAFT, start_on)


@pytest.mark.parametrize("typed", ["2027-02-30", "31.12.2027", "2027-13-01", "завтра", "２０２７-06-01", "-1", "=1+1"])
def test_date_that_does_not_exist_is_named_and_the_others_are_kept(app: Flask, call: Call, typed: str) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    section = next(one for one in queries.form_for(draft).sections if any(q.code == "start_on" for q in one.questions))
    visitor, address = visit_as(app, head), f"/applications/{draft.key}/sections/{section.slug}"
    before = queries.answers_of(draft)
    answer = visitor.post(address, data={"version": version_of(visitor.get(address).text), "start_on": typed})
    assert (answer.status_code, "start_on-error" in answer.text) == (422, True)
    assert queries.answers_of(draft) == before


@pytest.mark.sqlite_only
def test_commands_in_every_text_reach_no_spreadsheet_as_formulas(app: Flask, clock: FrozenClock) -> None:
    """Every text of an application, its organisation and a late entry is a command; every table of all is read."""
    call = announced_call()
    head = new_head()
    _poison(call, head)
    known = {"*": [call.competition.code, *_codes()], "number": ["1"]}
    people = [new_person(role) for role in (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR, Role.ADMIN)]
    read, seen, bad, drawn = 0, 0, [], set[str]()
    for person in (*people, head, None):
        visitor = visit_as(app, person)
        tables = [one for one in addresses(app, known, suffixes=("csv",)) if one.endswith((".csv", ".xlsx"))]
        for address in sorted({*tables, *(one.replace(".csv", ".xlsx") for one in tables)}):
            if address in drawn:
                continue  # a workbook is drawn in a process of its own: one look at each is enough
            answer = visitor.get(address)
            if answer.status_code != 200:
                continue
            drawn |= {address} if address.endswith(".xlsx") else set()
            read += 1
            cells = _cells(address, answer.data)
            seen += sum("calc" in text for _kind, text in cells)
            bad.extend(f"{address}: {text[:40]!r}" for kind, text in cells if _acts(kind, text))
    assert (sorted(set(bad)), read > 10, seen > 5) == ([], True, True)


def _poison(call: Call, head: User) -> None:
    """An application whose every text begins like a formula, sent; a second one by a late entry with such a reason."""
    command = COMMAND
    organisation_id = organisation_of(head).id
    with unit_of_work():
        organisation = db.session.get_one(Organisation, organisation_id)
        organisation.name = organisation.short_name = organisation.legal_address = command
        db.session.get_one(User, head.id).full_name = command
        db.session.get_one(Competition, call.competition.id)
    texts = {
        one.code: command
        for section in rules.STANDARD.sections
        for one in section.questions
        if one.kind in {"line", "long", "text"} and one.code not in {"contact_phone", "contact_email"}
    }
    draft = draft_application(call.competition, head, **texts)
    with unit_of_work():
        lines = [
            Line("services", command, 1_000, 3_000_000, unit=command, city_kop=3_000_000, justification=command),
            *complete_budget()[1:],
        ]
        services.save_budget(draft, lines, head)
    with unit_of_work():
        services.submit_application(draft, head)
    close(call.competition)
    with unit_of_work():
        db.session.add(
            LateEntry(
                code="LATE1", secret_digest="0" * 64, competition_id=call.competition.id,
                organisation_id=organisation_id, reason=command, until=call.competition.intake_until,
                given_at=call.competition.intake_until, given_by_id=call.organizer.id, application_id=draft.id,
                used_at=call.competition.intake_until,
            )
        )  # fmt: skip


def _codes() -> list[str]:
    return [str(code) for code in db.session.scalars(sa.select(Application.code))] + [
        str(code) for code in db.session.scalars(sa.select(Organisation.edrpou))
    ]


def _cells(address: str, body: bytes) -> list[tuple[str, str]]:
    """(kind, text) of every cell: "csv", or the kind in the workbook, where "f" is a formula and "s" a text."""
    if ".csv" in address:
        rows = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
        return [("csv", cell) for row in rows for cell in row]
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [
        (str(cell.data_type), str(cell.value))
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def _acts(kind: str, text: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula; in a CSV an apostrophe before it disarms it."""
    if kind == "f":
        return True
    is_number = re.fullmatch(r"[−-]?[\d\s\u00a0]+([.,]\d+)?\s?%?", text) is not None
    return kind == "csv" and text.startswith(FORMULA_STARTS) and not is_number


def test_double_press_is_one_submission(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    ticks = {one.code: "y" for one in queries.form_for(draft).declarations} | {"form_key": "one-press"}
    visitor = visit_as(app, head)
    answers = [visitor.post(f"/applications/{draft.key}/submit", data=ticks) for _press in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert answers[0].location == answers[1].location
    _sent_once(draft)


def test_head_at_four_browsers_at_once_is_one_submission(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    ticks = {one.code: "y" for one in queries.form_for(draft).declarations}
    ready = [visit_as(app, head) for _browser in range(4)]
    gate, statuses = threading.Barrier(len(ready)), []

    def press(place: int) -> None:
        gate.wait()
        statuses.append(ready[place].post(f"/applications/{draft.key}/submit", data=ticks).status_code)

    threads = [threading.Thread(target=Context().run, args=(press, place)) for place in range(len(ready))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302, 403, 403, 403]
    _sent_once(draft)


def _sent_once(draft: Application) -> None:
    db.session.rollback()
    db.session.expire_all()
    assert draft.state == A.SUBMITTED
    assert db.session.scalar(sa.select(sa.func.count(Submission.id))) == 1
    steps = [one.step for one in db.session.scalars(sa.select(JournalEntry)) if one.step == "submit"]
    letters = [one.template for one in db.session.scalars(sa.select(Notice))]
    assert (steps, letters.count("application_received")) == (["submit"], len(letters))


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from datetime import datetime
from config import Settings
from grants_app import create_app
from grants_app.core import clock
clock.freeze(datetime.fromisoformat({moment!r}))
app = create_app({{"SETTINGS": Settings(instance={instance!r}, database_url={url!r}, secret_key="tests only")}})
from grants_app import database
from grants_app.accounts.models import User
from grants_app.applications import services
from grants_app.applications.models import Application
from grants_app.applications.services import submission
from grants_app.database import db, unit_of_work

def die(*_arguments, **_words):
    os.kill(os.getpid(), signal.SIGKILL)

with app.app_context():
    head, draft = db.session.get_one(User, {head}), db.session.get_one(Application, {draft})
    with unit_of_work():
        if {place!r} == "frozen":
            submission.send_letters = die  # the content is frozen, the state has moved, nothing is told yet
        if {place!r} == "journal":
            database.before_commit.append(die)  # everything is written, the commit has not come
        services.submit_application(draft, head)
        if {place!r} == "unit":
            die()
print("came to the end")
"""


@pytest.mark.parametrize("place", ["frozen", "unit", "journal"])
def test_killed_in_the_middle_of_submission_leaves_the_whole_draft(
    app: Flask, call: Call, clock: FrozenClock, tmp_path: Path, place: str
) -> None:
    """SIGKILL at three places of the transaction: the draft is as it was, and the next press sends it."""
    head = new_head()
    draft = draft_application(call.competition, head)
    before = (_row(draft), queries.frozen_content(draft), _counts())
    db.session.rollback()
    program = KILLED.format(
        root=str(ROOT), moment=clock.now.isoformat(), instance=str(tmp_path), place=place, head=head.id, draft=draft.id,
        url=app.config["SQLALCHEMY_DATABASE_URI"],
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), capture_output=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b""), done.stderr.decode()[-2000:]
    db.session.rollback()
    db.session.expire_all()
    assert (_row(draft), queries.frozen_content(draft), _counts()) == before
    with unit_of_work():
        services.submit_application(draft, head)
    _sent_once(draft)


def _counts() -> list[int]:
    tables = (Submission, Notice, JournalEntry, BudgetRow, Answer)
    return [int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0) for table in tables]


def test_answers_too_long_are_refused_whole_and_the_stored_ones_stay(app: Flask, call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    before = queries.answers_of(draft)
    visitor, address = visit_as(app, head), f"/applications/{draft.key}/sections/summary"
    page = visitor.get(address).text
    for suffix in ("", "/autosave"):
        answer = visitor.post(f"{address}{suffix}", data={"version": version_of(page), "title": "а" * 100_000})
        assert answer.status_code == 422
    assert queries.answers_of(draft) == before
    assert visitor.post(address, data={"version": version_of(page), "title": "а" * 3_000_000}).status_code == 413
    assert queries.answers_of(draft) == before


def test_late_day_and_complete_answers_are_those_of_the_tests() -> None:
    """The dates above are outside on purpose: those of a complete application are inside."""
    answers = complete_answers()
    assert date.fromisoformat(answers["start_on"]) > date(2027, 5, 19)
    assert date.fromisoformat(answers["end_on"]) + timedelta(days=15) <= date(2027, 12, 15)
