"""A rival who knows every key and code of another applicant opens nothing of theirs and changes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Attachment, Presence
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, JournalHead, Notice
from grants_app.permissions import Role
from tests.attacks.addresses import addresses
from tests.support.applications import (
    PDF,
    declarations,
    draft_application,
    new_head,
    organisation_of,
    submitted_application,
)
from tests.support.calls import Call, announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

SECRET = "Задум, якого ніхто не знає"
SLUGS = ["summary", "plan", "budget", "files", "declarations"]


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call that takes applications."""
    return announced_call()


def _file_of(application: Application) -> str:
    return db.session.scalars(sa.select(Attachment.code).filter_by(application_id=application.id)).first() or ""


def _addresses(app: Flask, application: Application, method: str) -> list[str]:
    """Every address below the application's own, by its key and by its code."""
    found: list[str] = []
    for name in filter(None, (application.key, application.code)):
        known = {"*": ["1"], "code": [name], "slug": SLUGS, "file_code": [_file_of(application)], "item": ["goal"]}
        found += [one for one in addresses(app, known, method=method) if one.startswith(f"/applications/{name}")]
    return found


def _everything() -> list[Any]:
    """All rows but those of the journal and the letters, which tell of attempts too."""
    left_out = {kind.__tablename__ for kind in (JournalEntry, JournalHead, Notice)}
    db.session.rollback()
    return [
        sorted(map(repr, db.session.execute(sa.select(table)).all()))
        for table in db.metadata.sorted_tables
        if table.name not in left_out
    ]


def _rivals(call: Call) -> Iterator[User]:
    """The head, a member and the accountant of another organisation that applies, and a person of none."""
    head = new_head()
    yield head
    for role in (Role.NGO_MEMBER, Role.NGO_ACCOUNTANT):
        yield new_person(role, organisation=organisation_of(head))
    yield new_person()


@pytest.mark.parametrize("is_sent", [False, True], ids=["draft", "sent"])
def test_rival_finds_no_page_and_no_button_of_another_application(app: Flask, call: Call, is_sent: bool) -> None:
    author = new_head()
    make = submitted_application if is_sent else draft_application
    victim = make(call.competition, author, title=SECRET)
    rivals = list(_rivals(call))
    draft_application(call.competition, rivals[0])
    form = {
        **dict.fromkeys(declarations(), "y"),
        "goal": "Чуже",
        "page": "plan",
        "kind": "decision",
        "reason": "Досить",
    }
    before = _everything()
    found = []
    for rival in rivals:
        client = visit_as(app, rival)
        for address in _addresses(app, victim, "GET"):
            answer = client.get(address)
            found += [f"GET {address}"] if answer.status_code < 400 or SECRET.encode() in answer.data else []
        for address in _addresses(app, victim, "POST"):
            data = {**form, "file": (io.BytesIO(PDF), "чуже.pdf"), "scan": (io.BytesIO(PDF), "чуже.pdf")}
            answer = client.post(address, data=data, content_type="multipart/form-data")
            found += (
                [f"POST {address}"] if answer.status_code not in {403, 404} or SECRET.encode() in answer.data else []
            )
    assert found == []
    assert _everything() == before
    # The walk has walked: the author's own pages are among the addresses and answer.
    walked = {visit_as(app, author).get(address).status_code for address in _addresses(app, victim, "GET")}
    assert 200 in walked


def test_file_of_another_under_ones_own_address_is_not_there(app: Flask, call: Call) -> None:
    victim, rival = draft_application(call.competition, new_head()), new_head()
    own = draft_application(call.competition, rival)
    client, code = visit_as(app, rival), _file_of(victim)
    address = f"/applications/{own.key}/files/{code}"
    assert (client.get(address).status_code, client.post(f"{address}/remove").status_code) == (404, 404)
    db.session.rollback()
    assert _file_of(victim) == code


def test_who_left_the_organisation_is_a_stranger_at_once(app: Flask, call: Call, clock: FrozenClock) -> None:
    author = new_head()
    leaver = new_person(Role.NGO_MEMBER, organisation=organisation_of(author))
    victim = draft_application(call.competition, author, title=SECRET)
    client, address = visit_as(app, leaver), f"/applications/{victim.key}"
    assert client.get(f"{address}/check").status_code == 200
    with unit_of_work():
        db.session.get_one(User, leaver.id).memberships[0].ended_at = clock.now
    assert {client.get(f"{address}{page}").status_code for page in ("", "/check", "/budget", "/files")} <= {403, 404}
    assert client.post(f"{address}/presence", data={"page": "plan"}).status_code in {403, 404}
    db.session.rollback()
    assert db.session.query(Presence).count() == 0


def test_form_of_a_call_is_tried_by_its_desk_alone(app: Flask, call: Call) -> None:
    address = f"/applications/preview/{call.competition.code}"
    assert visit_as(app, new_head()).get(address).status_code == 403
    assert visit_as(app, call.organizer).get(address).status_code == 200
