"""Who has left an organisation gets no more letters of the day about its applications."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import Membership, Organisation
from grants_app.applications.models import Application
from grants_app.database import db
from grants_app.journal.batches import withdraw_unsent
from grants_app.journal.models import Notice
from grants_app.journal.queries.sending import waits_for_digest
from grants_app.journal.services import Happened


def forget_former(happened: Happened) -> None:
    """Somebody left, or was put out: what gathers for the next morning is not theirs to read any more.

    Urgent letters have gone already; held ones are in the hands of whoever releases them, and name a duty.
    """
    here = sa.select(Organisation.id).filter_by(edrpou=happened.code).scalar_subquery()
    people = sa.select(Membership.user_id).where(Membership.organisation_id == here)
    of_organisation = sa.select(Application.code, Application.key).where(Application.organisation_id == here)
    codes = {text for row in db.session.execute(of_organisation) for text in row if text is not None}
    left = Notice.recipient_id.in_(people.where(Membership.ended_at.is_not(None)))
    gathered = sa.select(Notice.id).where(waits_for_digest(), left, Notice.thing_code.in_(codes))
    withdraw_unsent(Notice.id.in_(list(db.session.scalars(gathered))))
