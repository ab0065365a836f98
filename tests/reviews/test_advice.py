"""The advisory page of the secretary, and severity: for the secretary and for each expert about themselves."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.awards.services import open_decision
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Job
from grants_app.journal.worker import work_off
from grants_app.permissions import Role
from grants_app.reviews.documents.advice import criterion_rows
from grants_app.reviews.models import AdviceReport, Assignment
from grants_app.reviews.queries.advice import KIND
from grants_app.reviews.services.scoring import reopen_review
from tests.support.panel import Panel, assignment_of, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CODE = "2027-SKP"
PAGE = f"/reviews/{CODE}/advice"
REASON = "Описка в балах."


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """Five applications; the second expert gives three points less than the first on everything; one scores nothing."""
    made = opened_panel(clock, applications=5, experts=4)
    for worth, application in enumerate(made.applications, 3):
        submitted(application, made.experts[0], str(worth + 1))
        submitted(application, made.experts[1], str(worth - 2))
        submitted(application, made.experts[2], str(worth + worth % 2))
    return made


def press(client, path: str = PAGE):  # type: ignore[no-untyped-def]
    """Press «Порахувати довідкові показники» on the page as it is rendered."""
    page = BeautifulSoup(client.get(path).get_data(as_text=True), "html.parser")
    form = next(form for form in page.select("form") if str(form.get("action", "")).endswith(path))
    return client.post(path, data={field["name"]: field["value"] for field in form.select("input")})


def done(app: Flask) -> None:
    assert work_off(app) > 0
    db.session.rollback()


def text_of(answer) -> str:  # type: ignore[no-untyped-def]
    found = BeautifulSoup(answer.get_data(as_text=True), "html.parser").main
    assert found is not None
    return " ".join(found.get_text(" ").split())


def handed_over(app: Flask, panel: Panel) -> None:
    with unit_of_work():
        open_decision(db.session.get_one(Competition, panel.competition.id), by=panel.secretary)
    done(app)


def seated(panel: Panel) -> User:
    """A member of the commission of this competition."""
    member = new_person(Role.COMMISSION_MEMBER)
    with unit_of_work():
        seat = CommissionSeat(competition_id=panel.competition.id, user_id=member.id, office="member")
        db.session.add(seat)
    return member


def test_during_scoring_only_agreement_is_computed(app: Flask, panel: Panel) -> None:
    client = visit_as(app, panel.secretary)
    assert "Ще нічого не пораховано" in text_of(client.get(PAGE))
    assert press(client).status_code == 302
    assert "Обчислення в черзі" in text_of(client.get(PAGE))
    assert press(client).status_code == 302
    assert db.session.scalar(sa.select(sa.func.count()).filter(Job.kind == KIND)) == 1
    done(app)
    report = db.session.scalars(sa.select(AdviceReport)).one()
    assert (report.stage, sorted(json.loads(report.content)), report.zone) == ("scoring", ["agreement", "totals"], [])
    text = text_of(client.get(PAGE))
    assert "Експерти розходяться" in text
    assert "не змінюють місця" in text
    assert "W Кендалла" in text
    assert "експерти розходяться помірно" in text
    assert [word for word in ("Суворість", "Ймовірність", "Очікуване місце", "З поправкою") if word in text] == []
    rows = client.get(f"{PAGE}.json").get_json()["rows"]
    assert {tuple(sorted(row)) for row in rows} == {("code", "count", "deviation", "spread", "title", "words")}
    assert [row["spread"] for row in rows] == sorted((row["spread"] for row in rows), key=float, reverse=True)


def test_agreement_by_criterion_stands_in_the_order_of_the_call(app: Flask) -> None:
    part = {"by_criterion": {"budget": {"icc1": 0.5}, "need": {"icc1": 0.25}}}
    with app.test_request_context("/?lang=en"):
        rows = criterion_rows(part, {"need": "Need", "budget": "Budget", "unmarked": "Nobody marked it"})
    assert rows == [("Need", "–", "–", "0.25"), ("Budget", "–", "–", "0.50")]


def test_changed_marks_make_the_figures_stale(app: Flask, panel: Panel) -> None:
    client = visit_as(app, panel.secretary)
    press(client)
    done(app)
    assert "оцінки змінилися" not in text_of(client.get(PAGE))
    application, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        reopen_review(assignment_of(application, expert), REASON, panel.secretary)
    assert "оцінки змінилися" in text_of(client.get(PAGE))
    assert press(client).status_code == 302
    done(app)
    assert "оцінки змінилися" not in text_of(client.get(PAGE))


def test_page_is_closed_to_experts_members_and_applicants_during_scoring(app: Flask, panel: Panel) -> None:
    member = seated(panel)
    scoring_secretary = panel.secretary
    people = {
        "secretary": (scoring_secretary, 200),
        "expert": (panel.experts[0], 403),
        "member before the handover": (member, 403),
        "applicant": (panel.heads[0], 403),
        "member of another commission": (new_person(Role.COMMISSION_MEMBER), 404),
        "administrator": (new_person(Role.ADMIN), 403),
        "auditor": (new_person(Role.AUDITOR), 403),
    }
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}/progress"):
        found = {name: visit_as(app, person).get(path).status_code for name, (person, _) in people.items()}
        assert found == {name: status for name, (_, status) in people.items()}, path


def test_person_who_still_scores_reads_nothing(app: Flask, panel: Panel) -> None:
    """A secretary who was made an expert of this very competition loses the page while scoring lasts."""
    with unit_of_work():
        db.session.add(
            Assignment(
                competition_id=panel.competition.id,
                application_id=panel.applications[0].id,
                expert_id=panel.secretary.id,
                expert_code="E9",
                assigned_at=panel.applications[0].created_at,
            )
        )
    answer = visit_as(app, panel.secretary).get(PAGE)
    assert answer.status_code == 403
    assert "Ви самі оцінюєте заявки цього конкурсу" in answer.get_data(as_text=True)


def severities(app: Flask) -> dict[str, str]:
    """What the engine said of each expert, as pages print it."""
    content = json.loads(db.session.scalars(sa.select(AdviceReport)).one().content)
    return {
        row["expert"]: f"{row['severity']:+.2f}".replace(".", ",").replace("-", "−")
        for row in content["calibration"]["experts"]
    }


def test_severity_is_read_by_the_secretary_and_by_that_expert_alone(app: Flask, panel: Panel) -> None:
    handed_over(app, panel)
    figures = severities(app)
    assert len(set(figures.values())) == 3
    codes = {
        expert.id: db.session.scalars(sa.select(Assignment.expert_code).filter_by(expert_id=expert.id)).first()
        for expert in panel.experts[:3]
    }
    whole = text_of(visit_as(app, panel.secretary).get(PAGE))
    assert [figure in whole for figure in figures.values()] == [True] * 3
    for expert in panel.experts[:3]:
        own = text_of(visit_as(app, expert).get(f"/reviews/{CODE}/severity"))
        told = {code: figure in own for code, figure in figures.items()}
        assert told == {code: code == codes[expert.id] for code in figures}
    member = seated(panel)
    chair = panel.call.chair
    pages = [
        PAGE, f"{PAGE}.json", f"{PAGE}.csv", f"/awards/{CODE}/stability", f"/awards/{CODE}/stability.json",
        f"/awards/{CODE}/stability.csv", f"/awards/{CODE}/ranking", f"/awards/{CODE}/ranking.json",
        f"/reviews/{CODE}/summary.json", f"/reviews/{CODE}/progress", f"/reviews/{CODE}/severity",
    ]  # fmt: skip
    for person in (member, chair, panel.experts[3], panel.heads[0]):
        for path in pages:
            answer = visit_as(app, person).get(path)
            shown = answer.get_data(as_text=True).replace("&minus;", "−")
            assert [figure for figure in figures.values() if figure in shown] == [], (person.roles, path)
    # In files of the secretary neither: severity leaves in none.
    for path in (f"{PAGE}.json", f"{PAGE}.csv", f"/awards/{CODE}/stability.json"):
        shown = visit_as(app, panel.secretary).get(path).get_data(as_text=True)
        assert [one for one in figures.values() if one in shown or one.replace(",", ".") in shown] == []


def test_own_severity_waits_for_the_handover(app: Flask, panel: Panel) -> None:
    client = visit_as(app, panel.experts[0])
    address = f"/reviews/{CODE}/severity"
    assert "Вашу суворість буде показано, коли оцінювання передадуть комісії" in text_of(client.get(address))
    assert visit_as(app, panel.experts[3]).get(address).status_code == 404
    handed_over(app, panel)
    assert "Суворість, балів" in text_of(client.get(address))
    assert "Моя суворість" in text_of(client.get("/home"))


def test_severity_names_the_strict_one(app: Flask, panel: Panel) -> None:
    handed_over(app, panel)
    strict = text_of(visit_as(app, panel.experts[1]).get(f"/reviews/{CODE}/severity"))
    other = text_of(visit_as(app, panel.experts[0]).get(f"/reviews/{CODE}/severity"))
    assert "Суворіше за інших" in strict
    assert "Не відрізняється від інших: інтервал містить нуль" in other


def test_report_of_scoring_never_replaces_that_of_the_decision(app: Flask, panel: Panel) -> None:
    from grants_app.journal.jobs import JobRun
    from grants_app.reviews.services.advice import _store

    handed_over(app, panel)
    before = db.session.scalars(sa.select(AdviceReport)).one().content
    run = JobRun("x", {"competition": CODE, "stage": "scoring"}, None)
    _store(run, "scoring", "sha256:other", {"agreement": {}, "totals": {}})
    db.session.expire_all()
    report = db.session.scalars(sa.select(AdviceReport)).one()
    assert (report.stage, report.content) == ("decision", before)


def test_asking_is_refused_by_the_service_itself(app: Flask, panel: Panel) -> None:
    from grants_app.core.errors import NotAllowed
    from grants_app.reviews.services.advice import ask_for_advice

    with pytest.raises(NotAllowed), unit_of_work():
        ask_for_advice(panel.competition, by=panel.experts[0])
    assert db.session.scalar(sa.select(sa.func.count()).filter(Job.kind == KIND)) == 0
