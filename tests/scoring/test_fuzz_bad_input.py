"""Files with something wrong anywhere: one line that names the file, or a result; never a crash, never half of both."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scoring.__main__ import main
from tests.scoring.builders import money, write_table

JUNK = (
    "",
    " ",
    "abc",
    "-1",
    "1e3",
    "7,5",
    "NaN",
    "inf",
    "9" * 60,
    "0.3",
    "11",
    "=1+1",
    "A0",
    "\x00",
    "тест",
    "1.",
    "1/2",
)
RULES = money("marginal", 100, plan={"pool_leftover": True}).to_json()
SCORES = [
    {"application": f"A{a}", "expert": f"E{e}", "criterion": "c", "points": str((3 * a + e) % 11), "state": "scored"}
    for a in range(4)
    for e in range(3)
]
APPLICATIONS = [{"application": f"A{a}", "lot": "L", "requested_kop": 40 + a, "applicant": ""} for a in range(4)]
RANKING = [
    {"application": f"A{a}", "lot": "L", "place": a + 1, "score": 9 - a, "requested_kop": 40, "status": "ranked"}
    for a in range(4)
]
PAIRS = [
    {"expert": f"E{e}", "application": f"A{a}", "affinity": e + a, "conflict": 0, "fixed": 0}
    for e in range(3)
    for a in range(4)
]
EXPERTS = [{"expert": f"E{e}", "max_load": 4, "min_load": 0, "organisation": "", "profiles": "p"} for e in range(3)]
TERMS = [{"application": f"A{a}", "demand": 1, "profiles": "p", "previous": "E0", "keep": 1} for a in range(4)]
LINKS = [{"expert": "E0", "application": "A1"}]
COMMANDS: dict[str, dict[str, Any]] = {
    "rank": {"scores": SCORES, "rules": RULES, "applications": APPLICATIONS},
    "allocate": {"ranking": RANKING, "rules": RULES},
    "agree": {"scores": SCORES, "rules": RULES},
    "calibrate": {"scores": SCORES, "rules": RULES, "applications": APPLICATIONS},
    "robust": {"scores": SCORES, "rules": RULES, "applications": APPLICATIONS},
    "conflicts": {"scores": SCORES, "rules": RULES, "applications": APPLICATIONS, "links": LINKS},
    "bundle": {"scores": SCORES, "rules": RULES, "applications": APPLICATIONS},
    "assign": {"pairs": PAIRS, "experts": EXPERTS, "applications": TERMS},
}
MORE = {"assign": ["--demand", "1", "--max-load", "4"], "calibrate": ["--draws", "20"]}


def _paths(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    return [path, *(found for key in keys for found in _paths(document[key], (*path, key)))] if path else [
        found for key in keys for found in _paths(document[key], (key,))
    ]  # fmt: skip


def _spoiled_rules(draw: random.Random, rules: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(rules)
    path = draw.choice(_paths(found))
    parent = found
    for key in path[:-1]:
        parent = parent[key]
    if draw.random() < 0.3:
        del parent[path[-1]]
    else:
        parent[path[-1]] = draw.choice([None, True, 0, -1, 10**30, 0.5, "", "x", "-7", [], {}, ["x"], {"x": 1}])
    return found


def _spoiled_rows(draw: random.Random, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [dict(row) for row in rows]
    ways: list[Callable[[], object]] = [
        lambda: draw.choice(found).update({draw.choice(list(found[0])): draw.choice(JUNK)}),
        lambda: draw.choice(found).update({draw.choice(list(found[0])): draw.choice(JUNK)}),
        lambda: found.append(dict(draw.choice(found))),
        lambda: found.clear(),
        lambda: [row.pop(name) for name in [draw.choice(list(found[0]))] for row in found],
        lambda: found.pop(draw.randrange(len(found))),
    ]
    draw.choice(ways)()
    return found


def _spoiled_bytes(draw: random.Random, path: Path) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(draw.randint(1, 3)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    path.write_bytes(bytes(data[: draw.randint(0, len(data))] if draw.random() < 0.3 else data))


def _write(draw: random.Random, folder: Path, files: dict[str, Any]) -> list[str]:
    options: list[str] = []
    spoiled = draw.choice(list(files))
    bytewise = draw.random() < 0.25
    for name, content in files.items():
        if name == "rules":
            path = folder / "rules.json"
            document = _spoiled_rules(draw, content) if name == spoiled and not bytewise else content
            path.write_text(json.dumps(document), encoding="utf-8")
        else:
            rows = _spoiled_rows(draw, content) if name == spoiled and not bytewise else content
            path = write_table(folder / f"{name}.csv", rows)
        if name == spoiled and bytewise:
            _spoiled_bytes(draw, path)
        options += [f"--{name}", str(path)]
    return options


@pytest.mark.parametrize("command", COMMANDS)
def test_spoiled_files_give_one_line_or_a_result(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = set()
    for number in range(40 if command in ("robust", "calibrate", "assign") else 120):
        options = _write(random.Random(f"{command} {number}"), tmp_path, COMMANDS[command])
        code = main([command, *options, *MORE.get(command, [])])
        told = capsys.readouterr()
        codes.add(code)
        if code == 2:
            assert (told.out, told.err.count("\n"), told.err.startswith("scoring: ")) == ("", 1, True), (number, told)
            assert str(tmp_path) in told.err, (number, told.err)
        else:
            assert (code in (0, 3), told.err, bool(json.loads(told.out))) == (True, "", True), number
    assert {0, 2} <= codes
