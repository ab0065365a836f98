"""The form of a page of questions, made from the questions themselves; what is typed becomes plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.applications import rules
from grants_app.applications.rules import Cell, Question
from grants_app.core.errors import InvalidInput
from grants_app.journal.services import digest_of
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.fields import DayField, Form, KopField, LineField, RowForm, TextField, WholeField
from grants_app.web.row_steps import source_of

MOST_VERSIONS = 2**31 - 2
BOUNDLESS = 10**9
Choices = Mapping[str, Sequence[tuple[str, str]]]


class Voluntary:
    """Marks a question that may stay empty, so that its label says so."""

    field_flags: ClassVar[dict[str, bool]] = {"optional": True}

    def __call__(self, form: PlainForm, field: Field) -> None:
        """Nothing to check: drafts may be incomplete."""


class Limited:
    """At most so many characters or words, by the count that the page's counter and `rules.clean` make as well."""

    def __init__(self, limit: int, unit: str) -> None:
        self.limit, self.unit = limit, unit
        self.field_flags = {"limit": limit, "limit_unit": unit}

    def __call__(self, form: PlainForm, field: Field) -> None:
        """Say it at the very field: a row has several."""
        try:
            rules.refuse_too_long(field.data or "", self.limit, self.unit, field.name)
        except InvalidInput as error:
            raise ValidationError(sentence(error)) from error


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


class BoxesField(SelectMultipleField):
    """Some of the options: boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SectionForm(Form):
    """A page of the form; its fields are added from the questions. `version` says what the person was reading."""

    version = HiddenField()


@dataclass(frozen=True)
class Reading:
    """The version and the digest of an answer as the page showed it."""

    version: int
    digest: str


def section_form(
    questions: Sequence[Question],
    answers: Mapping[str, Any],
    choices: Choices,
    *,
    is_stored: bool = False,
    rows: MultiDict[str, str] | None = None,
) -> SectionForm:
    """The form of these questions, filled with the stored answers (or with what was posted, unless `is_stored`).

    `rows`: what was posted, with a row added, moved or taken away by its button.
    """
    fields = {question.code: _field(question, choices) for question in questions}
    made = type("QuestionsForm", (SectionForm,), fields)
    form: SectionForm = made(
        data={question.code: _shown(question, answers.get(question.code)) for question in questions},
        **source_of(not is_stored, rows),
    )
    for question in questions:
        if question.kind == "rows" and not form[question.code].entries:
            form[question.code].append_entry()
    return form


def values_of(
    form: SectionForm, questions: Sequence[Question], hidden: frozenset[str] = frozenset()
) -> dict[str, Any] | None:
    """What was typed, in the stored form of answers; None when something cannot be, and the form says what.

    A question that is hidden with these answers is judged by nobody: what it cannot be is left as it is stored.
    """
    values: dict[str, Any] = {}
    for question in questions:
        field = form[question.code]
        try:
            if not field.errors:
                values[question.code] = rules.clean(question, _plain(question, field.data))
        except InvalidInput as error:
            if question.code not in hidden:
                put_on_form(form, error)
        if question.code in hidden:
            field.errors = []
    asked = {question.code for question in questions} - hidden
    return values if asked <= set(values) else None


def typed_values(form: SectionForm, questions: Sequence[Question]) -> dict[str, Any]:
    """Whatever of the page can be read as answers, to find out which questions it asks."""
    values: dict[str, Any] = {}
    for question in questions:
        try:
            values[question.code] = rules.clean(question, _plain(question, form[question.code].data))
        except InvalidInput:
            continue
    return values


def untouched(form: SectionForm, questions: Sequence[Question]) -> dict[str, Any]:
    """Answers that the page had shown and that stand there still, whatever the bounds have become since then."""
    readings, found = _readings(form.version.data), {}
    for question in questions:
        cells = tuple(replace(cell, limit=BOUNDLESS) for cell in question.cells)
        boundless = replace(question, limit=BOUNDLESS, cells=cells, max_rows=0)
        try:
            typed = rules.clean(boundless, _plain(question, form[question.code].data))
        except InvalidInput:
            continue
        if question.code in readings and readings[question.code].digest == _digest(question, typed):
            found[question.code] = typed
    return found


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
        if question.code in values
        and (
            question.code not in readings or readings[question.code].digest != _digest(question, values[question.code])
        )
    }
    return changed, {code: reading.version for code, reading in readings.items()}


def _readings(text: str | None) -> dict[str, Reading]:
    try:
        parts = json.loads(text or "{}")
        return {str(code): Reading(_version(pair[0]), str(pair[1])) for code, pair in parts.items()}
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        return {}


def _version(given: Any) -> int:
    """A version that a page can have shown; anything else was forged and matches nothing."""
    return given if type(given) is int and 0 <= given < MOST_VERSIONS else 0


def _digest(question: Question, value: Any) -> str:
    """Of what the page shows: an option that is no longer offered is not among its boxes."""
    if question.options and not question.source and question.kind in {"choice", "many"}:
        known = {code for code, _label in question.options}
        value = [one for one in value if one in known] if isinstance(value, list) else value if value in known else None
    if rules.is_empty(value):
        value = None
    return digest_of([question.code, value])[:12]


def _field(question: Question, choices: Choices) -> Any:
    label, hint = gettext(question.label), gettext(question.hint) if question.hint else ""
    marks = [] if question.required else [Voluntary()]
    if question.kind == "rows":
        row = type(f"{question.code}_row", (RowForm,), {cell.code: _cell_field(cell) for cell in question.cells})
        return FieldList(FormField(row), label, description=hint, max_entries=question.max_rows + 1)
    if question.kind in {"choice", "many"}:
        options = choices.get(question.source) or [(code, gettext(text)) for code, text in question.options]
        offered = [SelectChoice(code, text) for code, text in options]
        kind = BoxesField if question.kind == "many" else RadioField
        return kind(label, marks, description=hint, choices=offered, validate_choice=False)
    if question.kind == "declaration":
        return BooleanField(label, description=hint)
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
    unit = asked.limit_unit if isinstance(asked, Question) else "characters"
    return field(label, [*marks, Limited(asked.limit, unit)], description=hint)


def _shown(question: Question, value: Any) -> Any:
    """A stored answer as the fields take it: days become days."""
    if question.kind == "rows":
        days = {cell.code for cell in question.cells if cell.kind == "date"}
        rows = value if isinstance(value, list) else []
        return [{code: _day(part) if code in days else part for code, part in row.items()} for row in rows]
    return _day(value) if question.kind == "date" else value


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return None  # a question that was of another kind when it was answered


def _plain(question: Question, value: Any) -> Any:
    if question.kind == "rows":
        return [{code: _iso(part) for code, part in row.items()} for row in value]
    if question.kind == "declaration":
        return bool(value)
    if question.kind == "many":
        return [str(one) for one in value or ()]
    return _iso(value)


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
