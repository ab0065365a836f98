"""Decimal text, exact fractions and the rounding stages of the rules.

Official numbers are fractions from the first mark to the last place; text is made of them only for print.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

RoundingMode = Literal["half_up", "half_even"]
PRINT_PLACES: Final = 6
_DECIMAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_LONGEST: Final = 40
_EXACT_PLACES: Final = 12
_EXACT_UNIT: Final = 10**_EXACT_PLACES


def is_decimal(text: str) -> bool:
    """Tell whether a text is a plain decimal number such as ``7``, ``-2.5`` or ``0.10``.

    >>> [is_decimal(text) for text in ("7.50", "7,5", "1e3", "")]
    [True, False, False, False]
    """
    return len(text) <= _LONGEST and _DECIMAL.fullmatch(text) is not None


def parse_decimal(text: str) -> Decimal:
    """Read decimal text exactly, keeping its places.

    Raises
    ------
    ValueError
        The text is not a plain decimal number.

    >>> parse_decimal("7.50")
    Decimal('7.50')
    """
    if not is_decimal(text):
        raise ValueError(f"'{text[:_LONGEST]}' is not a decimal number")
    return Decimal(text)


def decimal_text(value: Decimal) -> str:
    """Write a decimal as it was read, never with an exponent.

    >>> decimal_text(Decimal("0.0000001"))
    '0.0000001'
    """
    return format(value, "f")


def optional_text(value: Decimal | None) -> str | None:
    """Write a decimal, or nothing where there is none.

    >>> optional_text(Decimal("60")), optional_text(None)
    ('60', None)
    """
    return None if value is None else decimal_text(value)


def round_ratio(numerator: int, denominator: int, places: int, mode: RoundingMode) -> int:
    """Round a ratio to a whole number of units of ``10**-places``.

    Halves go away from zero (``half_up``) or to the even neighbour (``half_even``).

    >>> round_ratio(62125, 1000, 2, "half_up"), round_ratio(62125, 1000, 2, "half_even")
    (6213, 6212)
    >>> round_ratio(-5, 2, 0, "half_up")
    -3
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    scale: int = 10**places
    whole, rest = divmod(abs(numerator) * scale, abs(denominator))
    double = 2 * rest
    if double > abs(denominator) or (double == abs(denominator) and (mode == "half_up" or whole % 2 == 1)):
        whole += 1
    return sign * whole


def round_fraction(value: Fraction, places: int, mode: RoundingMode) -> Fraction:
    """Round a fraction to a number of decimal places.

    >>> round_fraction(Fraction(62125, 1000), 2, "half_up")
    Fraction(6213, 100)
    """
    return Fraction(round_ratio(value.numerator, value.denominator, places, mode), 10**places)


def fixed_text(value: Fraction, places: int) -> str:
    """Print a fraction with exactly so many places, halves up.

    >>> fixed_text(Fraction(2, 3), 2), fixed_text(Fraction(-1, 2), 0), fixed_text(Fraction(7), 1)
    ('0.67', '-1', '7.0')
    """
    units = round_ratio(value.numerator, value.denominator, places, "half_up")
    digits = str(abs(units)).rjust(places + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def plain_text(value: Fraction, places: int = PRINT_PLACES) -> str:
    """Print a fraction with at most so many places and no trailing zeros.

    >>> plain_text(Fraction(375, 4)), plain_text(Fraction(1, 3)), plain_text(Fraction(20))
    ('93.75', '0.333333', '20')
    """
    if value.denominator == 1:
        return str(value.numerator)
    text = fixed_text(value, places).rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def exact_text(value: Fraction) -> str:
    """Print a fraction exactly: as a decimal where that ends within twelve places, else as p/q.

    >>> exact_text(Fraction(249, 4)), exact_text(Fraction(-1, 3)), exact_text(Fraction(20))
    ('62.25', '-1/3', '20')
    """
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * _EXACT_UNIT
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    return fixed_text(value, _EXACT_PLACES).rstrip("0")
