"""Reminders to the owners of unsent drafts: seven days, two days and three hours before the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.queries import people_of
from grants_app.applications.models import Application, DraftReminder
from grants_app.applications.queries.tasks import task_list
from grants_app.applications.rules import LETTERS
from grants_app.applications.services.loading import lock_application
from grants_app.applications.services.telling import OWNERS
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.journal.batches import withdraw_unsent
from grants_app.journal.letters import link_to
from grants_app.journal.models import Notice
from grants_app.journal.services import Happened, notify_user
from grants_app.lifecycle import ApplicationState, CompetitionState


@dataclass(frozen=True)
class Distance:
    """How long before the deadline, and which letter."""

    kind: str
    before: timedelta
    letter: str


# From the nearest to the farthest.
DISTANCES = (
    Distance("3h", timedelta(hours=3), "draft_reminder_3h"),
    Distance("2d", timedelta(days=2), "draft_reminder"),
    Distance("7d", timedelta(days=7), "draft_reminder"),
)


def remind_owners() -> int:
    """Write what is due; gives how many drafts were reminded of. Called by the clock, harmless twice.

    Each draft, distance and deadline counts once; a prolonged intake is a new deadline. When the clock stood still only
    the nearest distance is written. A draft begun, or an intake prolonged, after the instant of a distance is not
    reminded of it: the letter about the prolonging has just told the new term.
    """
    now = clock.now()
    count = 0
    for number, until, kind in _due(now):
        with unit_of_work():
            count += _remind(number, until, kind)
    return count


def _due(now: datetime) -> list[tuple[int, datetime, Distance]]:
    competitions = db.session.execute(
        sa.select(Competition.id, Competition.intake_until, Competition.notes).where(
            Competition.state.in_((CompetitionState.ANNOUNCED, CompetitionState.OPEN)),
            Competition.intake_until > now,
            Competition.intake_until <= now + DISTANCES[-1].before,
        )
    ).all()
    found = []
    for competition_id, until, notes in competitions:
        distance = next(one for one in DISTANCES if until is not None and until - one.before <= now)
        if until is None or until - distance.before < _prolonged_at(notes, until):
            continue
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


def _prolonged_at(notes: list[dict[str, Any]], until: datetime) -> datetime:
    """When the intake was last prolonged; long ago when it never was."""
    moments = [datetime.fromisoformat(note["at"]) for note in notes if note["step"] == "prolong"]
    return max(moments, default=until - 2 * DISTANCES[-1].before)


def forget_sent(happened: Happened) -> None:
    """The application is sent: a reminder that waits for a letter of the day says nothing true any more."""
    # Reminders stand under the key of the draft: its code comes with the sending.
    keys = db.session.scalars(sa.select(Application.key).filter_by(code=happened.code))
    _withdraw(Notice.thing_code.in_([happened.code, *keys]))


def forget_moved(happened: Happened) -> None:
    """The intake is prolonged or cancelled: waiting reminders name a term that does not hold; new ones will come."""
    _withdraw(Notice.scope == happened.code)


def _withdraw(which: sa.ColumnElement[bool]) -> None:
    withdraw_unsent(Notice.template.in_({one.letter for one in DISTANCES}), which, Notice.digest_id.is_(None))


def time_left(left: timedelta) -> dict[str, str]:
    """How much time is left in words, rounded up: days while there are more than one and a half, else hours.

    >>> time_left(timedelta(days=2))["uk"], time_left(timedelta(hours=2, minutes=59))["en"]
    ('2 дні', '3 hours')
    """
    is_days = left > timedelta(hours=36)
    count = -(-left // timedelta(days=1)) if is_days else -(-left // timedelta(hours=1))
    forms = ("день", "дні", "днів") if is_days else ("година", "години", "годин")
    few = count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14}
    one = count % 10 == 1 and count % 100 != 11
    english = ("day" if is_days else "hour") + ("" if count == 1 else "s")
    return {"uk": f"{count} {forms[0] if one else forms[1] if few else forms[2]}", "en": f"{count} {english}"}


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
        "left": time_left(until - clock.now()),
        "sections": tasks.total - tasks.done,
        "total": tasks.total,
        "link": link_to(f"/applications/{application.journal_code}"),
    }
    owners = [] if application.organisation_id is None else people_of(application.organisation_id, *OWNERS)
    for user in owners:
        notify_user(
            user, LETTERS, distance.letter, facts=facts, thing="application", code=application.journal_code,
            scope=application.competition.code,
        )  # fmt: skip
    return 1
