"""Nobody signs what they have not seen; corrections are signed as the call demands of a sending."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Attachment, Signature
from grants_app.applications.queries.signing import signing_digest
from grants_app.applications.rules.signing import printed_mark
from grants_app.applications.services import signing
from grants_app.competitions.models import Competition
from grants_app.core.errors import InvalidInput
from grants_app.core.inspection import Paper
from grants_app.core.storage import Stored
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.support.applications import PDF, close, declarations, draft_application, new_head, organisation_of
from tests.support.applications import version_of as reading_of
from tests.support.calls import Call
from tests.support.visitors import new_person, visit_as


def _modes(call: Call, *modes: str) -> None:
    """The rules of an announced call are frozen: what it announced is set here as if it had been so."""
    with unit_of_work():
        db.session.execute(
            sa.update(Competition).where(Competition.id == call.competition.id).values(signature_modes=list(modes))
        )
    db.session.rollback()


def _fresh(application: Application) -> Application:
    db.session.rollback()
    return db.session.scalars(sa.select(Application).filter_by(id=application.id)).one()


def _scan(client: FlaskClient, application: Application, body: bytes = PDF) -> int:
    mark = printed_mark(signing_digest(_fresh(application)))
    data: dict[str, Any] = {"scan": (io.BytesIO(body), "підписано.pdf"), "printed": mark}
    address = f"/applications/{application.journal_code}/signing/scan"
    return client.post(address, data=data, content_type="multipart/form-data").status_code


def _returned(call: Call, *modes: str) -> tuple[Application, User]:
    """An application signed by a scan where the call takes one, returned for its goal."""
    _modes(call, *modes)
    head = new_head()
    application = draft_application(call.competition, head)
    with unit_of_work():
        if "scan" in modes:
            paper = Paper("підписано.pdf", "application/pdf", "pdf")
            stored = Stored("a" * 64, 10)
            mark = printed_mark(signing_digest(application))
            signing.attach_scan(application, paper, stored, mark, by=head)
        services.submit_application(application, head, choice=signing.Choice(modes[0]))
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, ["goal"], "Уточніть мету", by=call.secretary)
    return application, head


def _read(page: str) -> str:
    found = re.search(r'name="read"[^>]*value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_head_who_read_an_earlier_text_sends_nothing(app: Flask, call: Call) -> None:
    head = new_head()
    colleague = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    application = draft_application(call.competition, head)
    client, address = visit_as(app, head), f"/applications/{application.key}"
    read = _read(client.get(f"{address}/check").text)
    with unit_of_work():
        services.save_answers(application, {"title": "Назва від колеги"}, None, colleague)
    ticked = dict.fromkeys(declarations(), "y")
    answer = client.post(f"{address}/submit", data={**ticked, "read": read})
    assert (answer.status_code, _fresh(application).state) == (409, A.DRAFT)
    assert ("Назва від колеги" in answer.text, "заявку змінено" in answer.text) == (True, True)
    # What is on the page now has been seen.
    answer = client.post(f"{address}/submit", data={**ticked, "read": _read(answer.text)})
    assert (answer.status_code, _fresh(application).state) == (302, A.SUBMITTED)


def test_draft_with_a_prepared_scan_can_be_deleted(app: Flask, call: Call) -> None:
    _modes(call, "scan")
    head = new_head()
    application = draft_application(call.competition, head)
    client = visit_as(app, head)
    assert _scan(client, application) == 302
    assert client.post(f"/applications/{application.key}/delete").status_code == 302
    db.session.rollback()
    assert db.session.scalars(sa.select(Application.id)).all() == []
    assert db.session.scalars(sa.select(Signature.id)).all() == []


def test_corrections_need_a_signature_over_the_corrected_text(app: Flask, call: Call) -> None:
    application, head = _returned(call, "scan")
    client, address = visit_as(app, head), f"/applications/{application.code}/corrections"
    reading = reading_of(client.get(address).text)
    sent = {"goal": "Нова мета", "version": reading, "mode": "scan"}
    answer = client.post(f"{address}/send", data=sent)
    assert (answer.status_code, _fresh(application).state) == (422, A.RETURNED)
    assert "Нова мета" in answer.text, "what was typed stands in the page that comes back"
    assert client.post(address, data={"goal": "Нова мета", "version": reading}).status_code == 302
    assert _scan(client, application, PDF + b"2") == 302
    assert client.post(f"{address}/send", data={"mode": "scan"}).status_code == 302
    signature = queries.signature_of(_fresh(application))
    assert signature is not None
    assert (signature.mode, signature.digest) == ("scan", signing_digest(application))
    assert _fresh(application).state is A.CORRECTED
    assert db.session.query(Signature).count() == 2, "the first sending keeps its own signature"
    assert queries.stray_changes(application) == []


def test_signature_of_what_was_sent_cannot_be_taken_off(app: Flask, call: Call) -> None:
    application, head = _returned(call, "scan")
    code = db.session.scalars(sa.select(Attachment.code).filter_by(kind="signed_form")).one()
    answer = visit_as(app, head).post(f"/applications/{application.code}/files/{code}/remove")
    db.session.rollback()
    assert (answer.status_code, db.session.query(Attachment).filter_by(code=code).count()) == (403, 1)


def test_corrections_by_a_press_are_signed_by_it(call: Call) -> None:
    application, head = _returned(call, "confirm")
    with unit_of_work():
        services.save_correction(application, {"goal": "Нова мета"}, by=head)
        services.send_correction(application, by=head)
    signature = queries.signature_of(application)
    assert signature is not None
    assert (signature.mode, signature.digest) == ("confirm", application.content_digest)


def test_corrections_by_code_refused_without_it(call: Call) -> None:
    application, head = _returned(call, "confirm", "second_factor")
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.send_correction(application, by=head, choice=signing.Choice("second_factor", "123456"))
    assert (caught.value.field, _fresh(application).state) == ("code", A.RETURNED)


def test_text_typed_beside_the_button_goes_with_the_sending(app: Flask, call: Call) -> None:
    application, head = _returned(call, "confirm")
    client, address = visit_as(app, head), f"/applications/{application.code}/corrections"
    page = client.get(address).text
    data = {"goal": "Набрано й одразу подано", "version": reading_of(page), "read": _read(page)}
    assert client.post(f"{address}/send", data=data).status_code == 302
    assert queries.answers_of(_fresh(application))["goal"] == "Набрано й одразу подано"


def test_corrections_that_the_head_has_not_read_are_not_sent(app: Flask, call: Call) -> None:
    application, head = _returned(call, "confirm")
    colleague = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    client, address = visit_as(app, head), f"/applications/{application.code}/corrections"
    page = client.get(address).text
    with unit_of_work():
        services.save_correction(application, {"goal": "Мета від колеги"}, by=colleague)
    answer = client.post(f"{address}/send", data={"read": _read(page)})
    assert (answer.status_code, _fresh(application).state) == (409, A.RETURNED)
