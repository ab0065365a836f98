"""Letters about a call to everybody who has a draft or an application in it.

They are held for the secretary. While bids are sealed nobody sees to whom they go or how many there are; whoever took
the step gets the same letter as a copy, so that there is something to see, and something even when nobody applies.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application
from grants_app.applications.rules import LETTERS
from grants_app.applications.rules.letters import COMPLAINT
from grants_app.competitions.models import Competition
from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.database import db
from grants_app.journal.letters import link_to
from grants_app.journal.services import Happened, held_batch, notify_user
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role

APPLYING = (A.DRAFT, A.SUBMITTED)
UNDER_WAY = (*APPLYING, A.RETURNED, A.CORRECTED, A.ADMITTED)
OWNERS = (Role.NGO_HEAD, Role.NGO_MEMBER)


def tell_prolonged(happened: Happened) -> None:
    """The intake ends later: everybody who writes or has sent an application learns of it, with the reason."""
    competition = _competition(happened.code)
    _tell(competition, APPLYING, "competition_prolonged", "Prolong the intake", happened)


def tell_cancelled(happened: Happened) -> None:
    """The competition is called off: everybody whose application is under way learns of it, with the reason."""
    competition = _competition(happened.code)
    _tell(competition, UNDER_WAY, "competition_cancelled", "Cancel the competition", happened)


def owners_of(competition: Competition, states: Collection[A]) -> list[tuple[User, str]]:
    """Heads and members of the organisations that apply, each once, with the code of an application of theirs."""
    query = (
        sa.select(User, Application.code, Application.key)
        .join(Membership, Membership.user_id == User.id)
        .join(Application, Application.organisation_id == Membership.organisation_id)
        .where(
            Application.competition_id == competition.id,
            Application.state.in_(states),
            Membership.ended_at.is_(None),
            Membership.role.in_(OWNERS),
            User.active.is_(True),
        )
        .order_by(User.id, Application.id)
    )
    found: dict[int, tuple[User, str]] = {}
    for user, code, key in db.session.execute(query):
        found.setdefault(user.id, (user, code or key))
    return list(found.values())


def last_minute(until: datetime | None) -> Figure | str:
    """«31.03.2027 23:59» for an intake that ends with the first instant of 1 April."""
    return Figure(figures.stamp, until - timedelta(minutes=1)) if until else ""


def _competition(code: str) -> Competition:
    found: Competition = db.session.scalars(sa.select(Competition).filter_by(code=code)).one()
    return found


def _tell(competition: Competition, states: Collection[A], name: str, step: str, happened: Happened) -> None:
    facts: dict[str, object] = {
        "competition": competition.title,
        "reason": happened.reason,
        "until": last_minute(competition.intake_until),
        "link": link_to(f"/competitions/{competition.code}"),
        "complaint": COMPLAINT,
    }
    scope = competition.code
    with held_batch(step, scope, happened.by):
        if isinstance(happened.by, User):
            notify_user(
                happened.by, LETTERS, name, facts=facts, thing="competition", code=competition.code, scope=scope
            )
        for user, code in owners_of(competition, states):
            notify_user(user, LETTERS, name, facts=facts, thing="application", code=code, scope=scope)
