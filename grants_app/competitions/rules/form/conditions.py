"""When a question is asked: a small rule tree over earlier answers, as JSON.

A tree is one of
    {"question": code, "is": value}             the answer equals it (or holds it, for “some of the options”)
    {"question": code, "one_of": [value, …]}    the answer is one of them (or holds one of them)
    {"question": code, "answered": true|false}  there is an answer, or none
    {"question": code, "at_least": number}, {"question": code, "at_most": number}   numbers and amounts (kopiykas)
    {"all": [tree, …]}, {"any": [tree, …]}, {"not": tree}
It is judged alike on the server and in the page; nothing is ever evaluated as code. A question that is itself hidden
counts as unanswered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from grants_app.core.errors import InvalidInput

Condition = Mapping[str, Any]
_JOINS = ("all", "any")
_TESTS = ("is", "one_of", "answered", "at_least", "at_most")
MOST_DEPTH = 4
MOST_LEAVES = 20
LONGEST_VALUE = 100


def holds(tree: Condition, answers: Mapping[str, Any], shown: Collection[str]) -> bool:
    """Whether the tree is true of these answers.

    >>> holds({"question": "a", "is": "yes"}, {"a": "yes"}, {"a"})
    True
    >>> holds({"question": "a", "is": "yes"}, {"a": "yes"}, set())
    False
    """
    if "all" in tree:
        return all(holds(part, answers, shown) for part in tree["all"])
    if "any" in tree:
        return any(holds(part, answers, shown) for part in tree["any"])
    if "not" in tree:
        return not holds(tree["not"], answers, shown)
    value = answers.get(tree["question"]) if tree["question"] in shown else None
    return _test(tree, value)


def _test(leaf: Condition, value: Any) -> bool:
    is_given = value is not None and value is not False and value not in ("", [])  # the number 0 is an answer
    if "answered" in leaf:
        return is_given is leaf["answered"]
    if "at_least" in leaf or "at_most" in leaf:
        if type(value) is not int:
            return False
        return bool(value >= leaf["at_least"] if "at_least" in leaf else value <= leaf["at_most"])
    given = value if isinstance(value, list) else [value]
    wanted = leaf["one_of"] if "one_of" in leaf else [leaf["is"]]
    return any(one in wanted for one in given)


def leaves(tree: Condition) -> Iterator[Condition]:
    """Every test of the tree."""
    for join in _JOINS:
        if join in tree:
            for part in tree[join]:
                yield from leaves(part)
            return
    if "not" in tree:
        yield from leaves(tree["not"])
        return
    yield tree


def questions_of(tree: Condition | None) -> frozenset[str]:
    """Codes of the questions that the tree asks about."""
    return frozenset() if tree is None else frozenset(str(leaf["question"]) for leaf in leaves(tree))


def checked(tree: Any, field: str = "show_if") -> Condition:
    """The tree, if it is one. Raises InvalidInput (field) otherwise: what comes from outside is never trusted."""
    _check(tree, field, 1)
    if sum(1 for _leaf in leaves(tree)) > MOST_LEAVES:
        raise InvalidInput("The condition is too long", field=field)
    return dict(tree)


def _check(tree: Any, field: str, depth: int) -> None:
    if not isinstance(tree, Mapping) or depth > MOST_DEPTH:
        raise InvalidInput("This is not a condition", field=field)
    keys = set(tree)
    if len(keys) == 1 and keys <= {*_JOINS}:
        parts = tree[next(iter(keys))]
        if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_LEAVES:
            raise InvalidInput("This is not a condition", field=field)
        for part in parts:
            _check(part, field, depth + 1)
        return
    if keys == {"not"}:
        _check(tree["not"], field, depth + 1)
        return
    if not _is_leaf(tree):
        raise InvalidInput("This is not a condition", field=field)


def _is_leaf(tree: Mapping[str, Any]) -> bool:
    tests = set(tree) - {"question"}
    if len(tests) != 1 or not isinstance(tree.get("question"), str) or not tests <= {*_TESTS}:
        return False
    name = next(iter(tests))
    value = tree[name]
    if name == "answered":
        return isinstance(value, bool)
    if name in {"at_least", "at_most"}:
        return type(value) is int
    if name == "one_of":
        return isinstance(value, list) and 1 <= len(value) <= MOST_LEAVES and all(_is_value(one) for one in value)
    return isinstance(value, bool) or _is_value(value)


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_VALUE
