"""Forms for the parts of the lists of a form: documents, declarations, categories, first questions, requirements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional

from grants_app.competitions.forms.conditions import ConditionRow, condition_of, join_field, rows_of
from grants_app.competitions.forms.fields import choice
from grants_app.competitions.forms.form import HINT, LABEL, PartForm, kept
from grants_app.competitions.rules.form import (
    BUDGET_ITEM,
    FILES_ITEM,
    MACHINE_CHECKS,
    EligibilityQuestion,
    FileKind,
    Form,
    Question,
    Requirement,
)
from grants_app.web.fields import LineField, MaxCharacters, TextField
from grants_app.web.row_steps import source_of


class LabelForm(PartForm):
    """A part that is a sentence alone."""

    label = LineField(_l("Text"), [DataRequired(_l("Enter a title")), MaxCharacters(LABEL)])


class DeclarationForm(LabelForm):
    """What the head declares."""

    required = BooleanField(_l("Without it an application cannot be sent"))


class PaperForm(LabelForm):
    """A document to attach."""

    hint = TextField(_l("Hint"), [Optional(), MaxCharacters(HINT)])
    required = BooleanField(_l("Must be attached"))
    in_library = BooleanField(
        _l("Kept in the library of the organisation"), description=_l("Attached once, used in later applications")
    )
    must_be_valid = BooleanField(
        _l("Must be valid on the day of submission"),
        description=_l("An application with a paper of the library whose term has ended cannot be sent"),
    )
    join = join_field()
    conditions = FieldList(
        FormField(ConditionRow),
        label=_l("When it is asked"),
        description=_l("Leave empty to ask always"),
        max_entries=10,
    )
    keeps_rule = BooleanField(_l("Keep this condition as it is"), description=_l("Clear the tick to write a new one"))


class FirstQuestionForm(LabelForm):
    """A question before the form."""

    wanted = RadioField(
        _l("Answer that lets an organisation apply"),
        choices=[choice("yes", _l("Yes")), choice("no", _l("No"))],
        validators=[InputRequired(_l("Choose which answer lets an organisation apply"))],
    )
    clause = LineField(_l("Clause"), [Optional(), MaxCharacters(200)], description=_l("Of the law or the announcement"))
    advice = TextField(
        _l("Advice"), [Optional(), MaxCharacters(HINT)], description=_l("For whom the answer is an obstacle")
    )


class RequirementForm(LabelForm):
    """A requirement of the formal check."""

    clause = LineField(_l("Clause"), [DataRequired(_l("Name the clause")), MaxCharacters(200)])
    defect = LineField(
        _l("What the letter says"),
        [DataRequired(_l("Say what the applicant reads when it is not met")), MaxCharacters(LABEL)],
    )
    question = SelectField(_l("What opens for correction"))
    machine = SelectField(
        _l("What the system checks by itself"), description=_l("It only proposes: the secretary’s verdict counts")
    )


@dataclass(frozen=True)
class ListKind:
    """How one of the lists is written: its form, an empty part, the attributes that are words."""

    form: type[PartForm]
    empty: Any
    words: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


LIST_KINDS: dict[str, ListKind] = {
    "files": ListKind(PaperForm, FileKind("", ""), ("label", "hint"), ("required", "in_library", "must_be_valid")),
    "declarations": ListKind(
        DeclarationForm, Question("", "", "declaration", audience="staff"), ("label",), ("required",)
    ),
    "categories": ListKind(LabelForm, ("", "")),
    "eligibility": ListKind(
        FirstQuestionForm, EligibilityQuestion("", "", ""), ("label", "clause", "advice"), ("wanted",)
    ),
    "requirements": ListKind(
        RequirementForm, Requirement("", "", "", "", ""), ("label", "clause", "defect"), ("question", "machine")
    ),
}


def item_form(
    name: str,
    whole: Form,
    item: Any,
    seen: str,
    *,
    from_request: bool = True,
    rows: MultiDict[str, str] | None = None,
) -> Any:
    """The form of a part of a list, with what stands there."""
    kind = LIST_KINDS[name]
    form: Any = kind.form(data=_values(name, whole, item) | {"seen": seen}, **source_of(from_request, rows))
    if name == "requirements":
        asked = [one for section in whole.sections for one in section.questions]
        form.question.choices = [
            choice("", gettext("Nothing")),
            choice(BUDGET_ITEM, gettext("Project budget")),
            choice(FILES_ITEM, gettext("Attached documents")),
            *(choice(one.code, gettext(one.label)) for one in asked),
        ]
        form.machine.choices = [
            choice("", gettext("Only a person can tell")),
            *(choice(code, gettext(label)) for code, label in MACHINE_CHECKS.items()),
        ]
    if "required" in form and getattr(item, "is_fixed", False):
        del form["required"]
    if "conditions" in form:
        _offer(form, whole, item)
    return form


def item_from(name: str, form: Any, whole: Form, item: Any) -> Any:
    """What was typed as a part of the list. Raises InvalidInput by field for a condition that cannot be."""
    kind = LIST_KINDS[name]
    if isinstance(item, tuple):
        return (item[0], kept(item[1], form.label.data))
    changed: dict[str, Any] = {word: kept(getattr(item, word), form[word].data) for word in kind.words}
    changed |= {one: form[one].data for one in kind.values if one in form}
    if "conditions" in form and not ("keeps_rule" in form and form.keeps_rule.data):
        changed["show_if"] = condition_of(form, _asked_before(whole))
    return replace(item, **changed)


def _values(name: str, whole: Form, item: Any) -> dict[str, Any]:
    if isinstance(item, tuple):
        return {"label": gettext(item[1]) if item[1] else ""}
    kind = LIST_KINDS[name]
    found = {word: gettext(text) if (text := getattr(item, word)) else "" for word in kind.words}
    found |= {one: getattr(item, one) for one in kind.values}
    if name == "files":
        rule = rows_of(item.show_if, whole)
        found |= {"keeps_rule": rule is None, "join": "all" if rule is None else rule[0]}
        found["conditions"] = [] if rule is None else rule[1]
    return found


def _offer(form: Any, whole: Form, item: FileKind) -> None:
    if not form.conditions.entries:
        form.conditions.append_entry()
    for entry in form.conditions.entries:
        entry.form.offer(_asked_before(whole))
    if rows_of(item.show_if, whole) is not None:
        del form["keeps_rule"]


def _asked_before(whole: Form) -> list[Question]:
    return [one for section in whole.sections for one in section.questions]
