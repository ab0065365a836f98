"""Letters of a bulk step: released when somebody has seen the list, or withdrawn; single ones may be left out.

Nobody decides on letters that a conflict of interest keeps from them: these are set aside as a list of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa

from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import new_code
from grants_app.database import db, lock
from grants_app.journal.models import LetterBatch, Notice
from grants_app.journal.queries.seal import letters_about_withheld, letters_left_to_others
from grants_app.journal.services import CONFLICT, Actor, advance, record
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Permission

DECIDED = "These letters have been decided on already"
# By the name of a letter: what a later stage does before such a letter of a list leaves.
_leaving: dict[str, Callable[[Notice, Actor], None]] = {}


def before_leaving(template: str, prepare: Callable[[Notice, Actor], None]) -> None:
    """Let a stage make a letter true again on the day of its release: a term that it names begins then."""
    _leaving[template] = prepare


def release_batch(batch: LetterBatch, *, left_out: Collection[int] = (), by: Actor) -> None:
    """Let the letters of a batch leave; those left out are withdrawn for good, those kept from `by` are set aside.

    Raises NotAllowed without the right to release, WrongState when somebody was faster.
    """
    found = _open_batch(batch, by)
    leaving = sa.and_(Notice.template.in_(_leaving), Notice.id.not_in(left_out), ~letters_left_to_others(by))
    # What letters are about is locked before any of them is written: whoever records a conflict of interest holds an
    # application while taking letters back, and the two would wait for each other.
    with db.session.no_autoflush:
        for notice in _waiting(found, leaving):
            _leaving[notice.template](notice, by)
    _set_aside(found, by)
    withdraw_unsent(Notice.batch_id == found.id, Notice.id.in_(left_out))
    _end(found, "release", by)
    db.session.info["wake_for_letters"] = True


def withdraw_batch(batch: LetterBatch, *, reason: str, by: Actor) -> None:
    """Take all letters of a batch back that `by` may see: nobody gets them.

    Raises InvalidInput (reason), NotAllowed, WrongState.
    """
    found = _open_batch(batch, by)
    if not reason.strip():
        raise InvalidInput("Give the reason: nobody will get these letters", field="reason")
    _set_aside(found, by)
    _withdraw_letters(found)
    _end(found, "withdraw", by, reason.strip())


def withdraw_with_step(batch: LetterBatch, *, by: Actor, reason: str | None = None) -> None:
    """Take the letters back together with the bulk step that wrote them. Raises WrongState when they were released."""
    found = _locked(batch)
    if found.state != LetterBatchState.HELD:
        raise WrongState("The letters of this step have been decided on: it cannot be undone any more")
    _withdraw_letters(found)
    _end(found, "withdraw_with_step", by, reason)


def withdraw_unsent(*which: sa.ColumnElement[bool]) -> None:
    """Take back the letters that answer these conditions and have not left: what they say does not hold any more."""
    left = sa.update(Notice).where(*which, Notice.sent_at.is_(None), Notice.withdrawn_at.is_(None))
    db.session.execute(left.values(withdrawn_at=clock.now()))


def withdraw_withheld(person: Any) -> None:
    """Letters to a person about what is considered without them from now on, written before and not sent yet, stay.

    A letter of the day that has not gone is taken apart: what is left of it waits for the next one. Letters about the
    conflict itself go.
    """
    unsent = (Notice.recipient_id == person.id, Notice.sent_at.is_(None), Notice.withdrawn_at.is_(None))
    about = sa.and_(letters_about_withheld(person), Notice.thing != CONFLICT)
    inside = db.session.scalars(sa.select(Notice.digest_id).where(*unsent, about, Notice.digest_id.is_not(None)))
    digests = set(inside)
    if digests:
        db.session.execute(sa.update(Notice).where(Notice.digest_id.in_(digests)).values(digest_id=None))
        db.session.execute(sa.update(Notice).where(Notice.id.in_(digests)).values(withdrawn_at=clock.now()))
    withdraw_unsent(Notice.recipient_id == person.id, about)


def hand_over_withheld(person: Any) -> None:
    """What a person caused about what is considered without them from now on fails back to the office, not to them."""
    caused = sa.update(Notice).where(Notice.caused_by_id == person.id, letters_about_withheld(person))
    db.session.execute(caused.values(caused_by_id=None))


def _open_batch(batch: LetterBatch, by: Actor) -> LetterBatch:
    if not by.can(Permission.OUTBOX_RELEASE):
        raise NotAllowed("Your role does not allow this step")
    found = _locked(batch)
    if found.state != LetterBatchState.HELD:
        raise WrongState(DECIDED)
    return found


def _set_aside(batch: LetterBatch, by: Actor) -> None:
    """Part the letters that a conflict of interest keeps from this person: another one sees and releases them.

    Whoever may not see a letter must not learn either that it was not delivered: its failure comes back to the office.
    """
    kept = _waiting(batch, letters_left_to_others(by))
    if not kept:
        return
    aside = LetterBatch(
        code=f"L-{new_code(7)}",
        step=batch.step,
        scope=batch.scope,
        made_at=batch.made_at,
        made_by_id=batch.made_by_id,
        is_set_aside=True,
    )
    db.session.add(aside)
    db.session.flush()
    for notice in kept:
        notice.batch_id = aside.id
        notice.caused_by_id = None if notice.caused_by_id == by.actor_id else notice.caused_by_id
    record(thing="letter_batch", code=aside.code, scope=aside.scope, step="set_aside", by=by)


def _locked(batch: LetterBatch) -> LetterBatch:
    found: LetterBatch = db.session.scalars(lock(sa.select(LetterBatch).filter_by(id=batch.id))).one()
    return found


def _waiting(batch: LetterBatch, which: sa.ColumnElement[bool]) -> list[Notice]:
    """Letters of the list that have not left and answer the condition, in the order of their writing."""
    waiting = (Notice.batch_id == batch.id, Notice.sent_at.is_(None), Notice.withdrawn_at.is_(None))
    return list(db.session.scalars(sa.select(Notice).where(*waiting, which).order_by(Notice.id)))


def _withdraw_letters(batch: LetterBatch) -> None:
    withdraw_unsent(Notice.batch_id == batch.id)


def _end(batch: LetterBatch, step: str, by: Actor, reason: str | None = None) -> None:
    batch.ended_at, batch.ended_by_id = clock.now(), by.actor_id
    advance(batch, step, by=by, reason=reason)
