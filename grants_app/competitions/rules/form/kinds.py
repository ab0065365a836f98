"""What a form is made of: sections, questions, cells of repeating rows, papers, requirements.

Texts of the standard form are English msgids; what a city wrote itself stays as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grants_app.competitions.rules.form.conditions import Condition, holds

# Kinds of questions and cells: code -> msgid.
QUESTION_KINDS: dict[str, str] = {
    "text": "A line of text",
    "long": "A text of several paragraphs",
    "choice": "One of the options",
    "many": "Some of the options",
    "date": "A day",
    "number": "A whole number",
    "money": "An amount, UAH",
    "rows": "Repeating rows",
    "declaration": "A box to tick",
}
CELL_KINDS = ("text", "long", "choice", "date", "number", "money")
LIMIT_UNITS: dict[str, str] = {"characters": "characters", "words": "words"}
AUDIENCES: dict[str, str] = {
    "public": "Read by everybody",
    "experts": "Read by experts and the commission",
    "staff": "Read only by the secretary",
}

# What the system can check by itself of a requirement: code -> msgid. The stage of applications knows how.
MACHINE_CHECKS: dict[str, str] = {
    "in_time": "Sent before the deadline",
    "age": "Age of the organisation at the announcement",
    "complete": "Nothing is missing in the form",
    "papers": "Required documents are attached and valid",
    "limits": "The amount is within the limits of the lot",
    "own_share": "The own share is not less than the minimum",
    "in_kind": "The contribution in kind is within its limit",
    "period": "The project fits into the term of the competition",
    "double_funding": "Answer about other budgets, and marks of the radar",
    "per_organisation": "Number of applications from the organisation",
    "duplicate": "The same applicant under another name",
    "declarations": "Declarations of the head",
    "signature": "Signature over what was sent",
}

# What a secretary may open for correction beside single questions.
BUDGET_ITEM = "budget"
FILES_ITEM = "files"


@dataclass(frozen=True)
class Cell:
    """One cell of a repeating row. kind: one of CELL_KINDS."""

    code: str
    label: str
    kind: str = "text"
    required: bool = True
    limit: int = 300
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """One question of the form.

    kind: one of QUESTION_KINDS. `source` names the list of the competition that a choice is made from ("lots",
    "priorities"). `audience`: "public" answers are published, "experts" are read by experts and the commission, "staff"
    only by the secretary, who needs them for the check of conflicts. `show_if` is a rule tree over earlier answers;
    a question that it hides is neither required nor read. `is_fixed`: the procedure needs it, it cannot be removed.
    """

    code: str
    label: str
    kind: str
    hint: str = ""
    required: bool = True
    limit: int = 300
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""
    cells: tuple[Cell, ...] = ()
    min_rows: int = 0
    max_rows: int = 0
    audience: str = "experts"
    limit_unit: str = "characters"
    show_if: Condition | None = None
    is_fixed: bool = False


@dataclass(frozen=True)
class Section:
    """One page of the form. `page` is "questions", or names the page that is not a list of questions."""

    slug: str
    group: str
    title: str
    questions: tuple[Question, ...] = ()
    hint: str = ""
    page: str = "questions"
    is_fixed: bool = False


@dataclass(frozen=True)
class FileKind:
    """A paper that is attached to an application; `in_library` kinds are kept in the organisation's own library.

    `must_be_valid`: the term that the library knows of it must not have ended on the day of the submission.
    """

    code: str
    label: str
    required: bool = False
    hint: str = ""
    in_library: bool = False
    show_if: Condition | None = None
    must_be_valid: bool = False


@dataclass(frozen=True)
class Requirement:
    """One requirement of the formal check with its clause; `question` is what a defect opens for correction.

    `machine` names the check that the system makes by itself ("" where only a person can tell).
    """

    code: str
    label: str
    clause: str
    question: str
    defect: str
    machine: str = ""


@dataclass(frozen=True)
class EligibilityQuestion:
    """A question before the form, for anybody: only `wanted` ("yes" or "no") lets an organisation apply."""

    code: str
    label: str
    clause: str
    wanted: str = "yes"
    advice: str = ""


@dataclass(frozen=True)
class Form:
    """The whole form of a competition, in the order people see it."""

    sections: tuple[Section, ...]
    declarations: tuple[Question, ...]
    files: tuple[FileKind, ...]
    categories: tuple[tuple[str, str], ...]
    requirements: tuple[Requirement, ...]
    eligibility: tuple[EligibilityQuestion, ...] = ()

    @cached_property
    def declaration_section(self) -> Section:
        """Ticked by the head on the page «check and submit»."""
        return Section("declarations", "papers", "Declarations of the head", self.declarations, page="check")

    @cached_property
    def all_sections(self) -> tuple[Section, ...]:
        """Sections of the task list and the declarations."""
        return (*self.sections, self.declaration_section)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by its code, declarations included."""
        return {question.code: question for one in self.all_sections for question in one.questions}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section of each question."""
        return {question.code: one for one in self.all_sections for question in one.questions}

    @cached_property
    def category_labels(self) -> dict[str, str]:
        """Cost categories by code."""
        return dict(self.categories)

    @cached_property
    def file_labels(self) -> dict[str, str]:
        """Kinds of papers by code."""
        return {kind.code: kind.label for kind in self.files}

    @cached_property
    def requirement_by_code(self) -> dict[str, Requirement]:
        """Requirements of the formal check by code."""
        return {one.code: one for one in self.requirements}

    def section(self, slug: str) -> Section | None:
        """The section of that slug, declarations included."""
        return next((one for one in self.all_sections if one.slug == slug), None)

    def item_label(self, code: str) -> str:
        """What is opened for correction: a question, the budget or the documents."""
        if code == BUDGET_ITEM:
            return "Project budget"
        if code == FILES_ITEM:
            return "Attached documents"
        return self.questions[code].label if code in self.questions else code

    def is_item(self, code: str) -> bool:
        """Whether a correction may name it (declarations are signed again, never corrected)."""
        known = self.questions.get(code)
        return code in {BUDGET_ITEM, FILES_ITEM} or (known is not None and known.kind != "declaration")

    def is_asked(self, asked: Question | FileKind, answers: Mapping[str, Any]) -> bool:
        """Whether earlier answers let the question (or the paper) be asked at all."""
        return asked.show_if is None or holds(asked.show_if, answers, self.is_shown(answers))

    def is_shown(self, answers: Mapping[str, Any]) -> frozenset[str]:
        """Codes of the questions that are asked with these answers; what stands behind a hidden one is hidden too."""
        shown: set[str] = set()
        for question in self.questions.values():
            if question.show_if is None or holds(question.show_if, answers, shown):
                shown.add(question.code)
        return frozenset(shown)
