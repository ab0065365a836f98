"""Forms of the pool of experts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.web.fields import Form, LineField, MaxCharacters


class ExpertForm(Form):
    """What the assignment needs to know about an expert."""

    workplace = LineField(_l("Workplace"), [MaxCharacters(300)])
    workplace_edrpou = LineField(
        _l("ЄДРПОУ of the workplace"),
        [MaxCharacters(8)],
        description=_l("Eight digits; an application of this organisation is never offered to the expert"),
    )
    fields_known = SelectMultipleField(
        _l("Fields of expertise"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    is_available = BooleanField(_l("Can be asked now"))
