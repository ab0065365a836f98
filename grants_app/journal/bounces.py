"""Delivery reports: a mail server took a letter and could not hand it over afterwards (RFC 3464).

Most installations send through a relay, which answers every letter with «accepted»; that a mailbox does not exist is
said later, by mail. A report names the letter by its Message-ID, which nobody but its receiver and the servers know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default

from grants_app.core import words

LONGEST_WORDS = 300
_CODE = re.compile(r"\b[45]\d\d\b")
_STATUS = re.compile(r"(?<![\w.])([45])\.\d{1,3}\.\d{1,3}(?![.\d])")


@dataclass(frozen=True)
class Bounce:
    """A letter that came back, and why, as a mail server would have answered at once."""

    message_id: str
    failure: str


def read_report(raw: bytes) -> Bounce | None:
    """The letter that a report is about; None when it is no report, or one of a delay or of a delivery."""
    try:
        return _read(message_from_bytes(raw, policy=default))
    except Exception:
        # Anybody may write to the address of reports, and the library breaks on some heads and on deep nesting with
        # whatever error comes first (IndexError, UnboundLocalError, RecursionError …): what cannot be read is none.
        return None


def _read(report: Message) -> Bounce | None:
    failed = next((block for block in _recipients(report) if _field(block, "Action").casefold() == "failed"), None)
    message_id = _letter(report)
    if failed is None or not message_id:
        return None
    return Bounce(message_id, _failure(_field(failed, "Status"), _field(failed, "Diagnostic-Code")))


def _recipients(report: Message) -> Iterator[Message]:
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (block for block in part.get_payload() if isinstance(block, Message))


def _letter(report: Message) -> str:
    """The Message-ID of the letter that is returned, whole or by its head alone."""
    for part in report.walk():
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            return next((_field(one, "Message-ID") for one in part.get_payload() if isinstance(one, Message)), "")
        if part.get_content_type() == "text/rfc822-headers":
            head = part.get_payload(decode=True)
            return _field(message_from_bytes(head, policy=default), "Message-ID") if isinstance(head, bytes) else ""
    return ""


def _field(block: Message, name: str) -> str:
    return words.one_line(str(block.get(name, ""))).strip()


def _failure(status: str, diagnostic: str) -> str:
    """Code, extended code and words in the order of an answer, so that one reader of answers understands both."""
    extended = _STATUS.search(diagnostic) or _STATUS.search(status)
    code = _CODE.search(diagnostic)
    first = code[0] if code is not None else f"{extended[1]}50" if extended is not None else "550"
    shown = " ".join(filter(None, (first, extended[0] if extended is not None else "", diagnostic)))
    return f"Returned: {shown}"[:LONGEST_WORDS]
