"""Pages of the applicant: happy path, refusal, invalid form."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.applications import queries
from grants_app.applications.models import Answer, Application, Attachment, Submission
from grants_app.competitions.models import Lot
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.support.applications import (
    PDF,
    complete_answers,
    declarations,
    draft_application,
    new_head,
    organisation_of,
    submitted_application,
    version_of,
)
from tests.support.calls import Call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

pytestmark = pytest.mark.sqlite_only


def _started(app: Flask, call: Call) -> tuple[FlaskClient, str]:
    head = new_head()
    visitor = visit_as(app, head)
    answer = visitor.post(
        f"/applications/start/{call.competition.code}", data={"organisation": str(organisation_of(head).id)}
    )
    assert answer.status_code == 302
    return visitor, answer.location


def test_whole_way_from_start_to_receipt(app: Flask, call: Call) -> None:
    visitor, address = _started(app, call)
    assert visitor.get(f"/applications/start/{call.competition.code}").status_code == 200
    page = visitor.get(address)
    assert (page.status_code, "Чернетка" in page.text or "Draft" in page.text) == (200, True)
    answers = complete_answers()
    for section in ("organisation", "experience", "governing", "summary", "rationale", "plan", "results", "team"):
        _fill(visitor, f"{address}/sections/{section}", answers)
    for section in ("lasting", "other-funding"):
        _fill(visitor, f"{address}/sections/{section}", answers)
    saved = visitor.post(f"{address}/budget", data=_budget_data(visitor.get(f"{address}/budget").text))
    assert (saved.status_code, saved.location) == (302, address)
    file = {"kind": "decision", "file": (io.BytesIO(PDF), "рішення.pdf")}
    assert visitor.post(f"{address}/files", data=file, content_type="multipart/form-data").status_code == 302
    check = visitor.get(f"{address}/check")
    assert "Школа дворових медіаторів" in check.text
    sent = visitor.post(f"{address}/submit", data=dict.fromkeys(declarations(), "y"))
    assert sent.status_code == 302, sent.text
    application = db.session.scalars(sa.select(Application)).one()
    assert (application.state, sent.location) == (A.SUBMITTED, f"/applications/{application.code}/receipt")
    receipt = visitor.get(sent.location)
    assert all(part in receipt.text for part in (application.code, application.content_digest[:32], "12:00:00"))
    pdf = visitor.get(f"{sent.location}.pdf")
    assert (pdf.data[:5], pdf.headers["Content-Disposition"].startswith("attachment")) == (b"%PDF-", True)
    assert visitor.get("/applications").status_code == 200
    assert application.code in visitor.get(f"/applications/{application.key}").text


def _fill(visitor: FlaskClient, address: str, answers: dict) -> None:  # type: ignore[type-arg]
    page = visitor.get(address)
    assert page.status_code == 200, address
    data = {"version": version_of(page.text)}
    for name, value in answers.items():
        if isinstance(value, list):
            for index, row in enumerate(value):
                data.update({f"{name}-{index}-{cell}": str(part) for cell, part in row.items()})
        else:
            data[name] = str(value)
    answer = visitor.post(address, data=data)
    assert answer.status_code == 302, answer.text


def _budget_data(page: str, **changes: str) -> dict[str, str]:
    data = {
        "version": version_of(page),
        "rows-0-category": "services",
        "rows-0-item": "Тренерки",
        "rows-0-unit": "година",
        "rows-0-qty": "10",
        "rows-0-price": "3 000",
        "rows-0-city": "30 000",
        "rows-1-category": "materials",
        "rows-1-item": "Папір",
        "rows-1-qty": "1",
        "rows-1-price": "10 000",
        "rows-1-own_cash": "10 000",
        "smallest": "",
    }
    return {**data, **changes}


def test_budget_over_the_maximum_names_sum_and_cure(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor = visit_as(app, head)
    page = visitor.get(f"/applications/{application.key}/budget").text
    data = _budget_data(page, **{"rows-0-price": "5 000,01", "rows-0-city": "50 000,10", "rows-1-price": "20 000",
                                 "rows-1-own_cash": "20 000"})  # fmt: skip
    answer = visitor.post(f"/applications/{application.key}/budget", data=data)
    assert (answer.status_code, "0,10" in answer.text) == (422, True)
    assert application.requested_kop == 5_000_010


def test_budget_rows_added_and_removed_without_saving(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor = visit_as(app, head)
    page = visitor.get(f"/applications/{application.key}/budget").text
    address, data = f"/applications/{application.key}/budget", _budget_data(page)
    added = visitor.post(address, data={**data, "row": "rows/add"})
    assert (added.status_code, "rows-2-item" in added.text) == (200, True)
    removed = visitor.post(
        f"/applications/{application.key}/budget", data={**_budget_data(page), "row": "rows/0/remove"}
    )
    assert (removed.status_code, "Тренерки" in removed.text, "Папір" in removed.text) == (200, False, True)
    assert len(queries.lines_of(application)) == 2


def test_budget_of_two_editors_shows_both(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    visitor, other = visit_as(app, head), visit_as(app, member)
    address = f"/applications/{application.key}/budget"
    first = visitor.get(address).text
    theirs = other.post(address, data=_budget_data(other.get(address).text, **{"rows-0-item": "Інші тренерки"}))
    assert theirs.status_code == 302
    mine = visitor.post(address, data=_budget_data(first, **{"rows-0-item": "Мої тренерки"}))
    assert (mine.status_code, "Інші тренерки" in mine.text, "Мої тренерки" in mine.text) == (409, True, True)


def test_section_with_wrong_values_keeps_what_was_typed(app: Flask, call: Call) -> None:
    visitor, address = _started(app, call)
    page = visitor.get(f"{address}/sections/summary")
    data = {
        "version": version_of(page.text),
        "title": "Я" * 141,
        "lot": "small",
        "start_on": "31.02.2027",
        "summary": "Так",
    }
    answer = visitor.post(f"{address}/sections/summary", data=data)
    assert (answer.status_code, "Я" * 141 in answer.text, "Так" in answer.text) == (422, True, True)
    assert db.session.scalar(sa.select(sa.func.count(Answer.id)).filter_by(question="title")) == 0


def test_second_editor_of_an_answer_sees_both_texts(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    visitor, other = visit_as(app, head), visit_as(app, member)
    address = f"/applications/{application.key}/sections/rationale"
    version = version_of(visitor.get(address).text)
    groups = {"target_groups-0-group": "Підлітки", "target_groups-0-direct": "60", "target_groups-0-indirect": "300"}
    base = {"version": version, "goal": "Менше сварок.", "rationale": "У дворах бракує розмови.", **groups}
    assert other.post(address, data={**base, "rationale": "Текст колеги"}).status_code == 302
    # Another question of the same page is no conflict: the colleague's text stays.
    assert visitor.post(address, data={**base, "goal": "Нова мета"}).status_code == 302
    assert queries.answers_of(application)["rationale"] == "Текст колеги"
    clash = visitor.post(address, data={**base, "rationale": "Мій текст", "goal": "Нова мета"})
    assert (clash.status_code, "Текст колеги" in clash.text, "Мій текст" in clash.text) == (409, True, True)
    again = visitor.post(address, data={**base, "version": version_of(clash.text), "rationale": "Мій текст",
                                        "goal": "Нова мета"})  # fmt: skip
    assert again.status_code == 302
    assert queries.answers_of(application)["rationale"] == "Мій текст"


def test_autosave_keeps_text_and_tells_the_nextversion_of(app: Flask, call: Call) -> None:
    visitor, address = _started(app, call)
    page = visitor.get(f"{address}/sections/lasting")
    data = {"version": version_of(page.text), "strategy_link": "Ціль"}
    first = visitor.post(f"{address}/sections/lasting/autosave", data=data)
    assert (first.status_code, first.json["saved_at"]) == (200, "12:00")
    stale = visitor.post(f"{address}/sections/lasting/autosave", data={**data, "strategy_link": "Стара вкладка"})
    assert (stale.status_code, stale.json["theirs"], stale.json["yours"]) == (409, "Ціль", "Стара вкладка")
    data = {"version": first.json["version"], "strategy_link": "Ціль 2"}
    with count_queries() as sent:
        answer = visitor.post(f"{address}/sections/lasting/autosave", data=data)
    assert answer.status_code == 200
    # Who it is with all roles, the application found and locked, the answers written where they have not moved.
    assert len(sent) == 3, str(sent)
    too_long = visitor.post(f"{address}/sections/lasting/autosave", data={**data, "strategy_link": "я" * 1001})
    assert (too_long.status_code, too_long.json["fields"]) == (422, ["strategy_link"])


def test_submit_twice_by_double_click_counts_once(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    visitor = visit_as(app, head)
    data = {**dict.fromkeys(declarations(), "y"), "form_key": "the-same-key"}
    first = visitor.post(f"/applications/{application.key}/submit", data=data)
    second = visitor.post(f"/applications/{application.key}/submit", data=data)
    assert (first.status_code, second.status_code, first.location) == (302, 302, second.location)
    assert db.session.scalar(sa.select(sa.func.count(Submission.id))) == 1


def test_submit_without_declarations_names_them(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    answer = visit_as(app, head).post(f"/applications/{application.key}/submit", data={"declare_truth": "y"})
    assert (answer.status_code, 'href="#declare_publish"' in answer.text) == (422, True)
    assert application.state == A.DRAFT


def test_submit_by_member_refused_and_shows_who_can(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    member = visit_as(app, new_person(Role.NGO_MEMBER, organisation=organisation_of(head)))
    assert head.full_name in member.get(f"/applications/{application.key}/check").text
    assert member.post(f"/applications/{application.key}/submit", data={}).status_code == 403


def test_submit_after_the_deadline_refused_and_draft_readable(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    clock.at(call.competition.intake_until)
    visitor = visit_as(app, head)
    answer = visitor.post(f"/applications/{application.key}/submit", data=dict.fromkeys(declarations(), "y"))
    assert (answer.status_code, application.state) == (403, A.DRAFT)
    for page in ("", "/sections/summary", "/budget", "/files", "/check", "/print"):
        assert visitor.get(f"/applications/{application.key}{page}").status_code == 200, page


@pytest.mark.parametrize(
    "page",
    ["", "/sections/summary", "/budget", "/files", "/check", "/receipt", "/receipt.pdf", "/print", "/corrections",
     "/withdraw"],
)  # fmt: skip
def test_foreign_organisation_gets_404(app: Flask, call: Call, page: str) -> None:
    application = submitted_application(call.competition)
    stranger = visit_as(app, new_head())
    assert stranger.get(f"/applications/{application.code}{page}").status_code == 404
    assert stranger.get(f"/applications/{application.key}{page}").status_code == 404


def test_foreign_organisation_cannot_write(app: Flask, call: Call) -> None:
    application = draft_application(call.competition, new_head())
    stranger = visit_as(app, new_head())
    for address in ("sections/summary", "sections/summary/autosave", "budget", "files", "submit"):
        assert stranger.post(f"/applications/{application.key}/{address}", data={"title": "Чуже"}).status_code == 404
    assert application.title == "Школа дворових медіаторів"


def test_recall_and_withdraw_pages(app: Flask, call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    visitor = visit_as(app, head)
    assert visitor.post(f"/applications/{application.code}/recall").status_code == 302
    assert application.state == A.DRAFT
    visitor.post(f"/applications/{application.code}/submit", data=dict.fromkeys(declarations(), "y"))
    assert visitor.get(f"/applications/{application.code}/withdraw").status_code == 200
    assert visitor.post(f"/applications/{application.code}/withdraw", data={"reason": " "}).status_code == 422
    assert visitor.post(f"/applications/{application.code}/withdraw", data={"reason": "Інші плани"}).status_code == 302
    assert application.state == A.WITHDRAWN
    assert visitor.get(f"/applications/{application.code}").status_code == 200


def test_file_taken_off_and_downloaded_as_attachment(app: Flask, call: Call) -> None:
    head = new_head()
    application = draft_application(call.competition, head)
    file = db.session.scalars(sa.select(Attachment)).one()
    visitor = visit_as(app, head)
    answer = visitor.get(f"/applications/{application.key}/files/{file.code}")
    assert (answer.data, answer.headers["X-Content-Type-Options"]) == (PDF, "nosniff")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert visit_as(app, new_head()).get(f"/applications/{application.key}/files/{file.code}").status_code == 404
    assert visitor.post(f"/applications/{application.key}/files/{file.code}/remove").status_code == 302
    assert db.session.scalar(sa.select(sa.func.count(Attachment.id))) == 0


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        (2_500_000, 5_000_000, "25 000 грн–50 000 грн"),
        (None, 5_000_000, "щонайбільше 50 000 грн"),
        (2_500_000, None, "щонайменше 25 000 грн"),
        (None, None, "будь-яка сума в межах фонду лота"),
    ],
)
def test_start_page_names_the_bounds_that_a_lot_has(
    app: Flask, call: Call, least: int | None, most: int | None, told: str
) -> None:
    lot = call.competition.lots[0]
    with unit_of_work():
        # The rules are frozen from the announcement; a test writes past the guard of the settings.
        db.session.execute(sa.update(Lot).filter_by(id=lot.id).values(minimum_kop=least, maximum_kop=most))
    page = visit_as(app, new_head()).get(f"/applications/start/{call.competition.code}").text
    assert f"<li>{lot.title}: {told}</li>" in page.replace("\N{NO-BREAK SPACE}", " ")
