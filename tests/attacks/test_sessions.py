"""What a stranger tries at the door: foreign addresses, forged headers, old sessions, used links."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import User
from grants_app.accounts.rules import ATTEMPTS_ALLOWED
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.permissions import Role
from grants_app.web.access import access_of
from tests.accounts.people import do_jobs
from tests.attacks.addresses import rules
from tests.support.applications import PDF, draft_application, new_head
from tests.support.calls import announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

pytestmark = pytest.mark.sqlite_only
PASSWORD = "кінь акумулятор скріпка 7"
FOREIGN = (
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
)


@pytest.fixture
def member(app: Flask) -> User:
    """A person with a password."""
    person = new_person(Role.SECRETARY)
    password = services.hashed(PASSWORD)
    with unit_of_work():
        person.password = password
    return person


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: object) -> int:
    """The status of an attempt."""
    return client.post("/sign-in", data={"email": email, "password": password}, **more).status_code


@pytest.mark.parametrize("target", FOREIGN)
def test_sign_in_never_leads_to_another_site(app: Flask, member: User, target: str) -> None:
    answer = app.test_client().post("/sign-in", data={"email": member.email, "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.location) == (302, "/home")
    assert visit_as(app, member).get("/sign-in", query_string={"next": target}).location == "/home"


def test_lock_is_not_dodged_by_forged_addresses(app: Flask, member: User) -> None:
    for number in range(ATTEMPTS_ALLOWED):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
        assert sign_in(app.test_client(), member.email.upper(), "не той пароль", headers=headers) == 422
    assert sign_in(app.test_client(), member.email, headers={"X-Forwarded-For": "203.0.113.9"}) == 422


def test_session_planted_before_sign_in_is_dropped(app: Flask, member: User) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "value"
    assert sign_in(client, member.email) == 302
    with client.session_transaction() as session:
        assert "planted" not in session


def test_cookie_copied_before_a_new_password_opens_nothing(app: Flask, member: User) -> None:
    thief = app.test_client()
    assert sign_in(thief, member.email) == 302
    assert thief.get("/home").status_code == 200
    fresh = services.hashed("зовсім інші слова 42")
    with unit_of_work():
        services.change_password(db.session.get_one(User, member.id), fresh, by=db.session.get_one(User, member.id))
    assert thief.get("/home").status_code == 302


def test_reset_letter_ignores_the_host_header_and_its_link_works_once(app: Flask, member: User) -> None:
    visitor = app.test_client()
    visitor.post(
        "/accounts/forgotten",
        data={"email": member.email},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    do_jobs()
    body = db.session.scalars(sa.select(Notice.body).filter_by(template="new_password")).one()
    assert "evil" not in body
    found = re.search(r"/accounts/new-password/[\w-]+", body)
    assert found is not None
    names = set(re.findall(r'name="(\w+)"', visitor.get(found[0]).text)) - {"csrf_token", "form_key"}
    answer = visitor.post(found[0], data=dict.fromkeys(names, "чотири зовсім різні слова"))
    assert answer.status_code == 302
    assert app.test_client().get(found[0]).status_code == 403
    assert app.test_client().post(found[0], data=dict.fromkeys(names, "п’ять інших слів тут")).status_code == 403


def test_letters_links_of_one_purpose_open_no_other(app: Flask, member: User) -> None:
    with unit_of_work():
        services.request_new_password(member.email)
    do_jobs()
    body = db.session.scalars(sa.select(Notice.body).filter_by(template="new_password")).one()
    token = re.findall(r"new-password/([\w-]+)", body)[0]
    for address in (f"/accounts/confirm/{token}", f"/accounts/invitations/{token}"):
        assert app.test_client().post(address, data={}).status_code == 403


def test_every_answer_is_guarded_and_pages_of_people_are_never_stored(app: Flask) -> None:
    """Walks the URL map: policy of contents, no sniffing, no storing, and the cookie in the cache key."""
    visitor, faults = visit_as(app, new_person(Role.ADMIN)), []
    for rule in rules(app, "GET"):
        if rule.arguments:
            continue
        answer = visitor.get(rule.rule)
        access = access_of(app, rule.endpoint)
        policy = answer.headers.get("Content-Security-Policy", "")
        guarded = "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        stored = access is not None and access.kind != "public" and answer.headers.get("Cache-Control") != "no-store"
        if not guarded or stored or answer.headers.get("X-Content-Type-Options") != "nosniff":
            faults.append(rule.rule)
        if "Cookie" not in answer.headers.get("Vary", ""):
            faults.append(f"{rule.rule} without Vary")
    assert faults == []


def test_cookie_flags(app: Flask, member: User) -> None:
    answer = app.test_client().post("/sign-in", data={"email": member.email, "password": PASSWORD})
    cookies = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("grants_session=")]
    assert len(cookies) == 1
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookies[0].split(";")}


def test_sign_in_asks_guests_for_the_token_too(app: Flask, member: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert sign_in(app.test_client(), member.email) == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_another_file_under_the_key_of_the_first_is_refused(app: Flask, clock: FrozenClock) -> None:
    """Going back and choosing another file of the same name must not be answered with «done»."""
    call = announced_call()
    head = new_head()
    application = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/files"

    def sent(body: bytes) -> int:
        file = (io.BytesIO(body), "лист.pdf")
        return visitor.post(address, data={"kind": "other", "file": file, "form_key": "one key"}).status_code

    assert re.search(r'value="other"', visitor.get(address).text) is not None
    assert (sent(PDF), sent(PDF), sent(PDF + b"% other\n")) == (302, 302, 409)
