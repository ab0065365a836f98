"""Who has a page of a draft open now: only people of its organisation ask, only they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Presence
from grants_app.core import clock
from grants_app.database import db

# A heartbeat comes every 20 seconds; two missed ones mean that the page is closed.
PRESENT_FOR = timedelta(seconds=45)


@dataclass(frozen=True)
class Writer:
    """A person at a page of the draft."""

    name: str
    page: str


def present_people(application: Application, *, but: User) -> list[Writer]:
    """Other people who have a page of this draft open now, by name."""
    query = (
        sa.select(User.full_name, Presence.page)
        .join(User, User.id == Presence.user_id)
        .where(
            Presence.application_id == application.id,
            Presence.user_id != but.id,
            Presence.page != "",
            Presence.seen_at > clock.now() - PRESENT_FOR,
        )
        .order_by(User.full_name, User.id)
    )
    return [Writer(name, page) for name, page in db.session.execute(query)]
