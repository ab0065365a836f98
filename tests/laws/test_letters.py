"""Every letter of the product is on one list, can be composed in both languages, and no step is taken in silence."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from grants_app.journal.letters import compose
from grants_app.journal.queries.failures import _EXTENDED, _PLAIN, UNKNOWN
from grants_app.journal.queries.wordings import STAGE_LABELS
from grants_app.journal.registry import LANGUAGES, LetterKind, letter_kinds, list_faults
from grants_app.journal.telling import STEPS, Silent
from grants_app.journal.wording import LONGEST_BODY, LONGEST_SUBJECT, faults_of, places_of
from grants_app.lifecycle import MACHINES
from tests.support.source import ROOT, python_files

CATALOGUE = ROOT / "grants_app" / "translations" / "uk" / "LC_MESSAGES" / "messages.po"
LETTER = re.compile(r'^    "([a-z][a-z0-9_]+)": \{\n        "(?:uk|en)": \($', re.MULTILINE)


@pytest.fixture
def kinds(app: Flask) -> list[LetterKind]:
    """The list, as the built product knows it."""
    return letter_kinds()


@pytest.mark.sqlite_only
def test_letters_all_described_and_their_places_have_words(kinds: list[LetterKind]) -> None:
    assert list_faults == []
    assert len(kinds) >= 90


@pytest.mark.sqlite_only
def test_letters_written_anywhere_are_on_the_list(kinds: list[LetterKind]) -> None:
    known = {kind.name for kind in kinds}
    written = {name for path in python_files("grants_app") for name in LETTER.findall(path.read_text(encoding="utf-8"))}
    assert written - known == set()
    assert len(written) >= 80


@pytest.mark.sqlite_only
def test_letters_composed_with_their_examples_in_both_languages(kinds: list[LetterKind]) -> None:
    wrong = []
    for kind in kinds:
        for lang in LANGUAGES:
            subject, body = compose({kind.name: dict(kind.texts)}, kind.name, lang, kind.examples(lang))
            if not subject or not body or "%(" in subject + body or "{" in subject + body:
                wrong.append((kind.name, lang))
    assert wrong == []


@pytest.mark.sqlite_only
def test_shipped_words_would_pass_the_editor(kinds: list[LetterKind]) -> None:
    """Whoever opens the editor and saves a comma must not be refused for what was shipped."""
    wrong = []
    for kind in kinds:
        for lang in LANGUAGES:
            subject, body = kind.shipped(lang)
            fits = len(subject) <= LONGEST_SUBJECT and len(body) <= LONGEST_BODY and "\n" not in subject
            has_needed = set(kind.about.needs) <= places_of(subject, body)
            if not fits or not has_needed or faults_of(subject, kind.places) or faults_of(body, kind.places):
                wrong.append((kind.name, lang))
    assert wrong == []


@pytest.mark.sqlite_only
def test_words_about_letters_are_in_ukrainian(kinds: list[LetterKind]) -> None:
    with CATALOGUE.open("rb") as file:
        known = {str(message.id) for message in read_po(file) if message.string and isinstance(message.id, str)}
    used = {words for kind in kinds for words in (kind.about.when, kind.about.to)}
    used |= {place.words for kind in kinds for place in kind.places.values()}
    used |= {*STAGE_LABELS.values(), *_EXTENDED.values(), *_PLAIN.values(), UNKNOWN}
    assert used - known == set()


@pytest.mark.sqlite_only
def test_steps_all_tell_somebody_or_say_why_not(kinds: list[LetterKind]) -> None:
    tables = {machine.thing: {step.name for step in machine.steps} for machine in MACHINES.values()}
    assert {thing: set(steps) for thing, steps in STEPS.items()} == tables
    known = {kind.name for kind in kinds}
    named = {
        name for steps in STEPS.values() for told in steps.values() if not isinstance(told, Silent) for name in told
    }
    assert named - known == set()


@pytest.mark.sqlite_only
def test_letters_named_for_steps_are_written_by_some_service(kinds: list[LetterKind]) -> None:
    """A name in the table is no letter yet: some code outside the lists of texts must use it."""
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in python_files("grants_app")
        if ("/rules/" not in str(path) and path.stem not in {"telling", "registry"}) or path.parent.name == "services"
    )
    named = {
        name for steps in STEPS.values() for told in steps.values() if not isinstance(told, Silent) for name in told
    }
    assert {name for name in named if f'"{name}"' not in source} == set()


def _named() -> set[str]:
    """Names of the letters that stand in the table of steps."""
    every = [told for steps in STEPS.values() for told in steps.values()]
    return {name for told in every if not isinstance(told, Silent) for name in told}
