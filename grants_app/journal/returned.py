"""A letter that did not arrive is sent again, to the same address or to a corrected one."""

from __future__ import annotations

import re

from grants_app.core import words
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.journal.letters import opens_account
from grants_app.journal.models import Notice
from grants_app.journal.services import Actor, digest_of, record, start_again
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


def send_again(notice: Notice, *, email: str = "", by: Actor) -> None:
    """Send a letter again. Raises NotAllowed, InvalidInput (field "email"), WrongState when it went out meanwhile.

    The journal keeps digests of both addresses. The person's address of sign-in does not change.
    """
    new = words.one_line(email).strip()
    facts: dict[str, object] = {}
    if new and new != notice.email:
        refusal = why_not_redirect(by, notice)
        if refusal is not None:
            raise NotAllowed(refusal)
        if len(new) > LONGEST_ADDRESS or _ADDRESS.fullmatch(new) is None:
            raise InvalidInput("Enter an address like name@example.org", field="email")
        facts = {"from": digest_of(notice.email), "to": digest_of(new)}
        notice.email = new
    start_again(notice)
    record(thing="letter", code=str(notice.id), step="send_again", by=by, scope=notice.scope, facts=facts)
