"""Forms of single steps: begin, declare and send, withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import InputRequired

from grants_app.applications.rules import Question
from grants_app.web.fields import Form, MaxCharacters, TextField


class StartForm(Form):
    """For which organisation a new application is."""

    organisation = RadioField(
        lazy_gettext("Organisation"), validators=[InputRequired(lazy_gettext("Choose the organisation"))]
    )


class DeclarationsForm(Form):
    """What the head declares and sends; `read` is the digest of the content that the page showed."""

    read = HiddenField()


def declarations_form(declared: Sequence[Question], answers: Mapping[str, Any]) -> DeclarationsForm:
    """One checkbox a declaration."""
    made = type("HeadForm", (DeclarationsForm,), {one.code: BooleanField(gettext(one.label)) for one in declared})
    form: DeclarationsForm = made(data={one.code: bool(answers.get(one.code)) for one in declared})
    return form


class ReasonForm(Form):
    """A reason, for withdrawal."""

    reason = TextField(lazy_gettext("Reason"), validators=[MaxCharacters(1000)])
