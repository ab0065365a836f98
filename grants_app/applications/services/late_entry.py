"""Late entries: one organisation may finish and send after the deadline, on record, with a published reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications import policy
from grants_app.applications.models import LateEntry
from grants_app.applications.queries import late_entry as late_queries
from grants_app.applications.rules.late_entry import LATE_LETTERS
from grants_app.applications.services.loading import lock_competition, refuse_if
from grants_app.competitions.models import Competition
from grants_app.core import clock, figures
from grants_app.core.errors import InvalidInput
from grants_app.core.figures import Figure
from grants_app.core.identifiers import clean_code, grouped, has_valid_check, is_edrpou, new_code, random_text
from grants_app.database import db, lock
from grants_app.journal.services import notify_user, record
from grants_app.permissions import Role

SECRET_BODY = 15  # with the check character 16 signs, 74 bits
LONGEST_REASON = 1000
WRONG_CODE = "This code is not known. Check every sign of it"


@dataclass(frozen=True)
class Given:
    """A late entry with its secret, which is shown once and kept nowhere but in the letter."""

    entry: LateEntry
    secret: str


def give_late_entry(competition: Competition, edrpou: str, reason: str, until: datetime | None, *, by: User) -> Given:
    """Let one organisation apply till `until`, after the intake has ended for everybody else.

    Writes the entry with the digest of its code, a line of the journal and letters to the heads. Raises NotAllowed,
    InvalidInput (fields edrpou, reason, until).
    """
    competition = lock_competition(competition.id)
    refuse_if(policy.why_not_give_late_entry(by, competition))
    organisation = _organisation(edrpou)
    if not reason.strip() or len(reason.strip()) > LONGEST_REASON:
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    _refuse_term(competition, until)
    if any(one.organisation_id == organisation.id for one in late_queries.running_entries(competition)):
        raise InvalidInput("This organisation already has a late entry: take it back first", field="edrpou")
    secret = new_code(SECRET_BODY)
    entry = LateEntry(
        code=random_text(12),
        secret_digest=_digest(secret),
        competition_id=competition.id,
        organisation_id=organisation.id,
        reason=reason.strip(),
        until=until,
        given_at=clock.now(),
        given_by_id=by.id,
    )
    db.session.add(entry)
    db.session.flush()
    facts = {"organisation": organisation.edrpou, "until": entry.until.isoformat()}
    record(
        thing="late_entry", code=entry.code, scope=competition.code, step="give", by=by,
        reason=entry.reason, facts=facts,
    )  # fmt: skip
    _write_to_heads(entry, "late_entry_given", {"secret": grouped(secret), "reason": entry.reason})
    return Given(entry, grouped(secret))


def enter_late_code(text: str, *, by: User) -> LateEntry:
    """The head enters the code; from now on the organisation may write and send. Doing it again changes nothing.

    Raises InvalidInput (field code) for an unknown code and for another organisation's, which look the same, NotAllowed
    for one that has ended.
    """
    secret = clean_code(text)
    found = None
    if has_valid_check(secret):
        found = db.session.scalar(lock(sa.select(LateEntry).filter_by(secret_digest=_digest(secret))))
    if found is None or by.role_in(found.organisation_id) is None:
        raise InvalidInput(WRONG_CODE, field="code")
    refuse_if(policy.why_not_enter_late(by, found))
    if found.opened_at is None:
        found.opened_at, found.opened_by_id = clock.arrival(), by.id
        # Under «application»: while bids are sealed nobody learns who is about to send one.
        record(
            thing="application", code=found.code, scope=found.competition.code, step="late_code", by=by,
            facts={"organisation": found.organisation.edrpou},
        )  # fmt: skip
    return found


def end_late_entry(competition: Competition, code: str, reason: str, *, by: User) -> None:
    """Take a late entry back before an application is sent by it. Raises NotAllowed, InvalidInput (field reason)."""
    competition = lock_competition(competition.id)
    entry = late_queries.late_entry_by_code(competition, code)
    refuse_if(policy.why_not_end_late_entry(by, entry))
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    entry.ended_at = clock.now()
    record(
        thing="late_entry", code=entry.code, scope=competition.code, step="end", by=by,
        reason=reason.strip(), facts={"organisation": entry.organisation.edrpou},
    )  # fmt: skip
    _write_to_heads(entry, "late_entry_ended", {"reason": reason.strip()})


def _organisation(edrpou: str) -> Organisation:
    found = db.session.scalar(sa.select(Organisation).filter_by(edrpou=edrpou.strip()))
    if found is None:
        known = is_edrpou(edrpou.strip())
        message = "No organisation with this code is registered here" if known else "Check the EDRPOU code"
        raise InvalidInput(message, field="edrpou")
    return found


def _refuse_term(competition: Competition, until: datetime | None) -> None:
    if until is None:
        raise InvalidInput("Enter the day and the time", field="until")
    if until <= clock.now() or (competition.intake_until is not None and until <= competition.intake_until):
        raise InvalidInput("The term must end after the intake and after this moment", field="until")
    if competition.scoring_until is not None and until >= competition.scoring_until:
        raise InvalidInput("The term must end before the scoring does", field="until")


def _digest(secret: str) -> str:
    return hashlib.sha256(f"grants late entry {secret}".encode()).hexdigest()


def _write_to_heads(entry: LateEntry, name: str, facts: Mapping[str, object]) -> None:
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == entry.organisation_id,
            Membership.ended_at.is_(None),
            Membership.role == Role.NGO_HEAD,
        )
        .order_by(User.id)
    )
    organisation = db.session.get_one(Organisation, entry.organisation_id)
    competition = db.session.get_one(Competition, entry.competition_id)
    told = {
        "organisation": organisation.short_name or organisation.name,
        "title": competition.title,
        "until": Figure(figures.stamp, entry.until),
        **facts,
    }
    for user in db.session.scalars(query):
        notify_user(user, LATE_LETTERS, name, facts=told, thing="late_entry", code=entry.code, scope=competition.code)
