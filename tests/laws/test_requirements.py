"""Pinned packages: hashed, without addresses, the same versions wherever they are installed."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.source import ROOT

FILES = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^ ;\\]+)\s*(?:;\s*(?P<marker>[^\\]*))?", re.MULTILINE
)


def pins(name: str) -> set[tuple[str, str, str]]:
    """Name, version and condition of each package of a file."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {(pin["name"].lower(), pin["version"], (pin["marker"] or "").strip()) for pin in PIN.finditer(text)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_requirements_hashed_and_without_addresses(path) -> None:  # type: ignore[no-untyped-def]
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"(?:https?|file|git\+\w+)://\S*|^--(?:index-url|extra-index-url|find-links).*", text, re.M) == []


@pytest.mark.parametrize("larger", ["test", "city"])
def test_requirements_agree_on_versions(larger: str) -> None:
    """What is tested and what a city runs is what the demo runs, and something more."""
    names = {(name, version) for name, version, _ in pins("run")}
    assert names - {(name, version) for name, version, _ in pins(larger)} == set()


def test_requirements_cover_the_declared_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[<>=! ]", entry)[0].lower() for entry in project["dependencies"]}
    assert declared - {name for name, _, _ in pins("run")} == set()
