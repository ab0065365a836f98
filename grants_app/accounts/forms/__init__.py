"""Forms of sign-in, registration, profile and organisation."""

from __future__ import annotations

import re
from dataclasses import fields as columns
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.accounts.rules import (
    GRANTED_ROLES,
    INVITED_ROLES,
    NONPROFIT_CODES,
    ORGANISATION_KINDS,
    OrganisationFacts,
)
from grants_app.accounts.rules.profile import FIELDS, LONGEST_ABOUT, WEBSITE
from grants_app.core import clock
from grants_app.core.identifiers import is_katottg
from grants_app.permissions import ROLE_LABELS
from grants_app.web.fields import DayField, EdrpouCheck, Form, LineField, MaxCharacters, PhoneCheck, TextField


class NotInFuture:
    """A day that has come."""

    def __call__(self, form: Any, field: DayField) -> None:
        if field.data is not None and field.data > clock.today():
            raise ValidationError(gettext("Enter a day that has already come"))


class LeadsNowhere:
    """A name is no address of a page: letters of the city carry names to people who know nothing of their bearer."""

    def __call__(self, form: Any, field: LineField) -> None:
        if re.search(r"://|\bwww\.", field.data or "", re.IGNORECASE):
            raise ValidationError(gettext("A name holds no address of a page"))


class KatottgCheck:
    """The form of a code of the register of territories."""

    def __call__(self, form: Any, field: LineField) -> None:
        if field.data and not is_katottg(field.data):
            raise ValidationError(gettext("Enter the code as UA and 17 digits"))


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
    code = HiddenField()  # of the second factor, when the dialog over a page has asked for it


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
    again = PasswordField(_l("The new password once more"), [SamePasswordTwice()])


class ConfirmForm(Form):
    """A button alone."""


class PersonForm(Form):
    """Who opens the account."""

    full_name = LineField(
        _l("Your name"),
        [InputRequired(_l("Enter your name")), MaxCharacters(160), LeadsNowhere()],
        description=_l("Name and surname, as in documents"),
    )
    phone = LineField(_l("Your phone"), [Optional(), PhoneCheck()], description=_l("+380 and nine digits"))
    password = new_password_field()
    again = PasswordField(_l("The new password once more"), [SamePasswordTwice()])


class ProfileFields:
    """What an organisation tells about itself and may change later."""

    name = LineField(
        _l("Full name of the organisation"),
        [InputRequired(_l("Enter the name of the organisation")), MaxCharacters(300), LeadsNowhere()],
        description=_l("As in the register, with the legal form"),
    )
    short_name = LineField(
        _l("Short name"),
        [InputRequired(_l("Enter the short name")), MaxCharacters(120), LeadsNowhere()],
        description=_l("For example ГО «Назва»"),
    )
    kind = SelectField(_l("Kind of organisation"), choices=[], validators=[InputRequired(_l("Choose the kind"))])
    nonprofit_code = SelectField(
        _l("Non-profit status code"), choices=[], validators=[InputRequired(_l("Choose the non-profit status code"))]
    )
    registered_on = DayField(
        _l("Day of state registration"), [InputRequired(_l("Enter the day of registration")), NotInFuture()]
    )
    head_name = LineField(
        _l("Head of the organisation"),
        [InputRequired(_l("Enter the name of the head")), MaxCharacters(160)],
        description=_l("Surname, name and patronymic, as in the register"),
    )
    head_position = LineField(_l("Position of the head"), [Optional(), MaxCharacters(120)])
    legal_address = LineField(
        _l("Registered address"), [InputRequired(_l("Enter the registered address")), MaxCharacters(300)]
    )
    actual_address = LineField(
        _l("Actual address"), [Optional(), MaxCharacters(300)], description=_l("If it differs from the registered one")
    )
    katottg = LineField(
        _l("Code of the community (KATOTTH)"), [Optional(), KatottgCheck()], description=_l("UA and 17 digits")
    )
    contact_email = LineField(
        _l("E-mail of the organisation"),
        [Optional(), MaxCharacters(254), Email(_l("Enter an e-mail address such as name@example.org"))],
    )
    contact_phone = LineField(
        _l("Phone of the organisation"), [Optional(), PhoneCheck()], description=_l("+380 and nine digits")
    )
    website = LineField(
        _l("Website"),
        [Optional(), MaxCharacters(200), Regexp(WEBSITE, message=_l("Enter an address that begins with https://"))],
    )
    nonprofit_decision = LineField(
        _l("Decision on the non-profit status"),
        [Optional(), MaxCharacters(120)],
        description=_l("Day and number, for example 12 May 2019 No. 123"),
    )
    fields = SelectMultipleField(
        _l("Fields of activity"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("At most six; people find you by them in the directory"),
    )
    district = LineField(
        _l("District of the city"), [Optional(), MaxCharacters(80)], description=_l("Where you mostly work")
    )
    about = TextField(
        _l("About the organisation"),
        [Optional(), MaxCharacters(LONGEST_ABOUT)],
        description=_l("Two or three sentences: what you do and for whom"),
    )


class OrganisationForm(Form, ProfileFields):
    """The profile of an organisation; `version` is what the person saw."""

    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_choices(self)


class NewOrganisationForm(OrganisationForm):
    """An organisation that comes in: the profile and its code."""

    edrpou = LineField(
        _l("EDRPOU code"),
        [InputRequired(_l("Enter the EDRPOU code")), EdrpouCheck()],
        description=_l("Eight digits, leading zeros count"),
    )


class RegistrationForm(PersonForm, NewOrganisationForm):
    """A person and an organisation together."""

    email = AddressField(_l("Your e-mail"), description=_l("You sign in with it; letters come to it"))
    consent = BooleanField(
        _l("I have read how personal data is used, and I act for this organisation"),
        [InputRequired(_l("Confirm that you have read how personal data is used"))],
    )


class InviteColleagueForm(Form):
    """Inviting a person into an organisation."""

    email = AddressField(_l("E-mail of the colleague"))
    role = SelectField(_l("Role"), choices=[], validators=[InputRequired(_l("Choose the role"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(value=role.value, label=gettext(ROLE_LABELS[role])) for role in INVITED_ROLES]


class RoleForm(Form):
    """A role to be given."""

    role = SelectField(_l("Role"), choices=[], validators=[InputRequired(_l("Choose the role"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(value=role.value, label=gettext(ROLE_LABELS[role])) for role in GRANTED_ROLES]


class InviteStaffForm(RoleForm):
    """Inviting a person of the staff, an expert or a member of the commission."""

    email = AddressField(_l("E-mail"))


class ProfileForm(Form):
    """A person's own profile."""

    full_name = LineField(_l("Your name"), [InputRequired(_l("Enter your name")), MaxCharacters(160), LeadsNowhere()])
    phone = LineField(_l("Your phone"), [Optional(), PhoneCheck()], description=_l("+380 and nine digits"))
    lang = RadioField(
        _l("Language of pages and letters"),
        choices=[SelectChoice(value="uk", label="Українська"), SelectChoice(value="en", label="English")],
    )
    letters_by = RadioField(
        _l("Letters"),
        [Optional()],
        choices=[
            SelectChoice(value="at_once", label=_l("Each letter at once")),
            SelectChoice(value="daily", label=_l("Unhurried letters together, once a day at 8:00")),
        ],
        description=_l(
            "Terms, security, votes and the last reminder always come at once. Letters of the procedure cannot be "
            "switched off: terms run from them"
        ),
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password, with the present one."""

    current = PasswordField(_l("Current password"), [InputRequired(_l("Enter the current password"))])


def fill_choices(form: Any) -> None:
    """Words of the choices in the reader's language."""
    form.kind.choices = [SelectChoice(value=code, label=gettext(label)) for code, label in ORGANISATION_KINDS.items()]
    form.nonprofit_code.choices = [
        SelectChoice(value=code, label=gettext(label)) for code, label in NONPROFIT_CODES.items()
    ]
    form["fields"].choices = [SelectChoice(value=code, label=gettext(label)) for code, label in FIELDS.items()]


def organisation_facts(form: Any, edrpou: str) -> OrganisationFacts:
    """The typed profile as plain values; what the form has no field for is not read, whatever was sent."""
    texts = {
        column.name: form[column.name].data or ""
        for column in columns(OrganisationFacts)
        if column.name not in {"edrpou", "registered_on", "fields"}
    }
    chosen = tuple(form["fields"].data or ())
    return OrganisationFacts(edrpou=edrpou, registered_on=form.registered_on.data, fields=chosen, **texts)
