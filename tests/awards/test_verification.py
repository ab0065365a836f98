"""The published list is checked with the very command that the page prints, on the files that the page gives."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.support.decisions import Case, decide, publish
from tests.support.visitors import visit_as


@pytest.fixture
def folder(app: Flask, case: Case, tmp_path: Path) -> Path:
    """What a stranger has after following the page: the bundle and the engine, in one folder."""
    decide(case)
    publish(case)
    guest = visit_as(app, None)
    page = BeautifulSoup(guest.get("/awards/2027-TST").get_data(as_text=True), "html.parser")
    section = page.select_one("section[aria-labelledby=verify]")
    assert section is not None
    for link in section.select("ol a"):
        answer = guest.get(str(link["href"]))
        assert answer.status_code == 200
        name = answer.headers["Content-Disposition"].split('filename="')[1].split('"')[0]
        (tmp_path / name).write_bytes(answer.data)
    command = section.select_one("code[data-command]")
    assert command is not None
    (tmp_path / "command").write_text(command.get_text(), encoding="utf-8")
    with zipfile.ZipFile(BytesIO((tmp_path / "scoring-engine.zip").read_bytes())) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """The printed command, word for word, in that folder; `python` is the one that runs the tests, and alone."""
    words = shlex.split((folder / "command").read_text(encoding="utf-8"))
    assert words[0] == "python"
    isolated = {"PATH": "/usr/bin:/bin", "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # -S leaves out installed packages: the engine must verify with the standard library alone.
    call = [sys.executable, "-S", *words[1:]]
    return subprocess.run(call, cwd=folder, env=isolated, capture_output=True, text=True, check=False)


@pytest.mark.sqlite_only
def test_printed_command_confirms_the_published_bundle(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    names = [line.split(": ")[1] for line in done.stdout.splitlines()]
    assert names == ["input hash", "ranking", "awards", "result hash", "overrides"]


@pytest.mark.sqlite_only
def test_command_prints_the_digest_to_lay_beside_the_published_one(folder: Path, app: Flask) -> None:
    page = BeautifulSoup(visit_as(app, None).get("/awards/2027-TST").get_data(as_text=True), "html.parser")
    published = page.select("section[aria-labelledby=verify] p")[-2].get_text().split()[-1]
    assert f"ok: result hash: {published}" in run(folder).stdout.splitlines()


@pytest.mark.sqlite_only
def test_each_check_that_the_command_makes_is_explained(folder: Path, app: Flask) -> None:
    names = [line.split(": ")[1] for line in run(folder).stdout.splitlines()]
    page = BeautifulSoup(visit_as(app, None).get("/awards/2027-TST").get_data(as_text=True), "html.parser")
    explained = [one.get_text() for one in page.select("section[aria-labelledby=verify] tbody th")]
    assert explained == names


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("forgery", "named"),
    [
        (lambda bundle: bundle["scores"][0].update(points="2"), "DIFFERS: input hash"),
        (lambda bundle: bundle["result"]["awards"][0].update(amount_kop=1), "DIFFERS: awards"),
        (lambda bundle: bundle["result"]["ranking"][0].update(place=2), "DIFFERS: ranking"),
        (lambda bundle: bundle.update(result_hash="sha256:" + "0" * 64), "DIFFERS: result hash"),
    ],
)
def test_printed_command_refuses_a_forged_bundle(folder: Path, forgery, named: str) -> None:  # type: ignore[no-untyped-def]
    path = next(folder.glob("*-bundle.json"))
    bundle = json.loads(path.read_text(encoding="utf-8"))
    forgery(bundle)
    path.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    done = run(folder)
    assert done.returncode == 4
    assert named in done.stdout
