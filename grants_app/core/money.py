"""Money as whole kopiykas and shares as basis points; nothing here is ever a float.

Typed numbers are read alike in both languages; how numbers are shown is said by `core.figures`.
"""

from __future__ import annotations

import re

MAX_KOP = 10**15  # ten trillion hryvnias: beyond any city, inside BIGINT
_AMOUNT = re.compile(r"^(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,](\d{1,2}))?$", re.ASCII)
# Both separators in one amount tell which is which: «1,234.50» and «1.234,50»; with one alone nobody knows.
_BOTH = re.compile(r"^(\d{1,3}(?:,\d{3})+)\.(\d{2})$|^(\d{1,3}(?:\.\d{3})+),(\d{2})$", re.ASCII)
_CURRENCY = re.compile(r"^(?:₴|UAH)\s*|\s*(?:₴|грн\.?|UAH)$", re.IGNORECASE)
# «1,234» is a thousand to one reader and one with three decimals to another.
_TWO_WAYS = re.compile(r"^[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)$", re.ASCII)
_QUANTITY = re.compile(r"^(\d{1,9})(?:[.,](\d{0,3})0?)?$", re.ASCII)
_PERCENT = re.compile(r"^(\d{1,3})(?:[.,](\d{1,2}))?$", re.ASCII)
NBSP = "\u00a0"


class AmbiguousError(ValueError):
    """A number that can be read in two ways: nobody guesses which was meant."""


def parse_kop(text: str) -> int:
    """Kopiykas of an amount typed by a person: «1 234,50», «1234.5», «1,234.50 ₴».

    Raises ValueError for signs, letters, more than two decimals and sums beyond any budget, AmbiguousError for «1,234».

    >>> parse_kop("1 234,50"), parse_kop("1,234.50 ₴")
    (123450, 123450)
    """
    plain = _CURRENCY.sub("", text.strip())
    match = _BOTH.match(plain) or _AMOUNT.match(plain)
    if match is None:
        _refuse_two_ways(plain)
        raise ValueError("not an amount of money")
    digits, rest = (*(part for part in match.groups() if part is not None), "")[:2]
    kop = int(re.sub(r"\D", "", digits)) * 100 + int(rest.ljust(2, "0") or 0)
    if kop > MAX_KOP:
        raise ValueError("amount too large")
    return kop


def parse_milli(text: str) -> int:
    """Thousandths of a quantity: «12», «1,5», «1.5», «1 000», «0,125».

    Raises ValueError for anything else, AmbiguousError for «1,500». A fourth decimal may be a nought: «1,2340».

    >>> parse_milli("1,5"), parse_milli("1.5"), parse_milli("1,2340")
    (1500, 1500, 1234)
    """
    plain = re.sub(r"[ \u00a0\u202f]", "", text)
    _refuse_two_ways(plain)
    match = _QUANTITY.match(plain)
    if match is None:
        raise ValueError("not a quantity")
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))


def parse_bp(text: str) -> int:
    """Basis points of a share typed in per cent: «25», «7,5». Raises ValueError outside 0-100 %."""
    match = _PERCENT.match(text.strip().removesuffix("%").strip())
    if match is None:
        raise ValueError("not a share")
    value = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0") or 0)
    if value > 10_000:
        raise ValueError("more than 100 %")
    return value


def _refuse_two_ways(text: str) -> None:
    if _TWO_WAYS.match(text):
        raise AmbiguousError("ambiguous amount of money")


def share_bp(part_kop: int, whole_kop: int) -> int:
    """Share in basis points, rounded down so that «at least 25 %» is never granted by rounding."""
    return part_kop * 10_000 // whole_kop if whole_kop else 0


def meets_share(part_kop: int, whole_kop: int, minimum_bp: int) -> bool:
    """Whether part/whole >= minimum, by cross-multiplication (no rounding at the threshold)."""
    return part_kop * 10_000 >= minimum_bp * whole_kop


def portion_kop(amount_kop: int, bp: int) -> int:
    """`bp` of an amount, kopiykas rounded half up."""
    return (amount_kop * bp + 5_000) // 10_000


def line_total(qty_milli: int, price_kop: int) -> int:
    """Quantity (thousandths) times price, kopiykas rounded half up.

    >>> line_total(1_500, 333)
    500
    """
    return (qty_milli * price_kop + 500) // 1_000


def split_kop(amount_kop: int, weights: list[int]) -> list[int]:
    """Split a sum by weights into whole kopiykas that add up exactly (largest remainder, earlier first).

    >>> split_kop(100, [1, 1, 1])
    [34, 33, 33]
    """
    total = sum(weights)
    if total <= 0:
        raise ValueError("weights must add up to more than zero")
    shares = [amount_kop * weight // total for weight in weights]
    remainders = [amount_kop * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: amount_kop - sum(shares)]:
        shares[index] += 1
    return shares
