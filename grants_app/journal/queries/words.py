"""What things, steps, states and people are called on the pages of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from grants_app.core.state_machine import State
from grants_app.lifecycle import MACHINES

# Accounts come later in the order of imports, so they offer the names of people here.
_names: list[Callable[[Iterable[int]], Mapping[int, str]]] = []
_finders: list[Callable[[str], Iterable[int]]] = []
_words: dict[str, str] = {}


def offer_people(names: Callable[[Iterable[int]], Mapping[int, str]], finder: Callable[[str], Iterable[int]]) -> None:
    """How people are named on the pages of the journal, and found by what somebody types."""
    _names[:] = [names]
    _finders[:] = [finder]


def describe(words: Mapping[str, str]) -> None:
    """Words (msgids) for what has no state table: {"organisation": "Organisation", "user.sign_in": "Signed in", …}."""
    _words.update(words)


def thing_label(thing: str) -> str:
    """What a thing is called."""
    return _words.get(thing, thing.replace("_", " ").capitalize())


def step_label(thing: str, step: str) -> str:
    """What a step is called: the state table's word, a stage's own, or its name."""
    known = _words.get(f"{thing}.{step}")
    if known is not None:
        return known
    for machine in MACHINES.values():
        if machine.thing == thing:
            for candidate in machine.steps:
                if candidate.name == step:
                    return candidate.label
    return step.replace("_", " ").capitalize()


def job_label(kind: str) -> str:
    """What a kind of job is called; stages describe it under "job.<kind>"."""
    return _words.get(f"job.{kind}", kind)


def state_label(thing: str, value: str | None) -> str:
    """The word of a state of a thing."""
    if value is None:
        return ""
    for states, machine in MACHINES.items():
        if machine.thing == thing:
            return next((state.label for state in _states(states) if state.value == value), value)
    return value


def _states(states: type[State]) -> list[State]:
    return list(states)


def people_names(ids: Iterable[int | None]) -> Mapping[int, str]:
    """Names of people by their numbers."""
    wanted = {number for number in ids if number is not None}
    found: dict[int, str] = {}
    for names in _names:
        found.update(names(wanted))
    return found


def people_found(text: str) -> list[int]:
    """Numbers of the people whom a typed text fits."""
    return [number for finder in _finders for number in finder(text)]
