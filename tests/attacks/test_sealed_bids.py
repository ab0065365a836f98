"""Nobody but its authors learns before the deadline that a bid exists: not its text, not its code, not a count."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import services
from grants_app.database import unit_of_work
from grants_app.permissions import Role
from tests.attacks.addresses import addresses, steady
from tests.support.applications import close, draft_application, new_head, submitted_application
from tests.support.calls import announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CANARY = "Канарка у скриньці"
STAFF = (
    Role.SECRETARY,
    Role.ORGANIZER,
    Role.AUDITOR,
    Role.ADMIN,
    Role.CHAIR,
    Role.COMMISSION_MEMBER,
    Role.EXPERT,
    Role.FINANCE,
    Role.VOUCHER_OPERATOR,
    Role.CONSULTANT,
    Role.NGO_HEAD,
)


@pytest.mark.sqlite_only
def test_sealed_bid_changes_no_page_of_anybody_else(app: Flask, clock: FrozenClock) -> None:
    """Two worlds that differ only in the bid: every page of every role is the same byte for byte."""
    call = announced_call()
    author, rival = new_head(), new_head()
    people = {role.value: new_person(role) for role in STAFF}
    people |= {"chair of this call": call.chair, "secretary of this call": call.secretary, "rival": rival}
    draft = draft_application(call.competition, author, title=CANARY)
    code, key = call.competition.code, draft.key
    known = {"*": [code, key, f"{code}-7KQ4"], "number": ["1", "2", "9"]}
    before = {name: _pages(app, person, known) for name, person in people.items()}
    before["guest"] = _pages(app, None, known)
    with unit_of_work():
        services.submit_application(draft, author)
    after = {name: _pages(app, person, known) for name, person in people.items()}
    after["guest"] = _pages(app, None, known)
    differing = [
        f"{name}: {address}"
        for name, pages in after.items()
        for address, page in pages.items()
        if page != before[name][address]
    ]
    assert differing == []


def test_canary_shows_nowhere_before_the_deadline_and_after_it_does(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    application = submitted_application(call.competition, new_head(), title=CANARY)
    words = [CANARY.encode(), str(application.code).encode(), application.key.encode()]
    known = {"*": [call.competition.code], "number": ["1", "2", "3", "4", "5"]}
    people = [new_person(role) for role in (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR, Role.ADMIN)]
    assert _showing(app, [None, call.chair, *people], known, words) == []

    close(call.competition)
    assert f"/applications/register/{call.competition.code}.json" in _showing(app, people[:1], known, words)


def _pages(app: Flask, person: User | None, known: dict[str, list[str]]) -> dict[str, bytes]:
    visitor = visit_as(app, person)
    found = {}
    for address in addresses(app, known):
        if address.startswith(("/journal/export", "/readyz", "/healthz", "/session")) or address.endswith(".pdf"):
            continue  # noted when taken, counting time, with a fresh token, or drawn slowly
        answer = visitor.get(address)
        found[address] = b"%d " % answer.status_code + steady(answer.data)
    return found


def _showing(app: Flask, people: Sequence[User | None], known: dict[str, list[str]], words: list[bytes]) -> list[str]:
    found = []
    for person in people:
        visitor = visit_as(app, person)
        for address in addresses(app, known):
            answer = visitor.get(address)
            if any(word in answer.data for word in words):
                found.append(address)
    return found
