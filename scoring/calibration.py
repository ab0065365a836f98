"""How severe each expert is, what a fair mean would be, and where the design of the marks cannot tell.

Advice only: nothing here changes a place. Severity of a named expert is personal data: shown to the secretary and to
that expert, by code in public. Sources: see ``severity``; Heyard et al. (2022) for the fixed prior of the SNSF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from scoring.advisory import AdvisoryResult
from scoring.aggregate import aggregate
from scoring.digest import digest
from scoring.explain import step
from scoring.fingerprint import input_hash
from scoring.marks import Application, Mark, MarkTable, tabulate_marks
from scoring.ranking import Status, status_of
from scoring.ratings import Ratings, expert_ratings
from scoring.rules import Rules
from scoring.severity import Fit, fit_effects
from scoring.uncertainty import Chances, chances

Prior = Literal["reml", "snsf"]
Flag = Literal["generous", "harsh", "too_few", "not_identifiable"]

FEWEST_MARKS: Final = 3
"""Under so many applications an expert's severity is mostly chance."""
LEAST_SHARED: Final = 2
"""Applications with two experts that a component needs before severity means anything in it."""
FLAGGED_SHARE: Final = 0.1
SNSF_SHARE: Final = 0.1
_NINETY: Final = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class ExpertSeverity:
    """How far an expert's marks lie from the others', in points as added to a mark; None where it cannot be told."""

    expert: str
    n: int
    severity: float | None
    low: float | None
    high: float | None
    component: int
    flag: Flag | None
    why: str | None

    def to_json(self) -> dict[str, object]:
        """Plain data of the row; ``low`` and ``high`` bound 90 %."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ApplicationEffect:
    """An application freed of the severity of its experts, with its chances over the draws; points and ranks."""

    application: str
    n: int
    mean: float
    effect: float
    adjusted: float
    sd: float
    reliability: float | None
    chances: Chances

    def to_json(self) -> dict[str, object]:
        """Plain data of the row, as the format of the ``calibrate`` command names it."""
        return {
            "application": self.application,
            "n": self.n,
            "mean": self.mean,
            "effect": self.effect,
            "adjusted": self.adjusted,
            "sd": self.sd,
            "reliability": self.reliability,
            **self.chances.to_json(),
        }


@dataclass(frozen=True, kw_only=True)
class Calibration(AdvisoryResult):
    """The fitted model, experts and applications by code; ``prior`` says which model it was."""

    prior: Prior
    seed: int
    draws: int
    fit: Fit
    components: int
    experts: tuple[ExpertSeverity, ...]
    applications: tuple[ApplicationEffect, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data, as the format of the ``calibrate`` command names it."""
        return {
            "prior": self.prior,
            "seed": self.seed,
            "draws": self.draws,
            "mu": self.fit.mu,
            "var_application": self.fit.var_application,
            "var_expert": self.fit.var_expert,
            "var_residual": self.fit.var_residual,
            "reml_criterion": self.fit.criterion,
            "components": self.components,
            "experts": [row.to_json() for row in self.experts],
            "applications": [row.to_json() for row in self.applications],
            "steps": [one.to_json() for one in self.steps],
            "rules_hash": self.rules_hash,
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }


def calibrate(
    rules: Rules,
    marks: Sequence[Mark],
    applications: Sequence[Application] | None = None,
    *,
    seed: int = 1,
    draws: int = 4000,
    prior: Prior = "reml",
    top: int | None = None,
) -> Calibration:
    """Separate the worth of applications from the severity of experts, and say how sure the places are.

    Parameters
    ----------
    rules : Rules
        Values are the experts' totals in the unit of the rules; with one counted criterion, its marks.
    marks : sequence of Mark
    applications : sequence of Application, optional
        With lots and sums the chance of an award is computed by the rule itself.
    seed, draws : int
        Of the posterior draws.
    prior : {"reml", "snsf"}
        ``snsf`` fixes the standard deviation of an expert's bias at a tenth of the scale.
    top : int, optional
        Rank up to which ``p_top`` counts; None leaves it out.

    Returns
    -------
    Calibration
        Severity and effects in points; ranks with 1 as the best.

    Raises
    ------
    MarkError, ApplicationError
        Input that the rules do not allow, or too few marks for any estimate.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> points = {"A": "465", "B": "587", "C": "698", "D": "243"}
    >>> marks = [Mark(a, e, "c", x) for a, row in points.items() for e, x in zip("EFG", row)]
    >>> found = calibrate(rules, marks, draws=100)
    >>> [(row.expert, row.severity < 0) for row in found.experts]
    [('E', True), ('F', False), ('G', False)]
    """
    table = tabulate_marks(rules, marks, applications)
    ratings, scale = expert_ratings(rules, table)
    fit = fit_effects(ratings, SNSF_SHARE * scale if prior == "snsf" else None)
    count, component = _components(ratings)
    given = None if applications is None else _asking(rules, table, set(ratings.applications))
    rows = chances(rules, ratings, fit, given, seed=seed, draws=draws, top=top)
    stamp = digest([input_hash(rules, table, marks), seed, draws, prior, top])
    return Calibration(
        prior=prior,
        seed=seed,
        draws=draws,
        fit=fit,
        components=count,
        experts=_experts(rules, ratings, fit, component, scale),
        applications=_applications(ratings, fit, rows),
        steps=(step("calibrated", len(ratings.value), prior=prior, draws=draws, seed=seed),),
        rules_hash=rules.digest,
        input_hash=stamp,
    )


def _asking(rules: Rules, table: MarkTable, rated: set[str]) -> list[Application]:
    """Rated applications by code; one without a claim to money for another reason than its total asks for nothing."""
    without_marks = replace(rules, pass_mark=None, lots=tuple(replace(lot, pass_mark=None) for lot in rules.lots))
    found = []
    for total in aggregate(rules, table):
        if total.application.code in rated:
            barred = total.total is None or status_of(without_marks, total)[0] != Status.RANKED
            asked = 0 if barred and total.application.requested_kop is not None else total.application.requested_kop
            found.append(replace(total.application, requested_kop=asked))
    return found


def _components(ratings: Ratings) -> tuple[int, list[int]]:
    """Number of components of the graph of experts and applications, and the index of each expert's."""
    n, m = len(ratings.applications), len(ratings.experts)
    edges = csr_array((np.ones(len(ratings.item)), (ratings.item, n + ratings.judge)), shape=(n + m, n + m))
    count, labels = connected_components(edges, directed=False)
    return int(count), [int(label) for label in labels[n:]]


def _shared(ratings: Ratings, component: list[int]) -> dict[int, int]:
    """Applications with at least two experts, by component."""
    sizes = np.bincount(ratings.item, minlength=len(ratings.applications))
    home = {int(item): component[judge] for item, judge in zip(ratings.item, ratings.judge, strict=True)}
    found: dict[int, int] = dict.fromkeys(component, 0)
    for item, label in home.items():
        found[label] += int(sizes[item] >= 2)
    return found


def _experts(
    rules: Rules, ratings: Ratings, fit: Fit, component: list[int], scale: float
) -> tuple[ExpertSeverity, ...]:
    counts = np.bincount(ratings.judge, minlength=len(ratings.experts))
    shared = _shared(ratings, component)
    found = []
    for index, expert in enumerate(ratings.experts):
        n, label = int(counts[index]), component[index]
        if shared[label] < LEAST_SHARED:
            why = "the experts of this part share fewer than two applications: severity and worth cannot be told apart"
            found.append(ExpertSeverity(expert, n, None, None, None, label, "not_identifiable", why))
            continue
        severity, reach = float(fit.severity[index]), _NINETY * float(fit.severity_sd[index])
        flag, why_not = _flag(rules, n, severity, reach, scale)
        low, high = severity - reach, severity + reach
        found.append(ExpertSeverity(expert, n, severity, low, high, label, flag, why_not))
    return tuple(found)


def _flag(rules: Rules, n: int, severity: float, reach: float, scale: float) -> tuple[Flag | None, str | None]:
    if n < FEWEST_MARKS:
        return "too_few", f"{n} applications are too few to judge an expert by"
    if abs(severity) <= FLAGGED_SHARE * scale or abs(severity) <= reach:
        return None, None
    kind: Flag = "generous" if (severity > 0) == (rules.direction == "higher") else "harsh"
    return kind, f"more than {FLAGGED_SHARE:.0%} of the scale from the others, with 90 % certainty off zero"


def _applications(ratings: Ratings, fit: Fit, rows: Sequence[Chances]) -> tuple[ApplicationEffect, ...]:
    many = len(ratings.applications)
    counts = np.bincount(ratings.item, minlength=many)
    means = np.bincount(ratings.item, weights=ratings.value, minlength=many) / counts
    sd = fit.effect_sd()
    return tuple(
        ApplicationEffect(
            application=code,
            n=int(counts[index]),
            mean=float(means[index]),
            effect=float(fit.effect[index]),
            adjusted=fit.mu + float(fit.effect[index]),
            sd=float(sd[index]),
            reliability=1 - float(sd[index]) ** 2 / fit.var_application if fit.var_application > 0 else None,
            chances=rows[index],
        )
        for index, code in enumerate(ratings.applications)
    )
