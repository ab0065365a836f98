"""``assign`` on files alone: every option, its refusals by file, line and column, and the shortage."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from tests.scoring.builders import write_table

PEOPLE, CODES = ("E1", "E2", "E3", "E4"), ("A", "B", "C")
PAIRS: list[dict[str, object]] = [
    {"expert": e, "application": a, "affinity": 4 if e in ("E1", "E2") else 1, "conflict": "", "fixed": ""}
    for e in PEOPLE
    for a in CODES
]
EXPERTS: list[dict[str, object]] = [
    {"expert": "E1", "max_load": 2, "organisation": "O", "profiles": "law"},
    {"expert": "E2", "organisation": "O", "profiles": "law; budget"},
    {"expert": "E3", "min_load": 1, "profiles": ""},
    {"expert": "E4", "organisation": "P", "profiles": "budget"},
]
APPLICATIONS: list[dict[str, object]] = [
    {"application": "A", "demand": 3, "profiles": "law;budget", "previous": "E3;E9", "keep": 2},
    {"application": "B", "profiles": "budget"},
    {"application": "C"},
]


def _run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    code = main(["assign", *map(str, argv)])
    told = capsys.readouterr()
    return code, told.out, told.err


def _options(folder: Path, **tables: Any) -> list[str]:
    given = {"pairs": PAIRS, "experts": EXPERTS, "applications": APPLICATIONS, **tables}
    files = [(name, write_table(folder / f"{name}.csv", rows)) for name, rows in given.items() if rows]
    return [part for name, path in files for part in (f"--{name}", str(path))]


def _changed(rows: list[dict[str, object]], number: int, **cells: object) -> list[dict[str, object]]:
    return [{**row, **cells} if index == number else row for index, row in enumerate(rows)]


@pytest.mark.parametrize("objective", ["sum", "fair"])
def test_assign_reads_terms_of_experts_and_applications(
    objective: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = _options(tmp_path, pairs=_changed(PAIRS, 11, fixed=1))  # E4, C
    code, out, err = _run(capsys, *files, "--demand", 2, "--max-load", 3, "--objective", objective)
    result = json.loads(out)
    assert (code, err) == (0, "")
    assert {row["application"]: row["experts"] for row in result["assignment"]} == {
        "A": ["E2", "E3", "E4"],
        "B": ["E2", "E4"] if "E2" in result["assignment"][1]["experts"] else ["E1", "E4"],
        "C": ["E1", "E4"] if "E1" in result["assignment"][2]["experts"] else ["E2", "E4"],
    }
    certificate = result["certificate"]
    assert {key: certificate[key] for key in ("objective", "sum", "load_max", "kept_previous")} == {
        "objective": objective, "sum": 16.0, "load_max": 3, "kept_previous": 1,
    }  # fmt: skip
    assert (certificate["connection_paid"], certificate["connected"]) == (None, certificate["components"] == 1)


def test_assign_connected_says_what_it_paid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = {code: ("E1", "E2") if code in "ABC" else ("E3", "E4") for code in "ABCDEF"}
    pairs = [{"expert": e, "application": a, "affinity": 8 if e in blocks[a] else 7} for a in blocks for e in PEOPLE]
    files = _options(tmp_path, pairs=pairs, experts=(), applications=())
    common = (*files, "--demand", 2, "--max-load", 4, "--connected")
    told = [json.loads(_run(capsys, *common, *more)[1])["certificate"] for more in ((), ("--connected-loss", "0.1"))]
    assert [(one["components"], one["connection_paid"], one["bound"]) for one in told] == [(2, 0, 96), (1, 2, 96)]


def test_assign_shortage_names_applications_and_profiles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = _changed(_changed(PAIRS, 4, conflict=1), 10, conflict=1)  # E2, B and E4, B: all who know budgets
    code, out, err = _run(capsys, *_options(tmp_path, pairs=pairs), "--demand", 2, "--max-load", 3)
    shortage = json.loads(out)["shortage"]
    assert (code, err) == (3, "")
    assert {key: shortage[key] for key in ("applications", "slots_missing", "conflicts", "profiles")} == {
        "applications": ["B"],
        "slots_missing": 0,
        "conflicts": [["E2", "B"], ["E4", "B"]],
        "profiles": [["B", "budget"]],
    }


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (
            {"pairs": _changed(PAIRS, 2, conflict=1, fixed=1)},
            "pairs.csv, line 4, column fixed: E1, C: a pair in conflict",
        ),
        ({"pairs": _changed(PAIRS, 2, fixed="yes")}, "pairs.csv, line 4, column fixed: must be 0 or 1"),
        (
            {"experts": _changed(EXPERTS, 1, max_load="x")},
            "experts.csv, line 3, column max_load: 'x' is not a whole number",
        ),
        ({"experts": _changed(EXPERTS, 1, expert="E1")}, "experts.csv, line 3, column expert: a second line of E1"),
        ({"experts": _changed(EXPERTS, 0, min_load=3)}, "experts.csv, line 2, column max_load: E1: loads from 3 to 2"),
        (
            {"applications": _changed(APPLICATIONS, 2, demand=0)},
            "applications.csv, line 4, column demand: C: 0 is no number",
        ),
        (
            {"applications": _changed(APPLICATIONS, 1, keep="-1")},
            "applications.csv, line 3, column keep: '-1' is not a whole",
        ),
    ],
)
def test_assign_refuses_by_file_line_and_column(
    tables: dict[str, Any], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = _run(capsys, *_options(tmp_path, **tables), "--demand", 2, "--max-load", 3)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"scoring: {tmp_path / told.split(',')[0]},{told.split(',', 1)[1]}")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--objective", "random"), "overlap in part"),
        (("--objective", "random", "--connected"), "cannot choose a connected design"),
        (("--connected", "--connected-loss", "1.5"), "a loss is at least 0 and below 1, not 1.5"),
    ],
)
def test_assign_refuses_options_that_do_not_go_together(
    options: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = _run(capsys, *_options(tmp_path), "--demand", 2, "--max-load", 3, *options)
    assert (code, out, told in err, err.count("\n")) == (2, "", True, 1)


def test_assign_writes_the_assignment_as_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, *_options(tmp_path), "--demand", 2, "--max-load", 3, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, [row["application"] for row in rows]) == (0, ["A", "A", "A", "B", "B", "C", "C"])
