"""Every text that a person may read, gathered from code, tables and templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

from grants_app.lifecycle import MACHINES
from grants_app.permissions import ROLE_LABELS
from tests.support.source import ROOT, dotted, place, python_files, templates, tree

CALLS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
JINJA_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
ERRORS_MODULE = ROOT / "grants_app/core/errors.py"


def used_messages() -> dict[str, str]:
    """Message by where it is first used."""
    found: dict[str, str] = {}
    for where, message in [*_from_tables(), *_from_python(), *_from_refusals(), *_from_templates()]:
        if message:
            found.setdefault(message, where)
    return found


def _from_tables() -> Iterator[tuple[str, str]]:
    for states, machine in MACHINES.items():
        yield from (("lifecycle", state.label) for state in states)
        yield from (("lifecycle", step.label) for step in machine.steps)
    yield from (("permissions.py", label) for label in ROLE_LABELS.values())


def _from_python() -> Iterator[tuple[str, str]]:
    for path in python_files("grants_app"):
        source = BytesIO(path.read_bytes())
        for line, _, message, _ in extract_python(source, CALLS, (), {}):
            yield f"{place(path)}:{line}", _singular(message)


def _from_refusals() -> Iterator[tuple[str, str]]:
    """Refusals carry their message as a plain text: the web layer translates it."""
    kinds = {node.name for node in ast.walk(tree(ERRORS_MODULE)) if isinstance(node, ast.ClassDef)}
    for path in python_files("grants_app"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in kinds and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield place(path, node), first.value


def _from_templates() -> Iterator[tuple[str, str]]:
    for path in templates():
        yield from _from_template(path)


def _from_template(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        for line, _, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), JINJA_OPTIONS):
            yield f"{place(path)}:{line}", _singular(message)


def _singular(message: Any) -> str:
    return str(message[0]) if isinstance(message, tuple) else str(message or "")
