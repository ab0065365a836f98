"""Nobody decides on letters that a conflict of interest keeps from them: another secretary does, and is told."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.journal.batches import release_batch, withdraw_batch
from grants_app.journal.delivery import send_waiting
from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.queries import TRIES, batch_letters, undelivered_rows
from grants_app.journal.services import held_batch, notify, record
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Role
from grants_app.reviews.services import raise_conflict
from tests.accounts.people import key, steps_of
from tests.support.conflicts import block
from tests.support.panel import Panel, new_panel
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

SEEN, KEPT = "seen@example.org", "kept@example.org"


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """Two applications; the secretary has a conflict about the first."""
    found = new_panel(clock, applications=2, experts=1)
    block(found.applications[0], found.secretary)
    return found


def hold(panel: Panel, by: User | None = None) -> LetterBatch:
    """A list with one letter about each of the two applications."""
    somebody = by or panel.call.organizer
    with unit_of_work(), held_batch("Publish the results", panel.competition.code, somebody) as batch:
        for email, application in zip((KEPT, SEEN), panel.applications, strict=True):
            _write(panel, email, application.code or "")
        record(thing="award", code=panel.competition.code, step="approve", by=somebody)
    return batch


def _write(panel: Panel, email: str, code: str, thing: str = "application") -> None:
    scope = panel.competition.code
    notify(email=email, template="t", subject="Рішення", body="Добрий день.", thing=thing, code=code, scope=scope)


def sent() -> set[str]:
    """Addresses to which letters went."""
    db.session.rollback()
    return set(db.session.scalars(sa.select(Notice.email).where(Notice.sent_at.is_not(None))))


def aside() -> LetterBatch:
    """The list that was set aside."""
    return db.session.scalars(sa.select(LetterBatch).filter_by(is_set_aside=True)).one()


def test_letters_kept_from_the_releaser_wait_for_another_secretary(panel: Panel) -> None:
    batch, other = hold(panel), new_person(Role.SECRETARY)
    assert [row.email for row in batch_letters(batch, panel.secretary)] == [SEEN]
    with unit_of_work():
        release_batch(batch, by=panel.secretary)
    assert (send_waiting(), sent()) == (1, {SEEN})
    kept = aside()
    assert (kept.state, kept.step, kept.scope) == (LetterBatchState.HELD, batch.step, batch.scope)
    assert [row.email for row in batch_letters(kept, other)] == [KEPT]
    assert batch_letters(kept, panel.secretary) == []
    assert steps_of("letter_batch", kept.code) == ["set_aside"]
    with unit_of_work():
        release_batch(kept, by=other)
    assert (send_waiting(), sent()) == (1, {SEEN, KEPT})


def test_withdrawal_takes_back_only_what_was_seen(panel: Panel) -> None:
    batch, other = hold(panel), new_person(Role.SECRETARY)
    with unit_of_work():
        withdraw_batch(batch, reason="Помилка в переліку", by=panel.secretary)
    with unit_of_work():
        release_batch(aside(), by=other)
    assert (send_waiting(), sent()) == (1, {KEPT})


def test_list_without_kept_letters_stays_whole(panel: Panel) -> None:
    batch, other = hold(panel), new_person(Role.SECRETARY)
    with unit_of_work():
        release_batch(batch, by=other)
    assert send_waiting() == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LetterBatch)) == 1


def test_letter_of_the_conflicted_persons_own_step_fails_back_to_the_office(panel: Panel) -> None:
    """Whoever caused it may not see it, so that its failure would come back to nobody."""
    batch, other = hold(panel, by=panel.secretary), new_person(Role.SECRETARY)
    with unit_of_work():
        release_batch(batch, by=panel.secretary)
    with unit_of_work():
        release_batch(aside(), by=other)
        db.session.execute(sa.update(Notice).where(Notice.email == KEPT).values(attempts=TRIES, failure="x"))
    assert [row.email for row in undelivered_rows(other)] == [KEPT]
    assert undelivered_rows(panel.secretary) == []


def test_letter_that_an_earlier_conflict_keeps_from_its_causer_fails_back_to_the_office(panel: Panel) -> None:
    """The organizer decides on the whole call; another person releases the list."""
    organizer, other = panel.call.organizer, new_person(Role.SECRETARY)
    block(panel.applications[0], organizer)
    batch = hold(panel)
    with unit_of_work():
        release_batch(batch, by=other)
        db.session.execute(sa.update(Notice).where(Notice.email.in_({KEPT, SEEN})).values(attempts=TRIES, failure="x"))
    assert [row.email for row in undelivered_rows(other)] == [KEPT]
    assert [row.email for row in undelivered_rows(organizer)] == [SEEN]


def test_what_a_later_conflict_keeps_from_its_causer_fails_back_to_the_office(panel: Panel) -> None:
    """A conflict about the second application comes when its letter has been caused, and when it has left."""
    hold(panel, by=panel.secretary)
    other, second = new_person(Role.SECRETARY), panel.applications[1]
    with unit_of_work():
        db.session.execute(sa.update(Notice).where(Notice.email == SEEN).values(attempts=TRIES, failure="x"))
    assert [row.email for row in undelivered_rows(panel.secretary)] == [SEEN]
    with unit_of_work():
        raise_conflict(second, panel.secretary, kind="family", details="Керівниця є родичкою", by=panel.secretary)
        db.session.flush()
        about_it = sa.update(Notice).where(
            Notice.template == "conflict_own", Notice.recipient_id == panel.call.chair.id
        )
        assert db.session.execute(about_it.values(attempts=TRIES, failure="x")).rowcount == 1
    assert [(row.email, row.template) for row in undelivered_rows(other)] == [
        (panel.call.chair.email, "conflict_own"), (SEEN, "t")
    ]  # fmt: skip
    assert undelivered_rows(panel.secretary) == []


def test_the_other_secretary_and_the_organizer_are_told_and_the_conflicted_one_is_not(app: Flask, panel: Panel) -> None:
    code, other = hold(panel).code, new_person(Role.SECRETARY)
    conflicted, organizer = visit_as(app, panel.secretary), visit_as(app, panel.call.organizer)
    told = "only a secretary without a conflict of interest may release them"
    assert told not in organizer.get("/home?lang=en", follow_redirects=True).text
    page = conflicted.get(f"/journal/batches/{code}?lang=en").text
    assert (SEEN in page, KEPT in page, "1 letter</li>" in page) == (True, False, True)
    ticked = re.findall(r'name="letter" type="checkbox" value="(\d+)" checked', page)
    assert len(ticked) == 1
    answer = conflicted.post(f"/journal/batches/{code}/release", data=key() | {"letter": ticked})
    assert answer.location == f"/journal/batches/{code}"
    assert send_waiting() == 1
    kept = aside().code
    for visitor, may_release in ((visit_as(app, other), True), (organizer, False)):
        assert told in visitor.get("/home?lang=en", follow_redirects=True).text
        shown = visitor.get(f"/journal/batches/{kept}?lang=en").text
        assert ("Set aside for another secretary" in shown, KEPT in shown) == (True, True)
        assert ("Release the ticked letters" in shown) is may_release
    assert conflicted.get(f"/journal/batches/{kept}").status_code == 404
    assert conflicted.post(f"/journal/batches/{kept}/release", data=key() | {"letter": ticked}).status_code == 404
    assert kept not in conflicted.get("/journal/batches").text
    assert told not in conflicted.get("/home?lang=en", follow_redirects=True).text


def test_list_that_nobody_releases_is_told_to_the_organizer_after_a_day(
    app: Flask, clock: FrozenClock, panel: Panel
) -> None:
    """The only secretary may see none of its letters: without this nobody would ever hear of them."""
    block(panel.applications[1], panel.secretary)
    hold(panel)
    clock.forward(hours=24, seconds=-1)
    assert (late_told(app, panel.secretary), late_told(app, panel.call.organizer)) == (False, False)
    clock.forward(seconds=1)
    assert (late_told(app, panel.secretary), late_told(app, panel.call.organizer)) == (False, True)


def late_told(app: Flask, person: User) -> bool:
    """Whether the person's home page tells of a list that nobody has released."""
    page = visit_as(app, person).get("/home?lang=en", follow_redirects=True).text
    return "nobody has released them since" in page


def test_sealed_letters_leave_with_their_list(app: Flask, panel: Panel) -> None:
    """Nobody sees them before the intake has ended: set aside they would wait till it is too late."""
    with unit_of_work(), held_batch("Prolong the intake", panel.competition.code, panel.call.organizer) as batch:
        _write(panel, SEEN, panel.competition.code, thing="competition")
        _write(panel, KEPT, panel.applications[0].code or "", thing="call_question")
    with unit_of_work():
        release_batch(batch, by=panel.secretary)
    assert (send_waiting(), sent()) == (2, {SEEN, KEPT})
