"""What must happen by the clock happens by itself: each such step is registered, and harmless when nothing is due."""

from __future__ import annotations

from flask import Flask

from grants_app.journal.jobs import minutely
from tests.support.queries import watch_commits

STEPS = {
    "accounts.library",
    "applications.bulk_steps",
    "applications.intake",
    "applications.reminders",
    "competitions.openings",
    "competitions.rehearsals",
    "journal.digests",
    "reviews.invitations",
    "vouchers.expiry",
}


def test_clock_steps_all_registered(app: Flask) -> None:
    assert set(minutely()) == STEPS


def test_clock_steps_write_nothing_when_nothing_is_due(app: Flask) -> None:
    with watch_commits() as stored:
        for step in minutely().values():
            step()
    assert stored == []
