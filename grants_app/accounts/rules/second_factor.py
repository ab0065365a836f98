"""The second factor: codes of an authenticator (RFC 6238), recovery codes, the letters."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from passlib.totp import TOTP  # type: ignore[import-untyped]  # the library ships no types

from grants_app.core.identifiers import clean_code, grouped, new_code
from grants_app.journal.registry import About, Letters, Place, register_letters

STEP_SECONDS = 30
# A phone's clock may be one step off, to either side.
STEPS_OFF = 1
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_LENGTH = 11  # signs without the check character: 55 bits
SECOND_STEP_WITHIN = timedelta(minutes=10)

WRONG_CODE = "The code is not right or has been used already. Wait for the next one on the phone"


def new_secret() -> str:
    """A secret for an authenticator, in base 32."""
    return str(TOTP.new(size=SECRET_BYTES).base32_key)


def step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The step of time to which the code belongs, if it is right now and later than the step `after`; None else."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"\d{6}", digits, re.ASCII):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    authenticator = TOTP(key=secret)
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        if step > after and str(authenticator.generate(step * STEP_SECONDS).token) == digits:
            return step
    return None


def address_for_phone(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth address that the QR code holds."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"


def spaced(secret: str) -> str:
    """The secret in groups of four, as people type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Codes for the day when the phone is lost: «7KQ4-M2X9-RT4H»-like, no look-alike letters."""
    return [grouped(new_code(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def plain_recovery(text: str) -> str:
    """A typed recovery code without spaces and dashes, in capitals, Cyrillic look-alikes turned."""
    return clean_code(text[:60])


_PLACES = {
    "moment": Place("The moment of the change", datetime.fromisoformat("2027-03-01T10:15:00+02:00")),
    "link": Place("Address of the page", "https://grants.example.org/accounts/second-factor"),
    "reason": Place("The reason that the administrator gave", {"uk": "Телефон загублено", "en": "The phone is lost"}),
}
LETTERS: Letters = {
    "second_factor_on": {
        "uk": (
            "Другий чинник увімкнено",
            (
                "%(moment)s до вашого облікового запису додано другий чинник: під час входу потрібен код із "
                "застосунку.\nЯкщо це були не ви, одразу створіть новий пароль і повідомте тих, хто веде "
                "систему:\n%(link)s"
            ),
        ),
        "en": (
            "The second factor is on",
            (
                "On %(moment)s a second factor was added to your account: signing in needs a code of the "
                "application.\nIf it was not you, set a new password at once and tell those who run the "
                "system:\n%(link)s"
            ),
        ),
    },
    "second_factor_off": {
        "uk": (
            "Другий чинник вимкнено",
            (
                "%(moment)s другий чинник вашого облікового запису вимкнено: для входу досить пароля.\n"
                "Якщо це були не ви, одразу створіть новий пароль і повідомте тих, хто веде систему:\n%(link)s"
            ),
        ),
        "en": (
            "The second factor is off",
            (
                "On %(moment)s the second factor of your account was switched off: the password is enough.\n"
                "If it was not you, set a new password at once and tell those who run the system:\n%(link)s"
            ),
        ),
    },
    "second_factor_reset": {
        "uk": (
            "Адміністратор скинув другий чинник",
            (
                "%(moment)s адміністратор вимкнув другий чинник вашого облікового запису. Причина: %(reason)s\n"
                "Увійдіть із паролем і додайте чинник знову:\n%(link)s\n\n"
                "Якщо ви цього не просили, повідомте тих, хто веде систему."
            ),
        ),
        "en": (
            "An administrator has reset your second factor",
            (
                "On %(moment)s an administrator switched off the second factor of your account. Reason: "
                "%(reason)s\nSign in with the password and add the factor again:\n%(link)s\n\n"
                "If you did not ask for it, tell those who run the system."
            ),
        ),
    },
}
_ABOUT = {
    "second_factor_on": About("A second factor was added to an account", "The owner of the account"),
    "second_factor_off": About("A second factor was switched off", "The owner of the account"),
    "second_factor_reset": About(
        "An administrator has reset the second factor of a person", "The owner of the account", needs=("reason",)
    ),
}
register_letters("accounts", LETTERS, _ABOUT, _PLACES)
