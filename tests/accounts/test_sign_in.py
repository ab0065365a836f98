from __future__ import annotations

import time
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from grants_app import create_app
from grants_app.accounts.models import User
from grants_app.accounts.rules import ATTEMPTS_ALLOWED, LOCKED_FOR
from grants_app.database import db, unit_of_work
from grants_app.extensions import limiter
from tests.accounts.people import PASSWORD, do_jobs, enter, key, letters_to, link_in_last_letter, person, steps_of
from tests.support.queries import count_queries
from tests.support.time import FrozenClock


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> int:
    return client.post("/sign-in", data={"email": email, "password": password, **key(), **more}).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/home").status_code == 200


def test_right_password_opens_the_home_page(app: Flask, client: FlaskClient) -> None:
    user = person("olena@example.org")
    answer = client.post("/sign-in", data={"email": " Olena@Example.org", "password": PASSWORD, **key()})
    assert (answer.status_code, answer.location) == (302, "/home")
    assert is_in(client)
    assert steps_of("user", str(user.id)) == ["create", "sign_in"]


def test_next_page_followed_only_inside(app: Flask, client: FlaskClient) -> None:
    person("olena@example.org")
    data = {"email": "olena@example.org", "password": PASSWORD}
    assert client.post("/sign-in", data={**data, "next": "/help", **key()}).location == "/help"
    assert client.post("/sign-in", data={**data, "next": "//evil.example", **key()}).location == "/home"


@pytest.mark.parametrize("composed", ["пароль з йотою й ї тут", unicodedata.normalize("NFD", "пароль з йотою й ї тут")])
def test_password_in_either_unicode_form(app: Flask, client: FlaskClient, composed: str) -> None:
    person("olena@example.org", password="пароль з йотою й ї тут")
    assert sign_in(client, "olena@example.org", composed) == 302


@pytest.mark.parametrize("email", ["olena@example.org", "nobody@example.org", "", "не адреса"])
def test_wrong_password_and_unknown_address_answer_alike(app: Flask, client: FlaskClient, email: str) -> None:
    person("olena@example.org")
    answer = client.post("/sign-in?lang=en", data={"email": email, "password": "не той пароль зовсім", **key()})
    assert answer.status_code == 422
    assert ("The e-mail or the password is not right" in answer.text) == bool(email)
    assert not is_in(client)


@pytest.mark.sqlite_only
def test_unknown_address_takes_as_long_as_a_known_one(app: Flask, client: FlaskClient) -> None:
    person("olena@example.org")
    spent: dict[str, list[float]] = {"olena@example.org": [], "nobody@example.org": []}
    for _round in range(4):
        for email, times in spent.items():
            began = time.process_time()
            sign_in(client, email, "не той пароль зовсім")
            times.append(time.process_time() - began)
    known, unknown = (min(times) for times in spent.values())
    assert unknown > known / 2


def test_account_locked_after_wrong_passwords(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("olena@example.org")
    for _attempt in range(ATTEMPTS_ALLOWED):
        assert sign_in(client, "olena@example.org", "не той пароль зовсім") == 422
    assert sign_in(client, "olena@example.org", PASSWORD) == 422
    clock.forward(LOCKED_FOR - timedelta(seconds=1))
    assert sign_in(client, "olena@example.org", PASSWORD) == 422
    clock.forward(seconds=1)
    assert sign_in(client, "olena@example.org", PASSWORD) == 302
    assert steps_of("user", str(user.id)) == ["create", "lock_sign_in", "sign_in"]


def test_right_password_forgets_earlier_failures(app: Flask, client: FlaskClient) -> None:
    person("olena@example.org")
    for _round in range(2):
        for _attempt in range(ATTEMPTS_ALLOWED - 1):
            sign_in(client, "olena@example.org", "не той пароль зовсім")
        assert sign_in(client, "olena@example.org", PASSWORD) == 302


def test_closed_account_cannot_come_in_nor_stay(app: Flask, client: FlaskClient) -> None:
    user = person("olena@example.org")
    enter(client, user)
    assert is_in(client)
    with unit_of_work():
        db.session.scalars(sa.select(User).filter_by(id=user.id)).one().active = False
    assert not is_in(client)
    assert sign_in(client, "olena@example.org", PASSWORD) == 422


def test_sign_out_ends_the_session(app: Flask, client: FlaskClient) -> None:
    enter(client, person("olena@example.org"))
    assert client.post("/sign-out").location == "/"
    assert not is_in(client)


def test_guest_sent_to_sign_in_and_back(app: Flask, client: FlaskClient) -> None:
    assert client.get("/accounts/profile?x=1").location == "/sign-in?next=/accounts/profile?x%3D1"
    assert client.post("/accounts/profile").status_code == 401


def test_double_click_on_sign_in_lets_in_twice(app: Flask, client: FlaskClient) -> None:
    """A twin answered from memory would come without the session cookie."""
    person("olena@example.org")
    data = {"email": "olena@example.org", "password": PASSWORD, **key()}
    other = app.test_client()
    assert client.post("/sign-in", data=data).location == "/home"
    assert other.post("/sign-in", data=data).location == "/home"
    assert (is_in(client), is_in(other)) == (True, True)


@pytest.mark.sqlite_only
def test_many_attempts_from_one_address_wait(tmp_path: Path) -> None:
    """An installation of its own: in the others the limits are off."""
    settings = Settings(instance=str(tmp_path), secret_key="tests only")
    own = create_app(
        {
            "SETTINGS": settings,
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
            "MAIL_BACKEND": "locmem",
            "RATELIMIT_ENABLED": True,
        }
    )
    try:
        with own.app_context():
            db.create_all()
        client = own.test_client()
        answers = [sign_in(client, "nobody@example.org", "x") for _attempt in range(21)]
        with own.app_context():
            db.engine.dispose()
    finally:
        limiter.enabled = False
    assert (answers[:20], answers[20]) == ([422] * 20, 429)


def test_new_password_by_mail_works_once(app: Flask, client: FlaskClient) -> None:
    user = person("olena@example.org")
    elsewhere = app.test_client()
    enter(elsewhere, user)
    assert client.post("/accounts/forgotten", data={"email": "olena@example.org", **key()}).status_code == 302
    do_jobs()
    link = link_in_last_letter("olena@example.org")
    assert client.get(link).status_code == 200
    new = {"password": "сім сов несуть ліхтар", "again": "сім сов несуть ліхтар"}
    assert client.post(link, data={**new, **key()}).location == "/home"
    assert (is_in(client), is_in(elsewhere)) == (True, False)
    third = app.test_client()
    assert third.get(link).status_code == 403
    assert third.post(link, data={**new, **key()}).status_code == 403
    assert sign_in(third, "olena@example.org", PASSWORD) == 422
    assert sign_in(third, "olena@example.org", new["password"]) == 302
    assert letters_to("olena@example.org") == ["new_password", "password_changed"]


def test_link_to_a_new_password_ends(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    person("olena@example.org")
    client.post("/accounts/forgotten", data={"email": "olena@example.org", **key()})
    do_jobs()
    link = link_in_last_letter("olena@example.org")
    clock.forward(hours=2)
    assert client.get(link).status_code == 403


def test_newer_link_ends_the_older(app: Flask, client: FlaskClient) -> None:
    person("olena@example.org")
    client.post("/accounts/forgotten", data={"email": "olena@example.org", **key()})
    do_jobs()
    older = link_in_last_letter("olena@example.org")
    client.post("/accounts/forgotten", data={"email": "olena@example.org", **key()})
    do_jobs()
    assert client.get(older).status_code == 403
    assert client.get(link_in_last_letter("olena@example.org")).status_code == 200


def test_forgotten_password_of_nobody_answers_alike(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/accounts/forgotten", data={"email": "nobody@example.org", **key()})
    assert (answer.status_code, answer.location) == (302, "/accounts/letter-sent")
    assert letters_to("nobody@example.org") == []


@pytest.mark.parametrize("locked", [False, True])
def test_forgotten_password_does_one_work_for_every_address(app: Flask, client: FlaskClient, locked: bool) -> None:
    """Neither the words nor the time of the answer tell whether somebody has an account: the letter is a job's."""
    known = person("olena@example.org")
    if locked:
        with unit_of_work():
            db.session.get_one(User, known.id).active = False
    work = []
    for email in ("olena@example.org", "nobody@example.org"):
        db.session.remove()
        with count_queries() as asked:
            client.post("/accounts/forgotten", data={"email": email, **key()})
        work.append(list(asked))
    assert work[0] == work[1]
    assert letters_to("olena@example.org") == []
    do_jobs()
    assert letters_to("olena@example.org") == ([] if locked else ["new_password"])
    assert letters_to("nobody@example.org") == []


def test_weak_new_password_refused_at_its_field(app: Flask, client: FlaskClient) -> None:
    person("olena@example.org")
    client.post("/accounts/forgotten", data={"email": "olena@example.org", **key()})
    do_jobs()
    link = link_in_last_letter("olena@example.org")
    answer = client.post(link, data={"password": "password1234", "again": "password1234", **key()})
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert client.get(link).status_code == 200


def test_profile_changes_name_and_language(app: Flask, client: FlaskClient) -> None:
    user = person("olena@example.org")
    enter(client, user)
    assert client.get("/accounts/profile").status_code == 200
    data = {"full_name": "Нове Ім’я", "phone": "+380501112233", "lang": "en", **key()}
    assert client.post("/accounts/profile", data=data).location == "/accounts/profile?lang=en"
    db.session.refresh(user)
    assert (user.full_name, user.phone, user.lang) == ("Нове Ім’я", "+380501112233", "en")
    bad = client.post("/accounts/profile", data={**data, "phone": "12-34", **key()})
    assert bad.status_code == 422
    assert 'value="12-34"' in bad.text


def test_own_password_changed_with_the_present_one(app: Flask, client: FlaskClient) -> None:
    user = person("olena@example.org")
    elsewhere = app.test_client()
    enter(elsewhere, user)
    enter(client, user)
    new = {"password": "сім сов несуть ліхтар", "again": "сім сов несуть ліхтар"}
    wrong = client.post("/accounts/profile/password", data={"current": "не той", **new, **key()})
    assert wrong.status_code == 422
    assert 'id="current-error"' in wrong.text
    assert client.post("/accounts/profile/password", data={"current": PASSWORD, **new, **key()}).status_code == 302
    assert (is_in(client), is_in(elsewhere)) == (True, False)


def test_work_list_in_bands_of_time(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    from grants_app.accounts.routes.start import bands
    from grants_app.web.panels import DueItem

    clock.at("2027-03-03 12:00")  # a Wednesday
    terms = ["2027-03-03 11:59", "2027-03-03 12:00", "2027-03-04 00:00", "2027-03-08 00:00", "2027-03-08 00:01"]
    items = [DueItem(FrozenClock(term).now, term, "/x", "why", "do") for term in terms]
    clock.at("2027-03-03 12:00")
    with app.test_request_context():
        shown = [[row.what for row in band.rows] for band in bands([*items, DueItem(None, "-", "/x", "why", "do")])]
    assert shown == [terms[:2], terms[2:3], terms[3:4], terms[4:], ["-"]]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("path", ["/", "/help", "/privacy", "/accessibility", "/sign-in", "/accounts/forgotten"])
@pytest.mark.parametrize("lang", ["uk", "en"])
def test_public_page_speaks_both_languages(app: Flask, client: FlaskClient, path: str, lang: str) -> None:
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'<html class="govuk-template" lang="{lang}"' in answer.text


@pytest.mark.sqlite_only
def test_empty_home_says_that_nothing_waits(app: Flask, client: FlaskClient) -> None:
    enter(client, person("olena@example.org"))
    answer = client.get("/home?lang=en")
    assert "Nothing waits for you now" in answer.text


@pytest.mark.sqlite_only
def test_unknown_page_says_so_politely(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/no-such-page?lang=en")
    assert answer.status_code == 404
    assert "There is no such page, or it is not open to you" in answer.text
