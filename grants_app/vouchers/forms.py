"""Forms of the voucher pages: shape, units and bounds; the rules are asked in the services."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.vouchers.rules import AREAS
from grants_app.web.fields import (
    DayField,
    Form,
    KopField,
    LineField,
    MaxCharacters,
    QuantityField,
    ShareField,
    TextField,
    WholeField,
)

_NEEDED = _l("Fill this in")


class ProgrammeForm(Form):
    """A new programme."""

    code = LineField(_l("Code"), [DataRequired(_NEEDED), MaxCharacters(20)], description=_l("For example V-2027"))
    title = LineField(_l("Title"), [DataRequired(_NEEDED), MaxCharacters(200)])
    year = WholeField(_l("Year"), [InputRequired(_NEEDED), NumberRange(2000, 2100, _l("Enter a year"))])
    donor = LineField(_l("Donor"), [DataRequired(_NEEDED), MaxCharacters(200)])
    fund = KopField(
        _l("Fund, UAH"),
        [InputRequired(_NEEDED)],
        description=_l("Grant money of the donor: the city’s budget does not pay vouchers"),
    )
    face = KopField(_l("Face value of a voucher, UAH"), [InputRequired(_NEEDED)])
    share = ShareField(_l("Compensated share, per cent"), [InputRequired(_NEEDED)])
    ends_on = DayField(_l("Last day of the programme"), [InputRequired(_NEEDED)])
    validity_days = WholeField(_l("Validity of a voucher, days"), [InputRequired(_NEEDED), NumberRange(1, 730)])
    booking_days = WholeField(_l("Days to sign the scope of work"), [InputRequired(_NEEDED), NumberRange(1, 365)])
    yearly = WholeField(_l("Vouchers a year for one organisation"), [InputRequired(_NEEDED), NumberRange(1, 20)])
    payee = RadioField(
        _l("Who receives the compensation"),
        choices=[
            SelectChoice("to_consultant", _l("The consultant")),
            SelectChoice("to_ngo", _l("The organisation, after it has paid")),
        ],
        default="to_consultant",
    )


class OfferForm(Form):
    """A service of the programme with its ceilings."""

    service = SelectField(_l("Service"), [DataRequired(_NEEDED)])
    hours = QuantityField(_l("At most hours"), [InputRequired(_NEEDED)])
    rate = KopField(_l("At most for an hour, UAH"), [InputRequired(_NEEDED)])


class ReasonForm(Form):
    """A step that needs a reason."""

    reason = TextField(_l("Reason"), [DataRequired(_l("Give the reason")), MaxCharacters(1000)])


def request_form(services: list[tuple[str, str]], *args: Any, **kwargs: Any) -> Form:
    """The request: one service, the need, the eight areas of self-assessment as radios 1-5."""

    class RequestForm(Form):
        """«Заявка на ваучер»."""

        service = RadioField(
            _l("Which consulting do you need?"),
            [DataRequired(_l("Choose a service"))],
            choices=[SelectChoice(code, title) for code, title in services],
        )
        need = TextField(
            _l("What should the consulting change in your organisation?"),
            [DataRequired(_l("Describe the need")), MaxCharacters(2000)],
        )

    for code, title in AREAS:
        marks = RadioField(
            _l(title),
            [DataRequired(_l("Mark this area from 1 to 5"))],
            choices=[SelectChoice(str(mark), str(mark)) for mark in range(1, 6)],
        )
        setattr(RequestForm, f"area_{code}", marks)
    return RequestForm(*args, **kwargs)


class ScopeForm(Form):
    """«Технічне завдання»."""

    consultant = SelectField(_l("Consultant"), [DataRequired(_l("Choose a consultant"))])
    description = TextField(_l("What will be done and handed over"), [DataRequired(_NEEDED), MaxCharacters(3000)])
    hours = QuantityField(_l("Hours"), [InputRequired(_NEEDED)])
    rate = KopField(_l("Rate for an hour, UAH"), [InputRequired(_NEEDED)])
    starts_on = DayField(_l("Work starts on"), [InputRequired(_NEEDED)])
    ends_on = DayField(_l("Work ends on"), [InputRequired(_NEEDED)])


class SignForm(Form):
    """A signature under the content that was shown."""

    digest = HiddenField()
    agree = BooleanField(_l("I have read this and sign it"), [DataRequired(_l("Confirm that you sign"))])


class ActForm(Form):
    """«Акт наданих послуг»."""

    number = LineField(_l("Number of the act"), [DataRequired(_NEEDED), MaxCharacters(40)])
    day = DayField(_l("Day of the act"), [InputRequired(_NEEDED)])
    content = TextField(_l("Services rendered and their result"), [DataRequired(_NEEDED), MaxCharacters(3000)])
    hours = QuantityField(_l("Hours worked"), [InputRequired(_NEEDED)])


class ClaimForm(Form):
    """«Заявка на компенсацію»: the amount is computed, so it is not asked."""

    invoice_number = LineField(_l("Number of the invoice"), [DataRequired(_NEEDED), MaxCharacters(40)])
    invoice_day = DayField(_l("Day of the invoice"), [InputRequired(_NEEDED)])
    payee_iban = LineField(_l("IBAN of the payee"), [DataRequired(_NEEDED), MaxCharacters(40)])
    copayment_proof = LineField(
        _l("Payment document of the organisation’s own part"),
        [MaxCharacters(200)],
        description=_l("Number and date, for example: No. 45 of 12 June 2027"),
    )
    rating = RadioField(
        _l("How useful was the service?"),
        [DataRequired(_l("Mark the service from 1 to 5"))],
        choices=[SelectChoice(str(mark), str(mark)) for mark in range(1, 6)],
    )
    feedback = TextField(_l("What did it change"), [MaxCharacters(1500)])


class PaymentForm(Form):
    """The record of a payment."""

    reference = LineField(_l("Number of the payment document"), [DataRequired(_NEEDED), MaxCharacters(80)])


class ConsultantForm(Form):
    """Request for accreditation."""

    name = LineField(_l("Name in contracts"), [DataRequired(_NEEDED), MaxCharacters(200)])
    tax_code = LineField(
        _l("EDRPOU or tax number"),
        [DataRequired(_NEEDED), MaxCharacters(10)],
        description=_l("Seen only by the operator and the finance officer"),
    )
    about = TextField(_l("Experience"), [DataRequired(_NEEDED), MaxCharacters(1500)])
    services = SelectMultipleField(_l("Services"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
