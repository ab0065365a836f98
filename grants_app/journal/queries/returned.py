"""Letters that did not arrive: on the page of whoever caused them, the city's people take over for all the others.

Whoever holds no office of the city gets back only letters that they addressed themselves. What else their acts wrote
goes to people whom they may not know (an expert to another expert, an applicant to a secretary).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.models import Notice
from grants_app.journal.queries.letters import LetterRow, list_of, open_letters
from grants_app.journal.queries.seal import withheld_from_letters
from grants_app.journal.queries.sending import DIGEST, PEOPLE, TRIES
from grants_app.permissions import GRANTS, Permission

# Invitations of colleagues and what an organisation writes to its own people.
ADDRESSED_BY_THEMSELVES = ("invitation", "organisation")
# Of a person's offices: the table belongs to a later stage.
_OFFICES = sa.table(
    "role_grant", sa.column("user_id", sa.Integer), sa.column("role", sa.String), sa.column("ended_at", sa.DateTime)
)


def undelivered_rows(viewer: Any, *, limit: int = 100) -> list[LetterRow]:
    """Letters that this person caused and that were given up; a releaser's list also has what the clock caused."""
    query = sa.select(Notice).where(*_returned_to(viewer)).order_by(Notice.id.desc()).limit(limit)
    return list_of(db.session.scalars(query).all())


def undelivered_count(viewer: Any) -> int:
    """How many there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Notice).where(*_returned_to(viewer))) or 0


def undelivered(number: int, viewer: Any) -> Notice:
    """One of them. Raises NotFound, also for a letter of somebody else."""
    found: Notice | None = db.session.scalar(sa.select(Notice).where(Notice.id == number, *_returned_to(viewer)))
    if found is None:
        raise NotFound
    return found


def _returned_to(viewer: Any) -> list[sa.ColumnElement[bool]]:
    given_up = [Notice.sent_at.is_(None), Notice.withdrawn_at.is_(None), Notice.attempts >= TRIES]
    own = Notice.caused_by_id == viewer.actor_id
    if not viewer.can(Permission.COMPETITION_STAFF_READ):
        addressed = Notice.thing.in_(ADDRESSED_BY_THEMSELVES)
        return [own, addressed, *withheld_from_letters(viewer), Notice.template != DIGEST, *given_up]
    mine = sa.or_(own, _nobodys()) if viewer.can(Permission.OUTBOX_RELEASE) else own
    # The city learns of no sealed application by a failure either.
    return [mine, *open_letters(viewer), *given_up]


def _nobodys() -> sa.ColumnElement[bool]:
    """Caused by the clock, or by a person without an office of the city who did not address the letter."""
    staff = [role.value for role, granted in GRANTS.items() if Permission.COMPETITION_STAFF_READ in granted]
    in_office = (
        sa.select(_OFFICES.c.user_id)
        .join(PEOPLE, PEOPLE.c.id == _OFFICES.c.user_id)
        .where(_OFFICES.c.ended_at.is_(None), _OFFICES.c.role.in_(staff), PEOPLE.c.active)
    )
    foreign = sa.and_(Notice.caused_by_id.not_in(in_office), Notice.thing.not_in(ADDRESSED_BY_THEMSELVES))
    return sa.or_(Notice.caused_by_id.is_(None), foreign)
