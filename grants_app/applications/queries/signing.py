"""What is signed and who signed it: the content without its own signatures, prepared and sent signatures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Attachment, Signature
from grants_app.applications.queries.access import STAFF
from grants_app.applications.queries.content import form_for, frozen_content
from grants_app.applications.rules.files import SIGNATURE_KINDS
from grants_app.applications.rules.signing import CONFIRM, SIGNATURE_MODES, VERDICTS
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.journal.services import digest_of


@dataclass(frozen=True)
class SignatureRow:
    """How an application was (or is prepared to be) signed, for pages and the receipt."""

    mode: str
    mode_label: str
    by: str
    at: datetime
    digest: str
    signers: tuple[dict[str, str], ...]
    verdict: str
    verdict_label: str
    verdict_note: str
    file_code: str
    file_name: str
    is_sent: bool

    @property
    def signed_by(self) -> str:
        """Whom to name: the signer of the container where it tells one, else the person who confirmed."""
        return self.signers[0]["name"] if self.signers and self.signers[0]["name"] else self.by


def modes_of(competition: Competition) -> list[str]:
    """Modes that the call allows, in the order in which they are offered; a call that says nothing: confirmation."""
    chosen = [mode for mode in SIGNATURE_MODES if mode in (competition.signature_modes or ())]
    return chosen or [CONFIRM]


def may_read_signatures(viewer: User | None) -> bool:
    """Whether the person's office checks applications: signed papers hold everything, also what only it reads."""
    return viewer is not None and any(viewer.can(permission) for permission in STAFF)


def signing_content(application: Application) -> dict[str, Any]:
    """Everything the head signs: the content as it would be sent, without code, boxes to tick and signatures.

    The texts of the declarations stand in it, whether ticked yet or not: who signs declares them.
    """
    content = frozen_content(application)
    declared = form_for(application).declarations
    codes = {one.code for one in declared}
    answers = {code: value for code, value in content["answers"].items() if code not in codes}
    files = [file for file in content["files"] if file["kind"] not in SIGNATURE_KINDS]
    content.pop("code")
    return {**content, "answers": answers, "files": files, "declarations": [one.label for one in declared]}


def signing_digest(application: Application, but: Collection[str] = ()) -> str:
    """The digest that is printed on the form to sign and compared when it comes back.

    `but`: questions whose answers are left away, because the page that asks tells the version of each by itself.
    """
    content = signing_content(application)
    answers = {code: value for code, value in content["answers"].items() if code not in but}
    return digest_of({**content, "answers": answers})


def latest_signature(application: Application, mode: str) -> Signature | None:
    """The newest scan or container of an application, sent with an earlier sending or not."""
    query = (
        sa.select(Signature)
        .where(Signature.application_id == application.id, Signature.mode == mode, Signature.attachment_id.is_not(None))
        .order_by(Signature.id.desc())
    )
    return db.session.scalar(query.limit(1))


def prepared_rows(application: Application) -> dict[str, SignatureRow]:
    """The newest scan and container of a draft, by mode."""
    rows = {}
    for mode in SIGNATURE_MODES:
        found = latest_signature(application, mode)
        if found is not None:
            rows[mode] = _rows([found])[found.id]
    return rows


def signature_of(application: Application) -> SignatureRow | None:
    """How the newest sending of an application was signed."""
    return signatures_of([application.id]).get(application.id)


def signatures_of(ids: Iterable[int]) -> dict[int, SignatureRow]:
    """The same for many applications, by id, in two queries."""
    query = (
        sa.select(Signature)
        .where(Signature.application_id.in_(list(ids)), Signature.submission_id.is_not(None))
        .order_by(Signature.id)
    )
    newest = {one.application_id: one for one in db.session.scalars(query)}
    rows = _rows(list(newest.values()))
    return {application_id: rows[one.id] for application_id, one in newest.items()}


def signed_in(competition: Competition) -> dict[str, tuple[str, str]]:
    """By code: how each application of a competition was signed, and whom the signature names; in one query."""
    query = (
        sa.select(Application.code, Signature.mode, Signature.signers, User.full_name)
        .join(Signature, Signature.application_id == Application.id)
        .outerjoin(User, User.id == Signature.by_id)
        .where(Application.competition_id == competition.id, Signature.submission_id.is_not(None))
        .order_by(Signature.id)
    )
    found = {}
    for code, mode, signers, by in db.session.execute(query):
        found[code] = (SIGNATURE_MODES[mode], (signers[0]["name"] if signers else "") or by or "")
    return found


def _rows(signatures: list[Signature]) -> dict[int, SignatureRow]:
    query = (
        sa.select(Signature.id, User.full_name, Attachment.code, Attachment.file_name)
        .outerjoin(User, User.id == Signature.by_id)
        .outerjoin(Attachment, Attachment.id == Signature.attachment_id)
        .where(Signature.id.in_([one.id for one in signatures]))
    )
    known = {row.id: row for row in db.session.execute(query)}
    return {one.id: _row(one, known[one.id]) for one in signatures}


def _row(signature: Signature, known: Any) -> SignatureRow:
    return SignatureRow(
        mode=signature.mode,
        mode_label=SIGNATURE_MODES[signature.mode],
        by=known.full_name or "",
        at=signature.at,
        digest=signature.content_digest,
        signers=tuple(signature.signers),
        verdict=signature.verdict,
        verdict_label=VERDICTS[signature.verdict],
        verdict_note=signature.verdict_note,
        file_code=known.code or "",
        file_name=known.file_name or "",
        is_sent=signature.submission_id is not None,
    )
