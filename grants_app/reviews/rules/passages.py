"""Marking words of an application: where a quote stands in a text, and how a text falls into marked pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LONGEST_QUOTE = 500
MOST_QUOTES = 20  # marked places for one criterion of one sheet
_SENTENCE_END = re.compile(r"(?<=[.!?…])[ \t]+|\s*\n\s*")


@dataclass(frozen=True)
class Span:
    """A stretch of a text, by characters, with what it is marked for."""

    start: int
    end: int
    key: str


@dataclass(frozen=True)
class Piece:
    """A stretch that is marked alike from end to end: `keys` are the marks over it, `opened` those that begin here."""

    text: str
    keys: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()


def find_quote(text: str, quote: str, near: int = 0) -> tuple[int, int] | None:
    """Where the words of the quote stand in the text, the place nearest to `near`; runs of white space are alike.

    >>> find_quote("За рік подали 1 240 звернень", "подали  1\\n240")
    (7, 19)
    >>> find_quote("а б а б", "а", near=4)
    (4, 5)
    """
    words = [re.escape(word) for word in quote.split()]
    if not words:
        return None
    spans = [found.span() for found in re.finditer(r"\s+".join(words), text)]
    return min(spans, key=lambda span: abs(span[0] - near), default=None)


def pieces(text: str, spans: Sequence[Span], offset: int = 0) -> list[Piece]:
    """The text in pieces, cut wherever a mark begins or ends; `offset` is where this text begins in its answer.

    >>> [(one.text, one.keys, one.opened) for one in pieces("абвг", [Span(1, 3, "x"), Span(2, 4, "y")])]
    [('а', (), ()), ('б', ('x',), ('x',)), ('в', ('x', 'y'), ('y',)), ('г', ('y',), ())]
    """
    end = offset + len(text)
    mine = [one for one in spans if one.start < end and one.end > offset]
    cuts = sorted({offset, end, *(min(max(edge, offset), end) for one in mine for edge in (one.start, one.end))})
    return [
        Piece(
            text[left - offset : right - offset],
            tuple(one.key for one in mine if one.start < right and one.end > left),
            tuple(one.key for one in mine if max(one.start, offset) == left and one.start >= offset),
        )
        for left, right in pairwise(cuts)
    ]


def sentences(text: str) -> list[str]:
    """Sentences of a text in order, none longer than a quote may be; what is longer falls apart between words.

    >>> sentences("Перше. Друге!\\nТретє")
    ['Перше.', 'Друге!', 'Третє']
    """
    found: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        rest = sentence.strip()
        while len(rest) > LONGEST_QUOTE:
            cut = rest.rfind(" ", 0, LONGEST_QUOTE + 1)
            head = rest[: cut if cut > 0 else LONGEST_QUOTE]
            found.append(head)
            rest = rest[len(head) :].strip()
        if rest:
            found.append(rest)
    return found
