"""The applicant reads why: justifications by criterion, without names, codes or whose they are."""

from __future__ import annotations

import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.applications.models import Application
from grants_app.awards.queries.answers import decision_for
from grants_app.database import db, unit_of_work
from grants_app.reviews.models import Assignment, Review, Score
from tests.support.decisions import Case, decide, publish
from tests.support.visitors import visit_as


def test_applicant_reads_justifications_without_their_authors(app: Flask, case: Case) -> None:
    code = case.codes["друга"]
    bid = db.session.scalars(sa.select(Application).filter_by(code=code)).one()
    with unit_of_work():
        query = (
            sa.select(Score, Assignment.expert_code)
            .join(Review, Review.id == Score.review_id)
            .join(Assignment, Assignment.id == Review.assignment_id)
            .filter(Assignment.application_id == bid.id)
        )
        for score, expert in db.session.execute(query).all():
            score.justification = f"{'я' if expert == 'E1' else 'а'} {score.criterion.code}"
    decide(case)
    publish(case)
    head = case.heads["друга"]
    reasons = decision_for(head, code).reasons
    criteria = [one.title for one in case.competition.criteria]
    assert [title for title, _texts in reasons] == criteria
    assert [len(texts) > 1 and texts == sorted(texts) for _title, texts in reasons] == [True] * len(criteria)
    page = visit_as(app, head).get(f"/awards/decision/{code}?lang=en").text
    found = BeautifulSoup(page, "html.parser").find("h3", string="Justifications of the experts by criterion")
    assert found is not None
    said = found.find_next("dl").get_text()  # type: ignore[union-attr]
    assert [text for _title, texts in reasons for text in texts if text not in said] == []
    codes = set(db.session.scalars(sa.select(Assignment.expert_code).filter_by(application_id=bid.id)))
    assert [one for one in codes if one in said] == []
