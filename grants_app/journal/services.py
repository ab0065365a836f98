"""The journal: `record` notes what happened, `advance` moves a thing along its state table, `notify` queues a letter.

Entries are gathered during the unit of work and appended as its last act, under the lock of the head row, so that the
chain is serialised for the shortest time. hash = SHA-256("grants-journal-v1\\n" ‖ prev ‖ "\\n" ‖ canonical JSON).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import new_code
from grants_app.core.state_machine import Machine, State
from grants_app.database import before_commit, db, is_writing, lock, request_id
from grants_app.journal.letters import Letters, compose, is_cut, public_host, shown_facts, without_secrets
from grants_app.journal.models import JournalEntry, JournalHead, LetterBatch, Notice
from grants_app.journal.queries.seal import withheld_from
from grants_app.lifecycle import MACHINES
from grants_app.permissions import Permission

VERSION_LINE = "grants-journal-v1\n"
LONGEST_SUBJECT = 300
CUT = "Its personal link or code is not kept after sending: take the step again, so that a new letter is written"
SECRET_FACTS = {"secret", "token"}  # never kept apart from the letter itself
# Kept in the session while a unit runs: the batch that is being written, the letters of the unit, who acts first.
_BATCH, _WRITTEN, _ACTED = "letter_batch", "letters_written", "acted_by"
CONFLICT = "conflict"  # the thing of letters about a conflict of interest


class Actor(Protocol):
    """Who acts: a user, or SYSTEM for the clock and jobs."""

    @property
    def actor_id(self) -> int | None: ...

    @property
    def actor_label(self) -> str: ...

    def can(self, permission: Permission) -> bool: ...


@dataclass(frozen=True)
class SystemActor:
    """The system itself: deadlines, expiry, jobs. It needs no permission and holds none that a person asks for."""

    actor_label: str = "system"
    actor_id: None = None

    def can(self, permission: Permission) -> bool:
        """The system takes no step that a person must answer for."""
        return False


SYSTEM = SystemActor()


class Recipient(Protocol):
    """Whom a letter goes to: a person with an account."""

    id: Any
    email: Any
    lang: Any


class Stateful(Protocol):
    """A thing with a state table, its public code, and the competition or programme it belongs to."""

    state: Any

    @property
    def journal_code(self) -> str: ...

    @property
    def journal_scope(self) -> str | None: ...


def machine_of(thing: Stateful) -> Machine:
    """The state table of a thing, by the kind of its state."""
    return MACHINES[type(thing.state)]


def advance(
    thing: Stateful,
    step_name: str,
    *,
    by: Actor,
    reason: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Move `thing` along its table and note it in the journal. The only assignment of a state in the product.

    Raises WrongState when the step does not start here, NotAllowed when the actor lacks the step's permission,
    InvalidInput (field "reason") when the step needs a reason and none is given.
    """
    machine = machine_of(thing)
    step = machine.step(step_name)
    before: State = thing.state
    if before not in step.sources:
        raise WrongState(
            "This step is not possible now: the state is “%(state)s”", facts={"state": before.label, "step": step.label}
        )
    if step.permission is not None and not by.can(Permission(step.permission)):
        raise NotAllowed("Your role does not allow this step")
    if step.needs_reason and not (reason or "").strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    thing.state = step.target
    record(
        thing=machine.thing,
        code=thing.journal_code,
        scope=thing.journal_scope,
        step=step_name,
        by=by,
        from_state=before,
        to_state=step.target,
        reason=reason,
        facts=facts,
    )


def record(
    *,
    thing: str,
    code: str,
    step: str,
    by: Actor,
    scope: str | None = None,
    from_state: State | None = None,
    to_state: State | None = None,
    reason: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Note something that happened; it is appended when the unit of work commits.

    `facts` are integers, strings, booleans, None, lists and mappings of them: they become part of the hashed body.
    Personal data does not belong here.
    """
    if not is_writing():
        raise RuntimeError("journal.record outside a unit of work")
    for teller in _tellers.get((thing, step), {}).values():
        teller(Happened(code, by, (reason or "").strip()))
    if by.actor_id is not None:
        db.session.info.setdefault(_ACTED, by)
    pending: list[dict[str, Any]] = db.session.info.setdefault("journal_pending", [])
    pending.append(
        {
            "at": clock.now(),
            "actor_id": by.actor_id,
            "actor": by.actor_label,
            "thing": thing,
            "thing_code": code,
            "scope": scope,
            "step": step,
            "from_state": from_state.value if from_state is not None else None,
            "to_state": to_state.value if to_state is not None else None,
            "reason": reason,
            "request_id": request_id.get(),
            "facts": dict(facts or {}),
        }
    )


@dataclass(frozen=True)
class Happened:
    """Something of an earlier stage that a later one writes letters about."""

    code: str
    by: Actor
    reason: str


Teller = Callable[[Happened], None]
_tellers: dict[tuple[str, str], dict[str, Teller]] = {}


def tell_of(thing: str, step: str, teller: Teller) -> None:
    """Let a later stage write its letters when this is recorded of an earlier stage's thing, in the same unit."""
    _tellers.setdefault((thing, step), {})[f"{teller.__module__}.{teller.__qualname__}"] = teller


def notify(
    *,
    email: str,
    template: str,
    subject: str,
    body: str,
    thing: str,
    code: str,
    scope: str | None = None,
    recipient_id: int | None = None,
    lang: str = "uk",
) -> Notice:
    """Put a letter into the outbox inside the running unit; the worker sends it after the commit."""
    batch: LetterBatch | None = db.session.info.get(_BATCH)
    notice = Notice(
        email=email,
        recipient_id=recipient_id,
        lang=lang,
        template=template,
        subject=" ".join(subject.split())[:LONGEST_SUBJECT],
        body=body,
        thing=thing,
        thing_code=code,
        scope=scope,
        message_id=new_message_id(),
        created_at=clock.now(),
        attempts=0,
        batch_id=batch.id if batch is not None else None,
    )
    db.session.add(notice)
    db.session.info.setdefault(_WRITTEN, []).append(notice)
    db.session.info["wake_for_letters"] = True
    return notice


def new_message_id() -> str:
    """A Message-ID of this installation."""
    return f"<{secrets.token_hex(16)}@{public_host()}>"


def notify_user(
    user: Recipient,
    letters: Letters,
    name: str,
    *,
    facts: Mapping[str, object],
    thing: str,
    code: str,
    scope: str | None = None,
) -> Notice:
    """Put a letter of a stage's LETTERS into the outbox, in the language that the person has chosen."""
    return notify_address(
        user.email,
        letters,
        name,
        facts=facts,
        thing=thing,
        code=code,
        scope=scope,
        recipient_id=user.id,
        lang=user.lang,
    )


def notify_address(
    email: str,
    letters: Letters,
    name: str,
    *,
    facts: Mapping[str, object],
    thing: str,
    code: str,
    scope: str | None = None,
    recipient_id: int | None = None,
    lang: str = "uk",
) -> Notice:
    """The same for an address behind which there need not be an account yet."""
    subject, body = compose(letters, name, lang, facts)
    notice = notify(
        email=email,
        template=name,
        subject=subject,
        body=body,
        thing=thing,
        code=code,
        scope=scope,
        recipient_id=recipient_id,
        lang=lang,
    )
    notice.facts = {
        key: without_secrets(value) for key, value in shown_facts(facts, lang).items() if key not in SECRET_FACTS
    }
    return notice


@contextmanager
def held_batch(step: str, scope: str | None, by: Actor) -> Iterator[LetterBatch]:
    """Hold every letter written inside: they leave when somebody has seen the list and released it.

    `step` says what wrote them (a msgid), `scope` is the competition or the programme. A batch inside another one is
    the other one; a step that wrote nothing leaves no batch.
    """
    outer: LetterBatch | None = db.session.info.get(_BATCH)
    if outer is not None:
        yield outer
        return
    batch = LetterBatch(code=f"L-{new_code(7)}", step=step, scope=scope, made_at=clock.now(), made_by_id=by.actor_id)
    db.session.add(batch)
    db.session.flush()
    db.session.info[_BATCH] = batch
    try:
        yield batch
    finally:
        db.session.info.pop(_BATCH, None)
    if any(notice.batch_id == batch.id for notice in db.session.info.get(_WRITTEN, [])):
        record(thing="letter_batch", code=batch.code, scope=scope, step="hold", by=by)
    else:
        db.session.delete(batch)


def try_again(notice: Notice, *, by: Actor) -> None:
    """Let a letter that was not sent be tried again from the start. Raises NotAllowed, WrongState when it went out."""
    if not by.can(Permission.OUTBOX_RELEASE):
        raise NotAllowed("Your role does not allow this step")
    start_again(notice)
    record(thing="letter", code=str(notice.id), step="try_again", by=by, scope=notice.scope)


def start_again(notice: Notice) -> None:
    """Count the tries of a letter from the beginning. Raises WrongState when it went out or was withdrawn."""
    if notice.sent_at is not None:
        raise WrongState("This letter has been sent already")
    if notice.withdrawn_at is not None:
        raise WrongState("This letter was withdrawn")
    refusal = why_not_again(notice)
    if refusal is not None:
        raise WrongState(refusal)
    notice.attempts = 0
    notice.failure = None
    notice.next_try_at = None
    db.session.info["wake_for_letters"] = True


def why_not_again(notice: Notice) -> str | None:
    """Why a letter cannot go once more as it is: what opened something was cut when it had been sent."""
    return CUT if is_cut(notice.body) or is_cut(notice.subject) else None


def canonical(entry: Mapping[str, Any]) -> str:
    """Canonical JSON of an entry: sorted keys, no spaces, UTF-8, instants as ISO 8601 UTC."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def digest_of(content: object) -> str:
    """SHA-256 of the canonical JSON of a decided content, for entries that freeze something."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def chain_hash(prev: str, body: str) -> str:
    """The hash of an entry from its predecessor's hash and its canonical body."""
    return hashlib.sha256(f"{VERSION_LINE}{prev}\n{body}".encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a journal entry holds plain values only, not {type(value).__name__}")


def _append_pending(session: Session) -> None:
    pending: list[dict[str, Any]] = session.info.pop("journal_pending", [])
    if not pending:
        return
    head = session.scalar(lock(sa.select(JournalHead).filter_by(id=1)))
    if head is None:
        # Two first writers: the second waits for the first at the key and goes on from its row.
        session.execute(sa.text("INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, '') ON CONFLICT DO NOTHING"))
        head = session.scalars(lock(sa.select(JournalHead).filter_by(id=1))).one()
    for entry in pending:
        head.seq += 1
        body = canonical({"seq": head.seq, **entry})
        prev = head.hash
        head.hash = chain_hash(prev, body)
        columns = {name: value for name, value in entry.items() if name != "facts"}
        session.add(JournalEntry(seq=head.seq, body=body, prev=prev, hash=head.hash, **columns))


def _name_causes(session: Session) -> None:
    """Who acts in a unit caused its letters: failures come back to that person.

    Not those about a conflict of interest, nor about what is considered without the person: they are the office's, as
    is what people without an office of the city cause (journal.queries.returned).
    """
    written: list[Notice] = [one for one in session.info.pop(_WRITTEN, []) if one.thing != CONFLICT]
    if (by := session.info.pop(_ACTED, None)) is None or not written:
        return
    is_kept = withheld_from(by) if by.can(Permission.COMPETITION_STAFF_READ) else None
    for notice in written:
        if is_kept is None or not is_kept(notice.thing_code):
            notice.caused_by_id = notice.caused_by_id or by.actor_id


before_commit.extend((_name_causes, _append_pending))


@sa.event.listens_for(Session, "after_rollback")
@sa.event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, *_: object) -> None:
    session.info.pop("journal_pending", None)
