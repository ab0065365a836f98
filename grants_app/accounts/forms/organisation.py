"""Forms of an organisation's page: governing people, the account, joining, the office of the head."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from grants_app.accounts.forms import AddressField, NewOrganisationForm, PersonForm
from grants_app.accounts.rules import INVITED_ROLES
from grants_app.accounts.rules.joining import LONGEST_MESSAGE
from grants_app.accounts.rules.profile import MOST_GOVERNING, Governing
from grants_app.core.identifiers import has_edrpou_form, is_iban
from grants_app.permissions import ROLE_LABELS, Role
from grants_app.web.fields import Form, LineField, MaxCharacters, RowForm, TextField


class NameInRow:
    """A row with an office needs its person; a blank row is nobody and is left out."""

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data and form.office.data:
            raise ValidationError(gettext("Enter the name of the person"))


class GoverningRow(RowForm):
    """A person of a governing body."""

    full_name = LineField(
        _l("Name of the person"),
        [NameInRow(), MaxCharacters(160)],
        description=_l("Surname, name and patronymic, as in the register"),
    )
    office = LineField(
        _l("Founder, office or beneficiary"),
        [MaxCharacters(160)],
        description=_l("For example: founder, member of the board"),
    )


class GoverningForm(Form):
    """Everybody who governs or owns the organisation."""

    version = HiddenField()
    people = FieldList(
        FormField(GoverningRow),
        _l("Founders, members of governing bodies, ultimate beneficiaries"),
        min_entries=1,
        max_entries=MOST_GOVERNING,
    )

    def rows(self) -> list[Governing]:
        """The rows that name somebody."""
        return [
            Governing(one.form.full_name.data, one.form.office.data or "")
            for one in self.people.entries
            if one.form.full_name.data
        ]


class IbanField(LineField):
    """An account number; spaces and small letters are put right."""

    def process_formdata(self, valuelist: Any) -> None:
        """Unify before any validator looks."""
        super().process_formdata(valuelist)
        self.data = (self.data or "").replace(" ", "").upper()


class IbanCheck:
    """The control digits of an account."""

    def __call__(self, form: Any, field: IbanField) -> None:
        if not is_iban(field.data or ""):
            raise ValidationError(gettext("Check the account: UA and 27 digits, the control digits must agree"))


class AccountForm(Form):
    """The account to which a contract pays."""

    iban = IbanField(
        _l("Account of the organisation (IBAN)"),
        [InputRequired(_l("Enter the account")), IbanCheck()],
        description=_l("UA and 27 digits"),
    )


class EightDigits:
    """The form of a code; whether such an organisation is registered, the service says."""

    def __call__(self, form: Any, field: LineField) -> None:
        if not has_edrpou_form(field.data or ""):
            raise ValidationError(gettext("Check the EDRPOU code: it has eight digits and the last one must agree"))


class JoinFields:
    """Which organisation, in which role, who asks."""

    edrpou = LineField(
        _l("EDRPOU code of the organisation"),
        [InputRequired(_l("Enter the EDRPOU code")), EightDigits()],
        description=_l("Eight digits, leading zeros count"),
    )
    role = SelectField(_l("Your role"), choices=[], validators=[InputRequired(_l("Choose the role"))])
    message = TextField(
        _l("A few words to the head"),
        [MaxCharacters(LONGEST_MESSAGE)],
        description=_l("How the head knows you. Optional"),
    )


class JoinForm(Form, JoinFields):
    """A person with an account asks to be let into an organisation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = _role_choices(INVITED_ROLES)


class JoinSignUpForm(PersonForm, JoinForm):
    """A newcomer opens a personal account and asks."""

    email = AddressField(_l("Your e-mail"), description=_l("You sign in with it; letters come to it"))


class LetInForm(Form):
    """The role with which a person is let in."""

    role = SelectField(_l("Let in as"), choices=[], validators=[InputRequired(_l("Choose the role"))])

    def __init__(self, *args: Any, has_head: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = _role_choices(INVITED_ROLES if has_head else (Role.NGO_HEAD, *INVITED_ROLES))


class AppointForm(Form):
    """The city names a head where nobody holds the office."""

    email = AddressField(_l("E-mail of the new head"))
    reason = TextField(
        _l("Reason"),
        [InputRequired(_l("Give the reason: it is recorded")), MaxCharacters(500)],
        description=_l("For example: minutes of the meeting that elected the head, day and number"),
    )


class ReasonForm(Form):
    """A step of the city that needs a reason."""

    reason = TextField(_l("Reason"), [InputRequired(_l("Give the reason: it is recorded")), MaxCharacters(500)])


class CloseAccountForm(Form):
    """Why an account is closed."""

    reason = TextField(
        _l("Reason"),
        [InputRequired(_l("Give the reason: the person will read it")), MaxCharacters(500)],
        description=_l("The person gets it by letter; it stays on record"),
    )


class CityOrganisationForm(NewOrganisationForm):
    """An organisation that the city enters itself; only an administrator lets a doubtful code in."""

    edrpou = LineField(
        _l("EDRPOU code"),
        [InputRequired(_l("Enter the EDRPOU code")), EightDigits()],
        description=_l("Eight digits, leading zeros count"),
    )
    edrpou_reason = TextField(
        _l("Why a code with a wrong last digit is right"),
        [MaxCharacters(500)],
        description=_l("Only an administrator, only where the state register has it. The staff sees the reason"),
    )


def _role_choices(roles: tuple[Role, ...]) -> list[SelectChoice]:
    return [SelectChoice(value=role.value, label=gettext(ROLE_LABELS[role])) for role in roles]
