"""Locking what is decided on, in the one order: competition, then application."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotAllowed, NotFound
from grants_app.database import db, lock


def lock_competition(competition_id: int) -> Competition:
    """The competition, locked till the end of the unit."""
    found = db.session.scalar(lock(sa.select(Competition).filter_by(id=competition_id)))
    if found is None:
        raise NotFound()
    return found


def lock_application(application: Application) -> Application:
    """The application with its competition, read afresh and locked till the end of the unit."""
    identity: tuple[int, ...] | None = sa.inspect(application).identity  # known without asking the database again
    return _locked(Application.id == (identity[0] if identity else None))


def lock_draft(code_or_key: str, by: User) -> Application:
    """An application of the person's own organisation, found and locked in one question.

    Raises NotFound for any other: a foreign draft and a code that never existed look the same.
    """
    text = code_or_key.strip()
    application = _locked(sa.or_(Application.key == text, Application.code == text.upper()))
    if by.role_in(application.organisation_id) is None:
        raise NotFound()
    return application


def _locked(which: sa.ColumnElement[bool]) -> Application:
    query = (
        sa.select(Application)
        .where(which)
        .options(joinedload(Application.competition, innerjoin=True))
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def refuse_if(reason: str | None) -> None:
    """Raise the policy's reason, if there is one."""
    if reason is not None:
        raise NotAllowed(reason)
