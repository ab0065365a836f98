"""Who must hear that a call was amended: the people of every application to it, each with an application of theirs."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import Membership
from grants_app.applications.models import Application
from grants_app.applications.queries.writers import writers_of
from grants_app.competitions.models import Competition
from grants_app.competitions.services.amendments import Holder
from grants_app.database import db
from grants_app.lifecycle import ApplicationState


def holders_of(competition: Competition) -> list[Holder]:
    """One line a person; the letter is filed under the application, so that it is sealed as the application is."""
    query = (
        sa.select(Application)
        .where(Application.competition_id == competition.id, Application.state != ApplicationState.WITHDRAWN)
        .order_by(Application.id)
    )
    applications = list(db.session.scalars(query))
    codes = {one.organisation_id: one.journal_code for one in applications if one.organisation_id is not None}
    own = {one.created_by_id: one.journal_code for one in applications if one.created_by_id is not None}
    rows = db.session.execute(
        sa.select(Membership.user_id, Membership.organisation_id).where(
            Membership.organisation_id.in_(codes), Membership.ended_at.is_(None)
        )
    )
    of_members = {row.user_id: codes[row.organisation_id] for row in rows}
    found = []
    for person in writers_of(competition):
        code = own.get(person.id) or of_members.get(person.id)
        if code is not None:
            found.append(Holder(person, code))
    return found
