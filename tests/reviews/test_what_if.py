"""What marks of experts with a conflict did to the list: for the chair and the secretary, after the handover."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.worker import work_off
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment, Conflict
from tests.support.decisions import Bid, Case, open_decision, rules_of, scored_competition
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

PAGE = "/reviews/2027-TST/conflicts/what-if"


@pytest.fixture
def case(app: Flask, clock: FrozenClock) -> Case:
    """Money for two of five; the expert E1 gives a friend's application far more than the others do."""
    bids = [
        Bid("перша", 1_000_000, {"E1": "9", "E2": "9", "E3": "8"}),
        Bid("друга", 1_000_001, {"E1": "8", "E2": "8", "E3": "7"}),
        Bid("подруги", 1_000_002, {"E1": "10", "E2": "7", "E3": "7"}),
        Bid("четверта", 1_000_003, {"E1": "7", "E2": "7", "E3": "6"}),
        Bid("п’ята", 1_000_004, {"E1": "6", "E2": "5", "E3": "5"}),
    ]
    return scored_competition(bids, rules_of({"lot": 2_000_010}), experts=3)


def with_conflict(case: Case) -> User:
    """A line of the register, open, about the expert behind E1 and the friend's application."""
    expert = new_person(Role.EXPERT)
    with unit_of_work():
        for assignment in db.session.scalars(sa.select(Assignment).filter_by(expert_code="E1")):
            assignment.expert_id = expert.id
        application = db.session.scalars(sa.select(Application).filter_by(code=case.codes["подруги"])).one()
        db.session.add(
            Conflict(
                competition_id=case.competition.id, application_id=application.id, person_id=expert.id, level="review",
                source="raised", kind="other", raised_at=product_clock.now(),
            )
        )  # fmt: skip
    return expert


def text_of(answer) -> str:  # type: ignore[no-untyped-def]
    found = BeautifulSoup(answer.get_data(as_text=True), "html.parser").main
    assert found is not None
    return " ".join(found.get_text(" ").split())


def test_list_without_the_marks_says_who_enters_and_who_leaves(app: Flask, case: Case) -> None:
    with_conflict(case)
    open_decision(case)
    assert work_off(app) > 0
    page = visit_as(app, case.chair).get(PAGE)
    table = BeautifulSoup(page.get_data(as_text=True), "html.parser").select_one("section[aria-labelledby=lists] tbody")
    assert table is not None
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")]
    enter, leave = case.codes["друга"], case.codes["подруги"]
    assert rows == [["E1", enter, leave], ["Усіх разом", enter, leave]]
    text = text_of(page)
    assert "2 → 3" in text
    assert "З коштами → Без коштів" in text
    assert "перестановок (p = " in text


def test_comparison_waits_for_the_handover_and_opens_to_two_roles(app: Flask, case: Case) -> None:
    expert = with_conflict(case)
    early = visit_as(app, case.secretary).get(PAGE)
    assert early.status_code == 403
    assert "порівнюють, коли оцінювання передано комісії" in early.get_data(as_text=True)
    open_decision(case)
    assert work_off(app) > 0
    people = {
        "chair": (case.chair, 200), "secretary": (case.secretary, 200), "member": (case.members[0], 403),
        "organizer": (case.organizer, 403), "expert": (expert, 403), "auditor": (new_person(Role.AUDITOR), 403),
    }  # fmt: skip
    found = {name: visit_as(app, person).get(PAGE).status_code for name, (person, _) in people.items()}
    assert found == {name: status for name, (_, status) in people.items()}
    for page in ("/reviews/2027-TST/advice", "/reviews/2027-TST/conflicts"):
        assert "Порівняти списки" in text_of(visit_as(app, case.secretary).get(page))


def test_competition_without_conflicts_says_so(app: Flask, case: Case) -> None:
    open_decision(case)
    assert work_off(app) > 0
    assert "Жоден експерт із конфліктом у реєстрі не має оцінок" in text_of(visit_as(app, case.chair).get(PAGE))
