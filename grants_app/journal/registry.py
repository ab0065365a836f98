"""Every letter of the product in one list: shipped words, places with a word on each, when it is written, to whom.

A stage registers its letters beside their texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grants_app.journal.wording import in_braces, places_of

LANGUAGES = ("uk", "en")
Letters = dict[str, dict[str, tuple[str, str]]]


@dataclass(frozen=True)
class Place:
    """A place of a letter: what stands there (msgid) and an example, where languages differ one for each."""

    words: str
    example: object

    def example_in(self, lang: str) -> object:
        """The example for a reader of this language."""
        return self.example[lang] if isinstance(self.example, dict) else self.example


@dataclass(frozen=True)
class About:
    """When a letter is written and who gets it (msgids).

    `needs`: places that the law or the reader cannot do without; `is_urgent`: it waits for no daily digest.
    """

    when: str
    to: str
    needs: tuple[str, ...] = ()
    is_urgent: bool = True


@dataclass(frozen=True)
class LetterKind:
    """A letter of the product."""

    name: str
    stage: str
    texts: Mapping[str, tuple[str, str]]
    places: Mapping[str, Place]
    about: About

    def shipped(self, lang: str) -> tuple[str, str]:
        """Subject and body as they are shipped, places in braces."""
        subject, body = self.texts.get(lang) or self.texts["uk"]
        return in_braces(subject), in_braces(body)

    def examples(self, lang: str) -> dict[str, object]:
        """An example for every place."""
        return {name: place.example_in(lang) for name, place in self.places.items()}


_kinds: dict[str, LetterKind] = {}
# What is wrong with the list; a law looks here, the product goes on.
list_faults: list[str] = []


def register_letters(
    stage: str,
    letters: Mapping[str, Mapping[str, tuple[str, str]]],
    about: Mapping[str, About],
    places: Mapping[str, Place],
) -> None:
    """Put the letters of a stage on the list. What is not described is noted in `list_faults`."""
    for name, texts in letters.items():
        used = {lang: places_of(*map(in_braces, pair)) for lang, pair in texts.items()}
        everywhere = frozenset().union(*used.values())
        told = about.get(name, About(name, ""))
        if name in _kinds:
            list_faults.append(f"{name}: registered twice, by {_kinds[name].stage} and {stage}")
        if name not in about:
            list_faults.append(f"{name}: nobody says when it is written and to whom")
        list_faults.extend(f"{name}: no words for {place}" for place in sorted(everywhere - set(places)))
        list_faults.extend(
            f"{name}: {lang} lacks {place}"
            for lang, found in used.items()
            for place in told.needs
            if place not in found
        )
        chosen = {place: places.get(place, Place(place, "…")) for place in (*places, *sorted(everywhere - set(places)))}
        _kinds[name] = LetterKind(
            name, stage, texts, {place: one for place, one in chosen.items() if place in everywhere}, told
        )
    list_faults.extend(f"{name}: described, but there is no such letter" for name in about if name not in letters)


def letter_kinds() -> list[LetterKind]:
    """Every letter, by stage in the order in which the stages registered them."""
    return list(_kinds.values())


def letter_kind(name: str) -> LetterKind | None:
    """A letter by its name."""
    return _kinds.get(name)


def unhurried() -> list[str]:
    """Names of letters that may wait for a daily digest; what is not on the list goes at once."""
    return sorted(name for name, kind in _kinds.items() if not kind.about.is_urgent)
