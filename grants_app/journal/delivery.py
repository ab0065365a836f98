"""Letters leave the outbox: at least once, each try under the same Message-ID, so that a double is seen as one.

A try is noted before the letter goes and the result after it. A worker that dies between leaves the letter for another
try; a receiver that has it already knows it by its Message-ID.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog
from flask import current_app
from flask_mailman import EmailMultiAlternatives

from grants_app.core import clock
from grants_app.database import db, lock, unit_of_work
from grants_app.extensions import mail
from grants_app.journal.letters import without_secrets
from grants_app.journal.models import Notice
from grants_app.journal.queries.sending import DIGEST, TRIES, due_letters

log = structlog.get_logger()
# After the first, second, … failed try; the last pause repeats until the tries are used up.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
A_TRY_TAKES = timedelta(minutes=3)


@dataclass(frozen=True)
class _Letter:
    id: int
    email: str
    subject: str
    body: str
    lang: str
    message_id: str
    attempts: int


def send_waiting(limit: int = 200) -> int:
    """Send what is due, one by one; gives the number of letters that went out."""
    sent = 0
    for _turn in range(limit):
        letter = _take()
        if letter is None:
            break
        sent += _try_to_send(letter)
    return sent


def _take() -> _Letter | None:
    now = clock.now()
    is_due = due_letters(now)
    # A look without the write lock first: most rounds find nothing.
    if db.session.scalar(sa.select(Notice.id).where(*is_due).limit(1)) is None:
        return None
    with unit_of_work():
        notice = db.session.scalar(
            sa.select(Notice)
            .where(*is_due)
            .order_by(Notice.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if notice is None:
            return None
        notice.attempts += 1
        notice.next_try_at = now + A_TRY_TAKES
        return _Letter(
            notice.id,
            notice.email,
            notice.subject,
            notice.body,
            notice.lang,
            notice.message_id,
            notice.attempts,
        )


def _try_to_send(letter: _Letter) -> bool:
    try:
        _send(message_of(letter.email, letter.subject, letter.body, lang=letter.lang, message_id=letter.message_id))
    except Exception as error:  # whatever the way out answers belongs into the outbox, not into a crash
        refused = _refused_for_good(error)
        log.warning("letter not sent", notice=letter.id, attempt=letter.attempts, kind=type(error).__name__)
        _note_failure(letter, error, refused=refused)
        return False
    with unit_of_work():
        notice = _row(letter.id)
        notice.sent_at = clock.now()
        notice.next_try_at = None
        notice.failure = None
        notice.subject, notice.body = without_secrets(notice.subject), without_secrets(notice.body)
        # What travelled inside a digest has travelled with it.
        db.session.execute(
            sa.update(Notice)
            .where(Notice.digest_id == notice.id, Notice.sent_at.is_(None))
            .values(sent_at=notice.sent_at)
        )
    return True


def _send(message: EmailMultiAlternatives) -> None:
    connection = mail.get_connection()
    message.connection = connection
    try:
        message.send()
    finally:
        connection.close()


def message_of(email: str, subject: str, body: str, *, lang: str, message_id: str) -> EmailMultiAlternatives:
    """The letter as it travels: plain text and a page with the same words."""
    paragraphs = [[_parts(line) for line in block.split("\n")] for block in body.split("\n\n")]
    settings = current_app.config["SETTINGS"]
    message = EmailMultiAlternatives(
        " ".join(subject.split()),
        f"{body}\n\n--\n{settings.product_name}, {settings.city_name}\n",
        to=[email],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated", "Content-Language": lang},
    )
    # Without the context of pages: a worker serves no request.
    page = current_app.jinja_env.get_template("journal/letter.html").render(
        subject=subject,
        paragraphs=paragraphs,
        letter_lang=lang,
        product_name=settings.product_name,
        city_name=settings.city_name,
    )
    message.attach_alternative(page, "text/html")
    return message


def _parts(line: str) -> list[tuple[bool, str]]:
    """Words of a line, addresses marked."""
    return [(word.startswith(("https://", "http://")), word) for word in line.split(" ")]


def _note_failure(letter: _Letter, error: Exception, *, refused: bool) -> None:
    with unit_of_work():
        notice = _row(letter.id)
        notice.failure = f"{type(error).__name__}: {error}"[:500]
        if refused:
            notice.attempts = TRIES
        if notice.template == DIGEST and notice.attempts >= TRIES:
            _dissolve(notice)
        notice.next_try_at = clock.now() + PAUSES[min(letter.attempts, len(PAUSES)) - 1]


def _dissolve(digest: Notice) -> None:
    """A letter of the day that cannot be sent: each letter inside comes back to who caused it."""
    inside = sa.update(Notice).where(Notice.digest_id == digest.id)
    db.session.execute(inside.values(digest_id=None, attempts=TRIES, failure=digest.failure))
    digest.withdrawn_at = clock.now()


def _refused_for_good(error: Exception) -> bool:
    """Codes from 500: the receiver will not take it later either, a person must look."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _row(notice_id: int) -> Notice:
    return db.session.scalars(lock(sa.select(Notice).filter_by(id=notice_id))).one()
