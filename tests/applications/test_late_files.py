"""A file that outlasts the sending: only where the call gives minutes, only what began before the deadline."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, services
from grants_app.applications.models import Application, Attachment, Submission
from grants_app.applications.services import uploads_late
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.core.clock import Arrival, current_arrival
from grants_app.core.errors import NotAllowed
from grants_app.core.storage import LocalStorage
from grants_app.database import db, unit_of_work
from tests.support.applications import PDF, close, draft_application, new_head, submitted_application
from tests.support.calls import Call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

NO_RULE = "The file arrived in full after the application was sent, and the rules of this call give no minutes for that"
LATE_START = "The file began to arrive after the deadline"
LATE_END = "The file arrived in full later than the rules of this call allow"


def give_minutes(call: Call, minutes: int) -> datetime:
    """The announced rules with so many minutes; returns the deadline."""
    table = sa.inspect(Competition).local_table
    with unit_of_work():
        db.session.execute(sa.update(table).values(upload_grace_minutes=minutes))
    db.session.rollback()
    until = db.session.get_one(Competition, call.competition.id).intake_until
    assert until is not None
    return until


@contextmanager
def upload_from(began: datetime) -> Iterator[None]:
    """A request whose first byte came then."""
    token = current_arrival.set(Arrival(began, product_clock.now()))
    try:
        yield
    finally:
        current_arrival.reset(token)


def attach(application: Application, head: User, text: bytes = b"late") -> Attachment:
    stored = LocalStorage(Path(current_app.config["STORAGE_PATH"])).put(io.BytesIO(PDF + text), limit=10_000)
    with unit_of_work():
        return services.add_attachment(application, "decision", "пізній.pdf", "application/pdf", stored, by=head)


@pytest.mark.parametrize(
    ("minutes", "began", "ended", "reason"),
    [
        (10, -1, 599, None),
        (10, -1, 600, LATE_END),
        (10, 0, 10, LATE_START),
        (0, -1, 1, NO_RULE),
        (10, -3600, -10, None),
    ],
)
def test_file_after_the_sending(
    call: Call, clock: FrozenClock, minutes: int, began: int, ended: int, reason: str | None
) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    until = give_minutes(call, minutes)
    clock.at(until + timedelta(seconds=ended))
    before = [one.sha256 for one in queries.attachments_of(application)]
    with upload_from(until + timedelta(seconds=began)):
        assert uploads_late.why_not_late(application, head) == reason
        if reason is None:
            attach(application, head)
        else:
            with pytest.raises(NotAllowed):
                attach(application, head)
    assert len(queries.attachments_of(application)) == len(before) + (reason is None)


def test_late_file_is_frozen_beside_what_was_sent(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    until = give_minutes(call, 10)
    digest = application.content_digest
    clock.at(until + timedelta(minutes=5))
    with upload_from(until - timedelta(seconds=1)):
        attachment = attach(application, head)
    first, late = db.session.scalars(sa.select(Submission).order_by(Submission.id)).all()
    assert (first.kind, first.digest, application.content_digest) == ("first", digest, digest)
    content = json.loads(late.content)
    assert (late.kind, late.at, content["file"]["sha256"], content["content_digest"]) == (
        "late_file", clock.now, attachment.sha256, digest,
    )  # fmt: skip
    close(call.competition)
    row = queries.register_rows(call.competition, call.secretary).rows[0]
    assert row.late_file_count == 1
    page = visit_as(app, call.secretary).get(f"/applications/register/{call.competition.code}").text
    assert "1 файл надійшов після закінчення прийому за правилами" in page
    receipt = visit_as(app, head).get(f"/applications/{application.code}/receipt").text
    assert (late.digest[:32] in receipt, str(digest)[:32] in receipt) == (True, True)


def test_late_entry_gives_no_late_files(call: Call, clock: FrozenClock) -> None:
    """What was sent after the deadline has no minutes behind it."""
    head = new_head()
    application = submitted_application(call.competition, head)
    until = give_minutes(call, 10)
    with unit_of_work():
        db.session.get_one(Application, application.id).submitted_at = until
    clock.at(until + timedelta(minutes=1))
    reason = policy.why_not_add_late_file(head, application, until - timedelta(seconds=1), clock.now)
    assert reason == LATE_START


def test_draft_and_stranger_get_no_minutes(call: Call, clock: FrozenClock) -> None:
    head, stranger = new_head(), new_head()
    draft = draft_application(call.competition, head)
    sent = submitted_application(call.competition)
    until = give_minutes(call, 10)
    clock.at(until + timedelta(minutes=1))
    with upload_from(until - timedelta(seconds=5)), pytest.raises(NotAllowed):
        attach(draft, head)
    assert uploads_late.why_not_late(sent, stranger) == policy.NOT_YOURS
