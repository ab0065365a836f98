"""Steps of the formal check on many applications at once; each can be undone as a whole for ten minutes.

Letters of such a step are held until somebody has seen the list (journal.batches). What somebody went on with meanwhile
is not undone: the step says so for that application.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications import policy, queries
from grants_app.applications.models import Answer, Application, Attachment, BulkStep, Correction, FormalCheckItem
from grants_app.applications.services import admission, formal_check
from grants_app.applications.services.loading import lock_application, lock_competition
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.core.identifiers import new_code
from grants_app.database import db, lock, unit_of_work
from grants_app.journal.batches import withdraw_unsent, withdraw_with_step
from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.services import SYSTEM, advance, held_batch, record
from grants_app.lifecycle import ApplicationState as A
from grants_app.lifecycle import BulkStepState, CompetitionState, LetterBatchState
from grants_app.permissions import Permission

UNDO_TIME = timedelta(minutes=10)
# Steps on many: code -> msgid.
STEPS: dict[str, str] = {
    "verdicts": "Take over what the machine found",
    "admit": "Admit all that meet everything",
    "propose": "Propose admission of all that meet everything",
    "return": "Return with one letter",
}
NOTHING_NEW = "The machine found nothing new"
OVER = "The time for undoing has passed"
WENT_ON = "Somebody went on with it: it stays as it is"


@dataclass(frozen=True)
class Order:
    """What to do: a step of STEPS; a return has its letter, the items it opens and the term in days."""

    step: str
    letter: str = ""
    questions: tuple[str, ...] = ()
    days: int | None = None


def why_not(order: Order, application: Application, by: User) -> str | None:
    """Why the step does not reach this application."""
    if order.step == "verdicts":
        reason = policy.why_not_check(by, application)
        return reason or (None if _machine_found(application) else NOTHING_NEW)
    if order.step == "admit":
        return policy.why_not_admit(by, application)
    if order.step == "propose":
        done = "Its admission is proposed already" if application.admission_proposal is not None else None
        return done or policy.why_not_propose_admission(by, application)
    return policy.why_not_return(by, application)


def take_step(competition: Competition, order: Order, codes: Sequence[str], *, by: User) -> BulkStep:
    """Take the step on every chosen application that it can reach; the others are named with the reason.

    Raises NotAllowed, NotFound (an application that this person may not read), InvalidInput when none is left, or what
    the letter lacks.
    """
    competition = lock_competition(competition.id)
    if not by.can(Permission.FORMAL_CHECK):
        raise NotAllowed(policy.NOT_SECRETARY)
    if order.step not in STEPS:
        raise InvalidInput("Choose what to do", field="step")
    applications = _chosen(competition, codes, by)
    entries: list[dict[str, Any]] = []
    with held_batch(STEPS[order.step], competition.code, by) as batch:
        for application in applications:
            entries.append(_entry(order, application, by))
    if all("why" in entry for entry in entries):
        raise InvalidInput("Nothing is left to do: none of the chosen applications can be taken", field="codes")
    step = BulkStep(
        code=f"B-{new_code(7)}",
        competition_id=competition.id,
        step=order.step,
        applications=entries,
        batch_code=batch.code if order.step in {"admit", "return"} else None,
        made_at=clock.now(),
        made_by_id=by.id,
        undo_until=clock.now() + UNDO_TIME,
    )
    db.session.add(step)
    db.session.flush()
    taken = [entry["code"] for entry in entries if "why" not in entry]
    record(
        thing="bulk_step",
        code=step.code,
        scope=competition.code,
        step="take",
        by=by,
        facts={"step": order.step, "applications": len(taken)},
    )
    return step


def undo_step(step: BulkStep, *, by: User) -> list[str]:
    """Undo the step for every application nobody went on with; answers the codes that stay as they are.

    States go back, letters are withdrawn. What is considered without this person is not touched, and others may still
    undo it. Raises WrongState when the time has passed, the letters were released or somebody was faster.
    """
    competition = lock_competition(step.competition_id)
    found = _locked(step)
    _refuse_undoing(competition, by)
    if found.state is not BulkStepState.OPEN or clock.now() >= found.undo_until:
        raise WrongState(OVER)
    batch = _held_letters(found)
    hidden = queries.hidden_codes(by)
    waiting = [entry for entry in found.applications if not {"why", "outcome"} & entry.keys()]
    taken = [entry for entry in waiting if entry["code"] not in hidden]
    applications = {one.code: one for one in _by_codes(competition, [entry["code"] for entry in taken])}
    undone: list[str] = []
    for entry in taken:
        application = lock_application(applications[entry["code"]])
        if not _went_on(found, entry, application):
            _undo(found, entry, application, by)
            undone.append(entry["code"])
    if not undone:
        raise WrongState("Nothing can be undone: somebody went on with every application of the step")
    kept = [entry["code"] for entry in taken if entry["code"] not in undone]
    _note_outcome(found, undone, kept)
    if batch is not None and not _is_undone(found):
        _withdraw_letters(batch, undone)
    elif batch is not None:
        withdraw_with_step(batch, by=by)
    _end(found, {"undone": len(undone), "kept": len(kept)}, by, is_whole=len(taken) == len(waiting))
    return kept


def _is_undone(step: BulkStep) -> bool:
    """Whether nothing of the step stands, what another person had undone included."""
    return all(entry.get("outcome") == "undone" for entry in step.applications if "why" not in entry)


def _end(step: BulkStep, facts: dict[str, object], by: User, *, is_whole: bool) -> None:
    """The step is over, unless something of it is left to others."""
    if is_whole:
        step.ended_at = clock.now()
        advance(step, "undo", by=by, facts=facts)
    else:
        record(thing="bulk_step", code=step.code, scope=step.journal_scope, step="undo", by=by, facts=facts)


def _refuse_undoing(competition: Competition, by: User) -> None:
    """The desk undoes, and only while the check runs: what was admitted may be with the experts afterwards."""
    if not by.can(Permission.FORMAL_CHECK):
        raise NotAllowed(policy.NOT_SECRETARY)
    if competition.state is not CompetitionState.FORMAL_CHECK:
        raise WrongState(policy.NOT_CHECKING)


def settle_steps() -> int:
    """End the time for undoing where it has passed; called by the clock, harmless twice."""
    due = sa.select(BulkStep.id).where(BulkStep.state == BulkStepState.OPEN, BulkStep.undo_until <= clock.now())
    numbers = list(db.session.scalars(due))
    for number in numbers:
        with unit_of_work():
            step = db.session.scalars(lock(sa.select(BulkStep).filter_by(id=number))).one()
            if step.state is BulkStepState.OPEN:
                advance(step, "settle", by=SYSTEM)
                step.ended_at = clock.now()
    return len(numbers)


def _chosen(competition: Competition, codes: Sequence[str], by: User) -> list[Application]:
    wanted = list(dict.fromkeys(codes))
    found = _by_codes(competition, wanted)
    hidden = queries.hidden_ids(by, competition)
    if not wanted:
        raise InvalidInput("Choose at least one application", field="codes")
    if len(found) != len(wanted) or any(one.id in hidden or one.state == A.DRAFT for one in found):
        raise NotFound()
    return [lock_application(one) for one in found]


def _by_codes(competition: Competition, codes: Sequence[str]) -> list[Application]:
    """In one order for everybody, so that two who press together do not wait for each other."""
    query = sa.select(Application).where(Application.competition_id == competition.id, Application.code.in_(codes))
    return list(db.session.scalars(query.order_by(Application.id)))


def _entry(order: Order, application: Application, by: User) -> dict[str, Any]:
    if order.step == "verdicts":
        return _take_verdicts(application, by)
    reason = why_not(order, application, by)
    return _left(application, reason) if reason else _take(order, application, by)


def _take_verdicts(application: Application, by: User) -> dict[str, Any]:
    """The machine looks once: with sixty applications its work is what the step takes."""
    reason = policy.why_not_check(by, application)
    found = [] if reason else _machine_found(application)
    if not found:
        return _left(application, reason or NOTHING_NEW)
    formal_check.take_over(application, found, by=by)
    state = application.state.value
    return {"code": application.code, "from": state, "verdicts": found, "to": state, "version": application.version}


def _take(order: Order, application: Application, by: User) -> dict[str, Any]:
    before = application.state.value
    entry: dict[str, Any] = {"code": application.code, "from": before}
    if order.step == "admit":
        admission.admit(application, by=by)
    elif order.step == "propose":
        admission.propose_admission(application, by=by)
    else:
        formal_check.return_for_correction(application, order.questions, order.letter, by=by, days=order.days)
    db.session.flush()
    papers = _paper_count(application)
    return {**entry, "to": application.state.value, "version": application.version, "papers": papers}


def _paper_count(application: Application) -> int:
    query = sa.select(sa.func.count(Attachment.id)).where(Attachment.application_id == application.id)
    return db.session.scalar(query) or 0


def _left(application: Application, reason: str) -> dict[str, Any]:
    return {"code": application.code, "from": application.state.value, "why": reason}


def _machine_found(application: Application) -> list[str]:
    """Requirements without a verdict that the machine sees kept."""
    rows = queries.requirement_rows(application)
    return [row.requirement.code for row in rows if row.verdict is None and row.hint.is_kept]


def _went_on(step: BulkStep, entry: dict[str, Any], application: Application) -> bool:
    if application.state.value != entry["to"] or application.version != entry["version"]:
        return True
    if "papers" in entry and entry["papers"] != _paper_count(application):
        return True  # a paper that was taken off has left no row behind
    later = (
        sa.select(Answer.id).where(Answer.application_id == application.id, Answer.updated_at >= step.made_at),
        sa.select(Attachment.id).where(
            Attachment.application_id == application.id, Attachment.uploaded_at >= step.made_at
        ),
        sa.select(FormalCheckItem.id).where(
            FormalCheckItem.application_id == application.id, FormalCheckItem.checked_at > step.made_at
        ),
    )
    return any(db.session.scalar(query.limit(1)) is not None for query in later)


def _undo(step: BulkStep, entry: dict[str, Any], application: Application, by: User) -> None:
    if step.step == "verdicts":
        db.session.execute(
            sa.delete(FormalCheckItem).where(
                FormalCheckItem.application_id == application.id,
                FormalCheckItem.requirement.in_(entry["verdicts"]),
            )
        )
    elif step.step == "propose":
        admission.take_proposal_back(application, by=by)
    else:
        if step.step == "return":
            db.session.execute(sa.delete(Correction).where(Correction.application_id == application.id))
        advance(application, f"undo_to_{entry['from']}", by=by, facts={"bulk_step": step.code})


def _held_letters(step: BulkStep) -> LetterBatch | None:
    if step.batch_code is None:
        return None
    batch = db.session.scalar(lock(sa.select(LetterBatch).filter_by(code=step.batch_code)))
    if batch is None or batch.state is not LetterBatchState.HELD:
        raise WrongState("The letters of this step have been decided on: it cannot be undone any more")
    return batch


def _note_outcome(step: BulkStep, undone: Sequence[str], kept: Sequence[str]) -> None:
    outcomes = dict.fromkeys(undone, "undone") | dict.fromkeys(kept, "kept")
    step.applications = [
        {**entry, "outcome": outcomes[entry["code"]]} if entry["code"] in outcomes and "why" not in entry else entry
        for entry in step.applications
    ]


def _withdraw_letters(batch: LetterBatch, codes: Sequence[str]) -> None:
    withdraw_unsent(Notice.batch_id == batch.id, Notice.thing_code.in_(codes))


def _locked(step: BulkStep) -> BulkStep:
    found = db.session.scalar(lock(sa.select(BulkStep).filter_by(id=step.id)).execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found
