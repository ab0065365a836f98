"""A table of assignments that was edited elsewhere: what it would change, and the change itself, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core import words
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors
from grants_app.database import db
from grants_app.journal.services import digest_of, held_batch, record
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy.pairing import BEGUN, cautions_of_pair, needs_reason, why_not_pair
from grants_app.reviews.queries.matching import Facts, Pair, facts_of
from grants_app.reviews.rules.assignment_table import TableLine
from grants_app.reviews.services.assigning import (
    ASSIGNMENT,
    CHANGED,
    ExpertCodes,
    create,
    refuse_assigning,
    take_back,
)
from grants_app.reviews.services.rows import lock_competition


def note_download(competition: Competition, *, suffix: str, rows: int, by: User) -> None:
    """Note that the table left the product: names, addresses and loads of experts stand in it."""
    record(
        thing="competition", code=competition.code, scope=competition.code, step="export_assignment", by=by,
        facts={"file": suffix, "rows": rows},
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A pair that the table adds or takes back."""

    pair: Pair
    application_code: str
    application_title: str
    expert: User
    cautions: tuple[DomainError, ...] = ()


@dataclass(frozen=True)
class TableError:
    """What is wrong in which row; `column` is the msgid of the column's heading."""

    row: int
    column: str
    error: DomainError


@dataclass(frozen=True)
class TablePlan:
    """What the table would do. Applications that it does not name stay as they are."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    unchanged_count: int
    short: tuple[str, ...]  # applications of the table that would lack experts
    errors: tuple[TableError, ...]
    needs_reason: bool
    digest: str


@dataclass
class _Sorting:
    """Rows being sorted into what is wanted, with the errors found on the way."""

    wanted: dict[Pair, int] = field(default_factory=dict)  # with the row
    named: dict[int, int] = field(default_factory=dict)  # applications with the first row that names them
    errors: list[TableError] = field(default_factory=list)

    def refuse(self, row: int, column: str, error: DomainError) -> None:
        """Note an error of a row."""
        self.errors.append(TableError(row, column, error))


def plan_table(competition: Competition, lines: Sequence[TableLine], by: User) -> TablePlan:
    """What these rows would add and take back, and every error by its row and column; nothing is written."""
    facts = facts_of(competition, out=hidden_ids(by, competition))
    sorting = _sorted(facts, lines)
    removed = [pair for pair in facts.standing if pair[1] in sorting.named and pair not in sorting.wanted]
    for pair in removed:
        if facts.standing[pair] in BEGUN:
            told = {"name": facts.people[pair[0]].full_name, "state": facts.standing[pair].label}
            begun = DomainError("%(name)s has begun (“%(state)s”): a table does not take work back", facts=told)
            sorting.refuse(sorting.named[pair[1]], "Application", begun)
    after = facts.draft(without=removed)
    added = _added(after, sorting)
    return TablePlan(
        added=tuple(added),
        removed=tuple(_change(facts, pair) for pair in removed),
        unchanged_count=sum(pair in facts.standing for pair in sorting.wanted),
        short=tuple(after.applications[one].code or "" for one in sorting.named if after.missing(one)),
        errors=tuple(sorted(sorting.errors, key=lambda one: one.row)),
        needs_reason=bool(removed) or any(needs_reason(facts, *change.pair) for change in added),
        digest=digest_of([sorted(change.pair for change in added), sorted(removed)]),
    )


def apply_table(competition: Competition, lines: Sequence[TableLine], *, seen: str, reason: str, by: User) -> TablePlan:
    """Carry out what was shown: everything or nothing. `seen` is the digest of the plan on the screen.

    Raises ManyErrors for rows that cannot be, EditConflict when the same rows would do something else by now,
    InvalidInput (reason) when something is taken back or doubtful and no reason is given.
    """
    competition = lock_competition(competition.id)
    refuse_assigning(competition, by)
    plan = plan_table(competition, lines, by)
    if plan.errors:
        raise ManyErrors([one.error for one in plan.errors])
    if plan.digest != seen:
        raise EditConflict(CHANGED)
    if plan.needs_reason and not reason.strip():
        raise InvalidInput("Give the reason: it is recorded", field="reason")
    with held_batch(ASSIGNMENT, competition.code, by):
        for assignment in _assignments([change.pair for change in plan.removed]):
            take_back(assignment, reason, by)
        db.session.flush()
        facts = facts_of(competition, out=hidden_ids(by, competition))
        held = {one: len(experts) for one, experts in facts.seats.items()}
        codes = ExpertCodes(competition)
        for change in plan.added:
            application = facts.applications[change.pair[1]]
            is_extra = facts.is_extra_seat(application.id, held[application.id])
            held[application.id] += 1
            create(competition, application, change.expert, by, codes=codes, reason=reason, is_extra=is_extra)
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="apply_assignment_table",
        by=by,
        reason=reason or None,
        facts={"added": len(plan.added), "taken_back": len(plan.removed), "digest": plan.digest},
    )
    return plan


def _sorted(facts: Facts, lines: Sequence[TableLine]) -> _Sorting:
    sorting = _Sorting()
    bids = {words.search_form(bid.code or ""): one for one, bid in facts.applications.items()}
    emails, codes = _people(facts, lines)
    for line in lines:
        application = bids.get(words.search_form(line.application))
        if application is None:
            unknown = DomainError("No admitted application has the code “%(code)s”", facts={"code": line.application})
            sorting.refuse(line.number, "Application", unknown)
            continue
        sorting.named.setdefault(application, line.number)
        if line.email or line.code:
            _place(sorting, line, application, (emails.get(line.email.casefold()), codes.get(line.code)))
    return sorting


def _place(sorting: _Sorting, line: TableLine, application: int, found: tuple[int | None, int | None]) -> None:
    """Note the pair of a row, or what is wrong with its expert."""
    by_email, by_code = found
    if line.email and by_email is None:
        unknown = DomainError("No expert has the e-mail “%(email)s”", facts={"email": line.email})
        sorting.refuse(line.number, "E-mail", unknown)
        return
    if line.code and by_code is None and not line.email:
        sorting.refuse(line.number, "Code", DomainError("No expert has the code “%(code)s”", facts={"code": line.code}))
        return
    if by_email is not None and by_code is not None and by_email != by_code:
        sorting.refuse(line.number, "Code", DomainError("The e-mail and the code name two different people"))
        return
    expert = by_email if by_email is not None else by_code
    if expert is None:
        return
    pair = (expert, application)
    if pair in sorting.wanted:
        told = {"row": sorting.wanted[pair]}
        sorting.refuse(line.number, "Application", DomainError("Row %(row)s names this pair already", facts=told))
        return
    sorting.wanted[pair] = line.number


def _people(facts: Facts, lines: Sequence[TableLine]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Everybody whom the rows may name: by e-mail any account, by code the experts of this competition."""
    emails = {line.email.casefold() for line in lines if line.email}
    known = {person.email.casefold(): key for key, person in facts.people.items()}
    missing = emails - known.keys()
    rows = db.session.execute(sa.select(User.id, User.email).filter(sa.func.lower(User.email).in_(missing)))
    known |= {row.email.casefold(): row.id for row in rows}
    codes = db.session.execute(
        sa.select(Assignment.expert_code, Assignment.expert_id)
        .filter(Assignment.competition_id == facts.competition.id, Assignment.expert_id.is_not(None))
        .distinct()
    )
    return known, {row.expert_code: row.expert_id for row in codes}


def _added(facts: Facts, sorting: _Sorting) -> list[Change]:
    """New pairs, each checked beside those before it in the table and taken into the draft."""
    found: list[Change] = []
    for pair, row in sorting.wanted.items():
        if pair in facts.standing:
            continue
        refusal = _refusal(facts, pair)
        if refusal is not None:
            sorting.refuse(row, "E-mail", refusal)
            continue
        found.append(_change(facts, pair, tuple(cautions_of_pair(facts, *pair))))
        facts.take(pair)
    return found


def _refusal(facts: Facts, pair: Pair) -> DomainError | None:
    if pair[0] in facts.people:
        return why_not_pair(facts, *pair)
    person = db.session.get_one(User, pair[0])
    refusal = policy.why_not_expert(person, facts.applications[pair[1]])
    return refusal or DomainError("This expert is not available for this competition now")


def _change(facts: Facts, pair: Pair, cautions: tuple[DomainError, ...] = ()) -> Change:
    bid = facts.applications[pair[1]]
    return Change(pair, bid.code or "", bid.title, facts.people[pair[0]], cautions)


def _assignments(pairs: Sequence[Pair]) -> Iterator[Assignment]:
    query = sa.select(Assignment).filter(sa.tuple_(Assignment.expert_id, Assignment.application_id).in_(pairs))
    yield from db.session.scalars(query.order_by(Assignment.id)).all() if pairs else ()
