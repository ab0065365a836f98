"""Vendored files are exactly what the manifest says, and carry nobody else's marks."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "grants_app" / "static"
VENDOR = STATIC / "vendor"


def test_vendor_folder_matches_its_manifest() -> None:
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(VENDOR.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
    assert found == json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))


def test_package_versions_are_exact() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_package_lock_records_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_compiled_css_points_at_no_crest() -> None:
    css = (VENDOR / "govuk-frontend.css").read_text(encoding="utf-8")
    assert re.findall(r"crest|url\([^)]*\)", css) == []


@pytest.mark.parametrize("sheet", ["theme.css"])
def test_own_css_points_only_at_files_that_exist(sheet: str) -> None:
    css = (STATIC / sheet).read_text(encoding="utf-8")
    addresses = set(re.findall(r'url\("([^"]+)"\)', css))
    assert len(addresses) >= 4
    assert [address for address in addresses if not (STATIC / address).is_file()] == []


def test_modules_import_only_files_that_exist() -> None:
    missing = []
    for module in [STATIC / "init.js", *(STATIC / "js").glob("*.js")]:
        text = module.read_text(encoding="utf-8")
        for address in re.findall(r"""(?:from|import\()\s*'(\.[^']+)'""", text) + re.findall(r"'(\./js/[^']+)'", text):
            if not (module.parent / address).is_file():
                missing.append((module.name, address))
    assert missing == []
