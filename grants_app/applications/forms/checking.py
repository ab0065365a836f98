"""Forms of the formal check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext, lazy_gettext
from wtforms import FormField, SelectField
from wtforms.fields.choices import SelectChoice

from grants_app.applications import rules
from grants_app.web.fields import Form, LineField, MaxCharacters, RowForm, TextField, WholeField


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
