"""State tables: a machine is its states and the steps that join them, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Base of the state enumerations: the value is stored, `label` is an English msgid, `colour` a tag colour."""

    label: str
    colour: str

    def __new__(cls, value: str, label: str = "", colour: str = "grey") -> State:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.colour = colour
        return member


@dataclass(frozen=True)
class Step:
    """One named transition.

    `permission` is the value of the permission a person needs (None: the system or a service on the person's behalf);
    `label` is the msgid of the button or journal line.
    """

    name: str
    sources: tuple[State, ...]
    target: State
    permission: str | None
    label: str
    needs_reason: bool = False


@dataclass(frozen=True)
class Machine:
    """A state table. Step names are unique inside it."""

    thing: str
    initial: State
    steps: tuple[Step, ...]
    finals: tuple[State, ...] = ()
    _by_name: dict[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {step.name: step for step in self.steps}
        if len(by_name) != len(self.steps):
            raise ValueError(f"{self.thing}: a step name repeats")
        object.__setattr__(self, "_by_name", by_name)

    def step(self, name: str) -> Step:
        """The step of that name; KeyError if the table has none (a bug, not bad input)."""
        return self._by_name[name]

    def available(self, state: State) -> tuple[Step, ...]:
        """Steps that start from `state`, in table order."""
        return tuple(step for step in self.steps if state in step.sources)
