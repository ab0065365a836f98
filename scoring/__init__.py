"""The scoring engine: arithmetic that turns experts' marks into places and places into money, and says how.

Two layers, never mixed. The **official** layer (this module's names) computes the published formula in exact
fractions with the standard library alone. The **advisory** modules (``agreement``, ``assignment`` …) use numpy
and scipy, must be imported by name, and return :class:`~scoring.advisory.AdvisoryResult`, which no official function
accepts.

How to use it
-------------
Rules are data. :meth:`Rules.from_json` reads the parsed ``rules.json`` strictly and :meth:`Rules.to_json` writes it
back; an application may as well construct ``Rules(criteria=(Criterion(…),), lots=(Lot(…),))`` from its own tables.

>>> from decimal import Decimal
>>> rules = Rules(
...     criteria=(
...         Criterion("results", "Results", Decimal(0), Decimal(10), Decimal(1), Decimal(60)),
...         Criterion("budget", "Budget", Decimal(0), Decimal(10), Decimal(1), Decimal(40), pass_mark=Decimal(4)),
...     ),
...     lots=(Lot("small", fund_kop=100_000),),
...     allocation=AllocationRule("stop"),
...     pass_mark=Decimal(60),
... )
>>> applications = [Application("A", "small", 70_000), Application("B", "small", 40_000)]
>>> marks = [
...     Mark("A", "E1", "results", "9"), Mark("A", "E1", "budget", "8"),
...     Mark("A", "E2", "results", "7"), Mark("A", "E2", "budget", "8"),
...     Mark("B", "E1", "results", "8"), Mark("B", "E1", "budget", "6"),
...     Mark("B", "E2", "results", "8"), Mark("B", "E2", "budget", "6"),
...     Mark("B", "E3", "results", None, "recused"), Mark("B", "E3", "budget", None, "recused"),
... ]

``rank`` compares totals after the rounding stages and breaks ties by the chain of the rules; every row says its place,
what separated it, the criteria, the experts' totals and the steps.

>>> ranking = rank(rules, applications, marks)
>>> [(row.application, row.place, row.score, row.status.value) for row in ranking.rows]
[('A', 1, '80.00', 'ranked'), ('B', 2, '72.00', 'ranked')]
>>> explain(ranking.row("B").steps)[0]["text"]
'Expert E1 in all: 60 × 8 / 10 + 40 × 6 / 10 = 72.'

``allocate`` walks the list inside each lot; ``release`` gives money that came back to the reserve by the same rule.

>>> allocation = allocate(rules, ranking)
>>> [(award.application, award.amount_kop, award.outcome.value) for award in allocation.awards]
[('A', 70000, 'funded'), ('B', 0, 'not_fitting')]
>>> release(rules, ranking, allocation, lot="small", amount_kop=45_000).award("B").amount_kop
40000

``make_bundle`` is what is published; ``verify_bundle`` recomputes it and returns a list of checks.

>>> bundle = make_bundle(rules, applications, marks)
>>> all(check.passed for check in verify_bundle(bundle))
True

Facts worth knowing
-------------------
* ``Mark.points`` is decimal text (``"7.5"``) or None; ``Mark.state`` is one of :class:`MarkState` or empty (scored
  where points are given, else pending). Missing is never 0.
* Sums are whole kopiykas, shares basis points. ``Application.columns`` holds all further columns as text:
  ``fixed_points``, ``applicant``, ``submitted_at``, ``own_share_bp``, ``total_cost_kop``, and whatever the tie chain
  names.
* A criterion that a lot's ``criteria_weights`` do not name has no part in that lot.
* ``allocate`` takes a :class:`Ranking`, its rows, or :class:`Candidate` lines from elsewhere (a commission's list).
* ``Allocation.reserve`` lists the eligible unfunded ones by lot and place; ``trace`` tells each step of the walk.
* Every result carries ``rules_hash``, ``input_hash`` and ``engine_version`` and has ``to_json()`` (plain data).
* Whatever cannot be ranked or awarded raises a :class:`ScoringError` with ``message``, ``column`` and ``index``.
"""

from scoring.allocation import Allocation, Award, Candidate, LotBalance, Outcome, allocate, release
from scoring.bundle import Check, make_bundle, verify_bundle
from scoring.digest import ENGINE_VERSION
from scoring.errors import (
    ApplicationError,
    BundleError,
    MarkError,
    RankingError,
    RulesError,
    ScoringError,
)
from scoring.explain import TEXTS, Step, explain, sentence
from scoring.marks import Application, Mark, MarkState
from scoring.ranking import OfficialResult, Ranking, RankingRow, Status, rank
from scoring.rules import AllocationRule, Band, Criterion, Lot, RoundingStage, Rules, TieBreak

__version__ = ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "TEXTS",
    "Allocation",
    "AllocationRule",
    "Application",
    "ApplicationError",
    "Award",
    "Band",
    "BundleError",
    "Candidate",
    "Check",
    "Criterion",
    "Lot",
    "LotBalance",
    "Mark",
    "MarkError",
    "MarkState",
    "OfficialResult",
    "Outcome",
    "Ranking",
    "RankingError",
    "RankingRow",
    "RoundingStage",
    "Rules",
    "RulesError",
    "ScoringError",
    "Status",
    "Step",
    "TieBreak",
    "allocate",
    "explain",
    "make_bundle",
    "rank",
    "release",
    "sentence",
    "verify_bundle",
]
