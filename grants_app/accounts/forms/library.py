"""The form of a paper in the organisation's library."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from grants_app.accounts.rules.library import LIBRARY_KINDS
from grants_app.web.fields import DayField, Form, LineField, MaxCharacters


class DocumentForm(Form):
    """A paper: what it is, how it is called among us, till which day it is valid, the file."""

    kind = SelectField(
        _l("Kind of the document"),
        choices=lambda: [SelectChoice(code, gettext(label)) for code, label in LIBRARY_KINDS.items()],
        validate_choice=False,
    )
    title = LineField(
        _l("Title"), [Optional(), MaxCharacters(200)], description=_l("If the name of the file does not say it")
    )
    valid_until = DayField(
        _l("Valid until"), [Optional()], description=_l("The last day; leave empty if it has no end")
    )
    file = FileField(_l("File"), [FileRequired(_l("Choose a file"))])
