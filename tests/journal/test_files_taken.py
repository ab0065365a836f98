"""Tables in which private persons stand by name leave no desk unnoted."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.database import db
from grants_app.journal.models import JournalEntry
from grants_app.permissions import Role
from tests.support.conflicts import block
from tests.support.panel import Panel, new_panel
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CODE = "2027-SKP"


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """Two experts in the pool, a line in the register of conflicts."""
    found = new_panel(clock, applications=1, experts=2)
    block(found.applications[0], found.experts[0])
    return found


def noted() -> list[tuple[int | None, str, str | None, object]]:
    """Files taken: by whom, which, of what competition, how many rows."""
    db.session.rollback()
    query = sa.select(JournalEntry).filter_by(thing="file", step="take").order_by(JournalEntry.seq)
    return [
        (one.actor_id, one.thing_code, one.scope, json.loads(one.body)["facts"]) for one in db.session.scalars(query)
    ]


@pytest.mark.parametrize(
    ("address", "file", "scope", "rows"),
    [
        (f"/reviews/{CODE}/conflicts.csv", f"conflicts-{CODE}.csv", CODE, 1),
        (f"/reviews/{CODE}/conflicts/annex.pdf", f"conflicts-annex-{CODE}.pdf", CODE, 1),
        ("/reviews/experts.xlsx", "experts.xlsx", None, 2),
        (f"/reviews/{CODE}/panel.json", f"panel-{CODE}.json", CODE, 0),
        (f"/reviews/{CODE}/progress.csv", f"progress-{CODE}.csv", CODE, 0),
        (f"/reviews/{CODE}/missing.csv", f"missing-{CODE}.csv", CODE, 0),
    ],
)
def test_file_with_names_is_noted_once(
    app: Flask, panel: Panel, address: str, file: str, scope: str | None, rows: int
) -> None:
    """The page notes nothing, nor does a refusal."""
    client = visit_as(app, panel.secretary)
    assert client.get(address.rsplit(".", 1)[0]).status_code in {200, 404}
    assert visit_as(app, panel.experts[1]).get(address).status_code == 403
    assert noted() == []
    assert client.get(address).status_code == 200
    assert noted() == [(panel.secretary.id, file, scope, {"rows": rows})]


def test_register_of_organisations_is_noted_and_the_public_directory_is_not(app: Flask) -> None:
    secretary: User = new_person(Role.SECRETARY)
    client = visit_as(app, secretary)
    assert client.get("/organisations.csv").status_code == 200
    assert noted() == []
    assert client.get("/accounts/organisations.csv").status_code == 200
    assert [one[:3] for one in noted()] == [(secretary.id, "organisations.csv", None)]


def test_auditor_reads_of_it_in_the_journal(app: Flask, panel: Panel) -> None:
    visit_as(app, panel.secretary).get(f"/reviews/{CODE}/conflicts.csv")
    page = visit_as(app, new_person(Role.AUDITOR)).get(f"/journal?lang=en&code={CODE}").text
    assert (f"conflicts-{CODE}.csv" in page, "Taken as a file" in page) == (True, True)
