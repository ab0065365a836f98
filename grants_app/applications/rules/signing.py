"""Ways in which the head signs a sending, and the short mark by which paper and content are compared."""

from __future__ import annotations

import re

CONFIRM, SECOND_FACTOR, SCAN, QES = "confirm", "second_factor", "scan", "qes"

# Code -> msgid, in the order in which they are offered.
SIGNATURE_MODES: dict[str, str] = {
    CONFIRM: "Confirmation by the head in the account",
    SECOND_FACTOR: "Confirmation with a code of the second factor",
    SCAN: "Signed on paper, scan attached",
    QES: "Qualified electronic signature (QES)",
}
MODE_HINTS: dict[str, str] = {
    CONFIRM: "You are signed in with your password: the press of the button is recorded",
    SECOND_FACTOR: "Beside the password you enter a code from the application on your phone",
    SCAN: "Print the application, sign it by hand, attach the scan",
    QES: "Sign the file of the application with your key, attach the container .p7s or .asice",
}
# What a verifier says of a container.
VERDICTS: dict[str, str] = {"valid": "Valid", "invalid": "Not valid", "unknown": "Not verified"}

PRINTED_SIGNS = 12


def printed_mark(digest: str) -> str:
    """«7F3A-91C0-4B2E»: the beginning of a digest as it is printed and typed."""
    text = digest[:PRINTED_SIGNS].upper()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def is_printed_mark(typed: str, digest: str) -> bool:
    """Whether the typed mark is that of the digest; spaces, dashes and Cyrillic look-alikes do not matter."""
    plain = re.sub(r"[\s\-–]", "", typed.upper().translate(str.maketrans("АВСЕ", "ABCE")))
    return plain == digest[:PRINTED_SIGNS].upper()
