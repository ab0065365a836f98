"""Changing a form, part by part: every function takes a form and gives another one. What cannot be is refused.

Codes are given here and never reused: an answer is found by the code of its question for as long as it is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from grants_app.competitions.rules.form.conditions import leaves, questions_of
from grants_app.competitions.rules.form.document import plain_part
from grants_app.competitions.rules.form.kinds import FileKind, Form, Question, Requirement, Section
from grants_app.core.errors import InvalidInput, NotFound

STEPS = {"up": -1, "down": 1}
# Lists of a form beside its sections: name of the attribute -> msgid of the title.
LISTS: dict[str, str] = {
    "files": "Documents to attach",
    "declarations": "Declarations of the head",
    "categories": "Cost categories",
    "eligibility": "Questions before the form",
    "requirements": "Requirements of the formal check",
}
# Beginnings of the codes that are given to new parts.
PREFIXES = {
    "sections": "s",
    "questions": "q",
    "files": "f",
    "declarations": "d",
    "categories": "k",
    "eligibility": "e",
    "requirements": "r",
}
# The title of an application and what stands in lists have a column of this length.
LONGEST_LINE = 300
Part = TypeVar("Part")


def mark_of(part: Any) -> str:
    """What a part looked like when it was read: who saves over another's change is told by it."""
    plain = list(part) if isinstance(part, tuple) else plain_part(part)
    if isinstance(part, Section):
        plain = {name: value for name, value in plain_part(part).items() if name != "questions"}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_of(part: Any) -> str:
    """The code of anything a form is made of; a cost category is a pair of code and title."""
    return str(part[0] if isinstance(part, tuple) else part.slug if isinstance(part, Section) else part.code)


def codes_of(form: Form) -> frozenset[str]:
    """Every code of the form that an answer, a document or a budget line may be kept under."""
    lists = [part for name in LISTS for part in getattr(form, name)]
    return frozenset([*form.questions, *(one.slug for one in form.sections), *(code_of(part) for part in lists)])


def free_code(name: str, taken: Collection[str]) -> str:
    """The first code of that kind that nothing has ever had.

    >>> free_code("questions", {"q1", "q3"})
    'q2'
    """
    prefix = PREFIXES[name]
    return next(code for number in range(1, 100_000) if (code := f"{prefix}{number}") not in taken)


def section_of(form: Form, slug: str) -> Section:
    """A section of the task list. Raises NotFound."""
    found = next((one for one in form.sections if one.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def question_of(form: Form, code: str) -> Question:
    """A question of a section (declarations are a list of their own). Raises NotFound."""
    found = next((one for section in form.sections for one in section.questions if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def item_of(form: Form, name: str, code: str) -> Any:
    """A part of one of the lists. Raises NotFound."""
    found = next((part for part in getattr(form, name) if code_of(part) == code), None)
    if found is None:
        raise NotFound
    return found


def put_section(form: Form, section: Section) -> Form:
    """The form with this section: in its place when it is known, else last of its group."""
    known = next((one for one in form.sections if one.slug == section.slug), None)
    if known is not None:
        kept = replace(known, title=section.title, hint=section.hint)
        if not known.is_fixed:
            kept = replace(kept, group=section.group)
        return replace(form, sections=_replaced(form.sections, kept))
    places = [place for place, one in enumerate(form.sections, 1) if one.group == section.group]
    place = places[-1] if places else len(form.sections)
    return replace(form, sections=(*form.sections[:place], section, *form.sections[place:]))


def drop_section(form: Form, slug: str) -> Form:
    """The form without that page and its questions. Raises InvalidInput when something needs one of them."""
    section = section_of(form, slug)
    if section.is_fixed or any(one.is_fixed for one in section.questions):
        raise InvalidInput("The procedure needs this page, or a question of it: it cannot be removed", field=slug)
    codes = {one.code for one in section.questions}
    _refuse_needed(form, codes)
    sections = tuple(one for one in form.sections if one.slug != slug)
    return replace(form, sections=sections, requirements=_without(form.requirements, codes))


def move_section(form: Form, slug: str, step: str) -> Form:
    """The form with that page one place up or down within its group; at the end nothing changes."""
    section = section_of(form, slug)
    group = [one for one in form.sections if one.group == section.group]
    order = iter(_moved(group, group.index(section), step))
    return replace(form, sections=tuple(next(order) if one.group == section.group else one for one in form.sections))


def put_question(form: Form, question: Question, slug: str) -> Form:
    """The form with this question on that page: in its place when it stood there, else last.

    Of a question that the procedure needs only words, hints and limits change.
    """
    target = section_of(form, slug)
    if target.page != "questions" and all(one.code != question.code for one in target.questions):
        raise InvalidInput("This page is not a list of questions: choose another", field="section")
    known = form.questions.get(question.code)
    if known is not None and known.is_fixed:
        question = _fixed(known, question)
    if any(one.code == question.code for one in target.questions):
        changed = replace(target, questions=_replaced(target.questions, question))
        return replace(form, sections=_replaced(form.sections, changed))
    sections = []
    for section in form.sections:
        rest = tuple(one for one in section.questions if one.code != question.code)
        sections.append(replace(section, questions=(*rest, question) if section.slug == slug else rest))
    return replace(form, sections=tuple(sections))


def drop_question(form: Form, code: str) -> Form:
    """The form without that question. Raises InvalidInput when the procedure or a condition needs it."""
    question = question_of(form, code)
    if question.is_fixed:
        raise InvalidInput("The procedure needs this question: it cannot be removed", field=code)
    _refuse_needed(form, {code})
    sections = tuple(
        replace(section, questions=tuple(one for one in section.questions if one.code != code))
        for section in form.sections
    )
    return replace(form, sections=sections, requirements=_without(form.requirements, {code}))


def move_question(form: Form, code: str, step: str) -> Form:
    """The form with that question one place up or down on its page; at the end nothing changes."""
    question = question_of(form, code)
    section = form.section_of[code]
    moved = _moved(section.questions, section.questions.index(question), step)
    return replace(form, sections=_replaced(form.sections, replace(section, questions=tuple(moved))))


def put_item(form: Form, name: str, item: Any) -> Form:
    """The form with this part of a list: in its place when it is known, else last."""
    parts = getattr(form, name)
    if any(code_of(part) == code_of(item) for part in parts):
        return replace(form, **{name: _replaced(parts, item)})
    return replace(form, **{name: (*parts, item)})


def drop_item(form: Form, name: str, code: str) -> Form:
    """The form without that part of a list. Raises InvalidInput for what the procedure needs, and for the last one."""
    item = item_of(form, name, code)
    if getattr(item, "is_fixed", False):
        raise InvalidInput("The procedure needs this declaration: it cannot be removed", field=code)
    parts = getattr(form, name)
    if name == "categories" and len(parts) == 1:
        raise InvalidInput("A budget needs at least one cost category", field=code)
    return replace(form, **{name: tuple(part for part in parts if code_of(part) != code)})


def move_item(form: Form, name: str, code: str, step: str) -> Form:
    """The form with that part one place up or down in its list."""
    parts = getattr(form, name)
    return replace(form, **{name: tuple(_moved(parts, parts.index(item_of(form, name, code)), step))})


def dependents(form: Form, codes: Collection[str]) -> Iterator[str]:
    """Labels of the questions and documents whose condition asks about one of these questions."""
    asked: list[Question | FileKind] = [*form.questions.values(), *form.files]
    for part in asked:
        if part.code not in codes and questions_of(part.show_if) & set(codes):
            yield part.label


def named_of(form: Form, source: str) -> frozenset[str]:
    """Lots or priorities (`source`) that a condition names."""
    asked: list[Question | FileKind] = [*form.questions.values(), *form.files]
    found: set[str] = set()
    for part in asked:
        for leaf in leaves(part.show_if) if part.show_if is not None else ():
            question = form.questions.get(leaf["question"])
            if question is not None and question.source == source:
                found.update(leaf.get("one_of", [leaf["is"]] if "is" in leaf else []))
    return frozenset(found)


def earlier_questions(form: Form, code: str | None, slug: str) -> list[Question]:
    """Questions that stand before this one (before the end of its page, for a new one): a condition may ask of them."""
    found: list[Question] = []
    for section in form.sections:
        for question in section.questions:
            if question.code == code and section.slug == slug:
                return found
            if question.code != code:
                found.append(question)
        if section.slug == slug:
            return found
    return found


def refuse_other_kinds(announced: Form, form: Form) -> None:
    """After the announcement answers exist: a question keeps its kind, the cost categories stay as they are.

    Raises InvalidInput (field: kind, or the code of the list).
    """
    for code, question in announced.questions.items():
        now = form.questions.get(code)
        kinds = {cell.code: cell.kind for cell in question.cells}
        is_kept = now is None or (
            now.kind == question.kind and all(kinds.get(cell.code, cell.kind) == cell.kind for cell in now.cells)
        )
        if not is_kept:
            raise InvalidInput(
                "After the announcement a question keeps its kind: remove it and add another one", field="kind"
            )
    if announced.categories != form.categories:
        raise InvalidInput("Money is fixed since the announcement: the cost categories stay as they are", field="money")


def _fixed(known: Question, given: Question) -> Question:
    limit, unit = given.limit, given.limit_unit
    if known.kind == "text" and (limit > LONGEST_LINE or unit != "characters"):
        raise InvalidInput("This line has at most %(most)s characters", field="limit", facts={"most": LONGEST_LINE})
    cells = {cell.code: cell for cell in given.cells}
    kept = tuple(
        replace(cell, label=cells[cell.code].label, limit=cells[cell.code].limit) if cell.code in cells else cell
        for cell in known.cells
    )
    labels = dict(given.options)
    options = tuple((code, labels.get(code, label)) for code, label in known.options)
    return replace(known, label=given.label, hint=given.hint, limit=limit, limit_unit=unit, cells=kept, options=options)


def _refuse_needed(form: Form, codes: Collection[str]) -> None:
    label = next(dependents(form, codes), None)
    if label is not None:
        raise InvalidInput(
            "The condition of “%(other)s” asks about it: change that condition first",
            field=next(iter(codes)),
            facts={"other": label},
        )


def _without(requirements: Sequence[Requirement], codes: Collection[str]) -> tuple[Requirement, ...]:
    """A requirement whose question is gone opens nothing any more."""
    return tuple(replace(one, question="") if one.question in codes else one for one in requirements)


def _replaced(parts: Sequence[Part], part: Part) -> tuple[Part, ...]:
    code = code_of(part)
    return tuple(part if code_of(one) == code else one for one in parts)


def _moved(parts: Sequence[Part], place: int, step: str) -> list[Part]:
    if step not in STEPS:
        raise NotFound
    order = list(parts)
    other = place + STEPS[step]
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return order
