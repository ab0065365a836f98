"""The pool: who may be given applications of a competition, and how many at most."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.core.errors import NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.services import advance
from grants_app.lifecycle import InvitationState
from grants_app.reviews import queries, services
from grants_app.reviews.models import Conflict, ExpertProfile, PanelInvitation
from grants_app.reviews.queries import people
from grants_app.reviews.queries.invitations import forecast
from grants_app.reviews.rules.experts import ProfileFacts
from grants_app.reviews.rules.invitations import agreement_digest
from grants_app.reviews.services import invitations
from tests.support.panel import Panel, new_panel, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as


def _profile(person: User, **facts: object) -> None:
    with unit_of_work():
        db.session.add(ExpertProfile(user_id=person.id, **facts))


def _invited(panel: Panel, person: User, state: InvitationState) -> None:
    with unit_of_work():
        db.session.add(
            PanelInvitation(
                competition_id=panel.competition.id,
                email=person.email,
                user_id=person.id,
                token_digest=f"{person.id:064d}",
                state=state,
                respond_by=product_clock.now(),
                invited_at=product_clock.now(),
                agreement_digest="0" * 64 if state is InvitationState.ACCEPTED else None,
            )
        )


def _eligible(panel: Panel) -> list[int]:
    return sorted(person.id for person in queries.eligible_experts(panel.competition))


def test_eligible_experts_without_invitations_are_the_whole_pool(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=3)
    assert _eligible(panel) == sorted(person.id for person in panel.experts)


def test_eligible_experts_once_somebody_is_invited_are_those_who_agreed(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=4)
    _invited(panel, panel.experts[0], InvitationState.INVITED)
    assert _eligible(panel) == []
    _invited(panel, panel.experts[1], InvitationState.ACCEPTED)
    _invited(panel, panel.experts[2], InvitationState.DECLINED)
    assert _eligible(panel) == [panel.experts[1].id]


def test_eligible_experts_after_all_invitations_are_withdrawn_are_the_whole_pool(
    app: Flask, clock: FrozenClock
) -> None:
    panel = new_panel(clock, experts=2)
    _invited(panel, panel.experts[0], InvitationState.WITHDRAWN)
    assert _eligible(panel) == sorted(person.id for person in panel.experts)


# Scoring lasts from 5 to 20 April.
@pytest.mark.parametrize(
    ("away_from", "away_until", "is_away"),
    [
        (None, None, False),
        (date(2027, 4, 5), date(2027, 4, 20), True),
        (date(2027, 4, 6), date(2027, 4, 20), False),
        (date(2027, 4, 5), date(2027, 4, 19), False),
        (None, date(2027, 4, 20), True),
        (date(2027, 4, 5), None, True),
        (date(2027, 4, 21), None, False),
        (None, date(2027, 4, 4), False),
    ],
)
def test_eligible_experts_when_away_dates_are_known(
    app: Flask, clock: FrozenClock, away_from: date | None, away_until: date | None, is_away: bool
) -> None:
    panel = new_panel(clock, experts=1)
    _profile(panel.experts[0], away_from=away_from, away_until=away_until)
    assert _eligible(panel) == ([] if is_away else [panel.experts[0].id])


def test_load_limits_take_the_smaller_of_call_and_person(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=3)
    first, second, third = panel.experts
    _profile(first, most_applications=4)
    _profile(second, most_applications=12)
    assert people.load_limits(panel.competition, panel.experts) == {first.id: 4, second.id: 12, third.id: None}
    with unit_of_work():  # a rule of an announced call is frozen: the test writes past the door
        db.session.execute(sa.update(Competition).values(most_per_expert=9))
    assert people.load_limits(panel.competition, panel.experts) == {first.id: 4, second.id: 9, third.id: 9}


def test_profile_of_somebody_else_refused_by_the_service(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    facts = ProfileFacts(workplace="Бібліотека")
    with pytest.raises(NotAllowed) as caught, unit_of_work():
        services.save_profile(panel.experts[0].email, facts, by=panel.experts[1])
    assert caught.value.message == "Only the secretary keeps the pool of experts"
    with unit_of_work():
        services.save_profile(panel.experts[0].email, facts, by=panel.experts[0])
    assert [one.workplace for one in db.session.scalars(sa.select(ExpertProfile))] == ["Бібліотека"]


def test_panel_closed_when_scoring_is_handed_over(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1, experts=4)
    until = product_clock.now() + timedelta(days=2)
    with unit_of_work():
        (row,) = invitations.invite_from_pool(
            panel.competition, [panel.experts[3].email], respond_by=until, by=panel.secretary
        )
    for expert in panel.experts[:3]:
        submitted(panel.applications[0], expert)
    with unit_of_work():
        advance(panel.competition, "open_decision", by=panel.secretary)
    with pytest.raises(WrongState) as late, unit_of_work():
        invitations.accept(row, agreement_digest(), by=panel.experts[3])
    assert late.value.message == (
        "The competition needs no more experts: scoring has ended or the competition is cancelled"
    )
    with pytest.raises(NotAllowed) as closed, unit_of_work():
        invitations.invite_person(
            panel.competition, "Вигадана Особа", "new@example.org", respond_by=until, by=panel.secretary
        )
    assert closed.value.message == "Experts are invited from the formal check until scoring is handed over"


def test_panel_counts_nothing_of_what_the_secretary_may_not_know(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2, experts=3)
    _invited(panel, panel.experts[0], InvitationState.ACCEPTED)
    submitted(panel.applications[0], panel.experts[0])

    def told() -> list[object]:
        page = visit_as(app, panel.secretary).get(f"/reviews/{panel.competition.code}/panel.json")
        counts = [(row["assigned_count"], row["done_count"]) for row in json.loads(page.text)["rows"]]
        seen = forecast(panel.competition, hidden_ids(panel.secretary, panel.competition))
        return [counts, seen.admitted_count, seen.needed_count]

    assert told() == [[(2, 1)], 2, 6]
    with unit_of_work():
        db.session.add(
            Conflict(
                competition_id=panel.competition.id,
                application_id=panel.applications[0].id,
                person_id=panel.secretary.id,
                level="block",
                source="raised",
                kind="family",
                raised_at=product_clock.now(),
            )
        )
    assert told() == [[(1, 0)], 1, 3]


def test_eligible_after_the_first_invitation_of_a_panel_at_work(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2, experts=4)
    at_work, only_assigned = panel.experts[:2]
    submitted(panel.applications[0], at_work)
    _invited(panel, panel.experts[2], InvitationState.INVITED)

    found = {person.id for person in people.eligible_experts(panel.competition)}

    assert (found, only_assigned.id in found) == ({at_work.id}, False)
    assert (forecast(panel.competition).agreed_people, forecast(panel.competition).agreed_count) == (1, 2)


def test_eligible_when_somebody_at_work_has_declined_the_invitation(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1, experts=3)
    submitted(panel.applications[0], panel.experts[0])
    _invited(panel, panel.experts[0], InvitationState.DECLINED)

    assert people.eligible_experts(panel.competition) == []
