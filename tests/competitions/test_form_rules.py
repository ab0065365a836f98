"""The form as data: what reads as one, what does not; conditions judged as anybody would by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants_app.competitions.rules.form import (
    STANDARD,
    Form,
    Question,
    Section,
    check_form,
    checked,
    form_json,
    form_of_json,
    form_text,
    holds,
    leaves,
    read_form,
)
from grants_app.competitions.rules.form.conditions import MOST_DEPTH, MOST_LEAVES
from grants_app.core.errors import InvalidInput

CODES = ("a", "b", "c", "d")
VALUES = ("yes", "no", "maybe")
codes = st.sampled_from(CODES)
leaf = st.one_of(
    st.builds(lambda code, value: {"question": code, "is": value}, codes, st.sampled_from(VALUES)),
    st.builds(
        lambda code, values: {"question": code, "one_of": values},
        codes,
        st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
    ),
    st.builds(lambda code, flag: {"question": code, "answered": flag}, codes, st.booleans()),
    st.builds(lambda code, number: {"question": code, "at_least": number}, codes, st.integers(-3, 3)),
    st.builds(lambda code, number: {"question": code, "at_most": number}, codes, st.integers(-3, 3)),
)


def trees(depth: int = MOST_DEPTH) -> st.SearchStrategy[dict[str, Any]]:
    """Trees that the rules allow."""
    if depth == 1:
        return leaf
    inner = trees(depth - 1)
    several = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        leaf,
        st.builds(lambda parts: {"all": parts}, several),
        st.builds(lambda parts: {"any": parts}, several),
        st.builds(lambda part: {"not": part}, inner),
    )


answers = st.dictionaries(
    codes,
    st.one_of(
        st.sampled_from(VALUES),
        st.integers(-3, 3),
        st.lists(st.sampled_from(VALUES), max_size=2),
        st.booleans(),
        st.none(),
        st.just(""),
    ),
)


def by_hand(tree: Mapping[str, Any], given_answers: Mapping[str, Any], shown: set[str]) -> bool:
    """The same question answered the long way: every case written out."""
    name, value = next((name, value) for name, value in tree.items() if name != "question")
    if name == "all":
        return False not in [by_hand(part, given_answers, shown) for part in value]
    if name == "any":
        return True in [by_hand(part, given_answers, shown) for part in value]
    if name == "not":
        return by_hand(value, given_answers, shown) is False
    answer = given_answers.get(tree["question"]) if tree["question"] in shown else None
    if name == "answered":
        is_empty = answer is None or answer is False or answer == "" or answer == []
        return value == (not is_empty)
    if name in {"at_least", "at_most"}:
        if isinstance(answer, bool) or not isinstance(answer, int):
            return False
        return answer >= value if name == "at_least" else answer <= value
    chosen = answer if isinstance(answer, list) else [answer]
    wanted = value if name == "one_of" else [value]
    return len([one for one in chosen if one in wanted]) > 0


# The first draw builds the strategies of four depths: on a busy machine that alone is called slow.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(trees(), answers, st.sets(codes))
def test_condition_judged_as_by_hand(tree: dict[str, Any], given_answers: dict[str, Any], shown: set[str]) -> None:
    assert holds(tree, given_answers, shown) is by_hand(tree, given_answers, shown)


@given(trees())
def test_condition_survives_json(tree: dict[str, Any]) -> None:
    if len(list(leaves(tree))) <= MOST_LEAVES:
        assert checked(json.loads(json.dumps(tree))) == tree


def test_answer_of_nought_is_an_answer() -> None:
    assert holds({"question": "a", "answered": True}, {"a": 0}, {"a"}) is True


WORDS = ("all", "any", "not", "question", "is", "one_of", "at_least", "x")
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["all", "any", "not", "question", "is", "one_of", "at_least", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=12,
)


def is_tree(thing: Any, depth: int = 1) -> bool:
    """The grammar of the rules, written a second time."""
    if not isinstance(thing, dict) or depth > MOST_DEPTH:
        return False
    names = set(thing)
    if names in ({"all"}, {"any"}):
        parts = next(iter(thing.values()))
        return isinstance(parts, list) and len(parts) > 0 and all(is_tree(part, depth + 1) for part in parts)
    if names == {"not"}:
        return is_tree(thing["not"], depth + 1)
    if "question" not in names or len(names) != 2 or not isinstance(thing["question"], str):
        return False
    test = next(iter(names - {"question"}))
    value = thing[test]
    if test == "is":
        return isinstance(value, str | bool)
    if test == "one_of":
        return isinstance(value, list) and len(value) > 0 and all(isinstance(one, str) for one in value)
    if test == "answered":
        return isinstance(value, bool)
    return test in {"at_least", "at_most"} and type(value) is int


@given(anything)
def test_condition_refuses_whatever_is_no_tree(thing: Any) -> None:
    if is_tree(thing):
        assert checked(thing) == thing
    else:
        with pytest.raises(InvalidInput):
            checked(thing)


LEAF = {"question": "a", "is": "yes"}


@pytest.mark.parametrize(
    "tree",
    [
        {"not": {"not": {"not": {"not": LEAF}}}},
        {"all": [LEAF] * (MOST_LEAVES + 1)},
        {"any": [{"all": [LEAF] * 11}, {"all": [LEAF] * 10}]},
        {"question": "a", "one_of": ["yes"] * (MOST_LEAVES + 1)},
        {"question": "a", "is": "y" * 101},
        {"all": []},
        {"all": [LEAF], "any": [LEAF]},
        {"question": "a", "at_least": True},
        {"question": "a", "is": "yes", "extra": 1},
        {"eval": "1"},
    ],
    ids=[
        "deep",
        "long",
        "long inside",
        "long list",
        "long value",
        "empty",
        "two joins",
        "a flag",
        "a word more",
        "eval",
    ],
)
def test_condition_beyond_its_bounds_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        checked(tree)


def test_condition_nested_a_thousand_times_refused_without_a_fall() -> None:
    tree: Any = LEAF
    for _ in range(100_000):
        tree = {"not": tree}
    with pytest.raises(InvalidInput):
        checked(tree)


labels = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() != "")


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """The standard form with a page of the city's own: questions of several kinds that depend on each other."""
    questions: list[Question] = []
    for code in draw(st.lists(codes, unique=True, min_size=1)):
        options = tuple((value, draw(labels)) for value in VALUES)
        known = [one.code for one in questions]
        tree = draw(st.one_of(st.none(), trees(3))) if known else None
        kind = draw(st.sampled_from(["choice", "many"]))
        if tree is not None and not {str(one["question"]) for one in leaves(tree)} <= set(known):
            tree = None
        questions.append(
            Question(
                code,
                draw(labels),
                kind,
                draw(st.text(max_size=20)),
                required=draw(st.booleans()),
                limit=draw(st.integers(1, 20_000)),
                options=options,
                audience=draw(st.sampled_from(["public", "experts", "staff"])),
                show_if=tree,
            )
        )
    section = Section("own", "project", draw(labels), tuple(questions))
    return replace(STANDARD, sections=(*STANDARD.sections, section))


@given(forms())
def test_form_survives_json(form: Form) -> None:
    check_form(form)
    text = form_text(form)
    assert read_form(text) == form
    assert form_text(form_of_json(json.loads(text))) == text


@given(forms(), answers)
def test_questions_shown_are_those_found_one_by_one(form: Form, given_answers: dict[str, Any]) -> None:
    shown: set[str] = set()
    for question in form.questions.values():
        if question.show_if is None or by_hand(question.show_if, given_answers, shown):
            shown.add(question.code)
    assert form.is_shown(given_answers) == shown


def test_standard_form_survives_json() -> None:
    assert form_of_json(form_json(STANDARD)) == STANDARD


def spoiled(**changes: Any) -> dict[str, Any]:
    return {**form_json(STANDARD), **changes}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        spoiled(format="grants-form-v2"),
        spoiled(sections=[]),
        spoiled(sections=[{"slug": "x"}]),
        spoiled(sections=form_json(STANDARD)["sections"] * 2),
        spoiled(categories=[]),
        spoiled(categories=[["pay", ""]]),
        spoiled(eligibility=[{"code": "e", "label": "?", "clause": "", "wanted": "perhaps"}]),
        spoiled(requirements=[{"code": "r", "label": "!", "clause": "", "question": "gone", "defect": "-"}]),
        spoiled(files=[{"code": "f", "label": "-", "required": 1}]),
        spoiled(files=[{"code": "f", "label": "-", "show_if": {"question": "unknown", "answered": True}}]),
        spoiled(files=[{"code": "f", "label": "-", "show_if": {"question": "other_public_funding", "is": "perhaps"}}]),
        spoiled(files=[{"code": f"f{number}", "label": "-"} for number in range(41)]),
    ],
    ids=range(15),
)
def test_document_that_is_no_form_refused(document: Any) -> None:
    with pytest.raises(InvalidInput):
        form_of_json(document)
