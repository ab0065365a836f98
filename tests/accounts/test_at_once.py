"""Two administrators who press together: somebody stays who can keep people and roles, and duties stay apart."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask

from grants_app.accounts import services
from grants_app.accounts.models import User
from grants_app.core.errors import NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.visitors import new_person

Step = Callable[[User, User], object]


def at_once(app: Flask, *steps: tuple[int, int, Step]) -> list[str]:
    """Each step (by whom, about whom, what) in a unit of its own; none ends before the others have decided.

    Where a lock lets only one decide at a time, the first does not wait for ever.
    """
    start, decided = Barrier(len(steps)), Barrier(len(steps))

    def take(one: tuple[int, int, Step]) -> str:
        by, about, step = one
        with app.app_context():
            start.wait(timeout=30)
            try:
                with unit_of_work():
                    step(db.session.get_one(User, about), db.session.get_one(User, by))
                    db.session.flush()
                    with suppress(BrokenBarrierError):
                        decided.wait(timeout=0.5)
            except NotAllowed as error:
                return type(error).__name__
            return "done"

    with ThreadPoolExecutor(len(steps)) as threads:
        answers = list(threads.map(take, steps))
    db.session.rollback()  # the snapshot of this thread is older than the threads’ commits
    return sorted(answers)


def test_two_administrators_cannot_close_each_other(app: Flask) -> None:
    first, second = new_person(Role.ADMIN), new_person(Role.ADMIN)

    def close(user: User, by: User) -> None:
        services.close_account(user, "Більше тут не працює", by=by)

    answers = at_once(app, (first.id, second.id, close), (second.id, first.id, close))
    assert (answers, first.active + second.active) == (["NotAllowed", "done"], 1)


def test_two_administrators_cannot_take_the_role_from_each_other(app: Flask) -> None:
    first, second = new_person(Role.ADMIN), new_person(Role.ADMIN)

    def end(user: User, by: User) -> None:
        services.end_role(user, Role.ADMIN, by=by)

    answers = at_once(app, (first.id, second.id, end), (second.id, first.id, end))
    assert (answers, len(first.roles | second.roles)) == (["NotAllowed", "done"], 1)


@pytest.mark.parametrize("other", [Role.EXPERT, Role.SECRETARY])
def test_one_person_gets_one_of_two_duties_that_stay_apart(app: Flask, other: Role) -> None:
    """The same duty given twice counts once, too."""
    first, second, person = new_person(Role.ADMIN), new_person(Role.ADMIN), new_person()

    def give(role: Role) -> Step:
        return lambda user, by: services.grant_role(user, role, by=by)

    answers = at_once(app, (first.id, person.id, give(Role.SECRETARY)), (second.id, person.id, give(other)))
    assert (answers, len([one for one in person.grants if one.ended_at is None])) == (["NotAllowed", "done"], 1)
