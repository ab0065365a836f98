"""Speed of the official ranking: 10,000 applications x 5 experts x 7 criteria, from marks in memory and from files.

Run it by hand: ``python tests/load/bench_ranking_engine.py``. It prints figures and asserts nothing, because a timed
test fails with the neighbour's load and not with the code.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scoring import Application, Criterion, Lot, Mark, Rules, allocate, rank  # noqa: E402

APPLICATIONS, EXPERTS, PANEL, CRITERIA = 10_000, 400, 5, 7


def _competition() -> tuple[Rules, list[Application], list[Mark]]:
    draw = random.Random(7)
    codes = [f"c{number}" for number in range(CRITERIA)]
    scale = (Decimal(0), Decimal(10), Decimal(1), Decimal(10))
    rules = Rules(
        criteria=tuple(Criterion(code, code, *scale) for code in codes),
        lots=(Lot("main", APPLICATIONS * 100_000 // 3),),
    )
    applications = [Application(f"A{number}", "main", 100_000) for number in range(APPLICATIONS)]
    marks = [
        Mark(application.code, f"E{expert}", code, str(draw.randint(0, 10)), "scored")
        for application in applications
        for expert in draw.sample(range(EXPERTS), PANEL)
        for code in codes
    ]
    return rules, applications, marks


def _write(folder: Path, rules: Rules, applications: list[Application], marks: list[Mark]) -> list[str]:
    (folder / "rules.json").write_text(json.dumps(rules.to_json()), encoding="utf-8")
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("application", "expert", "criterion", "points", "state"))
        writer.writerows(mark[:5] for mark in marks)
    with (folder / "applications.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("application", "lot", "requested_kop"))
        writer.writerows((one.code, one.lot, one.requested_kop) for one in applications)
    names = {"--scores": "scores.csv", "--rules": "rules.json", "--applications": "applications.csv"}
    return [part for option, name in names.items() for part in (option, str(folder / name))]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print the seconds of each part."""
    rules, applications, marks = _competition()
    _say(f"{APPLICATIONS:,} applications, {len(marks):,} marks")
    started = time.perf_counter()
    ranking = rank(rules, applications, marks)
    _say(f"rank, marks in memory        {time.perf_counter() - started:6.2f} s")
    started = time.perf_counter()
    allocate(rules, ranking, "announced seed")
    _say(f"allocate along the list      {time.perf_counter() - started:6.2f} s")
    with tempfile.TemporaryDirectory() as name:
        options = _write(Path(name), rules, applications, marks)
        command = [sys.executable, "-m", "scoring", "rank", *options, "-o", str(Path(name) / "ranking.json")]
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True)
        _say(f"python -m scoring rank, all  {time.perf_counter() - started:6.2f} s")


if __name__ == "__main__":
    main()
