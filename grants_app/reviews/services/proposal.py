"""The proposal: who should score what, with a certificate; or the shortage, with what would help.

It is computed as a job and kept in the job's row as numbers and codes; nothing else is written till it is applied.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotAllowed, NotFound
from grants_app.database import db
from grants_app.journal.jobs import JobError, JobRun, enqueue, job_kind
from grants_app.journal.models import Job
from grants_app.journal.services import digest_of
from grants_app.reviews import policy
from grants_app.reviews.queries.matching import Facts, facts_of
from grants_app.reviews.rules.matching import Wish
from grants_app.reviews.rules.sheet import KNOWS_THE_FIELD
from grants_app.reviews.rules.ties import BLOCK, REVIEW
from grants_app.reviews.services.matching import Answer, Task, is_possible, solve, task_of, with_helpers

KIND = "reviews.proposal"
LIMIT_STEP_BP = 500  # of a draw, tried upwards from the limit that was too low
MOST_TRIES = 4  # of how many more experts would be enough, from the fewest that could be
HAD_IT = "had this application, and it ended"


@dataclass(frozen=True)
class Addition:
    """One pair to be assigned."""

    application_code: str
    application_title: str
    expert_id: int
    expert_name: str
    knows_field: bool
    is_doubtful: bool = False  # a conflict of level review waits for the chair
    is_previous: bool = False  # scored the applicant's last application


@dataclass(frozen=True)
class Certificate:
    """What the engine proves of an assignment; affinities as it prints them."""

    fit: float
    bound: float
    worst_code: str
    worst_title: str
    worst_fit: float
    load_min: int
    load_max: int
    components: int
    is_connected: bool
    connection_paid: float | None
    kept_previous: int


@dataclass(frozen=True)
class Proposal:
    """A whole assignment with its certificate. `digest` names exactly its pairs, `basis` the facts it was made from."""

    wish: Wish
    additions: tuple[Addition, ...]
    kept_count: int
    per_application: int
    fitting_count: int
    certificate: Certificate
    digest: str
    basis: str

    @property
    def load_min(self) -> int:
        """The smallest load."""
        return self.certificate.load_min

    @property
    def load_max(self) -> int:
        """The largest load."""
        return self.certificate.load_max

    @property
    def is_optimal(self) -> bool:
        """Whether the engine has proved that no assignment under these rules is better."""
        certificate = self.certificate
        reached = certificate.worst_fit if self.wish.mode == "fair" else certificate.fit
        return abs(reached + (certificate.connection_paid or 0.0) - certificate.bound) < 1e-6


@dataclass(frozen=True)
class Remedy:
    """One change that would make a whole assignment possible, tried by the engine.

    kind: experts (`count` of them), rule, or limit (of a draw, `count` basis points).
    """

    kind: str
    count: int = 0
    fields: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True)
class Obstacle:
    """An expert of the pool whom something keeps away from an application that is short; `why` is a msgid."""

    expert_id: int
    expert_name: str
    application_code: str
    why: str


@dataclass(frozen=True)
class Shortage:
    """Why no whole assignment exists: never a silent partial one."""

    applications: tuple[str, ...]
    slots_missing: int
    conflicts: tuple[Obstacle, ...]
    experts_count: int
    per_application: int
    fields: tuple[tuple[str, str], ...] = ()  # (application, code of the field nobody can bring)
    remedies: tuple[Remedy, ...] = ()


def find_proposal(
    competition: Competition, wish: Wish | None = None, *, out: Collection[int] = ()
) -> Proposal | Shortage:
    """The assignment of that mode that keeps what is assigned, crosses no conflict and breaks no rule of the panel.

    Applications of `out` are considered without the asker and stay as they are. The same data give the same proposal.
    """
    chosen = wish or Wish()
    facts = facts_of(competition, out=out)
    task = task_of(facts)
    answer = solve(task, chosen)
    if answer.shortage is not None:
        return _shortage(facts, task, answer.shortage, chosen)
    return _proposal(facts, task, answer, chosen)


def ask_for_proposal(competition: Competition, wish: Wish, by: User) -> Job:
    """Ask for the computation inside the running unit."""
    refusal = policy.why_not_assign(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    return enqueue(KIND, {"competition": competition.code, "wish": asdict(wish)}, by=by)


def proposal_job(code: str, competition: Competition, by: User) -> Job:
    """The job that this person has asked for in this competition. Raises NotFound: others’ eyes see other rows."""
    job = db.session.scalar(sa.select(Job).filter_by(code=code, kind=KIND, owner_id=by.id))
    if job is None or json.loads(job.arguments)["competition"] != competition.code:
        raise NotFound()
    return job


@job_kind(KIND)
def compute_proposal(run: JobRun) -> Mapping[str, object]:
    """The job: what it finds is for the person who asked."""
    competition = db.session.query(Competition).filter_by(code=run.arguments["competition"]).one_or_none()
    asker = db.session.get(User, run.owner_id)
    if competition is None or asker is None:
        raise JobError("The competition or the person who asked is no longer there")
    found = find_proposal(competition, Wish(**run.arguments["wish"]), out=hidden_ids(asker, competition))
    return {**_stored(found), "url": f"/reviews/{competition.code}/assignment/proposal/{run.code}"}


def proposal_of(job: Job) -> Proposal | Shortage:
    """What a finished job has found; names come from the accounts, the row holds none."""
    content = json.loads(job.result or "{}")
    if "shortage" in content:
        return _shortage_from(content["shortage"])
    stored = content["proposal"]
    names = _names({one["expert_id"] for one in stored["additions"]})
    additions = tuple(Addition(**{**one, "expert_name": names[one["expert_id"]]}) for one in stored.pop("additions"))
    return Proposal(
        **{**stored, "wish": Wish(**stored["wish"]), "certificate": Certificate(**stored["certificate"])},
        additions=additions,
    )


def _stored(found: Proposal | Shortage) -> dict[str, object]:
    content = asdict(found)
    if isinstance(found, Shortage):
        content["conflicts"] = [{**one, "expert_name": ""} for one in content["conflicts"]]
        return {"shortage": content}
    content["additions"] = [{**one, "expert_name": ""} for one in content["additions"]]
    return {"proposal": content}


def _shortage_from(stored: dict[str, Any]) -> Shortage:
    names = _names({one["expert_id"] for one in stored["conflicts"]})
    remedies = tuple(Remedy(**{**one, "fields": tuple(one["fields"])}) for one in stored.pop("remedies"))
    found = stored.pop("conflicts")
    return Shortage(
        **{**stored, "applications": tuple(stored["applications"]), "fields": tuple(map(tuple, stored["fields"]))},
        conflicts=tuple(Obstacle(**{**one, "expert_name": names[one["expert_id"]]}) for one in found),
        remedies=remedies,
    )


def _names(ids: Collection[int]) -> dict[int, str]:
    found = {user.id: str(user.full_name) for user in db.session.query(User).filter(User.id.in_(ids))}
    return {one: found.get(one, "–") for one in ids}


def _proposal(facts: Facts, task: Task, answer: Answer, wish: Wish) -> Proposal:
    new = sorted(answer.pairs - task.fixed, key=lambda pair: (task.needs[pair[1]].code, pair[0]))
    return Proposal(
        wish=wish,
        additions=tuple(addition_of(facts, *pair) for pair in new),
        kept_count=len(answer.pairs) - len(new),
        per_application=facts.competition.experts_per_application,
        fitting_count=sum(task.affinities[pair] == KNOWS_THE_FIELD for pair in answer.pairs),
        certificate=_certificate(facts, answer.certificate),
        digest=digest_of([[expert, task.needs[one].code] for expert, one in new]),
        basis=task.digest,
    )


def addition_of(facts: Facts, expert: int, application: int) -> Addition:
    """The pair with the words that the page needs."""
    bid = facts.applications[application]
    return Addition(
        application_code=bid.code or "",
        application_title=bid.title,
        expert_id=expert,
        expert_name=facts.people[expert].full_name,
        knows_field=facts.affinity(expert, application) == KNOWS_THE_FIELD,
        is_doubtful=facts.levels.get((expert, application)) == REVIEW,
        is_previous=expert in facts.previous.get(application, ()),
    )


def _certificate(facts: Facts, found: Mapping[str, Any]) -> Certificate:
    titles = {bid.code: bid.title for bid in facts.applications.values()}
    return Certificate(
        fit=found["sum"],
        bound=found["bound"],
        worst_code=found["worst_application"],
        worst_title=titles[found["worst_application"]],
        worst_fit=found["worst_affinity"],
        load_min=found["load_min"],
        load_max=found["load_max"],
        components=found["components"],
        is_connected=found["connected"],
        connection_paid=found["connection_paid"],
        kept_previous=found["kept_previous"],
    )


def _shortage(facts: Facts, task: Task, found: Mapping[str, Any], wish: Wish) -> Shortage:
    codes = tuple(found["applications"]) or tuple(need.code for need in task.needs.values())
    return Shortage(
        applications=codes,
        slots_missing=int(found["slots_missing"]),
        conflicts=tuple(obstacles_of(facts, codes)),
        experts_count=len(facts.eligible),
        per_application=facts.competition.experts_per_application,
        fields=tuple((code, name) for code, name in found.get("profiles", ())),
        remedies=tuple(_remedies(task, found, wish, facts.competition.most_per_expert)) if task.needs else (),
    )


def obstacles_of(facts: Facts, codes: Collection[str]) -> Iterator[Obstacle]:
    """Experts of the pool whom a conflict or an assignment that ended keeps away from the short applications."""
    for one, bid in facts.applications.items():
        for expert in sorted(facts.eligible) if bid.code in codes else ():
            pair, name = (expert, one), facts.people[expert].full_name
            if facts.levels.get(pair) == BLOCK:
                yield Obstacle(expert, name, bid.code or "", facts.ties[pair][0].what)
            elif pair in facts.ended:
                yield Obstacle(expert, name, bid.code or "", HAD_IT)


def _remedies(task: Task, found: Mapping[str, Any], wish: Wish, limit: int | None) -> Iterator[Remedy]:
    """What would help, each tried on the engine in the mode that was asked for: so many experts more, one rule less."""
    yield from _wider_draw(task, wish)
    wanted = tuple(dict.fromkeys(name for _, name in found.get("profiles", ())))
    most = min(limit or len(task.needs), len(task.needs))
    least = max(1, -(-int(found["slots_missing"]) // most))
    for count in range(least, least + MOST_TRIES):
        if is_possible(with_helpers(task, count, wanted, most), wish):
            yield Remedy("experts", count=count, fields=wanted)
            break
    for rule, relaxed in _relaxed(task):
        if relaxed != task and is_possible(relaxed, wish):
            yield Remedy("rule", rule=rule)


def _wider_draw(task: Task, wish: Wish) -> Iterator[Remedy]:
    """The lowest limit of a draw under which every place can be filled: a higher one never makes it harder."""
    if wish.mode != "random":
        return
    limits = range(wish.limit_bp + LIMIT_STEP_BP, 10_000 + LIMIT_STEP_BP, LIMIT_STEP_BP)
    shares = [min(one, 10_000) for one in limits]
    least = bisect_left(shares, True, key=lambda one: is_possible(task, replace(wish, limit_bp=one)))
    if least < len(shares):
        yield Remedy("limit", count=shares[least])


def _relaxed(task: Task) -> Iterator[tuple[str, Task]]:
    """The task with one rule of the panel left out."""
    whole = len(task.needs)
    yield "limits", replace(task, hands={
        expert: replace(hand, load=replace(hand.load, most=whole)) for expert, hand in task.hands.items()
    })  # fmt: skip
    yield "fields", replace(task, needs={one: replace(need, fields=()) for one, need in task.needs.items()})
    yield (
        "organisations",
        replace(task, hands={expert: replace(hand, organisation="") for expert, hand in task.hands.items()}),
    )
    yield "previous", replace(task, needs={one: replace(need, keep=0) for one, need in task.needs.items()})
