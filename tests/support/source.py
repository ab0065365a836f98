"""The source of the product as laws read it: files, syntax trees, imports at any depth."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("grants_app", "scoring")
TEMPLATES = ROOT / "templates"


def python_files(*folders: str) -> list[Path]:
    """Python files of the product (or of `folders`), in a fixed order."""
    return sorted(path for folder in folders or PRODUCT for path in (ROOT / folder).rglob("*.py"))


def templates() -> list[Path]:
    """Every page template."""
    return sorted(TEMPLATES.rglob("*.html"))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """ "grants_app/web/gate.py:12", for messages."""
    line = getattr(node, "lineno", None)
    return f"{path.relative_to(ROOT)}{f':{line}' if line else ''}"


def dotted(node: ast.AST) -> str:
    """The dotted text of a name or attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every imported module of a file, also inside functions, with the node that imports it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield f"{node.module}.{name.name}", node
