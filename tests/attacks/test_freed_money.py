"""Winners who decline while the chair opens the reserve: every order of the two ends in sums that agree."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context

from flask import Flask

from grants_app.accounts.models import User
from grants_app.awards import services
from grants_app.awards.models import Award
from grants_app.awards.queries import broken_awards
from grants_app.budget.queries import broken_lines
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError
from grants_app.database import db, unit_of_work
from tests.support.decisions import Bid, decide, publish, rules_of, scored_competition
from tests.support.time import FrozenClock

WINNERS = 4


def test_declining_and_opening_the_reserve_at_once_agree(app: Flask, clock: FrozenClock) -> None:
    bids = [Bid(f"п{n}", 1_000_000, {"E-1": "9", "E-2": "9" if n < WINNERS else "7"}) for n in range(2 * WINNERS)]
    case = scored_competition(bids, rules_of({"lot": WINNERS * 1_000_000}))
    decide(case)
    publish(case)
    competition, chair = case.competition.id, case.chair.id
    winners = [(case.award(f"п{n}").id, case.heads[f"п{n}"].id) for n in range(WINNERS)]

    def decline(award: int, head: int) -> None:
        services.decline_award(db.session.get_one(Award, award), reason="ні", by=db.session.get_one(User, head))

    def release() -> None:
        found = db.session.get_one(Competition, competition)
        services.release_to_reserve(found, found.lots[0], by=db.session.get_one(User, chair))

    outcomes: list[str] = []
    steps: list[Callable[[], None]] = [lambda pair=pair: decline(*pair) for pair in winners]  # type: ignore[misc]
    _at_once(app, [*steps, *([release] * WINNERS)], outcomes)
    assert {outcome for outcome in outcomes if outcome not in {"done", "refused"}} == set()
    assert outcomes.count("done") >= WINNERS
    with unit_of_work():
        line = db.session.get_one(Competition, competition).lots[0].budget_line
        assert line is not None
        assert 0 <= line.reserved_kop <= WINNERS * 1_000_000
    assert (broken_lines(), broken_awards()) == ([], [])


def _at_once(app: Flask, steps: list[Callable[[], None]], outcomes: list[str]) -> None:
    barrier = threading.Barrier(len(steps))

    def run(step: Callable[[], None]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    step()
                outcomes.append("done")
            except DomainError:
                outcomes.append("refused")
            except Exception as error:
                outcomes.append(type(error).__name__)

    db.session.rollback()
    threads = [threading.Thread(target=Context().run, args=(run, step)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
