"""A letter that did not arrive comes back, at once or by a report, and is sent again, also to a corrected address."""

from __future__ import annotations

import re

import sqlalchemy as sa

from grants_app.core import clock, words
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.database import db, lock
from grants_app.journal.bounces import Bounce
from grants_app.journal.letters import opens_account
from grants_app.journal.models import Notice
from grants_app.journal.queries.sending import DIGEST, TRIES
from grants_app.journal.services import SYSTEM, Actor, digest_of, new_message_id, record, start_again
from grants_app.permissions import Permission

LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\]{2,}")


def why_not_redirect(user: Actor, notice: Notice) -> str | None:
    """Why this person may not send the letter to another address."""
    if not (user.can(Permission.OUTBOX_RELEASE) or user.can(Permission.COMPETITION_STAFF_READ)):
        return "The address is changed by the person in the profile, or by the secretary"
    # Sent elsewhere, the link would open the account to somebody else.
    if opens_account(notice.body):
        return "This letter opens an account: write a new one to the right address instead"
    return None


def take_back(bounce: Bounce) -> Notice:
    """A letter that left has come back: it stands with the reason on the page of whoever caused it.

    The journal keeps when it had been sent. Raises NotFound for a letter that is not ours, WrongState for one that is
    known to be undelivered.
    """
    notice = db.session.scalar(lock(sa.select(Notice).filter_by(message_id=bounce.message_id)))
    if notice is None:
        raise NotFound
    if notice.sent_at is None:
        raise WrongState("This letter is not among those that were sent")
    facts = {"sent_at": notice.sent_at.isoformat()}
    record(thing="letter", code=str(notice.id), step="bounce", by=SYSTEM, scope=notice.scope, facts=facts)
    notice.attempts, notice.failure, notice.sent_at = TRIES, bounce.failure, None
    if notice.template == DIGEST:
        inside = sa.update(Notice).where(Notice.digest_id == notice.id)
        back = {"attempts": TRIES, "failure": bounce.failure, "sent_at": None, "digest_id": None}
        db.session.execute(inside.values(**back))
        notice.withdrawn_at = clock.now()
    return notice


def send_again(notice: Notice, *, email: str = "", by: Actor) -> None:
    """Send a letter again. Raises NotAllowed, InvalidInput (field "email"), WrongState when it went out meanwhile.

    The journal keeps digests of both addresses. The person's address of sign-in does not change. NotFound for a letter
    that somebody has sent again a moment ago, perhaps elsewhere.
    """
    notice = db.session.scalars(lock(sa.select(Notice).filter_by(id=notice.id))).one()
    if notice.attempts < TRIES and notice.sent_at is None:
        raise NotFound
    new = words.one_line(email).strip()
    facts: dict[str, object] = {}
    if new and new != notice.email:
        refusal = why_not_redirect(by, notice)
        if refusal is not None:
            raise NotAllowed(refusal)
        if len(new) > LONGEST_ADDRESS or _ADDRESS.fullmatch(new) is None:
            raise InvalidInput("Enter an address like name@example.org", field="email")
        facts = {"from": digest_of(notice.email), "to": digest_of(new)}
        # Another letter to its receiver: a report about the first address that comes late, or again, is not about it.
        notice.email, notice.message_id = new, new_message_id()
    start_again(notice)
    record(thing="letter", code=str(notice.id), step="send_again", by=by, scope=notice.scope, facts=facts)
