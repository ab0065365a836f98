"""A conflicted person, whatever their office, and a foreign expert learn nothing of an application they are out of.

Two worlds that differ only in what happened to that application (a finished review, a message, a conflict of somebody
else, evidence): every address of the product, with every suffix, must look the same to them byte for byte. What is not
the same for a person without a conflict proves that the walk would see a difference.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import RoleGrant, User
from grants_app.applications.models import Answer
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.services import discussion as talk
from tests.attacks.addresses import NOTED, addresses, differing, steady
from tests.support.conflicts import block
from tests.support.panel import Panel, assignment_of, declared, full_sheet, new_panel, submitted
from tests.support.papers import words_of
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

# Every address of the product is walked: on a loaded machine that takes its time.
pytestmark = pytest.mark.timeout(1200)

# Words that stand nowhere but in the hidden application and its reviews.
TEXT = "Таємний виклад потреби"
REASON = "Прихована підстава бала за цим критерієм."
COMMENT = "Прихований коментар заявникові."
NOTE = "Прихована примітка секретареві."
MESSAGE = "Приховане повідомлення в обговоренні."
SECRETS = [text.encode() for text in (TEXT, REASON, COMMENT, NOTE, MESSAGE)]
GROUPS = ("experts", "seats", "desks", "watchers")
# Reading these is itself noted, counts time, or makes a fresh token or key.
SKIPPED = ("/journal/export", "/readyz", "/healthz", "/metrics", "/session", "/accounts/second-factor")


class World:
    """A competition in scoring: the first application is the hidden one, the others are everybody's."""

    def __init__(self, clock: FrozenClock) -> None:
        self.panel: Panel = new_panel(clock, applications=3, experts=7)
        self.hidden, self.open_, self.third = self.panel.applications
        self.code = self.hidden.code or ""
        with unit_of_work():
            db.session.execute(sa.update(Competition).values(divergence_rule="discuss"))
            answer = db.session.scalars(
                sa.select(Answer).filter_by(application_id=self.hidden.id, question="rationale")
            ).one()
            answer.value = TEXT
        self._assign()

    def known(self) -> dict[str, list[str]]:
        """What an attacker may know: every code there is."""
        experts = list(db.session.scalars(sa.select(Assignment.expert_code).distinct().order_by("expert_code")))
        return {
            "*": [self.panel.competition.code, self.code, self.open_.code or ""],
            "expert": experts,
            "number": ["1", "2"],
        }

    def happen(self) -> None:
        """What the hidden application lives through while they look."""
        first, second = self.panel.experts[2], self.panel.experts[4]
        for expert, points in ((first, "10"), (second, "1")):
            assignment = declared(self.hidden, expert)
            codes = [one.code for one in self.hidden.competition.criteria]
            sheet = full_sheet(
                self.hidden,
                points,
                reasons=dict.fromkeys(codes, REASON),
                comment_applicant=COMMENT,
                comment_secretary=NOTE,
            )
            with unit_of_work():
                services.submit_review(assignment, sheet, version=0, by=expert)
            with unit_of_work():
                assignment_of(self.hidden, expert).others_opened_at = product_clock.now()
        with unit_of_work():
            thread = threads.discussion_of(self.hidden)
            assert thread is not None
            talk.say(thread, MESSAGE, "commission", first)
        block(self.hidden, self.panel.experts[6])

    def _assign(self) -> None:
        experts = self.panel.experts
        with unit_of_work():
            for expert in (experts[0], experts[1], experts[2], experts[4]):
                services.assign(self.hidden, expert, self.panel.secretary)
            for bid in (self.open_, self.third):
                for expert in (experts[0], experts[3], experts[5]):
                    services.assign(bid, expert, self.panel.secretary)
            services.open_review(self.panel.competition, self.panel.secretary)
        submitted(self.open_, experts[3], "8")
        # One steps down before scoring, one after having finished.
        with unit_of_work():
            services.declare_conflict(assignment_of(self.hidden, experts[0]), "близькі люди", experts[0])
        submitted(self.hidden, experts[1], "9")
        with unit_of_work():
            services.declare_conflict(assignment_of(self.hidden, experts[1]), "близькі люди", experts[1])

    def experts(self) -> Iterator[tuple[str, User]]:
        """Experts who are out of it, and people who never had a part in it."""
        experts = self.panel.experts
        yield "expert who stepped down before scoring", experts[0]
        yield "expert who stepped down after scoring", experts[1]
        yield "expert of other applications", experts[3]
        yield "expert without applications", new_person(Role.EXPERT)
        yield "head of another applicant", self.panel.heads[1]
        yield "voucher operator", new_person(Role.VOUCHER_OPERATOR)

    def seats(self) -> Iterator[tuple[str, User]]:
        """People of this commission who have a conflict."""
        call = self.panel.call
        for name, person in (("chair", call.chair), ("secretary", call.secretary), ("member", call.members[0])):
            block(self.hidden, person)
            yield f"{name} of the commission", person

    def desks(self) -> Iterator[tuple[str, User]]:
        """Holders of the offices that run a competition, each with a conflict."""
        yield from self._holders(Role.SECRETARY, Role.ORGANIZER, Role.CHAIR)

    def watchers(self) -> Iterator[tuple[str, User]]:
        """Holders of the offices that read, each with a conflict, and one with several offices."""
        yield from self._holders(Role.AUDITOR, Role.ADMIN, Role.COMMISSION_MEMBER)
        several = new_person(Role.SECRETARY)
        with unit_of_work():
            for role in (Role.CHAIR, Role.AUDITOR, Role.ADMIN):
                several.grants.append(RoleGrant(role=role, granted_at=product_clock.now()))
        block(self.hidden, several)
        yield "holder of four offices", several

    def _holders(self, *roles: Role) -> Iterator[tuple[str, User]]:
        for role in roles:
            person = new_person(role)
            block(self.hidden, person)
            yield role.value, person


def pages(app: Flask, person: User | None, known: dict[str, list[str]]) -> dict[str, bytes]:
    """Every address as this person sees it."""
    visitor = visit_as(app, person)
    found = {}
    for address in addresses(app, known):
        if not address.startswith(SKIPPED) and not address.endswith((".pdf", ".xlsx", ".zip", *NOTED)):
            answer = visitor.get(address)
            found[address] = b"%d " % answer.status_code + steady(answer.data)
    return found


@pytest.mark.sqlite_only
@pytest.mark.parametrize("group", GROUPS)
def test_nothing_that_happens_to_the_application_shows_to_those_who_are_out_of_it(
    app: Flask, clock: FrozenClock, group: str
) -> None:
    world = World(clock)
    people = dict(getattr(world, group)())
    known = world.known()
    before = {name: pages(app, person, known) for name, person in people.items()}
    world.happen()
    after = {name: pages(app, person, known) for name, person in people.items()}
    found = differing(before, after)
    assert found == [], "\n".join(found)


@pytest.mark.sqlite_only
def test_tables_of_people_tell_nothing_to_those_who_are_out_of_it(app: Flask, clock: FrozenClock) -> None:
    world = World(clock)
    out, free = dict(world.seats()) | dict(world.desks()), new_person(Role.SECRETARY)
    known = world.known()
    files = [address for address in addresses(app, known) if address.endswith(NOTED)]
    assert {one for one in NOTED if any(file.endswith(one) for file in files)} == {*NOTED}

    def seen(person: User) -> dict[str, bytes]:
        visitor = visit_as(app, person)
        answers = {file: visitor.get(file) for file in files}
        return {file: b"%d " % answer.status_code + steady(answer.data) for file, answer in answers.items()}

    before, free_before = {name: seen(person) for name, person in out.items()}, seen(free)
    world.happen()
    after, free_after = {name: seen(person) for name, person in out.items()}, seen(free)
    assert after == before
    told = {file for found in after.values() for file, data in found.items() if world.code.encode() in data}
    assert {file for file in told if world.code not in file} == set()
    here = f"/reviews/{world.panel.competition.code}"
    shown = {file for file, data in free_after.items() if world.code.encode() in data}
    assert shown >= {f"{here}/{table}.csv" for table in ("assignment", "conflicts")}
    changed = {file for file, data in free_after.items() if data != free_before[file]}
    assert changed >= {f"{here}/progress.json", f"{here}/conflicts.json", "/reviews/experts.json"}


@pytest.mark.sqlite_only
def test_what_happens_to_the_application_shows_to_a_secretary_without_a_conflict(
    app: Flask, clock: FrozenClock
) -> None:
    world = World(clock)
    known = world.known()
    secretary = new_person(Role.SECRETARY)
    before = pages(app, secretary, known)
    world.happen()
    after = pages(app, secretary, known)
    changed = {address for address, page in after.items() if page != before[address]}
    competition = world.panel.competition.code
    expected = {
        f"/reviews/{world.code}/reviews",
        f"/reviews/{world.code}/discussion",
        f"/reviews/{competition}/progress",
        f"/reviews/{competition}/divergence.csv",
        f"/reviews/{competition}/discussions.json",
        "/home",
    }
    assert expected - changed == set()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("group", GROUPS)
def test_refusals_tell_no_secret_to_those_who_are_out_of_it(app: Flask, clock: FrozenClock, group: str) -> None:
    """Every way of writing, pressed at the hidden application: refused, and the refusal tells nothing."""
    world = World(clock)
    people = dict(getattr(world, group)())
    world.happen()
    known = {**world.known(), "*": [world.code]}
    told = []
    for name, person in people.items():
        visitor = visit_as(app, person)
        for address in addresses(app, known, method="POST"):
            if not address.startswith("/sign-out"):
                answer = visitor.post(address, data={})
                if any(secret in answer.data for secret in SECRETS):
                    told.append(f"{address} ({name})")
    assert told == []


@pytest.mark.sqlite_only
def test_papers_and_sheets_tell_no_secret_to_those_who_are_out_of_it(app: Flask, clock: FrozenClock) -> None:
    """Files that are drawn: what is in them is unpacked and read, for the people who get any."""
    world = World(clock)
    people = {"holder of four offices": dict(world.watchers())["holder of four offices"]}
    people |= {name: person for name, person in world.seats() if name.startswith("secretary")}
    people |= {name: person for name, person in world.experts() if name.startswith("expert who")}
    world.happen()
    known = {**world.known(), "expert": [assignment_of(world.hidden, world.panel.experts[2]).expert_code]}
    control = drawn(app, world.panel.experts[2], known)
    assert any(TEXT in text or REASON in text for text in control.values())
    told = []
    for name, person in people.items():
        for address, text in drawn(app, person, known).items():
            if any(secret.decode() in text for secret in SECRETS):
                told.append(f"{address} ({name})")
    assert told == []


def drawn(app: Flask, person: User, known: dict[str, list[str]]) -> dict[str, str]:
    """The words of every PDF, XLSX and ZIP that the person gets."""
    visitor = visit_as(app, person)
    found = {}
    for address in addresses(app, known, suffixes=("pdf", "xlsx")):
        if address.endswith((".pdf", ".xlsx", ".zip")) and not address.startswith(SKIPPED):
            answer = visitor.get(address)
            if answer.status_code == 200:
                found[address] = words_of(answer.data)
    return found
