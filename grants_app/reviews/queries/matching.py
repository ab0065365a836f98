"""Everything that decides who may score what in a competition, read at once: one set of facts for the proposal, the
secretary's hand, uploaded tables and replacements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import known_fields
from grants_app.competitions.rules import OWN_FIELD
from grants_app.core import words
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AssignmentState, ConflictState
from grants_app.reviews.models import Assignment, Conflict, ExpertProfile
from grants_app.reviews.queries.conflicts import keeps_out
from grants_app.reviews.queries.discussion import extra_ids
from grants_app.reviews.queries.people import ACTIVE, affinity, eligible_experts, load_limits, profiles_of
from grants_app.reviews.queries.ties import ties_of
from grants_app.reviews.rules.matching import IN_REGISTER, TO_BE_DECIDED, UNDER_REVIEW
from grants_app.reviews.rules.ties import BLOCK, REVIEW, Tie

Pair = tuple[int, int]  # the expert's id, the application's id


@dataclass(frozen=True)
class Facts:
    """Who may score what. Applications are those admitted that the asking person may touch."""

    competition: Competition
    people: Mapping[int, User]
    eligible: frozenset[int]  # who may be given new applications; the others only hold theirs
    applications: Mapping[int, Application]
    profiles: Mapping[int, ExpertProfile]
    demand: Mapping[int, int]
    standing: dict[Pair, AssignmentState]
    ended: Mapping[Pair, AssignmentState]
    limits: Mapping[int, int | None]
    ties: Mapping[Pair, Sequence[Tie]]
    levels: Mapping[Pair, str]
    previous: Mapping[int, frozenset[int]]  # by application: who scored the last application of its applicant
    titles: Mapping[str, str]  # of the fields of expertise, by code
    places: int  # seats of all admitted applications, also of those that are not among these
    elsewhere: Mapping[int, int] = field(default_factory=dict)  # load in applications that are not among these

    @cached_property
    def seats(self) -> dict[int, frozenset[int]]:
        """The experts of each application."""
        found: dict[int, set[int]] = {one: set() for one in self.applications}
        for expert, application in self.standing:
            found[application].add(expert)
        return {one: frozenset(experts) for one, experts in found.items()}

    @cached_property
    def loads(self) -> Counter[int]:
        """How many applications each expert has."""
        return Counter(expert for expert, _ in self.standing) + Counter(self.elsewhere)

    def knows(self, expert: int) -> frozenset[str]:
        """Codes of the fields that the expert knows."""
        profile = self.profiles.get(expert)
        return frozenset(profile.fields_known) if profile is not None else frozenset()

    def organisation(self, expert: int) -> str:
        """What two experts of one workplace have in common; empty where nothing is known."""
        return workplace_key(self.profiles.get(expert))

    def fields_wanted(self, application: int) -> tuple[str, ...]:
        """Fields of which at least one expert of the application must come."""
        priority = self.applications[application].priority
        own = priority.code if priority is not None else None
        wanted = (own if code == OWN_FIELD else code for code in self.competition.required_fields)
        return tuple(dict.fromkeys(code for code in wanted if code is not None))

    def field_title(self, code: str) -> str:
        """What a field is called."""
        return self.titles.get(code, code)

    def affinity(self, expert: int, application: int) -> int:
        """How well the two fit; a pair that waits for a decision on a conflict counts least."""
        if (expert, application) in self.levels:
            return UNDER_REVIEW
        return affinity(self.profiles.get(expert), self.applications[application])

    def draft(self, without: Collection[Pair] = ()) -> Facts:
        """The facts as they would be without some standing pairs; what is planned is noted there by `take`."""
        left = set(without)
        return replace(self, standing={pair: state for pair, state in self.standing.items() if pair not in left})

    def take(self, pair: Pair) -> None:
        """Note in a draft that the pair is assigned."""
        expert, application = pair
        self.seats[application] |= {expert}
        self.loads[expert] += 1
        self.standing[pair] = AssignmentState.PROPOSED

    def missing(self, application: int) -> int:
        """Seats of the application that nobody holds."""
        return max(0, self.demand[application] - len(self.seats[application]))

    def is_extra_seat(self, application: int, taken: int | None = None) -> bool:
        """Whether whoever comes next is the one more expert that the announced rule asks for."""
        announced = self.competition.experts_per_application
        held = len(self.seats[application]) if taken is None else taken
        return self.demand[application] > announced and held >= announced


def workplace_key(profile: ExpertProfile | None) -> str:
    """The workplace by its ЄДРПОУ code, else by its name as search compares names."""
    if profile is None:
        return ""
    return profile.workplace_edrpou or words.search_form(profile.workplace)


def facts_of(competition: Competition, *, out: Collection[int] = (), only: Collection[int] | None = None) -> Facts:
    """The facts of a competition. Applications of `out` are considered without the asker; `only` narrows to some."""
    applications = _applications(competition, out, only)
    rows = db.session.execute(
        sa.select(Assignment.expert_id, Assignment.application_id, Assignment.state).filter(
            Assignment.competition_id == competition.id, Assignment.expert_id.is_not(None)
        )
    ).all()
    mine = [row for row in rows if row.application_id in applications]
    standing = {(row.expert_id, row.application_id): row.state for row in mine if row.state in ACTIVE}
    eligible = eligible_experts(competition)
    people = {person.id: person for person in [*eligible, *_others(standing, eligible)]}
    extra = extra_ids(competition)
    ties, levels = _conflicts(competition, ties_of(list(people.values()), list(applications.values())))
    return Facts(
        competition=competition,
        people=people,
        eligible=frozenset(person.id for person in eligible),
        applications=applications,
        profiles=profiles_of(list(people.values())),
        demand={one: competition.experts_per_application + (one in extra) for one in applications},
        standing=standing,
        ended={(row.expert_id, row.application_id): row.state for row in mine if row.state not in ACTIVE},
        limits=load_limits(competition, list(people.values())),
        ties=ties,
        levels=levels,
        previous=_previous(competition, applications),
        titles=dict(known_fields()),
        places=_places(competition, out),
        elsewhere=_elsewhere(competition, applications),
    )


def _applications(
    competition: Competition, out: Collection[int], only: Collection[int] | None
) -> dict[int, Application]:
    query = (
        sa.select(Application)
        .options(joinedload(Application.priority))
        .filter(Application.competition_id == competition.id, Application.state == ApplicationState.ADMITTED)
        .order_by(Application.code)
    )
    if only is not None:
        query = query.filter(Application.id.in_(only))
    return {one.id: one for one in db.session.scalars(query) if one.id not in out}


def _places(competition: Competition, out: Collection[int]) -> int:
    query = sa.select(sa.func.count()).filter(
        Application.competition_id == competition.id,
        Application.state == ApplicationState.ADMITTED,
        Application.id.not_in(out),
    )
    return int(db.session.scalar(query) or 0) * competition.experts_per_application


def _others(standing: Mapping[Pair, AssignmentState], known: Sequence[User]) -> list[User]:
    """Experts who score already though they are no longer offered (away now, for example)."""
    ids = {expert for expert, _ in standing} - {person.id for person in known}
    return list(db.session.scalars(sa.select(User).filter(User.id.in_(ids)).order_by(User.id))) if ids else []


def _elsewhere(competition: Competition, applications: Collection[int]) -> dict[int, int]:
    """Loads in admitted applications of the competition that are not among these."""
    rows = db.session.execute(
        sa.select(Assignment.expert_id, Assignment.application_id)
        .join(Application, Application.id == Assignment.application_id)
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.expert_id.is_not(None),
            Assignment.state.in_(ACTIVE),
            Application.state == ApplicationState.ADMITTED,
        )
    )
    return dict(Counter(row.expert_id for row in rows if row.application_id not in applications))


def _conflicts(
    competition: Competition, found: Mapping[Pair, Sequence[Tie]]
) -> tuple[dict[Pair, list[Tie]], dict[Pair, str]]:
    """Ties of our data and of the register, and how hard each pair is kept apart: the harder level counts."""
    ties: dict[Pair, list[Tie]] = {pair: list(some) for pair, some in found.items()}
    levels: dict[Pair, str] = {
        pair: BLOCK if any(tie.level == BLOCK for tie in some) else REVIEW for pair, some in ties.items() if some
    }
    is_out = keeps_out().label("is_out")
    query = sa.select(Conflict.person_id, Conflict.application_id, Conflict.kind, is_out).filter(
        Conflict.competition_id == competition.id, Conflict.state != ConflictState.DISMISSED
    )
    for row in db.session.execute(query):
        pair = (row.person_id, row.application_id)
        if row.kind not in {tie.kind for tie in ties.get(pair, ())}:
            what, source = IN_REGISTER if row.is_out else TO_BE_DECIDED
            ties[pair] = [*ties.get(pair, []), Tie(what, source, BLOCK if row.is_out else REVIEW)]
        levels[pair] = BLOCK if row.is_out or levels.get(pair) == BLOCK else REVIEW
    return ties, levels


def _previous(competition: Competition, applications: Mapping[int, Application]) -> dict[int, frozenset[int]]:
    """Who scored the applicant's last application in an earlier competition, by present application."""
    if not competition.kept_experts:
        return {}
    owners = {one.organisation_id for one in applications.values() if one.organisation_id is not None}
    query = (
        sa.select(Assignment.expert_id, Application.organisation_id, Application.submitted_at, Application.id)
        .join(Application, Application.id == Assignment.application_id)
        .filter(
            Application.organisation_id.in_(owners),
            Application.competition_id != competition.id,
            Application.submitted_at.is_not(None),
            Assignment.state == AssignmentState.DONE,
            Assignment.expert_id.is_not(None),
        )
    )
    scored: dict[int, dict[tuple[object, int], set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in db.session.execute(query):
        scored[row.organisation_id][row.submitted_at, row.id].add(row.expert_id)
    last = {owner: frozenset(found[max(found)]) for owner, found in scored.items()}
    return {one.id: last[one.organisation_id] for one in applications.values() if one.organisation_id in last}
