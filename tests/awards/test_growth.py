"""No page of any stage asks the database more often because a competition has more applications."""

from __future__ import annotations

import pytest
from flask import Flask

from grants_app.accounts.models import User
from tests.support.databases import Databases
from tests.support.decisions import Bid, Case, adopt, open_decision, publish, rules_of, scored_competition
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

CODE = "2027-TST"
FEW, MANY = 3, 50
SCORING = {
    "secretary": (
        "/home",
        "/applications/desk",
        f"/applications/register/{CODE}",
        f"/reviews/{CODE}/progress",
        f"/reviews/{CODE}/assignment",
        f"/reviews/{CODE}/progress.csv",
        f"/awards/{CODE}/decision",
    ),
    "guest": ("/", f"/applications/public/{CODE}"),
}
DELIBERATION = {
    "chair": ("/home", f"/awards/{CODE}/ranking", f"/awards/{CODE}/winners", f"/awards/{CODE}/reserve"),
    "secretary": ("/home", f"/awards/{CODE}/ranking.csv", f"/awards/{CODE}/decision"),
}
PUBLISHED = {
    "guest": (f"/awards/{CODE}", f"/awards/{CODE}/winners", f"/awards/{CODE}/winners.csv"),
    "secretary": ("/home", "/reports"),
}


def competition_of(rows: int) -> Case:
    """A scored competition: every third application with money, every third below the pass mark."""
    bids = [
        Bid(f"заявка {number}", 1_000_000 + number, {"E1": str(9 - 2 * (number % 3)), "E2": str(8 - 2 * (number % 3))})
        for number in range(rows)
    ]
    smaller_first = [{"by": "column", "column": "requested_kop", "direction": "lower"}]
    return scored_competition(bids, rules_of({"lot": rows * 500_000}, tie_breaks=smaller_first))


def counted(app: Flask, case: Case, visits: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Statements of each page, after a first visit that builds templates and reads the language."""
    people: dict[str, User | None] = {"guest": None, "secretary": case.secretary, "chair": case.chair}
    found = {}
    for name, paths in visits.items():
        client = visit_as(app, people[name])
        for path in paths:
            assert client.get(path).status_code == 200, path
            with count_queries() as statements:
                client.get(path)
            found[f"{name} {path}"] = len(statements)
    return found


@pytest.mark.sqlite_only
def test_pages_ask_as_much_for_fifty_applications_as_for_three(
    app: Flask, databases: Databases, clock: FrozenClock
) -> None:
    seen = []
    for rows in (FEW, MANY):
        databases.renew(app)
        case = competition_of(rows)
        of_scoring = counted(app, case, SCORING)
        open_decision(case)
        of_deliberation = counted(app, case, DELIBERATION)
        adopt(case)
        publish(case)
        seen.append((of_scoring, of_deliberation, counted(app, case, PUBLISHED)))
    assert seen[0] == seen[1]
