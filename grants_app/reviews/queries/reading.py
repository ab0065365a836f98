"""The application as the person who scores it may read it: the one place that sheet, packet and offline copy ask."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from grants_app.applications.models import Application, Attachment, BudgetRow
from grants_app.applications.queries import SectionText, application_text, attachments_of
from grants_app.database import db


@dataclass(frozen=True)
class Reading:
    """Text of an application for its expert. `applicant` is None where the phase hides who applies."""

    code: str
    title: str
    applicant: str | None
    sections: tuple[SectionText, ...]
    budget: tuple[BudgetRow, ...]
    attachments: tuple[Attachment, ...]
    is_masked: bool


def reading_of(application: Application) -> Reading:
    """What an expert who declared no conflict reads, in the order of the form; empty answers are left out."""
    sections = tuple(one for one in application_text(application) if any(a.text or a.lines for a in one.answers))
    return Reading(
        code=application.code or "",
        title=application.title,
        applicant=application.organisation.name if application.organisation else None,
        sections=sections,
        budget=tuple(budget_lines(application)),
        attachments=tuple(attachments_of(application)),
        is_masked=False,
    )


def budget_lines(application: Application) -> list[BudgetRow]:
    """Rows of the project budget in order."""
    query = sa.select(BudgetRow).filter_by(application_id=application.id).order_by(BudgetRow.position)
    return list(db.session.scalars(query))
