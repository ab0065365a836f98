"""Laws that are read off the source of the product."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.source import ROOT, dotted, imports, place, python_files, tree

LONGEST_FILE = 400
LONGEST_FUNCTION = 45
CLOCK = ROOT / "grants_app/core/clock.py"
JOURNAL = ROOT / "grants_app/journal/services.py"
DATABASE = ROOT / "grants_app/database.py"
# What decides; the same names as in the import contract, which cannot see imports inside functions.
DECIDING = ("services", "policy", "queries", "models", "rules", "lifecycle", "permissions", "core", "database")
WEB_PACKAGES = ("flask", "wtforms", "flask_wtf", "marshmallow", "reportlab", "grants_app.web")
BANNED_NAMES = {"utils", "helpers", "common", "manager", "managers", "misc", "data", "info"}


def test_files_short_enough_to_read() -> None:
    long = {
        place(path): lines
        for path in [*python_files(), ROOT / "start.py", ROOT / "config.py"]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_functions_short_enough_to_read() -> None:
    long = {
        place(path, node): f"{node.name}: {_code_lines(node)} lines"
        for path in [*python_files(), ROOT / "start.py", ROOT / "config.py"]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and _code_lines(node) > LONGEST_FUNCTION
    }
    assert long == {}


def test_module_names_say_what_is_inside() -> None:
    assert [place(path) for path in python_files() if path.stem in BANNED_NAMES] == []


def test_state_assigned_only_by_the_journal() -> None:
    found = [
        place(path, node)
        for path in python_files("grants_app")
        for node in ast.walk(tree(path))
        if path != JOURNAL and _assigns_state(node)
    ]
    assert found == []


def test_state_assignment_is_seen_in_the_journal() -> None:
    """The law above looks for what is really there: the one permitted place has exactly one."""
    assert sum(_assigns_state(node) for node in ast.walk(tree(JOURNAL))) == 1


def test_transaction_ended_only_by_the_unit_of_work() -> None:
    found = [
        place(path, node)
        for path in python_files("grants_app")
        for node in ast.walk(tree(path))
        if path != DATABASE and isinstance(node, ast.Call) and dotted(node.func).endswith("session.commit")
    ]
    assert found == []


def test_present_moment_comes_from_the_clock() -> None:
    sources = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "time.time"}
    found = [
        place(path, node)
        for path in python_files()
        for node in ast.walk(tree(path))
        if path != CLOCK and isinstance(node, ast.Call) and dotted(node.func) in sources
    ]
    assert found == []


def test_deciding_code_imports_no_web_even_inside_functions() -> None:
    found = [
        f"{place(path, node)} {module}"
        for path in python_files("grants_app")
        if _decides(path)
        for module, node in imports(path)
        if module.startswith(tuple(f"{name}." for name in WEB_PACKAGES)) or module in WEB_PACKAGES
    ]
    assert found == []


def test_markup_made_in_one_module_only() -> None:
    """Text of people reaches a page only through escaping; what makes markup stands together, to be read at once."""
    makers = {
        place(path)
        for path in python_files("grants_app")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "Markup"
    }
    assert len(makers) <= 1, sorted(makers)


@pytest.mark.parametrize("name", ["pickle", "marshal", "shelve"])
def test_nothing_unpickled(name: str) -> None:
    found = [place(path, node) for path in python_files() for module, node in imports(path) if module == name]
    assert found == []


def _code_lines(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = (first.end_lineno or 0) + 1 if has_docstring else function.lineno
    return (function.end_lineno or 0) - start + 1


def _assigns_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return dotted(node.func) == "setattr" and any(
            isinstance(argument, ast.Constant) and argument.value == "state" for argument in node.args
        )
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        return False
    return any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)


def _decides(path: Path) -> bool:
    parts = path.relative_to(ROOT / "grants_app").with_suffix("").parts
    return parts[0] in DECIDING or (len(parts) > 1 and parts[1] in DECIDING)
