"""Applications in the ledger of their organisation."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Organisation, User
from grants_app.accounts.queries.ledger import LedgerLine
from grants_app.applications.models import Application, Correction
from grants_app.applications.queries.access import hidden_ids, is_unsealed, may_read_in
from grants_app.applications.queries.veil import is_veiled
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ApplicationState


def ledger_lines(viewer: User, organisation: Organisation) -> Iterator[LedgerLine]:
    """For the organisation's own people all of them; for others what registers show them, or everybody.

    Nothing sealed, nothing of a draft, nothing that is considered without the viewer.
    """
    query = (
        sa.select(Application, Correction.due_at)
        .outerjoin(Correction, Correction.application_id == Application.id)
        .where(Application.organisation_id == organisation.id)
        .options(joinedload(Application.competition))
        .order_by(Application.id)
    )
    found = db.session.execute(query).all()
    is_own = viewer.role_in(organisation.id) is not None
    hidden = frozenset() if is_own or not found else hidden_ids(viewer)
    seen: dict[int, tuple[bool, bool]] = {}
    for application, due_at in found:
        if is_own:
            yield _line(application, reads=True, due_at=due_at)
        elif application.id not in hidden and is_unsealed(application):
            competition = application.competition
            if competition.id not in seen:
                seen[competition.id] = _sight(viewer, competition)
            reads, sees_list = seen[competition.id]
            if reads or (sees_list and application.register_number is not None):
                yield _line(application, reads=reads)


def _sight(viewer: User, competition: Competition) -> tuple[bool, bool]:
    """Whether the person reads applications of a competition, and whether the public list names applicants now."""
    veiled = is_veiled(viewer, competition)
    return may_read_in(viewer, competition) and not veiled, not veiled and not is_veiled(None, competition)


def _line(application: Application, *, reads: bool, due_at: object = None) -> LedgerLine:
    is_due = due_at is not None and application.state == ApplicationState.RETURNED
    return LedgerLine(
        at=application.submitted_at or application.created_at,
        kind="Application",
        title=application.title or application.competition.title,
        code=application.code or "",
        state=application.state,
        asked_kop=application.requested_kop,
        due_at=due_at if is_due else None,  # type: ignore[arg-type]  # the row of the join is not typed
        owed="Correct the named answers" if is_due else "",
        endpoint="applications.show" if reads else "",
        values={"code": application.journal_code},
    )
