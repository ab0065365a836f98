"""What is done to people, their roles and their organisations."""

from __future__ import annotations

from grants_app.accounts.services.links import open_link
from grants_app.accounts.services.sign_in import (
    UNCONFIRMED,
    WRONG,
    PasswordCheck,
    PasswordHash,
    SignInAnswer,
    attempt_sign_in,
    change_password,
    check_password,
    clean_email,
    confirm_address,
    hashed,
    is_current_password,
    note_sign_out,
    request_new_password,
    set_new_password,
)

__all__ = [
    "UNCONFIRMED",
    "WRONG",
    "PasswordCheck",
    "PasswordHash",
    "SignInAnswer",
    "attempt_sign_in",
    "change_password",
    "check_password",
    "clean_email",
    "confirm_address",
    "hashed",
    "is_current_password",
    "note_sign_out",
    "open_link",
    "request_new_password",
    "set_new_password",
]
