"""Experts who diverge talk it over before the commission gets their marks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import partial

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.database import db
from grants_app.demo.stage import Stage
from grants_app.lifecycle import AssignmentState, DiscussionState
from grants_app.reviews.models import Assignment, Discussion
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.services import discussion, leaving

_QUESTION = "@{other}, у мене нижчий бал за показники: не видно, як їх виміряють. Де ви це побачили?"
_ANSWER = "У плані заходів названо анкету до і після, але без цільового значення. Свій бал лишаю, зауваження підтримую."
_OUTCOME = "Експерти пояснили розбіжність: інакше прочитано показники. Бали лишаються, середній бал чинний."


def discuss(stage: Stage, code: str, day: date, *, is_under_way: bool = False) -> None:
    """Every open discussion gets a question and an answer; while it is under way it is left open."""
    stage.at(day, 10)
    if is_under_way and not _open(stage, code):
        stage.do(partial(_ask_for_one, stage, code))
    for index, (discussion_id, application_id) in enumerate(_open(stage, code)):
        stage.at(day, 10, min(index, 59))
        panel = _panel(application_id)
        for assignment_id, login, _expert in panel:
            stage.do(partial(_open_others, stage, assignment_id, login))
        (_, asks, _), (_, answers, other) = panel[0], panel[1]
        question = _QUESTION.format(other=other)
        stage.do(partial(_say, stage, discussion_id, question, asks))
        if is_under_way:
            continue
        stage.do(partial(_say, stage, discussion_id, _ANSWER, answers))
        stage.do(partial(_close, stage, discussion_id))
    stage.say(f"{code}: discussions")


def _ask_for_one(stage: Stage, code: str) -> None:
    """Nobody diverges: the secretary asks the experts whose reviews stand farthest apart."""
    spreads = threads.spreads(stage.competition(code)).values()
    widest = max(spreads, key=lambda one: (Fraction(one.spread_text), one.application_code))
    application = db.session.get_one(Application, widest.application_id)
    discussion.open_discussion(application, stage.user("secretary"))


def _open_others(stage: Stage, key: int, login: str) -> None:
    leaving.open_others(_assignment(key), stage.user(login))


def _close(stage: Stage, key: int) -> None:
    discussion.close_discussion(_thread(key), _OUTCOME, stage.user("secretary"))


def _say(stage: Stage, key: int, text: str, login: str) -> None:
    discussion.say(_thread(key), text, "panel", stage.user(login))


def _open(stage: Stage, code: str) -> list[tuple[int, int]]:
    query = (
        sa.select(Discussion.id, Discussion.application_id)
        .join(Application, Application.id == Discussion.application_id)
        .where(
            Discussion.competition_id == stage.competition(code).id,
            Discussion.state == DiscussionState.OPEN,
        )
        .order_by(Application.register_number)
    )
    return [(row.id, row.application_id) for row in db.session.execute(query)]


def _panel(application_id: int) -> list[tuple[int, str, str]]:
    """Those who have submitted: assignment, login, code."""
    query = (
        sa.select(Assignment)
        .where(Assignment.application_id == application_id, Assignment.state == AssignmentState.DONE)
        .order_by(Assignment.expert_code)
    )
    return [
        (one.id, one.expert.email.partition("@")[0], one.expert_code)
        for one in db.session.scalars(query)
        if one.expert is not None
    ]


def _thread(key: int) -> Discussion:
    return db.session.get_one(Discussion, key)


def _assignment(key: int) -> Assignment:
    return db.session.get_one(Assignment, key)
