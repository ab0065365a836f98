"""Before the deadline nobody but its authors reads anything of a bid; the desks learn a count, and nothing besides.

Where the call does not seal its applications, its desks read what was submitted, never a draft; everybody else learns
as little as ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import services
from grants_app.competitions import services as competitions
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.attacks.addresses import NOTED, addresses, steady
from tests.support.applications import close, draft_application, new_head, submitted_application
from tests.support.calls import Call, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

# Every address of the product is walked: on a loaded machine that takes its time.
pytestmark = pytest.mark.timeout(1200)

DESKS = ("secretary", "organizer", "auditor", "secretary of this call")
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
    """Two worlds that differ only in the bid: every page of every role is the same byte for byte, but for a count."""
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
    desk, register = "/applications/desk", f"/applications/register/{code}"
    assert sorted(differing) == sorted(
        [f"{name}: {address}" for name in DESKS for address in (desk, register)] + [f"chair of this call: {register}"]
    )
    # The count is all that differs.
    for name, address in (one.split(": ") for one in differing):
        assert _uncounted(after[name][address]) == _uncounted(before[name][address])


@pytest.mark.sqlite_only
def test_sealed_bid_changes_no_table_of_people(app: Flask, clock: FrozenClock) -> None:
    """The files that are noted when taken, which the walk above leaves out."""
    call = announced_call()
    author = new_head()
    people = {role.value: new_person(role) for role in STAFF} | {"secretary of this call": call.secretary}
    draft = draft_application(call.competition, author, title=CANARY)
    known = {"*": [call.competition.code, draft.key], "number": ["1"]}
    files = [address for address in addresses(app, known) if address.endswith(NOTED)]

    def seen() -> dict[str, bytes]:
        return {
            f"{name}: {file}": b"%d " % answer.status_code + steady(answer.data)
            for name, person in people.items()
            for visitor in [visit_as(app, person)]
            for file in files
            for answer in [visitor.get(file)]
        }

    before = seen()
    with unit_of_work():
        services.submit_application(draft, author)
    after = seen()
    assert sorted(name for name, data in after.items() if data != before[name]) == []
    assert sum(data.startswith(b"200") for data in after.values()) > 10


def test_canary_shows_nowhere_before_the_deadline_and_after_it_does(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    application = submitted_application(call.competition, new_head(), title=CANARY)
    words = [CANARY.encode(), str(application.code).encode(), application.key.encode()]
    known = {"*": [call.competition.code], "number": ["1", "2", "3", "4", "5"]}
    people = [new_person(role) for role in (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR, Role.ADMIN)]
    assert _showing(app, [None, call.chair, *people], known, words) == []

    close(call.competition)
    assert f"/applications/register/{call.competition.code}.json" in _showing(app, people[:1], known, words)


@pytest.mark.sqlite_only
def test_call_that_does_not_seal_opens_submitted_bids_to_its_desks_alone(app: Flask, clock: FrozenClock) -> None:
    call = unsealed_call()
    code = call.competition.code
    draft = draft_application(call.competition, new_head(), title="Чернетка в шухляді")
    application = submitted_application(call.competition, new_head(), title=CANARY)
    address = f"/applications/{application.code}"
    desks = [call.secretary, *(new_person(role) for role in (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR))]
    strangers = [None, new_head(), *(new_person(role) for role in (Role.EXPERT, Role.FINANCE, Role.NGO_MEMBER))]
    found = [(visit_as(app, one).get(address).status_code, CANARY in visit_as(app, one).get(address).text)
             for one in desks]  # fmt: skip
    assert found == [(200, True)] * len(desks)
    assert [visit_as(app, one).get(address).status_code for one in strangers] == [404] * len(strangers)
    known = {"*": [code, str(application.code), draft.key], "number": ["1"]}
    assert _showing(app, strangers, known, [CANARY.encode()]) == []
    everybody = [*strangers, *desks, call.chair, new_person(Role.ADMIN)]
    assert _showing(app, everybody, known, ["Чернетка в шухляді".encode()]) == []
    assert visit_as(app, call.secretary).post(f"/applications/register/{code}/start-check").status_code == 409


@pytest.mark.parametrize("seals", [True, False])
def test_recalled_bid_is_closed_again_even_after_the_deadline(app: Flask, clock: FrozenClock, seals: bool) -> None:
    call = announced_call() if seals else unsealed_call()
    head = new_head()
    application = submitted_application(call.competition, head, title=CANARY)
    code = application.code
    with unit_of_work():
        services.recall(application, head)
    for _round in range(2):
        statuses = [visit_as(app, one).get(f"/applications/{code}").status_code for one in (None, call.secretary)]
        assert statuses == [404, 404]
        clock.at(clock.now if call.competition.intake_until is None else call.competition.intake_until)


def unsealed_call() -> Call:
    """A call that lets its desks read submitted applications at once."""
    call = new_call()
    with unit_of_work():
        db.session.get_one(Competition, call.competition.id).seals_applications = False
    with unit_of_work():
        competitions.announce(call.competition, by=call.organizer)
    return call


def _uncounted(page: bytes) -> bytes:
    return re.sub(rb"\d+", b"#", page)


def _pages(app: Flask, person: User | None, known: dict[str, list[str]]) -> dict[str, bytes]:
    visitor = visit_as(app, person)
    found = {}
    for address in addresses(app, known):
        if address.startswith(
            ("/journal/export", "/readyz", "/healthz", "/session", "/accounts/second-factor")
        ) or address.endswith((".pdf", *NOTED)):
            continue  # noted when taken, counting time, with a fresh token or key, or drawn slowly
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
