"""Noting who has a page of a draft open, for the colleagues who write beside them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Presence
from grants_app.core import clock
from grants_app.database import db


def see(application_id: int, page: str, by: User) -> None:
    """The person has this page open now; no page: they left. One row a person and application, no journal entry."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(Presence).values(
        application_id=application_id, user_id=by.id, page=page[:60], seen_at=clock.now()
    )
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["application_id", "user_id"], set_={"page": new.page, "seen_at": new.seen_at}
    )
    db.session.execute(statement)


def forget_presence(application: Application) -> None:
    """Nobody writes here any more."""
    db.session.execute(sa.delete(Presence).filter_by(application_id=application.id))
