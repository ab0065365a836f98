"""Scoring through the services: the sheet, reopening, what the engine gets."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.core import clock as product_clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.reviews import queries, services
from grants_app.reviews.models import Review, ReviewEdition, Score
from tests.support.panel import (
    assignment_of,
    declared,
    full_sheet,
    opened_panel,
    set_state,
    submitted,
    totals,
)
from tests.support.refusals import refused
from tests.support.time import FrozenClock


def sentences(error: ManyErrors) -> list[tuple[str | None, str]]:
    return [(one.field, one.message) for one in error.errors]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("11", "Choose points from %(low)s to %(high)s"),
        ("-1", "Choose points from %(low)s to %(high)s"),
        ("7.5", "Choose points in steps of %(step)s from %(low)s to %(high)s"),
        ("багато", "Enter points as a number from %(low)s to %(high)s"),
        ("1e1", "Enter points as a number from %(low)s to %(high)s"),
        ("NaN", "Enter points as a number from %(low)s to %(high)s"),
        ("７", "Enter points as a number from %(low)s to %(high)s"),
    ],
)
def test_points_off_the_scale_refused(app: Flask, clock: FrozenClock, points: str, message: str) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    first = panel.competition.criteria[0].code
    sheet = full_sheet(bid)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.save_review(assignment, replace(sheet, points={**sheet.points, first: points}), version=0, by=expert)
    assert sentences(caught.value) == [(f"points_{first}", message)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Score)) == 0


def test_half_marks_kept_exactly(app: Flask, clock: FrozenClock) -> None:
    """Scale 0 to 5 by halves: 3.5 and 4 of 5 in three equal criteria."""
    panel = opened_panel(clock, applications=1, preset="horizon3")
    bid = panel.applications[0]
    codes = [criterion.code for criterion in panel.competition.criteria]
    experts = panel.experts[: panel.competition.experts_per_application]
    for expert in experts:
        submitted(bid, expert, dict(zip(codes, ("3,5", "4.0", "4.50"), strict=True)))
    stored = db.session.scalars(sa.select(Score.points).order_by(Score.id)).all()
    assert stored == ["3.5", "4", "4.5"] * len(experts)
    assert bid.criterion_means == dict(zip(codes, ("3.5", "4", "4.5"), strict=True))


def test_missing_points_are_not_nought(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    sheet = full_sheet(bid, "8")
    first = panel.competition.criteria[0].code
    with unit_of_work():
        services.save_review(assignment, replace(sheet, points={**sheet.points, first: ""}), version=0, by=expert)
    score = db.session.scalars(sa.select(Score).filter_by(criterion_id=panel.competition.criteria[0].id)).one()
    assert (score.points, score.mark_state) == (None, "pending")
    view = queries.sheet_for(assignment, expert)
    assert (view.total, view.possible, view.scored_count, view.missing) == ("64.0", "80", 6, ((1, first),))
    _bids, records = queries.score_records(panel.competition)
    assert {(mark.points, mark.state) for mark in records} == {(None, "pending")}


def test_nought_is_a_mark(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = panel.applications[0]
    for expert in panel.experts:
        submitted(bid, expert, "0")
    assert totals(bid) == (3, "0.00", 0)


def test_submit_names_everything_that_is_missing(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    codes = [criterion.code for criterion in panel.competition.criteria]
    sheet = full_sheet(bid, recommendation="partly")
    sheet = replace(sheet, points={**sheet.points, codes[1]: ""}, reasons={**sheet.reasons, codes[2]: "коротко"})
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.submit_review(assignment, sheet, version=0, by=expert)
    assert sentences(caught.value) == [
        (f"points_{codes[1]}", "Score criterion %(number)s"),
        (f"reason_{codes[2]}", "Justify criterion %(number)s: at least %(least)s characters, now %(length)s"),
        ("recommended_kop", "Enter the sum that you recommend"),
    ]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Review)) == 0


def test_submit_locks_hashes_and_counts(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = panel.applications[0]
    first = submitted(bid, panel.experts[0], "7")
    assert totals(bid) == (1, None, None)
    submitted(bid, panel.experts[1], "8")
    assert totals(bid) == (2, "75.00", 75_000_000)
    assert first.review is not None
    assert (first.state, first.review.total_text) == (AssignmentState.DONE, "70")
    assert len(first.review.content_digest or "") == 64
    with refused(NotAllowed, "The review is submitted and locked"):
        services.save_review(first, full_sheet(bid, "9"), version=first.review.version, by=panel.experts[0])


def test_recommended_sum_below_the_request(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    sheet = full_sheet(bid, recommendation="partly", recommended_kop=4_000_000)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.submit_review(assignment, sheet, version=0, by=expert)
    assert sentences(caught.value) == [("recommended_kop", "A smaller sum is less than the request of %(maximum)s")]
    with unit_of_work():
        services.submit_review(assignment, replace(sheet, recommended_kop=3_999_999), version=0, by=expert)
    assert assignment.review is not None
    assert assignment.review.recommended_kop == 3_999_999


def test_save_until_the_last_instant(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    clock.at("2027-04-20 23:59:59")
    with unit_of_work():
        services.save_review(assignment, full_sheet(bid), version=0, by=expert)
    clock.at("2027-04-21 00:00:00")
    with refused(NotAllowed, "The time for scoring has ended. Ask the secretary to prolong it"):
        services.submit_review(assignment, full_sheet(bid), version=1, by=expert)
    with unit_of_work():
        services.prolong_scoring(
            panel.competition,
            product_clock.start_of_day(product_clock.today()).replace(day=25),
            "Хвороба",
            panel.secretary,
        )
    with unit_of_work():
        services.submit_review(assignment, full_sheet(bid), version=1, by=expert)
    assert assignment.state is AssignmentState.DONE


def test_save_after_taking_back_refused(app: Flask, clock: FrozenClock) -> None:
    """Taken back while the sheet is open: the next save is refused and nothing of it is counted."""
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    with unit_of_work():
        services.save_review(assignment, full_sheet(bid), version=0, by=expert)
    with unit_of_work():
        services.take_back(assignment, "Замінюємо", panel.secretary)
    with refused(NotAllowed, "This assignment has ended"):
        services.submit_review(assignment, full_sheet(bid), version=1, by=expert)
    assert totals(bid) == (0, None, None)


def test_save_somebody_elses_sheet_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    assignment = declared(panel.applications[0], panel.experts[0])
    with refused(NotAllowed, "This assignment is not yours"):
        services.save_review(assignment, full_sheet(panel.applications[0]), version=0, by=panel.experts[1])


def test_two_windows_conflict_and_nothing_is_overwritten(app: Flask, clock: FrozenClock) -> None:
    """Both saves happen within one instant of the frozen clock: the version decides, not the time."""
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    with unit_of_work():
        services.save_review(assignment, full_sheet(bid, "7"), version=0, by=expert)
    with unit_of_work():
        services.save_review(assignment, full_sheet(bid, "8"), version=1, by=expert)
    message = "This sheet was saved in another window meanwhile. Compare both and save again"
    with refused(EditConflict, message):
        services.save_review(assignment, full_sheet(bid, "9"), version=1, by=expert)
    assert {score.points for score in db.session.scalars(sa.select(Score))} == {"8"}
    assert (assignment.review is not None and assignment.review.version) == 2


def test_unknown_criterion_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    sheet = full_sheet(bid)
    with refused(InvalidInput, "The sheet names a criterion that this competition does not have"):
        services.save_review(assignment, replace(sheet, points={**sheet.points, "beauty": "7"}), version=0, by=expert)


def test_withdrawn_application_cannot_be_scored(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = declared(bid, expert)
    set_state(bid, ApplicationState.WITHDRAWN)
    with refused(NotAllowed, "This application is no longer in the competition"):
        services.save_review(assignment, full_sheet(bid), version=0, by=expert)


def test_reopen_keeps_the_old_text_and_leaves_the_count(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = submitted(bid, expert, "7")
    assert assignment.review is not None
    digest = assignment.review.content_digest
    submitted(bid, panel.experts[1], "8")
    with unit_of_work():
        services.reopen_review(assignment, "Обґрунтування не про цей критерій", panel.secretary)
    assert totals(bid) == (1, None, None)
    assert (assignment.state, assignment.review.submitted_at) == (AssignmentState.IN_PROGRESS, None)
    assert db.session.scalars(sa.select(ReviewEdition)).one().digest == digest
    with unit_of_work():
        services.submit_review(assignment, full_sheet(bid, "9"), version=assignment.review.version, by=expert)
    assert totals(bid) == (2, "85.00", 85_000_000)


def test_reopen_without_reason_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    assignment = submitted(panel.applications[0], panel.experts[0])
    with refused(InvalidInput, "Give the reason: it will be recorded and published", "reason"):
        services.reopen_review(assignment, "", panel.secretary)


def test_reopen_after_the_handover_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    assignment = submitted(panel.applications[0], panel.experts[0])
    set_state(panel.competition, CompetitionState.DELIBERATION)
    message = "A review is reopened only while scoring is open: the ranking is already made from it"
    with refused(NotAllowed, message):
        services.reopen_review(assignment, "Пізно", panel.secretary)


def test_records_hold_codes_only(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    submitted(panel.applications[0], panel.experts[0], "7")
    bids, records = queries.score_records(panel.competition)
    assert [(bid.code, bid.lot, bid.requested_kop) for bid in bids] == [
        ("2027-SKP-0001", "small", 4_000_000),
        ("2027-SKP-0002", "small", 4_000_000),
    ]
    assert len(records) == 2 * 3 * 7
    assert {mark.state for mark in records} == {"scored", "pending"}
    text = repr((bids, records))
    assert [person.full_name in text for person in panel.experts] == [False] * 3


def test_divergence_over_the_limit_only(app: Flask, clock: FrozenClock) -> None:
    """The limit is 30 points of 100: exactly 30 is within it."""
    panel = opened_panel(clock)
    for bid, marks in zip(panel.applications, (("5", "8"), ("4", "8")), strict=True):
        for expert, points in zip(panel.experts, marks, strict=False):
            submitted(bid, expert, points)
    rows = queries.divergence_rows(panel.competition, panel.secretary)
    assert [(row.application_code, row.spread_text, row.limit_text, row.is_over) for row in rows] == [
        ("2027-SKP-0002", "40", "30", True),
        ("2027-SKP-0001", "30", "30", False),
    ]


def test_chair_sees_codes_where_the_secretary_sees_names(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    codes = {assignment_of(panel.applications[0], expert).expert_code for expert in panel.experts}
    by_chair = queries.progress_rows(panel.competition, panel.call.chair)
    by_secretary = queries.progress_rows(panel.competition, panel.secretary)
    assert {row.expert for row in by_chair} == codes
    assert {row.expert for row in by_secretary} == {expert.full_name for expert in panel.experts}
