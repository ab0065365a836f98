"""Verdicts, terms and machine checks of the formal check; the requirements themselves stand in the form."""

from __future__ import annotations

from collections.abc import Iterable

from grants_app.competitions.rules.form import BUDGET_ITEM, Form
from grants_app.competitions.rules.form.conditions import questions_of

VERDICTS: tuple[tuple[str, str], ...] = (
    ("meets", "Meets"),
    ("defect", "Defect"),
    ("not_applicable", "Does not apply"),
)
# Working days from the end of intake (or of the corrections): a notice of defects, the whole check. Domain section 9.
NOTICE_DAYS, CHECK_DAYS = 3, 5


def depending_on(form: Form, items: Iterable[str]) -> frozenset[str]:
    """The items themselves and every question that is asked or hidden by one of them, step by step.

    A corrected answer may ask for more: what depends on a named question opens with it. What the project gives up
    stands on the page of the budget and is corrected with it.
    """
    found = set(items)
    if BUDGET_ITEM in found:
        found |= {
            question.code for section in form.sections if section.page == "budget" for question in section.questions
        }
    for code, question in form.questions.items():  # a question can depend only on earlier ones
        if question.kind != "declaration" and questions_of(question.show_if) & found:
            found.add(code)
    return frozenset(found)
