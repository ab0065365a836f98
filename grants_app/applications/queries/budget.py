"""The budget of an application beside its earlier version, and what it gives up at the smallest useful amount."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Submission
from grants_app.applications.queries.content import line_of, lines_of
from grants_app.applications.queries.veil import is_veiled, text_under_veil
from grants_app.applications.rules.budget import Dropped, Line, dropped
from grants_app.applications.rules.budget_diff import LineChange, changes, lines_of_content
from grants_app.database import db


@dataclass(frozen=True)
class EarlierBudget:
    """The budget as it was sent last, and how the present one differs."""

    sent_at: datetime
    changes: list[LineChange]


def earlier_budget(application: Application, lines: list[Line] | None = None) -> EarlierBudget | None:
    """How the budget differs from the one that was sent last; none before the first sending."""
    query = (
        sa.select(Submission.content, Submission.at)
        .where(Submission.application_id == application.id, Submission.kind.in_(("first", "correction")))
        .order_by(Submission.id.desc())
        .limit(1)
    )
    found = db.session.execute(query).first()
    if found is None:
        return None
    sent = lines_of_content(json.loads(found.content)["budget"])
    return EarlierBudget(found.at, changes(sent, lines_of(application) if lines is None else lines))


def smallest_plan(application: Application, viewer: User) -> list[Dropped]:
    """What each line gives up when only the smallest useful amount is granted: the basis of a partial award.

    Whoever may not learn yet who applies reads the masked texts of the lines.
    """
    if is_veiled(viewer, application.competition):
        return dropped([line_of(line) for line in text_under_veil(application).lines])
    return dropped(lines_of(application))
