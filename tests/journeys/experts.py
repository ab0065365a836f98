"""What the experts do: one through the pages, the others through the services."""

from __future__ import annotations

import sqlalchemy as sa
from playwright.sync_api import expect

from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import services
from grants_app.reviews.models import Assignment
from tests.journeys import rivals
from tests.journeys.organizer import CODE
from tests.journeys.visitor import Visitor
from tests.support.panel import full_sheet

POINTS = {rivals.STRONG: "9", rivals.TIGHT: "6", rivals.LARGE: "8"}
OWN_POINTS = "8"
REASON = "Показники вимірні, ціни підтверджені пропозиціями."


def reviews_through_pages(expert: Visitor, code: str) -> None:
    """Declares, scores every criterion, is told what is missing, finishes."""
    expert.open("/reviews")
    expert.sees("Школа дворових медіаторів")
    expert.open(f"/reviews/{code}/declaration", "Can you score this application impartially?")
    expert.does_not_see("За рік мешканці подали")
    expert.fill(answer="none")
    expert.press("Sign the answer")
    expert.heading("Школа дворових медіаторів")
    expert.sees("За рік мешканці подали")
    criteria = _criteria()
    for criterion in criteria[:-1]:
        _marks(expert, criterion)
    expert.fill(recommendation="fund")
    expert.press("Finish the review")
    expert.sees("Not scored yet:")
    _marks(expert, criteria[-1])
    expert.press("Finish the review")
    expert.open("/reviews")
    expert.download(f"/reviews/{code}/sheet.pdf", b"%PDF-")


def the_rest_review(others: dict[str, str]) -> None:
    """Everybody else declares and scores."""
    points = {others[title]: mark for title, mark in POINTS.items()}
    db.session.rollback()
    waiting = db.session.scalars(
        sa.select(Assignment.id).where(Assignment.state == AssignmentState.PROPOSED).order_by(Assignment.id)
    ).all()
    for number in waiting:
        with unit_of_work():
            assignment = db.session.get_one(Assignment, number)
            services.declare_impartial(assignment, assignment.expert)
        with unit_of_work():
            assignment = db.session.get_one(Assignment, number)
            application = assignment.application
            sheet = full_sheet(application, points.get(str(application.code), OWN_POINTS))
            services.submit_review(assignment, sheet, version=0, by=assignment.expert)
    db.session.rollback()


def _marks(expert: Visitor, criterion: str) -> None:
    mark = expert.page.locator(f'[name="points_{criterion}"][value="{OWN_POINTS}"]')
    expert.page.locator("main label", has=mark).click()
    expect(mark).to_be_checked()
    expert.put(f"reason_{criterion}", REASON)


def _criteria() -> list[str]:
    db.session.rollback()
    competition = db.session.scalars(sa.select(Competition).filter_by(code=CODE)).one()
    return [criterion.code for criterion in competition.criteria]
