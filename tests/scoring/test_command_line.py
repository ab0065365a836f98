"""The engine on files alone, as an auditor runs it: exit codes, one-line refusals, tables that feed one another."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from tests.scoring.builders import criterion, money, rules, write_table

ROOT = Path(__file__).resolve().parents[2]
MARKS = [
    {"application": a, "expert": e, "criterion": "c", "points": x, "state": "scored"}
    for a, pair in {"A": "87", "B": "65"}.items()
    for e, x in zip(("E1", "E2"), pair, strict=True)
]
APPLICATIONS = [
    {"application": "A", "lot": "L", "requested_kop": 60, "applicant": "NGO «Вежа»"},
    {"application": "B", "lot": "L", "requested_kop": 60, "applicant": ""},
]


def _files(folder: Path, **tables: Any) -> list[str]:
    options: list[str] = []
    for name, content in tables.items():
        if name == "rules":
            path = folder / "rules.json"
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        else:
            path = write_table(folder / f"{name}.csv", content)
        options += [f"--{name}", str(path)]
    return options


def _run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scoring", *argv], cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


RULES = money("marginal", 100).to_json()


def test_rank_prints_json_and_nothing_else(tmp_path: Path) -> None:
    done = _run("rank", *_files(tmp_path, scores=MARKS, rules=RULES, applications=APPLICATIONS))
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert [(row["application"], row["place"], row["score"]) for row in result["ranking"]] == [
        ("A", 1, "7.5"), ("B", 2, "5.5"),
    ]  # fmt: skip
    assert set(result) == {"ranking", "rules_hash", "input_hash", "engine_version", "texts"}


def test_ranking_table_feeds_allocate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ranking = tmp_path / "ranking.csv"
    files = _files(tmp_path, scores=MARKS, rules=RULES, applications=APPLICATIONS)
    assert main(["rank", *files, "--csv", "-o", str(ranking)]) == 0
    assert main(["allocate", "--ranking", str(ranking), "--rules", str(tmp_path / "rules.json")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [(row["application"], row["amount_kop"], row["outcome"]) for row in result["awards"]] == [
        ("A", 60, "funded"), ("B", 40, "partial"),
    ]  # fmt: skip


def test_allocate_with_advice_does_not_change_the_list(tmp_path: Path) -> None:
    rows = [
        {"application": code, "lot": "L", "place": place, "score": score, "requested_kop": asked}
        for code, place, score, asked in (("A", 1, "90", 70), ("B", 2, "60", 50), ("C", 3, "50", 50))
    ]
    files = _files(tmp_path, ranking=rows, rules=money("skip", 100).to_json())
    plain, advised = _run("allocate", *files), _run("allocate", *files, "--advice")
    result = json.loads(advised.stdout)
    assert result.pop("advice") == {"optimum": {"value": "110", "spent_kop": 100, "applications": ["B", "C"]}}
    assert result == json.loads(plain.stdout)


def test_agree_and_assign_print_their_results(tmp_path: Path) -> None:
    agreed = _run("agree", *_files(tmp_path, scores=MARKS, rules=RULES))
    assert json.loads(agreed.stdout)["icc_c1"] == pytest.approx(1.0)
    pairs = [
        {"expert": e, "application": a, "affinity": x, "conflict": c}
        for e, a, x, c in (("E1", "P", 4, ""), ("E1", "Q", 1, 0), ("E2", "P", 9, 1), ("E2", "Q", "", ""))
    ]
    files = _files(tmp_path, pairs=pairs)
    done = _run("assign", *files, "--demand", "1", "--max-load", "1")
    assert json.loads(done.stdout)["assignment"] == [
        {"application": "P", "experts": ["E1"]}, {"application": "Q", "experts": ["E2"]},
    ]  # fmt: skip
    short = _run("assign", *files, "--demand", "2", "--max-load", "2")
    assert short.returncode == 3
    shortage = json.loads(short.stdout)["shortage"]
    assert (shortage["applications"], shortage["slots_missing"], shortage["conflicts"]) == (["P"], 1, [["E2", "P"]])


def test_bundle_verifies_and_a_changed_one_does_not(tmp_path: Path) -> None:
    meeting = tmp_path / "meeting.json"
    meeting.write_text(json.dumps({"draws": [{"seed": "s"}]}), encoding="utf-8")
    target = tmp_path / "bundle.json"
    files = _files(tmp_path, scores=MARKS, rules=RULES, applications=APPLICATIONS)
    assert main(["bundle", *files, "--meeting", str(meeting), "-o", str(target)]) == 0
    held = _run("verify", str(target))
    assert (held.returncode, len(held.stdout.splitlines())) == (0, 5)
    content = json.loads(target.read_text(encoding="utf-8"))
    content["scores"][0]["points"] = "7"
    target.write_text(json.dumps(content), encoding="utf-8")
    broken = _run("verify", str(target))
    assert broken.returncode == 4
    assert "DIFFERS: ranking: A, score: the bundle says 7.5, recomputed 7" in broken.stdout.splitlines()


def _row(index: int, **changes: str) -> list[dict[str, str]]:
    return [{**row, **changes} if number == index else row for number, row in enumerate(MARKS)]


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (_row(2, points="11"), "scores.csv, line 4, column points: 11 is off the scale 0 to 10 of 'c'"),
        (_row(1, points="7.5"), "scores.csv, line 3, column points: 7.5 is off the step 1 of 'c'"),
        (_row(1, points="seven"), "scores.csv, line 3, column points: 'seven' is not a decimal number"),
        (_row(0, criterion="zz"), "scores.csv, line 2, column criterion: unknown criterion 'zz'"),
        (_row(0, state="maybe"), "scores.csv, line 2, column state: unknown state 'maybe'"),
        (_row(0, state="recused"), "scores.csv, line 2, column points: points beside the state 'recused'"),
        ([*MARKS, MARKS[0]], "scores.csv, line 6, column application: a second mark of A, E1, c"),
    ],
)
def test_refused_mark_is_one_line_and_writes_nothing(
    scores: Any, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.json"
    assert main(["rank", *_files(tmp_path, scores=scores, rules=RULES), "-o", str(target)]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"scoring: {tmp_path}/{told}\n")
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("rules.json", "{", "rules.json, line 1, column 2: is not JSON"),
        ("rules.json", '{"a": 1, "a": 2}', "rules.json, a: the key stands twice"),
        ("rules.json", json.dumps({**RULES, "colour": "red"}), "rules.json, colour: unknown key"),
        ("scores.csv", "", "scores.csv, line 1: the file is empty"),
        ("scores.csv", "application,expert,criterion\n", "scores.csv, line 1, column points: the column is missing"),
        (
            "scores.csv",
            "application,expert,criterion,points,points\n",
            "scores.csv, line 1, column points: the column st",
        ),
        ("scores.csv", "application,expert,criterion,points\nA,E,c\n", "scores.csv, line 2: 3 cells under 4 columns"),
        (
            "scores.csv",
            'application,expert,criterion,points,remark\nA,E,c,1,"a\nb"\nB,E,c,x,\n',
            "scores.csv, line 4, column poi",
        ),
        (
            "applications.csv",
            "application,lot,requested_kop\nA,L,1.5\n",
            "applications.csv, line 2, column requested_kop",
        ),
        ("applications.csv", "application,lot,requested_kop\nA,M,1\n", "applications.csv, line 2, column lot"),
        (
            "applications.csv",
            "application,lot,requested_kop\nA,L,1\n",
            "scores.csv, line 4, column application: unknown",
        ),
    ],
)
def test_unreadable_file_is_named(
    name: str, text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = _files(tmp_path, scores=MARKS, rules=RULES, applications=APPLICATIONS)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["rank", *files]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"scoring: {tmp_path}/{told}")
    assert len(err.splitlines()) == 1


def test_missing_file_and_foreign_bytes_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = _files(tmp_path, scores=MARKS, rules=RULES)
    (tmp_path / "scores.csv").write_bytes("application,expert,criterion,points\nА,E,c,1\n".encode("cp1251"))
    assert main(["rank", *files]) == 2
    assert "scores.csv, line 2: is not UTF-8 text" in capsys.readouterr().err
    (tmp_path / "scores.csv").unlink()
    assert main(["rank", *files]) == 2
    assert "scores.csv: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["rank"], ["dance"], ["assign", "--pairs", "x", "--demand", "two"]])
def test_wrong_command_line_is_one_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_unknown_columns_are_kept_and_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    files = _files(tmp_path, scores=[{**row, "remark": "ґ, «так»"} for row in MARKS], rules=RULES,
                   applications=APPLICATIONS)  # fmt: skip
    path = tmp_path / "scores.csv"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    target = tmp_path / "bundle.json"
    assert main(["bundle", *files, "-o", str(target)]) == 0
    assert {row["remark"] for row in json.loads(target.read_text(encoding="utf-8"))["scores"]} == {"ґ, «так»"}


def test_table_of_awards_holds_the_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"application": "A", "lot": "L", "place": 1, "score": "90", "requested_kop": 70}]
    assert main(["allocate", *_files(tmp_path, ranking=rows, rules=RULES), "--csv"]) == 0
    assert list(csv.DictReader(capsys.readouterr().out.splitlines())) == [
        {"application": "A", "lot": "L", "place": "1", "amount_kop": "70", "outcome": "funded"}
    ]


@pytest.mark.parametrize(
    ("column", "text"), [("place", "first"), ("score", "9,5"), ("requested_kop", "-1"), ("smallest_kop", "x")]
)
def test_refused_cell_of_a_ranking_is_named(
    column: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"application": "A", "lot": "L", "place": 1, "score": "90", "requested_kop": 70, column: text}
    assert main(["allocate", *_files(tmp_path, ranking=[row], rules=RULES)]) == 2
    assert f"ranking.csv, line 2, column {column}" in capsys.readouterr().err


def test_rules_without_lots_cannot_allocate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"application": "A", "lot": "", "place": 1, "score": "90", "requested_kop": 70}
    assert main(["allocate", *_files(tmp_path, ranking=[row], rules=rules(criterion()).to_json())]) == 2
    assert "at least one lot" in capsys.readouterr().err
