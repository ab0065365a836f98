"""A search that ends before it found anything says so: that is neither a shortage of experts nor a fault of ours."""

from __future__ import annotations

import random

import pytest
from flask import Flask

from grants_app.journal.jobs import JobError
from grants_app.reviews.rules.matching import Load, Wish
from grants_app.reviews.services import matching
from grants_app.reviews.services.matching import Hand, Need, Task, solve

pytestmark = pytest.mark.sqlite_only


def tangled_task() -> Task:
    """Workplaces and fields against each other, so that the solver has to search."""
    draw = random.Random(22)
    experts, applications = range(1, 7), range(1, 6)
    affinities = {(i, j): draw.choice((0, 1, 2, 4)) for i in experts for j in applications}
    fields = ("law", "it", "finance")
    hands = {
        i: Hand(Load(0, 2), draw.choice(("x", "y", "z", "")), tuple(draw.sample(fields, draw.randint(1, 2))))
        for i in experts
    }
    needs = {j: Need(f"2027-TST-{j}", 2, tuple(draw.sample(fields, 2)), (), 0) for j in applications}
    return Task(hands, needs, affinities, frozenset(), frozenset())


def test_search_without_time_is_told_in_words(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    task = tangled_task()
    given = solve(task, Wish())
    assert (given.shortage, len(given.pairs)) == (None, task.places)
    monkeypatch.setattr(matching, "SEARCH_SECONDS", "0.000000001")
    with pytest.raises(JobError) as refused:
        solve(task, Wish())
    assert refused.value.message == matching.NO_TIME
