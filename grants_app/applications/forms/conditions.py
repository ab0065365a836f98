"""When a question is asked: as data for the page's script, and in words for whoever has none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from grants_app.applications import rules
from grants_app.competitions.rules.form import Condition, questions_of
from grants_app.web import formatting


def conditions_json(form: rules.Form, questions: Sequence[rules.Question], answers: Mapping[str, Any]) -> str:
    """What the page needs to judge its conditions: their questions in order, with the answers of other pages.

    Empty where nothing on the page depends on an answer. Answers of other pages stand in it with their values, which
    the reader of the page may see anyway.
    """
    here = {question.code for question in questions}
    if not any(question.show_if for question in questions):
        return ""
    needed = _needed(form, {one.code for one in questions if one.show_if})
    parts = []
    for code, question in form.questions.items():
        if code not in needed:
            continue
        part: dict[str, Any] = {"code": code, "kind": question.kind, "if": question.show_if}
        if code not in here:
            value = answers.get(code)
            part["value"] = bool(value) if question.kind == "rows" else value
        parts.append(part)
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=dict)


def _needed(form: rules.Form, codes: set[str]) -> set[str]:
    """The questions and everything that their conditions ask about, however far."""
    found: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code in found or code not in form.questions:
            continue
        found.add(code)
        waiting.extend(questions_of(form.questions[code].show_if))
    return found


Choices = Mapping[str, Sequence[tuple[str, str]]]


def condition_words(form: rules.Form, tree: Condition, choices: Choices) -> str:
    """The condition as a part of a sentence, in the reader's language: “Lot” is “Small grants”."""
    for join, word in (("all", gettext("and")), ("any", gettext("or"))):
        if join in tree:
            return f" {word} ".join(_part_words(form, part, choices) for part in tree[join])
    if "not" in tree:
        return gettext("not (%(condition)s)", condition=condition_words(form, tree["not"], choices))
    question = form.questions.get(str(tree["question"]))
    label = gettext(question.label) if question else str(tree["question"])
    if "answered" in tree:
        if tree["answered"]:
            return gettext("“%(label)s” is answered", label=label)
        return gettext("“%(label)s” is not answered", label=label)
    if "at_least" in tree:
        return gettext("“%(label)s” is at least %(value)s", label=label, value=_number(tree["at_least"], question))
    if "at_most" in tree:
        return gettext("“%(label)s” is at most %(value)s", label=label, value=_number(tree["at_most"], question))
    wanted = tree["one_of"] if "one_of" in tree else [tree["is"]]
    values = [gettext("“%(value)s”", value=_value_words(value, question, choices)) for value in wanted]
    return gettext("“%(label)s” is %(values)s", label=label, values=f" {gettext('or')} ".join(values))


def _part_words(form: rules.Form, part: Condition, choices: Choices) -> str:
    text = condition_words(form, part, choices)
    return f"({text})" if "all" in part or "any" in part else text


def _number(value: int, question: rules.Question | None) -> str:
    return formatting.hryvnias(value) if question is not None and question.kind == "money" else str(value)


def _value_words(value: Any, question: rules.Question | None, choices: Choices) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if question is None:
        return str(value)
    if question.source:
        return dict(choices.get(question.source, ())).get(str(value), str(value))
    label = dict(question.options).get(str(value))
    return gettext(label) if label else str(value)
