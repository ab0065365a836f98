"""Forms of masking: the copy of one answer, and the ties that an expert names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.reviews.queries.masking import CopyCell
from grants_app.reviews.queries.statements import Applicant
from grants_app.web.fields import Form, TextField


class CopyForm(Form):
    """The copy of one part: a text for each of its cells; `seen` says what the person looked at."""

    seen = HiddenField()


def copy_form(cells: Iterable[CopyCell], seen: str) -> CopyForm:
    """The form with the texts of the copy; a POST fills it with what was typed."""
    cells = list(cells)
    fields: dict[str, Any] = {cell.name: TextField(gettext(cell.label)) for cell in cells}
    form: CopyForm = type("AnswerCopyForm", (CopyForm,), fields)(data={"seen": seen, **{c.name: c.copy for c in cells}})
    return form


class TiesForm(Form):
    """Applicants with whom the expert has ties; none is an answer too."""

    organisations = SelectMultipleField(
        _l("With which of these organisations do you have ties?"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def ties_form(applicants: Iterable[Applicant]) -> TiesForm:
    """The form with all applicants of the competition."""
    form = TiesForm()
    form.organisations.choices = [SelectChoice(one.edrpou, f"{one.name}, {one.edrpou}") for one in applicants]
    return form
