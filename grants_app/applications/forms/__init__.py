"""Forms of applying, by noun; what is typed becomes plain values for the services."""

from __future__ import annotations

from grants_app.applications.forms.budget import BudgetForm, BudgetRowForm, budget_form, budget_rows_shown
from grants_app.applications.forms.checking import RejectForm, ReturnForm, VerdictRow, verdicts_form
from grants_app.applications.forms.papers import LibraryForm, PhotosForm, UploadForm, photos_form, upload_form
from grants_app.applications.forms.questions import (
    SectionForm,
    changed_values,
    reading_text,
    section_form,
    typed_values,
    untouched,
    values_of,
)
from grants_app.applications.forms.steps import DeclarationsForm, ReasonForm, StartForm, declarations_form

__all__ = [
    "BudgetForm",
    "BudgetRowForm",
    "DeclarationsForm",
    "LibraryForm",
    "PhotosForm",
    "ReasonForm",
    "RejectForm",
    "ReturnForm",
    "SectionForm",
    "StartForm",
    "UploadForm",
    "VerdictRow",
    "budget_form",
    "budget_rows_shown",
    "changed_values",
    "declarations_form",
    "photos_form",
    "reading_text",
    "section_form",
    "typed_values",
    "untouched",
    "upload_form",
    "values_of",
    "verdicts_form",
]
