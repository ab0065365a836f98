"""Signing in again over an open page: the same person goes on, with a fresh token; nobody else gets further."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from grants_app import create_app
from grants_app.accounts.models import User
from grants_app.accounts.rules import ATTEMPTS_ALLOWED
from grants_app.database import db
from grants_app.extensions import limiter
from grants_app.permissions import Role
from tests.support.typists import PASSWORD, give_password
from tests.support.visitors import new_person, visit_as

JSON = {"Accept": "application/json"}
WRONG = "Пароль неправильний. Після восьми неправильних паролів обліковий запис закривається на 15 хвилин"


@pytest.fixture
def expert(app: Flask) -> User:
    """A person with a password."""
    person = new_person(Role.EXPERT)
    give_password(person)
    return person


def again(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> tuple[int, dict[str, object]]:
    """Status and answer of signing in over a page."""
    answer = client.post("/session", data={"email": email, "password": password, **more}, headers=JSON)
    return answer.status_code, answer.get_json()


def test_session_tells_who_is_in_and_for_how_long(app: Flask, expert: User) -> None:
    guest = app.test_client().get("/session").get_json()
    assert (guest["person"], guest["seconds"]) == ("", 0)
    found = visit_as(app, expert).get("/session").get_json()
    assert (len(found["person"]), found["seconds"]) == (24, 12 * 3600)
    assert found["person"] != visit_as(app, new_person(Role.EXPERT)).get("/session").get_json()["person"]


def test_same_person_comes_in_again_and_may_write(app: Flask, expert: User) -> None:
    client = app.test_client()
    known = visit_as(app, expert).get("/session").get_json()["person"]
    status, answer = again(client, expert.email)
    assert (status, answer["person"]) == (200, known)
    assert client.get("/home").status_code == 200


def test_wrong_password_is_told_and_counts_towards_the_lock(app: Flask, expert: User) -> None:
    client = app.test_client()
    assert again(client, expert.email, "не той") == (422, {"message": WRONG})
    assert again(client, expert.email, "") == (422, {"message": "Уведіть пароль"})
    for _attempt in range(ATTEMPTS_ALLOWED):
        again(client, expert.email, "не той")
    assert again(client, expert.email) == (422, {"message": WRONG})
    db.session.rollback()
    assert db.session.get_one(User, expert.id).locked_until is not None


@pytest.mark.sqlite_only
def test_token_is_asked_for_and_the_new_one_is_good(app: Flask, expert: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = app.test_client()
        assert client.post("/session", data={"email": expert.email, "password": PASSWORD}).status_code == 400
        token = client.get("/session").get_json()["csrf_token"]
        status, answer = again(client, expert.email, csrf_token=token)
        assert status == 200
        # The token of the session that was dropped opens nothing, the one that came with the answer does.
        assert client.post("/sign-out", data={"csrf_token": token}).status_code == 400
        assert client.post("/sign-out", data={"csrf_token": answer["csrf_token"]}).status_code == 302
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.sqlite_only
def test_scripts_hear_that_the_session_is_over(app: Flask) -> None:
    """Also where the token is asked for before the session: its fault must not hide that nobody is signed in."""
    answers = [app.test_client().post("/reviews/X/sheet/draft", headers=JSON)]
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answers.append(app.test_client().post("/reviews/X/sheet/draft", headers=JSON))
        page = app.test_client().post("/reviews/X/sheet/draft")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    message = "Ваш сеанс завершено. Увійдіть і повторіть"
    assert [(one.status_code, one.get_json()) for one in answers] == [(401, {"status": 401, "message": message})] * 2
    assert (page.status_code, page.mimetype) == (400, "text/html")


@pytest.mark.sqlite_only
def test_dialog_and_page_share_the_count_of_attempts(tmp_path: Path) -> None:
    """An installation of its own: in the others the limits are off."""
    own = create_app(
        {
            "SETTINGS": Settings(instance=str(tmp_path), secret_key="tests only"),
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
            "MAIL_BACKEND": "locmem",
            "RATELIMIT_ENABLED": True,
        }
    )
    try:
        with own.app_context():
            db.create_all()
        client, data = own.test_client(), {"email": "nobody@example.org", "password": "x"}
        answers = [client.post("/session" if turn % 2 else "/sign-in", data=data).status_code for turn in range(21)]
        with own.app_context():
            db.engine.dispose()
    finally:
        limiter.enabled = False
    assert answers == [422] * 20 + [429]


@pytest.mark.sqlite_only
def test_signing_out_clears_what_the_browser_keeps(app: Flask, expert: User) -> None:
    assert visit_as(app, expert).post("/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.sqlite_only
def test_worker_is_served_at_the_root_and_names_files_that_exist(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/service-worker.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    listed = app.json.loads(answer.text.split("const SHELL = ", 1)[1].split("\n", 1)[0])
    assert {"/static/init.js", "/static/theme.css", "/static/js/autosave.js"} <= set(listed)
    assert [address for address in listed if client.get(address).status_code != 200] == []
    assert client.get("/offline?lang=en").status_code == 200
