"""The form of a plan fact."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, InputRequired, NumberRange

from grants_app.web.fields import Form, MaxCharacters, TextField, WholeField

_NEEDED = _l("Fill this in")


class FactForm(Form):
    """What was reached in a year."""

    year = WholeField(_l("Year"), [InputRequired(_NEEDED), NumberRange(2000, 2100, _l("Enter a year"))])
    value = WholeField(_l("Reached"), [InputRequired(_NEEDED), NumberRange(0, 1_000_000, _l("Enter a whole number"))])
    evidence = TextField(
        _l("Evidence"),
        [DataRequired(_l("Name the evidence: a link, a date, a document")), MaxCharacters(1000)],
        description=_l("A link to the news, the date of the event, the number of the document"),
    )
