"""The engine's door for assignments: tables of codes into a temporary folder, a child process, its answer back.

The web process never loads the optimiser; nothing is written but the files of the temporary folder.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from grants_app.journal.jobs import JobError
from grants_app.journal.services import digest_of
from grants_app.reviews.queries.matching import Facts, Pair
from grants_app.reviews.rules.matching import Load, Wish, even_loads
from grants_app.reviews.rules.ties import BLOCK

ROOT = Path(__file__).resolve().parents[3]
SECONDS, SEARCH_SECONDS = 240, 20
_DONE, _REFUSED, _SHORT = 0, 2, 3
_TIME_ENDED = "seconds: the time ended"  # how the engine begins the refusal of a search that found nothing in time
NO_DRAW = "A draw cannot keep all rules of this panel together: choose the best match or the fairest"

NO_TIME = "The search ended before it found an assignment: ask for fewer fields or kept experts, or for a draw"


@dataclass(frozen=True)
class Hand:
    """An expert as the engine sees one."""

    load: Load
    organisation: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Need:
    """An application as the engine sees one."""

    code: str
    demand: int
    fields: tuple[str, ...]
    previous: tuple[int, ...]
    keep: int


@dataclass(frozen=True)
class Task:
    """The tables of one computation; experts by id, applications by id."""

    hands: Mapping[int, Hand]
    needs: Mapping[int, Need]
    affinities: Mapping[Pair, int]
    barred: frozenset[Pair]
    fixed: frozenset[Pair]

    @property
    def digest(self) -> str:
        """Names exactly these tables: another digest later means that something has changed meanwhile."""
        return digest_of([[name, *row] for name, rows in _tables(self, {}) for row in rows])

    @property
    def places(self) -> int:
        """Seats in all."""
        return sum(need.demand for need in self.needs.values())


@dataclass(frozen=True)
class Answer:
    """What the engine says: pairs with their certificate, or the shortage."""

    pairs: frozenset[Pair]
    certificate: Mapping[str, Any]
    shortage: Mapping[str, Any] | None


def task_of(facts: Facts) -> Task:
    """The tables of the facts. What stands is fixed whatever the rules say of it: work is never moved."""
    fixed = frozenset(facts.standing)
    clashing = frozenset(_clashing(facts))
    return Task(
        hands={expert: _hand(facts, expert, clashing) for expert in facts.people},
        needs={one: _need(facts, one) for one in facts.applications},
        affinities={
            (expert, one): facts.affinity(expert, one) for expert in facts.people for one in facts.applications
        },
        barred=frozenset(
            (expert, one)
            for expert in facts.people
            for one in facts.applications
            if (expert, one) not in fixed and (expert in clashing or _is_barred(facts, expert, one))
        ),
        fixed=fixed,
    )


def solve(task: Task, wish: Wish) -> Answer:
    """The engine's answer with loads as even as can be; the shortage only where no load helps."""
    answer = Answer(frozenset(), {}, {"applications": [], "slots_missing": task.places, "conflicts": []})
    if not task.needs or not task.hands:
        return answer
    for bounds in even_loads({expert: hand.load for expert, hand in task.hands.items()}, task.places):
        answer = _run(task, wish, bounds)
        if answer.shortage is None:
            break
    return answer


def is_possible(task: Task, wish: Wish) -> bool:
    """Whether a whole assignment exists at all; a draw asks for more than the other modes: its limit must allow it."""
    bounds = {expert: (0, hand.load.most) for expert, hand in task.hands.items()}
    asked = wish if wish.mode == "random" else Wish()
    try:
        return bool(task.hands) and _run(task, asked, bounds, connected=False).shortage is None
    except JobError:  # the draw cannot keep the rules of the panel together, or nothing was found in time
        return False


def with_helpers(task: Task, count: int, fields: Sequence[str], most: int) -> Task:
    """The task with so many more experts who know these fields, have no conflicts and take `most` applications."""
    helpers = {-number: Hand(Load(0, most), "", tuple(fields)) for number in range(1, count + 1)}
    return replace(task, hands={**task.hands, **helpers})


def _clashing(facts: Facts) -> Iterable[int]:
    """Experts of one workplace who already sit at one application: they get nothing new, nothing is taken from them."""
    for experts in facts.seats.values():
        for one, other in combinations(sorted(experts), 2):
            if facts.organisation(one) and facts.organisation(one) == facts.organisation(other):
                yield from (one, other)


def _hand(facts: Facts, expert: int, clashing: frozenset[int]) -> Hand:
    held = sum(1 for one, _ in facts.standing if one == expert)
    limit = facts.limits.get(expert)
    most = len(facts.applications) if limit is None else limit - facts.elsewhere.get(expert, 0)
    if expert not in facts.eligible:
        most = held
    return Hand(
        load=Load(held, max(held, min(most, len(facts.applications)))),
        organisation="" if expert in clashing else facts.organisation(expert),
        fields=tuple(sorted(facts.knows(expert))),
    )


def _need(facts: Facts, application: int) -> Need:
    seats, demand = facts.seats[application], facts.demand[application]
    is_open = len(seats) < demand
    previous = tuple(sorted(expert for expert in facts.previous.get(application, ()) if expert in facts.people))
    return Need(
        code=facts.applications[application].code or "",
        demand=max(demand, len(seats)),
        # A full table is as it is: asking it for a field or for a previous expert would make everything impossible.
        fields=facts.fields_wanted(application) if is_open else (),
        previous=previous,
        keep=facts.competition.kept_experts if is_open else 0,
    )


def _is_barred(facts: Facts, expert: int, application: int) -> bool:
    pair = (expert, application)
    if expert not in facts.eligible or pair in facts.ended or facts.levels.get(pair) == BLOCK:
        return True
    own = facts.organisation(expert)
    return bool(own) and any(facts.organisation(other) == own for other in facts.seats[application])


def _run(task: Task, wish: Wish, bounds: Mapping[int, tuple[int, int]], *, connected: bool = True) -> Answer:
    with tempfile.TemporaryDirectory(prefix="grants-assign-") as folder:
        for name, rows in _tables(task, bounds):
            with (Path(folder) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        command = [sys.executable, "-m", "scoring", "assign"]
        for name in ("pairs", "experts", "applications"):
            command += [f"--{name}", str(Path(folder) / f"{name}.csv")]
        command += ["--demand", "1", "--max-load", str(max((most for _, most in bounds.values()), default=1) or 1)]
        command += ["--objective", wish.mode, "--seconds", str(SEARCH_SECONDS)]
        if wish.mode == "random":
            command += ["--q", f"{wish.limit_bp / 10_000:.4f}", "--seed", str(wish.seed)]
        elif connected:
            command.append("--connected")
        done = subprocess.run(command, capture_output=True, cwd=ROOT, timeout=SECONDS, check=False)
    if done.returncode == _REFUSED and wish.mode == "random":
        raise JobError(NO_DRAW)
    told = done.stderr.decode(errors="replace")
    if done.returncode == _REFUSED and _TIME_ENDED in told:
        raise JobError(NO_TIME)
    if done.returncode not in (_DONE, _SHORT):
        raise RuntimeError(f"the assignment failed: {told[-2000:]}")
    return _answer(task, json.loads(done.stdout))


def _answer(task: Task, found: dict[str, Any]) -> Answer:
    if "shortage" in found:
        return Answer(frozenset(), {}, found["shortage"])
    ids = {need.code: one for one, need in task.needs.items()}
    pairs = frozenset(
        (int(name[1:]), ids[row["application"]]) for row in found["assignment"] for name in row["experts"]
    )
    return Answer(pairs, found["certificate"], None)


def _tables(task: Task, bounds: Mapping[int, tuple[int, int]]) -> list[tuple[str, list[list[object]]]]:
    """The three tables of the engine: names of experts are «x» and their number."""
    pairs: list[list[object]] = [["expert", "application", "affinity", "conflict", "fixed"]]
    pairs += [
        [
            _name(expert),
            task.needs[one].code,
            value,
            int((expert, one) in task.barred),
            int((expert, one) in task.fixed),
        ]
        for (expert, one), value in sorted(task.affinities.items())
    ]
    experts: list[list[object]] = [["expert", "max_load", "min_load", "organisation", "profiles"]]
    for expert, hand in sorted(task.hands.items()):
        least, most = bounds.get(expert, (0, hand.load.most))
        experts.append([_name(expert), most, least, hand.organisation, ";".join(hand.fields)])
    applications: list[list[object]] = [["application", "demand", "profiles", "previous", "keep"]]
    for _, need in sorted(task.needs.items()):
        previous = ";".join(_name(expert) for expert in need.previous)
        applications.append([need.code, need.demand, ";".join(need.fields), previous, need.keep])
    return [("pairs", pairs), ("experts", experts), ("applications", applications)]


def _name(expert: int) -> str:
    return f"x{expert:08d}"
