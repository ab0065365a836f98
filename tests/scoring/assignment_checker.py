"""A second, plain look at assignments: every rule recomputed from the inputs, and every assignment of a small case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from scoring.assignment import Assignment
from scoring.pairs import ApplicationTerms, ExpertTerms, Pair

Group = tuple[str, ...]
Whole = dict[str, Group]


@dataclass(frozen=True)
class Inputs:
    """What `assign` was asked, with the rules of it written out once more."""

    pairs: Sequence[Pair]
    demand: int
    max_load: int
    min_load: int = 0
    experts: Sequence[ExpertTerms] = ()
    applications: Sequence[ApplicationTerms] = ()
    affinity: dict[tuple[str, str], float] = field(init=False)

    def __post_init__(self) -> None:
        worth = {(one.expert, one.application): one.affinity for one in self.pairs if not one.conflict}
        object.__setattr__(self, "affinity", worth)

    @property
    def people(self) -> list[str]:
        return sorted({one.expert for one in self.pairs} | {one.expert for one in self.experts})

    @property
    def codes(self) -> list[str]:
        return sorted({one.application for one in self.pairs} | {one.application for one in self.applications})

    def terms(self, code: str) -> ApplicationTerms:
        return next((one for one in self.applications if one.application == code), ApplicationTerms(code))

    def person(self, code: str) -> ExpertTerms:
        return next((one for one in self.experts if one.expert == code), ExpertTerms(code))

    def served(self, chosen: Whole) -> dict[str, float]:
        return {code: sum(self.affinity.get((expert, code), 0.0) for expert in chosen[code]) for code in self.codes}

    def kept_count(self, chosen: Whole) -> int:
        return sum(len(set(chosen[code]) & set(self.terms(code).previous)) for code in self.codes)

    def group_faults(self, code: str, group: Group) -> list[str]:
        """What is wrong with the experts of one application, whatever the others have."""
        terms, wrong = self.terms(code), []
        demand = self.demand if terms.demand is None else terms.demand
        if len(group) != demand or len(set(group)) != demand:
            wrong.append(f"{code} has {group}, asks for {demand}")
        conflicts = {one.expert for one in self.pairs if one.application == code and one.conflict}
        fixed = {one.expert for one in self.pairs if one.application == code and one.fixed}
        wrong += [f"conflict {expert}, {code}" for expert in group if expert in conflicts]
        wrong += [f"{code} lacks the fixed {expert}" for expert in sorted(fixed - set(group))]
        houses = [self.person(expert).organisation for expert in group if self.person(expert).organisation]
        if len(houses) != len(set(houses)):
            wrong.append(f"{code} has two of one organisation")
        for profile in terms.profiles:
            if not any(profile in self.person(expert).profiles for expert in group):
                wrong.append(f"{code} has nobody of {profile}")
        may = [expert for expert in terms.previous if expert in self.people and expert not in conflicts]
        apart = {self.person(expert).organisation or f"alone {expert}" for expert in may}
        if len(set(group) & set(may)) < min(terms.keep, demand, len(apart)):
            wrong.append(f"{code} keeps too few of {may}")
        return wrong

    def load_faults(self, chosen: Whole) -> list[str]:
        wrong = []
        for expert in self.people:
            person = self.person(expert)
            most = self.max_load if person.max_load is None else person.max_load
            least = min(self.min_load, most) if person.min_load is None else person.min_load
            load = sum(expert in group for group in chosen.values())
            if not least <= load <= most:
                wrong.append(f"{expert} has {load}, may have {least} to {most}")
        return wrong

    def everything(self) -> Iterator[Whole]:
        """Every assignment that keeps every rule."""
        choices = []
        for code in self.codes:
            own = self.terms(code).demand
            groups = combinations(self.people, self.demand if own is None else own)
            choices.append([group for group in groups if not self.group_faults(code, group)])
        for groups in product(*choices):
            chosen = dict(zip(self.codes, groups, strict=True))
            if not self.load_faults(chosen):
                yield chosen


def parts(chosen: Whole) -> int:
    """Parts of the graph in which two experts are joined who share two applications."""
    home = {expert: {expert} for group in chosen.values() for expert in group}
    for one, other in combinations(sorted(home), 2):
        shared = sum(one in group and other in group for group in chosen.values())
        if shared >= 2 and home[one] is not home[other]:
            home[one] |= home[other]
            for expert in home[other]:
                home[expert] = home[one]
    return len({id(group) for group in home.values()})


def faults(inputs: Inputs, found: Assignment) -> list[str]:
    """Everything that is wrong with an assignment and its certificate; nothing where all is well."""
    chosen = dict(found.assignment)
    if sorted(chosen) != inputs.codes:
        return ["not every application has its experts"]
    wrong = [fault for code, group in chosen.items() for fault in inputs.group_faults(code, group)]
    wrong += inputs.load_faults(chosen)
    served, told = inputs.served(chosen), found.certificate
    loads = [sum(expert in group for group in chosen.values()) for expert in inputs.people]
    facts = {
        "sum": (told.sum, round(sum(served.values()), 9)),
        "worst": (told.worst_affinity, round(min(served.values()), 9)),
        "worst application": (round(served[told.worst_application], 9), round(min(served.values()), 9)),
        "loads": ((told.load_min, told.load_max), (min(loads), max(loads))),
        "parts": ((told.components, told.connected), (parts(chosen), parts(chosen) == 1)),
        "kept": (told.kept_previous, inputs.kept_count(chosen)),
    }
    wrong += [f"{name}: {said}, counted {counted}" for name, (said, counted) in facts.items() if said != counted]
    reached = {"sum": told.sum, "fair": told.worst_affinity}.get(told.objective, told.bound)
    if told.bound < reached - 1e-6:
        wrong.append(f"bound {told.bound} is below {reached}")
    if told.connection_paid is not None and told.connection_paid > (told.connection_limit or 0) + 1e-6:
        wrong.append(f"paid {told.connection_paid} of {told.connection_limit}")
    return wrong
