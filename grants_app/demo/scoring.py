"""Experts: the balanced assignment, declarations, marks that differ as people differ."""

from __future__ import annotations

import random
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.database import db
from grants_app.demo.cast import DOMAIN
from grants_app.demo.projects import PROJECTS
from grants_app.demo.stage import Stage
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.models import Assignment
from grants_app.reviews.rules import SheetInput
from grants_app.reviews.services import assigning, declaring, opening, scoring
from grants_app.reviews.services.proposal import Proposal

STRENGTH = {project.title: project.strength for project in PROJECTS}
TEMPER = {
    "expert": 0,
    "expert2": -1,
    "expert3": 1,
    "expert4": 0,
    "expert5": 1,
    "expert6": -2,
    "expert7": 0,
    "expert8": 0,
}


def open_scoring(stage: Stage, code: str, day: date) -> None:
    """The secretary has the engine propose, confirms the proposal, opens the scoring."""
    stage.at(day, 11)
    proposal = assigning.propose_assignment(stage.competition(code))
    db.session.rollback()
    if not isinstance(proposal, Proposal):
        raise RuntimeError(f"{code}: the demo has too few experts: {proposal}")
    stage.do(lambda: assigning.apply_assignment(stage.competition(code), proposal, by=stage.user("secretary")))
    stage.do(lambda: opening.open_review(stage.competition(code), by=stage.user("secretary")))


def score(stage: Stage, code: str, first_day: date, days: int, *, is_under_way: bool = False) -> None:
    """Experts declare and score over the days; while it is under way each has still one application before them."""
    rows = _assignments(stage, code)
    last_of = {login: index for index, (_, login, _) in enumerate(rows)} if is_under_way else {}
    for index, (assignment_id, login, title) in enumerate(rows):
        stage.at(first_day + timedelta(days=index * days // len(rows)), 9 + index % 10, index * 11 % 60)
        is_left = last_of.get(login) == index
        if not is_left or index % 2:
            _declare(stage, assignment_id, login)
        if not is_left:
            _score_one(stage, assignment_id, login, title)
    stage.say(f"{code}: reviews")


def _declare(stage: Stage, assignment_id: int, login: str) -> None:
    stage.do(lambda: declaring.declare_impartial(_assignment(assignment_id), by=stage.user(login)))


def _score_one(stage: Stage, assignment_id: int, login: str, title: str) -> None:
    chance = random.Random(f"{title}/{login}")

    def submit() -> None:
        assignment = _assignment(assignment_id)
        points, reasons = {}, {}
        for criterion in assignment.application.competition.criteria:
            mark = STRENGTH.get(title, 6) + TEMPER[login] + chance.choice((-1, 0, 0, 0, 1))
            points[criterion.code] = str(max(int(criterion.minimum), min(int(criterion.maximum), mark)))
            reasons[criterion.code] = _reason(mark)
        asked = assignment.application.requested_kop
        is_good = STRENGTH.get(title, 6) >= 6
        sheet = SheetInput(
            points=points,
            reasons=reasons,
            recommendation="fund" if is_good else "refuse",
            recommended_kop=asked if is_good else 0,
            comment_applicant="Додайте до показників, як виміряєте зміни через пів року.",
            comment_secretary="",
        )
        scoring.submit_review(assignment, sheet, version=0, by=stage.user(login))

    stage.do(submit)


def _reason(mark: int) -> str:
    if mark >= 9:
        return "Усе потрібне описано, підтверджено цифрами й узгоджено з кошторисом."
    if mark >= 6:
        return "Загалом переконливо, є незначні зауваги до строків і показників."
    if mark >= 3:
        return "Є суттєві прогалини: не показано, як виміряти зміни для людей."
    return "Критерій майже не розкрито, даних для оцінки замало."


def _assignments(stage: Stage, code: str) -> list[tuple[int, str, str]]:
    query = (
        sa.select(Assignment.id, User.email, Application.title)
        .join(Application, Assignment.application_id == Application.id)
        .join(User, Assignment.expert_id == User.id)
        .where(Assignment.competition_id == stage.competition(code).id, Assignment.state == AssignmentState.PROPOSED)
        .order_by(Application.register_number, User.id)
    )
    return [(row_id, email.removesuffix(f"@{DOMAIN}"), title) for row_id, email, title in db.session.execute(query)]


def _assignment(assignment_id: int) -> Assignment:
    query = sa.select(Assignment).filter_by(id=assignment_id).options(joinedload(Assignment.application))
    return db.session.scalars(query).one()
