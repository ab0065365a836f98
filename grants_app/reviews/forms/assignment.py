"""Forms of the assignment: the wish for a proposal, a replacement, an exchange, an uploaded table."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, HiddenField, RadioField, SelectField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from grants_app.reviews.rules.matching import MODES
from grants_app.web.fields import Form, LineField, MaxCharacters, ShareField, TextField, WholeField


class Within(NumberRange):
    """A number within bounds; what could not be read as a number has its own complaint."""

    def __call__(self, form: PlainForm, field: Field) -> None:
        if field.data is not None:
            super().__call__(form, field)


class ProposalForm(Form):
    """How the engine should choose."""

    mode = RadioField(
        _l("How to choose"),
        choices=[SelectChoice(code, _l(label)) for code, label in MODES.items()],
        default="sum",
        validators=[InputRequired(_l("Choose how to choose experts"))],
    )
    limit_bp = ShareField(
        _l("Highest probability of a pair, per cent"),
        [Optional(), Within(1_000, 10_000, _l("Enter a share from 10 to 100 per cent"))],
        default=5_000,
        description=_l("For the random mode only: the lower, the less anybody can foresee who scores what"),
    )
    seed = WholeField(
        _l("Seed of the draw"),
        [Optional(), Within(1, 999_999_999, _l("Enter a number of at most nine digits"))],
        description=_l("For the random mode only. Leave empty for a new draw; the same seed repeats a draw"),
    )


class ReplaceForm(Form):
    """The expert whom the page has shown as the replacement."""

    replacement = HiddenField(_l("Expert"), [DataRequired(_l("Choose an expert"))])


class ExchangeForm(Form):
    """Two experts take each other's applications."""

    other = SelectField(
        _l("Exchange with"), choices=[], validate_choice=False, validators=[DataRequired(_l("Choose with whom"))]
    )
    reason = TextField(_l("Reason"), [DataRequired(_l("Give the reason: it is recorded")), MaxCharacters(1000)])


class TableForm(Form):
    """A table of assignments that was edited elsewhere."""

    file = FileField(
        _l("Table, XLSX or CSV"),
        validators=[FileRequired(_l("Choose a file"))],
        description=_l("The columns are found by their headings: application, and expert’s e-mail or code"),
    )


class ConfirmForm(Form):
    """The table that was shown, to be applied."""

    rows = HiddenField()
    basis = HiddenField()
    reason = LineField(_l("Reason"), [MaxCharacters(300)], description=_l("Needed when assignments are taken back"))
