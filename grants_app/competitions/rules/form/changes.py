"""What differs between two versions of a call: texts and form, place by place, in an order that people can follow.

A change is {"place", "what", "old", "new"}: place and what are msgids (or the city's own words), old and new are lists
of such words, or {"if": tree} for a condition; an empty list stands for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grants_app.competitions.rules.form.editing import LISTS, code_of
from grants_app.competitions.rules.form.kinds import (
    AUDIENCES,
    LIMIT_UNITS,
    QUESTION_KINDS,
    Cell,
    Form,
    Question,
    Section,
)

Change = dict[str, Any]
# Texts of a call that an amendment may change: column -> msgid.
TEXTS: dict[str, str] = {
    "title": "Title",
    "summary": "What the competition is for",
    "who_may_apply": "Who may apply",
    "what_is_paid": "What is paid and what is not",
    "contact": "Contact",
}
ADDED, REMOVED, ORDER = "Added to the form", "Removed from the form", "Order"


def changes_between(old_texts: Mapping[str, str], new_texts: Mapping[str, str], old: Form, new: Form) -> list[Change]:
    """Everything that differs, texts first, then the form in its new order."""
    texts = [
        _change(label, "Text", [old_texts.get(name, "")], [new_texts.get(name, "")])
        for name, label in TEXTS.items()
        if old_texts.get(name, "") != new_texts.get(name, "")
    ]
    return [*texts, *_sections(old, new), *_questions(old, new), *_lists(old, new)]


def _change(place: str, what: str, old: Any, new: Any) -> Change:
    return {"place": place, "what": what, "old": old, "new": new}


def _sections(old: Form, new: Form) -> Iterator[Change]:
    before = {one.slug: one for one in old.sections}
    after = {one.slug: one for one in new.sections}
    titles = {slug: one.title for slug, one in after.items()}
    yield from _coming_and_going({slug: one.title for slug, one in before.items()}, titles)
    for slug, section in after.items():
        if slug in before:
            yield from _differing(section.title, _section_facts(before[slug]), _section_facts(section))
    yield from _reordered("Pages of the form", before, after, titles)


def _section_facts(section: Section) -> dict[str, Any]:
    return {"Title": [section.title], "Hint": _given(section.hint), "Part of the form": [section.group]}


def _questions(old: Form, new: Form) -> Iterator[Change]:
    before = {one.code: one for section in old.sections for one in section.questions}
    after = {one.code: one for section in new.sections for one in section.questions}
    labels = {code: one.label for code, one in after.items()}
    for code, gone in before.items():
        if code not in after:
            yield _change(gone.label, REMOVED, [gone.label], [])
    for code, question in after.items():
        if code not in before:
            yield from _added(new, question)
        else:
            facts, was = _question_facts(new, question), _question_facts(old, before[code])
            yield from _differing(question.label, was, facts)
            yield from _cells(before[code], question)
    for section in new.sections:
        was_section = old.section(section.slug)
        if was_section is not None:
            yield from _reordered(
                section.title,
                {one.code: one for one in was_section.questions},
                {one.code: one for one in section.questions},
                labels,
            )


def _added(form: Form, question: Question) -> Iterator[Change]:
    """A new question with everything that whoever writes an answer must know."""
    told = [question.label, QUESTION_KINDS[question.kind], "required" if question.required else "optional"]
    yield _change(question.label, ADDED, [], told)
    facts = _question_facts(form, question)
    names = ["Hint", "Options", "Columns", "When it is asked"]
    if question.kind in {"text", "long"}:
        names.insert(0, "Longest answer")
    yield from _differing(question.label, {}, {name: facts[name] for name in names if facts.get(name)})


def _question_facts(form: Form, question: Question) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "Page": [form.section_of[question.code].title],
        "Text": [question.label],
        "Hint": _given(question.hint),
        "Kind": [QUESTION_KINDS[question.kind]],
        "Must be answered": [_said(question.required)],
        "Longest answer": [str(question.limit), LIMIT_UNITS[question.limit_unit]],
        "Options": [label for _code, label in question.options],
        "Who reads the answer": [AUDIENCES[question.audience]],
        "When it is asked": {"if": dict(question.show_if)} if question.show_if else [],
    }
    if question.kind == "rows":
        facts["Columns"] = [cell.label for cell in question.cells]
        facts["Rows"] = [str(question.min_rows), str(question.max_rows)]
    return facts


def _cells(old: Question, new: Question) -> Iterator[Change]:
    """Columns that stayed and ask for something else now; which came and went is said by their list."""
    before = {cell.code: cell for cell in old.cells}
    for cell in new.cells:
        if cell.code in before:
            facts, was = _cell_facts(cell), _cell_facts(before[cell.code])
            yield from _differing(new.label, {cell.label: was}, {cell.label: facts})


def _cell_facts(cell: Cell) -> list[str]:
    length = [f"≤ {cell.limit}"] if cell.kind in {"text", "long"} else []
    return [
        QUESTION_KINDS[cell.kind],
        "required" if cell.required else "optional",
        *length,
        *dict(cell.options).values(),
    ]


def _lists(old: Form, new: Form) -> Iterator[Change]:
    for name, title in LISTS.items():
        before = {code_of(part): part for part in getattr(old, name)}
        after = {code_of(part): part for part in getattr(new, name)}
        labels = {code: _label(part) for code, part in after.items()}
        yield from _coming_and_going({code: _label(part) for code, part in before.items()}, labels)
        for code, part in after.items():
            if code in before:
                yield from _differing(_label(part), _facts(before[code]), _facts(part))
        yield from _reordered(title, before, after, labels)


def _label(part: Any) -> str:
    return str(part[1] if isinstance(part, tuple) else part.label)


# What of a part of a list is compared: attribute -> msgid; a requirement names the question by its code.
_WORDS = (("hint", "Hint"), ("clause", "Clause"), ("defect", "What the letter says"), ("advice", "Advice"))
_MARKS = (
    ("required", "Must be attached"),
    ("in_library", "Kept in the library of the organisation"),
    ("must_be_valid", "Must be valid on the day of submission"),
)


def _facts(part: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"Text": [_label(part)]}
    for name, what in _WORDS:
        if hasattr(part, name):
            facts[what] = _given(getattr(part, name))
    for name, what in _MARKS if not hasattr(part, "cells") else ():
        if hasattr(part, name):
            facts[what] = [_said(getattr(part, name))]
    if hasattr(part, "wanted"):
        facts["Answer that lets an organisation apply"] = [_said(part.wanted == "yes")]
    if hasattr(part, "question"):
        facts["What opens for correction"] = _given(part.question)
    if getattr(part, "show_if", None):
        facts["When it is asked"] = {"if": dict(part.show_if)}
    return facts


def _coming_and_going(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for code, label in before.items():
        if code not in after:
            yield _change(label, REMOVED, [label], [])
    for code, label in after.items():
        if code not in before:
            yield _change(label, ADDED, [], [label])


def _differing(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for what in dict.fromkeys([*before, *after]):
        old, new = before.get(what, []), after.get(what, [])
        if old != new:
            yield _change(place, what, old, new)


def _reordered(
    place: str, before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]
) -> Iterator[Change]:
    was = [code for code in before if code in after]
    now = [code for code in after if code in before]
    if was != now:
        yield _change(place, ORDER, [labels[code] for code in was], [labels[code] for code in now])


def _given(text: str) -> list[str]:
    return [text] if text else []


def _said(flag: bool) -> str:
    return "Yes" if flag else "No"
