"""Whether a pair of expert and application keeps every rule of the panel: refusals, and cautions a person may overrule.

Sentences are English msgids with facts. The secretary's hand, uploaded tables, replacements and the proposal all ask
here, so that none of them can make what another would refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grants_app.core.errors import DomainError, InvalidInput, NotAllowed
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.policy.assigning import why_not_expert
from grants_app.reviews.queries.matching import Facts
from grants_app.reviews.rules.ties import BLOCK, REVIEW

BEGUN = (AssignmentState.IN_PROGRESS, AssignmentState.DONE)


def why_not_pair(facts: Facts, expert: int, application: int) -> DomainError | None:
    """The first rule that keeps this expert from this application; `facts` are those after what leaves has left."""
    pair = (expert, application)
    if pair in facts.standing:
        return InvalidInput("This expert is assigned to this application already", field="expert")
    if pair in facts.ended:
        return InvalidInput(
            "This expert had this application and it ended: “%(state)s”",
            field="expert",
            facts={"state": facts.ended[pair].label},
        )
    if expert not in facts.eligible:
        return _not_offered(facts, expert, application)
    if facts.levels.get(pair) == BLOCK:
        tie = facts.ties[pair][0].what
        return NotAllowed("Conflict of interest: this person %(tie)s", field="expert", facts={"tie": tie})
    own = facts.organisation(expert)
    if own and any(facts.organisation(other) == own for other in facts.seats[application]):
        workplace = facts.profiles[expert].workplace or own
        return NotAllowed(
            "Another expert from “%(workplace)s” scores this application already",
            field="expert",
            facts={"workplace": workplace},
        )
    limit, load = facts.limits.get(expert), facts.loads.get(expert, 0)
    if limit is not None and load >= limit:
        return NotAllowed(
            "This expert has %(load)s applications and may have %(most)s at most",
            field="expert",
            facts={"load": load, "most": limit},
        )
    return None


def needs_reason(facts: Facts, expert: int, application: int) -> bool:
    """Whether the pair waits for a decision on a conflict: whoever makes it says why."""
    return facts.levels.get((expert, application)) == REVIEW


def cautions_of_pair(facts: Facts, expert: int, application: int) -> list[DomainError]:
    """What the secretary should know before adding this expert; none of it forbids."""
    found = []
    if needs_reason(facts, expert, application):
        tie = facts.ties[expert, application][0].what
        found.append(DomainError("Possible conflict, the chair decides: this person %(tie)s", facts={"tie": tie}))
    found += _unfilled(facts, application, {*facts.seats[application], expert})
    if len(facts.seats[application]) >= facts.demand[application]:
        found.append(DomainError("The application has its experts already: this one is beyond the number"))
    load, even = facts.loads.get(expert, 0) + 1, even_load(facts)
    if load > even + 1:
        told = {"load": load, "even": even}
        found.append(DomainError("This expert would have %(load)s applications, evenly it is %(even)s", facts=told))
    return found


def cautions_of_leaving(facts: Facts, expert: int, application: int) -> list[DomainError]:
    """What the application lacks when this expert leaves it."""
    left = facts.seats[application] - {expert}
    short = facts.demand[application] - len(left)
    found = []
    if short > 0:
        found.append(DomainError("The application lacks %(num)s experts without this one", facts={"num": short}))
    wanted = set(facts.fields_wanted(application))
    lost = (wanted & facts.knows(expert)) - _known(facts, left)
    found += [_field_missing(facts, code) for code in sorted(lost)]
    return found


def even_load(facts: Facts) -> int:
    """Applications of each expert when all have the same, rounded up."""
    return -(-facts.places // max(1, len(facts.eligible)))


def breaches(facts: Facts) -> Iterator[tuple[int, DomainError]]:
    """Rules that standing assignments break (data has changed since): application with the sentence."""
    for (expert, application), state in facts.standing.items():
        if facts.levels.get((expert, application)) == BLOCK and state not in BEGUN:
            tie = facts.ties[expert, application][0].what
            name = facts.people[expert].full_name
            told = {"name": name, "tie": tie}
            yield application, DomainError("%(name)s %(tie)s: take the assignment back", facts=told)
    for application, experts in facts.seats.items():
        known = [facts.organisation(expert) for expert in experts if facts.organisation(expert)]
        if len(set(known)) != len(known):
            yield application, DomainError("Two experts of one organisation score the application")
        if len(experts) >= facts.demand[application]:
            for error in _unfilled(facts, application, experts):
                yield application, error


def _unfilled(facts: Facts, application: int, experts: Iterable[int]) -> list[DomainError]:
    """Required fields that nobody of these knows, told once no free seat is left for somebody who does."""
    people = set(experts)
    if len(people) < facts.demand[application]:
        return []
    known = _known(facts, people)
    return [_field_missing(facts, code) for code in facts.fields_wanted(application) if code not in known]


def _known(facts: Facts, experts: Iterable[int]) -> frozenset[str]:
    return frozenset().union(*(facts.knows(expert) for expert in experts))


def _field_missing(facts: Facts, code: str) -> DomainError:
    title = facts.field_title(code)
    return DomainError("Nobody at this application knows the field “%(field)s”", facts={"field": title})


def _not_offered(facts: Facts, expert: int, application: int) -> DomainError:
    """Why a person is not in the choice at all."""
    person = facts.people.get(expert)
    reason = None if person is None else why_not_expert(person, facts.applications[application])
    if reason is not None:
        return NotAllowed(reason.message, field="expert", facts=reason.facts)
    return NotAllowed("This expert is not available for this competition now", field="expert")
