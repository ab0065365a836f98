"""Forms of the panel: inviting, and the invited person's answer."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectMultipleField, ValidationError
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.accounts.forms import AddressField, PersonForm
from grants_app.core import clock
from grants_app.reviews.rules.invitations import agreement_digest
from grants_app.web.fields import DayField, Form, LineField, MaxCharacters, TextField


class NotOver:
    """A day that is not over yet."""

    def __call__(self, form: Any, field: DayField) -> None:
        if field.data is not None and field.data < clock.today():
            raise ValidationError(gettext("The last day of answers must not have passed"))


def _respond_by() -> DayField:
    return DayField(_l("Answer by the end of"), [InputRequired(_l("Enter the last day of answers")), NotOver()])


class RespondForm(Form):
    """The last day of answers, for a letter that is sent again."""

    respond_by = _respond_by()


class InviteForm(Form):
    """Several people of the pool at once."""

    people = SelectMultipleField(
        _l("People to invite"),
        [DataRequired(_l("Choose the people to invite"))],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    respond_by = DayField(
        _l("Answer by the end of"),
        [InputRequired(_l("Enter the last day of answers")), NotOver()],
        description=_l("From the next day the place is free again"),
        id="pool-respond-by",
    )


class InvitePersonForm(Form):
    """Somebody who is not in the pool yet."""

    full_name = LineField(_l("Name and surname"), [DataRequired(_l("Enter the name and surname")), MaxCharacters(160)])
    email = AddressField(_l("E-mail"))
    respond_by = _respond_by()


class AgreeForm(Form):
    """Accepting the agreement whose fingerprint stood on the page."""

    digest = HiddenField()
    agree = BooleanField(
        _l("I have read the agreement and the duty of confidentiality and accept them"),
        [InputRequired(_l("Confirm that you accept the agreement"))],
    )

    def show_present_text(self) -> None:
        """The page now shows the text in force: what is accepted next is that one."""
        self.digest.data = agreement_digest()


class AgreeAsNewForm(PersonForm, AgreeForm):
    """The same for a person who opens an account with it."""


class DeclineForm(Form):
    """A decline needs no reason."""

    reason = TextField(
        _l("Why (you may leave it empty)"),
        [MaxCharacters(1000)],
        description=_l("Only the secretary reads it"),
        id="decline-reason",
    )
