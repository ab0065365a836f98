"""Columns of the ledger, the register and the directory, for the page and every export."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from grants_app.accounts.rules import NONPROFIT_CODES, ORGANISATION_KINDS
from grants_app.accounts.rules.profile import FIELDS
from grants_app.web.columns import Columns, Day, Moment, Money, Number, Text, Word


class Activities(Text):
    """Fields of activity: codes in JSON, words elsewhere."""

    def shown(self, value: object) -> str:
        """The words, separated as they are read back."""
        codes = value if isinstance(value, tuple | list) else ()
        return "; ".join(gettext(FIELDS[code]) for code in codes if code in FIELDS)

    def _serialize(self, value: object, attr: str | None, obj: object, **kwargs: object) -> list[str] | None:  # type: ignore[override]  # a list of codes, where the base gives one text
        return list(value) if isinstance(value, tuple | list) else None


class Kind(Word):
    """The kind of an organisation: its code in JSON, the words elsewhere."""

    def shown(self, value: object) -> str:
        """The words."""
        return super().shown(ORGANISATION_KINDS.get(str(value), value))


class Status(Word):
    """The sign of non-profitability."""

    def shown(self, value: object) -> str:
        """The words."""
        return super().shown(NONPROFIT_CODES.get(str(value), value))


class YesNo(Text):
    """Yes or no."""

    def shown(self, value: object) -> str:
        """In words."""
        return gettext("yes") if value else gettext("no")


class LedgerSchema(Columns):
    """A line of the ledger."""

    at = Moment(label=_l("When"), width=1.7)
    kind = Word(label=_l("What"), width=1.5)
    title = Text(label=_l("Name"), width=3)
    code = Text(label=_l("Code"), width=1.8)
    state = Word(label=_l("State"), width=1.6)
    asked_kop = Money(label=_l("Asked, UAH"))
    given_kop = Money(label=_l("Given, UAH"))
    own_kop = Money(label=_l("Own share promised, UAH"))
    paid_kop = Money(label=_l("Paid, UAH"))
    owed = Word(label=_l("Owed"), width=1.8)
    due_at = Moment(label=_l("Until"), width=1.7)


class RegisterSchema(Columns):
    """An organisation of the city's register; the headings are recognised when the table comes back."""

    names_people = True

    edrpou = Text(label=_l("EDRPOU code"), width=1.4)
    name = Text(label=_l("Full name of the organisation"), width=3.5)
    short_name = Text(label=_l("Short name"), width=2)
    kind = Kind(label=_l("Kind of organisation"), width=2)
    registered_on = Day(label=_l("Day of state registration"), width=1.5)
    nonprofit_code = Status(label=_l("Non-profit status code"), width=1.6)
    nonprofit_decision = Text(label=_l("Decision on the non-profit status"), width=1.8)
    head_name = Text(label=_l("Head of the organisation"), width=2.2)
    head_position = Text(label=_l("Position of the head"), width=1.8)
    legal_address = Text(label=_l("Registered address"), width=2.6)
    actual_address = Text(label=_l("Actual address"), width=2.6)
    katottg = Text(label=_l("Code of the community (KATOTTH)"), width=2)
    district = Text(label=_l("District of the city"), width=1.6)
    activities = Activities(label=_l("Fields of activity"), width=2.4)
    contact_email = Text(label=_l("E-mail of the organisation"), width=2)
    contact_phone = Text(label=_l("Phone of the organisation"), width=1.6)
    website = Text(label=_l("Website"), width=2)
    people_count = Number(label=_l("People here"), width=1)
    is_listed = YesNo(label=_l("In the directory"), width=1)
    edrpou_reason = Text(label=_l("Why a code with a wrong last digit is right"), width=2)


class DirectorySchema(Columns):
    """An entry of the public directory as open data."""

    id = Text(label=_l("Identifier"), width=1.8)
    edrpou = Text(label=_l("EDRPOU code"), width=1.4)
    name = Text(label=_l("Full name of the organisation"), width=3.5)
    short_name = Text(label=_l("Short name"), width=2)
    kind = Kind(label=_l("Kind of organisation"), width=2)
    activities = Activities(label=_l("Fields of activity"), width=2.4)
    district = Text(label=_l("District of the city"), width=1.6)
    about = Text(label=_l("About the organisation"), width=4)
    website = Text(label=_l("Website"), width=2)
    email = Text(label=_l("E-mail of the organisation"), width=2)
    registered_year = Number(label=_l("Registered in"), width=1)
    listed_at = Moment(label=_l("Agreed to be listed"), width=1.7)
    licence = Text(label=_l("Licence"), width=1.2)
