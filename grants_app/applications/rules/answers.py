"""Answers as plain values: their shape, their bounds, what is still missing. No database.

text, long, choice: str; many: list of the chosen codes in the order of the options; date: ISO day; number: int;
money: kopiykas; rows: list of dicts; declaration: bool.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from grants_app.competitions.rules.form import Cell, Form, Question
from grants_app.core import figures, identifiers, words
from grants_app.core.errors import InvalidInput
from grants_app.core.figures import Figure

MAX_NUMBER = 10**12
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Missing:
    """Something that keeps the application from being sent: where it stands and the sentence with its facts.

    `is_error`: what is there contradicts a rule; otherwise it is only not there yet.
    """

    section: str
    item: str
    message: str
    label: str
    facts: tuple[tuple[str, object], ...] = ()
    is_error: bool = False


def is_empty(value: Any) -> bool:
    """No answer yet."""
    return value is None or value == "" or value == [] or value is False


def clean(question: Question, value: Any) -> Any:
    """The answer in its stored form. Raises InvalidInput (field = the question) for a wrong shape or a broken bound."""
    if question.kind == "rows":
        return _clean_rows(question, value)
    if question.kind == "declaration":
        if not isinstance(value, bool):
            raise InvalidInput("Tick the box or leave it", field=question.code)
        return value
    if question.kind == "many":
        return _clean_many(question, value)
    return _clean_single(question, question.code, value)


def _clean_many(question: Question, value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if not isinstance(value, Sequence) or isinstance(value, str) or any(not isinstance(one, str) for one in value):
        raise InvalidInput("Choose some of the options", field=question.code)
    known = [code for code, _label in question.options]
    if question.options and not set(value) <= set(known):
        raise InvalidInput("Choose some of the options", field=question.code)
    return [code for code in known if code in value] if known else list(dict.fromkeys(value))


def _clean_rows(question: Question, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidInput("This answer is a list of rows", field=question.code)
    rows = []
    for row in value:
        if not isinstance(row, Mapping):
            raise InvalidInput("This answer is a list of rows", field=question.code)
        cleaned = {cell.code: _clean_single(cell, question.code, row.get(cell.code)) for cell in question.cells}
        if any(not is_empty(cell) for cell in cleaned.values()):
            rows.append(cleaned)
    if question.max_rows and len(rows) > question.max_rows:
        raise InvalidInput(
            "At most %(limit_count)s rows are allowed, now %(now)s",
            field=question.code,
            facts={"limit_count": question.max_rows, "now": len(rows)},
        )
    return rows


def _clean_single(asked: Question | Cell, field: str, value: Any) -> Any:
    if value is None or value == "":
        return None if asked.kind in {"number", "money"} else ""
    if asked.kind in {"number", "money"}:
        if type(value) is not int or not 0 <= value <= MAX_NUMBER * (100 if asked.kind == "money" else 1):
            raise InvalidInput("Enter a whole number", field=field)
        return value
    if not isinstance(value, str):
        raise InvalidInput("This answer is a text", field=field)
    if asked.kind == "date":
        return _clean_day(value, field)
    text = words.unify(value).strip() if asked.kind == "long" else words.one_line(value)
    refuse_too_long(text, asked.limit, asked.limit_unit if isinstance(asked, Question) else "characters", field)
    if asked.kind == "choice" and asked.options and text not in {code for code, _ in asked.options}:
        raise InvalidInput("Choose one of the options", field=field)
    return text


def refuse_too_long(text: str, limit: int, unit: str, field: str) -> None:
    """Raises InvalidInput for a text beyond its limit in characters or words: how much is too much."""
    length = words.length(text, unit)
    if length <= limit:
        return
    message = (
        "Shorten by %(over)s words: %(most)s are allowed, now %(length)s"
        if unit == "words"
        else "Shorten by %(over)s characters: %(most)s are allowed, now %(length)s"
    )
    raise InvalidInput(message, field=field, facts={"over": length - limit, "most": limit, "length": length})


def _clean_day(value: str, field: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise InvalidInput("Enter a date that exists", field=field) from error


@dataclass(frozen=True)
class Period:
    """The days inside which projects of the competition run."""

    first: date | None
    last: date | None


def missing_answers(form: Form, answers: Mapping[str, Any], period: Period, *, priorities: bool) -> list[Missing]:
    """What is missing or contradicts itself among the answers, section by section; declarations come last.

    Questions that earlier answers hide are not asked for.
    """
    found, shown = [], form.is_shown(answers)
    for section in form.all_sections:
        for question in section.questions:
            if question.code not in shown or (question.source == "priorities" and not priorities):
                continue
            value = answers.get(question.code)
            problem = _problem(question, value, answers, period)
            if problem is not None:
                message, facts = problem
                wrong = not is_empty(value) and message not in _UNFINISHED
                found.append(Missing(section.slug, question.code, message, question.label, tuple(facts.items()), wrong))
    return found


def missing_files(form: Form, kinds: Sequence[str], answers: Mapping[str, Any]) -> list[Missing]:
    """Papers that must be attached with these answers and are not."""
    return [
        Missing("files", "files", "Attach the document", kind.label)
        for kind in form.files
        if kind.required and kind.code not in kinds and form.is_asked(kind, answers)
    ]


def expired_files(form: Form, papers: Iterable[tuple[str, str, date | None]], day: date) -> list[Missing]:
    """Papers that must be valid on the day of the submission and are not; `papers`: kind, name, last day."""
    dated = {kind.code: kind.label for kind in form.files if kind.must_be_valid}
    message = "“%(name)s” was valid until %(day)s. Attach a document that is valid on the day of submission"
    return [
        Missing("files", "files", message, dated[kind], (("name", name), ("day", Figure(figures.day, until))), True)
        for kind, name, until in papers
        if kind in dated and until is not None and until < day
    ]


Problem = tuple[str, dict[str, object]]


def _problem(question: Question, value: Any, answers: Mapping[str, Any], period: Period) -> Problem | None:
    if is_empty(value):
        if not question.required:
            return None
        return _EMPTY.get(question.kind, "Answer the question"), {}
    if question.kind == "rows":
        return _rows_problem(question, value, period)
    if question.code == "contact_phone" and not identifiers.is_phone(value):
        return "Enter the phone as +380 and nine digits", {}
    if question.code == "contact_email" and not _EMAIL.fullmatch(value):
        return "Enter an e-mail address, for example name@example.org", {}
    if question.kind == "date":
        return _day_problem(question, value, answers, period)
    return _misfit(question, value)


def _misfit(question: Question, value: Any) -> Problem | None:
    """An answer given before the organizer changed the question may not fit it any more."""
    if question.source:
        return None
    try:
        clean(question, value)
    except InvalidInput as error:
        return _GONE.get(error.message, error.message), dict(error.facts)
    return None


# A choice that is stored was offered when it was made.
_GONE = {
    "Choose one of the options": "What you chose is no longer offered: choose again",
    "Choose some of the options": "Something that you chose is no longer offered: look through the options and save",
}
_UNFINISHED = frozenset({"Add at least one row", "Row %(row)s is not finished: fill in “%(cell)s”"})
_EMPTY = {
    "choice": "Choose one of the options",
    "many": "Choose some of the options",
    "date": "Enter the day",
    "rows": "Add at least one row",
    "declaration": "The head must confirm this",
}


def _rows_problem(question: Question, rows: Sequence[Mapping[str, Any]], period: Period) -> Problem | None:
    if (misfit := _misfit(question, rows)) is not None:
        return misfit
    if len(rows) < question.min_rows:
        return "Add at least one row", {}
    problems = (_row_problem(question, number, row, period) for number, row in enumerate(rows, 1))
    return next((problem for problem in problems if problem is not None), None)


def _row_problem(question: Question, number: int, row: Mapping[str, Any], period: Period) -> Problem | None:
    for cell in question.cells:
        if cell.required and row.get(cell.code) in (None, ""):
            return "Row %(row)s is not finished: fill in “%(cell)s”", {"row": number, "cell": cell.label}
    if (code := row.get("edrpou")) and not identifiers.is_edrpou(str(code)):
        return "Row %(row)s: the EDRPOU code has eight digits, and the last one must agree", {"row": number}
    start, end = row.get("start_on"), row.get("end_on")
    if start and end and start > end:
        return "Row %(row)s ends before it starts", {"row": number}
    if any(_is_outside(day, period) for day in (start, end) if day):
        message = "Row %(row)s: projects of this competition run from %(first)s to %(last)s"
        return message, {"row": number, **_period_facts(period)}
    return None


def _is_outside(day: str, period: Period) -> bool:
    return bool((period.first and day < period.first.isoformat()) or (period.last and day > period.last.isoformat()))


def _period_facts(period: Period) -> dict[str, object]:
    return {"first": Figure(figures.day, period.first), "last": Figure(figures.day, period.last)}


def _day_problem(question: Question, value: Any, answers: Mapping[str, Any], period: Period) -> Problem | None:
    if (misfit := _misfit(question, value)) is not None:
        return misfit
    if _is_outside(value, period):
        return "Projects of this competition run from %(first)s to %(last)s", _period_facts(period)
    if question.code == "end_on" and isinstance(start := answers.get("start_on"), str) and start > value:
        return "The project ends before it starts", {}
    return None
