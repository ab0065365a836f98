"""The reviewer's packet: what is in it, who gets it, and the filled score sheet back."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.models import Assignment, PacketUpload, Review, Score
from grants_app.reviews.services.packet import keep_upload
from grants_app.web import parcels
from tests.support.panel import Panel, assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as
from tests.support.workbooks import BIDS, SCORES, changed, filled, sheet_of


def packet_of(app: Flask, panel: Panel, number: int = 0) -> bytes:
    answer = visit_as(app, panel.experts[number]).get(f"/reviews/packet/{panel.competition.code}.zip")
    assert answer.status_code == 200
    return answer.data


def send(client: FlaskClient, panel: Panel, body: bytes, name: str = "sheet.xlsx") -> TestResponse:
    return client.post(f"/reviews/packet/{panel.competition.code}", data={"file": (io.BytesIO(body), name)})


def errors(answer: TestResponse) -> list[str]:
    soup = BeautifulSoup(answer.text, "html.parser")
    return [one.get_text(" ", strip=True) for one in soup.select(".govuk-error-summary li")]


def confirm(client: FlaskClient, address: str) -> TestResponse:
    """The button of the preview, with the versions that it showed."""
    form = BeautifulSoup(client.get(address).text, "html.parser").select_one("main form")
    assert form is not None
    data = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[name]")}
    return client.post(str(form["action"]), data=data)


def points() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Score.points).order_by(Score.id)))


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """Two applications declared by the first expert."""
    found = opened_panel(clock)
    for bid in found.applications:
        declared(bid, found.experts[0])
    return found


def test_packet_holds_papers_sheet_and_read_me(app: Flask, panel: Panel) -> None:
    with zipfile.ZipFile(io.BytesIO(packet_of(app, panel))) as archive:
        names = archive.namelist()
        read_me = archive.read("README.txt").decode("utf-8-sig")
        paper = archive.read("2027-SKP-0001/2027-SKP-0001.pdf")
    expert = assignment_of(panel.applications[0], panel.experts[0]).expert_code
    code = panel.competition.code
    assert names == [
        "README.txt",
        f"{code}-{expert}.xlsx",
        *(f"{bid.code}/{bid.code}.pdf" for bid in panel.applications),
    ]
    assert ("Пакет експерта" in read_me, "Reviewer's packet" in read_me) == (True, True)
    assert paper[:5] == b"%PDF-"


def test_sheet_has_a_row_for_each_application_and_criterion(app: Flask, panel: Panel) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet_of(packet_of(app, panel))))
    criteria = [one.code for one in panel.competition.criteria]
    rows = [(row[0].value, row[2].value) for row in book[SCORES].iter_rows(min_row=2)]
    assert rows == [(bid.code, code) for bid in panel.applications for code in criteria]
    assert [row[0].value for row in book[BIDS].iter_rows(min_row=2)] == [bid.code for bid in panel.applications]
    assert book.sheetnames == ["Як заповнити", SCORES, BIDS]
    assert [page.sheet_state for page in book] == ["visible"] * 3
    assert [page.protection.sheet for page in book] == [True] * 3
    first = book[SCORES]["F2"]
    assert (first.protection.locked, book[SCORES]["A2"].protection.locked) == (False, True)
    assert len(book[SCORES].data_validations.dataValidation) == len(rows)


def test_packet_leaves_a_mark_for_each_application(app: Flask, panel: Panel) -> None:
    packet_of(app, panel)
    query = sa.select(JournalEntry.thing_code).filter_by(step="export_packet").order_by(JournalEntry.thing_code)
    assert list(db.session.scalars(query)) == [
        assignment_of(bid, panel.experts[0]).journal_code for bid in panel.applications
    ]


def test_packet_is_for_its_expert_alone(app: Flask, panel: Panel) -> None:
    code = panel.competition.code
    addresses = [f"/reviews/packet/{code}", f"/reviews/packet/{code}.zip"]
    statuses = {
        name: [visit_as(app, person).get(address).status_code for address in addresses]
        for name, person in (
            ("secretary", panel.secretary),
            ("head", panel.heads[0]),
            ("foreign", new_person(Role.EXPERT)),
            ("undeclared", panel.experts[1]),
            ("own", panel.experts[0]),
        )
    }
    assert statuses == {
        "secretary": [403, 403],
        "head": [403, 403],
        "foreign": [404, 404],
        "undeclared": [200, 404],
        "own": [200, 200],
    }


def test_conflict_takes_the_application_out_of_the_packet(app: Flask, panel: Panel) -> None:
    bid = panel.applications[0]
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, panel.experts[0]), "work", panel.experts[0])
    with zipfile.ZipFile(io.BytesIO(packet_of(app, panel))) as archive:
        assert [name for name in archive.namelist() if bid.code and bid.code in name] == []
    other = panel.applications[1]
    with unit_of_work():
        services.declare_conflict(assignment_of(other, panel.experts[0]), "work", panel.experts[0])
    client = visit_as(app, panel.experts[0])
    assert client.get(f"/reviews/packet/{panel.competition.code}.zip").status_code == 404


# -- the way back ----------------------------------------------------------------------------------------------


def test_filled_sheet_is_written_only_when_confirmed(app: Flask, panel: Panel) -> None:
    client = visit_as(app, panel.experts[0])
    answer = send(client, panel, filled(sheet_of(packet_of(app, panel))))
    assert answer.status_code == 302
    preview = client.get(answer.location)
    count = len(panel.competition.criteria)
    assert len(BeautifulSoup(preview.text, "html.parser").select("main tbody tr")) == 2 * (2 * count + 1)
    assert points() == []
    done = confirm(client, answer.location)
    assert (done.status_code, done.location) == (302, answer.location)
    assert points() == ["7"] * (2 * count)
    states = [assignment_of(bid, panel.experts[0]).state for bid in panel.applications]
    assert states == [AssignmentState.IN_PROGRESS] * 2


def test_same_file_again_changes_nothing_and_says_so(app: Flask, panel: Panel) -> None:
    client = visit_as(app, panel.experts[0])
    body = filled(sheet_of(packet_of(app, panel)))
    address = send(client, panel, body).location
    confirm(client, address)
    with unit_of_work():
        review = db.session.scalars(sa.select(Review).order_by(Review.id)).first()
        assert review is not None
        review.comment_applicant = "Дописано потім"
    again = send(client, panel, body)
    assert again.location == address
    assert "Sending it again changes nothing" in client.get(f"{address}?lang=en").text
    repeated = client.post(address, data={f"version_{panel.applications[0].code}": "2"})
    assert repeated.status_code == 302
    db.session.rollback()
    assert db.session.scalars(sa.select(Review.comment_applicant).order_by(Review.id)).first() == "Дописано потім"
    assert db.session.scalars(sa.select(sa.func.count()).select_from(PacketUpload)).one() == 1


@pytest.mark.parametrize("points_of_the_other", [7, 5], ids=["same file", "another file"])
def test_two_windows_that_send_at_once_leave_one_upload(app: Flask, panel: Panel, points_of_the_other: int) -> None:
    """Neither ends before the other had time to look for earlier ones."""
    sheet = sheet_of(packet_of(app, panel))
    body = filled(sheet)
    bodies = [body, body if points_of_the_other == 7 else filled(sheet, points_of_the_other)]
    number, expert, start, kept = panel.competition.id, panel.experts[0].id, Barrier(2), Barrier(2)

    def keep(sent: bytes) -> None:
        tables = parcels.read_tables(sent)
        with app.app_context():
            start.wait(timeout=30)
            with unit_of_work():
                competition, person = db.session.get_one(Competition, number), db.session.get_one(User, expert)
                keep_upload(competition, tables, sent, file_name="sheet.xlsx", by=person)
                with suppress(BrokenBarrierError):
                    kept.wait(timeout=0.5)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(keep, bodies))
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(PacketUpload.id))) == 1


def test_sheet_saved_meanwhile_shows_both(app: Flask, panel: Panel) -> None:
    client, bid = visit_as(app, panel.experts[0]), panel.applications[0]
    address = send(client, panel, filled(sheet_of(packet_of(app, panel)))).location
    page = BeautifulSoup(client.get(address).text, "html.parser")
    data = {str(one["name"]): str(one.get("value", "")) for one in page.select("main form input[name]")}
    with unit_of_work():
        sheet = full_sheet(bid, "3")
        services.save_review(assignment_of(bid, panel.experts[0]), sheet, version=0, by=panel.experts[0])
    answer = client.post(f"{address}?lang=en", data=data)
    assert answer.status_code == 409
    assert "A sheet was saved meanwhile" in answer.text
    rows = BeautifulSoup(answer.text, "html.parser").select("main tbody tr")
    # Points and justifications differ; the recommendation is the same in both.
    assert [cell.get_text(" ", strip=True) for cell in rows[0].select("td")] == ["[taken out:] 3", "[put in:] 7"]
    assert set(points()) == {"3"}
    assert confirm(client, address).status_code == 302
    assert set(points()) == {"7"}


def test_finished_review_is_never_overwritten(app: Flask, panel: Panel) -> None:
    body = filled(sheet_of(packet_of(app, panel)), points=2)
    submitted(panel.applications[0], panel.experts[0], "9")
    client = visit_as(app, panel.experts[0])
    address = send(client, panel, body).location
    page = client.get(f"{address}?lang=en").text
    assert "This review is finished: the file changes nothing in it." in page
    confirm(client, address)
    count = len(panel.competition.criteria)
    assert points() == ["9"] * count + ["2"] * count


def test_complete_reviews_are_finished_by_a_second_choice(app: Flask, panel: Panel) -> None:
    def half(book: Any) -> None:
        for row in book[SCORES].iter_rows(min_row=2):
            if row[0].value == panel.applications[1].code:
                row[5].value = None

    client = visit_as(app, panel.experts[0])
    address = send(client, panel, changed(filled(sheet_of(packet_of(app, panel))), half)).location
    confirm(client, address)
    assert [assignment_of(bid, panel.experts[0]).state.value for bid in panel.applications] == ["in_progress"] * 2
    page = BeautifulSoup(client.get(address).text, "html.parser")
    hidden = [str(one["name"]) for one in page.select("main form input[name^=version_]")]
    assert hidden == [f"version_{panel.applications[0].code}"]
    assert confirm(client, address).status_code == 302
    assert [assignment_of(bid, panel.experts[0]).state.value for bid in panel.applications] == ["done", "in_progress"]


def test_finishing_what_was_not_shown_is_refused(app: Flask, panel: Panel) -> None:
    client = visit_as(app, panel.experts[0])
    address = send(client, panel, filled(sheet_of(packet_of(app, panel)))).location
    before = client.post(f"{address}/finish", data={f"version_{panel.applications[0].code}": "1"})
    assert before.status_code == 409
    assert {
        one.state for one in db.session.scalars(sa.select(Assignment).filter_by(expert_id=panel.experts[0].id))
    } == {AssignmentState.ACCEPTED}


def test_empty_cells_keep_what_is_stored(app: Flask, panel: Panel) -> None:
    body = sheet_of(packet_of(app, panel))
    bid = panel.applications[0]
    with unit_of_work():
        sheet = full_sheet(bid, "5", comment_applicant="Онлайн")
        services.save_review(assignment_of(bid, panel.experts[0]), sheet, version=0, by=panel.experts[0])

    def one_cell(book: Any) -> None:
        book[SCORES]["F2"].value = 6

    client = visit_as(app, panel.experts[0])
    address = send(client, panel, changed(body, one_cell)).location
    assert "after the packet was made" in client.get(f"{address}?lang=en").text
    confirm(client, address)
    assert points() == ["6", *["5"] * (len(panel.competition.criteria) - 1)]
    assert db.session.scalars(sa.select(Review.comment_applicant)).all() == ["Онлайн"]


def test_upload_opens_to_its_sender_alone(app: Flask, panel: Panel) -> None:
    address = send(visit_as(app, panel.experts[0]), panel, filled(sheet_of(packet_of(app, panel)))).location
    declared(panel.applications[0], panel.experts[1])
    other = visit_as(app, panel.experts[1])
    assert [other.get(address).status_code, other.post(address).status_code] == [404, 404]
    assert visit_as(app, panel.secretary).get(address).status_code == 403


def test_upload_after_the_term_writes_nothing(app: Flask, panel: Panel, clock: FrozenClock) -> None:
    client = visit_as(app, panel.experts[0])
    address = send(client, panel, filled(sheet_of(packet_of(app, panel)))).location
    page = BeautifulSoup(client.get(address).text, "html.parser")
    data = {str(one["name"]): str(one.get("value", "")) for one in page.select("main form input[name]")}
    clock.at("2027-05-30 12:00")
    answer = client.post(f"{address}?lang=en", data=data)
    assert (answer.status_code, "The time for scoring has ended" in answer.text) == (422, True)
    assert points() == []
