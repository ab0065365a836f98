"""Signing in and passwords. Hashing is slow on purpose, so it is done outside the writing transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NewType

import sqlalchemy as sa
from flask_security import hash_password, verify_password
from flask_security.proxies import _security as security  # the library's own way to its password utilities

from grants_app.accounts.models import User
from grants_app.accounts.rules import (
    ATTEMPTS_ALLOWED,
    CONFIRM_WITHIN,
    LETTERS,
    LETTERS_IN_AN_HOUR,
    LOCKED_FOR,
    RESET_WITHIN,
    password_fault,
)
from grants_app.accounts.services.links import make_link, open_link
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, lock, unit_of_work
from grants_app.journal.jobs import JobRun, enqueue, job_kind
from grants_app.journal.letters import link_to
from grants_app.journal.models import Notice
from grants_app.journal.services import SYSTEM, notify_user, record

PasswordHash = NewType("PasswordHash", str)
WRONG = "wrong"
UNCONFIRMED = "unconfirmed"
NEEDS_CODE = "needs_code"
NEW_PASSWORD = "accounts.new_password"
# What waits for a confirmed address goes on when it is confirmed.
after_confirmation: list[Callable[[User], None]] = []


@dataclass(frozen=True)
class PasswordCheck:
    """What the slow look at a password gave: the hash that was compared, and whether it fitted."""

    stored: str | None
    is_right: bool


@dataclass(frozen=True)
class SignInAnswer:
    """The person who may come in, or why not: WRONG, UNCONFIRMED, or NEEDS_CODE with the person who must show it."""

    user: User | None
    refusal: str | None = None


def clean_email(text: str) -> str:
    """The form in which addresses are stored and compared."""
    return text.strip().casefold()


def hashed(password: str, *own_words: str) -> PasswordHash:
    """The stored form of a new password: unified by the library's normaliser, then Argon2. Call it before the unit.

    Raises InvalidInput (field "password") for a short, long or easily guessed password; `own_words` are the person's.
    """
    fault = password_fault(password, own_words=own_words)
    if fault is not None:
        message, facts = fault
        raise InvalidInput(message, field="password", facts=facts)
    return PasswordHash(hash_password(security.password_util.normalize(password)))


def check_password(email: str, password: str) -> PasswordCheck:
    """Compare a password, in the same time whether or not the address is known. Reads only; call it before the unit."""
    stored = db.session.scalar(sa.select(User.password).filter_by(email=clean_email(email)))
    fits = verify_password(security.password_util.normalize(password[:1000]), stored or _nobodys_hash())
    return PasswordCheck(stored, bool(fits) and stored is not None)


def attempt_sign_in(email: str, checked: PasswordCheck) -> SignInAnswer:
    """Note an attempt: it counts towards the lock of the account, or opens it.

    A locked account, a disabled one, an unknown address and a wrong password get one answer. A right password of an
    unconfirmed address sends a new confirmation. Where a second factor is on, a right password is half the way: nothing
    is set back and nobody is in until the code is right.
    """
    user = db.session.scalar(lock(sa.select(User).filter_by(email=clean_email(email))))
    now = clock.now()
    if user is None or not user.active or is_locked(user):
        return SignInAnswer(None, WRONG)
    if not checked.is_right or user.password != checked.stored:
        count_failure(user)
        return SignInAnswer(None, WRONG)
    if user.confirmed_at is None:
        if may_write(user, "confirm_address"):
            send_confirmation(user)
        return SignInAnswer(None, UNCONFIRMED)
    if user.totp_sealed is not None:
        return SignInAnswer(user, NEEDS_CODE)
    user.failed_sign_ins = 0
    user.locked_until = None
    user.last_sign_in_at = now
    record(thing="user", code=str(user.id), step="sign_in", by=user)
    return SignInAnswer(user)


def may_write(user: User, letter: str) -> bool:
    """Whether a letter that anybody may ask for can go to this mailbox: not more than a few an hour."""
    query = sa.select(sa.func.count(Notice.id)).where(
        Notice.recipient_id == user.id,
        Notice.template == letter,
        Notice.created_at > clock.now() - timedelta(hours=1),
    )
    return int(db.session.scalar(query) or 0) < LETTERS_IN_AN_HOUR


def note_sign_out(user: User) -> None:
    """Note that a person left."""
    record(thing="user", code=str(user.id), step="sign_out", by=user)


def send_confirmation(user: User) -> None:
    """Queue the letter by which an address is confirmed."""
    link, token = make_link(user, "confirm", within=CONFIRM_WITHIN)
    organisation = next((m.organisation.name for m in user.memberships if m.ended_at is None), "")
    notify_user(
        user,
        LETTERS,
        "confirm_address",
        facts={
            "until": link.expires_at,
            "link": link_to(f"/accounts/confirm/{token}"),
            "organisation": organisation,
        },
        thing="user",
        code=str(user.id),
    )


def confirm_address(token: str) -> User:
    """The person owns the address: the account opens. Raises NotAllowed when the link is spent."""
    link = open_link(token, "confirm")
    link.used_at = clock.now()
    link.user.confirmed_at = clock.now()
    record(thing="user", code=str(link.user.id), step="confirm_address", by=link.user)
    for go_on in after_confirmation:
        go_on(link.user)
    return link.user


def request_new_password(email: str) -> None:
    """Ask for a link to a new password: a job writes it, if the address is known.

    The page does the same for every address, so that neither the answer nor its time tells whether there is an account.
    """
    known = db.session.scalar(sa.select(User.id).filter_by(email=clean_email(email)))
    enqueue(NEW_PASSWORD, {"person": known or 0}, by=SYSTEM)


@job_kind(NEW_PASSWORD)
def send_new_password_link(run: JobRun) -> None:
    """Write the letter with the link; nothing goes to nobody, to a closed account, or too often to one mailbox."""
    with unit_of_work():
        user = db.session.scalar(lock(sa.select(User).filter_by(id=int(run.arguments["person"]), active=True)))
        if user is None or not may_write(user, "new_password"):
            return
        link, token = make_link(user, "password", within=RESET_WITHIN)
        notify_user(
            user,
            LETTERS,
            "new_password",
            facts={"until": link.expires_at, "link": link_to(f"/accounts/new-password/{token}")},
            thing="user",
            code=str(user.id),
        )
        record(thing="user", code=str(user.id), step="request_password", by=user)


def set_new_password(token: str, password: PasswordHash) -> User:
    """Set a password through a mailed link: the link is spent, other sessions end, the lock opens.

    The address counts as confirmed, for the letter has arrived. Raises NotAllowed when the link is spent.
    """
    link = open_link(token, "password")
    user = link.user
    link.used_at = clock.now()
    user.confirmed_at = user.confirmed_at or clock.now()
    _replace_password(user, password)
    return user


def is_current_password(user: User, password: str) -> bool:
    """Whether the person typed the password that is in force; a locked account is answered as a wrong one."""
    return not is_locked(user) and bool(
        verify_password(security.password_util.normalize(password[:1000]), user.password or _nobodys_hash())
    )


def change_password(user: User, password: PasswordHash, *, by: User) -> None:
    """Change one's own password; every other session ends. Raises NotAllowed for somebody else's."""
    if user.id != by.id:
        raise NotAllowed("Only the person may change the password")
    _replace_password(user, password)


def _replace_password(user: User, password: PasswordHash) -> None:
    user.password = password
    # Sessions are bound to this value, so that a new one ends them all.
    user.fs_uniquifier = secrets.token_hex(32)
    user.failed_sign_ins = 0
    user.locked_until = None
    record(thing="user", code=str(user.id), step="change_password", by=user)
    notify_user(
        user,
        LETTERS,
        "password_changed",
        facts={"moment": clock.now(), "link": link_to("/accounts/forgotten")},
        thing="user",
        code=str(user.id),
    )


def is_locked(user: User) -> bool:
    """Whether the account is closed for a while after wrong passwords or codes."""
    return user.locked_until is not None and clock.now() < user.locked_until


def count_failure(user: User) -> None:
    """Count a wrong password or code; the eighth closes the account for a while."""
    user.failed_sign_ins += 1
    if user.failed_sign_ins >= ATTEMPTS_ALLOWED:
        user.failed_sign_ins = 0
        user.locked_until = clock.now() + LOCKED_FOR
        record(thing="user", code=str(user.id), step="lock_sign_in", by=user)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """A hash that no password fits, so that an unknown address takes as long as a known one."""
    return str(hash_password(secrets.token_hex(32)))
