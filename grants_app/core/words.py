"""One form of text: what people paste is unified before it is counted, compared or stored."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = re.compile("['\u02bc\u2019\u0060\u00b4\u2018\u02b9](?=[А-Яа-яЄєІіЇїҐґ])")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def unify(text: str) -> str:
    """NFC, LF line breaks, the apostrophe ’ inside Ukrainian words, no control, zero-width or direction signs."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return _APOSTROPHES.sub("’", text)


def one_line(text: str) -> str:
    """`unify` for single-line fields: runs of white space become one space, ends trimmed."""
    return re.sub(r"\s+", " ", unify(text)).strip()


def count(text: str) -> int:
    """Characters as the counter on the page counts them: code points of the unified text."""
    return len(unify(text))


def search_form(text: str) -> str:
    """Folded text for look-up: casefold, one apostrophe, one space (SQLite's lower() knows no Cyrillic)."""
    return one_line(text).replace("’", "'").casefold()
