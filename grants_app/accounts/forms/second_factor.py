"""Forms of the second factor."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from grants_app.web.fields import Form, LineField, MaxCharacters, TextField


class CodeForm(Form):
    """A code of the authenticator, or a recovery code."""

    code = LineField(
        _l("Code"),
        [InputRequired(_l("Enter the code from your application")), MaxCharacters(60)],
        description=_l("Six digits from the application on your phone, or one of your recovery codes"),
    )


class PasswordAndCodeForm(CodeForm):
    """The password and a code, for changes of the factor itself."""

    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password"))])


class SetUpForm(PasswordAndCodeForm):
    """The first code proves that the secret has reached the phone; the secret travels sealed."""

    sealed = HiddenField()
    code = LineField(
        _l("Code from the application"),
        [InputRequired(_l("Enter the code from your application")), MaxCharacters(60)],
        description=_l("Six digits that the application shows after scanning"),
    )


class ResetForm(Form):
    """Why an administrator removes somebody's factor."""

    reason = TextField(_l("Reason"), [MaxCharacters(500)])
