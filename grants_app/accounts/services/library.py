"""Keeping the papers of an organisation: once uploaded, attached to any application; earlier versions stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, OrganisationDocument, User
from grants_app.accounts.policy.library import why_not_keep_library
from grants_app.accounts.queries import people_of
from grants_app.accounts.queries.library import document_for, document_rows, expiring_documents
from grants_app.accounts.rules.library import LETTERS, LETTERS_BEFORE, LIBRARY_KINDS, MOST_DOCUMENTS
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import random_text
from grants_app.core.storage import Stored
from grants_app.database import db, lock, unit_of_work
from grants_app.journal.jobs import every_minute
from grants_app.journal.letters import link_to
from grants_app.journal.models import Notice
from grants_app.journal.services import notify_user, record
from grants_app.permissions import Role

# The day's letters about papers begin at this hour of Kyiv.
LETTER_HOUR = 9


@dataclass(frozen=True)
class DocumentFacts:
    """What is said of a paper beside its bytes."""

    kind: str
    title: str
    valid_until: date | None
    file_name: str
    media_type: str


def add_document(organisation: Organisation, facts: DocumentFacts, stored: Stored, *, by: User) -> OrganisationDocument:
    """Put a paper into the library; its bytes already lie in the storage.

    Raises NotAllowed for others than people of the organisation, InvalidInput for an odd kind, a paper that is over
    already, or one too many.
    """
    _lock(organisation, by)
    _refuse_odd(facts)
    if len(document_rows(organisation.id)) >= MOST_DOCUMENTS:
        raise InvalidInput(
            "At most %(limit_count)s documents are kept: take one out first",
            field="file",
            facts={"limit_count": MOST_DOCUMENTS},
        )
    return _write(organisation, facts, stored, by)


def replace_document(
    organisation: Organisation, code: str, facts: DocumentFacts, stored: Stored, *, by: User
) -> OrganisationDocument:
    """Put a new version in the place of a paper; applications that used the earlier one keep it.

    Raises WrongState when somebody else has replaced it meanwhile.
    """
    _lock(organisation, by)
    _refuse_odd(facts)
    earlier = document_for(organisation, code)
    if earlier.ended_at is not None:
        raise WrongState("This document has been replaced or taken out already")
    earlier.ended_at = clock.now()
    return _write(organisation, facts, stored, by)


def end_document(organisation: Organisation, code: str, *, by: User) -> None:
    """Take a paper out of the library; applications that used it keep it. Raises WrongState when it is out already."""
    _lock(organisation, by)
    document = document_for(organisation, code)
    if document.ended_at is not None:
        raise WrongState("This document has been replaced or taken out already")
    document.ended_at = clock.now()
    record(thing="organisation", code=organisation.edrpou, step="end_document", by=by, facts={"document": code})


@every_minute("accounts.library")
def warn_of_expiry() -> None:
    """Letters to the people of an organisation before a paper runs out: each of the two once."""
    if clock.kyiv(clock.now()).hour < LETTER_HOUR:
        return
    near = expiring_documents(still_valid=True)
    # Where nobody is left to read it, nothing is written every minute: whoever comes gets the letter then.
    waiting = [(one.id, name) for one in near if (name := _due_letter(one)) and _readers(one)]
    for document_id, name in waiting:
        with unit_of_work():
            document = db.session.scalar(lock(sa.select(OrganisationDocument).filter_by(id=document_id)))
            if document is not None and _due_letter(document) == name:
                _send(document, name)


def _due_letter(document: OrganisationDocument) -> str | None:
    """The letter that has not gone yet; the nearest term is enough when several have come."""
    if document.ended_at is not None or document.valid_until is None or document.valid_until < clock.today():
        return None
    left = (document.valid_until - clock.today()).days
    reached = [days for days in LETTERS_BEFORE if left <= days]
    if not reached:
        return None
    name = f"document_expires_{min(reached)}"
    query = sa.select(Notice.id).filter_by(thing="document", thing_code=document.code, template=name).limit(1)
    return name if db.session.scalar(query) is None else None


def _send(document: OrganisationDocument, name: str) -> None:
    organisation = document.organisation
    for person in _readers(document):
        notify_user(
            person,
            LETTERS,
            name,
            facts={
                "day": document.valid_until,
                "title": document.title or document.file_name,
                "organisation": organisation.short_name,
                "link": link_to(f"/accounts/organisation/{organisation.edrpou}/documents"),
            },
            thing="document",
            code=document.code,
        )


def _readers(document: OrganisationDocument) -> list[User]:
    return people_of(document.organisation_id, Role.NGO_HEAD, Role.NGO_MEMBER)


def _lock(organisation: Organisation, by: User) -> None:
    """One change of a library at a time. Raises NotAllowed for others than its people."""
    reason = why_not_keep_library(by, organisation)
    if reason is not None:
        raise NotAllowed(reason)
    db.session.scalar(lock(sa.select(Organisation).filter_by(id=organisation.id)))


def _refuse_odd(facts: DocumentFacts) -> None:
    if facts.kind not in LIBRARY_KINDS:
        raise InvalidInput("Choose the kind of the document", field="kind")
    if facts.valid_until is not None and facts.valid_until < clock.today():
        raise InvalidInput("This document is no longer valid on that day: upload a valid one", field="valid_until")


def _write(organisation: Organisation, facts: DocumentFacts, stored: Stored, by: User) -> OrganisationDocument:
    now: datetime = clock.now()
    document = OrganisationDocument(
        code=random_text(24),
        organisation_id=organisation.id,
        kind=facts.kind,
        title=facts.title,
        file_name=facts.file_name,
        media_type=facts.media_type,
        size=stored.size,
        sha256=stored.sha256,
        valid_until=facts.valid_until,
        uploaded_at=now,
        uploaded_by_id=by.id,
    )
    db.session.add(document)
    db.session.flush()
    step_facts = {"document": document.code, "kind": facts.kind, "sha256": stored.sha256}
    record(thing="organisation", code=organisation.edrpou, step="add_document", by=by, facts=step_facts)
    return document
