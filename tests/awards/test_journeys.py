"""Real competitions of Ukrainian cities, replayed through the services from handing over to publication."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import RankingLine
from grants_app.core.errors import InvalidInput
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import ApplicationState, AwardState, CompetitionState
from scoring import verify_bundle
from tests.support.decisions import Bid, bundle_of, decide, publish, rules_of, scored_competition
from tests.support.time import FrozenClock


@pytest.fixture
def facts(shared_data: Path) -> dict[str, Any]:
    """Published figures of real competitions."""
    found: dict[str, Any] = json.loads((shared_data / "competition-facts/facts.json").read_text(encoding="utf-8"))
    return found


def test_sumy_2021_spends_the_fund_exactly(app: Flask, clock: FrozenClock, facts: dict[str, Any]) -> None:
    city = facts["sumy_2021"]
    fund_kop = city["fund"] * 100
    granted = [award["amount"] * 100 for award in city["awards"]]
    # The third asked for more than was left: only what it received was published.
    asked = [granted[0], granted[1], granted[2] * 2]
    names = ["перший", "другий", "третій", "четвертий"]
    marks = ["5", "4", "3", "2"]
    bids = [
        Bid(name, kop, {f"E{number}": mark for number in range(1, 6)}, smallest_kop=None)
        for name, kop, mark in zip(names, [*asked, 3_000_000], marks, strict=True)
    ]
    rules = rules_of(
        {"lot": fund_kop},
        [f"c{number}" for number in range(1, city["criteria"] + 1)],
        maximum=str(city["scale"][1]),
        expert_total="points",
        combine="sum",
        pass_mark=None,
        allocation={"marginal_bp": 5000},
    )
    case = scored_competition(bids, rules)
    decide(case)

    line = case.competition.lots[0].budget_line
    assert line is not None
    assert [case.award(name).approved_kop for name in names] == [*granted, None]
    assert (line.reserved_kop, line.free_kop) == (fund_kop, 0)

    publish(case)
    third, head = case.award("третій"), case.heads["третій"]
    with pytest.raises(InvalidInput), unit_of_work():
        services.accept_award(third, by=head)
    with unit_of_work():
        services.accept_award(third, agrees_to_smaller=True, by=head)
    assert third.state is AwardState.ACCEPTED
    assert case.application("четвертий").state is ApplicationState.RESERVE
    assert [check.passed for check in verify_bundle(bundle_of(case))] == [True] * 5


def test_ivano_frankivsk_2024_funds_both_at_the_first_place(
    app: Flask, clock: FrozenClock, facts: dict[str, Any]
) -> None:
    city = facts["ivano_frankivsk_2024"]
    each_kop = city["amount_each"] * 100
    totals = [*city["totals_published"], 200, 190, 180, 170]
    bids = [Bid(f"заявка {number}", each_kop, _split(total, city["members"])) for number, total in enumerate(totals, 1)]
    rules = rules_of(
        {"lot": each_kop * city["winners"]},
        ["points"],
        maximum=str(city["max_per_member"]),
        expert_total="points",
        combine="sum",
        pass_mark=None,
        rounding=[],
        allocation={"rule": "stop"},
    )
    case = scored_competition(bids, rules, members=5, experts=city["members"])
    decide(case)

    lines = db.session.scalars(sa.select(RankingLine).order_by(RankingLine.position)).all()
    assert [line.score_text for line in lines] == [str(total) for total in totals]
    assert [line.place for line in lines] == [1, 1, 3, 4, 5, 6, 7, 8]
    approved = [case.award(f"заявка {number}").approved_kop for number in range(1, 9)]
    assert approved == [each_kop] * city["winners"] + [None] * 4
    publish(case)
    assert case.competition.state is CompetitionState.PUBLISHED
    assert db.session.scalar(sa.select(sa.func.count()).filter(Notice.template == "award_full")) == city["winners"]


def _split(total: int, members: int) -> dict[str, str]:
    """Marks of the members that add up to the published sum."""
    low, more = divmod(total, members)
    return {f"E{number}": str(low + (number <= more)) for number in range(1, members + 1)}
