"""What the journal keeps is read by people: every step recorded has words, and the words are in Ukrainian."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from babel.messages.pofile import read_po
from flask import Flask

from grants_app.journal import jobs
from grants_app.journal.queries.words import job_label, step_label, thing_label
from tests.support.source import ROOT, place, python_files, tree

CATALOGUE = ROOT / "grants_app" / "translations" / "uk" / "LC_MESSAGES" / "messages.po"


def test_kinds_of_jobs_have_ukrainian_words(app: Flask) -> None:
    known = _known()
    own = [kind for kind, function in jobs.kinds().items() if function.__module__.startswith("grants_app.")]
    assert [kind for kind in own if job_label(kind) not in known] == []
    assert len(own) >= 4


def test_recorded_steps_have_ukrainian_words(app: Flask) -> None:
    known = _known()
    recorded = list(_recorded())
    wordless = [
        f"{where}: {label}"
        for where, thing, step in recorded
        for label in (thing_label(thing), step_label(thing, step))
        if label not in known
    ]
    assert wordless == []
    assert len(recorded) >= 40


def _known() -> set[str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.string and isinstance(message.id, str)}


def _recorded() -> Iterator[tuple[str, str, str]]:
    """Every `record(thing="…", step="…")` of the product whose words stand in the source, in one place or by a note."""
    for path in python_files("grants_app"):
        nodes = list(ast.walk(tree(path)))
        notes = dict(found for node in nodes if isinstance(node, ast.FunctionDef) for found in _notes(node))
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            thing, step = _given(call)
            noted, position = notes.get(_name(call.func), ("", len(call.args)))
            if isinstance(thing, ast.Constant) and isinstance(step, ast.Constant):
                yield place(path, call), str(thing.value), str(step.value)
            elif position < len(call.args) and isinstance(told := call.args[position], ast.Constant):
                yield place(path, call), noted, str(told.value)


def _notes(function: ast.FunctionDef) -> Iterator[tuple[str, tuple[str, int]]]:
    """A function that records the step it is given: the thing it names, where the step stands in its arguments."""
    names = [argument.arg for argument in function.args.args]
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        thing, step = _given(call)
        if isinstance(thing, ast.Constant) and isinstance(step, ast.Name) and step.id in names:
            yield function.name, (str(thing.value), names.index(step.id))


def _given(call: ast.Call) -> tuple[ast.expr | None, ast.expr | None]:
    given = {word.arg: word.value for word in call.keywords} if _name(call.func) == "record" else {}
    return given.get("thing"), given.get("step")


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
