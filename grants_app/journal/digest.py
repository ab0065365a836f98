"""Letters that are in no hurry, gathered for the people who want them once a day, at eight in the morning in Kyiv."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.journal.queries.sending import DIGEST, PEOPLE, TRIES, may_leave, waits_for_digest
from grants_app.journal.registry import About, Letters, Place, register_letters
from grants_app.journal.services import notify_address

HOUR = 8
RULE = "\n\n" + "—" * 20 + "\n\n"

LETTERS: Letters = {
    DIGEST: {
        "uk": (
            "Листи за день: %(count)s",
            "Ви просили надсилати неспішні листи разом, раз на день. Листів: %(count)s.\n\n%(letters)s\n\n"
            "Змінити це можна у своєму профілі: %(link)s",
        ),
        "en": (
            "Letters of the day: %(count)s",
            "You asked to get unhurried letters together, once a day. Letters: %(count)s.\n\n%(letters)s\n\n"
            "You can change this in your profile: %(link)s",
        ),
    }
}
register_letters(
    "journal",
    LETTERS,
    {
        DIGEST: About(
            "Daily at 8:00 in Kyiv, when letters have gathered", "Whoever chose one letter a day", ("letters",)
        )
    },
    {
        "count": Place("How many letters are inside", 2),
        "letters": Place(
            "The letters, each with its subject",
            {
                "uk": "Заявку 2027-SKP-7KQ4 допущено до розгляду\n\nЗаявку «Двір для всіх» допущено.",
                "en": "Application 2027-SKP-7KQ4 is admitted\n\nThe application “A yard for all” is admitted.",
            },
        ),
        "link": Place("Address of the page", "https://grants.example.org/accounts/profile"),
    },
)


def last_hour(now: datetime) -> datetime:
    """The newest eight o'clock of Kyiv that has come."""
    day = clock.kyiv(now).date()
    hour = datetime.combine(day, time(HOUR), clock.KYIV)
    # By the day on the wall: yesterday's eight is not always 24 hours before today's.
    return hour if hour <= now else datetime.combine(day - timedelta(days=1), time(HOUR), clock.KYIV)


def gather_digests(link: str) -> int:
    """Write the day's letter of everybody for whom letters have gathered; gives how many were written.

    A letter of the day takes what was written before the hour; whoever has had one since the hour waits for the next.
    Run as often as one likes; each person is a unit of their own.
    """
    now = clock.now()
    hour = last_hour(now)
    query = sa.select(Notice.recipient_id).where(*_gathered(now, hour)).distinct().order_by(Notice.recipient_id)
    people = [number for number in db.session.scalars(query) if number is not None]
    return sum(_gather(person, now, hour, link) for person in people)


def _gathered(now: datetime, hour: datetime) -> list[sa.ColumnElement[bool]]:
    had = sa.select(Notice.recipient_id).where(
        Notice.template == DIGEST, Notice.created_at >= hour, Notice.recipient_id.is_not(None)
    )
    return [
        *may_leave(now),
        waits_for_digest(),
        Notice.attempts < TRIES,
        Notice.created_at < hour,
        Notice.recipient_id.not_in(had),
    ]


def _gather(person_id: int, now: datetime, hour: datetime, link: str) -> int:
    with unit_of_work():
        # The person's row is held, so that two workers make one letter of the day.
        person = db.session.execute(
            sa.select(PEOPLE).where(PEOPLE.c.id == person_id).with_for_update(key_share=True)
        ).one_or_none()
        query = sa.select(Notice).where(*_gathered(now, hour), Notice.recipient_id == person_id).order_by(Notice.id)
        letters = list(db.session.scalars(query))
        if person is None or not letters:
            return 0
        facts = {
            "count": len(letters),
            "letters": RULE.join(f"{letter.subject}\n\n{letter.body}" for letter in letters),
            "link": link,
        }
        digest = notify_address(
            person.email, LETTERS, DIGEST, facts=facts, thing="digest", code=str(person_id), recipient_id=person_id,
            lang=person.lang,
        )  # fmt: skip
        digest.facts = None  # it holds whole letters: they stand in their own rows
        db.session.flush()
        for letter in letters:
            letter.digest_id = digest.id
    return 1
