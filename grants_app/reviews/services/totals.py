"""Stored totals of an application: written in the transaction that changes a submitted review."""

from __future__ import annotations

from grants_app.applications.models import Application
from grants_app.database import db
from grants_app.reviews.queries.marks import Totals, totals_of


def recount(application: Application) -> Totals:
    """Count the totals of a locked application anew from its submitted reviews, by the engine's exact functions.

    Writes review_count, score_text, score_micro and criterion_means. The caller holds the application's row.
    """
    db.session.flush()  # the marks below are read with SQL
    totals = totals_of(application, application.competition)
    application.review_count = totals.review_count
    application.score_text = totals.score_text
    application.score_micro = totals.score_micro
    application.criterion_means = totals.criterion_means
    return totals
