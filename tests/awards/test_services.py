"""What the commission may and may not do, to the kopiyka and to the second."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Award
from grants_app.awards.queries import broken_awards
from grants_app.budget.queries import broken_lines
from grants_app.core.errors import InvalidInput, ManyErrors, NotAllowed, OverBudget
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import (
    AssignmentState,
    AwardState,
    CompetitionState,
)
from grants_app.reviews.models import Assignment
from scoring import verify_bundle
from tests.support.decisions import (
    Bid,
    Case,
    add_item,
    adopt,
    bundle_of,
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


def sums(case: Case) -> list[int]:
    """Proposed sums in the order of the list."""
    return list(db.session.scalars(sa.select(Award.proposed_kop).order_by(Award.position)))


# Handing over ----------------------------------------------------------------------------------------------------


def test_handing_over_ranks_and_distributes_by_the_rule(app: Flask, case: Case) -> None:
    open_decision(case)
    assert case.competition.state is CompetitionState.DELIBERATION
    assert sums(case) == [4_000_000, 4_000_000, 2_000_000, 0, 0]
    assert [case.award(name).outcome for name in case.codes] == [
        "funded",
        "funded",
        "partial",
        "reserve",
        "below_pass_mark",
    ]


def test_handing_over_refused_while_a_review_is_missing(app: Flask, case: Case) -> None:
    with unit_of_work():
        assignment = db.session.scalars(sa.select(Assignment)).first()
        db.session.execute(
            sa.update(Assignment).where(Assignment.id == assignment.id).values(state=AssignmentState.IN_PROGRESS)
        )
    with pytest.raises(NotAllowed):
        open_decision(case)
    assert case.competition.state is CompetitionState.SCORING


def test_handing_over_refused_while_a_doubt_waits(app: Flask, case: Case, clock: FrozenClock) -> None:
    with unit_of_work():
        bid = case.application("перша")
        db.session.add(
            Assignment(
                competition_id=case.competition.id, application=bid, expert_code="E9",
                state=AssignmentState.PROPOSED, assigned_at=clock.now, doubted_at=clock.now,
            )
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        open_decision(case)


def test_handing_over_happens_once(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(NotAllowed):
        open_decision(case)


# Sums ------------------------------------------------------------------------------------------------------------


def test_kopiyka_over_the_fund_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(OverBudget) as refusal, unit_of_work():
        services.change_amount(case.award("третя"), 2_000_001, reason="більше", by=case.chair)
    assert refusal.value.facts["excess_kop"] == 1
    assert sums(case) == [4_000_000, 4_000_000, 2_000_000, 0, 0]


@pytest.mark.parametrize(
    ("name", "amount_kop", "reason", "field"),
    [("перша", 4_000_001, "більше", "amount"), ("перша", 3_999_999, " ", "reason"), ("п’ята", 1, "шкода", "amount")],
)
def test_sum_refused(app: Flask, case: Case, name: str, amount_kop: int, reason: str, field: str) -> None:
    open_decision(case)
    with pytest.raises(InvalidInput) as refusal, unit_of_work():
        services.change_amount(case.award(name), amount_kop, reason=reason, by=case.chair)
    assert refusal.value.field == field


def test_departure_moves_money_and_can_be_taken_back(app: Flask, case: Case) -> None:
    open_decision(case)
    with unit_of_work():
        services.depart_from_ranking(case.award("друга"), "skip", reason="Припинено", by=case.chair)
    with unit_of_work():
        services.depart_from_ranking(case.award("четверта"), "fund", reason="Замість другої", by=case.chair)
    assert sums(case) == [4_000_000, 0, 2_000_000, 3_000_000, 0]
    assert [award.running_kop for award in db.session.scalars(sa.select(Award).order_by(Award.position))] == [
        4_000_000,
        None,
        6_000_000,
        9_000_000,
        None,
    ]
    with unit_of_work():
        services.change_amount(case.award("четверта"), 0, reason="", by=case.chair)
    assert (case.award("четверта").departure, case.award("четверта").reason) == (None, None)


def test_member_without_the_role_sets_no_sum(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(NotAllowed), unit_of_work():
        services.change_amount(case.award("перша"), 1, reason="так", by=case.members[0])


def test_sum_not_changed_while_it_is_voted(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting), close=False)
    with pytest.raises(NotAllowed), unit_of_work():
        services.change_amount(case.award("перша"), 3_000_000, reason="менше", by=case.chair)


# Signature -------------------------------------------------------------------------------------------------------


def test_signature_reserves_the_money_of_the_lot(app: Flask, case: Case) -> None:
    decide(case)
    line = case.competition.lots[0].budget_line
    assert line is not None
    assert (line.reserved_kop, line.free_kop) == (10_000_000, 0)
    assert [case.award(name).state for name in ("перша", "четверта")] == [AwardState.APPROVED, AwardState.PROPOSED]
    assert (broken_lines(), broken_awards()) == ([], [])


def test_signature_refused_without_a_vote(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(ManyErrors), unit_of_work():
        services.sign_decision(case.competition, by=case.chair)


def test_signature_refused_when_a_sum_changed_after_the_vote(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    with unit_of_work():
        services.change_amount(case.award("перша"), 3_900_000, reason="менше", by=case.chair)
    finish_meeting(case, meeting)
    with pytest.raises(ManyErrors), unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    with unit_of_work():
        services.change_amount(case.award("перша"), 4_000_000, reason="", by=case.chair)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    assert case.competition.state is CompetitionState.DECIDED


def test_signature_refused_for_a_list_that_was_not_adopted(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting), "against")
    finish_meeting(case, meeting)
    with pytest.raises(ManyErrors), unit_of_work():
        services.sign_decision(case.competition, by=case.chair)


def test_signature_is_the_chairs(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    finish_meeting(case, meeting)
    with pytest.raises(NotAllowed), unit_of_work():
        services.sign_decision(case.competition, by=case.secretary)


def tied_case() -> Case:
    """Two equal applications and money for one."""
    bids = [Bid(name, 5_000_000, {"E1": "8", "E2": "8"}) for name in ("ліва", "права")]
    return scored_competition(bids, rules_of({"lot": 5_000_000}))


def test_tie_at_the_money_drawn_by_the_announced_seed(app: Flask, clock: FrozenClock) -> None:
    case = tied_case()
    open_decision(case)
    assert sums(case) == [0, 0]
    with pytest.raises(NotAllowed), unit_of_work():
        services.hold_draw(case.competition, by=case.chair)
    with unit_of_work():
        services.announce_draw(case.competition, "індекс 1234,56", by=case.secretary)
    with pytest.raises(NotAllowed), unit_of_work():
        services.hold_draw(case.competition, by=case.chair)
    clock.forward(hours=1)
    with unit_of_work():
        services.hold_draw(case.competition, by=case.chair)
    assert sorted(sums(case)) == [0, 5_000_000]
    adopt(case)
    publish(case)
    bundle = bundle_of(case)
    assert bundle["meeting"]["draws"][0]["seed"] == "індекс 1234,56"
    assert all(check.passed for check in verify_bundle(bundle))


def test_tie_at_the_money_decided_by_a_vote(app: Flask, clock: FrozenClock) -> None:
    case = tied_case()
    open_decision(case)
    meeting = open_meeting(case)
    with pytest.raises(InvalidInput):
        vote(case, add_item(case, meeting))
    with unit_of_work():
        services.depart_from_ranking(case.award("ліва"), "fund", reason="Рішення голосуванням", by=case.chair)
    vote(case, db.session.scalars(sa.select(AgendaItem)).one())
    finish_meeting(case, meeting)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    assert [case.award(name).decision for name in ("ліва", "права")] == ["awarded", "reserve"]


# Leftovers ----------------------------------------------------------------------------------------------------------


def test_leftover_of_lots_pays_the_best_unfunded_and_never_more_than_all_funds(app: Flask, clock: FrozenClock) -> None:
    bids = [
        Bid("мала", 1_000_000, {"E1": "9", "E2": "9"}, lot="small"),
        Bid("велика", 4_000_000, {"E1": "9", "E2": "8"}, lot="large"),
        Bid("друга велика", 3_000_000, {"E1": "8", "E2": "8"}, lot="large"),
    ]
    rules = rules_of({"small": 3_000_000, "large": 5_000_000}, allocation={"rule": "stop", "pool_leftover": True})
    case = scored_competition(bids, rules)
    decide(case)
    assert [case.award(bid.name).approved_kop for bid in bids] == [1_000_000, 4_000_000, 3_000_000]
    lines = [lot.budget_line for lot in case.competition.lots]
    assert [line.reserved_kop for line in lines if line is not None] == [3_000_000, 5_000_000]
    assert (broken_lines(), broken_awards()) == ([], [])
