"""Deleting a draft that was never sent."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications import policy
from grants_app.applications.models import (
    Answer,
    Application,
    Attachment,
    BudgetRow,
    DraftReminder,
    LateEntry,
    Signature,
)
from grants_app.applications.services.loading import lock_application, refuse_if
from grants_app.applications.services.presence import forget_presence
from grants_app.database import db
from grants_app.journal.services import record


def delete_draft(application: Application, by: User) -> None:
    """Remove a draft with its answers, budget and list of papers; the journal keeps that it was deleted, and by whom.

    Raises NotAllowed for anybody but the head, and for what was sent once: its record stays. The bytes of papers stay
    in the storage, where the library and other applications may share them.
    """
    application = lock_application(application)
    refuse_if(policy.why_not_delete(by, application))
    record(
        thing="application",
        code=application.key,
        scope=application.competition.code,
        step="delete",
        by=by,
        from_state=application.state,
    )
    forget_presence(application)
    # A scan or a container prepared for signing points at its file: it goes first.
    for kind in (Signature, Answer, BudgetRow, Attachment, DraftReminder):
        db.session.execute(sa.delete(kind).filter_by(application_id=application.id))
    # A late entry serves the organisation: it may begin again by the same code.
    db.session.execute(
        sa.update(LateEntry).where(LateEntry.application_id == application.id).values(application_id=None)
    )
    db.session.execute(sa.delete(Application).filter_by(id=application.id))
    db.session.expunge(application)
