"""The form as a document: canonical JSON in and out. What does not read as a form is refused by the place in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any, TypeVar

from grants_app.competitions.rules.form.conditions import checked, leaves, questions_of
from grants_app.competitions.rules.form.kinds import (
    AUDIENCES,
    CELL_KINDS,
    LIMIT_UNITS,
    QUESTION_KINDS,
    Cell,
    EligibilityQuestion,
    FileKind,
    Form,
    Question,
    Requirement,
    Section,
)
from grants_app.competitions.rules.form.standard import GROUPS, STANDARD
from grants_app.core.errors import InvalidInput

FORMAT = "grants-form-v1"
MOST_SECTIONS, MOST_QUESTIONS, MOST_PARTS, MOST_OPTIONS = 40, 150, 40, 60
LONGEST_ANSWER, MOST_ROWS = 20_000, 100
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
Part = TypeVar("Part", Cell, Question, Section, FileKind, Requirement, EligibilityQuestion)


def form_text(form: Form) -> str:
    """Canonical JSON of the form: what is stored, hashed and compared."""
    return json.dumps(form_json(form), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def form_json(form: Form) -> dict[str, Any]:
    """The form as plain values; what has its usual value is left out."""
    return {
        "format": FORMAT,
        "sections": [plain_part(one) for one in form.sections],
        "declarations": [plain_part(one) for one in form.declarations],
        "files": [plain_part(one) for one in form.files],
        "categories": [list(pair) for pair in form.categories],
        "requirements": [plain_part(one) for one in form.requirements],
        "eligibility": [plain_part(one) for one in form.eligibility],
    }


def plain_part(part: Any) -> dict[str, Any]:
    """A part of the form as plain values; what has its usual value is left out."""
    found: dict[str, Any] = {}
    for one in fields(part):
        value = getattr(part, one.name)
        if one.default is not MISSING and value == one.default:
            continue
        if one.name in {"questions", "cells"}:
            value = [plain_part(inner) for inner in value]
        elif one.name == "options":
            value = [list(pair) for pair in value]
        elif one.name == "show_if":
            value = dict(value)
        found[one.name] = value
    return found


def read_form(text: str | None) -> Form:
    """The stored form; none stored means the standard one. Parsed once for each text."""
    return STANDARD if text is None else _parsed(text)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Form:
    return form_of_json(json.loads(text))


def form_of_json(document: Any) -> Form:
    """The form of a document. Raises InvalidInput (field: the place) for anything that is no form."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise InvalidInput("This is not a form", field="format")
    try:
        form = Form(
            sections=tuple(_section(one) for one in document["sections"]),
            declarations=tuple(_part(Question, one) for one in document["declarations"]),
            files=tuple(_part(FileKind, one) for one in document["files"]),
            categories=tuple((str(code), str(label)) for code, label in document["categories"]),
            requirements=tuple(_part(Requirement, one) for one in document["requirements"]),
            eligibility=tuple(_part(EligibilityQuestion, one) for one in document.get("eligibility", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("This is not a form", field="format") from error
    check_form(form)
    return form


def _section(values: Mapping[str, Any]) -> Section:
    questions = tuple(_question(one) for one in values.get("questions", ()))
    return _part(Section, {**values, "questions": questions})


def _question(values: Mapping[str, Any]) -> Question:
    cells = tuple(_part(Cell, one) for one in values.get("cells", ()))
    return _part(Question, {**values, "cells": cells})


def _part(kind: type[Part], values: Mapping[str, Any]) -> Part:
    given = dict(values)
    if "options" in given:
        given["options"] = tuple((str(code), str(label)) for code, label in given["options"])
    if given.get("show_if") is not None:
        given["show_if"] = checked(given["show_if"])
    made = kind(**given)
    for one in fields(made):
        if one.type in {"str", "int", "bool"} and type(getattr(made, one.name)).__name__ != one.type:
            raise TypeError(one.name)
    return made


def check_form(form: Form) -> None:
    """Refuse a form that could not be filled in. Raises InvalidInput, field: the code of what is wrong."""
    questions = [question for one in form.all_sections for question in one.questions]
    _refuse_repeated([one.code for one in questions], _CODE)
    _refuse_repeated([one.slug for one in form.all_sections], _SLUG)
    for codes in (form.files, form.requirements, form.eligibility):
        _refuse_repeated([one.code for one in codes], _CODE)
    _refuse_repeated([code for code, _label in form.categories], _CODE)
    lists = (form.declarations, form.files, form.categories, form.requirements, form.eligibility)
    if (
        len(form.sections) > MOST_SECTIONS
        or len(questions) > MOST_QUESTIONS
        or any(len(one) > MOST_PARTS for one in lists)
    ):
        raise InvalidInput("The form is too long", field="sections")
    for section in form.sections:
        _check_section(section)
    earlier: dict[str, Question] = {}
    for question in questions:
        _check_question(question, earlier)
        earlier[question.code] = question
    for kind in form.files:
        _check_condition(kind.code, kind.show_if, earlier)
    _check_lists(form)
    _refuse_lost(form)


def _check_lists(form: Form) -> None:
    titles = [(one.code, one.label) for one in form.files]
    titles += [(one.code, one.label) for one in form.requirements]
    titles += [(one.code, one.label) for one in form.eligibility]
    for code, label in (*titles, *form.categories):
        if not label.strip():
            raise InvalidInput("Enter a title", field=code)
    if not form.categories:
        raise InvalidInput("A budget needs at least one cost category", field="categories")
    for requirement in form.requirements:
        if requirement.question and not form.is_item(requirement.question):
            raise InvalidInput("The requirement opens a question that is not in the form", field=requirement.code)
    for first in form.eligibility:
        if first.wanted not in {"yes", "no"}:
            raise InvalidInput("Choose which answer lets an organisation apply", field=first.code)


def _check_section(section: Section) -> None:
    if not section.title.strip():
        raise InvalidInput("Enter a title", field=section.slug)
    if section.group not in {code for code, _title in GROUPS}:
        raise InvalidInput("Choose a part of the form", field=section.slug)


def _refuse_repeated(codes: Sequence[str], pattern: re.Pattern[str]) -> None:
    for code in codes:
        if not pattern.fullmatch(code):
            raise InvalidInput("A code is small Latin letters, digits and the sign _", field=code[:60])
        if codes.count(code) > 1:
            raise InvalidInput("A code appears twice", field=code)


def _check_question(question: Question, earlier: Mapping[str, Question]) -> None:
    code = question.code
    if not question.label.strip():
        raise InvalidInput("Enter the text of the question", field=code)
    known = (
        question.kind in QUESTION_KINDS
        and question.audience in AUDIENCES
        and question.limit_unit in LIMIT_UNITS
        and 1 <= question.limit <= LONGEST_ANSWER
    )
    if not known:
        raise InvalidInput("This question is not set up properly", field=code)
    if question.kind in {"choice", "many"} and not question.source:
        _check_options(question.options, code)
    if question.kind == "rows":
        _check_rows(question)
    _check_condition(code, question.show_if, earlier)


def _check_options(options: Sequence[tuple[str, str]], field: str) -> None:
    if not 2 <= len(options) <= MOST_OPTIONS or any(not label.strip() for _code, label in options):
        raise InvalidInput("Add at least two options", field=field)
    codes = [code for code, _label in options]
    if len(set(codes)) != len(codes) or "" in codes:
        raise InvalidInput("A code appears twice", field=field)


def _check_rows(question: Question) -> None:
    code = question.code
    if not question.cells or not 1 <= question.max_rows <= MOST_ROWS or question.min_rows > question.max_rows:
        raise InvalidInput("Add at least one column, and from 1 to 100 rows", field=code)
    _refuse_repeated([cell.code for cell in question.cells], _CODE)
    if any(cell.kind not in CELL_KINDS or not cell.label.strip() for cell in question.cells):
        raise InvalidInput("Every column needs a title and a kind", field=code)
    for cell in question.cells:
        if not 1 <= cell.limit <= LONGEST_ANSWER:
            raise InvalidInput("This question is not set up properly", field=code)
        if cell.kind == "choice":
            _check_options(cell.options, code)


def _check_condition(code: str, tree: Mapping[str, Any] | None, earlier: Mapping[str, Question]) -> None:
    """A condition asks of earlier questions, and names answers that can be given there."""
    if tree is None:
        return
    if not questions_of(tree) <= set(earlier):
        raise InvalidInput("A question can depend only on questions that stand before it", field=code)
    for leaf in leaves(tree):
        options = {option for option, _label in earlier[leaf["question"]].options}
        named = leaf.get("one_of", [leaf["is"]] if "is" in leaf else [])
        if options and not set(named) <= options:
            raise InvalidInput("A condition names an answer that is no longer among the options", field=code)


def _refuse_lost(form: Form) -> None:
    """What the procedure needs must stand, with its kind."""
    for code, question in STANDARD.questions.items():
        if question.is_fixed and (code not in form.questions or form.questions[code].kind != question.kind):
            raise InvalidInput("The procedure needs this question: it cannot be removed", field=code)
    for section in STANDARD.sections:
        found = form.section(section.slug)
        if section.is_fixed and (found is None or found.page != section.page):
            raise InvalidInput("The procedure needs this page: it cannot be removed", field=section.slug)
