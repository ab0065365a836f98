"""The path of a decision through the pages, by the right people, and what others are told."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants_app.accounts.models import User
from grants_app.applications.models import Application, BudgetRow
from grants_app.awards.models import AgendaItem, Complaint, Meeting
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AwardState, CompetitionState, ItemState
from grants_app.permissions import Role
from scoring import verify_bundle
from tests.support.decisions import Case, add_item, decide, open_decision, open_meeting, publish
from tests.support.visitors import new_person, visit_as

BASE = "/awards/2027-TST"


def text_of(answer: TestResponse) -> str:
    """The page without its tags' attributes' escapes."""
    return answer.get_data(as_text=True)


def post(client: FlaskClient, url: str, status: int = 302, **form: str) -> TestResponse:
    """Send a form and expect the status."""
    answer = client.post(url, data=form)
    assert answer.status_code == status, text_of(answer)[-3000:]
    return answer


def test_decision_made_through_the_pages(app: Flask, case: Case) -> None:
    secretary, chair, organizer = (visit_as(app, who) for who in (case.secretary, case.chair, case.organizer))
    assert secretary.get(f"{BASE}/decision").status_code == 200
    post(secretary, f"{BASE}/open")
    assert case.codes["четверта"] in text_of(chair.get(f"{BASE}/ranking"))

    when = product_clock.kyiv(product_clock.now() + timedelta(days=6)).strftime("%Y-%m-%dT%H:%M")
    assert secretary.get(f"{BASE}/meetings/new").status_code == 200
    post(secretary, f"{BASE}/meetings/new", kind="room", scheduled_at=when, place="Зала засідань")
    meeting = db.session.scalars(sa.select(Meeting)).one()
    here = f"/awards/meetings/{meeting.code}"
    assert secretary.get(here).status_code == 200
    seats = {f"seat_{number}": "room" for number in range(1, 7)}
    post(secretary, f"{here}/attendance", **seats)
    assert secretary.get(f"{here}/items/new").status_code == 200
    post(secretary, f"{here}/items/new", kind="ranking", title="Список", draft="Затвердити.")
    post(chair, f"{here}/open")
    post(chair, f"{here}/items/1/open-vote")
    for member in case.voting:
        client = visit_as(app, member)
        assert client.get(f"{here}/items/1").status_code == 200
        post(client, f"{here}/items/1/vote", choice="for")
    assert chair.get(f"{here}/items/1/live").status_code == 200
    post(secretary, f"{here}/items/1/notes", text="Заявник відповів на питання.")
    post(chair, f"{here}/items/1/close-vote")
    assert db.session.scalars(sa.select(AgendaItem)).one().state is ItemState.ADOPTED
    assert chair.get(f"{here}/items/1").status_code == 200
    post(chair, f"{here}/close")
    post(chair, f"{here}/sign")
    post(secretary, f"{here}/sign")
    assert "Заявник відповів" in text_of(secretary.get(f"{here}/minutes"))
    assert chair.get(f"{BASE}/decision").status_code == 200
    post(chair, f"{BASE}/sign")
    assert organizer.get(f"{BASE}/publication").status_code == 200
    assert "2027-TST" in text_of(post(organizer, f"{BASE}/publication", 422, code="інший"))
    post(organizer, f"{BASE}/publication", code="2027-tst")
    assert case.competition.state is CompetitionState.PUBLISHED

    guest = visit_as(app, None)
    results = text_of(guest.get(BASE))
    assert all(case.codes[name] in results for name in case.codes)
    assert guest.get(f"{here}/minutes").status_code == 200
    bundle = json.loads(guest.get(f"{BASE}/bundle.json").get_data(as_text=True))
    assert all(check.passed for check in verify_bundle(bundle))


def test_award_answered_through_the_pages(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    head = visit_as(app, case.heads["третя"])
    url = f"/awards/decision/{case.codes['третя']}"
    page = text_of(head.get(url))
    assert "Коментар до «Проєкт третя»" in page
    assert "лише секретарю" not in page
    post(head, f"{url}/accept", 422)
    post(head, f"{url}/accept", agrees="y")
    assert case.award("третя").state is AwardState.ACCEPTED
    assert head.get(url).status_code == 200
    other = visit_as(app, case.heads["друга"])
    post(other, f"/awards/decision/{case.codes['друга']}/decline", 422, reason="")
    post(other, f"/awards/decision/{case.codes['друга']}/decline", reason="Немає команди")
    assert case.award("друга").state is AwardState.DECLINED
    assert other.get(url).status_code == 404
    chair = visit_as(app, case.chair)
    assert chair.get(f"{BASE}/reserve").status_code == 200
    post(chair, f"{BASE}/reserve/lot/release")
    assert case.award("четверта").approved_kop == 3_000_000


def test_complaint_through_the_pages(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    head = visit_as(app, case.heads["п’ята"])
    url = f"/awards/decision/{case.codes['п’ята']}"
    assert head.get(url).status_code == 200
    post(head, f"{url}/complaint", 422, text="")
    post(head, f"{url}/complaint", text="Не враховано лист партнера")
    complaint = db.session.scalars(sa.select(Complaint)).one()
    there = f"/awards/complaints/{complaint.code}"
    assert head.get(there).status_code == 200
    secretary, organizer = visit_as(app, case.secretary), visit_as(app, case.organizer)
    assert secretary.get("/awards/complaints").status_code == 200
    post(secretary, f"{there}/register")
    assert organizer.get(there).status_code == 200
    post(organizer, f"{there}/decide", 422, verdict="reject", answer="")
    post(organizer, f"{there}/decide", verdict="reject", answer="Лист надійшов після строку")
    assert "після строку" in text_of(head.get(there))
    assert visit_as(app, case.heads["перша"]).get(there).status_code == 404


@pytest.mark.parametrize("name", ["ranking", "winners", "reserve"])
@pytest.mark.parametrize("suffix", ["json", "csv", "xlsx", "pdf"])
def test_lists_leave_in_every_form(app: Flask, case: Case, name: str, suffix: str) -> None:
    open_decision(case)
    answer = visit_as(app, case.secretary).get(f"{BASE}/{name}.{suffix}")
    assert answer.status_code == 200
    assert len(answer.data) > 100


def test_ranking_file_holds_what_the_screen_shows(app: Flask, case: Case) -> None:
    open_decision(case)
    client = visit_as(app, case.secretary)
    rows = json.loads(client.get(f"{BASE}/ranking.json?state=money").data)["rows"]
    assert [row["code"] for row in rows] == [case.codes[name] for name in ("перша", "друга", "третя")]
    assert [row["running_kop"] for row in rows] == [4_000_000, 8_000_000, 10_000_000]
    page = text_of(client.get(f"{BASE}/ranking?state=money"))
    assert [f"Проєкт {name}" in page for name in case.codes] == [True, True, True, False, False]


def test_papers_drawn(app: Flask, case: Case) -> None:
    meeting = decide(case)
    client = visit_as(app, case.secretary)
    for url in (f"{BASE}/score-sheets.pdf", f"/awards/meetings/{meeting.code}/minutes.pdf"):
        answer = client.get(url)
        assert answer.data[:5] == b"%PDF-"


def test_other_sum_through_the_page(app: Flask, case: Case) -> None:
    open_decision(case)
    chair = visit_as(app, case.chair)
    url = f"{BASE}/ranking/{case.codes['перша']}"
    assert chair.get(url).status_code == 200
    page = text_of(post(chair, f"{url}/amount", 422, amount="40 000,01", reason="більше"))
    assert "40 000,01" in page
    post(chair, f"{url}/amount", 422, amount="35 000", reason="")
    post(chair, f"{url}/amount", amount="35 000", reason="Без обладнання")
    assert case.award("перша").proposed_kop == 3_500_000
    assert "Без обладнання" in text_of(chair.get(f"{BASE}/ranking"))


def test_nothing_of_the_decision_is_open_before_publication(app: Flask, case: Case) -> None:
    decide(case)
    meeting = db.session.scalars(sa.select(Meeting)).one()
    private = [
        f"{BASE}/winners",
        f"{BASE}/winners.json",
        f"{BASE}/reserve",
        f"{BASE}/reserve.csv",
        f"{BASE}/bundle.json",
        f"{BASE}/minutes",
        f"{BASE}/score-sheets.pdf",
        f"/awards/meetings/{meeting.code}/minutes",
        f"/awards/meetings/{meeting.code}/minutes.pdf",
    ]
    desk = [f"{BASE}/ranking", f"{BASE}/ranking.json", f"{BASE}/decision", f"{BASE}/meetings", f"{BASE}/publication"]
    stranger = new_person(Role.COMMISSION_MEMBER)  # sits in another commission
    outsiders: list[User | None] = [
        None,
        new_person(Role.ADMIN),
        new_person(Role.EXPERT),
        case.heads["перша"],
        stranger,
    ]
    for person in outsiders:
        client = visit_as(app, person)
        assert {url: client.get(url).status_code for url in private} == dict.fromkeys(private, 404)
        refused = [client.get(url).status_code for url in desk]
        assert set(refused) <= {302, 403, 404}
        awaited = client.get(BASE)
        assert awaited.status_code == 200
        assert [code in text_of(awaited) for code in case.codes.values()] == [False] * 5
    decision = visit_as(app, case.heads["перша"]).get(f"/awards/decision/{case.codes['перша']}")
    assert decision.status_code == 404


def test_sum_is_decided_beside_what_the_applicant_gives_up(app: Flask, case: Case) -> None:
    """The smallest useful amount says how much would do; its lines say what is done without."""
    open_decision(case)
    bid = case.application("третя")
    with unit_of_work():
        bid = db.session.get_one(Application, bid.id)
        bid.smallest_kop = 2_500_000
        for position, (item, least_kop) in enumerate((("Тренерки", None), ("Друк", 0), ("Оренда", 500_000))):
            bid.budget_rows.append(
                BudgetRow(
                    position=position, category="services", item=item, qty_milli=1_000, price_kop=1_000_000,
                    total_kop=1_000_000, city_kop=1_000_000, least_kop=least_kop,
                )
            )  # fmt: skip
    meeting = open_meeting(case)
    item = add_item(case, meeting, kind="award", award=case.award("третя"))
    pages = [
        visit_as(app, case.members[0]).get(f"/awards/meetings/{meeting.code}/items/{item.number}"),
        visit_as(app, case.secretary).get(f"{BASE}/ranking/{case.codes['третя']}"),
    ]
    for page in pages:
        told = text_of(page).replace("\N{NO-BREAK SPACE}", " ")
        assert re.findall(r"<li>(Рядок [^<]+)</li>", told) == [
            "Рядок 2, Друк: відпадає, 10 000 грн", "Рядок 3, Оренда: на 5 000 грн менше"
        ]  # fmt: skip


def test_applicant_reads_whose_turn_it_is(app: Flask, case: Case) -> None:
    client, address = visit_as(app, case.heads["перша"]), f"/applications/{case.codes['перша']}"

    def now() -> str:
        return client.get(f"{address}?lang=en").text.split('aria-current="step"')[1].split("</b>")[0].split(">")[-1]

    assert now() == "Experts score"
    open_decision(case)
    assert now() == "The commission decides"
