"""The panel of experts: who is asked and agrees, who does not answer, who steps down and is replaced, whose work is
certified."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock
from grants_app.database import db
from grants_app.demo.cast import DOMAIN
from grants_app.demo.scoring import TEMPER
from grants_app.demo.stage import Stage
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.models import Assignment, PanelInvitation
from grants_app.reviews.rules.invitations import agreement_digest
from grants_app.reviews.services import certificates, declaring, invitations, replacement
from grants_app.reviews.services.proposal import Addition

# The expert who finds a tie after the assignment, and the one whose work is certified.
STEPS_DOWN, CERTIFIED = "expert4", "expert"
DAYS_TO_ANSWER = 4


def invite(stage: Stage, code: str, day: date) -> None:
    """Every expert of the pool is asked and agrees; somebody from elsewhere does not answer in time."""
    stage.at(day, 10)
    until = datetime.combine(day + timedelta(days=DAYS_TO_ANSWER), time(0), tzinfo=clock.KYIV)
    pool = [f"{login}@{DOMAIN}" for login in TEMPER]
    stage.do(
        lambda: invitations.invite_from_pool(
            stage.competition(code), pool, respond_by=until, by=stage.user("secretary")
        )
    )
    stage.do(
        lambda: invitations.invite_person(
            stage.competition(code), "Гліб Деревій", f"derevii@{DOMAIN}", respond_by=until, by=stage.user("secretary")
        )
    )
    for index, login in enumerate(TEMPER):
        stage.at(day + timedelta(days=1), 9 + index)
        stage.do(partial(_accept, stage, code, login))
    stage.at(day + timedelta(days=DAYS_TO_ANSWER), 0, 1)
    stage.do(invitations.lapse_invitations)


def replace_one(stage: Stage, code: str, day: date) -> None:
    """One expert finds a tie with an applicant and steps down; the engine names who takes the place."""
    stage.at(day, 12)
    found = _first_open(stage, code, STEPS_DOWN)
    if found is None:
        return
    assignment_id, application_id = found
    stage.do(
        lambda: declaring.declare_conflict(
            db.session.get_one(Assignment, assignment_id),
            "Торік допомагав цій організації з обліком.",
            stage.user(STEPS_DOWN),
            kind="partner",
        )
    )
    chosen = replacement.replacement_for(db.session.get_one(Application, application_id))
    db.session.rollback()
    if isinstance(chosen, Addition):
        stage.do(
            lambda: replacement.replace_expert(
                db.session.get_one(Application, application_id),
                db.session.get_one(User, chosen.expert_id),
                stage.user("secretary"),
                reason="Заміна після самовідводу",
            )
        )


def doubt_one(stage: Stage, code: str, day: date) -> None:
    """One expert who has not declared yet is not sure: the chair has to decide."""
    stage.at(day, 15)
    query = (
        sa.select(Assignment)
        .where(Assignment.competition_id == stage.competition(code).id, Assignment.state == AssignmentState.PROPOSED)
        .order_by(Assignment.application_id, Assignment.expert_id)
    )

    def doubt() -> None:
        row = db.session.scalars(query.limit(1)).one()
        declaring.declare_doubt(
            row,
            "Навчалися на одному курсі з керівником організації, відтоді не спілкувалися.",
            db.session.get_one(User, row.expert_id),
        )

    stage.do(doubt)


def certify(stage: Stage, code: str, day: date) -> None:
    """An expert takes the certificate of the work done."""
    stage.at(day, 9)
    stage.do(lambda: certificates.issue(stage.competition(code), by=stage.user(CERTIFIED)))


def _accept(stage: Stage, code: str, login: str) -> None:
    person = stage.user(login)
    query = sa.select(PanelInvitation).filter_by(competition_id=stage.competition(code).id, user_id=person.id)
    invitations.accept(db.session.scalars(query).one(), agreement_digest(), by=person)


def _first_open(stage: Stage, code: str, login: str) -> tuple[int, int] | None:
    query = (
        sa.select(Assignment.id, Assignment.application_id)
        .where(
            Assignment.competition_id == stage.competition(code).id,
            Assignment.expert_id == stage.user(login).id,
            Assignment.state == AssignmentState.PROPOSED,
        )
        .order_by(Assignment.application_id)
    )
    row = db.session.execute(query.limit(1)).first()
    return None if row is None else (row[0], row[1])
