"""From the ranked list to awards inside the fund of each lot, with a trace of every step.

All lots are walked at once from place 1 downwards (equal places: the better score first), so that a cap per applicant
does not depend on the order in which the lots are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scoring.digest import digest
from scoring.errors import ApplicationError, RankingError
from scoring.explain import Step, step
from scoring.marks import check_sums
from scoring.ranking import OfficialResult, Ranking, RankingRow, Status
from scoring.rules import Rules
from scoring.walk import Candidate, LotBalance, Outcome, Walk

__all__ = ["Allocation", "Award", "Candidate", "LotBalance", "Outcome", "allocate", "candidate_of", "release"]


ON_RESERVE = (Outcome.RESERVE, Outcome.NOT_FITTING, Outcome.TIE_AT_CUT)
"""Eligible and unfunded: the reserve list, whether the walk reached them or not."""


@dataclass(frozen=True, slots=True)
class Award:
    """The decision about one application; ``amount_kop`` is 0 unless it is funded, partial or pooled."""

    application: str
    lot: str
    place: int | None
    amount_kop: int
    outcome: Outcome

    def to_json(self) -> dict[str, object]:
        """Plain data of the award."""
        return {
            "application": self.application,
            "lot": self.lot,
            "place": self.place,
            "amount_kop": self.amount_kop,
            "outcome": self.outcome.value,
        }


@dataclass(frozen=True, kw_only=True)
class Allocation(OfficialResult):
    """Awards, balances and the trace; ``pool`` is None where the rules pool nothing."""

    awards: tuple[Award, ...]
    lots: tuple[LotBalance, ...]
    pool: LotBalance | None
    trace: tuple[Step, ...]
    draw_seed: str | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The trace, under the name that every result uses."""
        return self.trace

    @property
    def reserve(self) -> tuple[Award, ...]:
        """Eligible unfunded applications, by lot and place."""
        return tuple(award for award in self.awards if award.outcome in ON_RESERVE)

    def award(self, application: str) -> Award:
        """Find the award of an application; raises KeyError where it is not listed."""
        for award in self.awards:
            if award.application == application:
                return award
        raise KeyError(application)

    def to_json(self) -> dict[str, object]:
        """Plain data of the whole allocation."""
        found: dict[str, object] = {
            "awards": [award.to_json() for award in self.awards],
            "lots": [lot.to_json() for lot in self.lots],
            "trace": [one.to_json() for one in self.trace],
            "draw_seed": self.draw_seed,
            "rules_hash": self.rules_hash,
            "input_hash": self.input_hash,
            "engine_version": self.engine_version,
        }
        if self.pool is not None:
            found["pool"] = {key: value for key, value in self.pool.to_json().items() if key != "code"}
        return found


def candidate_of(row: RankingRow) -> Candidate:
    """Take the line of a ranking into the walk.

    Raises
    ------
    ApplicationError
        The application has no requested sum.
    """
    if row.requested_kop is None:
        raise ApplicationError(f"{row.application} has no requested sum", column="requested_kop")
    return Candidate(
        application=row.application,
        lot=row.lot,
        place=row.place,
        score=row.score_exact,
        requested_kop=row.requested_kop,
        smallest_kop=row.smallest_kop,
        applicant=row.applicant,
        status=row.status.value,
    )


def allocate(
    rules: Rules, ranking_rows: Ranking | Iterable[RankingRow | Candidate], draw_seed: str | None = None
) -> Allocation:
    """Award money along the ranked list by the rule of the competition.

    Parameters
    ----------
    rules : Rules
        At least one lot.
    ranking_rows : Ranking or iterable of RankingRow or Candidate
        In any order; they are walked by ``place`` inside their lot.
    draw_seed : str, optional
        Announced beforehand; orders equal places at the cut by SHA-256 of seed and code.

    Returns
    -------
    Allocation

    Raises
    ------
    RankingError
        No lot, an application twice, a ranked one without place or score.
    ApplicationError
        An unknown lot, a request outside the lot's bounds.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from fractions import Fraction
    >>> from scoring.rules import AllocationRule, Criterion, Lot
    >>> rules = Rules(
    ...     criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),),
    ...     allocation=AllocationRule("marginal"), lots=(Lot("L", 100),),
    ... )
    >>> listed = [Candidate("A", "L", 1, Fraction(90), 50), Candidate("B", "L", 2, Fraction(80), 60)]
    >>> [(award.application, award.amount_kop, award.outcome.value) for award in allocate(rules, listed).awards]
    [('A', 50, 'funded'), ('B', 50, 'partial')]
    """
    candidates = [row if isinstance(row, Candidate) else candidate_of(row) for row in ranking_rows]
    _check_candidates(rules, candidates)
    walk = Walk(rules, candidates, draw_seed)
    walk.run()
    return _result(rules, candidates, walk)


def release(
    rules: Rules,
    ranking_rows: Ranking | Iterable[RankingRow | Candidate],
    allocation: Allocation,
    *,
    lot: str,
    amount_kop: int,
    draw_seed: str | None = None,
) -> Allocation:
    """Give money that came back to a lot to its reserve list, by the same rule.

    Parameters
    ----------
    rules, ranking_rows
        As they were given to :func:`allocate`.
    allocation : Allocation
        The decision before; its awards count against the cap per applicant.
    lot : str
    amount_kop : int
        What has been released.
    draw_seed : str, optional

    Returns
    -------
    Allocation
        Of the applications of that lot that stood on the reserve list, with the amount as the fund.

    Raises
    ------
    RankingError
        Unknown lot or a negative amount.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from fractions import Fraction
    >>> from scoring.rules import AllocationRule, Criterion, Lot
    >>> rules = Rules(
    ...     criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),),
    ...     allocation=AllocationRule("stop"), lots=(Lot("L", 100),),
    ... )
    >>> listed = [Candidate("A", "L", 1, Fraction(90), 50), Candidate("B", "L", 2, Fraction(80), 60)]
    >>> release(rules, listed, allocate(rules, listed), lot="L", amount_kop=60).award("B").amount_kop
    60
    """
    if rules.lot(lot) is None or amount_kop < 0:
        raise RankingError(f"nothing can be released to lot {lot!r}: unknown lot or negative amount")
    candidates = [row if isinstance(row, Candidate) else candidate_of(row) for row in ranking_rows]
    waiting = {award.application for award in allocation.reserve if award.lot == lot}
    reserve = [candidate for candidate in candidates if candidate.application in waiting]
    owners = {candidate.application: candidate.owner for candidate in candidates}
    held: dict[tuple[str, str], int] = {}
    for award in allocation.awards:
        held[owners[award.application]] = held.get(owners[award.application], 0) + award.amount_kop
    narrowed = replace(
        rules,
        lots=tuple(replace(one, fund_kop=amount_kop) for one in rules.lots if one.code == lot),
        allocation=replace(rules.allocation, pool_leftover=False, pool_without_lots=()),
    )
    walk = Walk(narrowed, reserve, draw_seed, held)
    walk.note(lot, step("released", amount_kop=amount_kop, lot=lot))
    walk.run()
    return _result(rules, reserve, walk)


def _check_candidates(rules: Rules, candidates: Sequence[Candidate]) -> None:
    if not rules.lots:
        raise RankingError("the rules need at least one lot with its fund")
    seen: set[str] = set()
    for index, candidate in enumerate(candidates):
        if candidate.application in seen:
            told = f"application {candidate.application!r} stands twice"
            raise RankingError(told, column="application", index=index)
        seen.add(candidate.application)
        if candidate.lot == "":
            raise ApplicationError("the rules have lots, this application names none", column="lot", index=index)
        check_sums(rules, candidate.lot, candidate.requested_kop, candidate.smallest_kop, index=index)
        if candidate.status != Status.RANKED:
            continue
        if candidate.place is None or candidate.place < 1:
            raise RankingError("a ranked application needs a place from 1", column="place", index=index)
        if candidate.score is None:
            raise RankingError("a ranked application needs a score", column="score", index=index)


def _result(rules: Rules, candidates: Sequence[Candidate], walk: Walk) -> Allocation:
    ordered = sorted(candidates, key=lambda one: (one.lot, one.place is None, one.place or 0, one.application))
    return Allocation(
        awards=tuple(Award(one.application, one.lot, one.place, *walk.awards[one.application]) for one in ordered),
        lots=walk.balances(),
        pool=walk.pool,
        trace=walk.trace(),
        draw_seed=walk.draw_seed,
        rules_hash=rules.digest,
        input_hash=digest([rules.to_json(), [_candidate_json(one) for one in ordered], walk.draw_seed]),
    )


def _candidate_json(one: Candidate) -> dict[str, object]:
    return {
        "application": one.application,
        "lot": one.lot,
        "place": one.place,
        "score": None if one.score is None else str(one.score),
        "requested_kop": one.requested_kop,
        "smallest_kop": one.smallest_kop,
        "applicant": one.applicant,
        "status": one.status,
    }
