"""Form fields of the product: unified text, money in kopiykas, shares in basis points, Kyiv instants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations
from wtforms import Form as PlainForm
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields import DateField, DateTimeLocalField

from grants_app.core import clock, identifiers, words
from grants_app.core.money import AmbiguousError, parse_bp, parse_kop, parse_milli
from grants_app.web import formatting

_WHOLE = re.compile(r"\d+|\d{1,3}( \d{3})+", re.ASCII)
_TOO_MANY_DIGITS = re.compile(r"^\d(?:[ \u00a0\u202f]?\d){12,}(?:[.,]\d{1,2})?$", re.ASCII)


class Form(FlaskForm):
    """Base of every form of a page."""


class RowForm(PlainForm):
    """Base of the forms nested in a FieldList: without this they would answer in English."""

    class Meta:
        """Use the page's translations."""

        def get_translations(self, form: PlainForm) -> Any:
            """The translations of the reader's language."""
            return translations


class LineField(StringField):
    """One line of text, unified and trimmed."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Unify before any validator counts."""
        self.data = words.one_line(valuelist[0]) if valuelist else ""


class TextField(TextAreaField):
    """Several lines of text, unified."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Unify before any validator counts."""
        self.data = words.unify(valuelist[0]).strip() if valuelist else ""


class MaxCharacters:
    """At most `limit` characters, counted as the page's counter counts them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"max_characters": limit}

    def __call__(self, form: PlainForm, field: StringField) -> None:
        length = words.count(field.data or "")
        if length > self.limit:
            raise ValidationError(
                gettext(
                    "Shorten by %(excess)s characters: %(limit)s are allowed, now %(length)s",
                    excess=formatting.count(length - self.limit),
                    limit=formatting.count(self.limit),
                    length=formatting.count(length),
                )
            )


class _ParsedField(StringField):
    """A text field with a parsed value; what was typed is kept when it cannot be read."""

    data: Any  # the parsed value; None for an empty field, which a validator refuses where one is needed
    typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self._show(self.data)

    def _show(self, value: Any) -> str:
        return str(value)

    def _parse(self, text: str) -> Any:
        raise NotImplementedError

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Parse the typed text; an empty text is None."""
        if not valuelist:
            return
        self.typed = valuelist[0]
        text = words.one_line(valuelist[0])
        if not text:
            self.data = None
            return
        try:
            self.data = self._parse(text)
        except AmbiguousError as error:
            self.data = None
            raise ValueError(two_ways(text)) from error
        except ValueError as error:
            self.data = None
            raise ValueError(self._complaint_of(text)) from error

    def _complaint_of(self, text: str) -> str:
        return self._complaint()

    def _complaint(self) -> str:
        raise NotImplementedError


def two_ways(text: str) -> str:
    """What is said of a number that one reader takes for thousands and another for decimals."""
    return gettext(
        "“%(text)s” can be read in two ways, as thousands or as decimals. Put a space between thousands: 1 234",
        text=text,
    )


class KopField(_ParsedField):
    """An amount of money typed in hryvnias, held in kopiykas (int or None)."""

    def _show(self, value: Any) -> str:
        return formatting.typed_sum(value)

    def _parse(self, text: str) -> int:
        return parse_kop(text)

    def _complaint_of(self, text: str) -> str:
        if _TOO_MANY_DIGITS.match(text):
            return gettext("The amount is too large: check how many digits it has")
        if text[0] in "-−–" and text[1:].strip()[:1].isdecimal():
            return gettext("An amount is from zero up: type it without the minus")
        return self._complaint()

    def _complaint(self) -> str:
        return gettext("Enter an amount in hryvnias, for example 12 500 or 12 500.50")


class ShareField(_ParsedField):
    """A share typed in per cent, held in basis points (int or None)."""

    def _show(self, value: Any) -> str:
        return formatting.typed_share(value)

    def _parse(self, text: str) -> int:
        return parse_bp(text)

    def _complaint(self) -> str:
        return gettext("Enter a share from 0 to 100 per cent, for example 25 or 7.5")


class WholeField(_ParsedField):
    """A whole number of plain digits, thousands apart or not (int or None)."""

    def _parse(self, text: str) -> int:
        if not _WHOLE.fullmatch(text) or len(text) > 12:
            raise ValueError(text)
        return int(text.replace(" ", ""))

    def _complaint(self) -> str:
        return gettext("Enter a whole number")


class QuantityField(_ParsedField):
    """A quantity with up to three decimals, held in thousandths (int or None)."""

    def _show(self, value: Any) -> str:
        return formatting.typed_quantity(value)

    def _parse(self, text: str) -> int:
        return parse_milli(text)

    def _complaint(self) -> str:
        return gettext("Enter a quantity, for example 12 or 1.5")


class DayField(DateField):
    """A day (date or None)."""

    data: date | None


class KyivInstantField(DateTimeLocalField):
    """An instant typed on a Kyiv clock, held as aware UTC."""

    data: datetime | None

    def process_data(self, value: datetime | None) -> None:
        """Show the stored instant on a Kyiv clock."""
        self.data = None if value is None else clock.kyiv(value).replace(tzinfo=None)

    def instant(self) -> datetime | None:
        """The typed moment as an aware instant."""
        return None if self.data is None else self.data.replace(tzinfo=clock.KYIV)


class EdrpouCheck:
    """The check digit of a ЄДРПОУ code."""

    def __call__(self, form: PlainForm, field: StringField) -> None:
        if not identifiers.is_edrpou(field.data or ""):
            raise ValidationError(gettext("Check the EDRPOU code: it has eight digits and the last one must agree"))


class PhoneCheck:
    """A Ukrainian number in the international form."""

    def __call__(self, form: PlainForm, field: StringField) -> None:
        if field.data and not identifiers.is_phone(field.data):
            raise ValidationError(gettext("Enter the phone as +380 and nine digits"))
