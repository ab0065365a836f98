"""Papers of an organisation: those in force, earlier versions, those that run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, OrganisationDocument, User
from grants_app.accounts.rules.library import LIBRARY_KINDS, WARN_BEFORE
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.database import db


@dataclass(frozen=True)
class DocumentRow:
    """A paper of the library. state: valid | soon (its end is near) | expired | ended (replaced or taken out)."""

    id: int
    code: str
    kind: str
    kind_label: str
    title: str
    file_name: str
    size: int
    sha256: str
    valid_until: date | None
    uploaded_at: datetime
    state: str

    @property
    def shown_title(self) -> str:
        """Its own title, or the name of its file."""
        return self.title or self.file_name


def library_organisation(edrpou: str, viewer: User) -> Organisation:
    """The organisation whose papers the person keeps. Raises NotFound for everybody else, the city's staff included."""
    found = db.session.scalar(sa.select(Organisation).filter_by(edrpou=edrpou))
    if found is None or viewer.role_in(found.id) is None:
        raise NotFound
    return found


def document_rows(organisation_id: int, *, ended: bool = False) -> list[DocumentRow]:
    """Papers in force by kind, or those that were replaced or taken out, newest first."""
    query = sa.select(OrganisationDocument).filter_by(organisation_id=organisation_id)
    if ended:
        query = query.where(OrganisationDocument.ended_at.is_not(None)).order_by(OrganisationDocument.ended_at.desc())
        return [_row(one) for one in db.session.scalars(query.limit(100))]
    found = list(db.session.scalars(query.where(OrganisationDocument.ended_at.is_(None))))
    order = list(LIBRARY_KINDS)
    return sorted((_row(one) for one in found), key=lambda row: (order.index(row.kind), -row.id))


def document_for(organisation: Organisation, code: str) -> OrganisationDocument:
    """A paper of this very organisation by its code, ended ones too. Raises NotFound."""
    found = db.session.scalar(sa.select(OrganisationDocument).filter_by(organisation_id=organisation.id, code=code))
    if found is None:
        raise NotFound
    return found


def expiring_documents(
    organisation_ids: frozenset[int] | None = None, *, still_valid: bool = False
) -> list[OrganisationDocument]:
    """Papers in force whose end has come or is near, of these organisations or (None) of all.

    `still_valid` leaves those away whose day has passed: there are more of them with every year.
    """
    query = sa.select(OrganisationDocument).where(
        OrganisationDocument.ended_at.is_(None),
        OrganisationDocument.valid_until.is_not(None),
        OrganisationDocument.valid_until <= clock.today() + WARN_BEFORE,
    )
    if still_valid:
        query = query.where(OrganisationDocument.valid_until >= clock.today())
    if organisation_ids is not None:
        query = query.where(OrganisationDocument.organisation_id.in_(organisation_ids))
    return list(db.session.scalars(query.order_by(OrganisationDocument.valid_until, OrganisationDocument.id)))


def state_of(document: OrganisationDocument) -> str:
    """Whether a paper is in force, near its end, over it, or out of the library."""
    if document.ended_at is not None:
        return "ended"
    if document.valid_until is None:
        return "valid"
    if document.valid_until < clock.today():
        return "expired"
    return "soon" if document.valid_until <= clock.today() + WARN_BEFORE else "valid"


def _row(document: OrganisationDocument) -> DocumentRow:
    return DocumentRow(
        id=document.id,
        code=document.code,
        kind=document.kind,
        kind_label=LIBRARY_KINDS.get(document.kind, document.kind),
        title=document.title,
        file_name=document.file_name,
        size=document.size,
        sha256=document.sha256,
        valid_until=document.valid_until,
        uploaded_at=document.uploaded_at,
        state=state_of(document),
    )
