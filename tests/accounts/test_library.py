"""The library of an organisation: uploaded once, replaced with the earlier version kept, warned of before its end."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import OrganisationDocument
from grants_app.accounts.queries.library import document_rows, expiring_documents
from grants_app.accounts.services import end_membership
from grants_app.accounts.services.library import warn_of_expiry
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.permissions import Role
from tests.accounts.people import OTHER_EDRPOU, enter, head, key, person
from tests.support.applications import PDF
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person

PAGE = "/accounts/organisation/12345678/documents"


def upload(
    client: FlaskClient, address: str = PAGE, *, until: str = "", name: str = "статут.pdf", body: bytes = PDF
) -> int:
    data = {"kind": "statute", "title": "", "valid_until": until, "file": (io.BytesIO(body), name), **key()}
    return client.post(address, data=data, content_type="multipart/form-data").status_code


def only_document() -> OrganisationDocument:
    db.session.rollback()
    return db.session.scalars(sa.select(OrganisationDocument).filter_by(ended_at=None)).one()


def test_document_put_replaced_and_taken_out(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, organisation = head()
    enter(client, user)
    assert upload(client, until="2027-06-01") == 302
    first = only_document()
    assert (first.valid_until, first.file_name, first.size) == (date(2027, 6, 1), "статут.pdf", len(PDF))
    assert upload(client, f"{PAGE}/{first.code}/replace", body=PDF + b"2", name="новий.pdf") == 302
    second = only_document()
    assert (second.file_name, second.code != first.code) == ("новий.pdf", True)
    assert [row.code for row in document_rows(organisation.id, ended=True)] == [first.code]
    assert client.get(f"{PAGE}/{first.code}").data == PDF, "the earlier version can still be read by its people"
    assert client.post(f"{PAGE}/{second.code}/end", data=key()).status_code == 302
    assert client.post(f"{PAGE}/{second.code}/end", data=key()).status_code == 409
    assert document_rows(organisation.id) == []


def test_two_people_replacing_at_once_leave_one_version(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, _organisation = head()
    enter(client, user)
    upload(client)
    address = f"{PAGE}/{only_document().code}/replace"
    assert (upload(client, address, body=PDF + b"2"), upload(client, address, body=PDF + b"3")) == (302, 409)
    assert only_document().size == len(PDF) + 1


@pytest.mark.parametrize("until", ["2027-02-28", "31.06.2027"])
def test_document_over_already_refused_with_what_was_typed(
    app: Flask, client: FlaskClient, clock: FrozenClock, until: str
) -> None:
    user, organisation = head()
    enter(client, user)
    assert upload(client, until=until) == 422
    assert document_rows(organisation.id) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("name", "body"), [("статут.exe", b"MZ" + b"0" * 99), ("статут.pdf", PDF + b"/S /JavaScript ")]
)
def test_harmful_document_refused_and_nothing_stored(
    app: Flask, client: FlaskClient, clock: FrozenClock, name: str, body: bytes
) -> None:
    user, organisation = head()
    enter(client, user)
    before = sorted(Path(app.config["STORAGE_PATH"]).rglob("*"))
    assert upload(client, name=name, body=body) == 422
    assert (document_rows(organisation.id), sorted(Path(app.config["STORAGE_PATH"]).rglob("*"))) == ([], before)


def test_download_is_an_attachment_in_a_sandbox(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, _organisation = head()
    enter(client, user)
    upload(client)
    headers = client.get(f"{PAGE}/{only_document().code}").headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert (headers["X-Content-Type-Options"], headers["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )


def test_library_closed_to_other_organisations_and_to_staff(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user, organisation = head()
    enter(client, user)
    upload(client)
    code = only_document().code
    stranger, _other = head("other@example.org", OTHER_EDRPOU)
    others = [stranger, person("sec@example.org", Role.SECRETARY), person("admin@example.org", Role.ADMIN)]
    own = f"/accounts/organisation/{OTHER_EDRPOU}/documents"
    for somebody in others:
        visitor = app.test_client()
        enter(visitor, somebody)
        answers = [
            visitor.get(PAGE).status_code,
            visitor.get(f"{PAGE}/{code}").status_code,
            visitor.get(f"{PAGE}/{code}/replace").status_code,
            upload(visitor),
            upload(visitor, f"{PAGE}/{code}/replace"),
            visitor.post(f"{PAGE}/{code}/end", data=key()).status_code,
            # The code is right, the organisation is the visitor's own: still nothing.
            visitor.get(f"{own}/{code}").status_code,
            visitor.post(f"{own}/{code}/end", data=key()).status_code,
        ]
        assert answers == [404] * 8
    assert [row.code for row in document_rows(organisation.id)] == [code]


@pytest.mark.parametrize("role", [Role.NGO_MEMBER, Role.NGO_ACCOUNTANT])
def test_member_and_accountant_keep_the_library(
    app: Flask, client: FlaskClient, clock: FrozenClock, role: Role
) -> None:
    _user, organisation = head()
    enter(client, new_person(role, organisation=organisation))
    assert upload(client) == 302


def test_letters_before_the_end_go_once_each_and_the_home_page_warns(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user, _organisation = head()
    enter(client, user)
    upload(client, until="2027-04-10")
    assert "10.04.2027" in client.get(PAGE).text

    def sent() -> list[str]:
        warn_of_expiry()
        warn_of_expiry()
        query = sa.select(Notice.template).where(Notice.template.like("document_expires%")).order_by(Notice.id)
        return list(db.session.scalars(query))

    assert (sent(), "статут.pdf" in client.get("/home").text) == ([], False)
    clock.forward(timedelta(days=10))  # 11 March, 30 days before
    assert (sent(), "статут.pdf" in client.get("/home").text) == (["document_expires_30"], True)
    clock.forward(timedelta(days=25))
    assert sent() == ["document_expires_30", "document_expires_7"]
    clock.forward(timedelta(days=30))
    assert sent() == ["document_expires_30", "document_expires_7"]


def test_clock_neither_reads_papers_long_over_nor_writes_where_nobody_is(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user, organisation = head()
    enter(client, user)
    upload(client, until="2027-03-20")
    with unit_of_work():
        end_membership(db.session.merge(user).memberships[0], by=db.session.merge(user))
    with count_queries() as queries:
        warn_of_expiry()
    assert len(queries) == 3, queries  # papers, letters that went, people: no unit is opened
    new_person(Role.NGO_HEAD, organisation=db.session.merge(organisation))
    warn_of_expiry()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice).filter_by(thing="document")) == 1
    clock.at("2028-01-10 12:00")
    assert expiring_documents(still_valid=True) == []
    assert len(expiring_documents()) == 1  # the home page goes on to say that it is over
