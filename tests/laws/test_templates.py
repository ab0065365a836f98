"""Laws that are read off the templates: a strict content policy, escaping, one way to make a form."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.source import TEMPLATES, place, python_files, templates, tree

TAG = re.compile(r"<(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
FORBIDDEN = {
    "an inline style": re.compile(r"<style[\s>]|\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false"),
    "an address of another site": re.compile(r"(?:src|srcset)\s*=\s*[\"'](?:https?:)?//|<link[^>]+href=[\"']https?:"),
    "a query": re.compile(r"db\.session|\.query\b|\bselect\("),
}


@pytest.mark.parametrize("fault", FORBIDDEN)
def test_template_holds_no(fault: str) -> None:
    pattern = FORBIDDEN[fault]
    found = [
        f"{path.name}:{number}: {line.strip()[:100]}"
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_scripts_are_files_of_ours_with_the_nonce() -> None:
    """Only a script with this answer's nonce runs; code written between the tags would need one too, and review."""
    found = []
    for path in templates():
        for tag in re.finditer(r"<script\b(.*?)>(.*?)</script>", path.read_text(encoding="utf-8"), re.DOTALL):
            attributes, body = tag.groups()
            if "nonce" not in attributes or ("src" not in attributes and "application/json" not in attributes):
                found.append(f"{path.name}: {attributes.strip()[:80]}")
            elif "src" in attributes and body.strip():
                found.append(f"{path.name}: code inside a script tag")
    assert found == []


def test_templates_named_in_code_exist() -> None:
    """A block that a later stage puts on an earlier page is found only when that page is drawn."""
    named = {
        node.value: place(path, node)
        for path in python_files("grants_app")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w/-]+\.html", node.value)
    }
    assert {name: where for name, where in named.items() if not (TEMPLATES / name).exists()} == {}


def test_templates_all_used() -> None:
    """A page that nothing draws is a page that nobody looks at."""
    texts = [path.read_text(encoding="utf-8") for path in [*python_files("grants_app"), *templates()]]
    unused = [
        name for path in templates() if not any((name := str(path.relative_to(TEMPLATES))) in text for text in texts)
    ]
    assert unused == []


def test_posting_forms_made_by_the_form_macro() -> None:
    """Signing out is the one form outside: it needs no idempotency key, for the second time it does nothing."""
    found = {
        path.name
        for path in templates()
        if path.parent.name != "components"
        for tag in TAG.finditer(path.read_text(encoding="utf-8"))
        if tag["name"].lower() == "form" and re.search(r"method\s*=\s*[\"']post", tag["rest"], re.IGNORECASE)
    }
    assert found <= {"_header.html"}


def test_posting_forms_carry_an_idempotency_key() -> None:
    """Pressing twice must do nothing twice, so whatever writes names the key of this rendering."""
    found = [
        f"{path.name}: {call}"
        for path in templates()
        if path.parent.name != "components"
        for call in _calls(path.read_text(encoding="utf-8"), ("form_start", "action_button"))
        if "key=" not in call and not re.search(r"method\s*=\s*[\"']get", call)
    ]
    assert found == []


def _calls(text: str, names: tuple[str, ...]) -> list[str]:
    """The macro calls of these names, to their closing bracket."""
    calls = []
    for start in re.finditer(rf"\b(?:{'|'.join(names)})\(", text):
        depth, end = 1, start.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        calls.append(text[start.start() : end])
    return calls
