"""The application as the person who scores it may read it: the one place that sheet, packet and offline copy ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from grants_app.applications.models import Application, Attachment, BudgetRow
from grants_app.applications.queries import SectionText, application_text, attachments_of, form_for
from grants_app.database import db
from grants_app.reviews.queries import masking


@dataclass(frozen=True)
class ReadLine:
    """A line of the project budget, its texts masked where the phase is blind."""

    id: int
    category: str
    item: str
    unit: str
    justification: str
    qty_milli: int
    price_kop: int
    total_kop: int
    city_kop: int
    own_cash_kop: int
    own_inkind_kop: int
    other_kop: int
    least_kop: int | None


@dataclass(frozen=True)
class ReadFile:
    """An attached file that may be opened; in a blind phase its name says only what it is. `label` is a msgid."""

    code: str
    file_name: str
    label: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Reading:
    """Text of an application for its expert. `applicant` is None where the phase hides who applies."""

    code: str
    title: str
    applicant: str | None
    sections: tuple[SectionText, ...]
    budget: tuple[ReadLine, ...]
    attachments: tuple[ReadFile, ...]
    is_masked: bool
    categories: Mapping[str, str]  # cost categories of the form: code -> label


def reading_of(application: Application, viewer_kind: str = masking.EXPERT, *, lang: str = "uk") -> Reading:
    """What an expert who declared no conflict reads, in the order of the form; empty answers are left out.

    `lang` is that of sums and days; pages on which experts mark evidence keep the Ukrainian of the quotations.
    While the applicant is hidden these are the approved copies, and only files that
    the secretary found safe.
    """
    if masking.hides_applicant(application.competition, viewer_kind):
        return _masked(application, lang)
    return Reading(
        code=application.code or "",
        title=application.title,
        applicant=application.organisation.name if application.organisation else None,
        sections=_filled(application_text(application, lang=lang)),
        budget=tuple(_line(row) for row in budget_lines(application)),
        attachments=tuple(_file(application, file, file.file_name) for file in attachments_of(application)),
        is_masked=False,
        categories=form_for(application).category_labels,
    )


def _masked(application: Application, lang: str) -> Reading:
    text = masking.masked_text(application)
    return Reading(
        code=application.code or "",
        title=text.title,
        applicant=None,
        sections=_filled(application_text(application, answers=text.answers, lang=lang)),
        budget=masked_lines(application, text),
        attachments=tuple(
            _file(
                application, file, f"{file.kind.replace('_', '-')}-{number}.{file.file_name.rpartition('.')[2].lower()}"
            )
            for number, file in enumerate(attachments_of(application), start=1)
            if file.code in text.safe_files
        ),
        is_masked=True,
        categories=form_for(application).category_labels,
    )


def masked_lines(application: Application, text: masking.MaskedText) -> tuple[ReadLine, ...]:
    """Lines of the budget with the texts of the copy."""
    return tuple(_line(row, masked) for row, masked in zip(budget_lines(application), text.budget, strict=True))


def _filled(sections: list[SectionText]) -> tuple[SectionText, ...]:
    return tuple(one for one in sections if any(answer.text or answer.lines for answer in one.answers))


def _line(row: BudgetRow, masked: Mapping[str, str] | None = None) -> ReadLine:
    values = {name: getattr(row, name) for name in ReadLine.__dataclass_fields__}
    return ReadLine(**{**values, **(masked or {})})


def _file(application: Application, file: Attachment, name: str) -> ReadFile:
    label = form_for(application).file_labels.get(file.kind, file.kind)
    return ReadFile(file.code, name, label, file.media_type, file.size, file.sha256)


def budget_lines(application: Application) -> list[BudgetRow]:
    """Rows of the project budget in order."""
    query = sa.select(BudgetRow).filter_by(application_id=application.id, is_gone=False).order_by(BudgetRow.position)
    return list(db.session.scalars(query))
