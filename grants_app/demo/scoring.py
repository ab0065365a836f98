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
from grants_app.reviews.queries import reading_of, sentences_of
from grants_app.reviews.rules import LineInput, SheetInput
from grants_app.reviews.services import assigning, declaring, evidence, opening, scoring
from grants_app.reviews.services.proposal import Proposal

STRENGTH = {project.title: project.strength for project in PROJECTS}
SHORTEST_QUOTE = 40  # a name or a date says nothing as evidence
DEAREST_KOP = 500_000
SHARE_OF_CUTS = 0.2
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
    # Every other of those left is declared already; the first never, so that somebody can still doubt.
    opened = set(sorted(last_of.values())[1::2])
    for index, (assignment_id, login, title) in enumerate(rows):
        stage.at(first_day + timedelta(days=index * days // len(rows)), 9 + index % 10, index * 11 % 60)
        is_left = last_of.get(login) == index
        if not is_left or index in opened:
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
        lines = _cuts(assignment.application, chance) if is_good else {}
        wish = "partly" if lines else "fund"
        sheet = SheetInput(
            points=points,
            reasons=reasons,
            recommendation=wish if is_good else "refuse",
            recommended_kop=asked if is_good and not lines else None,
            lines=lines,
            comment_applicant="Додайте до показників, як виміряєте зміни через пів року.",
            comment_secretary="",
        )
        _mark_words(assignment, chance, stage.user(login))
        scoring.submit_review(assignment, sheet, version=0, by=stage.user(login))

    stage.do(submit)


def _mark_words(assignment: Assignment, chance: random.Random, by: User) -> None:
    """Most experts attach a sentence of the application to a criterion or two."""
    found = [(code, text) for code, _label, texts in sentences_of(reading_of(assignment.application)) for text in texts]
    for criterion in chance.sample(assignment.application.competition.criteria, k=2):
        code, text = chance.choice(found)
        if len(text) > SHORTEST_QUOTE:
            evidence.mark_evidence(assignment, evidence.Quote(text, code), criterion=criterion.code, by=by)


def _cuts(application: Application, chance: random.Random) -> dict[int, LineInput]:
    """Now and then an expert would leave less of one line, with the reason."""
    wanted = [
        (number, row) for number, row in enumerate(application.budget_rows, start=1) if row.city_kop > DEAREST_KOP
    ]
    if not wanted or chance.random() > SHARE_OF_CUTS:
        return {}
    number, row = chance.choice(wanted)
    left = row.city_kop * 3 // 4 // 10_000 * 10_000
    return {number: LineInput(left, "Подібні послуги у місті коштують на чверть дешевше, пропозиції не додано.")}


def _reason(mark: int) -> str:
    if mark >= 9:
        return "Усе потрібне описано, підтверджено даними й узгоджено з кошторисом."
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
