"""Forms of applying, made from the questions of the rules; what is typed becomes plain values for the services."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, RadioField, SelectField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from grants_app.applications import rules
from grants_app.applications.rules import Cell, Line, Question
from grants_app.applications.rules.budget import MAX_ROWS
from grants_app.core.errors import InvalidInput
from grants_app.journal.services import digest_of
from grants_app.web.errors import put_on_form
from grants_app.web.fields import (
    DayField,
    Form,
    KopField,
    LineField,
    MaxCharacters,
    QuantityField,
    RowForm,
    TextField,
    WholeField,
)

Choices = Mapping[str, Sequence[tuple[str, str]]]


class Voluntary:
    """Marks a question that may stay empty, so that its label says so."""

    field_flags: ClassVar[dict[str, bool]] = {"optional": True}

    def __call__(self, form: PlainForm, field: Field) -> None:
        """Nothing to check: drafts may be incomplete."""


class AnswerDayField(DayField):
    """A day of a draft: none yet is no error."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the day, or leave it empty."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError as error:
            self.data = None
            raise ValueError(gettext("Enter a date that exists")) from error


class SectionForm(Form):
    """A page of the form; its fields are added from the questions. `version` says what the person was reading."""

    version = HiddenField()


@dataclass(frozen=True)
class Reading:
    """The version and the digest of an answer as the page showed it."""

    version: int
    digest: str


def section_form(
    questions: Sequence[Question], answers: Mapping[str, Any], choices: Choices, *, is_stored: bool = False
) -> SectionForm:
    """The form of these questions, filled with the stored answers (or with what was posted, unless `is_stored`)."""
    fields = {question.code: _field(question, choices) for question in questions}
    made = type("QuestionsForm", (SectionForm,), fields)
    form: SectionForm = made(
        data={question.code: _shown(question, answers.get(question.code)) for question in questions},
        **({"formdata": None} if is_stored else {}),
    )
    for question in questions:
        if question.kind == "rows" and not form[question.code].entries:
            form[question.code].append_entry()
    return form


def values_of(form: SectionForm, questions: Sequence[Question]) -> dict[str, Any] | None:
    """What was typed, in the stored form of answers; None when something cannot be, and the form says what."""
    values: dict[str, Any] = {}
    for question in questions:
        if form[question.code].errors:
            continue
        try:
            values[question.code] = rules.clean(question, _plain(question, form[question.code].data))
        except InvalidInput as error:
            put_on_form(form, error)
    return values if len(values) == len(questions) else None


def reading_text(versions: Mapping[str, int], answers: Mapping[str, Any], questions: Sequence[Question]) -> str:
    """The hidden field `version`: for each question its version and the digest of what the page shows."""
    return json.dumps(
        {one.code: [versions.get(one.code, 0), _digest(one, answers.get(one.code))] for one in questions},
        separators=(",", ":"),
    )


def changed_values(
    values: Mapping[str, Any], text: str | None, questions: Sequence[Question]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Only what the person changed, with the versions they were reading; a foreign change elsewhere is no conflict."""
    readings = _readings(text)
    changed = {
        question.code: values[question.code]
        for question in questions
        if question.code not in readings or readings[question.code].digest != _digest(question, values[question.code])
    }
    return changed, {code: reading.version for code, reading in readings.items()}


def _readings(text: str | None) -> dict[str, Reading]:
    try:
        parts = json.loads(text or "{}")
        return {str(code): Reading(int(pair[0]), str(pair[1])) for code, pair in parts.items()}
    except (ValueError, TypeError, AttributeError, IndexError, KeyError):
        return {}


def _digest(question: Question, value: Any) -> str:
    if rules.is_empty(value):
        value = None
    return digest_of([question.code, value])[:12]


def _field(question: Question, choices: Choices) -> Any:
    label, hint = gettext(question.label), gettext(question.hint) if question.hint else ""
    marks = [] if question.required else [Voluntary()]
    if question.kind == "rows":
        row = type(f"{question.code}_row", (RowForm,), {cell.code: _cell_field(cell) for cell in question.cells})
        return FieldList(FormField(row), label, description=hint, max_entries=question.max_rows + 1)
    if question.kind == "choice":
        options = choices.get(question.source) or [(code, gettext(text)) for code, text in question.options]
        offered = [SelectChoice(code, text) for code, text in options]
        return RadioField(label, marks, description=hint, choices=offered, validate_choice=False)
    if question.kind == "declaration":
        return BooleanField(label)
    return _plain_field(question, label, hint, marks)


def _cell_field(cell: Cell) -> Any:
    label = gettext(cell.label)
    marks = [] if cell.required else [Voluntary()]
    if cell.kind == "choice":
        offered = [SelectChoice("", "–"), *(SelectChoice(code, gettext(text)) for code, text in cell.options)]
        return SelectField(label, marks, choices=offered, validate_choice=False)
    return _plain_field(cell, label, "", marks)


def _plain_field(asked: Question | Cell, label: str, hint: str, marks: list[Voluntary]) -> Any:
    kinds = {"date": AnswerDayField, "number": WholeField, "money": KopField}
    if asked.kind in kinds:
        return kinds[asked.kind](label, marks, description=hint)
    field = TextField if asked.kind == "long" else LineField
    return field(label, [*marks, MaxCharacters(asked.limit)], description=hint)


def _shown(question: Question, value: Any) -> Any:
    """A stored answer as the fields take it: days become days."""
    if question.kind == "rows":
        days = {cell.code for cell in question.cells if cell.kind == "date"}
        return [{code: _day(part) if code in days else part for code, part in row.items()} for row in (value or [])]
    return _day(value) if question.kind == "date" else value


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def _plain(question: Question, value: Any) -> Any:
    if question.kind == "rows":
        return [{code: _iso(part) for code, part in row.items()} for row in value]
    if question.kind == "declaration":
        return bool(value)
    return _iso(value)


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class BudgetRowForm(RowForm):
    """A line of the budget; sums are computed, never typed."""

    # What a budget is made of is the form's; see `budget_form`.
    category = SelectField(choices=list, validate_choice=False)
    item = LineField(validators=[MaxCharacters(300)])
    unit = LineField(validators=[MaxCharacters(40)])
    qty = QuantityField()
    price = KopField()
    city = KopField()
    own_cash = KopField()
    own_inkind = KopField()
    other = KopField()

    def is_blank(self) -> bool:
        """Whether nothing was typed into the row."""
        return not any(field.data for field in self) and not any(field.errors for field in self)

    def line(self) -> Line:
        """The row as a plain line; an empty amount is nothing."""
        return Line(
            category=self.category.data or "",
            item=self.item.data or "",
            unit=self.unit.data or "",
            qty_milli=self.qty.data or 0,
            price_kop=self.price.data or 0,
            city_kop=self.city.data or 0,
            own_cash_kop=self.own_cash.data or 0,
            own_inkind_kop=self.own_inkind.data or 0,
            other_kop=self.other.data or 0,
        )


class BudgetForm(Form):
    """The project budget; `version` is the digest of the budget that the person was reading."""

    version = HiddenField()
    smallest = KopField(lazy_gettext("Smallest useful amount"))
    smallest_dropped = TextField(
        lazy_gettext("What you give up if only the smallest useful amount is granted"), validators=[MaxCharacters(1000)]
    )

    def lines(self) -> list[Line]:
        """Lines that are not blank."""
        return [entry.form.line() for entry in self.rows if not entry.form.is_blank()]


@lru_cache(maxsize=64)
def _budget_kind(categories: tuple[tuple[str, str], ...]) -> type[BudgetForm]:
    def offered() -> list[SelectChoice]:
        return [SelectChoice("", "–"), *(SelectChoice(code, gettext(text)) for code, text in categories)]

    row = type("CategoryRowForm", (BudgetRowForm,), {"category": SelectField(choices=offered, validate_choice=False)})
    return type("CategoryBudgetForm", (BudgetForm,), {"rows": FieldList(FormField(row), max_entries=MAX_ROWS + 3)})


def budget_form(asked: rules.Form, **values: Any) -> BudgetForm:
    """The budget with the cost categories of the competition; `values` as the form takes them."""
    return _budget_kind(asked.categories)(**values)


def budget_rows_shown(lines: Sequence[Line], blank: int) -> list[dict[str, Any]]:
    """Stored lines as the form takes them, and blank rows after them."""
    shown = [
        {
            "category": line.category,
            "item": line.item,
            "unit": line.unit,
            "qty": line.qty_milli,
            "price": line.price_kop,
            "city": line.city_kop or None,
            "own_cash": line.own_cash_kop or None,
            "own_inkind": line.own_inkind_kop or None,
            "other": line.other_kop or None,
        }
        for line in lines
    ]
    return [*shown, *({} for _ in range(blank))]


class UploadForm(Form):
    """A document to attach."""

    kind = SelectField(
        lazy_gettext("Document"),
        choices=list,
        validate_choice=False,
    )
    file = FileField(lazy_gettext("File"), validators=[FileRequired(lazy_gettext("Choose a file"))])


def upload_form(asked: rules.Form) -> UploadForm:
    """The form of attaching, with the papers of the competition."""
    form = UploadForm()
    form.kind.choices = [SelectChoice(kind.code, gettext(kind.label)) for kind in asked.files]
    return form


class StartForm(Form):
    """For which organisation a new application is."""

    organisation = RadioField(
        lazy_gettext("Organisation"), validators=[InputRequired(lazy_gettext("Choose the organisation"))]
    )


class DeclarationsForm(Form):
    """What the head declares and sends."""


def declarations_form(declared: Sequence[Question], answers: Mapping[str, Any]) -> Form:
    """One checkbox a declaration."""
    made = type("HeadForm", (DeclarationsForm,), {one.code: _field(one, {}) for one in declared})
    form: Form = made(data={one.code: bool(answers.get(one.code)) for one in declared})
    return form


class ReasonForm(Form):
    """A reason, for withdrawal."""

    reason = TextField(lazy_gettext("Reason"), validators=[MaxCharacters(1000)])


class RejectForm(Form):
    """Why an application is not admitted."""

    reason = TextField(lazy_gettext("Reason"), validators=[MaxCharacters(2000)])
    clause = LineField(lazy_gettext("Clause"), validators=[MaxCharacters(200)])


class VerdictRow(RowForm):
    """The verdict on one requirement."""

    verdict = SelectField(
        lazy_gettext("Verdict"),
        choices=lambda: [SelectChoice("", "–"), *(SelectChoice(code, gettext(text)) for code, text in rules.VERDICTS)],
        validate_choice=False,
    )
    note = TextField(lazy_gettext("Note, read by the applicant"), validators=[MaxCharacters(1000)])


def verdicts_form(requirements: Sequence[rules.Requirement], given: Mapping[str, Mapping[str, str | None]]) -> Form:
    """One group a requirement, named by its code."""
    fields = {one.code: FormField(VerdictRow, gettext(one.label)) for one in requirements}
    form: Form = type("VerdictsForm", (Form,), fields)(data=given)
    return form


class ReturnForm(Form):
    """The letter of return: what opens, till when, the text."""

    letter = TextField(lazy_gettext("Letter"), validators=[MaxCharacters(4000)])
    days = WholeField(lazy_gettext("Term, days (up to 10 are working days)"))
