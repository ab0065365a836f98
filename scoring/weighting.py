"""The award list under other weights of the criteria: how far one weight may move, and how often all weights agree.

Advice only: totals are linear in the criteria's combined marks here, which is exact where each criterion is combined
first or every counted expert marked everything and the mean is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scoring.aggregate import ApplicationTotal
from scoring.marks import Application
from scoring.problems import Flags
from scoring.ranking import Status, status_of
from scoring.ratings import Floats
from scoring.rules import Rules
from scoring.simulated import funded_in

_COARSE: Final = 120
_FINE: Final = 60
_FARTHEST: Final = 100.0
"""How many times the sum of all weights a weight is raised by at most."""
_ALL_THE_WAY: Final[tuple[float | None, tuple[str, ...]]] = (None, ())


@dataclass(frozen=True, slots=True)
class WeightChange:
    """How far a weight may fall or rise, in its own unit, with the same list; None where it may go all the way.

    ``down_turns`` and ``up_turns`` are the applications whose award turns round at the first step beyond.
    """

    criterion: str
    down: float | None
    up: float | None
    down_turns: tuple[str, ...] = ()
    up_turns: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain data of the row."""
        return {
            "criterion": self.criterion,
            "down": self.down,
            "up": self.up,
            "down_turns": list(self.down_turns),
            "up_turns": list(self.up_turns),
        }


class Weighting:
    """The applications of a competition as linear functions of the weights.

    Parameters
    ----------
    rules : Rules
    totals : sequence of ApplicationTotal
        Those with a score.
    order : dict application -> int
        Rank by score and tie chain, which decides between totals that other weights make equal.
    """

    def __init__(self, rules: Rules, totals: Sequence[ApplicationTotal], order: Mapping[str, int]) -> None:
        listed = sorted(totals, key=lambda total: order[total.application.code])
        self._rules = rules
        self._criteria = [criterion for criterion in rules.criteria if criterion.counted]
        self._weights = np.array([float(criterion.weight) for criterion in self._criteria])
        self._applications = [_asking(rules, total) for total in listed]
        self._fixed = np.array([float(total.application.fixed_points) for total in listed])
        self._marks, self._own = self._matrix(listed)

    def _matrix(self, listed: Sequence[ApplicationTotal]) -> tuple[Floats, Floats]:
        """Combined marks on the scale of the total, and 1 where a criterion counts; axes (application, criterion)."""
        marks = np.zeros((len(listed), len(self._criteria)))
        takes_part = np.zeros_like(marks)
        for row, total in enumerate(listed):
            lot = self._rules.lot(total.application.lot)
            named = None if lot is None or lot.criteria_weights is None else dict(lot.criteria_weights)
            for column, criterion in enumerate(self._criteria):
                value = total.criteria[criterion.code].combined
                if value is None or (named is not None and criterion.code not in named):
                    continue
                takes_part[row, column] = 1.0
                marks[row, column] = float(value)
                if self._rules.expert_total == "normalised":
                    many = total.marks if self._rules.combine == "sum" else 1
                    low, high = float(criterion.min), float(criterion.max)
                    marks[row, column] = (float(value) - many * low) / (high - low) * 100
        return marks, takes_part

    def _lists(self, weights: Floats) -> Flags:
        """Award lists under many weights; axes (weighting, criterion) to (weighting, application)."""
        scores = weights @ self._marks.T
        if self._rules.expert_total != "points":
            scores = scores / np.maximum(weights @ self._own.T, 1e-300)
        scores = scores + self._fixed
        stage = self._rules.stage("total")
        unit = 10.0 ** (9 if stage is None else stage.places)
        scores = np.floor(scores * unit + 0.5 + 1e-9) / unit
        badness = -scores if self._rules.direction == "higher" else scores
        return funded_in(self._rules, self._applications, scores, np.argsort(badness, axis=1, kind="stable"))

    def acceptance(self, seed: int, draws: int) -> dict[str, float]:
        """Share of all weights (uniform over the simplex) under which each application is awarded."""
        if not self._applications:
            return {}
        drawn = np.random.default_rng(seed).dirichlet(np.ones(len(self._criteria)), draws) * self._weights.sum()
        share = self._lists(drawn).mean(axis=0)
        return {one.code: float(value) for one, value in zip(self._applications, share, strict=True)}

    def changes(self, awarded: frozenset[str]) -> tuple[WeightChange, ...]:
        """Largest fall and rise of each weight alone that keep the list."""
        if not self._applications:
            return ()
        target = np.array([one.code in awarded for one in self._applications])
        whole = float(self._weights.sum())
        rising = whole * np.geomspace(1e-3, _FARTHEST, _COARSE)
        found = []
        for column, criterion in enumerate(self._criteria):
            own = float(self._weights[column])
            falling = own * np.linspace(1 / _COARSE, 1, _COARSE)
            down = up = _ALL_THE_WAY
            if len(self._criteria) > 1:
                down, up = self._farthest(target, column, -falling), self._farthest(target, column, rising)
            found.append(WeightChange(criterion.code, down[0], up[0], down[1], up[1]))
        return tuple(found)

    def _farthest(self, target: Flags, column: int, steps: Floats) -> tuple[float | None, tuple[str, ...]]:
        """Size of the last step before the list changes, a coarse look and then a fine one, and what then changes."""
        first = self._first_change(target, column, steps)
        if first is None:
            return _ALL_THE_WAY
        last = 0.0 if first == 0 else float(steps[first - 1])
        fine = np.linspace(last, float(steps[first]), _FINE)
        changed = self._first_change(target, column, fine)
        at = _FINE - 1 if changed is None else changed
        turned = np.flatnonzero(self._moved(column, fine[[at]])[0] != target)
        return abs(float(fine[max(0, at - 1)])), tuple(sorted(self._applications[row].code for row in turned))

    def _first_change(self, target: Flags, column: int, steps: Floats) -> int | None:
        changed = np.flatnonzero((self._moved(column, steps) != target).any(axis=1))
        return int(changed[0]) if len(changed) else None

    def _moved(self, column: int, steps: Floats) -> Flags:
        """Award lists with one weight changed by each of the steps; axes (step, application)."""
        weights = np.tile(self._weights, (len(steps), 1))
        weights[:, column] = np.maximum(weights[:, column] + steps, 0.0)
        return self._lists(weights)


def _asking(rules: Rules, total: ApplicationTotal) -> Application:
    """The application; one that fails the pass mark of a criterion asks for nothing under any weights."""
    without_marks = replace(rules, pass_mark=None, lots=tuple(replace(lot, pass_mark=None) for lot in rules.lots))
    barred = status_of(without_marks, total)[0] != Status.RANKED
    return replace(total.application, requested_kop=0) if barred else total.application
