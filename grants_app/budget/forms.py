"""Forms of the money pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, Regexp

from grants_app.budget.rules import SOURCES
from grants_app.web.fields import Form, KopField, LineField, MaxCharacters, TextField, WholeField

_NEEDED = _l("Fill this in")


class LineForm(Form):
    """A new line of money."""

    source = RadioField(
        _l("Whose money"),
        choices=[SelectChoice(code, _l(label)) for code, label in SOURCES.items()],
        validators=[InputRequired(_l("Choose whose money it is"))],
    )
    code = LineField(
        _l("Code"),
        [
            DataRequired(_l("Enter a code, for example CITY-2027")),
            MaxCharacters(40),
            Regexp(r"^[A-Za-z0-9][A-Za-z0-9-]*$", message=_l("Use Latin letters, digits and hyphens")),
        ],
    )
    title = LineField(_l("Title"), [DataRequired(_l("Enter the title of the line")), MaxCharacters(300)])
    year = WholeField(
        _l("Budget year"), [InputRequired(_NEEDED), NumberRange(2000, 2100, _l("Enter a year, for example 2027"))]
    )
    kpkvk = LineField(
        _l("Programme code"),
        [Optional(), Regexp(r"^[0-9]{7}$", message=_l("The programme code has seven digits"))],
        description=_l("Seven digits; for the city’s money"),
    )
    limit = KopField(_l("Limit"), [InputRequired(_l("Enter the limit"))])


class LimitForm(Form):
    """A new limit of a line."""

    seen = HiddenField()
    limit = KopField(_l("New limit"), [InputRequired(_l("Enter the limit"))])
    reason = TextField(
        _l("Reason"), [DataRequired(_l("Give the decision that changes the limit")), MaxCharacters(1000)]
    )
