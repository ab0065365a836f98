"""What anybody may learn from a receipt: that it is genuine, and no more than its competition shows anyway."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from grants_app.applications.models import Application, Submission
from grants_app.applications.queries.access import card_for
from grants_app.applications.queries.content import is_over
from grants_app.applications.queries.veil import is_veiled
from grants_app.core.errors import NotFound
from grants_app.core.state_machine import State
from grants_app.database import db

WHOLE_DIGEST, LEAST_DIGITS = 64, 16  # of a digest typed by hand its beginning is enough


@dataclass(frozen=True)
class ReceiptCheck:
    """A genuine receipt. Until the intake ends it tells nothing that does not stand on the paper itself."""

    code: str
    competition: str
    kind: str  # first | correction | late_file
    sent_at: datetime
    is_over: bool
    # Of the public register, once there is one; a recalled application is not in it.
    is_registered: bool = False
    register_number: int | None = None
    state: State | None = None
    organisation: str = ""
    later: tuple[datetime, ...] = ()  # what was sent after it: corrections, files


def check_receipt(code: str, digest: str) -> ReceiptCheck | None:
    """The receipt with that code and digest; none for a wrong one, whatever is wrong about it."""
    typed = digest_as_typed(digest)
    if not LEAST_DIGITS <= len(typed) <= WHOLE_DIGEST:
        return None
    query = (
        sa.select(Submission)
        .join(Application, Application.id == Submission.application_id)
        .where(Application.code == code.strip().upper())
        .order_by(Submission.id)
    )
    sent = list(db.session.scalars(query))
    found = [one for one in sent if hmac.compare_digest(one.digest[: len(typed)].encode(), typed.encode())]
    if not found:
        return None
    # The same content may have been sent twice: the later sending is the one that stands.
    return _told(found[-1], [one.at for one in sent if one.id > found[-1].id])


def digest_as_typed(text: str) -> str:
    """A digest without the spaces and hyphens that people put into long numbers."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _told(submission: Submission, later: list[datetime]) -> ReceiptCheck:
    application = submission.application
    code, competition = application.code or "", application.competition
    told = ReceiptCheck(code, competition.title, submission.kind, submission.at, is_over(competition))
    try:
        card = card_for(code)
    except NotFound:
        return told  # the intake runs, or the application was recalled: there is no card of it
    shows_applicant = card.organisation is not None and not is_veiled(None, competition)
    return replace(
        told,
        is_registered=True,
        register_number=card.register_number,
        state=card.state,
        organisation=card.organisation.name if card.organisation is not None and shows_applicant else "",
        later=tuple(later),
    )
