"""How a number, a sum, a day or a time is written is decided in one module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.source import ROOT, dotted, place, python_files, tree

FIGURES = ROOT / "grants_app/core/figures.py"
# Formats that machines read: calendars and files of a competition.
FOR_MACHINES = {"grants_app/competitions/documents/ics.py", "grants_app/reviews/queries/marks.py"}
_BY_HAND = (r"strftime\(", r"replace\(['\"][.,]['\"], ?['\"][.,]['\"]\)", r"['\"]грн['\"]", r"['\"]%\.\df['\"]")


def test_figures_written_by_one_module() -> None:
    found = [
        f"{place(path, node)} {what}"
        for path in python_files("grants_app")
        if path != FIGURES and path.relative_to(ROOT).as_posix() not in FOR_MACHINES
        for node, what in _written_by_hand(path)
    ]
    assert found == []


def test_law_sees_what_the_module_does() -> None:
    """The law above looks for what is really there."""
    kinds = {what for _node, what in _written_by_hand(FIGURES)}
    assert kinds == {"decimal mark", "moment", "currency", "thousands"}


def test_templates_write_no_figures() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(re.search(pattern, line) for pattern in _BY_HAND)
    ]
    assert found == []


def _written_by_hand(path: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree(path)):
        what = None
        if isinstance(node, ast.Call):
            what = _of_call(node)
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            what = _of_format(node.format_spec)
        elif isinstance(node, ast.JoinedStr) and any("грн" in text for text in _texts(node.values)):
            what = "currency"
        if what is not None:
            yield node, what


def _of_call(node: ast.Call) -> str | None:
    name, texts = dotted(node.func).split(".")[-1], _texts(node.args)
    if name == "strftime":
        return "moment"
    # Reading turns a comma into a point; only writing turns a point into something else.
    return "decimal mark" if name == "replace" and texts[:1] == ["."] and texts != [".", ""] else None


def _of_format(spec: ast.AST) -> str | None:
    text = "".join(_texts(ast.walk(spec)))
    return "moment" if "%" in text else "thousands" if "," in text else None


def _texts(nodes: Iterable[ast.AST]) -> list[str]:
    return [str(one.value) for one in nodes if isinstance(one, ast.Constant)]
