"""An assignment as a problem in numbers: who may, who must, how many; contradictions are refused by their line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.errors import PairError, TermsError
from scoring.pairs import ApplicationTerms, ExpertTerms, Pair

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
EXPERTS: Final = "experts"
APPLICATIONS: Final = "applications"


class Need(NamedTuple):
    """At least so many experts of a set for one application.

    ``members`` are the allowed experts by index; ``name`` is the profile, empty for the previous experts.
    """

    kind: Literal["profile", "previous"]
    application: int
    name: str
    members: tuple[int, ...]
    least: int


@dataclass(frozen=True)
class Problem:
    """Who may be chosen for whom.

    Attributes
    ----------
    applications, experts : tuple of str
        Codes in order; they name the axes.
    affinity : ndarray of float, axes (application, expert)
    allowed : ndarray of bool, axes (application, expert)
        False for a conflict.
    fixed : ndarray of bool, axes (application, expert)
        True where the pair must be in the answer.
    demand : ndarray of int, axis (application,)
    min_load, max_load : ndarray of int, axis (expert,)
    together : tuple of tuple of int
        Groups of experts of whom an application gets at most one.
    needs : tuple of Need
    previous : ndarray of bool, axes (application, expert)
        Who has scored the application before.
    """

    applications: tuple[str, ...]
    experts: tuple[str, ...]
    affinity: Floats
    allowed: Flags
    fixed: Flags
    demand: Whole
    min_load: Whole
    max_load: Whole
    together: tuple[tuple[int, ...], ...]
    needs: tuple[Need, ...]
    previous: Flags

    @property
    def has_sides(self) -> bool:
        """Whether there are rows beside demand and loads, which break the structure that makes answers whole."""
        return bool(self.together or self.needs)

    def keeps_row(self, row: int, chosen: Flags) -> bool:
        """Check organisations, profiles and previous experts of one application; axis (expert,)."""
        return all(chosen[list(group)].sum() <= 1 for group in self.together) and all(
            chosen[list(need.members)].sum() >= need.least for need in self.needs if need.application == row
        )

    def keeps_all(self, chosen: Flags) -> bool:
        """Check a choice against every constraint, in whole numbers."""
        loads = chosen.sum(axis=0)
        return bool(
            (chosen.sum(axis=1) == self.demand).all()
            and (loads >= self.min_load).all()
            and (loads <= self.max_load).all()
            and not (chosen & ~self.allowed).any()
            and not (self.fixed & ~chosen).any()
            and (not self.has_sides or all(self.keeps_row(row, one) for row, one in enumerate(chosen)))
        )

    def served(self, chosen: Flags) -> Floats:
        """Affinity that each application gets, axis (application,)."""
        return np.asarray(np.where(chosen, self.affinity, 0.0).sum(axis=1))


class _Codes:
    """The axes of the problem: every code that any of the three lists names, in order."""

    def __init__(
        self, pairs: Sequence[Pair], experts: Sequence[ExpertTerms], applications: Sequence[ApplicationTerms]
    ) -> None:
        self.experts = tuple(sorted({pair.expert for pair in pairs} | {one.expert for one in experts}))
        self.applications = tuple(
            sorted({pair.application for pair in pairs} | {one.application for one in applications})
        )
        if not self.experts or not self.applications:
            raise PairError("there are no experts or no applications")
        self.row = {code: index for index, code in enumerate(self.applications)}
        self.column = {code: index for index, code in enumerate(self.experts)}
        self.shape = len(self.applications), len(self.experts)


def problem_of(
    pairs: Sequence[Pair],
    experts: Sequence[ExpertTerms],
    applications: Sequence[ApplicationTerms],
    *,
    demand: int,
    loads: tuple[int, int],
) -> Problem:
    """Put the lists together.

    Parameters
    ----------
    pairs, experts, applications : sequences
        Any order; a code that only one of them names takes part with the common numbers.
    demand : int
        Experts per application that names no number of its own.
    loads : (int, int)
        Least and most applications per expert who names none of his own.

    Raises
    ------
    PairError, TermsError
        A line twice, an empty code, a contradiction; ``index`` is the line's position in its list.
    """
    codes = _Codes(pairs, experts, applications)
    affinity, allowed, fixed = _of_pairs(codes, pairs)
    least, most, together, profiles = _of_experts(codes, experts, loads)
    wanted, needs, previous = _of_applications(codes, applications, demand, allowed=allowed, profiles=profiles)
    together_of = {column: group for group in together for column in group}
    found = Problem(
        applications=codes.applications,
        experts=codes.experts,
        affinity=affinity,
        allowed=allowed,
        fixed=fixed,
        demand=wanted,
        min_load=least,
        max_load=most,
        together=together,
        needs=tuple(_reachable(need, together_of, int(wanted[need.application])) for need in needs),
        previous=previous,
    )
    _check_fixed(found, codes, pairs, together_of)
    return found


def _of_pairs(codes: _Codes, pairs: Sequence[Pair]) -> tuple[Floats, Flags, Flags]:
    affinity = np.zeros(codes.shape)
    allowed = np.ones(codes.shape, dtype=np.bool_)
    fixed = np.zeros(codes.shape, dtype=np.bool_)
    seen: set[tuple[str, str]] = set()
    for index, pair in enumerate(pairs):
        if not pair.expert or not pair.application:
            missing = "application" if pair.expert else "expert"
            raise PairError("must not be empty", column=missing, index=index)
        if (pair.expert, pair.application) in seen:
            raise PairError(f"a second line of {pair.expert}, {pair.application}", column="expert", index=index)
        if pair.conflict and pair.fixed:
            told = f"{pair.expert}, {pair.application}: a pair in conflict cannot be fixed"
            raise PairError(told, column="fixed", index=index)
        seen.add((pair.expert, pair.application))
        cell = codes.row[pair.application], codes.column[pair.expert]
        allowed[cell] = not pair.conflict
        fixed[cell] = pair.fixed
        affinity[cell] = 0.0 if pair.conflict else pair.affinity
    return affinity, allowed, fixed


def _of_experts(
    codes: _Codes, experts: Sequence[ExpertTerms], loads: tuple[int, int]
) -> tuple[Whole, Whole, tuple[tuple[int, ...], ...], dict[str, list[int]]]:
    """Least and most loads, groups of one organisation, and experts by profile."""
    least = np.full(codes.shape[1], loads[0], dtype=np.int64)
    most = np.full(codes.shape[1], loads[1], dtype=np.int64)
    groups: dict[str, list[int]] = {}
    profiles: dict[str, list[int]] = {}
    seen: set[str] = set()
    for index, terms in enumerate(experts):
        _once(terms.expert, seen, EXPERTS, "expert", index)
        column = codes.column[terms.expert]
        most[column] = loads[1] if terms.max_load is None else terms.max_load
        least[column] = min(loads[0], int(most[column])) if terms.min_load is None else terms.min_load
        if most[column] < 0 or not 0 <= least[column] <= most[column]:
            told = f"{terms.expert}: loads from {least[column]} to {most[column]} are no loads"
            raise TermsError(told, of=EXPERTS, column="max_load", index=index)
        if terms.organisation:
            groups.setdefault(terms.organisation, []).append(column)
        for profile in sorted(set(terms.profiles)):
            profiles.setdefault(profile, []).append(column)
    together = sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)
    return least, most, tuple(together), {name: sorted(columns) for name, columns in profiles.items()}


def _of_applications(
    codes: _Codes,
    applications: Sequence[ApplicationTerms],
    demand: int,
    *,
    allowed: Flags,
    profiles: dict[str, list[int]],
) -> tuple[Whole, list[Need], Flags]:
    """Demand, needs in order of the applications' codes, and the previous experts."""
    wanted = np.full(codes.shape[0], demand, dtype=np.int64)
    previous = np.zeros(codes.shape, dtype=np.bool_)
    needs: list[Need] = []
    seen: set[str] = set()
    for index, terms in enumerate(applications):
        _once(terms.application, seen, APPLICATIONS, "application", index)
        row = codes.row[terms.application]
        wanted[row] = demand if terms.demand is None else terms.demand
        if wanted[row] < 1 or terms.keep < 0:
            column, number = ("demand", wanted[row]) if wanted[row] < 1 else ("keep", terms.keep)
            told = f"{terms.application}: {number} is no number of experts"
            raise TermsError(told, of=APPLICATIONS, column=column, index=index)
        for profile in sorted(set(terms.profiles)):
            members = tuple(column for column in profiles.get(profile, ()) if allowed[row, column])
            needs.append(Need("profile", row, profile, members, 1))
        before = sorted(codes.column[code] for code in set(terms.previous) if code in codes.column)
        previous[row, before] = True
        members = tuple(column for column in before if allowed[row, column])
        if members and terms.keep:
            needs.append(Need("previous", row, "", members, terms.keep))
    return wanted, sorted(needs, key=lambda need: (need.application, need.kind, need.name)), previous


def _once(code: str, seen: set[str], of: str, column: str, index: int) -> None:
    if not code:
        raise TermsError("must not be empty", of=of, column=column, index=index)
    if code in seen:
        raise TermsError(f"a second line of {code}", of=of, column=column, index=index)
    seen.add(code)


def _reachable(need: Need, together_of: dict[int, tuple[int, ...]], demand: int) -> Need:
    """Cap what is kept by the demand and by those who may be chosen together."""
    if need.kind == "profile":
        return need
    houses = {together_of.get(column, (column,)) for column in need.members}
    return need._replace(least=min(need.least, demand, len(houses)))


def _check_fixed(
    problem: Problem, codes: _Codes, pairs: Sequence[Pair], together_of: dict[int, tuple[int, ...]]
) -> None:
    """Refuse fixed pairs that no assignment can hold, by the line that is one too many."""
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    houses: set[tuple[int, tuple[int, ...]]] = set()
    for index, pair in enumerate(pairs):
        if not pair.fixed:
            continue
        row, column = codes.row[pair.application], codes.column[pair.expert]
        rows[row] = rows.get(row, 0) + 1
        columns[column] = columns.get(column, 0) + 1
        house = row, together_of.get(column, (column,))
        if rows[row] > problem.demand[row]:
            told = f"{pair.application} asks for {problem.demand[row]} experts and has {rows[row]} fixed ones"
        elif columns[column] > problem.max_load[column]:
            told = f"{pair.expert} may have {problem.max_load[column]} applications and has {columns[column]} fixed"
        elif house in houses:
            told = f"{pair.application} has two fixed experts of one organisation, {pair.expert} is the second"
        else:
            houses.add(house)
            continue
        raise PairError(told, column="fixed", index=index)
