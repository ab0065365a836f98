"""Forms about conflicts of interest: reporting one, deciding on one."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from grants_app.reviews.rules.conflicts import LONGEST_DETAILS, REASONS_OF_OTHERS
from grants_app.web.fields import Form, LineField, MaxCharacters, TextField


class RaiseForm(Form):
    """Who has a conflict with the application, and what is known of it."""

    person = SelectField(_l("Person"), validate_choice=False)
    expert_code = LineField(
        _l("Code of the expert"),
        [MaxCharacters(80)],
        description=_l("Experts are known by their codes, for example E-7KQ4. Leave empty if you named a person above"),
    )
    reason = RadioField(
        _l("What ties the person to the application"),
        [InputRequired(_l("Choose the reason"))],
        choices=[SelectChoice(code, _l(label)) for code, label in REASONS_OF_OTHERS.items()],
        validate_choice=False,
    )
    details = TextField(
        _l("What you know"),
        [MaxCharacters(LONGEST_DETAILS)],
        description=_l("Only the secretary and whoever decides read it. Name facts that can be checked"),
    )


class DecisionForm(Form):
    """The decision on a line of the register."""

    verdict = RadioField(
        _l("Decision"),
        [InputRequired(_l("Choose the decision"))],
        choices=[
            SelectChoice("confirm", _l("There is a conflict: the application is considered without this person")),
            SelectChoice("dismiss", _l("There is no conflict")),
        ],
    )
    reason = TextField(
        _l("Reason"),
        [InputRequired(_l("Give the reason: those concerned will read it")), MaxCharacters(LONGEST_DETAILS)],
        description=_l("Those concerned and readers of the register see it; it is not published"),
    )
