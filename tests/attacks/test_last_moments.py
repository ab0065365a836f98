"""The last moment as a weapon: what is undone when others have gone on, asked when nobody can answer, swapped."""

from __future__ import annotations

import threading
from contextvars import Context

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries
from grants_app.applications.models import Signature, Submission
from grants_app.applications.queries.signing import signing_digest
from grants_app.applications.services import signing
from grants_app.applications.services.bulk import Order, take_step, undo_step
from grants_app.competitions import services as calls
from grants_app.competitions.models import Competition
from grants_app.competitions.rules.form import Question
from grants_app.competitions.services import amendments
from grants_app.competitions.services import form as form_services
from grants_app.core.errors import InvalidInput, WrongState
from grants_app.core.inspection import MEDIA_TYPES, Paper
from grants_app.core.storage import Stored
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.queries import verify_chain
from grants_app.journal.services import advance
from grants_app.lifecycle import ApplicationState as A
from tests.applications.test_signing import change_title, draft_with
from tests.support.admissions import checking, met
from tests.support.applications import draft_application, new_head
from tests.support.calls import Call, announced_call
from tests.support.signatures import p7s
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

ASKED = Question("", "Скільки волонтерів?", "number", required=True)


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call whose intake runs."""
    return announced_call()


def test_admission_is_not_undone_when_experts_score(call: Call) -> None:
    """A bought secretary lets a rival through to the experts and then takes the admission back."""
    (application,) = checking(call, 1)
    met(call, application)
    with unit_of_work():
        step = take_step(call.competition, Order("admit"), [application.code or ""], by=call.secretary)
    with unit_of_work():
        competition = db.session.get_one(Competition, call.competition.id)
        advance(competition, "open_review", by=db.session.get_one(User, call.secretary.id))
    with pytest.raises(WrongState), unit_of_work():
        undo_step(step, by=call.secretary)
    db.session.expire_all()
    assert application.state is A.ADMITTED


def _amended(call: Call) -> None:
    with unit_of_work():
        calls.begin_amendment(call.competition, by=call.organizer)
    with unit_of_work():
        form_services.save_question(call.competition, ASKED, section="team", by=call.organizer)


@pytest.mark.parametrize(("moment", "number"), [("2027-03-31 00:00:01", 1), ("2027-03-31 00:00", 2)])
def test_nothing_new_is_asked_when_nobody_can_answer(
    app: Flask, call: Call, clock: FrozenClock, moment: str, number: int
) -> None:
    """A required question a minute before the end would bar every draft but that of whoever knew of it."""
    _amended(call)
    clock.at(moment)
    if number == 1:
        with pytest.raises(InvalidInput) as caught, unit_of_work():
            calls.publish_amendment(call.competition, by=call.organizer, reason="Терміново")
        assert caught.value.message == amendments.TOO_LATE
    else:
        with unit_of_work():
            calls.publish_amendment(call.competition, by=call.organizer, reason="Терміново")
    db.session.expire_all()
    assert call.competition.form_version == number


def test_container_over_what_a_colleague_has_just_changed_is_refused(app: Flask, call: Call) -> None:
    """The head's key signs one text; while the server looks into the container, a member puts another in its place."""
    draft = draft_with(app, call, "qes")
    application, head, _visitor = draft
    signed, original = signing_digest(application), b"%PDF-1.4 what the head has read"
    change_title(draft)
    paper, body = Paper("підпис.p7s", MEDIA_TYPES["p7s"], "p7s"), p7s(original)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        signing.attach_container(
            application, paper, Stored("0" * 64, len(body)), body=body, original=original, digest=signed, by=head
        )
    assert (caught.value.field, caught.value.message) == ("container", signing.CHANGED)
    assert db.session.scalar(sa.select(sa.func.count(Signature.id))) == 0


def test_sending_and_recalling_at_once_leave_one_story(app: Flask, call: Call) -> None:
    """Six browsers of one head, three press «send» and three «recall»: every step is whole, none is lost."""
    head = new_head()
    draft = draft_application(call.competition, head)
    ticks = {one.code: "y" for one in queries.form_for(draft).declarations}
    ready = [visit_as(app, head) for _browser in range(6)]
    gate, statuses = threading.Barrier(len(ready)), []

    def press(place: int) -> None:
        gate.wait()
        step = "submit" if place % 2 else "recall"
        statuses.append((step, ready[place].post(f"/applications/{draft.key}/{step}", data=ticks).status_code))

    threads = [threading.Thread(target=Context().run, args=(press, place)) for place in range(len(ready))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    steps = [step for step in db.session.scalars(sa.select(JournalEntry.step).order_by(JournalEntry.seq))
             if step in {"submit", "recall"}]  # fmt: skip
    letters = list(db.session.scalars(sa.select(Notice.template)))
    sent, recalled = steps.count("submit"), steps.count("recall")
    assert steps == ["submit", "recall"] * recalled + ["submit"] * (sent - recalled)
    assert {status for _step, status in statuses} <= {302, 403}
    assert (statuses.count(("submit", 302)), statuses.count(("recall", 302))) == (sent, recalled)
    assert (letters.count("application_received"), letters.count("application_recalled")) == (sent, recalled)
    assert db.session.scalar(sa.select(sa.func.count(Submission.id))) == sent
    assert (draft.state is A.SUBMITTED, draft.submitted_at is not None) == ((sent > recalled),) * 2
    assert verify_chain().holds
