"""Many experts at once: totals stay exact, one form sent twice counts once, two windows never overwrite."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from grants_app.accounts.models import User
from grants_app.core.errors import DomainError
from grants_app.database import db, unit_of_work
from grants_app.reviews import services
from grants_app.reviews.models import Assignment
from tests.support.panel import Panel, assignment_of, declared, full_sheet, new_panel
from tests.support.time import FrozenClock

PANEL = 8


def test_eight_experts_submit_at_once(app: Flask, clock: FrozenClock) -> None:
    """Points 2 to 9 everywhere: the mean of the totals is exactly 55."""
    panel = _wide_panel(clock)
    bid = panel.applications[0]
    pairs = [(declared(bid, expert).id, expert.id, str(points)) for points, expert in enumerate(panel.experts, start=2)]
    start = Barrier(PANEL)

    def submit(pair: tuple[int, int, str]) -> None:
        with app.app_context():
            assignment = db.session.get_one(Assignment, pair[0])
            sheet = full_sheet(assignment.application, pair[2])
            start.wait(timeout=30)
            with unit_of_work():
                services.submit_review(assignment, sheet, version=0, by=db.session.get_one(User, pair[1]))

    with ThreadPoolExecutor(PANEL) as threads:
        list(threads.map(submit, pairs))
    db.session.rollback()  # the snapshot of this thread is older than the threads’ commits
    assert (bid.review_count, bid.score_text, bid.score_micro) == (8, "55.00", 55_000_000)
    assert set(bid.criterion_means.values()) == {"5.5"}


def test_one_sheet_saved_from_eight_windows_keeps_one(app: Flask, clock: FrozenClock) -> None:
    panel = _wide_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment_id, expert_id = declared(bid, expert).id, expert.id
    start = Barrier(PANEL)

    def save(points: int) -> str:
        with app.app_context():
            assignment = db.session.get_one(Assignment, assignment_id)
            sheet = full_sheet(assignment.application, str(points))
            start.wait(timeout=30)
            try:
                with unit_of_work():
                    services.save_review(assignment, sheet, version=0, by=db.session.get_one(User, expert_id))
            except DomainError as error:
                return type(error).__name__
            return str(points)

    with ThreadPoolExecutor(PANEL) as threads:
        answers = list(threads.map(save, range(PANEL)))
    db.session.rollback()  # the snapshot of this thread is older than the threads’ commits
    kept = [answer for answer in answers if answer.isdigit()]
    assert sorted(answers) == sorted([*kept, *["EditConflict"] * (PANEL - 1)])
    review = assignment_of(bid, expert).review
    assert review is not None
    assert {score.points for score in review.scores} == set(kept)
    assert review.version == 1


def _wide_panel(clock: FrozenClock) -> Panel:
    """One application with eight experts."""
    panel = new_panel(clock, applications=1, experts=PANEL)
    with unit_of_work():
        for expert in panel.experts:
            services.assign(panel.applications[0], expert, panel.secretary)
        services.open_review(panel.competition, panel.secretary)
    return panel
