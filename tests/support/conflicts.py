"""Lines of the register of conflicts for tests: reported, decided, read back."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import ConflictState
from grants_app.reviews import services
from grants_app.reviews.models import Conflict
from tests.support.panel import Panel

WORDS = "Особисте: колишня дружина керівника"


def lines() -> list[tuple[str, str, str, ConflictState]]:
    """Everything in the register: source, level, kind, state."""
    rows = db.session.scalars(sa.select(Conflict).order_by(Conflict.id))
    return [(one.source, one.level, one.kind, one.state) for one in rows]


def only_line() -> Conflict:
    """The one line of the register."""
    return db.session.scalars(sa.select(Conflict)).one()


def letters() -> list[tuple[str, str]]:
    """Letters about conflicts: template and receiver."""
    query = sa.select(Notice.template, Notice.email).where(Notice.template.startswith("conflict")).order_by(Notice.id)
    return [(row.template, row.email) for row in db.session.execute(query)]


def raised(panel: Panel, person: User, by: User, *, kind: str = "family") -> Conflict:
    """A report about somebody and the first application."""
    with unit_of_work():
        return services.raise_conflict(panel.applications[0], person, kind=kind, details=WORDS, by=by)


def decided(line: Conflict, by: User, *, is_confirmed: bool = True) -> None:
    """The decision."""
    with unit_of_work():
        services.decide_conflict(line, is_confirmed=is_confirmed, reason="Перевірено за реєстром", by=by)


def block(application: Application, person: User) -> None:
    """A confirmed conflict of the person."""
    with unit_of_work():
        db.session.add(
            Conflict(
                competition_id=application.competition_id,
                application_id=application.id,
                person_id=person.id,
                state=ConflictState.CONFIRMED,
                level="block",
                source="raised",
                kind="family",
                details="перевірено",
                raised_at=clock.now(),
                decided_at=clock.now(),
                decision_reason="підтверджено документами",
            )
        )
