"""Meetings and votes: quorum, casting, recusal, minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Meeting, Minutes, Vote
from grants_app.awards.queries.meeting import item_view, minutes_for
from grants_app.awards.queries.voting import quorum_of
from grants_app.core.errors import NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import (
    ItemState,
    MeetingState,
)
from tests.support.decisions import (
    Case,
    add_item,
    finish_meeting,
    open_decision,
    open_meeting,
    vote,
)
from tests.support.time import FrozenClock


def test_meeting_numbers_without_gaps(app: Flask, case: Case, clock: FrozenClock) -> None:
    for _ in range(3):
        with unit_of_work():
            services.plan_meeting(
                case.competition, kind="online", scheduled_at=clock.now + timedelta(days=7), link="зустріч",
                by=case.secretary,
            )  # fmt: skip
    assert list(db.session.scalars(sa.select(Meeting.number).order_by(Meeting.number))) == [1, 2, 3]
    assert db.session.scalar(sa.select(sa.func.count()).filter(Notice.template == "meeting_planned")) == 18


def test_meeting_without_quorum_not_opened(app: Flask, case: Case) -> None:
    with pytest.raises(NotAllowed):
        open_meeting(case, present=[case.chair, case.deputy, case.members[0]])
    meeting = db.session.scalars(sa.select(Meeting)).one()
    assert meeting.state is MeetingState.PLANNED
    assert (quorum_of(meeting).present, quorum_of(meeting).needed) == (3, 4)


def test_vote_counts_once_and_may_change(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    vote(case, item, close=False)
    for choice in ("against", "against", "for"):
        with unit_of_work():
            services.cast_vote(item, choice, by=case.members[0])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 5
    with unit_of_work():
        services.close_vote(item, by=case.chair)
    assert (item.for_count, item.against_count, item.abstain_count) == (5, 0, 0)


def test_vote_after_the_close_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    vote(case, item)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "against", by=case.members[0])
    assert item.for_count == 5


def test_vote_before_the_opening_and_by_absent_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case, present=[*case.voting[:4], case.secretary]))
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "for", by=case.chair)
    with unit_of_work():
        services.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "for", by=case.voting[4])
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "for", by=case.secretary)


def test_vote_closed_early_only_when_all_have_voted(app: Flask, case: Case, clock: FrozenClock) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    with unit_of_work():
        services.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.close_vote(item, by=case.chair)
    clock.forward(minutes=5)
    with unit_of_work():
        services.close_vote(item, by=case.chair)
    assert item.state is ItemState.NOT_ADOPTED


@pytest.mark.parametrize(("chair_choice", "state"), [("for", ItemState.ADOPTED), ("against", ItemState.NOT_ADOPTED)])
def test_even_split_decided_by_the_chair(app: Flask, case: Case, chair_choice: str, state: ItemState) -> None:
    open_decision(case)
    here = case.voting[:4]
    item = add_item(case, open_meeting(case, present=[*here, case.secretary]))
    other = "against" if chair_choice == "for" else "for"
    choices = dict(zip([who.id for who in here], [chair_choice, chair_choice, other, other], strict=True))
    vote(case, item, choices)
    assert (item.state, item.chair_decided) == (state, chair_choice == "for")


def test_recused_member_neither_votes_nor_sees(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    own, rest = add_item(case, meeting, "award", case.award("перша")), add_item(case, meeting)
    member = case.members[0]
    with unit_of_work():
        services.declare_recusal(own, reason="родич", by=member)
    assert (quorum_of(meeting, own).eligible, quorum_of(meeting, own).needed) == (4, 3)
    with unit_of_work():
        services.open_vote(own, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(own, "for", by=member)
    assert item_view(own, member) is None
    for other in case.voting:
        if other is not member:
            with unit_of_work():
                services.cast_vote(own, "for", by=other)
    with unit_of_work():
        services.close_vote(own, by=case.chair)
    vote(case, rest)
    assert (own.for_count, own.present_count, rest.present_count) == (4, 4, 5)
    assert case.codes["перша"] not in rest.subject
    finish_meeting(case, meeting)
    text = minutes_for(meeting, member)[1]
    assert (case.codes["перша"] in text, case.codes["друга"] in text) == (False, True)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)


def test_member_recused_from_one_award_does_not_vote_on_a_list_that_holds_it(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    own = add_item(case, meeting, "award", case.award("перша"))
    with unit_of_work():
        services.declare_recusal(own, reason="", by=case.members[0])
    vote(case, own, "against")
    second = add_item(case, meeting, "award", case.award("перша"))
    assert item_view(second, case.members[0]) is None


def test_recusal_during_the_vote_takes_the_vote_back_and_may_break_the_quorum(app: Flask, case: Case) -> None:
    open_decision(case)
    here = case.voting[:4]
    item = add_item(case, open_meeting(case, present=[*here, case.secretary]))
    vote(case, item, close=False)
    for member in here[2:]:
        with unit_of_work():
            services.declare_recusal(item, reason="", by=member)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 2
    with unit_of_work():
        services.mark_attendance(item.meeting, {here[1].id: "absent"}, by=case.secretary)
    assert quorum_of(item.meeting, item).is_met is False
    with pytest.raises(NotAllowed), unit_of_work():
        services.close_vote(item, by=case.chair)
    assert item.state is ItemState.VOTING


def test_challenge_decided_by_the_chair_before_the_vote(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    with unit_of_work():
        recusal = services.challenge_member(item, case.members[1], reason="Працює у заявника", by=case.members[0])
    with pytest.raises(NotAllowed), unit_of_work():
        services.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.decide_challenge(recusal, is_upheld=True, by=case.members[0])
    with unit_of_work():
        services.decide_challenge(recusal, is_upheld=True, by=case.chair)
    assert item_view(item, case.members[1]) is None
    vote(case, item)
    assert item.present_count == 4


def test_agenda_keeps_its_numbers_without_gaps(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    first, _second, _third = (add_item(case, meeting, "general") for _ in range(3))
    with unit_of_work():
        services.take_off(first, by=case.secretary)
    assert list(db.session.scalars(sa.select(AgendaItem.number).order_by(AgendaItem.number))) == [1, 2]


def test_minutes_signed_by_the_chair_then_by_another_person(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    item = add_item(case, meeting)
    with pytest.raises(NotAllowed), unit_of_work():
        services.close_meeting(meeting, by=case.chair)
    vote(case, item)
    with unit_of_work():
        services.note_for_minutes(item, "Перший рядок\n\nдругий", by=case.secretary)
    with unit_of_work():
        services.close_meeting(meeting, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.sign_minutes(meeting, by=case.secretary)
    for signer in (case.chair, case.secretary):
        with unit_of_work():
            services.sign_minutes(meeting, by=signer)
        with pytest.raises(NotAllowed), unit_of_work():
            services.sign_minutes(meeting, by=signer)
    minutes = db.session.scalars(sa.select(Minutes)).one()
    assert (minutes.chair_id, minutes.secretary_id) == (case.chair.id, case.secretary.id)
    assert "членів комісії з правом голосу 5, присутні 5, потрібно щонайменше 4" in minutes.text
    assert "СЛУХАЛИ: Перший рядок другий" in minutes.text
    assert minutes.text.count(" – за") == 5
