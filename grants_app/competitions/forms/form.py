"""Forms by which the organizer changes the application form: a page of it, a question, a part of one of its lists.

Texts of the standard form are shown in the reader's language and stay as they are when nobody touches them; what is
changed becomes the city's own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from grants_app.competitions.forms.conditions import ConditionRow, condition_of, join_field, rows_of
from grants_app.competitions.forms.fields import choice, from_to
from grants_app.competitions.forms.plain import NEEDED
from grants_app.competitions.rules.form import (
    AUDIENCES,
    CELL_KINDS,
    GROUPS,
    LIMIT_UNITS,
    QUESTION_KINDS,
    Cell,
    Form,
    Question,
    Section,
)
from grants_app.competitions.rules.form.document import LONGEST_ANSWER, MOST_ROWS
from grants_app.competitions.rules.form.editing import earlier_questions
from grants_app.core import words
from grants_app.web.fields import Form as PageForm
from grants_app.web.fields import LineField, MaxCharacters, RowForm, TextField, WholeField
from grants_app.web.row_steps import source_of

LABEL, HINT, MOST_CELLS, MOST_CHOICES = 300, 1000, 12, 60
# Lists of rows on the page of a part; how many rows a new one begins with (a choice needs two options).
ROW_LISTS = {"options": 2, "cells": 1, "conditions": 1}
# Kinds that an organizer may add to a page; boxes to tick stand among the declarations.
# What each kind is good for, said where the organizer chooses among them.
KIND_HINTS: dict[str, str] = {
    "text": "A name, an address, a link: one line",
    "long": "A description; you set how many characters or words",
    "choice": "The applicant marks exactly one of your options",
    "many": "The applicant marks all that fit of your options",
    "date": "A day of the calendar",
    "number": "People, hours, pieces: can be compared in conditions",
    "money": "A sum in hryvnias; the budget of the project is a page of its own",
    "rows": "A table that the applicant makes longer: partners, events, risks; you set its columns",
}
OFFERED_KINDS = tuple(code for code in QUESTION_KINDS if code != "declaration")


class PartForm(PageForm):
    """Base: what the person was reading travels with the form."""

    seen = HiddenField()


class SectionForm(PartForm):
    """A page of the form."""

    title = LineField(_l("Title"), [DataRequired(_l("Enter a title")), MaxCharacters(LABEL)])
    hint = TextField(_l("Hint"), [Optional(), MaxCharacters(HINT)], description=_l("Stands under the title"))
    group = RadioField(
        _l("Part of the form"),
        choices=[choice(code, _l(title)) for code, title in GROUPS],
        validators=[InputRequired(_l("Choose a part of the form"))],
    )


class OptionRow(RowForm):
    """One of the options of a choice."""

    code = HiddenField()
    label = LineField(_l("Option"), [MaxCharacters(LABEL)])

    def is_blank(self) -> bool:
        """Nothing was typed."""
        return not self.label.data


class CellRow(RowForm):
    """A column of a repeating group."""

    code = HiddenField()
    label = LineField(_l("Title of the column"), [MaxCharacters(LABEL)])
    kind = SelectField(
        _l("Kind"), choices=[choice(code, _l(QUESTION_KINDS[code])) for code in CELL_KINDS], default="text"
    )
    required = BooleanField(_l("Must be filled in"))
    limit = WholeField(_l("Most characters"), [Optional(), NumberRange(1, LONGEST_ANSWER, from_to(1, LONGEST_ANSWER))])
    options = TextField(
        _l("Options"), [Optional(), MaxCharacters(4000)], description=_l("For “One of the options”: one a line")
    )

    def is_blank(self) -> bool:
        """No title was typed."""
        return not self.label.data


class QuestionForm(PartForm):
    """What every question has; its kind adds the rest."""

    kind = HiddenField()
    label = LineField(
        _l("Text of the question"), [DataRequired(_l("Enter the text of the question")), MaxCharacters(LABEL)]
    )
    hint = TextField(_l("Hint"), [Optional(), MaxCharacters(HINT)], description=_l("Stands under the question"))
    section = SelectField(_l("Page of the form"))
    required = BooleanField(_l("Must be answered"))
    audience = RadioField(
        _l("Who reads the answer"), choices=[choice(code, _l(label)) for code, label in AUDIENCES.items()]
    )


class _LimitPart:
    limit = WholeField(
        _l("Longest answer"),
        [InputRequired(NEEDED), NumberRange(1, LONGEST_ANSWER, from_to(1, LONGEST_ANSWER))],
        description=_l("Counted alike in the browser and on the server"),
    )
    limit_unit = RadioField(_l("Counted in"), choices=[choice(code, _l(label)) for code, label in LIMIT_UNITS.items()])


class _OptionsPart:
    options = FieldList(
        FormField(OptionRow),
        label=_l("Options"),
        description=_l("In the order in which they are shown. An empty row is left out"),
        max_entries=MOST_CHOICES,
    )


def _not_above_the_most(form: Any, field: WholeField) -> None:
    if field.data is not None and form.max_rows.data is not None and field.data > form.max_rows.data:
        raise ValidationError(gettext("Fewest rows may not be more than most rows"))


class _RowsPart:
    cells = FieldList(
        FormField(CellRow),
        label=_l("Columns"),
        description=_l("What every row asks. An empty row is left out"),
        max_entries=MOST_CELLS,
    )
    min_rows = WholeField(
        _l("Fewest rows"),
        [InputRequired(NEEDED), NumberRange(0, MOST_ROWS, from_to(0, MOST_ROWS)), _not_above_the_most],
    )
    max_rows = WholeField(_l("Most rows"), [InputRequired(NEEDED), NumberRange(1, MOST_ROWS, from_to(1, MOST_ROWS))])


class _ConditionPart:
    keeps_rule = BooleanField(_l("Keep this condition as it is"), description=_l("Clear the tick to write a new one"))
    join = join_field()
    conditions = FieldList(
        FormField(ConditionRow),
        label=_l("When it is asked"),
        description=_l("Leave empty to ask always. Only questions that stand before this one can be chosen"),
        max_entries=10,
    )


_PARTS = {"text": _LimitPart, "long": _LimitPart, "choice": _OptionsPart, "many": _OptionsPart, "rows": _RowsPart}


def section_form(section: Section | None, group: str, seen: str, *, from_request: bool = True) -> SectionForm:
    """The form of a page; a new one stands in `group`."""
    values = {"group": group} if section is None else _texts(section, "title", "hint") | {"group": section.group}
    form = SectionForm(data=values | {"seen": seen}, **({} if from_request else {"formdata": None}))
    if section is not None and section.is_fixed:
        del form["group"]
    return form


def section_from(form: SectionForm, section: Section | None) -> Section:
    """What was typed as a page of the form."""
    known = section or Section("", "", "")
    return replace(
        known,
        title=kept(known.title, form.title.data),
        hint=kept(known.hint, form.hint.data),
        group=form.group.data if "group" in form else known.group,
    )


def question_form(
    whole: Form,
    question: Question,
    section: str,
    seen: str,
    *,
    from_request: bool = True,
    rows: MultiDict[str, str] | None = None,
) -> QuestionForm:
    """The form of a question, with the controls of its kind; blank rows only where there is none yet."""
    earlier = earlier_questions(whole, question.code or None, section)
    made: Any = type("MadeQuestionForm", tuple(_bases(question, bool(earlier))), {})
    values = _question_values(whole, question, section) | {"seen": seen}
    form = made(data=values, **source_of(from_request, rows))
    for name in _closed(whole, question, section):
        if name in form:
            del form[name]
    _set_rows(form, question)
    if "section" in form:
        pages = [one for one in whole.sections if one.page == "questions"]
        form.section.choices = [choice(one.slug, gettext(one.title)) for one in pages]
    if "conditions" in form:
        for entry in form.conditions.entries:
            entry.form.offer(earlier)
    return cast(QuestionForm, form)


def _set_rows(form: Any, question: Question) -> None:
    for name, least in ROW_LISTS.items():
        while name in form and not form[name].entries[least - 1 :]:
            form[name].append_entry()
    if question.is_fixed and "cells" in form:
        for entry in form.cells.entries:
            for name in ("kind", "required", "options"):
                del entry.form[name]


def _bases(question: Question, has_earlier: bool) -> list[type]:
    """The parts that a question of that kind has controls for."""
    bases: list[type] = [QuestionForm]
    if question.kind in _PARTS and not question.source:
        bases.insert(0, _PARTS[question.kind])
    if has_earlier and not question.is_fixed:
        bases.insert(0, _ConditionPart)
    return bases


def _closed(whole: Form, question: Question, section: str) -> list[str]:
    """Controls that this question does not have: the procedure needs some questions as they are."""
    closed = []
    if question.is_fixed:
        closed += ["section", "required", "audience", "min_rows", "max_rows"]
    if section not in {one.slug for one in whole.sections if one.page == "questions"}:
        closed.append("section")
    if rows_of(question.show_if, whole) is not None:
        closed.append("keeps_rule")
    return closed


def question_from(form: Any, whole: Form, question: Question, section: str) -> Question:
    """What was typed as a question. Raises InvalidInput by field for a condition that cannot be."""
    changed: dict[str, Any] = {
        "label": kept(question.label, form.label.data),
        "hint": kept(question.hint, form.hint.data),
        "kind": question.kind,
    }
    for name in ("required", "audience", "limit_unit", "limit", "min_rows", "max_rows"):
        if name in form:
            changed[name] = form[name].data
    if "options" in form:
        changed["options"] = _options(form.options, question.options)
    if "cells" in form:
        changed["cells"] = _cells(form.cells, question.cells)
    if "conditions" in form and not ("keeps_rule" in form and form.keeps_rule.data):
        changed["show_if"] = condition_of(form, earlier_questions(whole, question.code or None, section))
    return replace(question, **changed)


def kept(old: str, typed: str | None) -> str:
    """The text as it should be stored: untouched words of the standard form stay translatable."""
    text = typed or ""
    return old if old and words.one_line(text) == words.one_line(gettext(old)) else text


def _texts(part: Any, *names: str) -> dict[str, str]:
    return {name: gettext(text) if (text := getattr(part, name)) else "" for name in names}


def _question_values(whole: Form, question: Question, section: str) -> dict[str, Any]:
    rule = rows_of(question.show_if, whole)
    return {
        **_texts(question, "label", "hint"),
        **{name: getattr(question, name) for name in ("kind", "required", "audience", "limit", "limit_unit")},
        "min_rows": question.min_rows,
        "max_rows": question.max_rows or 10,
        "section": section,
        "options": [{"code": code, "label": gettext(label)} for code, label in question.options],
        "cells": [
            {
                "code": cell.code,
                "label": gettext(cell.label),
                "kind": cell.kind,
                "required": cell.required,
                "limit": cell.limit,
                "options": "\n".join(gettext(label) for _code, label in cell.options),
            }
            for cell in question.cells
        ],
        "keeps_rule": rule is None,
        "join": "all" if rule is None else rule[0],
        "conditions": [] if rule is None else rule[1],
    }


def _options(rows: Any, known: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    old = dict(known)
    taken = set(old)
    found: list[tuple[str, str]] = []
    for entry in rows.entries:
        if entry.form.is_blank():
            continue
        code = entry.form.code.data or ""
        if code not in old or code in {one for one, _label in found}:
            code = _free("o", taken)
        taken.add(code)
        found.append((code, kept(old.get(code, ""), entry.form.label.data)))
    return tuple(found)


def _cells(rows: Any, known: Sequence[Cell]) -> tuple[Cell, ...]:
    old = {cell.code: cell for cell in known}
    taken = set(old)
    found: list[Cell] = []
    for entry in rows.entries:
        row = entry.form
        if row.is_blank():
            continue
        code = row.code.data or ""
        if "kind" not in row:  # of a column that the procedure needs only the words and the limit are asked
            if code in old:
                label = kept(old[code].label, row.label.data)
                found.append(replace(old[code], label=label, limit=row.limit.data or old[code].limit))
            continue
        if code not in old or code in {cell.code for cell in found}:
            code = _free("c", taken)
        taken.add(code)
        was = old.get(code, Cell(code, ""))
        found.append(
            replace(
                was,
                label=kept(was.label, row.label.data),
                kind=row.kind.data,
                required=row.required.data,
                limit=row.limit.data or was.limit,
                options=_line_options(row.options.data, was.options) if row.kind.data == "choice" else (),
            )
        )
    return tuple(found)


def _line_options(text: str | None, known: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    by_label = {words.one_line(gettext(label)): (code, label) for code, label in known}
    taken = {code for code, _label in known}
    found: list[tuple[str, str]] = []
    for line in dict.fromkeys(words.one_line(one) for one in (text or "").splitlines()):
        if not line:
            continue
        pair = by_label.get(line) or (_free("o", taken), line)
        taken.add(pair[0])
        found.append(pair)
    return tuple(found)


def _free(prefix: str, taken: set[str]) -> str:
    return next(code for number in range(1, 10_000) if (code := f"{prefix}{number}") not in taken)
