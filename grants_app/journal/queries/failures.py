"""Why a letter did not arrive, in words: what mail servers answer by number."""

from __future__ import annotations

import re

# Extended codes first (RFC 3463), then the plain ones (RFC 5321), then what happens before a server answers.
_EXTENDED = {
    "1.1": "There is no such mailbox: check the address",
    "1.2": "There is no such mail domain: check the address after @",
    "1.3": "The address is misspelt",
    "1.10": "The domain takes no letters: ask for another address",
    "2.1": "The mailbox is switched off: ask for another address",
    "2.2": "The mailbox is full: try again later or ask for another address",
    "2.3": "The letter is too long for this mailbox",
    "4.1": "The receiver’s mail server does not answer: try again later",
    "7.1": "The receiver’s mail server refuses our letters: ask its administrator to let them in",
}
_PLAIN = {
    "421": "The mail server is busy: the letter is tried again",
    "450": "The mailbox is busy: the letter is tried again",
    "451": "The mail server asks to come later: the letter is tried again",
    "452": "The mail server has no room: the letter is tried again",
    "550": "There is no such mailbox, or it takes no letters: check the address",
    "551": "The receiver has another address now: ask for it",
    "552": "The mailbox is full: try again later or ask for another address",
    "553": "The address is misspelt",
    "554": "The receiver’s mail server refuses our letters: ask its administrator to let them in",
    "530": "Our mail server wants a sign-in: tell those who run the system",
    "535": "Our mail server refuses the sign-in: tell those who run the system",
}
_BEFORE = (
    (("Timeout", "timed out"), "The mail server does not answer: the letter is tried again"),
    (("ConnectionRefused", "gaierror", "ServerDisconnected", "OSError"), "The mail server cannot be reached"),
    (("BadHeader", "Unicode"), "The address is misspelt"),
)
_ANSWER = re.compile(r"\b([45]\d\d)\b(?:\D{1,6}[45]\.(\d{1,3}\.\d{1,3})\b)?")
UNKNOWN = "The mail server refused the letter: its words are below"


def failure_words(failure: str) -> str:
    """What a stored failure means for a person (msgid), empty when there is none.

    >>> failure_words("SMTPDataError: (550, b'5.2.2 over quota')")
    'The mailbox is full: try again later or ask for another address'
    """
    if not failure:
        return ""
    answer = _ANSWER.search(failure)
    if answer is not None:
        code, extended = answer.groups()
        return _EXTENDED.get(extended or "") or _PLAIN.get(code) or UNKNOWN
    return next((words for signs, words in _BEFORE if any(sign in failure for sign in signs)), UNKNOWN)
