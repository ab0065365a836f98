"""The commission: ranking, meeting with votes by name, minutes, signed decision, publication, answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial

import sqlalchemy as sa

from grants_app.awards.models import AgendaItem, Award, Meeting
from grants_app.awards.services import answers, decision, meeting, minutes, publication, ranking
from grants_app.core import clock
from grants_app.database import db
from grants_app.demo.cast import COMMISSION
from grants_app.demo.intake import head_login
from grants_app.demo.stage import Stage
from grants_app.lifecycle import AwardState


def decide(stage: Stage, code: str, handed_over: date, meets_on: date, published_on: date) -> None:
    """From the handing over to publication."""
    conclude(stage, code, prepare(stage, code, handed_over, meets_on), meets_on, published_on)


def prepare(stage: Stage, code: str, handed_over: date, meets_on: date) -> str:
    """The ranking is made, the meeting planned with its one question; the code of the meeting."""
    stage.at(handed_over, 12)
    stage.do(lambda: ranking.open_decision(stage.competition(code), by=stage.user("secretary")))
    scheduled = datetime.combine(meets_on, time(14), tzinfo=clock.KYIV)
    plan = stage.do(
        lambda: (
            meeting.plan_meeting(
                stage.competition(code),
                kind="mixed",
                scheduled_at=scheduled,
                place="Мала зала, пл. Вигадана, 1",
                link="https://meet.demo.example/commission",
                by=stage.user("secretary"),
            ).code
        )
    )
    stage.do(
        lambda: meeting.add_item(
            _meeting(plan),
            kind="ranking",
            title="Про розподіл коштів конкурсу",
            draft="Профінансувати проєкти за рейтинговим списком у межах коштів лотів.",
            by=stage.user("secretary"),
        )
    )
    return plan


def conclude(stage: Stage, code: str, plan: str, meets_on: date, published_on: date) -> None:
    """The meeting is held, the decision signed and published."""
    hold(stage, plan, meets_on)
    stage.at(meets_on, 17)
    stage.do(lambda: decision.sign_decision(stage.competition(code), by=stage.user("chair")))
    stage.at(published_on, 10)
    stage.do(lambda: publication.publish(stage.competition(code), typed_code=code, by=stage.user("organizer")))
    stage.say(f"{code}: decided and published")


def hold(stage: Stage, code: str, day: date, *, hour: int = 14) -> None:
    """The meeting: who is here, a vote by name on every question, the minutes with both signatures."""
    stage.at(day, hour)
    present = {
        stage.user(person.login).id: "online" if person.login == "member3" else "room"
        for person in COMMISSION
        if person.login != "member5"
    }
    present[stage.user("secretary").id] = "room"
    stage.do(lambda: meeting.mark_attendance(_meeting(code), present, by=stage.user("secretary")))
    stage.do(lambda: meeting.open_meeting(_meeting(code), by=stage.user("chair")))
    stage.at(day, hour, 30)
    for number in range(len(_meeting(code).items)):
        stage.do(partial(_chair, stage, meeting.open_vote, code, number))
        for person in COMMISSION:
            if person.login != "member5":
                choice = "abstain" if person.login == "member4" else "for"
                stage.do(partial(meeting.cast_vote, _item(code, number), choice, by=stage.user(person.login)))
        stage.do(partial(_chair, stage, meeting.close_vote, code, number))
    stage.at(day, hour + 1, 30)
    stage.do(lambda: minutes.close_meeting(_meeting(code), by=stage.user("chair")))
    stage.do(lambda: minutes.sign_minutes(_meeting(code), by=stage.user("chair")))
    stage.do(lambda: minutes.sign_minutes(_meeting(code), by=stage.user("secretary")))


def _chair(stage: Stage, step: Callable[..., None], code: str, number: int) -> None:
    step(_item(code, number), by=stage.user("chair"))


def accept_all(stage: Stage, code: str, day: date) -> None:
    """The winners accept, all but the last one, who still thinks."""
    stage.at(day, 12)
    query = (
        sa.select(Award.id)
        .where(Award.competition_id == stage.competition(code).id, Award.state == AwardState.APPROVED)
        .order_by(Award.position)
    )
    for award_id in list(db.session.scalars(query))[:-1]:

        def accept(award_id: int = award_id) -> None:
            award = db.session.get_one(Award, award_id)
            assert award.application.organisation_id is not None
            head = stage.user(head_login(award.application.organisation_id))
            answers.accept_award(award, agrees_to_smaller=True, by=head)

        stage.do(accept)


def _meeting(code: str) -> Meeting:
    return db.session.scalars(sa.select(Meeting).filter_by(code=code)).one()


def _item(code: str, number: int) -> AgendaItem:
    query = sa.select(AgendaItem).filter(AgendaItem.meeting.has(code=code)).order_by(AgendaItem.number)
    return list(db.session.scalars(query))[number]
