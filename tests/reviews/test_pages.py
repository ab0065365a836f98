"""Pages of the review: what each shows, refuses and keeps."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.applications.models import Application
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, LetterBatch, Notice
from grants_app.journal.services import advance
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.models import Score
from tests.support.panel import (
    REASON,
    Panel,
    assignment_of,
    declared,
    full_sheet,
    new_panel,
    opened_panel,
    submitted,
)
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


def sheet_data(panel: Panel, points: str = "7", **changes: str) -> dict[str, str]:
    data = {"version": "0", "recommendation": "fund", "recommended_kop": ""}
    for criterion in panel.competition.criteria:
        data[f"points_{criterion.code}"] = points
        data[f"reason_{criterion.code}"] = REASON
    return {**data, **changes}


def headings(page: str) -> str:
    found = BeautifulSoup(page, "html.parser").h1
    return found.get_text(strip=True) if found else ""


def summary(page: str) -> list[tuple[str, str]]:
    """Links of the error summary; each must lead to something that exists."""
    soup = BeautifulSoup(page, "html.parser")
    links = soup.select(".govuk-error-summary a")
    assert [link["href"] for link in links if soup.find(id=str(link["href"])[1:]) is None] == []
    return [(str(link["href"]), link.get_text(strip=True)) for link in links]


# -- the expert ------------------------------------------------------------------------------------------------


def test_queue_counts_and_leads_to_the_next(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=3)
    submitted(panel.applications[0], panel.experts[0])
    declared(panel.applications[1], panel.experts[0])
    soup = BeautifulSoup(visit_as(app, panel.experts[0]).get("/reviews?lang=en").text, "html.parser")
    assert "1 of 3 finished" in soup.get_text()
    assert soup.select_one("a.govuk-button")["href"] == f"/reviews/{panel.applications[1].code}/sheet"  # type: ignore[index]
    assert [row.get_text() for row in soup.select("tbody .govuk-tag")] == [
        "To be scored",
        "Declaration awaited",
        "Scored",
    ]


def test_queue_empty_says_when(app: Flask, clock: FrozenClock) -> None:
    page = visit_as(app, new_person(Role.EXPERT)).get("/reviews?lang=en").text
    assert "No application is assigned to you yet" in page


def test_queue_before_scoring_is_empty(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    with unit_of_work():
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)
    client = visit_as(app, panel.experts[0])
    code = panel.applications[0].code
    assert panel.applications[0].title not in client.get("/reviews").text
    assert client.get(f"/reviews/{code}/declaration").status_code == 404


def test_declaration_opens_the_sheet(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, client = panel.applications[0], visit_as(app, panel.experts[0])
    answer = client.post(f"/reviews/{bid.code}/declaration", data={"answer": "none"})
    assert (answer.status_code, answer.location) == (302, f"/reviews/{bid.code}/sheet")
    page = client.get(answer.location or "").text
    assert (headings(page), "1 240 звернень" in page) == (bid.title, True)


def test_declaration_without_answer_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, client = panel.applications[0], visit_as(app, panel.experts[0])
    answer = client.post(f"/reviews/{bid.code}/declaration?lang=en", data={})
    assert (answer.status_code, summary(answer.text)) == (422, [("#answer", "Choose an answer")])
    answer = client.post(f"/reviews/{bid.code}/declaration?lang=en", data={"answer": "conflict", "details": "Кума"})
    assert summary(answer.text) == [("#reason", "Choose the reason: only the secretary and the chair will read it")]
    assert "Кума" in answer.text
    assert assignment_of(bid, panel.experts[0]).state is AssignmentState.PROPOSED


def test_declaration_of_conflict_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, client = panel.applications[0], visit_as(app, panel.experts[0])
    answer = client.post(f"/reviews/{bid.code}/declaration", data={"answer": "conflict", "reason": "family"})
    assert (answer.status_code, answer.location) == (302, "/reviews")
    assert assignment_of(bid, panel.experts[0]).state is AssignmentState.DECLINED_COI
    assert client.post(f"/reviews/{bid.code}/declaration", data={"answer": "none"}).status_code == 404


def test_declaration_decline_and_doubt(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    client = visit_as(app, panel.experts[0])
    first, second = panel.applications
    client.post(f"/reviews/{first.code}/declaration", data={"answer": "busy", "details": "Відрядження"})
    client.post(f"/reviews/{second.code}/declaration", data={"answer": "doubt", "details": "Сусіди"})
    assert assignment_of(first, panel.experts[0]).state is AssignmentState.DECLINED_BUSY
    page = visit_as(app, panel.secretary).get(f"/reviews/{second.code}/experts").text
    assert "Сусіди" in page
    assert client.get(f"/reviews/{second.code}/sheet").status_code == 302


def test_sheet_refused_keeps_what_was_typed(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    codes = [criterion.code for criterion in panel.competition.criteria]
    data = sheet_data(panel, recommendation="partly", recommended_kop="сто")
    data[f"points_{codes[0]}"], data[f"reason_{codes[1]}"] = "", "мало"
    client = visit_as(app, expert)
    answer = client.post(f"/reviews/{bid.code}/sheet?lang=en", data=data)
    assert answer.status_code == 422
    assert summary(answer.text) == [
        ("#recommended_kop", "Enter an amount in hryvnias, for example 12 500 or 12 500.50")
    ]
    data["recommended_kop"] = "50 000"
    answer = client.post(f"/reviews/{bid.code}/sheet?lang=en", data=data)
    assert (answer.status_code, summary(answer.text)) == (
        422,
        [
            (f"#points_{codes[0]}", "Score criterion 1"),
            (f"#reason_{codes[1]}", "Justify criterion 2: at least 20 characters, now 4"),
            ("#recommended_kop", "A smaller sum is less than the request of UAH\u00a040,000"),
        ],
    )
    soup = BeautifulSoup(answer.text, "html.parser")
    assert [field.get_text() for field in soup.select("textarea")][1].strip() == "мало"
    assert soup.select_one("#recommended_kop")["value"] == "50 000"  # type: ignore[index]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Score)) == 0


def test_sheet_finished_then_locked(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client = visit_as(app, expert)
    address = f"/reviews/{bid.code}/sheet"
    data = sheet_data(panel, then="finish", form_key="one")
    first, twin = client.post(address, data=data), client.post(address, data=data)
    assert [(answer.status_code, answer.location) for answer in (first, twin)] == [(302, address), (302, address)]
    steps = db.session.scalar(
        sa.select(sa.func.count()).select_from(JournalEntry).filter_by(step="submit", thing="assignment")
    )
    assert steps == 1
    soup = BeautifulSoup(client.get(address).text, "html.parser")
    assert soup.select("form[data-score-sheet]") == []
    assert client.post(address, data={**data, "form_key": "two", "version": "1"}).status_code == 403


def test_sheet_saved_opens_the_next(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    half = {name: value for name, value in sheet_data(panel, then="next").items() if not name.startswith("points_r")}
    answer = visit_as(app, expert).post(f"/reviews/{bid.code}/sheet", data=half)
    assert (answer.status_code, answer.location) == (302, f"/reviews/{panel.applications[1].code}/declaration")
    assert assignment_of(bid, expert).state is AssignmentState.IN_PROGRESS


def test_draft_saved_and_two_windows(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client = visit_as(app, expert)
    draft, sheet = f"/reviews/{bid.code}/sheet/draft?lang=en", f"/reviews/{bid.code}/sheet?lang=en"
    assert client.post(draft, data=sheet_data(panel, "7")).json == {"saved_at": "10:00", "version": 1}
    second = client.post(draft, data=sheet_data(panel, "9"))
    assert second.status_code == 409
    assert second.json is not None
    assert REASON in second.json["text"]
    page = client.post(sheet, data=sheet_data(panel, "9"))
    soup = BeautifulSoup(page.text, "html.parser")
    typed = [radio["value"] for radio in soup.select(".app-score input[checked]")]
    note = soup.select_one(".app-note--bad")
    assert (page.status_code, set(typed), len(typed)) == (409, {"9"}, 7)
    assert note is not None
    assert note.get_text().count("7 of 10") == 7
    assert soup.select_one("input[name=version]")["value"] == "1"  # type: ignore[index]
    assert {score.points for score in db.session.scalars(sa.select(Score))} == {"7"}


def test_draft_refused_off_scale_late_and_after_submission(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = visit_as(app, expert), f"/reviews/{bid.code}/sheet/draft?lang=en"
    off = client.post(address, data=sheet_data(panel, "11"))
    assert (off.status_code, off.json) == (422, {"message": "Choose points from 0 to 10"})
    strange = client.post(address, data=sheet_data(panel, points_beauty="5"))
    assert strange.status_code == 422
    clock.at("2027-04-21 00:00")
    late = client.post(address, data=sheet_data(panel))
    assert (late.status_code, late.json) == (
        403,
        {"message": "The time for scoring has ended. Ask the secretary to prolong it"},
    )
    assert visit_as(app, panel.experts[1]).post("/reviews/2027-SKP-0009/sheet/draft").status_code == 404


def test_draft_saved_within_few_queries(app: Flask, clock: FrozenClock) -> None:
    """The sheet of seven criteria saves itself every few seconds, for every expert at once."""
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = visit_as(app, expert), f"/reviews/{bid.code}/sheet/draft"
    assert client.post(address, data=sheet_data(panel, "7")).status_code == 200
    assignment = assignment_of(bid, expert)
    data = sheet_data(panel, "8", version="1")
    with count_queries() as statements:
        answer = client.post(address, data=data)
    assert answer.json == {"saved_at": "10:00", "version": 2}
    assert len(statements) <= 13, str(statements)
    sheet = full_sheet(bid, "9")
    with count_queries() as statements, unit_of_work():
        services.save_review(assignment, sheet, version=2, by=expert)
    assert len(statements) <= 12, statements


def test_own_paper_is_a_pdf(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    submitted(panel.applications[0], panel.experts[0])
    answer = visit_as(app, panel.experts[0]).get(f"/reviews/{panel.applications[0].code}/sheet.pdf")
    assert (answer.content_type, answer.data[:5]) == ("application/pdf", b"%PDF-")


def test_due_lines_lead_to_the_work(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    declared(panel.applications[0], panel.experts[0])
    soup = BeautifulSoup(visit_as(app, panel.experts[0]).get("/home?lang=en").text, "html.parser")
    links = [link["href"] for link in soup.select(".app-due .go")]
    assert sorted(links) == [
        f"/reviews/{panel.applications[0].code}/sheet",
        f"/reviews/{panel.applications[1].code}/declaration",
    ]


# -- the secretary ---------------------------------------------------------------------------------------------


def test_open_scoring_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1)
    client, code = visit_as(app, panel.secretary), panel.competition.code
    refused = client.post(f"/reviews/{code}/open?lang=en")
    assert refused.status_code == 422
    assert "Assign 3 experts to each application. Too few have: 2027-SKP-0001" in refused.text
    with unit_of_work():
        for expert in panel.experts:
            services.assign(panel.applications[0], expert, panel.secretary)
    assert client.post(f"/reviews/{code}/open").location == f"/reviews/{code}/progress"
    db.session.rollback()
    assert panel.competition.state is CompetitionState.SCORING


def test_expert_added_and_taken_back_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1, experts=4)
    bid, extra = panel.applications[0], panel.experts[3]
    client, address = visit_as(app, panel.secretary), f"/reviews/{bid.code}/experts"
    assert client.post(f"{address}?lang=en", data={}).status_code == 422
    assert client.post(address, data={"expert": extra.email, "reason": "Розбіжність"}).status_code == 302
    again = client.post(f"{address}?lang=en", data={"expert": extra.email})
    assert (again.status_code, summary(again.text)) == (
        422,
        [("#expert", "This expert is assigned to this application already")],
    )
    assert db.session.scalars(sa.select(Notice.email).filter_by(template="review_assigned")).all() == [extra.email]
    code = assignment_of(bid, extra).expert_code
    assert client.post(f"{address}/{code}/take-back", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/{code}/take-back", data={"reason": "Помилка"}).status_code == 302
    assert assignment_of(bid, extra).state is AssignmentState.REMOVED


def test_candidates_with_a_tie_cannot_be_chosen(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=2)
    with unit_of_work():
        panel.experts[0].phone = "+380501110000"
    page = visit_as(app, panel.secretary).get(f"/reviews/{panel.applications[0].code}/experts?lang=en").text
    soup = BeautifulSoup(page, "html.parser")
    radios = {radio["value"]: radio.has_attr("disabled") for radio in soup.select("input[name=expert]")}
    assert radios == {panel.experts[0].email: True, panel.experts[1].email: False}
    assert "has the same phone as the applicant" in page


def test_progress_and_exports_are_the_same_rows(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    submitted(panel.applications[0], panel.experts[0])
    client, code = visit_as(app, panel.secretary), panel.competition.code
    assert "1 of 6 reviews are finished" in client.get(f"/reviews/{code}/progress?lang=en").text
    rows = json.loads(client.get(f"/reviews/{code}/progress.json").text)["rows"]
    assert sorted((row["done_count"], row["waiting_count"]) for row in rows) == [(0, 2), (0, 2), (1, 1)]
    lines = client.get(f"/reviews/{code}/missing.csv?lang=en").data.decode("utf-8-sig").splitlines()
    assert (lines[0].split(";")[0], len(lines)) == ("Application", 6)
    for suffix, head in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        assert client.get(f"/reviews/{code}/divergence.{suffix}").data.startswith(head)


def test_progress_asks_as_often_for_many_as_for_few(app: Flask, clock: FrozenClock) -> None:
    small = opened_panel(clock, applications=1)
    counts = []
    client = visit_as(app, small.secretary)
    with count_queries() as statements:
        assert client.get(f"/reviews/{small.competition.code}/progress").status_code == 200
    counts.append(len(statements))
    more = [new_person(Role.EXPERT) for _ in range(3)]
    with unit_of_work():
        for expert in more:
            services.assign(small.applications[0], expert, small.secretary)
    with count_queries() as statements:
        assert client.get(f"/reviews/{small.competition.code}/progress").status_code == 200
    counts.append(len(statements))
    assert counts[0] == counts[1]


def test_chair_reads_codes_and_changes_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1, experts=3)
    bid = panel.applications[0]
    with unit_of_work():
        panel.experts[0].full_name = "Видима Лише Секретареві"
    code = submitted(bid, panel.experts[0]).expert_code
    client, competition = visit_as(app, panel.call.chair), panel.competition.code
    pages = [client.get(f"/reviews/{bid.code}/reviews").text, client.get(f"/reviews/{competition}/progress").text]
    pages += [client.get(f"/reviews/{competition}/progress.csv").data.decode(), client.get("/reviews/desk").text]
    assert [panel.experts[0].full_name in page for page in pages] == [False] * 4
    assert [code in page for page in pages] == [True, True, True, False]
    addresses = [
        f"/reviews/{bid.code}/experts/{code}/reopen",
        f"/reviews/{bid.code}/experts",
        f"/reviews/{competition}/open",
    ]
    assert [client.post(address, data={"reason": "Так"}).status_code for address in addresses] == [403] * 3
    assert client.get(f"/reviews/{bid.code}/experts/{code}/sheet.pdf").status_code == 403


def test_withdrawn_application_leaves_the_queue(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    bid = panel.applications[0]
    with unit_of_work():
        db.session.execute(sa.update(Application).filter_by(id=bid.id).values(state=ApplicationState.WITHDRAWN))
    db.session.rollback()
    client = visit_as(app, panel.experts[0])
    assert bid.title not in client.get("/reviews").text + client.get("/home").text
    with unit_of_work():
        assert services.remind_experts(panel.competition, panel.secretary) == 3
    letter = db.session.scalars(sa.select(Notice).filter_by(template="review_reminder", email=panel.experts[0].email))
    assert "Лишилося оцінити заявок: 1." in letter.one().body


def test_reopen_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = panel.applications[0]
    code = submitted(bid, panel.experts[0]).expert_code
    client = visit_as(app, panel.secretary)
    page = client.get(f"/reviews/{bid.code}/reviews?lang=en").text
    assert panel.experts[0].full_name in page
    assert client.post(f"/reviews/{bid.code}/experts/{code}/reopen", data={}).status_code == 422
    assert client.post(f"/reviews/{bid.code}/experts/{code}/reopen", data={"reason": "Уточнити"}).status_code == 302
    assert assignment_of(bid, panel.experts[0]).state is AssignmentState.IN_PROGRESS
    assert client.get(f"/reviews/{bid.code}/experts/{code}/sheet.pdf").status_code == 200


def test_prolong_and_remind_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    client, code = visit_as(app, panel.secretary), panel.competition.code
    past = client.post(f"/reviews/{code}/prolong?lang=en", data={"until": "2027-04-01T10:00", "reason": "Свята"})
    assert (past.status_code, summary(past.text)) == (
        422,
        [("#until", "The new end of scoring must be in the future")],
    )
    assert client.post(f"/reviews/{code}/prolong", data={"until": "", "reason": ""}).status_code == 422
    good = client.post(f"/reviews/{code}/prolong", data={"until": "2027-04-25T18:00", "reason": "Свята"})
    assert good.status_code == 302
    db.session.rollback()
    assert panel.competition.scoring_until == datetime(2027, 4, 25, 18, tzinfo=product_clock.KYIV)
    assert client.post(f"/reviews/{code}/remind").status_code == 302
    again = client.post(f"/reviews/{code}/remind?lang=en")
    assert (again.status_code, "The last reminder still waits" in again.text) == (409, True)
    with unit_of_work():
        db.session.execute(sa.update(LetterBatch).filter_by(step="Reminder to the experts").values(is_set_aside=True))
    assert client.post(f"/reviews/{code}/remind").status_code == 302
    letters = db.session.scalars(
        sa.select(Notice.template).filter(Notice.template.in_(("review_prolonged", "review_reminder")))
    )
    assert sorted(letters) == ["review_prolonged"] * 3 + ["review_reminder"] * 6


def test_summary_opens_after_the_handover_with_codes_only(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = panel.applications[0]
    codes = sorted(
        submitted(bid, expert, points).expert_code for expert, points in zip(panel.experts, "789", strict=True)
    )
    client, address = visit_as(app, panel.secretary), f"/reviews/{panel.competition.code}/summary"
    assert client.get(f"{address}.json").status_code == 403
    with unit_of_work():
        advance(panel.competition, "open_decision", by=panel.secretary)
    rows = json.loads(client.get(f"{address}.json?lang=en").text)["rows"]
    assert [(row["expert_code"], row["total_text"]) for row in rows[-1:]] == [("mean", "80.00")]
    assert [row["expert_code"] for row in rows[:-1]] == codes
    assert panel.experts[0].full_name not in client.get(f"{address}.csv").data.decode()
    assert client.get(f"{address}.pdf").data[:5] == b"%PDF-"


def test_desk_and_secretary_work_list(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1)
    client, code = visit_as(app, panel.secretary), panel.competition.code
    assert f"/reviews/{code}/assignment" in client.get("/reviews/desk").text
    assert f"Assign experts: {code}" in client.get("/home?lang=en").text
    assert client.get("/reviews/2027-NIL/progress").status_code == 404


def test_application_read_by_its_expert_leads_to_no_closed_register(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = panel.applications[0]
    declared(bid, panel.experts[0])
    register = f'href="/applications/register/{panel.competition.code}"'
    address = f"/applications/{bid.code}"
    pages = [visit_as(app, one).get(address) for one in (panel.experts[0], panel.secretary)]
    assert [(page.status_code, register in page.text) for page in pages] == [(200, False), (200, True)]
