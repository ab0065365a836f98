"""Documents that call themselves what signs an application: the kinds of signing are no way around its locks."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from grants_app.accounts import services as accounts
from grants_app.accounts.models import OrganisationDocument
from grants_app.accounts.services.library import DocumentFacts
from grants_app.applications import services
from grants_app.applications.models import Attachment
from grants_app.applications.rules.files import SIGNATURE_KINDS
from grants_app.database import db, unit_of_work
from grants_app.web.files import storage_of
from tests.support.admissions import checking
from tests.support.applications import PDF, draft_application, new_head, organisation_of
from tests.support.calls import Call, announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call whose intake runs."""
    return announced_call()


def _kinds() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Attachment.kind)))


@pytest.mark.parametrize("kind", sorted(SIGNATURE_KINDS))
def test_document_is_not_attached_as_a_signature(app: Flask, call: Call, kind: str) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    before, visitor = _kinds(), visit_as(app, head)
    for address, field in (("files", "file"), ("files/photos", "photos")):
        data = {"kind": kind, field: (io.BytesIO(PDF), "зайвий.pdf")}
        answer = visitor.post(f"/applications/{draft.key}/{address}", data=data, content_type="multipart/form-data")
        assert (address, answer.status_code) == (address, 422)
    assert _kinds() == before


@pytest.mark.parametrize("kind", sorted(SIGNATURE_KINDS))
def test_correction_of_an_answer_lets_no_document_in(app: Flask, call: Call, kind: str) -> None:
    """Only the goal was named; a paper of the library does not come in beside it, whatever it is called."""
    head = new_head()
    stored = storage_of(current_app).put(io.BytesIO(PDF), limit=1_000)
    with unit_of_work():
        facts = DocumentFacts("statute", "Статут", None, "статут.pdf", "application/pdf")
        accounts.library.add_document(organisation_of(head), facts, stored, by=head)
    (application,) = checking(call, 1, [head])
    with unit_of_work():
        services.return_for_correction(application, ["goal"], "Мета", by=call.secretary)
    document = db.session.scalars(sa.select(OrganisationDocument.code)).one()
    before, visitor = _kinds(), visit_as(app, head)
    for tried in (kind, "statute", "decision"):
        data = {"kind": tried, "document": document}
        answer = visitor.post(f"/applications/{application.code}/files/library", data=data)
        assert (tried, answer.status_code in {403, 422}) == (tried, True)
    assert _kinds() == before
