"""Who is there, what time it is, what the clock and the post do by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext

from grants_app.accounts.models import User
from grants_app.accounts.services import hashed
from grants_app.cli.people import bring_lists
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.demo import opening
from grants_app.demo.cast import DOMAIN, PASSWORD
from grants_app.demo.stage import Stage
from grants_app.journal.delivery import send_waiting
from grants_app.journal.jobs import minutely
from grants_app.permissions import Role
from tests.journeys.visitor import Visitor
from tests.support.letters import release_all
from tests.support.time import FrozenClock

LINK = re.compile(r"https?://[^/\s]+(/\S+)")


class Conductor:
    """Moves the clock, lets people in, opens the post."""

    def __init__(self, app: Flask, clock: FrozenClock, arrive: Callable[[], BrowserContext]) -> None:
        self.app, self.clock, self._arrive = app, clock, arrive
        self.people: dict[str, Visitor] = {}
        self._post = app.extensions["mailman"]
        self._post.outbox = []  # where the backend of the tests puts what left

    def at(self, moment: str) -> None:
        """Move the clock; what it does every minute is done."""
        self.clock.at(moment)
        self.minute()

    def minute(self) -> None:
        """A minute of the worker: due steps of the calendar, waiting letters."""
        db.session.rollback()
        for step in minutely().values():
            step()
            db.session.rollback()
        while send_waiting():
            pass
        db.session.rollback()

    def cast(self) -> None:
        """The city's staff, experts and commission have accounts; the lists that the product ships are in."""
        stage = Stage(self.clock.now, None, print)  # type: ignore[arg-type]  # papers are not needed for people
        opening.people(stage, product_clock.today(), hashed(PASSWORD))
        with unit_of_work():
            bring_lists()

    def guest(self) -> Visitor:
        """Somebody who is not signed in."""
        if "guest" not in self.people:
            self.people["guest"] = Visitor(self._arrive)
        return self.people["guest"]

    def person(self, login: str, password: str = PASSWORD) -> Visitor:
        """A person of the demo's cast, signed in through the page the first time."""
        if login not in self.people:
            visitor = Visitor(self._arrive)
            visitor.sign_in(login if "@" in login else f"{login}@{DOMAIN}", password)
            self.people[login] = visitor
        return self.people[login]

    def letters_to(self, email: str) -> list[str]:
        """Letters that left for an address, those of bulk steps once the secretary has released them: subject, text."""
        db.session.rollback()
        secretary = next(user for user in db.session.scalars(sa.select(User)) if Role.SECRETARY in user.roles)
        release_all(secretary)
        self.minute()
        return [f"{letter.subject}\n{letter.body}" for letter in self._post.outbox if email in letter.to]

    def link_to(self, email: str, part: str) -> str:
        """The path of the newest link with `part` in the letters to an address."""
        found = [path for letter in self.letters_to(email) for path in LINK.findall(letter) if part in path]
        assert found, f"no letter with {part} to {email}: {self.letters_to(email)}"
        return str(found[-1]).rstrip(".,")
