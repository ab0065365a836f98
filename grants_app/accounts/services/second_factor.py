"""The second factor of a person: on, off, a code spent, recovery codes, a reset by an administrator."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from grants_app.accounts import policy
from grants_app.accounts.models import User
from grants_app.accounts.rules.second_factor import (
    LETTERS,
    WRONG_CODE,
    new_recovery_codes,
    plain_recovery,
    step_of,
)
from grants_app.accounts.services.sign_in import SignInAnswer, count_failure, is_locked
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.sealing import BrokenSealError, Seal
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import Actor, notify_user, record

PAGE = "/accounts/second-factor"


def turn_on(user: User, sealed: str, code: str, *, seal: Seal) -> list[str]:
    """Add the factor after a first right code; gives the recovery codes, which are shown this once.

    Every other session of the person ends. Raises WrongState when it is on already, InvalidInput (field "code").
    """
    user = _locked(user)
    if user.totp_sealed is not None:
        raise WrongState("The second factor is on already")
    try:
        secret = seal.open(sealed, of=_owner(user))
    except BrokenSealError as error:
        raise InvalidInput("Open the page again and scan the new picture", field="code") from error
    step = step_of(secret, code, at=clock.now(), after=0)
    if step is None:
        raise InvalidInput(WRONG_CODE, field="code")
    user.totp_sealed, user.totp_since, user.totp_last_step = sealed, clock.now(), step
    user.fs_uniquifier = secrets.token_hex(32)  # sessions are bound to it: others end
    record(thing="user", code=str(user.id), step="second_factor_on", by=user)
    _tell(user, "second_factor_on")
    return _give_recovery_codes(user, seal)


def new_secret_for(user: User, secret: str, *, seal: Seal) -> str:
    """The secret sealed for this person, to be carried by the form until the first code proves it."""
    return seal.close(secret, of=_owner(user))


def turn_off(user: User, code: str, *, seal: Seal) -> None:
    """Remove the factor; the caller has checked the password. Raises InvalidInput (field "code")."""
    user = _locked(user)
    _spend(user, code, seal)
    _remove(user)
    record(thing="user", code=str(user.id), step="second_factor_off", by=user)
    _tell(user, "second_factor_off")


def renew_recovery_codes(user: User, code: str, *, seal: Seal) -> list[str]:
    """New recovery codes in place of the old ones; the caller has checked the password."""
    user = _locked(user)
    _spend(user, code, seal)
    record(thing="user", code=str(user.id), step="recovery_codes", by=user)
    return _give_recovery_codes(user, seal)


def reset(user: User, reason: str, *, by: Actor) -> None:
    """An administrator removes the factor of somebody who lost the phone and the recovery codes.

    Raises NotAllowed for others and for oneself, InvalidInput (field "reason"), WrongState when it is off.
    """
    refusal = policy.why_not_close_account(by, user)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded", field="reason")
    user = _locked(user)
    if user.totp_sealed is None:
        raise WrongState("The second factor is off")
    _remove(user)
    user.fs_uniquifier = secrets.token_hex(32)
    record(thing="user", code=str(user.id), step="second_factor_reset", by=by, reason=reason.strip())
    _tell(user, "second_factor_reset", reason=reason.strip())


def attempt_code(identity: str, code: str, *, seal: Seal) -> SignInAnswer:
    """The second step of signing in: a code of the authenticator or a recovery code, each good once.

    `identity` is the session mark of the person whose password was right. Wrong codes count towards the same lock as
    wrong passwords, and only a right code sets the count back.
    """
    user = db.session.scalar(lock(sa.select(User).filter_by(fs_uniquifier=identity)))
    if user is None or not user.active or user.totp_sealed is None or is_locked(user):
        return SignInAnswer(None, "wrong")
    if not _is_right(user, code, seal):
        count_failure(user)
        return SignInAnswer(None, "wrong")
    user.failed_sign_ins, user.locked_until, user.last_sign_in_at = 0, None, clock.now()
    record(thing="user", code=str(user.id), step="sign_in", by=user, facts={"second_factor": True})
    return SignInAnswer(user)


def spend_code(user: User, code: str, *, seal: Seal) -> None:
    """Spend a code for an act that asks for it once more. Raises InvalidInput (field "code"), WrongState when off.

    The caller counts a refused one in a unit of its own (`note_wrong_code`), for the refused unit leaves no trace.
    """
    _spend(_locked(user), code, seal)


def note_wrong_code(user: User) -> None:
    """Count a wrong code of an act that was refused, towards the lock of the account."""
    count_failure(_locked(user))


def _is_right(user: User, code: str, seal: Seal) -> bool:
    try:
        secret = seal.open(user.totp_sealed or "", of=_owner(user))
    except BrokenSealError:
        return _is_recovery(user, code, seal)
    step = step_of(secret, code, at=clock.now(), after=user.totp_last_step)
    if step is not None:
        user.totp_last_step = step
        return True
    return _is_recovery(user, code, seal)


def _is_recovery(user: User, code: str, seal: Seal) -> bool:
    spent = seal.is_digest(plain_recovery(code), user.recovery_digests) if len(code) >= 8 else None
    if spent is None:
        return False
    user.recovery_digests = [digest for digest in user.recovery_digests if digest != spent]
    facts = {"left": len(user.recovery_digests)}
    record(thing="user", code=str(user.id), step="recovery_code", by=user, facts=facts)
    return True


def _spend(user: User, code: str, seal: Seal) -> None:
    if user.totp_sealed is None:
        raise WrongState("The second factor is off")
    if is_locked(user) or not _is_right(user, code, seal):
        raise InvalidInput(WRONG_CODE, field="code")


def _give_recovery_codes(user: User, seal: Seal) -> list[str]:
    codes = new_recovery_codes()
    user.recovery_digests = [seal.digest(plain_recovery(code)) for code in codes]
    return codes


def _remove(user: User) -> None:
    user.totp_sealed, user.totp_since, user.recovery_digests = None, None, []


def _tell(user: User, letter: str, **facts: object) -> None:
    notify_user(
        user,
        LETTERS,
        letter,
        facts={"moment": clock.now(), "link": link_to(PAGE), **facts},
        thing="user",
        code=str(user.id),
    )


def _locked(user: User) -> User:
    return db.session.scalars(lock(sa.select(User).filter_by(id=user.id))).one()


def _owner(user: User) -> str:
    return f"user {user.id}"
