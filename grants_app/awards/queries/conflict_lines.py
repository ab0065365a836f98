"""What meetings know about conflicts of interest, for the competition's register: shown there, kept here."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.awards.models import AgendaItem, Meeting, Recusal
from grants_app.awards.rules.voting import REGISTER_REASON
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ConflictState
from grants_app.reviews.queries.conflict_lines import Statement

_STATES = {None: ConflictState.OPEN, True: ConflictState.CONFIRMED, False: ConflictState.DISMISSED}
_KINDS = {"own": "Stepped back from the item", "challenge": "Challenged at the meeting"}


def recusal_statements(competition: Competition) -> list[Statement]:
    """Recusals and challenges about an application, once for a person and an application, first to last.

    What a meeting only repeats from the register is left out.
    """
    query = (
        sa.select(Recusal)
        .join(AgendaItem, AgendaItem.id == Recusal.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(
            Meeting.competition_id == competition.id,
            Recusal.application_id.is_not(None),
            Recusal.reason != REGISTER_REASON,
        )
        .order_by(Recusal.declared_at, Recusal.id)
    )
    found: dict[tuple[int, int], Statement] = {}
    for one in db.session.scalars(query):
        if one.application_id is None:
            continue
        statement = Statement(
            application_id=one.application_id,
            person_id=one.user_id,
            state=_STATES[one.is_upheld],
            kind=_KINDS[one.kind],
            raised_at=one.declared_at,
            decided_at=one.declared_at if one.is_upheld is not None else None,
        )
        before = found.get((one.user_id, one.application_id))
        if before is None or before.state != ConflictState.CONFIRMED:
            found[one.user_id, one.application_id] = statement
    return list(found.values())
