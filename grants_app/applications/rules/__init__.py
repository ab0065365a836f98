"""Rules of applying as data: the form, the budget, the formal check, the letters."""

from __future__ import annotations

from grants_app.applications.rules.answers import Missing, Period, clean, is_empty, missing_answers, missing_files
from grants_app.applications.rules.budget import CATEGORIES, CATEGORY_LABELS, SOURCES, Finding, Limits, Line, Totals
from grants_app.applications.rules.form import (
    BUDGET_ITEM,
    DECLARATION_SECTION,
    DECLARATIONS,
    FILE_KINDS,
    FILES_ITEM,
    GROUPS,
    MAX_FILES,
    QUESTIONS,
    SECTION_OF,
    SECTIONS,
    is_item,
    item_label,
    section,
)
from grants_app.applications.rules.kinds import Cell, FileKind, Question, Requirement, Section
from grants_app.applications.rules.letters import LETTERS
from grants_app.applications.rules.requirements import REQUIREMENT_BY_CODE, REQUIREMENTS, VERDICTS

__all__ = [
    "BUDGET_ITEM",
    "CATEGORIES",
    "CATEGORY_LABELS",
    "DECLARATIONS",
    "DECLARATION_SECTION",
    "FILES_ITEM",
    "FILE_KINDS",
    "GROUPS",
    "LETTERS",
    "MAX_FILES",
    "QUESTIONS",
    "REQUIREMENTS",
    "REQUIREMENT_BY_CODE",
    "SECTIONS",
    "SECTION_OF",
    "SOURCES",
    "VERDICTS",
    "Cell",
    "FileKind",
    "Finding",
    "Limits",
    "Line",
    "Missing",
    "Period",
    "Question",
    "Requirement",
    "Section",
    "Totals",
    "clean",
    "is_empty",
    "is_item",
    "item_label",
    "missing_answers",
    "missing_files",
    "section",
]
