"""Secrets at rest: sealed with a key that comes from the installation's secret key and lies in no database."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BrokenSealError(ValueError):
    """The sealed text was changed, belongs to something else, or was sealed under a key that is gone."""


class Seal:
    """Seals short texts for one purpose. Keys that were in force before still open, new seals take the first."""

    def __init__(self, secret_keys: Sequence[str], *, purpose: str) -> None:
        keys = [_derived(secret, purpose) for secret in secret_keys]
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
        self._marking_keys = keys

    def close(self, text: str, *, of: str) -> str:
        """The text sealed for the thing `of`, so that it cannot be moved to another row."""
        return self._fernet.encrypt(f"{of}\n{text}".encode()).decode()

    def open(self, sealed: str, *, of: str) -> str:
        """The sealed text. Raises BrokenSealError."""
        try:
            owner, _, text = self._fernet.decrypt(sealed.encode()).decode().partition("\n")
        except (InvalidToken, ValueError) as error:
            raise BrokenSealError("the seal does not open") from error
        if owner != of:
            raise BrokenSealError("the seal is of another thing")
        return text

    def digest(self, text: str) -> str:
        """A digest that nobody can guess back without the key."""
        return self._digests(text)[0]

    def is_digest(self, text: str, digests: Sequence[str]) -> str | None:
        """The one of the digests that the text has, under whichever key; None for none."""
        for own in self._digests(text):
            for digest in digests:
                if hmac.compare_digest(own, digest):
                    return digest
        return None

    def _digests(self, text: str) -> list[str]:
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in self._marking_keys]


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"grants {purpose} v1".encode()).derive(secret.encode())
