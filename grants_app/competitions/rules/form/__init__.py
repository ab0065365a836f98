"""The form of a competition as data: kinds, the standard form, conditions between questions, the stored document."""

from __future__ import annotations

from grants_app.competitions.rules.form.conditions import Condition, checked, holds, leaves, questions_of
from grants_app.competitions.rules.form.document import check_form, form_json, form_of_json, form_text, read_form
from grants_app.competitions.rules.form.kinds import (
    AUDIENCES,
    BUDGET_ITEM,
    CELL_KINDS,
    FILES_ITEM,
    LIMIT_UNITS,
    MACHINE_CHECKS,
    QUESTION_KINDS,
    Cell,
    EligibilityQuestion,
    FileKind,
    Form,
    Question,
    Requirement,
    Section,
)
from grants_app.competitions.rules.form.standard import GROUPS, STANDARD, YES_NO

__all__ = [
    "AUDIENCES",
    "BUDGET_ITEM",
    "CELL_KINDS",
    "FILES_ITEM",
    "GROUPS",
    "LIMIT_UNITS",
    "MACHINE_CHECKS",
    "QUESTION_KINDS",
    "STANDARD",
    "YES_NO",
    "Cell",
    "Condition",
    "EligibilityQuestion",
    "FileKind",
    "Form",
    "Question",
    "Requirement",
    "Section",
    "check_form",
    "checked",
    "form_json",
    "form_of_json",
    "form_text",
    "holds",
    "leaves",
    "questions_of",
    "read_form",
]
