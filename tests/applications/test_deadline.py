"""The deadline to the second: the instant of arrival decides, queues and changes of the clock change nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.applications import policy, queries, services
from grants_app.applications.models import Application, Submission
from grants_app.applications.routes import close_due_intakes
from grants_app.competitions import services as competitions
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.core.clock import Arrival, current_arrival
from grants_app.core.errors import NotAllowed
from grants_app.database import db, lock, unit_of_work
from grants_app.lifecycle import ApplicationState as A
from tests.support.applications import close, draft_application, new_head, submitted_application
from tests.support.calls import Call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

STAMP = "X-Request-Start"


def until_of(call: Call) -> datetime:
    until = call.competition.intake_until
    assert until is not None
    return until


def ticks(draft: Application) -> dict[str, str]:
    return {one.code: "y" for one in queries.form_for(draft).declarations}


@pytest.mark.parametrize(("seconds", "status", "state"), [(-1, 302, A.SUBMITTED), (0, 403, A.DRAFT), (1, 403, A.DRAFT)])
def test_press_at_the_deadline(app: Flask, call: Call, clock: FrozenClock, seconds: int, status: int, state: A) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    visitor = visit_as(app, head)
    clock.at(until_of(call) + timedelta(seconds=seconds))
    assert visitor.post(f"/applications/{draft.key}/submit", data=ticks(draft)).status_code == status
    db.session.refresh(draft)
    assert (draft.state, draft.title) == (state, "Школа дворових медіаторів")
    assert visitor.get(f"/applications/{draft.key}").status_code == 200


@pytest.mark.parametrize(("waited", "is_taken"), [(1, False), (2.5, True), (119, True), (121, False), (-5, False)])
def test_stamp_of_the_server_in_front_counts_the_waiting_out(
    app: Flask, call: Call, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, waited: float, is_taken: bool
) -> None:
    """Two seconds after the deadline: what had arrived before it is taken, whatever stands in the header otherwise."""
    head = new_head()
    draft = draft_application(call.competition, head)
    settings = app.config["SETTINGS"]
    now = clock.at(until_of(call) + timedelta(seconds=2))
    stamp = {STAMP: f"t={now.timestamp() - waited:.3f}; took=0.020"}
    visitor = visit_as(app, head)
    address = f"/applications/{draft.key}/submit"
    assert visitor.post(address, data=ticks(draft), headers=stamp).status_code == 403  # nobody asked to believe it
    monkeypatch.setitem(app.config, "SETTINGS", type(settings)(**{**vars(settings), "arrival_header": STAMP}))
    answer = visitor.post(address, data=ticks(draft), headers=stamp)
    assert answer.status_code == (302 if is_taken else 403)
    db.session.refresh(draft)
    expected = now - timedelta(seconds=waited) if is_taken else None
    got = draft.submitted_at
    assert (got is None) == (expected is None)
    assert got is None or expected is None or abs(got - expected) < timedelta(milliseconds=2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "t=",
        "t=abc",
        "t=1e9",
        "t=99999999999999.1",
        "t=999999999999.9",
        "t=1.5; took=999999.9",
        "t=1.5; took=x",
        "t=-1.0",
    ],
)
def test_broken_stamp_is_no_stamp(app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", type(settings)(**{**vars(settings), "arrival_header": STAMP}))
    assert app.test_client().get("/", headers={STAMP: text}).status_code == 200


def test_body_that_still_came_arrived_when_it_was_whole(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    late = until_of(call)
    token = current_arrival.set(Arrival(late - timedelta(seconds=30), late))
    try:
        assert policy.why_not_submit(head, draft) == policy.INTAKE_OVER
        current_arrival.set(Arrival(late - timedelta(seconds=30), late - timedelta(microseconds=1)))
        assert policy.why_not_submit(head, draft) is None
    finally:
        current_arrival.reset(token)


@contextmanager
def arrivals(app: Flask) -> Iterator[threading.Semaphore]:
    """Released once for each request whose arrival is noted."""
    arrived = threading.Semaphore(0)
    told = app.before_request_funcs.setdefault(None, [])
    told.append(arrived.release)
    try:
        yield arrived
    finally:
        told.remove(arrived.release)


def test_queue_at_the_deadline_makes_nobody_late(app: Flask, call: Call) -> None:
    """Ten press while the competition is held; when it is let go the deadline has passed, and all ten are in."""
    product_clock.freeze(None)
    heads = [new_head() for _ in range(10)]
    product_clock.freeze(datetime(2027, 3, 10, tzinfo=UTC))
    drafts = [draft_application(call.competition, head) for head in heads]
    product_clock.freeze(None)
    now = datetime.now(UTC)
    calendar = sa.update(Competition.__table__).where(Competition.__table__.c.id == call.competition.id)
    with unit_of_work():
        far = {"intake_from": now - timedelta(days=40), "intake_until": now + timedelta(days=1)}
        db.session.execute(calendar.values(**far))
    ready = [(visit_as(app, head), f"/applications/{draft.key}/submit", ticks(draft)) for head, draft in
             zip(heads, drafts, strict=True)]  # fmt: skip
    statuses: list[int] = []

    def press(place: int) -> None:
        visitor, address, data = ready[place]
        statuses.append(visitor.post(address, data=data).status_code)

    threads = [threading.Thread(target=Context().run, args=(press, place)) for place in range(10)]
    with arrivals(app) as arrived, unit_of_work():
        db.session.scalar(lock(sa.select(Competition).filter_by(id=call.competition.id)))
        for thread in threads:
            thread.start()
        for _thread in threads:
            assert arrived.acquire(timeout=60)
        # Everybody is here and waits: this is the instant of the deadline.
        deadline = datetime.now(UTC)
        db.session.execute(calendar.values(intake_until=deadline))
    for thread in threads:
        thread.join()
    assert statuses == [302] * 10
    db.session.rollback()
    sent = db.session.scalars(sa.select(Application.submitted_at).where(Application.state == A.SUBMITTED)).all()
    assert (len(sent), all(one is not None and one < deadline for one in sent)) == (10, True)
    late_visitor, address, data = ready[0]
    assert late_visitor.post(address, data=data).status_code == 403


def test_clock_closes_the_intake_when_no_queue_can_be_left(call: Call, clock: FrozenClock) -> None:
    submitted_application(call.competition)
    seen = []
    for minutes in (0, 1.99, 2):
        clock.at(until_of(call) + timedelta(minutes=minutes))
        close_due_intakes()
        db.session.rollback()
        seen.append(db.session.get_one(Competition, call.competition.id).intake_closed_at is not None)
    assert seen == [False, False, True]


def test_arrival_in_time_before_the_closing_keeps_its_place(call: Call, clock: FrozenClock) -> None:
    """The one who arrived first was served last: the register has the order of arrival."""
    slow_head, quick_head = new_head(), new_head()
    slow, quick = draft_application(call.competition, slow_head), draft_application(call.competition, quick_head)
    now = clock.at(until_of(call) + timedelta(seconds=5))
    for draft, head, before in ((quick, quick_head, 6), (slow, slow_head, 8)):
        moment = now - timedelta(seconds=before)
        token = current_arrival.set(Arrival(moment, moment))
        try:
            with unit_of_work():
                services.submit_application(draft, head)
        finally:
            current_arrival.reset(token)
    close(call.competition)
    assert (slow.register_number, quick.register_number) == (1, 2)


@pytest.mark.parametrize(
    ("until", "as_utc"),
    [
        ("2027-03-28 02:59:59", "2027-03-28T00:59:59+00:00"),  # the last second before the clock jumps to four
        ("2027-03-28 04:00:00", "2027-03-28T01:00:00+00:00"),
        ("2027-03-29 00:00:00", "2027-03-28T21:00:00+00:00"),
        ("2027-10-31 02:59:59", "2027-10-30T23:59:59+00:00"),
        ("2027-11-01 00:00:00", "2027-10-31T22:00:00+00:00"),
    ],
)
def test_deadline_on_days_when_the_clock_changes(call: Call, clock: FrozenClock, until: str, as_utc: str) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    instant = datetime.fromisoformat(until).replace(tzinfo=product_clock.KYIV)
    with unit_of_work():
        db.session.get_one(Competition, call.competition.id).intake_until = instant
    db.session.rollback()
    assert until_of(call) == datetime.fromisoformat(as_utc)
    found = []
    for seconds in (-1, 0):
        clock.at(datetime.fromisoformat(as_utc) + timedelta(seconds=seconds))
        found.append(policy.why_not_submit(head, draft) is None)
    assert found == [True, False]


def test_prolonging_while_somebody_presses(call: Call, clock: FrozenClock) -> None:
    """Whoever arrives before the new end is in; whoever was refused before the prolonging presses again."""
    head = new_head()
    draft = draft_application(call.competition, head)
    before = until_of(call)
    clock.at(before - timedelta(seconds=1))
    with unit_of_work():
        competitions.prolong(call.competition, before + timedelta(days=5), by=call.organizer, reason="Замало заявок")
    clock.at(before + timedelta(seconds=1))
    with unit_of_work():
        services.submit_application(draft, head)
    assert draft.state == A.SUBMITTED
    clock.at(before + timedelta(days=5))
    with pytest.raises(NotAllowed), unit_of_work():
        services.recall(draft, head)


def test_form_version_is_kept_at_submission_and_forgotten_at_recall(call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    found = [draft.form_version]
    with unit_of_work():
        services.submit_application(draft, head)
    found.append(draft.form_version)
    with unit_of_work():
        services.recall(draft, head)
    assert [*found, draft.form_version] == [None, call.competition.form_version, None]
    assert db.session.scalar(sa.select(sa.func.count(Submission.id))) == 1
