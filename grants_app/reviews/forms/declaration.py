"""Forms of the expert's declaration."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from grants_app.reviews.rules import (
    CONFLICT_REASONS,
)
from grants_app.web.fields import Form, MaxCharacters, TextField


class DeclarationForm(Form):
    """The answer about conflicts of interest."""

    answer = RadioField(
        _l("Do you have a conflict of interest with this application?"),
        choices=[
            SelectChoice("none", _l("No: I declare that I am impartial and will keep the text confidential")),
            SelectChoice("conflict", _l("Yes: another expert should score it")),
            SelectChoice("doubt", _l("I am not sure: let the chair of the commission decide")),
            SelectChoice("busy", _l("No conflict, but I cannot score it for another reason")),
        ],
        validate_choice=False,
    )
    reason = RadioField(
        _l("Reason"),
        choices=[SelectChoice(code, _l(label)) for code, label in CONFLICT_REASONS.items()],
        validate_choice=False,
        description=_l("Only the secretary and the chair read it, and it is not published"),
    )
    details = TextField(
        _l("Explanation, if you want to give one"),
        [MaxCharacters(1000)],
        description=_l("Only the secretary and the chair read it"),
    )
