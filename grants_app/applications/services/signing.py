"""Signing: a scan or a container prepared beforehand, and the signature that goes with a sending.

Whether a qualified signature is valid is said by a verifier behind a port. The one that is shipped knows no Ukrainian
trust list and therefore says of every container that it is not verified; it never says «valid».
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.accounts.services import second_factor
from grants_app.applications.models import Application, Attachment, Signature, Submission
from grants_app.applications.queries import signing as signing_queries
from grants_app.applications.rules.containers import Container, NotAContainerError, read_container
from grants_app.applications.rules.files import CONTAINER, SIGNED_FORM
from grants_app.applications.rules.signing import (
    CONFIRM,
    QES,
    SCAN,
    SECOND_FACTOR,
    is_printed_mark,
    printed_mark,
)
from grants_app.applications.services.loading import lock_application
from grants_app.applications.services.papers import add_attachment, remove_attachment
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, WrongState
from grants_app.core.inspection import Paper
from grants_app.core.sealing import Seal
from grants_app.core.storage import Stored
from grants_app.database import db
from grants_app.journal.services import record

SCAN_KINDS = frozenset({"pdf", "jpg", "png"})
CONTAINER_KINDS = frozenset({"p7s", "asice"})
CHANGED = "The application was changed after it was signed. Print or download it once more, sign it and attach it again"
OTHER_CONTENT = "The container holds a signature over another file. Sign the file that this page gives, unchanged"
NO_CONTAINER = "The file “%(name)s” holds no electronic signature. Attach the container that the signing program made"


@dataclass(frozen=True)
class Verdict:
    """What a verifier says: valid, invalid or unknown, and why (msgid)."""

    word: str
    note: str


class Verifier(Protocol):
    """Checks a container against trust lists and the signed content."""

    def verify(self, container: bytes, original: bytes) -> Verdict: ...


class WithoutVerifier:
    """No trust list is at hand: says so."""

    def verify(self, container: bytes, original: bytes) -> Verdict:
        """Not verified, whatever came."""
        return Verdict("unknown", "Not verified: this installation is not connected to a verifier of signatures")


# An installation with a verifier puts it here.
verifiers: list[Verifier] = [WithoutVerifier()]


@dataclass(frozen=True)
class Choice:
    """How the head signs this sending; the code and the seal only where a code is asked for."""

    mode: str = ""
    code: str = ""
    seal: Seal | None = None


def attach_scan(application: Application, paper: Paper, stored: Stored, printed: str, *, by: User) -> Signature:
    """Keep the scan of the signed form, with the digest that stands printed on it.

    Raises InvalidInput (field "printed") when the typed mark is not that of the content as it stands: it was changed
    after printing, or another form was scanned.
    """
    application = lock_application(application)
    _refuse_mode(application, SCAN)
    if paper.kind not in SCAN_KINDS:
        raise InvalidInput("Attach the scan as PDF, JPG or PNG", field="scan")
    digest = signing_queries.signing_digest(application)
    if not is_printed_mark(printed, digest):
        facts = {"now": printed_mark(digest)}
        message = (
            "The mark of this application is now %(now)s. If another one is printed on your form, the application was "
            "changed after printing: print it again and sign that"
        )
        raise InvalidInput(message, field="printed", facts=facts)
    return _keep(application, SCAN, SIGNED_FORM, paper, stored, digest=digest, by=by)


def attach_container(
    application: Application, paper: Paper, stored: Stored, *, body: bytes, original: bytes, digest: str, by: User
) -> Signature:
    """Keep a container with the electronic signature over `original`, and who signed by its certificates.

    `digest` is of the content from which `original` was drawn: a colleague may have written on meanwhile. Raises
    InvalidInput (field "container") then, for a file without a signature and for one over other content, where that
    can be known: a digest of a kind that only a verifier computes is left to the verifier.
    """
    application = lock_application(application)
    _refuse_mode(application, QES)
    if digest != signing_queries.signing_digest(application):
        raise InvalidInput(CHANGED, field="container")
    if paper.kind not in CONTAINER_KINDS:
        raise InvalidInput("Attach a container .p7s or .asice", field="container")
    container = _read(body, paper)
    if container.is_over(original) is False:
        raise InvalidInput(OTHER_CONTENT, field="container")
    verdict = verifiers[-1].verify(body, original)
    if verdict.word == "invalid":
        raise InvalidInput(verdict.note, field="container")
    signature = _keep(application, QES, CONTAINER, paper, stored, digest=digest, by=by)
    signature.signers = [signer.as_row() for signer in container.signers]
    signature.verdict, signature.verdict_note = verdict.word, verdict.note
    return signature


def sign_submission(application: Application, submission: Submission, choice: Choice | None, by: User) -> Signature:
    """The signature of a sending, in the unit that sends it.

    Raises InvalidInput (field "mode") for a mode the call does not allow, for a missing scan or container and for one
    over an earlier content; (field "code") for a wrong code of the second factor. The whole sending is refused then.
    """
    allowed = signing_queries.modes_of(application.competition)
    mode = choice.mode if choice is not None and choice.mode else (CONFIRM if allowed == [CONFIRM] else "")
    if mode not in allowed:
        raise InvalidInput("Choose how you sign", field="mode")
    if mode == SECOND_FACTOR:
        _spend_code(choice or Choice(), by)
    if mode in {SCAN, QES}:
        return _send_prepared(application, submission, mode, by)
    signature = Signature(
        application_id=application.id,
        mode=mode,
        content_digest=submission.digest,
        at=submission.at,
        by_id=by.id,
        submission_id=submission.id,
        signers=[],
    )
    db.session.add(signature)
    _note(application, signature, by)
    return signature


def _send_prepared(application: Application, submission: Submission, mode: str, by: User) -> Signature:
    found = signing_queries.latest_signature(application, mode)
    if found is None:
        missing = "Attach the scan of the signed form first" if mode == SCAN else "Attach the signed container first"
        raise InvalidInput(missing, field="mode")
    if found.content_digest != signing_queries.signing_digest(application):
        raise InvalidInput(CHANGED, field="mode")
    if found.submission_id is not None:  # sent before, recalled, and unchanged since
        found = Signature(
            application_id=application.id,
            mode=mode,
            content_digest=found.content_digest,
            at=found.at,
            by_id=found.by_id,
            attachment_id=found.attachment_id,
            signers=list(found.signers),
            verdict=found.verdict,
            verdict_note=found.verdict_note,
        )
        db.session.add(found)
    found.submission_id = submission.id
    _note(application, found, by)
    return found


def _spend_code(choice: Choice, by: User) -> None:
    if choice.seal is None:
        raise InvalidInput("Enter the code from your application", field="code")
    try:
        second_factor.spend_code(by, choice.code, seal=choice.seal)
    except WrongState as error:
        raise InvalidInput("Switch the second factor on in your profile first", field="mode") from error


def _refuse_mode(application: Application, mode: str) -> None:
    if mode not in signing_queries.modes_of(application.competition):
        raise InvalidInput("This competition does not take signatures of this kind", field="mode")


def _read(body: bytes, paper: Paper) -> Container:
    try:
        return read_container(body)
    except NotAContainerError as error:
        raise InvalidInput(NO_CONTAINER, field="container", facts={"name": paper.name}) from error


def _keep(
    application: Application, mode: str, kind: str, paper: Paper, stored: Stored, *, digest: str, by: User
) -> Signature:
    """The file and the prepared signature; an earlier one that was never sent gives way."""
    earlier = sa.select(Signature).filter_by(application_id=application.id, mode=mode, submission_id=None)
    for old in db.session.scalars(earlier).all():
        attachment = db.session.get(Attachment, old.attachment_id) if old.attachment_id else None
        if attachment is not None and attachment.sha256 != stored.sha256:
            remove_attachment(application, attachment.code, by=by)
        else:
            db.session.delete(old)
    attachment = add_attachment(application, kind, paper.name, paper.media_type, stored, by=by, is_signature=True)
    signature = Signature(
        application_id=application.id,
        mode=mode,
        content_digest=digest,
        at=clock.now(),
        by_id=by.id,
        attachment_id=attachment.id,
        signers=[],
    )
    db.session.add(signature)
    db.session.flush()
    return signature


def _note(application: Application, signature: Signature, by: User) -> None:
    db.session.flush()
    record(
        thing="application",
        code=application.journal_code,
        scope=application.competition.code,
        step="sign",
        by=by,
        facts={"mode": signature.mode, "digest": signature.content_digest, "verdict": signature.verdict},
    )
