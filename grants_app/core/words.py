"""One form of text: what people paste is unified before it is counted, compared or stored."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = re.compile("['\u02bc\u2019\u0060\u00b4\u2018\u02b9](?=[А-Яа-яЄєІіЇїҐґ])")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# What word processors mean by the end of a line: CR LF, CR, VT (a break inside a paragraph), FF, NEL, LS, PS.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def unify(text: str) -> str:
    """NFC, LF line breaks, the apostrophe ’ inside Ukrainian words, no control, zero-width or direction signs."""
    text = _CONTROL.sub("", _INVISIBLE.sub("", _BREAKS.sub("\n", text)))
    # Composed last: an invisible sign may have stood between a letter and its mark.
    return _APOSTROPHES.sub("’", unicodedata.normalize("NFC", text))


def one_line(text: str) -> str:
    """`unify` for single-line fields: runs of white space become one space, ends trimmed."""
    return re.sub(r"\s+", " ", unify(text)).strip()


def count(text: str) -> int:
    """Characters as the counter on the page counts them: code points of the unified text."""
    return len(unify(text))


def count_words(text: str) -> int:
    """Words as the counter on the page counts them: runs without white space that hold a letter or a digit.

    >>> count_words("Мир’я – це 2 село-супутники…")
    4
    """
    return sum(any(sign.isalnum() for sign in run) for run in unify(text).split())


def length(text: str, unit: str) -> int:
    """The length of a text in the unit of its limit: "characters" or "words"."""
    return count_words(text) if unit == "words" else count(text)


def search_form(text: str) -> str:
    """Folded text for look-up: casefold, one apostrophe, one space (SQLite's lower() knows no Cyrillic)."""
    return one_line(text).replace("’", "'").casefold()
