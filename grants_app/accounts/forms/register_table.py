"""Forms of the table of the register: the file, and the table that was shown."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField

from grants_app.web.fields import Form


class RegisterFileForm(Form):
    """A table of organisations."""

    file = FileField(
        _l("Table, XLSX or CSV"),
        validators=[FileRequired(_l("Choose a file"))],
        description=_l("The columns are found by their headings; code and name are needed. At most 10,000 rows"),
    )
    overwrite = BooleanField(
        _l("Also replace what organisations with people here have written themselves"),
        description=_l("Otherwise only their empty fields are filled"),
    )


class RegisterConfirmForm(Form):
    """The rows that were shown, to be written."""

    rows = HiddenField()
    basis = HiddenField()
    overwrite = HiddenField()
