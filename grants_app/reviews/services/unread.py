"""A conflict stands: letters about the application that this person has not got yet do not leave any more."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.database import db
from grants_app.journal.batches import hand_over_withheld, withdraw_withheld
from grants_app.journal.services import Happened, tell_of
from grants_app.reviews.models import Conflict
from grants_app.reviews.queries.conflicts import keeps_out

# What may put a person out of an application.
STEPS = ("stand", "confirm", "find")


def init_unread() -> None:
    """Act in the unit of the step itself, before its own letters are written."""
    for step in STEPS:
        tell_of("conflict", step, withdraw_unread)


def withdraw_unread(happened: Happened) -> None:
    """Take back what waits for a daily digest, for a release or for the mail server.

    Whoever works for the applicant goes on to get the applicant's letters. Letters that the person caused fail back
    to those who may see them.
    """
    db.session.flush()
    line = db.session.scalar(sa.select(Conflict).where(Conflict.code == happened.code, keeps_out()))
    if line is None:
        return
    hand_over_withheld(line.person)
    if line.person.role_in(line.application.organisation_id) is None:
        withdraw_withheld(line.person)
