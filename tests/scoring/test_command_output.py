"""Where results of the command line go: UTF-8 on every console, the whole or nothing, nothing left beside it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scoring.__main__ import main
from tests.scoring.builders import money, write_table

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")


@pytest.fixture
def rank_options(tmp_path: Path) -> list[str]:
    """A competition of one application with a Ukrainian code, as options of ``rank``."""
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(money("stop", 100).to_json()), encoding="utf-8")
    marks = [{"application": "Заявка-Ї", "expert": e, "criterion": "c", "points": "7"} for e in ("E1", "E2")]
    scores = write_table(tmp_path / "scores.csv", marks)
    listed = [{"application": "Заявка-Ї", "lot": "L", "requested_kop": 60}]
    applications = write_table(tmp_path / "applications.csv", listed)
    return ["rank", "--scores", str(scores), "--rules", str(rules), "--applications", str(applications)]


def _run(options: list[str], **settings: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "scoring", *options], cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, **settings},
    )  # fmt: skip


@pytest.mark.parametrize("console", ["ascii", "cp1251"])
def test_result_is_utf8_whatever_the_console_speaks(rank_options: list[str], console: str) -> None:
    done = _run(rank_options, PYTHONIOENCODING=console, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode("utf-8"))["ranking"][0]["application"] == "Заявка-Ї"


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_result_for_a_full_disk_is_one_line_of_refusal(rank_options: list[str]) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run([sys.executable, "-m", "scoring", *rank_options], cwd=ROOT, stdout=full,
                              stderr=subprocess.PIPE, check=False)  # fmt: skip
    told = f"scoring: standard output: cannot be written: {os.strerror(28)}\n"
    assert (done.returncode, done.stderr.decode()) == (2, told)


def test_output_that_cannot_be_placed_leaves_nothing_behind(
    rank_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    (folder / "taken").mkdir(parents=True)
    assert main([*rank_options, "-o", str(folder / "taken")]) == 2
    assert capsys.readouterr().err == f"scoring: {folder / 'taken'}: cannot be written: {os.strerror(21)}\n"
    assert [path.name for path in folder.iterdir()] == ["taken"]


def test_output_into_a_pipe_does_not_replace_the_pipe(rank_options: list[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    assert main([*rank_options, "-o", str(pipe)]) == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    reader.join(10)
    assert json.loads(read[0])["ranking"][0]["place"] == 1


def test_output_through_a_link_changes_the_file_behind_it(rank_options: list[str], tmp_path: Path) -> None:
    behind, link = tmp_path / "behind.json", tmp_path / "link.json"
    behind.write_text("old", encoding="utf-8")
    link.symlink_to(behind)
    assert main([*rank_options, "-o", str(link)]) == 0
    assert (link.is_symlink(), json.loads(behind.read_text(encoding="utf-8"))["ranking"][0]["place"]) == (True, 1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["calibrate", "--draws", "0"], "argument --draws: must be a whole number from 1 to 1000000, not '0'"),
        (["calibrate", "--draws", "9" * 14],
         f"argument --draws: must be a whole number from 1 to 1000000, not '{'9' * 14}'"),
        (["assign", "--demand", "9" * 20],
         f"argument --demand: must be a whole number from 1 to 1000000000, not '{'9' * 20}'"),
        (["assign", "--max-load", "9" * 20],
         f"argument --max-load: must be a whole number from 1 to 1000000000, not '{'9' * 20}'"),
        (["assign", "--seconds", "nan"], "argument --seconds: must be a number above 0, not 'nan'"),
        (["assign", "--seconds", "0"], "argument --seconds: must be a number above 0, not '0'"),
        (["allocate", "--draw-seed", ""], "argument --draw-seed: must not be empty"),
        (["allocate", "--draw-seed", "\udcff"], "argument --draw-seed: is not UTF-8 text"),
    ],
)  # fmt: skip
def test_option_out_of_bounds_is_refused_by_its_name(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(options)
    assert (refusal.value.code, capsys.readouterr().err) == (2, f"scoring {options[0]}: {told}\n")
