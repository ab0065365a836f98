"""The second factor: set up, asked for at every way in, spent once, locked, recovered, reset with a reason."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP  # type: ignore[import-untyped]  # the library ships no types

from grants_app.accounts.models import User
from grants_app.accounts.rules import ATTEMPTS_ALLOWED, LOCKED_FOR
from grants_app.accounts.rules.second_factor import SECOND_STEP_WITHIN, address_for_phone, step_of
from grants_app.core import clock as product_clock
from grants_app.core.sealing import BrokenSealError, Seal
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.permissions import Role
from grants_app.web.sealing import seal_of
from tests.accounts.people import PASSWORD, do_jobs, enter, key, letters_to, link_in_last_letter, person, steps_of
from tests.support.time import FrozenClock

STEP = timedelta(seconds=30)


def code_now(secret: str, *, later: timedelta = timedelta()) -> str:
    return str(TOTP(key=secret).generate(int((product_clock.now() + later).timestamp())).token)


def set_up(client: FlaskClient, user: User) -> tuple[str, list[str]]:
    """Switch the factor on through the pages; gives the secret and the recovery codes."""
    enter(client, user)
    page = client.get("/accounts/second-factor").text
    secret = re.search(r'<code class="app-code app-break">([A-Z2-7 ]+)</code>', page)
    sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', page)
    assert secret
    assert sealed
    plain = secret[1].replace(" ", "")
    data = {"password": PASSWORD, "code": code_now(plain), "sealed": sealed[1], **key()}
    answer = client.post("/accounts/second-factor", data=data)
    assert answer.status_code == 200
    return plain, re.findall(r'<li class="app-code">([^<]+)</li>', answer.text)


def by_password(client: FlaskClient, **more: str) -> str:
    data = {"email": "olena@example.org", "password": PASSWORD, **key(), **more}
    return str(client.post("/sign-in", data=data).location)


def by_code(client: FlaskClient, code: str) -> int:
    return client.post("/sign-in/code", data={"code": code, **key()}).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/home").status_code == 200


def stored(user: User) -> User:
    db.session.rollback()
    return db.session.scalars(sa.select(User).filter_by(id=user.id)).one()


def test_code_asked_after_the_password_and_then_the_wished_page(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user = person("olena@example.org")
    secret, codes = set_up(client, user)
    assert (len(codes), len(set(codes)), is_in(client)) == (10, 10, True)
    other = app.test_client()
    assert by_password(other, next="/help") == "/sign-in/code"
    assert not is_in(other)
    clock.forward(STEP)
    answer = other.post("/sign-in/code", data={"code": code_now(secret), **key()})
    assert (answer.status_code, answer.location, is_in(other)) == (302, "/help", True)
    assert steps_of("user", str(user.id)) == ["create", "second_factor_on", "sign_in"]
    assert letters_to("olena@example.org")[-1] == "second_factor_on"


def test_setting_up_ends_other_sessions_and_keeps_this_one(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("olena@example.org")
    elsewhere = app.test_client()
    enter(elsewhere, user)
    assert is_in(elsewhere)
    set_up(client, user)
    assert (is_in(elsewhere), is_in(client)) == (False, True)


def test_secret_and_recovery_codes_lie_sealed_and_stand_in_no_entry(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user = person("olena@example.org")
    secret, codes = set_up(client, user)
    row = stored(user)
    kept = f"{row.totp_sealed} {row.recovery_digests} " + " ".join(db.session.scalars(sa.select(JournalEntry.body)))
    plain = [code.replace("-", "") for code in codes]
    assert [text for text in (secret, *codes, *plain) if text in kept] == []
    with pytest.raises(BrokenSealError):
        seal_of(app).open(row.totp_sealed or "", of=f"user {user.id + 1}")


def test_code_works_once(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    secret, _codes = set_up(client, person("olena@example.org"))
    clock.forward(STEP)
    code = code_now(secret)
    first, second = app.test_client(), app.test_client()
    for visitor in (first, second):
        by_password(visitor)
    assert (by_code(first, code), by_code(second, code)) == (302, 422)
    assert not is_in(second)
    assert by_code(second, code_now(secret, later=-STEP)) == 422, "an earlier step after a later one"
    clock.forward(STEP)
    assert by_code(second, code_now(secret)) == 302


def test_phone_may_be_one_step_off_and_not_two(clock: FrozenClock) -> None:
    secret, now = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", product_clock.now()
    step = int(now.timestamp()) // 30
    found = [step_of(secret, code_now(secret, later=STEP * off), at=now, after=0) for off in (-2, -1, 0, 1, 2)]
    assert found == [None, step - 1, step, step + 1, None]
    assert [step_of(secret, code, at=now, after=0) for code in ("", "12345", "abcdef", "١٢٣٤٥٦")] == [None] * 4


def test_wrong_codes_lock_the_account_and_a_right_password_sets_nothing_back(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user = person("olena@example.org")
    secret, _codes = set_up(client, user)
    clock.forward(STEP)
    visitor = app.test_client()
    for _attempt in range(ATTEMPTS_ALLOWED):
        assert by_password(visitor) == "/sign-in/code"
        assert by_code(visitor, "000000") == 422
    assert by_code(visitor, code_now(secret)) == 422
    assert by_password(visitor) == "None", "the password is refused as well"
    assert "lock_sign_in" in steps_of("user", str(user.id))
    clock.forward(LOCKED_FOR)
    by_password(visitor)
    assert by_code(visitor, code_now(secret)) == 302


def test_recovery_code_works_once_with_or_without_dashes(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("olena@example.org")
    _secret, codes = set_up(client, user)
    visitor = app.test_client()
    by_password(visitor)
    assert by_code(visitor, codes[0].replace("-", " ").lower()) == 302
    other = app.test_client()
    by_password(other)
    assert (by_code(other, codes[0]), by_code(other, codes[1])) == (422, 302)
    assert len(stored(user).recovery_digests) == 8


def test_second_step_ends_after_ten_minutes_and_without_a_password(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    secret, _codes = set_up(client, person("olena@example.org"))
    visitor = app.test_client()
    assert visitor.get("/sign-in/code").location == "/sign-in"
    by_password(visitor)
    clock.forward(SECOND_STEP_WITHIN)
    answer = visitor.post("/sign-in/code", data={"code": code_now(secret), **key()})
    assert (answer.location, is_in(visitor)) == ("/sign-in", False)


def test_new_password_by_mail_does_not_go_round_the_code(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    secret, _codes = set_up(client, person("olena@example.org"))
    visitor = app.test_client()
    visitor.post("/accounts/forgotten", data={"email": "olena@example.org", **key()})
    do_jobs()
    link = link_in_last_letter("olena@example.org")
    data = {"password": "двадцять слонів над річкою", "again": "двадцять слонів над річкою", **key()}
    assert visitor.post(link, data=data).location == "/sign-in/code"
    assert not is_in(visitor)
    clock.forward(STEP)
    assert by_code(visitor, code_now(secret)) == 302


def test_dialog_over_a_page_asks_for_the_code(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    secret, _codes = set_up(client, person("olena@example.org"))
    clock.forward(STEP)
    visitor, data = app.test_client(), {"email": "olena@example.org", "password": PASSWORD}
    asked = visitor.post("/session", data=data, headers={"Accept": "application/json"})
    assert (asked.status_code, asked.get_json()["needs_code"], is_in(visitor)) == (422, True, False)
    wrong = visitor.post("/session", data={**data, "code": "000000"})
    assert (wrong.status_code, wrong.get_json()["needs_code"]) == (422, True)
    right = visitor.post("/session", data={**data, "code": code_now(secret)})
    assert (right.status_code, bool(right.get_json()["person"]), is_in(visitor)) == (200, True, True)


def test_switching_off_needs_password_and_code(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("olena@example.org")
    secret, _codes = set_up(client, user)
    clock.forward(STEP)
    off = "/accounts/second-factor/off"
    assert client.post(off, data={"password": "не той", "code": code_now(secret), **key()}).status_code == 422
    assert client.post(off, data={"password": PASSWORD, "code": "000000", **key()}).status_code == 422
    assert stored(user).failed_sign_ins == 2
    assert client.post(off, data={"password": PASSWORD, "code": code_now(secret), **key()}).status_code == 302
    assert (stored(user).totp_sealed, stored(user).recovery_digests) == (None, [])
    assert by_password(app.test_client()) == "/home"


def test_new_recovery_codes_make_the_earlier_ones_void(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("olena@example.org")
    secret, codes = set_up(client, user)
    clock.forward(STEP)
    data = {"password": PASSWORD, "code": code_now(secret), **key()}
    fresh = re.findall(
        r'class="app-code">([^<]+)<', client.post("/accounts/second-factor/recovery-codes", data=data).text
    )
    visitor = app.test_client()
    by_password(visitor)
    assert (by_code(visitor, codes[3]), by_code(visitor, fresh[3])) == (422, 302)


def test_setting_up_refused_without_password_with_wrong_code_or_foreign_secret(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user, stranger = person("olena@example.org"), person("ihor@example.org")
    enter(client, user)
    page = client.get("/accounts/second-factor").text
    found = re.search(r'name="sealed"[^>]*value="([^"]+)"', page)
    assert found
    foreign = seal_of(app).close("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", of=f"user {stranger.id}")
    right = code_now("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    for data in (
        {"password": "не той", "code": "000000", "sealed": found[1]},
        {"password": PASSWORD, "code": "000000", "sealed": found[1]},
        {"password": PASSWORD, "code": right, "sealed": foreign},
        {"password": PASSWORD, "code": right, "sealed": "нічого"},
    ):
        assert client.post("/accounts/second-factor", data={**data, **key()}).status_code == 422
    assert stored(user).totp_sealed is None


def test_administrator_resets_with_a_reason_and_nobody_else(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user, admin = person("olena@example.org"), person("admin@example.org", Role.ADMIN)
    set_up(client, user)
    desk, address = app.test_client(), f"/accounts/users/{user.id}/second-factor"
    assert client.post(address, data={"reason": "мені", **key()}).status_code == 403
    enter(desk, admin)
    assert desk.post(address, data={"reason": " ", **key()}).status_code == 422
    assert desk.post(address, data={"reason": "Телефон загублено", **key()}).status_code == 302
    assert (stored(user).totp_sealed, is_in(client)) == (None, False)
    assert letters_to("olena@example.org")[-1] == "second_factor_reset"
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(step="second_factor_reset")).one()
    assert (entry.actor_id, entry.reason) == (admin.id, "Телефон загублено")
    own = f"/accounts/users/{admin.id}/second-factor"
    assert desk.post(own, data={"reason": "собі", **key()}).status_code in {403, 422}


def test_earlier_key_still_opens_after_a_change_of_the_secret_key() -> None:
    old, new = (
        Seal(["старий ключ"], purpose="second factor"),
        Seal(["новий ключ", "старий ключ"], purpose="second factor"),
    )
    assert new.open(old.close("таємниця", of="user 1"), of="user 1") == "таємниця"
    assert new.is_digest("КОД", [old.digest("КОД")]) == old.digest("КОД")
    with pytest.raises(BrokenSealError):
        Seal(["новий ключ"], purpose="second factor").open(old.close("таємниця", of="user 1"), of="user 1")


def test_address_for_the_phone_is_what_authenticators_read() -> None:
    address = address_for_phone("ABCD", account="olena@example.org", issuer="Гранти громади")
    parsed = TOTP.from_uri(address.replace("ABCD", "JBSWY3DPEHPK3PXP"))
    assert (parsed.label, parsed.issuer, parsed.digits, parsed.period) == (
        "olena@example.org",
        "Гранти громади",
        6,
        30,
    )


def test_closed_account_gets_no_second_step(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user = person("olena@example.org")
    secret, _codes = set_up(client, user)
    visitor = app.test_client()
    by_password(visitor)
    with unit_of_work():
        db.session.scalars(sa.select(User).filter_by(id=user.id)).one().active = False
    clock.forward(STEP)
    assert by_code(visitor, code_now(secret)) == 422
