"""Ways of signing: what is signed is what is sent, whoever signs is named, nothing unchecked is called valid."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.accounts.rules.second_factor import new_secret
from grants_app.accounts.services import second_factor
from grants_app.applications import queries, services
from grants_app.applications.models import Application, Attachment, Signature
from grants_app.applications.queries.signing import signing_digest
from grants_app.applications.rules.containers import NotAContainerError, read_container
from grants_app.applications.rules.signing import is_printed_mark, printed_mark
from grants_app.applications.services import signing
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role
from grants_app.web.sealing import seal_of
from tests.accounts.test_second_factor import code_now
from tests.support.applications import PDF, close, declarations, draft_application, new_head
from tests.support.calls import Call
from tests.support.signatures import SIGNER, asice, p7s
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

Draft = tuple[Application, User, FlaskClient]


def draft_with(app: Flask, call: Call, *modes: str) -> Draft:
    """A draft with which nothing is missing, in a call that takes these ways of signing."""
    with unit_of_work():
        competition = db.session.scalars(sa.select(Competition).filter_by(id=call.competition.id)).one()
        # The rules of an announced call are frozen: what it announced is set here as if it had been so.
        db.session.execute(sa.update(Competition).filter_by(id=competition.id).values(signature_modes=list(modes)))
    db.session.rollback()
    head = new_head()
    application = draft_application(call.competition, head)
    return application, head, visit_as(app, head)


def send(draft: Draft, mode: str | None = None, **more: str) -> Any:
    application, _head, visitor = draft
    ticked = dict.fromkeys(declarations(), "y")
    data = {**ticked, **({"mode": mode} if mode else {}), **more}
    return visitor.post(f"/applications/{application.journal_code}/submit", data=data)


def attach(draft: Draft, kind: str, body: bytes, name: str, **more: str) -> int:
    application, _head, visitor = draft
    field = "scan" if kind == "scan" else "container"
    data = {field: (io.BytesIO(body), name), **more}
    address = f"/applications/{application.key}/signing/{kind}"
    return visitor.post(address, data=data, content_type="multipart/form-data").status_code


def to_sign(draft: Draft) -> bytes:
    return draft[2].get(f"/applications/{draft[0].key}/signing.pdf").data


def fresh(application: Application) -> Application:
    db.session.rollback()
    return db.session.scalars(sa.select(Application).filter_by(id=application.id)).one()


def state_of(application: Application) -> ApplicationState:
    return fresh(application).state


def change_title(draft: Draft, title: str = "Інша назва") -> None:
    with unit_of_work():
        services.save_answers(draft[0], {"title": title}, None, draft[1])


def test_call_that_says_nothing_takes_a_press_and_asks_for_no_choice(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "confirm")
    page = draft[2].get(f"/applications/{draft[0].key}/check").text
    assert 'name="mode"' not in page
    assert send(draft).status_code == 302
    row = queries.signature_of(fresh(draft[0]))
    assert row is not None
    assert (row.mode, row.signed_by, row.digest, row.verdict) == (
        "confirm",
        draft[1].full_name,
        draft[0].content_digest,
        "unknown",
    )


@pytest.mark.parametrize("mode", [None, "", "qes", "magic"])
def test_sending_without_an_offered_way_refused(app: Flask, call: Call, mode: str | None) -> None:
    draft = draft_with(app, call, "confirm", "second_factor")
    assert send(draft, mode).status_code == 422
    assert state_of(draft[0]) is ApplicationState.DRAFT
    assert send(draft, "confirm").status_code == 302


def with_factor(app: Flask, head: User) -> str:
    """The second factor switched on for a person; gives its secret."""
    secret, seal = new_secret(), seal_of(app)
    with unit_of_work():
        person = db.session.scalars(sa.select(User).filter_by(id=head.id)).one()
        sealed = second_factor.new_secret_for(person, secret, seal=seal)
        second_factor.turn_on(person, sealed, code_now(secret), seal=seal)
    return secret


def test_code_of_the_second_factor_signs_once(app: Flask, call: Call, clock: FrozenClock) -> None:
    draft = draft_with(app, call, "second_factor")
    assert send(draft, "second_factor", code="000000").status_code == 422, "no factor yet"
    secret = with_factor(app, draft[1])
    draft = (*draft[:2], visit_as(app, fresh_user(draft[1])))
    clock.forward(timedelta(seconds=30))
    assert send(draft, "second_factor", code="000000").status_code == 422
    assert fresh_user(draft[1]).failed_sign_ins == 1
    code = code_now(secret)
    assert send(draft, "second_factor", code=code).status_code == 302
    assert state_of(draft[0]) is ApplicationState.SUBMITTED
    with unit_of_work():
        services.recall(draft[0], draft[1])
    assert send(draft, "second_factor", code=code).status_code == 422, "the same code again"
    assert state_of(draft[0]) is ApplicationState.DRAFT


def fresh_user(user: User) -> User:
    db.session.rollback()
    return db.session.scalars(sa.select(User).filter_by(id=user.id)).one()


def test_signed_scan_goes_with_the_content_that_was_printed(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "scan")
    assert send(draft, "scan").status_code == 422, "no scan yet"
    mark = printed_mark(signing_digest(draft[0]))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_sign(draft))).pages)
    assert mark in text
    assert attach(draft, "scan", PDF + b"scan", "підпис.pdf", printed="0000-0000-0000") == 422
    assert attach(draft, "scan", PDF + b"scan", "підпис.pdf", printed=mark.replace("-", " ").lower()) == 302
    assert send(draft, "scan").status_code == 302
    row = queries.signature_of(fresh(draft[0]))
    assert row is not None
    assert (row.mode, row.file_name, printed_mark(row.digest)) == ("scan", "підпис.pdf", mark)


def test_answer_changed_after_printing_is_noticed_and_told(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "scan")
    mark = printed_mark(signing_digest(draft[0]))
    assert attach(draft, "scan", PDF + b"scan", "підпис.pdf", printed=mark) == 302
    change_title(draft)
    page = draft[2].get(f"/applications/{draft[0].key}/signing?lang=en").text
    assert "The application was changed after it was signed" in page
    assert send(draft, "scan").status_code == 422
    assert attach(draft, "scan", PDF + b"scan2", "підпис.pdf", printed=mark) == 422, "the old print"
    change_title(draft, "Школа дворових медіаторів")
    assert signing_digest(draft[0])[:12].upper() == mark.replace("-", "")
    assert send(draft, "scan").status_code == 302, "changed back: the print fits again"


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (p7s, "заявка.pdf.p7s"),
        (lambda original: p7s(original, detached=True), "заявка.p7s"),
        (asice, "заявка.asice"),
        (lambda original: asice(original, xml=True), "заявка.asice"),
    ],
)
def test_container_over_the_application_kept_with_its_signer_and_not_called_valid(
    app: Flask, call: Call, make: Any, name: str
) -> None:
    draft = draft_with(app, call, "confirm", "qes")
    assert attach(draft, "container", make(to_sign(draft)), name) == 302
    assert send(draft, "qes").status_code == 302
    row = queries.signature_of(fresh(draft[0]))
    assert row is not None
    assert (row.mode, row.signers, row.verdict, row.signed_by) == ("qes", (SIGNER,), "unknown", SIGNER["name"])
    receipt = draft[2].get(f"/applications/{draft[0].code}/receipt?lang=en").text
    assert "Not verified: this installation is not connected" in receipt
    assert SIGNER["organisation"] in receipt


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (p7s(PDF), "чужий.p7s"),
        (p7s(PDF, detached=True), "чужий.p7s"),
        (asice(PDF), "чужий.asice"),
        (bytes.fromhex("3080") + bytes.fromhex("06092a864886f70d010702") + b"\x00" * 100, "порожній.p7s"),
        (p7s(PDF)[:-40], "обрізаний.p7s"),
        (PDF, "заявка.pdf"),
        (PDF, "заявка.p7s"),
    ],
)
def test_container_over_another_file_or_none_at_all_refused(app: Flask, call: Call, body: bytes, name: str) -> None:
    draft = draft_with(app, call, "qes")
    assert attach(draft, "container", body, name) == 422
    assert send(draft, "qes").status_code == 422
    assert db.session.scalars(sa.select(Signature)).all() == []
    assert queries.signature_files_of(draft[0]) == []


def test_container_over_an_earlier_content_refused_at_sending(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "qes")
    earlier = to_sign(draft)
    assert attach(draft, "container", p7s(earlier), "заявка.p7s") == 302
    change_title(draft)
    assert send(draft, "qes").status_code == 422
    assert attach(draft, "container", p7s(earlier), "ще.p7s") == 422
    assert attach(draft, "container", p7s(to_sign(draft)), "нова.p7s") == 302
    assert [file.file_name for file in queries.signature_files_of(draft[0])] == ["нова.p7s"]
    assert send(draft, "qes").status_code == 302


def test_sent_container_serves_again_after_a_recall_without_changes(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "qes")
    attach(draft, "container", p7s(to_sign(draft)), "заявка.p7s")
    assert send(draft, "qes").status_code == 302
    with unit_of_work():
        services.recall(draft[0], draft[1])
    assert send(draft, "qes").status_code == 302
    assert db.session.scalar(sa.select(sa.func.count(Signature.id))) == 2


class Strict:
    """A verifier that refuses everything."""

    def verify(self, container: bytes, original: bytes) -> signing.Verdict:
        return signing.Verdict("invalid", "Not valid")


def test_verifier_behind_the_port_decides(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "qes")
    signing.verifiers.append(Strict())
    try:
        assert attach(draft, "container", p7s(to_sign(draft)), "заявка.p7s") == 422
    finally:
        signing.verifiers.pop()
    assert attach(draft, "container", p7s(to_sign(draft)), "заявка.p7s") == 302


def test_shipped_verifier_never_says_valid() -> None:
    verdict = signing.WithoutVerifier().verify(p7s(PDF), PDF)
    assert verdict.word == "unknown"


def test_form_to_sign_has_the_same_bytes_whenever_and_in_whichever_language_it_is_drawn(
    app: Flask, call: Call, clock: FrozenClock
) -> None:
    draft = draft_with(app, call, "qes")
    first = to_sign(draft)
    clock.forward(timedelta(hours=5))
    draft[2].get("/?lang=en")
    assert to_sign(draft) == first
    change_title(draft)
    assert to_sign(draft) != first


def test_signed_papers_are_read_by_authors_and_checkers_alone(app: Flask, call: Call, clock: FrozenClock) -> None:
    draft = draft_with(app, call, "scan")
    mark = printed_mark(signing_digest(draft[0]))
    attach(draft, "scan", PDF + b"scan", "підпис.pdf", printed=mark)
    code = queries.signature_files_of(draft[0])[0].code
    assert send(draft, "scan").status_code == 302
    address = f"/applications/{fresh(draft[0]).code}/files/{code}"
    secretary = visit_as(app, call.secretary)
    assert secretary.get(address).status_code == 404, "sealed"
    close(call.competition)
    answers = [
        visit_as(app, one).get(address).status_code for one in (draft[1], call.secretary, call.members[0], new_head())
    ]
    assert answers == [200, 200, 404, 404]
    assert [file.file_name for file in queries.attachments_of(fresh(draft[0]))] == ["рішення.pdf"]


def test_way_that_the_call_does_not_take_cannot_be_prepared(app: Flask, call: Call) -> None:
    draft = draft_with(app, call, "confirm")
    mark = printed_mark(signing_digest(draft[0]))
    assert attach(draft, "scan", PDF + b"scan", "підпис.pdf", printed=mark) == 422
    assert attach(draft, "container", p7s(to_sign(draft)), "заявка.p7s") == 422
    assert db.session.scalar(sa.select(sa.func.count(Attachment.id))) == 1


def test_stranger_signs_nothing(app: Flask, call: Call) -> None:
    application, _head, _visitor = draft_with(app, call, "scan", "qes")
    for stranger in (new_head(), new_person(Role.SECRETARY), new_person(Role.EXPERT)):
        draft = (application, stranger, visit_as(app, stranger))
        assert attach(draft, "scan", PDF, "a.pdf", printed="0000-0000-0000") in {403, 404}
        assert attach(draft, "container", p7s(PDF), "a.p7s") in {403, 404}
        for page in ("signing", "signing.pdf"):
            assert draft[2].get(f"/applications/{application.key}/{page}").status_code in {403, 404}


def test_marks_compared_as_people_type_them() -> None:
    digest = "7f3a91c04b2e" + "0" * 52
    assert printed_mark(digest) == "7F3A-91C0-4B2E"
    assert [is_printed_mark(text, digest) for text in ("7f3a 91c0 4b2e", "7F3А-91С0-4В2Е", "7F3A-91C0", "")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "body", [b"", b"0", b"0\x84\xff\xff\xff\xff", b"0\x80" * 60, PDF, b"PK\x03\x04broken", p7s(PDF) + b"tail"]
)
def test_broken_containers_are_no_containers(body: bytes) -> None:
    with pytest.raises(NotAContainerError):
        read_container(body)


def test_missing_signature_refused_by_the_service_as_well(app: Flask, call: Call) -> None:
    application, head, _visitor = draft_with(app, call, "qes")
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.submit_application(application, head)
    assert caught.value.field == "mode"
    assert product_clock.now() < (call.competition.intake_until or product_clock.now())
