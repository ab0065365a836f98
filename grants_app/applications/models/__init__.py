"""Tables of applying, by noun."""

from __future__ import annotations

from grants_app.applications.models.application import Answer, Application, Attachment, BudgetRow, Submission
from grants_app.applications.models.checking import BulkStep, Correction, Flag, FormalCheckItem
from grants_app.applications.models.intake import DraftReminder, LateEntry, Presence, Signature

__all__ = [
    "Answer",
    "Application",
    "Attachment",
    "BudgetRow",
    "BulkStep",
    "Correction",
    "DraftReminder",
    "Flag",
    "FormalCheckItem",
    "LateEntry",
    "Presence",
    "Signature",
    "Submission",
]
