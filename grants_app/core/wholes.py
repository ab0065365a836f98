"""Whole numbers of addresses and hidden fields, where anything may be typed."""

from __future__ import annotations

MOST_DIGITS = 18  # more fits no column, and Python takes its time over thousands of digits


def whole(text: str | None) -> int | None:
    """The number of plain digits; None for anything else, however long.

    >>> whole("12"), whole("-1"), whole("١٢"), whole("9" * 5000), whole(None)
    (12, None, None, None, None)
    """
    return int(text) if text and len(text) <= MOST_DIGITS and text.isascii() and text.isdigit() else None
