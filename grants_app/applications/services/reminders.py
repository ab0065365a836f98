"""Reminders to the owners of unsent drafts: seven days, two days and three hours before the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application, DraftReminder
from grants_app.applications.queries.tasks import task_list
from grants_app.applications.rules import LETTERS
from grants_app.applications.services.loading import lock_application
from grants_app.applications.services.telling import OWNERS
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.journal.letters import link_to
from grants_app.journal.services import notify_user
from grants_app.lifecycle import ApplicationState, CompetitionState


@dataclass(frozen=True)
class Distance:
    """How long before the deadline; `words` stand in the letter."""

    kind: str
    before: timedelta
    letter: str
    words: dict[str, str]


# From the nearest to the farthest.
DISTANCES = (
    Distance("3h", timedelta(hours=3), "draft_reminder_3h", {"uk": "3 години", "en": "3 hours"}),
    Distance("2d", timedelta(days=2), "draft_reminder", {"uk": "2 дні", "en": "2 days"}),
    Distance("7d", timedelta(days=7), "draft_reminder", {"uk": "7 днів", "en": "7 days"}),
)


def remind_owners() -> int:
    """Write what is due; gives how many drafts were reminded of. Called by the clock, harmless twice.

    Each draft, distance and deadline counts once; a prolonged intake is a new deadline. When the clock stood still only
    the nearest distance is written. A draft begun after the instant of a distance is not reminded of it.
    """
    now = clock.now()
    count = 0
    for number, until, kind in _due(now):
        with unit_of_work():
            count += _remind(number, until, kind)
    return count


def _due(now: datetime) -> list[tuple[int, datetime, Distance]]:
    competitions = db.session.execute(
        sa.select(Competition.id, Competition.intake_until).where(
            Competition.state.in_((CompetitionState.ANNOUNCED, CompetitionState.OPEN)),
            Competition.intake_until > now,
            Competition.intake_until <= now + DISTANCES[-1].before,
        )
    ).all()
    found = []
    for competition_id, until in competitions:
        if until is None:
            continue
        distance = next(one for one in DISTANCES if until - one.before <= now)
        reminded = sa.select(DraftReminder.application_id).filter_by(kind=distance.kind, deadline=until)
        drafts = sa.select(Application.id).where(
            Application.competition_id == competition_id,
            Application.state == ApplicationState.DRAFT,
            Application.organisation_id.is_not(None),
            Application.created_at < until - distance.before,
            Application.id.not_in(reminded),
        )
        found += [(number, until, distance) for number in db.session.scalars(drafts.order_by(Application.id))]
    return found


def _remind(number: int, until: datetime, distance: Distance) -> int:
    application = lock_application(db.session.scalars(sa.select(Application).filter_by(id=number)).one())
    done = sa.select(DraftReminder.id).filter_by(application_id=number, kind=distance.kind, deadline=until)
    if application.state != ApplicationState.DRAFT or db.session.scalar(done) is not None:
        return 0  # sent, or reminded by another worker, since we looked
    db.session.add(DraftReminder(application_id=number, kind=distance.kind, deadline=until, at=clock.now()))
    tasks = task_list(application)
    facts = {
        "title": application.title,
        "competition": application.competition.title,
        "deadline": until - timedelta(minutes=1),
        "left": distance.words,
        "sections": tasks.total - tasks.done,
        "total": tasks.total,
        "link": link_to(f"/applications/{application.journal_code}"),
    }
    for user in _owners(application):
        notify_user(
            user, LETTERS, distance.letter, facts=facts, thing="application", code=application.journal_code,
            scope=application.competition.code,
        )  # fmt: skip
    return 1


def _owners(application: Application) -> list[User]:
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == application.organisation_id,
            Membership.ended_at.is_(None),
            Membership.role.in_(OWNERS),
            User.active.is_(True),
        )
        .order_by(User.id)
    )
    return list(db.session.scalars(query))
