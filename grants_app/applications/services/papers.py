"""Papers of an application: attached from a file or from the organisation's library, taken off again."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import OrganisationDocument, User
from grants_app.applications import policy, queries, rules
from grants_app.applications.models import Application, Attachment, Signature
from grants_app.applications.rules.files import MAX_TOTAL_MB, SIGNATURE_KINDS
from grants_app.applications.services import uploads_late
from grants_app.applications.services.loading import lock_application, refuse_if
from grants_app.core import clock, figures
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.core.figures import Figure
from grants_app.core.identifiers import random_text
from grants_app.core.storage import Stored
from grants_app.database import db
from grants_app.lifecycle import ApplicationState

EXPIRED = "The document “%(name)s” was valid until %(day)s. Put a valid one into the library first"


def add_attachment(
    application: Application,
    kind: str,
    file_name: str,
    media_type: str,
    stored: Stored,
    *,
    by: User,
    document_id: int | None = None,
    is_signature: bool = False,
) -> Attachment:
    """Attach a file whose bytes already lie in the storage (bytes first, then the row).

    The same bytes as the same kind are attached once, however often they come. Raises InvalidInput (field "file") for
    an unknown kind, one file too many or too much in all.
    """
    application = lock_application(application)
    if kind in SIGNATURE_KINDS and not is_signature:
        # Signing has terms of its own: by its kinds documents would come in where none were asked for.
        raise InvalidInput("Choose the kind of the document", field="kind")
    _refuse_closed(application, by, kind, is_adding=document_id is None)
    if kind not in queries.form_for(application).file_labels and kind not in SIGNATURE_KINDS:
        raise InvalidInput("Choose the kind of the document", field="kind")
    there = list(db.session.scalars(sa.select(Attachment).filter_by(application_id=application.id)))
    twin = next((one for one in there if (one.kind, one.sha256) == (kind, stored.sha256)), None)
    if twin is not None:
        return twin
    _refuse_too_much(there, stored.size)
    attachment = Attachment(
        code=random_text(24),
        application_id=application.id,
        kind=kind,
        file_name=file_name,
        media_type=media_type,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_at=clock.now(),
        uploaded_by_id=by.id,
        document_id=document_id,
    )
    db.session.add(attachment)
    db.session.flush()
    if uploads_late.is_for_sent(application):
        uploads_late.freeze_late_file(application, attachment, by)
    return attachment


def attach_from_library(application: Application, kind: str, document: OrganisationDocument, *, by: User) -> Attachment:
    """Attach a paper of the organisation's library: the same bytes under a row of its own.

    What happens to the library afterwards leaves it as it is. Raises NotFound for a paper of another organisation or
    one taken out of the library, InvalidInput (field "document") for one that is no longer valid.
    """
    if document.organisation_id != application.organisation_id or document.ended_at is not None:
        raise NotFound()
    if document.valid_until is not None and document.valid_until < clock.today():
        facts = {"name": document.file_name, "day": Figure(figures.day, document.valid_until)}
        raise InvalidInput(EXPIRED, field="document", facts=facts)
    stored = Stored(document.sha256, document.size)
    return add_attachment(
        application, kind, document.file_name, document.media_type, stored, by=by, document_id=document.id
    )


def remove_attachment(application: Application, code: str, *, by: User) -> None:
    """Take a file off the draft; its bytes stay in the storage, where others may share them.

    A signature that was prepared with it goes too; one that was sent stays on record without the file.
    """
    application = lock_application(application)
    found = db.session.scalar(sa.select(Attachment).filter_by(application_id=application.id, code=code))
    _refuse_closed(application, by, found.kind if found is not None else "")
    if found is None:
        raise NotFound()
    if application.state != ApplicationState.DRAFT and _is_sent_signature(found):
        raise NotAllowed("The application was sent with this signature: it stays on record")
    for signature in db.session.scalars(sa.select(Signature).filter_by(attachment_id=found.id)):
        if signature.submission_id is None:
            db.session.delete(signature)
        else:
            signature.attachment_id = None
    db.session.flush()
    db.session.delete(found)
    db.session.flush()


def _is_sent_signature(attachment: Attachment) -> bool:
    query = sa.select(Signature.id).where(
        Signature.attachment_id == attachment.id, Signature.submission_id.is_not(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def _refuse_closed(application: Application, by: User, kind: str, *, is_adding: bool = False) -> None:
    if kind in SIGNATURE_KINDS:
        refuse_if(policy.why_not_sign(by, application))
        return
    correction = queries.correction_of(application)
    if correction is not None and rules.FILES_ITEM in correction.questions:
        refuse_if(policy.why_not_correct(by, application, correction))
    elif is_adding and uploads_late.is_for_sent(application):
        refuse_if(uploads_late.why_not_late(application, by))
    else:
        refuse_if(policy.why_not_edit(by, application))


def _refuse_too_much(there: list[Attachment], size: int) -> None:
    papers = [one for one in there if one.kind not in SIGNATURE_KINDS]
    if len(papers) >= rules.MAX_FILES:
        raise InvalidInput(
            "At most %(limit_count)s files may be attached", field="file", facts={"limit_count": rules.MAX_FILES}
        )
    if sum(one.size for one in there) + size > MAX_TOTAL_MB * 1024 * 1024:
        raise InvalidInput(
            "All files of an application together may have %(most)s MB", field="file", facts={"most": MAX_TOTAL_MB}
        )
