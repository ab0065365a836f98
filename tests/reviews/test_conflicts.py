"""Whoever has a conflict of interest learns nothing of that application, whatever their office."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.services import record
from grants_app.lifecycle import ConflictState
from grants_app.permissions import Role
from grants_app.reviews import queries
from grants_app.reviews.models import Conflict
from tests.support.panel import Panel, declared, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

OFFICES: dict[str, Callable[[Panel], User]] = {
    "secretary": lambda panel: panel.secretary,
    "chair": lambda panel: panel.call.chair,
    "member": lambda panel: panel.call.members[0],
    "organizer": lambda panel: panel.call.organizer,
    "auditor": lambda _panel: new_person(Role.AUDITOR),
    "admin": lambda _panel: new_person(Role.ADMIN),
}


def line(
    application: Application,
    person: User,
    *,
    level: str = "block",
    state: ConflictState = ConflictState.OPEN,
    source: str = "raised",
    kind: str = "other",
) -> Conflict:
    """A stored line of the register."""
    with unit_of_work():
        found = Conflict(
            competition_id=application.competition_id,
            application_id=application.id,
            person_id=person.id,
            level=level,
            state=state,
            source=source,
            kind=kind,
            raised_at=product_clock.now(),
            decided_at=None if state == ConflictState.OPEN else product_clock.now(),
        )
        db.session.add(found)
    return found


@pytest.mark.parametrize(
    ("level", "state", "is_out"),
    [
        ("block", ConflictState.OPEN, True),
        ("block", ConflictState.CONFIRMED, True),
        ("block", ConflictState.DISMISSED, False),
        ("review", ConflictState.OPEN, False),
        ("review", ConflictState.CONFIRMED, True),
        ("review", ConflictState.DISMISSED, False),
    ],
)
def test_line_keeps_out_by_level_and_state(
    app: Flask, clock: FrozenClock, level: str, state: ConflictState, is_out: bool
) -> None:
    panel = opened_panel(clock)
    bid, other = panel.applications
    line(bid, panel.secretary, level=level, state=state)
    expected = frozenset({bid.id}) if is_out else frozenset()
    assert queries.barred_ids(panel.secretary, panel.competition.id) == expected
    assert hidden_ids(panel.secretary) == expected
    assert hidden_ids(panel.secretary, panel.competition) == expected
    assert hidden_ids(panel.call.chair, panel.competition) == frozenset()
    code = panel.competition.code
    rows = visit_as(app, panel.secretary).get(f"/applications/register/{code}.json").get_json()["rows"]
    assert {row["code"] for row in rows} == ({other.code} if is_out else {bid.code, other.code})


@pytest.mark.parametrize("office", OFFICES)
def test_conflict_hides_application_from_every_office(app: Flask, clock: FrozenClock, office: str) -> None:
    panel = opened_panel(clock)
    bid, other = panel.applications
    submitted(bid, panel.experts[0], "3")
    submitted(other, panel.experts[0], "9")
    with unit_of_work():
        for one in panel.applications:
            record(
                thing="application", code=one.journal_code, scope=one.journal_scope, step="submit", by=panel.heads[0]
            )
    person = OFFICES[office](panel)
    client = visit_as(app, person)
    code = panel.competition.code
    lists = [
        f"/applications/register/{code}",
        f"/applications/register/{code}.json",
        f"/reviews/{code}/assignment",
        f"/reviews/{code}/progress",
        f"/reviews/{code}/missing.json",
        f"/reviews/{code}/divergence.csv",
        "/journal",
        "/journal/export.csv",
        "/journal/outbox",
        "/home",
    ]
    own = [f"/applications/{bid.code}", f"/reviews/{bid.code}/reviews", f"/reviews/{bid.code}/experts"]
    before = {page: client.get(page) for page in [*lists, *own]}
    opened = [page for page in lists if before[page].status_code == 200 and (bid.code or "") in before[page].text]
    assert opened, "the application stands nowhere on this person's pages, so that nothing is proved"
    line(bid, person)
    # The address bar of a filter repeats what was asked; nothing was asked here.
    assert {page: (bid.code or "") in client.get(page).text for page in lists} == dict.fromkeys(lists, False)
    assert {page: (other.code or "") in client.get(page).text for page in opened} == dict.fromkeys(opened, True)
    for page in own[1:]:
        if before[page].status_code == 200:
            assert client.get(page).status_code == 404
    assert "1 240 звернень" not in client.get(own[0]).text


def test_conflict_leaves_counts_and_pace_without_the_application(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, _other = panel.applications
    submitted(bid, panel.experts[0], "3")
    assert queries.waiting_of(panel.competition) == (1, 6)
    line(bid, panel.secretary)
    hidden = hidden_ids(panel.secretary, panel.competition)
    assert queries.waiting_of(panel.competition, hidden) == (0, 3)
    assert queries.seats_wanted(panel.competition, hidden) == (1, 0)
    rows = queries.progress_rows(panel.competition, panel.secretary)
    assert [(row.done_count, row.all_count) for row in rows] == [(0, 1), (0, 1), (0, 1)]
    page = visit_as(app, panel.secretary).get("/reviews/desk").text
    assert "0 із 3" in page


def test_conflict_takes_the_application_from_its_expert(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client = visit_as(app, expert)
    pages = ["declaration", "sheet", "sheet.pdf"]
    assert {page: client.get(f"/reviews/{bid.code}/{page}").status_code for page in pages} == dict.fromkeys(pages, 200)
    line(bid, expert)
    assert {page: client.get(f"/reviews/{bid.code}/{page}").status_code for page in pages} == dict.fromkeys(pages, 404)
    assert [row.code for row in queries.my_assignments(expert)] == []
    assert "1 240 звернень" not in client.get(f"/applications/{bid.code}").text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Conflict)) == 1
