"""What every part of the story uses: the clock held at a moment, people by their login, one unit a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.storage import Stored
from grants_app.database import db, unit_of_work
from grants_app.demo.cast import DOMAIN
from grants_app.journal.batches import release_batch
from grants_app.journal.models import LetterBatch
from grants_app.lifecycle import LetterBatchState

T = TypeVar("T")
Say = Callable[[str], None]


class Stage:
    """Where the story plays: `say` tells the person at the terminal what is being done."""

    def __init__(self, real_now: datetime, paper: Stored, say: Say) -> None:
        self.real_now, self.paper, self.say = real_now, paper, say

    def at(self, day: date, hour: int = 10, minute: int = 0) -> None:
        """Hold the clock at a moment of a Kyiv day; the story never runs ahead of the real clock."""
        moment = datetime.combine(day, time(hour, minute), tzinfo=clock.KYIV)
        clock.freeze(min(moment, self.real_now))

    def user(self, login: str) -> User:
        """A person by the part of the address before the sign."""
        return db.session.scalars(sa.select(User).filter_by(email=f"{login}@{DOMAIN}")).one()

    def competition(self, code: str) -> Competition:
        """A competition as it is now."""
        return db.session.scalars(sa.select(Competition).filter_by(code=code)).one()

    def organisation(self, edrpou: str) -> Organisation:
        """An organisation by its code."""
        return db.session.scalars(sa.select(Organisation).filter_by(edrpou=edrpou)).one()

    def do(self, step: Callable[[], T]) -> T:
        """Take one step in a unit of its own."""
        with unit_of_work():
            return step()


def release_letters(stage: Stage) -> None:
    """The secretary has seen every list that waits, and releases it."""
    for number in list(db.session.scalars(sa.select(LetterBatch.id).filter_by(state=LetterBatchState.HELD))):
        stage.do(partial(_release, stage, number))


def _release(stage: Stage, number: int) -> None:
    release_batch(db.session.get_one(LetterBatch, number), by=stage.user("secretary"))


def released() -> None:
    """Let the clock run again, whatever happened."""
    clock.freeze(None)
