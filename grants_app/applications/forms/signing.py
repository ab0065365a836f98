"""Forms of signing: how the head signs, the scan of the signed form, the container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from grants_app.applications.forms.steps import DeclarationsForm, declarations_form
from grants_app.applications.rules import Question
from grants_app.applications.rules.signing import CONFIRM, SECOND_FACTOR, SIGNATURE_MODES
from grants_app.web.fields import Form, LineField, MaxCharacters


class ScanForm(Form):
    """The scan of the form that the head signed by hand."""

    scan = FileField(lazy_gettext("Scan of the signed form"), [FileRequired(lazy_gettext("Choose a file"))])
    printed = LineField(
        lazy_gettext("Mark printed on the form"),
        [InputRequired(lazy_gettext("Type the mark that is printed on the signed form")), MaxCharacters(40)],
        description=lazy_gettext("Twelve signs in the frame above the signature, for example 7F3A-91C0-4B2E"),
    )


class ContainerForm(Form):
    """The container with the electronic signature."""

    container = FileField(lazy_gettext("Container with the signature"), [FileRequired(lazy_gettext("Choose a file"))])


def sending_form(declared: Sequence[Question], answers: Mapping[str, Any], modes: Sequence[str]) -> DeclarationsForm:
    """The declarations and, where the call leaves a choice or asks for more than a press, how the head signs."""
    plain = declarations_form(declared, answers)
    if list(modes) == [CONFIRM]:
        return plain
    choices = [SelectChoice(mode, gettext(SIGNATURE_MODES[mode])) for mode in modes]
    fields: dict[str, Any] = {
        "mode": RadioField(
            lazy_gettext("How you sign"),
            [InputRequired(lazy_gettext("Choose how you sign"))],
            choices=choices,
            validate_choice=False,
            default=modes[0] if len(modes) == 1 else None,
        )
    }
    if SECOND_FACTOR in modes:
        fields["code"] = LineField(
            lazy_gettext("Code from the application"),
            [MaxCharacters(60)],
            description=lazy_gettext("Only if you sign with the second factor: six digits from your phone"),
        )
    made = type("SendingForm", (type(plain),), fields)
    form: DeclarationsForm = made(data={one.code: bool(answers.get(one.code)) for one in declared})
    return form
