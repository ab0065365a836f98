"""Locking what is decided on, in the one order: competition, then application."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Correction
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


def lock_returned(code_or_key: str, by: User) -> tuple[Application, Correction | None]:
    """The same with the return for correction, still in one question."""
    return _locked_with_return(code_or_key, by, joinedload(Application.competition, innerjoin=True))


def lock_budget(code_or_key: str, by: User) -> tuple[Application, Correction | None]:
    """The same with the lines of the budget and the return for correction, still in one question.

    PostgreSQL waits for the lock and then reads the application anew, but not what was joined to it: whether the lines
    are those of now is told by `Application.budget_digest`. The form is left away: each line would bring a copy of it.
    """
    competition = joinedload(Application.competition, innerjoin=True).defer(Competition.form_text)
    return _locked_with_return(code_or_key, by, competition, joinedload(Application.budget_rows))


def _locked_with_return(code_or_key: str, by: User, *joined: _AbstractLoad) -> tuple[Application, Correction | None]:
    text = code_or_key.strip()
    query = (
        sa.select(Application, Correction)
        .outerjoin(Correction, Correction.application_id == Application.id)
        .where(sa.or_(Application.key == text, Application.code == text.upper()))
        .options(*joined)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).unique().first()
    if found is None or by.role_in(found[0].organisation_id) is None:
        raise NotFound()
    return found[0], found[1]


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
