"""Marks and applications as they enter the official arithmetic, checked against the rules.

A missing mark is missing: it has a state and no points, and it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from scoring.errors import ApplicationError, MarkError
from scoring.rounding import is_decimal, parse_decimal
from scoring.rules import Rules


class MarkState(StrEnum):
    """What became of a mark; only ``scored`` enters any number."""

    SCORED = "scored"
    RECUSED = "recused"
    ABSENT = "absent"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"


STATES: Final = frozenset(state.value for state in MarkState)


class Mark(NamedTuple):
    """One expert's mark of one application on one criterion.

    ``points`` is decimal text or None; ``state`` is a word of :class:`MarkState`, an empty one means scored where
    points are given and pending otherwise; ``columns`` keeps further cells of the table for publication.

    >>> Mark("A-1", "E-1", "results", "7.5").points
    '7.5'
    """

    application: str
    expert: str
    criterion: str
    points: str | None
    state: str = ""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Application:
    """One bid as the ranking sees it: its lot, its sums in kopiykas and the published columns.

    ``columns`` holds every further column as text, among them ``fixed_points`` (decimal, may be negative),
    ``applicant``, ``submitted_at``, ``total_cost_kop``, ``own_share_bp`` and any column of the tie chain.

    >>> Application("A-1", "small", 4_000_000, columns={"own_share_bp": "2500"}).cell("own_share_bp")
    '2500'
    """

    code: str
    lot: str = ""
    requested_kop: int | None = None
    smallest_kop: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def applicant(self) -> str:
        """Name or code of the applicant, empty where unknown."""
        return self.columns.get("applicant", "")

    @property
    def fixed_points(self) -> Fraction:
        """Published bonus or deduction, 0 where there is none.

        Raises
        ------
        ApplicationError
            The column holds something that is no decimal number.
        """
        text = self.columns.get("fixed_points", "")
        if not text:
            return Fraction(0)
        if not is_decimal(text):
            raise ApplicationError(f"{self.code}: '{text[:40]}' is not a decimal number", column="fixed_points")
        return Fraction(parse_decimal(text))

    def cell(self, column: str) -> str:
        """Text of any column by its name in the table, empty where missing."""
        if column == "application":
            return self.code
        if column == "lot":
            return self.lot
        if column in ("requested_kop", "smallest_kop"):
            value = self.requested_kop if column == "requested_kop" else self.smallest_kop
            return "" if value is None else str(value)
        return self.columns.get(column, "")


Points = dict[str, dict[str, dict[str, str | None]]]


@dataclass(frozen=True)
class MarkTable:
    """Checked marks of a competition.

    Attributes
    ----------
    points : dict application -> expert -> criterion -> str or None
        Decimal text of a scored mark, None for a mark in any other state.
    values : dict criterion -> str -> Fraction
        The exact value of every text that occurs.
    applications : tuple of Application
        Sorted by code; made from the marks where none were handed over.
    """

    points: Points
    values: dict[str, dict[str, Fraction]]
    applications: tuple[Application, ...]


def tabulate_marks(rules: Rules, marks: Iterable[Mark], applications: Sequence[Application] | None = None) -> MarkTable:
    """Check marks and applications against the rules and arrange them by application and expert.

    Parameters
    ----------
    rules : Rules
        Criteria with their scales.
    marks : iterable of Mark
        In any order.
    applications : sequence of Application, optional
        Where given, a mark of any other application is refused.

    Raises
    ------
    MarkError
        Unknown criterion, application or state; points off the scale or off the step; points beside a state other
        than scored; the same (application, expert, criterion) twice. ``index`` is the position of the mark.
    ApplicationError
        An application twice, an unknown lot, sums outside the lot's bounds.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> tabulate_marks(rules, [Mark("A", "E", "c", "7"), Mark("A", "F", "c", None, "recused")]).points
    {'A': {'E': {'c': '7'}, 'F': {'c': None}}}
    """
    listed = None if applications is None else _checked(rules, applications)
    values: dict[str, dict[str, Fraction]] = {criterion.code: {} for criterion in rules.criteria}
    known = None if applications is None else {application.code for application in applications}
    points: Points = {}
    for index, mark in enumerate(marks):
        if known is not None and mark.application not in known:
            raise MarkError(f"unknown application {mark.application!r}", column="application", index=index)
        of_expert = points.setdefault(mark.application, {}).setdefault(mark.expert, {})
        if mark.criterion in of_expert:
            told = f"{mark.application}, {mark.expert}, {mark.criterion}"
            raise MarkError(f"a second mark of {told}", column="application", index=index)
        scored = _is_scored(mark, index)
        of_expert[mark.criterion] = mark.points if scored else None
        if mark.criterion not in values:
            raise MarkError(f"unknown criterion {mark.criterion!r}", column="criterion", index=index)
        if scored and mark.points not in values[mark.criterion]:
            values[mark.criterion][mark.points or ""] = _checked_points(rules, mark, index)
    return MarkTable(points=points, values=values, applications=_from_marks(points) if listed is None else listed)


def _is_scored(mark: Mark, index: int) -> bool:
    state = mark.state
    if state == "scored" or (not state and mark.points):
        if not mark.points:
            raise MarkError("a scored mark needs points", column="points", index=index)
        if not mark.application or not mark.expert:
            column = "expert" if mark.application else "application"
            raise MarkError("must not be empty", column=column, index=index)
        return True
    if state and state not in STATES:
        raise MarkError(f"unknown state {state!r}", column="state", index=index)
    if mark.points:
        raise MarkError(f"points beside the state {state!r}", column="points", index=index)
    if not mark.application or not mark.expert:
        raise MarkError("must not be empty", column="expert" if mark.application else "application", index=index)
    return False


def _checked_points(rules: Rules, mark: Mark, index: int) -> Fraction:
    text = mark.points or ""
    if not is_decimal(text):
        raise MarkError(f"{text[:40]!r} is not a decimal number", column="points", index=index)
    value = Fraction(parse_decimal(text))
    criterion = next(criterion for criterion in rules.criteria if criterion.code == mark.criterion)
    if not criterion.is_on_scale(value):
        scale = f"{criterion.min} to {criterion.max}"
        raise MarkError(f"{text} is off the scale {scale} of {criterion.code!r}", column="points", index=index)
    if not criterion.allows(value):
        raise MarkError(f"{text} is off the step {criterion.step} of {criterion.code!r}", column="points", index=index)
    return value


def _from_marks(points: Points) -> tuple[Application, ...]:
    return tuple(Application(code) for code in sorted(points))


def _checked(rules: Rules, applications: Sequence[Application]) -> tuple[Application, ...]:
    seen: set[str] = set()
    for index, application in enumerate(applications):
        if not application.code or application.code in seen:
            what = f"application {application.code!r} stands twice" if application.code else "must not be empty"
            raise ApplicationError(what, column="application", index=index)
        seen.add(application.code)
        check_sums(rules, application.lot, application.requested_kop, application.smallest_kop, index=index)
    return tuple(sorted(applications, key=lambda application: application.code))


def check_sums(
    rules: Rules, lot_code: str, requested_kop: int | None, smallest_kop: int | None, *, index: int | None = None
) -> None:
    """Check that the lot exists and that the request keeps the lot's bounds.

    Raises
    ------
    ApplicationError
        With the column and ``index``.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion, Lot
    >>> rules = Rules(
    ...     criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),),
    ...     lots=(Lot("small", 100, maximum_kop=50),),
    ... )
    >>> check_sums(rules, "small", 51, None)
    Traceback (most recent call last):
    scoring.errors.ApplicationError: requested_kop: 51 is over the maximum 50 of lot 'small'
    """
    lot = rules.lot(lot_code)
    if lot is None and (rules.lots or lot_code):
        raise ApplicationError(f"unknown lot {lot_code!r}", column="lot", index=index)
    for column, value in (("requested_kop", requested_kop), ("smallest_kop", smallest_kop)):
        if value is not None and value < 0:
            raise ApplicationError("must not be negative", column=column, index=index)
    if lot is None or requested_kop is None:
        return
    if lot.minimum_kop is not None and requested_kop < lot.minimum_kop:
        told = f"{requested_kop} is under the minimum {lot.minimum_kop} of lot {lot.code!r}"
        raise ApplicationError(told, column="requested_kop", index=index)
    if lot.maximum_kop is not None and requested_kop > lot.maximum_kop:
        told = f"{requested_kop} is over the maximum {lot.maximum_kop} of lot {lot.code!r}"
        raise ApplicationError(told, column="requested_kop", index=index)
