"""Forms of the secretary's desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import DataRequired

from grants_app.web.fields import Form, KyivInstantField, LineField, MaxCharacters, TextField


class ReasonForm(Form):
    """A reason for a step of the secretary."""

    reason = TextField(_l("Reason"), [DataRequired(_l("Give the reason: it is recorded")), MaxCharacters(1000)])


class AssignForm(Form):
    """An expert for one application."""

    expert = RadioField(
        _l("Expert"), choices=[], validate_choice=False, validators=[DataRequired(_l("Choose an expert"))]
    )
    reason = LineField(_l("Reason, if it is a replacement or an extra review"), [MaxCharacters(300)])


class ProlongForm(Form):
    """A later end of scoring."""

    until = KyivInstantField(_l("New end of scoring"), [DataRequired(_l("Enter the day and the hour"))])
    reason = TextField(_l("Reason"), [DataRequired(_l("Give the reason: experts will read it")), MaxCharacters(1000)])
