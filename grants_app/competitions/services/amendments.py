"""Amending an announced call: written apart, published at once as a new version with its reason and a letter.

Criteria, lots, money and dates stay as they were announced; applications already sent keep the form they were sent
under, drafts follow the newest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from grants_app.accounts.models import User
from grants_app.competitions import policy, queries
from grants_app.competitions.models import CallAmendment, CallVersion, Competition
from grants_app.competitions.queries.amendments import amendment_changes, amendment_of, call_texts
from grants_app.competitions.rules.amendments import LETTERS
from grants_app.competitions.rules.form import form_text
from grants_app.competitions.rules.form.changes import TEXTS, Change
from grants_app.competitions.services.form import open_pad, written
from grants_app.competitions.services.settings import NEWER, locked
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.database import db
from grants_app.journal.letters import link_to
from grants_app.journal.services import Actor, digest_of, held_batch, notify_user, record

# What is left to applicants when the form changes.
LEAST_TIME = timedelta(hours=24)
TOO_LATE = "Less than a day is left: prolong the intake first, so that applicants can answer the changed form"


@dataclass(frozen=True)
class Holder:
    """Somebody who writes or has sent an application to the call; `code` is the application's, sealed as it is."""

    user: User
    code: str


# The stage of applications says who must be told. Nothing of them stands in the journal: bids are sealed.
_holders: list[Callable[[Competition], Iterable[Holder]]] = []


def tell_holders_by(holders: Callable[[Competition], Iterable[Holder]]) -> None:
    """Name the question that finds who must be told; the last one counts."""
    _holders[:] = [holders]


def begin_amendment(competition: Competition, *, by: Actor) -> CallAmendment:
    """Open an amendment with the call as it stands; one at a time. Raises NotAllowed, WrongState."""
    found = locked(competition)
    _refuse(policy.why_not_amend(by, found, clock.now()))
    if amendment_of(found) is not None:
        raise WrongState("An amendment is being written already")
    amendment = CallAmendment(
        competition=found,
        form_text=form_text(queries.form_of(found)),
        texts=call_texts(found),
        begun_at=clock.now(),
        begun_by_id=by.actor_id,
    )
    db.session.add(amendment)
    db.session.flush()
    record(thing="competition", code=found.code, scope=found.code, step="begin_amendment", by=by)
    return amendment


def save_amended_texts(
    competition: Competition, texts: Mapping[str, str], *, by: Actor, version: int | None = None
) -> None:
    """Texts of the call in the amendment. Raises InvalidInput (field title), EditConflict."""
    amendment = _open(competition, by, version)
    if not texts["title"].strip():
        raise InvalidInput("Enter the title of the competition", field="title")
    amendment.texts = {name: texts[name] for name in TEXTS}
    written(amendment, "texts", by)


def discard_amendment(competition: Competition, *, by: Actor, version: int | None = None) -> None:
    """Throw the amendment away: the call stays as it is."""
    amendment = _open(competition, by, version)
    code = amendment.competition.code
    db.session.delete(amendment)
    record(thing="competition", code=code, scope=code, step="discard_amendment", by=by)


def publish_amendment(competition: Competition, *, by: Actor, reason: str, version: int | None = None) -> CallVersion:
    """Make the amendment the call: a new version with its changes, a public note, a letter to everybody who applies.

    Raises NotAllowed after the deadline, InvalidInput (field reason) without a reason or without a change, EditConflict
    when somebody changed the amendment since it was read.
    """
    amendment = _open(competition, by, version)
    found = amendment.competition
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    changes = amendment_changes(found, amendment)
    if not changes:
        raise InvalidInput("Nothing is changed yet: there is nothing to publish", field=None)
    _refuse_surprise(found, amendment)
    found.form_text, found.form_version = amendment.form_text, found.form_version + 1
    for name in TEXTS:
        setattr(found, name, amendment.texts[name])
    number = found.form_version
    note = {"at": clock.now().isoformat(), "step": "amend", "reason": reason.strip(), "from": None, "to": number}
    found.notes = [*found.notes, note]
    published = keep_version(found, by=by, reason=reason, changes=changes)
    db.session.delete(amendment)
    db.session.flush()
    record(
        thing="competition",
        code=found.code,
        scope=found.code,
        step="amend",
        by=by,
        reason=reason.strip(),
        facts={"number": number, "changes": len(changes), **_digests(published)},
    )
    with held_batch("Amend the call", found.code, by):
        _tell_holders(found, published, by)
    return published


def keep_version(competition: Competition, *, by: Actor, reason: str, changes: list[Change]) -> CallVersion:
    """The call as it is published now: its texts and its form, never changed again."""
    version = CallVersion(
        competition=competition,
        number=competition.form_version,
        form_text=competition.form_text or form_text(queries.form_of(competition)),
        texts=call_texts(competition),
        reason=reason.strip(),
        changes=changes,
        at=clock.now(),
        by_id=by.actor_id,
    )
    db.session.add(version)
    return version


def form_digest(version: CallVersion) -> str:
    """By which the journal knows the form that was published."""
    return digest_of(version.form_text)


def _refuse_surprise(competition: Competition, amendment: CallAmendment) -> None:
    """Nobody can answer what is asked a minute before the end: a form that changes leaves a day to write."""
    until = competition.intake_until
    is_changed = amendment.form_text != form_text(queries.form_of(competition))
    if is_changed and until is not None and until - clock.now() < LEAST_TIME:
        raise InvalidInput(TOO_LATE, field=None)


def _digests(version: CallVersion) -> dict[str, str]:
    return {"form_digest": form_digest(version), "texts_digest": digest_of(version.texts)}


def _open(competition: Competition, by: Actor, version: int | None) -> CallAmendment:
    found = locked(competition)
    _refuse(policy.why_not_amend(by, found, clock.now()))
    if amendment_of(found) is None:
        raise NotFound
    amendment = open_pad(found, by).amendment
    if amendment is None:
        raise NotFound
    if version is not None and amendment.version != version:
        raise EditConflict(NEWER)
    return amendment


def _tell_holders(competition: Competition, version: CallVersion, by: Actor) -> None:
    """One letter to each person, about the application they hold: so it is sealed together with it."""
    told: set[int] = set()
    until = competition.intake_until
    facts = {
        "title": competition.title,
        "reason": version.reason,
        "link": link_to(f"/competitions/{competition.code}"),
        "until": "–" if until is None else until - timedelta(minutes=1),
    }
    if isinstance(by, User):
        # A copy for the list of letters to release: the others are sealed with the bids.
        told.add(by.id)
        code = competition.code
        notify_user(by, LETTERS, "call_amended", facts=facts, thing="competition", code=code, scope=code)
    for holders in _holders:
        for holder in holders(competition):
            if holder.user.id in told:
                continue
            told.add(holder.user.id)
            notify_user(
                holder.user,
                LETTERS,
                "call_amended",
                facts=facts,
                thing="application",
                code=holder.code,
                scope=competition.code,
            )


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise NotAllowed(reason)
