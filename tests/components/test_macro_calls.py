"""Every template of the product imports macros that exist and calls them with arguments they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
JINJA = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)


def parsed(name: str) -> nodes.Template:
    return JINJA.parse((TEMPLATES / name).read_text(encoding="utf-8"))


def macros(name: str) -> dict[str, nodes.Macro]:
    return {macro.name: macro for macro in parsed(name).find_all(nodes.Macro)} if name in NAMES else {}


def imported(template: nodes.Template) -> dict[str, nodes.Macro | None]:
    found: dict[str, nodes.Macro | None] = {}
    for statement in template.find_all(nodes.FromImport):
        assert isinstance(statement.template, nodes.Const)
        known = macros(statement.template.value)
        for name in statement.names:
            original, local = name if isinstance(name, tuple) else (name, name)
            found[local] = known.get(original)
    return found


def complaint(call: nodes.Call, macro: nodes.Macro) -> str | None:
    names = [argument.name for argument in macro.args]
    given = names[: len(call.args)] + [keyword.key for keyword in call.kwargs]
    missing = set(names[: len(names) - len(macro.defaults)]) - set(given)
    unknown = {keyword.key for keyword in call.kwargs} - set(names)
    if call.dyn_args or call.dyn_kwargs or not (missing or unknown or len(call.args) > len(names)):
        return None
    return f"line {call.lineno}: {macro.name} lacks {sorted(missing)}, does not know {sorted(unknown)}"


@pytest.mark.parametrize("name", NAMES)
def test_macros_that_a_template_uses_exist_and_fit(name: str) -> None:
    template = parsed(name)
    known = imported(template)
    assert [local for local, macro in known.items() if macro is None] == []
    calls = [call for call in template.find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
    said = [complaint(call, macro) for call in calls if (macro := known.get(call.node.name)) is not None]  # type: ignore[attr-defined]
    assert [text for text in said if text] == []


@pytest.mark.parametrize("name", NAMES)
def test_tables_that_become_cards_keep_their_meaning(name: str) -> None:
    """On phones `display: block` takes the table's roles away, and the heads of columns are out of sight."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    for start in [found.start() for found in re.finditer(r'<table class="app-table app-stack', text)]:
        table = text[start : text.index("</table>", start)]
        assert 'role="table"' in table
        assert re.findall(r"<td(?![^>]*role=)[^>]*>", table) == []
        assert (
            re.findall(r'<td(?![^>]*(?:data-l=|colspan|stack-hide|_class\(column\)|role="cell">))[^>]*>', table) == []
        )
