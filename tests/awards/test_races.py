"""Several people at once: no sum passes a fund, no vote is lost or counted twice, nothing happens twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Award, Meeting, Publication, Vote
from grants_app.awards.queries import broken_awards
from grants_app.budget.queries import broken_lines
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import db, unit_of_work
from tests.support.decisions import (
    Bid,
    Case,
    add_item,
    decide,
    finish_meeting,
    open_decision,
    open_meeting,
    publish,
    rules_of,
    scored_competition,
    vote,
)
from tests.support.time import FrozenClock

Thing = TypeVar("Thing")
WRITERS = 8


def at_once(app: Flask, *steps: Callable[[], None]) -> list[str]:
    """Run the steps in threads that start together; answers "done" or the refusal's class for each."""
    barrier = threading.Barrier(len(steps))
    outcomes = ["never ran"] * len(steps)

    def run(index: int, step: Callable[[], None]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    step()
                outcomes[index] = "done"
            except DomainError:
                outcomes[index] = "refused"

    db.session.rollback()
    threads = [threading.Thread(target=Context().run, args=(run, index, step)) for index, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


def get(kind: type[Thing], ident: int) -> Thing:
    """A row read in the thread's own session."""
    found = db.session.get(kind, ident)
    assert found is not None
    return found


def test_eight_signatures_reserve_once(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    finish_meeting(case, meeting)
    competition, chair = case.competition.id, case.chair.id
    outcomes = at_once(
        app,
        *[lambda: services.sign_decision(get(Competition, competition), by=get(User, chair)) for _ in range(WRITERS)],
    )
    line = case.competition.lots[0].budget_line
    assert line is not None
    assert (outcomes.count("done"), line.reserved_kop) == (1, 10_000_000)
    assert (broken_lines(), broken_awards()) == ([], [])


def test_eight_deciders_never_pass_the_fund(app: Flask, clock: FrozenClock) -> None:
    """Each asks for a sum that fits alone; the fund holds two of them."""
    bids = [Bid("перша", 1_000_000, {"E1": "10", "E2": "10"})] + [
        Bid(f"заявка {number}", 5_000_000, {"E1": "9", "E2": "9"}) for number in range(WRITERS)
    ]
    case = scored_competition(bids, rules_of({"lot": 11_000_000}, allocation={"rule": "stop"}))
    open_decision(case)
    ids = [case.award(f"заявка {number}").id for number in range(WRITERS)]
    chair = case.chair.id

    def fund(award: int) -> Callable[[], None]:
        return lambda: services.depart_from_ranking(get(Award, award), "fund", reason="разом", by=get(User, chair))

    outcomes = at_once(app, *[fund(award) for award in ids])
    assert outcomes.count("done") == 2
    assert db.session.scalar(sa.select(sa.func.sum(Award.proposed_kop))) == 11_000_000


def test_eight_publications_send_letters_once(app: Flask, case: Case) -> None:
    decide(case)
    competition, organizer, code = case.competition.id, case.organizer.id, case.competition.code
    outcomes = at_once(
        app,
        *[
            lambda: services.publish(get(Competition, competition), typed_code=code, by=get(User, organizer))
            for _ in range(WRITERS)
        ],
    )  # fmt: skip
    publications = db.session.scalars(sa.select(Publication)).all()
    assert (outcomes.count("done"), [one.letters_count for one in publications]) == (1, [5])


def test_one_member_voting_eight_times_at_once_counts_once(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    with unit_of_work():
        services.open_vote(item, by=case.chair)
    number, member = item.id, case.members[0].id
    outcomes = at_once(
        app,
        *[lambda: services.cast_vote(get(AgendaItem, number), "for", by=get(User, member)) for _ in range(WRITERS)],
    )
    assert (outcomes.count("done"), db.session.scalar(sa.select(sa.func.count()).select_from(Vote))) == (WRITERS, 1)


def test_votes_and_the_closing_at_once_agree(app: Flask, case: Case, clock: FrozenClock) -> None:
    """Whoever was told «done» is counted; whoever came after the count was refused."""
    open_decision(case)
    item = add_item(case, open_meeting(case))
    with unit_of_work():
        services.open_vote(item, by=case.chair)
    clock.forward(minutes=6)
    number, chair = item.id, case.chair.id
    voters = [member.id for member in case.voting]

    def ballot(member: int) -> Callable[[], None]:
        return lambda: services.cast_vote(get(AgendaItem, number), "for", by=get(User, member))

    outcomes = at_once(
        app,
        *[ballot(member) for member in voters],
        lambda: services.close_vote(get(AgendaItem, number), by=get(User, chair)),
    )
    db.session.expire_all()
    stored = db.session.scalar(sa.select(sa.func.count()).select_from(Vote))
    assert (get(AgendaItem, number).for_count, outcomes.count("done")) == (stored, (stored or 0) + 1)


def test_meetings_planned_at_once_have_numbers_without_gaps(app: Flask, case: Case) -> None:
    competition, secretary = case.competition.id, case.secretary.id
    when = clock.now() + timedelta(days=3)

    def plan() -> None:
        services.plan_meeting(
            get(Competition, competition), kind="room", scheduled_at=when, place="Зала", by=get(User, secretary)
        )

    outcomes = at_once(app, *[plan for _ in range(WRITERS)])
    numbers = list(db.session.scalars(sa.select(Meeting.number).order_by(Meeting.number)))
    assert (outcomes.count("done"), numbers) == (WRITERS, list(range(1, WRITERS + 1)))


def test_accepting_and_declining_at_once_only_one_counts(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    award, head = case.award("перша").id, case.heads["перша"].id
    outcomes = at_once(
        app,
        lambda: services.accept_award(get(Award, award), by=get(User, head)),
        lambda: services.decline_award(get(Award, award), reason="ні", by=get(User, head)),
    )
    assert outcomes == ["done", "refused"]
    assert (broken_lines(), broken_awards()) == ([], [])
