"""Whoever is out of an application learns nothing of it from the commission either, whatever their office.

The walk of `test_leak_walk` looks at scoring; here the competition is with the commission. The pages of everybody who
has a conflict are read at every address before and after the meeting came to the hidden application: another sum with
its reason, a note for the minutes, the vote. They must look the same byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import RoleGrant, User
from grants_app.awards import services
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment
from tests.attacks.addresses import NOTED, addresses, differing, steady
from tests.support.conflicts import block
from tests.support.decisions import Bid, Case, add_item, open_decision, open_meeting, rules_of, scored_competition, vote
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

pytestmark = [pytest.mark.sqlite_only, pytest.mark.timeout(1200)]

HIDDEN, OPEN = "таємна", "відкрита"
REASON = "Прихована підстава іншої суми"
NOTE = "Прихована особлива думка"
GROUPS = ("seats", "desks", "watchers", "experts")
# Reading these is itself noted, counts time, or makes a fresh token or key.
SKIPPED = ("/journal/export", "/readyz", "/healthz", "/metrics", "/session", "/accounts/second-factor")


class World:
    """Three ranked applications before the commission; one of them is considered without many people."""

    def __init__(self) -> None:
        bids = [
            Bid(OPEN, 3_000_000, {"E-AAAA": "9", "E-BBBB": "8"}),
            Bid(HIDDEN, 4_000_000, {"E-AAAA": "8", "E-CCCC": "8"}),
            Bid("третя", 2_000_000, {"E-BBBB": "7", "E-CCCC": "7"}),
        ]
        self.case: Case = scored_competition(bids, rules_of({"lot": 9_000_000}), members=5)
        self.hidden = self.case.application(HIDDEN)
        self.expert = new_person(Role.EXPERT)
        with unit_of_work():
            scored = sa.update(Assignment).values(expert_id=self.expert.id).where(Assignment.expert_code == "E-BBBB")
            db.session.execute(scored)
        open_decision(self.case)

    def begin(self) -> None:
        """The meeting with its agenda: whoever is out sees that an item is considered without them, to leave for it."""
        self.meeting = open_meeting(self.case)
        add_item(self.case, self.meeting, "award", self.case.award(OPEN))
        self.item = add_item(self.case, self.meeting, "award", self.case.award(HIDDEN))

    def happen(self) -> None:
        """What the hidden application lives through while they look."""
        case = self.case
        with unit_of_work():
            services.change_amount(case.award(HIDDEN), 1_234_567, reason=REASON, by=case.secretary)
        with unit_of_work():
            services.note_for_minutes(self.item, NOTE, by=case.secretary)
        vote(case, self.item)

    def known(self) -> dict[str, list[str]]:
        """What an attacker may know: every code there is."""
        case = self.case
        bids = [case.codes[HIDDEN], case.codes[OPEN]]
        return {
            "*": [case.competition.code, *bids],
            "code": [case.competition.code, self.meeting.code, *bids],
            "application": bids,
            "competition": [case.competition.code],
            "expert": ["E-AAAA", "E-BBBB"],
            "number": ["1", "2"],
        }

    def seats(self) -> Iterator[tuple[str, User]]:
        """People of this commission who have a conflict."""
        yield from self._blocked(chair=self.case.deputy, member=self.case.members[0])

    def desks(self) -> Iterator[tuple[str, User]]:
        """Holders of the offices that run a competition."""
        yield from self._blocked(secretary=new_person(Role.SECRETARY), organizer=new_person(Role.ORGANIZER))

    def watchers(self) -> Iterator[tuple[str, User]]:
        """Holders of the offices that read, and one with several offices."""
        several = new_person(Role.SECRETARY)
        with unit_of_work():
            for role in (Role.CHAIR, Role.AUDITOR, Role.ADMIN):
                several.grants.append(RoleGrant(role=role, granted_at=product_clock.now()))
        watching = {role.value: new_person(role) for role in (Role.AUDITOR, Role.ADMIN, Role.FINANCE)}
        yield from self._blocked(**watching, several=several)

    def experts(self) -> Iterator[tuple[str, User]]:
        """Experts of other applications, heads of other applicants, people without a part in it."""
        yield "expert of the others", self.expert
        yield "expert without applications", new_person(Role.EXPERT)
        yield "head of another applicant", self.case.heads[OPEN]

    def _blocked(self, **people: User) -> Iterator[tuple[str, User]]:
        for name, person in people.items():
            block(self.hidden, person)
            yield name, person


def pages(app: Flask, person: User, known: dict[str, list[str]]) -> dict[str, bytes]:
    """Every address as this person sees it."""
    visitor = visit_as(app, person)
    found = {}
    for address in addresses(app, known):
        if not address.startswith(SKIPPED) and not address.endswith((".pdf", ".xlsx", ".zip", *NOTED)):
            answer = visitor.get(address)
            found[address] = b"%d " % answer.status_code + steady(answer.data)
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_that_the_commission_does_with_it_shows_to_those_who_are_out_of_it(
    app: Flask, clock: FrozenClock, group: str
) -> None:
    clock.at("2027-05-01 12:00")
    world = World()
    people = dict(getattr(world, group)())
    world.begin()
    known = world.known()
    before = {name: pages(app, person, known) for name, person in people.items()}
    world.happen()
    after = {name: pages(app, person, known) for name, person in people.items()}
    found = differing(before, after)
    assert found == [], "\n".join(found)


def test_what_the_commission_does_with_it_shows_to_a_member_without_a_conflict(app: Flask, clock: FrozenClock) -> None:
    clock.at("2027-05-01 12:00")
    world = World()
    world.begin()
    known, member = world.known(), world.case.members[1]
    before = pages(app, member, known)
    world.happen()
    changed = {address for address, page in pages(app, member, known).items() if page != before[address]}
    code, meeting = world.case.competition.code, world.meeting.code
    assert changed >= {
        f"/awards/{code}/ranking",
        f"/awards/{code}/ranking.json",
        f"/awards/{code}/ranking/{world.case.codes[HIDDEN]}",
        f"/awards/meetings/{meeting}",
        f"/awards/meetings/{meeting}/items/2",
    }
