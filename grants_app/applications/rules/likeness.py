"""How alike two texts or two cost lines are: exact counts of shared word runs, the same on every machine.

Near-duplicates are found by shingles (A. Broder, «On the resemblance and containment of documents», 1997): a text is
the set of its runs of five words, the likeness of two texts is the share of the runs of both that they have in common.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from grants_app.core.words import search_form

RUN = 5  # words in a run
LIKE_BP = 5_000  # texts at least this alike are shown
LEAST_WORDS = 20  # shorter texts say too little

Key = TypeVar("Key")
Run = tuple[str, ...]
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ENDING = re.compile("[аеєиіїоуюяьй]+$")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text. kind: same, out (only in the first text), in (only in the second)."""

    kind: str
    text: str


def words_of(text: str) -> list[str]:
    """Words as they are compared: one apostrophe, no case, no signs between them.

    >>> words_of("Об’єднання дворів, 2 зустрічі!")
    ["об'єднання", 'дворів', '2', 'зустрічі']
    """
    return _WORD.findall(search_form(text))


def runs_of(text: str) -> frozenset[Run]:
    """Every run of five words; none of a text that is too short to be judged."""
    words = words_of(text)
    return _of_size(words, RUN) if len(words) >= LEAST_WORDS else frozenset()


def likeness_bp(left: frozenset[Run], right: frozenset[Run]) -> int:
    """Shared runs in basis points of the runs of both, rounded down (Jaccard's coefficient).

    >>> likeness_bp(frozenset({("a",), ("b",)}), frozenset({("b",), ("c",)}))
    3333
    """
    both = len(left & right)
    return both * 10_000 // (len(left) + len(right) - both) if both else 0


class TextIndex(Generic[Key]):
    """Texts by their runs: finds all that are at least `least_bp` like a given one without comparing each with each."""

    def __init__(self, least_bp: int = LIKE_BP) -> None:
        self.least_bp = least_bp
        self._texts: list[tuple[Key, int]] = []
        self._where: defaultdict[Run, list[int]] = defaultdict(list)

    def add(self, key: Key, text: str) -> None:
        """Take a text into the index."""
        runs = runs_of(text)
        for run in runs:
            self._where[run].append(len(self._texts))
        self._texts.append((key, len(runs)))

    def like(self, text: str) -> list[tuple[Key, int]]:
        """Keys of the texts that are like this one, with the likeness in basis points, in the order they came."""
        runs = runs_of(text)
        shared = Counter(number for run in runs for number in self._where.get(run, ()))
        found = []
        for number, both in sorted(shared.items()):
            key, size = self._texts[number]
            alike = both * 10_000 // (size + len(runs) - both)
            if alike >= self.least_bp:
                found.append((key, alike))
        return found


def item_key(item: str) -> tuple[str, ...]:
    """What a cost line pays for, whatever the order and the endings of its words.

    >>> item_key("Оренда зали") == item_key("зала: оренду")
    True
    """
    stems = {_ENDING.sub("", word) or word for word in words_of(item) if not word.isdigit()}
    return tuple(sorted(stem for stem in stems if len(stem) > 1))


def shared_pieces(own: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts with what they have in common marked: every word that stands in a shared run."""
    common = _runs(own) & _runs(other)
    return tuple(_marked(own, common)), tuple(_marked(other, common))


def changes(old: str, new: str) -> tuple[Piece, ...]:
    """One text of both: what was taken out, what came in, in whole words.

    >>> [(piece.kind, piece.text) for piece in changes("два двори", "три двори")]
    [('out', 'два'), ('in', 'три'), ('same', ' двори')]
    """
    left, right = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new))
    pieces: list[Piece] = []
    gone, came = "", ""
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        out, put = "".join(left[a:b]), "".join(right[c:d])
        if kind == "equal" and (out.strip() or not (gone or came)):
            pieces += [*_change(gone, came), Piece("same", out)]
            gone, came = "", ""
        else:  # a mere space between two changes belongs to them: nobody reads words torn apart
            gone, came = gone + out, came + put
    return (*pieces, *_change(gone, came))


def _change(gone: str, came: str) -> list[Piece]:
    spaces, others = gone[len(gone.rstrip()) :], came[len(came.rstrip()) :]
    tail = spaces if spaces == others else ""
    out, put = gone[: len(gone) - len(tail)], came[: len(came) - len(tail)]
    return [Piece(kind, text) for kind, text in (("out", out), ("in", put), ("same", tail)) if text]


def _runs(text: str) -> frozenset[Run]:
    """Runs of a text of any length; a short one is a single run."""
    words = words_of(text)
    return _of_size(words, min(RUN, len(words))) if words else frozenset()


def _of_size(words: list[str], size: int) -> frozenset[Run]:
    return frozenset(tuple(words[start : start + size]) for start in range(len(words) - size + 1))


def _marked(text: str, common: frozenset[Run]) -> Iterator[Piece]:
    spots = list(_WORD.finditer(text))
    words = [search_form(spot.group()) for spot in spots]
    size = min(RUN, len(words))
    covered: set[int] = set()
    for start in range(len(words) - size + 1):
        if tuple(words[start : start + size]) in common:
            covered.update(range(start, start + size))
    yield from _stretches(text, [spots[number].span() for number in sorted(covered)])


def _stretches(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """The text in stretches: neighbouring spans with nothing but spaces and signs between them are one."""
    end, begin, last = 0, -1, -1
    for start, stop in spans:
        if begin >= 0 and not _WORD.search(text, last, start):
            last = stop
            continue
        if begin >= 0:
            yield from (Piece("out", text[end:begin]), Piece("same", text[begin:last]))
            end = last
        begin, last = start, stop
    if begin >= 0:
        yield from (Piece("out", text[end:begin]), Piece("same", text[begin:last]))
        end = last
    if end < len(text):
        yield Piece("out", text[end:])
