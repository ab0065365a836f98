"""Speed of the engine against its goals, on whatever machine runs it.

Run it by hand: ``python tests/load/bench_ranking_engine.py [--data FOLDER]``. It prints seconds of the clock and of the
processor beside each goal and asserts nothing, because a timed test fails with the neighbour's load and not with the
code. With the folder of published data it also solves the knapsacks of all municipal budgets.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads cost more than they save
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scoring import Application, Candidate, Criterion, Lot, Mark, Rules, allocate, rank  # noqa: E402
from scoring.agreement import agreement  # noqa: E402
from scoring.calibration import calibrate  # noqa: E402
from scoring.optimum import best_awards  # noqa: E402
from scoring.robustness import robustness  # noqa: E402

Competition = tuple[Rules, list[Application], list[Mark]]


def _competition(applications: int = 10_000, experts: int = 400, panel: int = 5, criteria: int = 7) -> Competition:
    draw = random.Random(7)
    codes = [f"c{number}" for number in range(criteria)]
    scale = (Decimal(0), Decimal(10), Decimal(1), Decimal(10))
    rules = Rules(
        criteria=tuple(Criterion(code, code, *scale) for code in codes),
        lots=(Lot("main", applications * 100_000 // 3),),
    )
    listed = [Application(f"A{number}", "main", 100_000) for number in range(applications)]
    worth = {one.code: draw.gauss(6, 1.5) for one in listed}
    bias = [draw.gauss(0, 0.7) for _ in range(experts)]
    marks = [
        Mark(one.code, f"E{expert}", code, str(_mark(worth[one.code] + bias[expert] + draw.gauss(0, 1))), "scored")
        for one in listed
        for expert in draw.sample(range(experts), panel)
        for code in codes
    ]
    return rules, listed, marks


def _mark(value: float) -> int:
    return min(10, max(0, round(value)))


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
    sys.stdout.flush()


def _processor() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in (own, children))


@contextmanager
def _timed(what: str, goal: str = "") -> Iterator[None]:
    clock, processor = time.perf_counter(), _processor()
    yield
    told = f"{what:<58}{time.perf_counter() - clock:8.2f} s{_processor() - processor:8.2f} s"
    _say(f"{told}   {goal}".rstrip())


def _official() -> None:
    rules, applications, marks = _competition()
    _say(f"{len(applications):,} applications x 5 experts x 7 criteria, {len(marks):,} marks")
    with _timed("rank, marks in memory, steps from the totals", "goal 5"):
        ranking = rank(rules, applications, marks, detailed=False)
    with _timed("rank, marks in memory, every step", "goal 5"):
        rank(rules, applications, marks)
    with _timed("allocate along the list"):
        allocate(rules, ranking, "announced seed")
    with tempfile.TemporaryDirectory() as name:
        options = _write(Path(name), rules, applications, marks)
        with _timed("python -m scoring rank, from file to file", "goal 5"):
            _command("rank", *options, "-o", str(Path(name) / "ranking.json"))


def _calibration() -> None:
    rules, applications, marks = _competition(applications=2_000, criteria=1)
    _say(f"{len(marks):,} scores of 400 experts")
    with _timed("REML and 4,000 rank draws, each awarded", "goal 8"):
        calibrate(rules, marks, applications, draws=4_000)


def _report() -> None:
    rules, applications, marks = _competition(applications=300, experts=40, criteria=4)
    _say("300 applications x 5 experts x 4 criteria, the full report")
    parts: dict[str, Callable[[], object]] = {
        "rank": lambda: rank(rules, applications, marks),
        "agree": lambda: agreement(rules, marks),
        "calibrate": lambda: calibrate(rules, marks, applications),
        "robust": lambda: robustness(rules, applications, marks),
    }
    with _timed("  all four", "goal 2"):
        for name, part in parts.items():
            with _timed(f"  {name}"):
                part()
    with tempfile.TemporaryDirectory() as name:
        options = _write(Path(name), rules, applications, marks)
        with _timed("  the same as four commands, with four starts of Python"):
            for command in ("rank", "calibrate", "robust"):
                _command(command, *options, "-o", str(Path(name) / "out.json"))
            _command("agree", *options[:4], "-o", str(Path(name) / "out.json"))


def _command(name: str, *options: str) -> None:
    subprocess.run([sys.executable, "-m", "scoring", name, *options], cwd=ROOT, check=True)


def _knapsacks(data: Path) -> None:
    """The best set inside the budget of every published municipal vote."""
    projects: dict[str, list[Candidate]] = {}
    with (data / "pabulib-municipal" / "projects.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed = projects.setdefault(row["instance_id"], [])
            cost = int(100 * Decimal(row["cost"]))
            listed.append(Candidate(row["project_id"], "L", len(listed) + 1, Fraction(row["score"]), cost))
    with (data / "pabulib-municipal" / "instances.csv").open(encoding="utf-8", newline="") as file:
        budgets = {row["instance_id"]: int(100 * Decimal(row["budget"])) for row in csv.DictReader(file)}
    criterion = Criterion("c", "c", Decimal(0), Decimal(10), Decimal(1), Decimal(1))
    with _timed(f"optimum of {len(projects)} municipal budgets", "goal 60"):
        for code, candidates in projects.items():
            best_awards(Rules(criteria=(criterion,), lots=(Lot("L", budgets[code]),)), candidates)


def main() -> None:
    """Print the seconds of each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the published competitions")
    data: Path | None = parser.parse_args().data
    _say(f"load average {os.getloadavg()[0]:.1f}; seconds of the clock, then of the processor")
    _official()
    _calibration()
    _report()
    if data is not None:
        _knapsacks(data)


if __name__ == "__main__":
    main()
