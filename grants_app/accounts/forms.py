"""Forms of sign-in, registration, profile and organisation."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, ValidationError
from wtforms.validators import Email, EqualTo, InputRequired

from grants_app.web.fields import Form, LineField, MaxCharacters


class AddressField(LineField):
    """An e-mail address."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        checks = [
            InputRequired(_l("Enter an e-mail address")),
            MaxCharacters(254),
            Email(_l("Enter an e-mail address such as name@example.org")),
        ]
        super().__init__(label, checks, **kwargs)


class SignInForm(Form):
    """E-mail and password. The address is not checked for shape: a wrong one is simply not known."""

    email = LineField(_l("E-mail"), [InputRequired(_l("Enter your e-mail address"))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password"))])
    next = HiddenField()


class ForgottenForm(Form):
    """Asking for a link to a new password."""

    email = AddressField(_l("E-mail"))


class SamePasswordTwice:
    """The two typed passwords agree."""

    def __call__(self, form: Any, field: PasswordField) -> None:
        if field.data != form.password.data:
            raise ValidationError(gettext("The two passwords differ. Type the same one twice"))


def new_password_field() -> PasswordField:
    """The field for a new password; what makes it good is a rule, told as a hint."""
    return PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a new password"))],
        description=_l("At least 12 characters. Several unconnected words are easy to keep and hard to guess"),
    )


class NewPasswordForm(Form):
    """A new password, typed twice."""

    password = new_password_field()
    again = PasswordField(
        _l("The new password once more"),
        [EqualTo("password", _l("The two passwords differ. Type the same one twice"))],
    )


class ConfirmForm(Form):
    """A button alone."""
