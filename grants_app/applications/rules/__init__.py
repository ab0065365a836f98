"""Rules of applying as data: the form, the budget, the formal check, the letters."""

from __future__ import annotations

from grants_app.applications.rules.answers import (
    Missing,
    Period,
    clean,
    expired_files,
    is_empty,
    missing_answers,
    missing_files,
    refuse_too_long,
)
from grants_app.applications.rules.budget import SOURCES, Finding, Limits, Line, Totals
from grants_app.applications.rules.letters import LETTERS
from grants_app.applications.rules.requirements import VERDICTS, depending_on
from grants_app.competitions.rules.form import (
    BUDGET_ITEM,
    FILES_ITEM,
    GROUPS,
    STANDARD,
    Cell,
    FileKind,
    Form,
    Question,
    Requirement,
    Section,
)

MAX_FILES = 20

__all__ = [
    "BUDGET_ITEM",
    "FILES_ITEM",
    "GROUPS",
    "LETTERS",
    "MAX_FILES",
    "SOURCES",
    "STANDARD",
    "VERDICTS",
    "Cell",
    "FileKind",
    "Finding",
    "Form",
    "Limits",
    "Line",
    "Missing",
    "Period",
    "Question",
    "Requirement",
    "Section",
    "Totals",
    "clean",
    "depending_on",
    "expired_files",
    "is_empty",
    "missing_answers",
    "missing_files",
    "refuse_too_long",
]
