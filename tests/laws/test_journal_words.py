"""What the journal keeps is read by people: every step recorded has words, and the words are in Ukrainian."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from babel.messages.pofile import read_po
from flask import Flask

from grants_app.journal.queries.words import step_label, thing_label
from tests.support.source import ROOT, place, python_files, tree

CATALOGUE = ROOT / "grants_app" / "translations" / "uk" / "LC_MESSAGES" / "messages.po"


def test_recorded_steps_have_ukrainian_words(app: Flask) -> None:
    with CATALOGUE.open("rb") as file:
        known = {str(message.id) for message in read_po(file) if message.string and isinstance(message.id, str)}
    recorded = list(_recorded())
    wordless = [
        f"{where}: {label}"
        for where, thing, step in recorded
        for label in (thing_label(thing), step_label(thing, step))
        if label not in known
    ]
    assert wordless == []
    assert len(recorded) >= 40


def _recorded() -> Iterator[tuple[str, str, str]]:
    """Every `record(thing="…", step="…")` of the product whose words stand in the source."""
    for path in python_files("grants_app"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and _name(node.func) == "record":
                given = {word.arg: word.value for word in node.keywords}
                thing, step = given.get("thing"), given.get("step")
                if isinstance(thing, ast.Constant) and isinstance(step, ast.Constant):
                    yield place(path, node), str(thing.value), str(step.value)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
