"""The Ukrainian catalogue is complete: what a page may say, it says in Ukrainian."""

from __future__ import annotations

import re

from grants_app.cli.translations import UKRAINIAN_FORMS, merged, stored, texts
from tests.support.messages import used_messages

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")


def test_messages_all_have_a_ukrainian_text() -> None:
    translated = {message for message, text in texts(stored()).items() if text and all(text)}
    missing = {message: where for message, where in used_messages().items() if message not in translated}
    assert missing == {}


def test_catalogue_agrees_with_its_parts() -> None:
    assert texts(stored()) == texts(merged())


def test_translations_keep_the_placeholders() -> None:
    wrong = []
    for message, text in texts(stored()).items():
        for form in text if isinstance(text, tuple) else (text,):
            if set(PLACEHOLDER.findall(form)) - {"num"} != set(PLACEHOLDER.findall(message)) - {"num"}:
                wrong.append((message, form))
    assert wrong == []


def test_plurals_have_three_forms() -> None:
    wrong = [
        message for message, text in texts(stored()).items() if isinstance(text, tuple) and len(text) != UKRAINIAN_FORMS
    ]
    assert wrong == []


def test_messages_found_where_they_are_known_to_be() -> None:
    """The search itself works: tables, refusals, Python and templates each give a message that is there."""
    used = used_messages()
    assert used["Announce the competition"] == "lifecycle"
    assert used["Head of organisation"] == "permissions.py"
    assert used["Your role does not allow this step"].startswith("grants_app/journal/")
    assert used["Skip to main content"].startswith("templates/")
    assert used["Enter a quantity, for example 12 or 1.5"].startswith("grants_app/web/fields.py")
