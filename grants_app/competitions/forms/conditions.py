"""A condition in plain controls: rows of question, test and answer, joined by all or any.

What the controls cannot show (a tree within a tree, “one of several” beside other tests) stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from grants_app.competitions.forms.fields import choice
from grants_app.competitions.rules.form import Form, Question, checked
from grants_app.core.errors import InvalidInput
from grants_app.core.money import parse_kop
from grants_app.web import formatting
from grants_app.web.fields import LineField, RowForm

TESTS: dict[str, str] = {
    "is": "the answer is",
    "is_not": "the answer is not",
    "answered": "there is an answer",
    "not_answered": "there is no answer",
    "at_least": "at least",
    "at_most": "at most",
}
_CHOICES, _NUMBERS = {"choice", "many"}, {"number", "money"}


def join_field() -> RadioField:
    """Whether all rows must hold or one is enough."""
    return RadioField(
        _l("How many of the rows must hold"),
        choices=[choice("all", _l("All of them")), choice("any", _l("At least one"))],
        default="all",
    )


class ConditionRow(RowForm):
    """One test of an earlier answer."""

    question = SelectField(_l("Earlier question"), choices=[choice("", _l("Choose"))], default="")
    test = SelectField(
        _l("What is tested"), choices=[choice(code, _l(label)) for code, label in TESTS.items()], default="is"
    )
    answer = SelectField(
        _l("Option of that question"),
        choices=[choice("", _l("Choose"))],
        default="",
        description=_l("For “is” and “is not”: one of the options of that question"),
    )
    number = LineField(
        _l("Number"), [Optional()], description=_l("For “at least” and “at most”; an amount in hryvnias")
    )

    def is_blank(self) -> bool:
        """No question was chosen."""
        return not self.question.data

    def offer(self, earlier: Sequence[Question]) -> None:
        """Fill the choices: earlier questions, and all their options under the names of the questions."""
        blank = choice("", _l("Choose"))
        self.question.choices = [blank, *(choice(one.code, gettext(one.label)) for one in earlier)]
        self.answer.choices = [
            blank,
            *(
                choice(f"{one.code}:{code}", f"{gettext(one.label)}: {gettext(label)}")
                for one in earlier
                if one.kind in _CHOICES
                for code, label in one.options
            ),
        ]


def rows_of(tree: Any, form: Form) -> tuple[str, list[dict[str, str]]] | None:
    """The tree as the controls show it: how rows are joined, and the rows. None when they cannot show it."""
    if tree is None:
        return "all", []
    join = next((name for name in ("all", "any") if name in tree), "all")
    parts = tree.get(join, [tree])
    rows = [_row(part, form) for part in parts]
    if len(rows) > 10 or any(row is None for row in rows):
        return None
    return join, [row for row in rows if row is not None]


def condition_of(form: Any, earlier: Sequence[Question]) -> dict[str, Any] | None:
    """The rows as a tree; none when no row is filled. Raises InvalidInput at the row."""
    known = {one.code: one for one in earlier}
    leaves = [
        _leaf(entry.form, known, f"conditions-{place}")
        for place, entry in enumerate(entry for entry in form.conditions.entries if not entry.form.is_blank())
    ]
    if not leaves:
        return None
    tree = leaves[0] if len(leaves) == 1 else {form.join.data or "all": leaves}
    return dict(checked(tree, "conditions"))


def _row(leaf: Any, form: Form) -> dict[str, str] | None:
    if set(leaf) == {"not"} and set(leaf["not"]) == {"question", "is"}:
        shown = _row(leaf["not"], form)
        return None if shown is None or shown["test"] != "is" else shown | {"test": "is_not"}
    code = leaf.get("question")
    question = form.questions.get(code) if isinstance(code, str) else None
    if question is None:
        return None
    if "is" in leaf and leaf["is"] in {option for option, _label in question.options}:
        return {"question": question.code, "test": "is", "answer": f"{question.code}:{leaf['is']}"}
    if "answered" in leaf:
        return {"question": question.code, "test": "answered" if leaf["answered"] else "not_answered"}
    for name in ("at_least", "at_most"):
        if name in leaf and question.kind in _NUMBERS:
            number = formatting.typed_sum(leaf[name]) if question.kind == "money" else str(leaf[name])
            return {"question": question.code, "test": name, "number": number}
    return None


def _leaf(row: ConditionRow, known: dict[str, Question], place: str) -> dict[str, Any]:
    question = known.get(row.question.data or "")
    if question is None:
        raise InvalidInput("Choose an earlier question", field=f"{place}-question")
    test = row.test.data
    if test in {"is", "is_not"}:
        code, _, value = (row.answer.data or "").partition(":")
        if code != question.code or not value:
            raise InvalidInput("Choose an answer of the question named beside it", field=f"{place}-answer")
        leaf: dict[str, Any] = {"question": code, "is": value}
        return {"not": leaf} if test == "is_not" else leaf
    if test in {"at_least", "at_most"}:
        return {"question": question.code, test: _number(row, question, place)}
    return {"question": question.code, "answered": test == "answered"}


def _number(row: ConditionRow, question: Question, place: str) -> int:
    if question.kind not in _NUMBERS:
        raise InvalidInput("Only numbers and amounts can be compared: choose another test", field=f"{place}-test")
    text = row.number.data or ""
    try:
        if question.kind == "money":
            return parse_kop(text)
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise ValueError(text)
        return int(text)
    except ValueError:
        raise InvalidInput("Enter a whole number", field=f"{place}-number") from None
