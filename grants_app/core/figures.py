"""How numbers, money, shares, days and times are written for people, in each language: the only place that knows.

Pages and papers call `web.formatting`, which adds the reader's language; letters and refusals carry a `Figure`, whose
language is known only where it is read. Files for machines (CSV, XLSX, JSON, bundle, journal) are not written here.
Typed numbers are read by `core.money`, in either language alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from grants_app.core import clock
from grants_app.core.money import NBSP

NOTHING = "–"
MINUS = "−"
ENGLISH = "en"
# Twenty-four words are kept here: the tables of the world's languages, which would know them too, take 4 MB a process.
_MONTHS = {
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split(),
    "en": "January February March April May June July August September October November December".split(),
}


@dataclass(frozen=True)
class Figure:
    """A value with the way to write it: a letter goes out in two languages, a refusal is read in one of them."""

    write: Callable[[Any, str], str]
    value: Any

    def said(self, lang: str) -> str:
        """The value as the language writes it."""
        return self.write(self.value, lang)

    def __str__(self) -> str:
        return self.said("uk")


def point(lang: str) -> str:
    """What stands between the whole and the decimals."""
    return "." if lang == ENGLISH else ","


def number(text: str | None, lang: str) -> str:
    """An exact decimal text, with a real minus.

    >>> number("-8.50", "uk"), number("-8.50", "en"), number(None, "uk")
    ('−8,50', '−8.50', '–')
    """
    return NOTHING if text is None else text.replace(".", point(lang)).replace("-", MINUS)


def digits(text: str, lang: str) -> str:
    """An exact decimal text with the sign that keyboards have: what files hold and what fields are filled with."""
    return text.replace(".", point(lang))


def expression(text: str, lang: str) -> str:
    """Arithmetic as people write it: the language's decimal mark, a real minus, ÷ for a division.

    >>> expression("(1 × 8.5 + (-2)) / 3 = 6.5/3", "uk"), expression("8.5 / 2", "en")
    ('(1 × 8,5 + (−2)) ÷ 3 = 6,5/3', '8.5 ÷ 2')
    """
    text = re.sub(r"(?<=\d)\.(?=\d)", point(lang), text).replace(" / ", " ÷ ")
    return re.sub(r"(?<!\d)-(?=\d)", MINUS, text)


def mean(text: str | None, lang: str) -> str:
    """A mean as people read it: at most two decimals, half up; files and bundle keep the exact text.

    >>> mean("8.666667", "uk"), mean("8.50", "en")
    ('8,67', '8.5')
    """
    if not text:
        return NOTHING
    rounded = Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
    return number(format(rounded, "f"), lang)


def fixed(value: float | None, lang: str, places: int = 2) -> str:
    """A figure of statistics with so many decimals; nothing is ever «−0,00».

    >>> fixed(-0.375, "uk"), fixed(-0.001, "en")
    ('−0,38', '0.00')
    """
    if value is None:
        return NOTHING
    text = f"{value:.{places}f}"
    return number(text.removeprefix("-") if float(text) == 0 else text, lang)


def count(value: int, lang: str) -> str:
    """A whole number with its thousands apart.

    >>> count(12500, "en"), count(12500, "uk").replace(NBSP, " ")
    ('12,500', '12 500')
    """
    return f"{value:,}".replace("-", MINUS).replace(",", "," if lang == ENGLISH else NBSP)


def hryvnias(kop: int | None, lang: str, *, exact: bool = False) -> str:
    """A sum without its currency, kopiykas where they are not zero; with `exact` always two decimals.

    >>> hryvnias(5_750_050, "en"), hryvnias(5_750_000, "uk", exact=True).replace(NBSP, " ")
    ('57,500.50', '57 500,00')
    """
    if kop is None:
        return NOTHING
    whole, rest = divmod(abs(kop), 100)
    text = f"{count(whole, lang)}{point(lang)}{rest:02d}" if rest or exact else count(whole, lang)
    return f"{MINUS}{text}" if kop < 0 else text


def hryvnias_exact(kop: int | None, lang: str) -> str:
    """A sum without its currency, always with two decimals."""
    return hryvnias(kop, lang, exact=True)


def money(kop: int | None, lang: str, *, exact: bool = False) -> str:
    """A sum with its currency.

    >>> money(123_450, "uk").replace(NBSP, " "), money(123_450, "en").replace(NBSP, " ")
    ('1 234,50 грн', 'UAH 1,234.50')
    """
    return with_currency(hryvnias(kop, lang, exact=exact), lang) if kop is not None else NOTHING


def money_exact(kop: int | None, lang: str) -> str:
    """A sum with its currency and both decimals, as papers write it."""
    return money(kop, lang, exact=True)


def with_currency(amount: str, lang: str) -> str:
    """«UAH 25–100» or «25–100 грн»: the currency put to written digits."""
    return f"UAH{NBSP}{amount}" if lang == ENGLISH else f"{amount}{NBSP}грн"


def share(bp: int | None, lang: str, *, places: int = 1) -> str:
    """A share in per cent, cut and never rounded up: 24,99 % must not look like 25 %.

    >>> share(2499, "uk").replace(NBSP, " "), share(2499, "en", places=2)
    ('24,9 %', '24.99%')
    """
    if bp is None:
        return NOTHING
    return per_cent(f"{bp // 100}.{bp % 100:02d}"[: -2 + places or None], lang)


def share_exact(bp: int, lang: str) -> str:
    """A share as short as it can be said exactly.

    >>> share_exact(2500, "en"), share_exact(750, "uk").replace(NBSP, " ")
    ('25%', '7,50 %')
    """
    return per_cent(f"{bp // 100}.{bp % 100:02d}".removesuffix(".00"), lang)


def per_cent(text: str, lang: str) -> str:
    """A decimal text with its sign of per cent."""
    return f"{number(text, lang)}%" if lang == ENGLISH else f"{number(text, lang)}{NBSP}%"


def quantity(milli: int | None, lang: str) -> str:
    """«12» or «1,5» of a quantity held in thousandths.

    >>> quantity(1_500, "uk"), quantity(1_500, "en"), quantity(2_000, "uk")
    ('1,5', '1.5', '2')
    """
    if milli is None:
        return NOTHING
    whole, rest = divmod(milli, 1000)
    return f"{whole}{point(lang)}{rest:03d}".rstrip("0") if rest else str(whole)


def day(value: date | datetime | None, lang: str) -> str:
    """A day; an instant gives its day in Kyiv.

    >>> day(date(2027, 3, 3), "uk"), day(date(2027, 3, 3), "en")
    ('03.03.2027', '3 March 2027')
    """
    found = _day(value)
    if found is None:
        return NOTHING
    return day_long(found, lang) if lang == ENGLISH else found.strftime("%d.%m.%Y")


def day_long(value: date | datetime | None, lang: str) -> str:
    """A day in words.

    >>> day_long(date(2027, 3, 3), "uk"), day_long(date(2027, 3, 3), "en")
    ('3 березня 2027 року', '3 March 2027')
    """
    found = _day(value)
    if found is None:
        return NOTHING
    month = _MONTHS["en" if lang == ENGLISH else "uk"][found.month - 1]
    return f"{found.day} {month} {found.year}" + ("" if lang == ENGLISH else " року")


def days(first: date, last: date, lang: str) -> str:
    """A span of days.

    >>> days(date(2027, 3, 1), date(2027, 4, 2), "uk"), days(date(2027, 3, 1), date(2027, 4, 2), "en")
    ('01.03.2027–02.04.2027', '1 March 2027 – 2 April 2027')
    """
    dash = " – " if lang == ENGLISH else "–"
    return f"{day(first, lang)}{dash}{day(last, lang)}"


def hour(moment: datetime | None, lang: str) -> str:
    """Hours and minutes on a Kyiv clock."""
    return NOTHING if moment is None else f"{clock.kyiv(moment):%H:%M}"


def instant(moment: datetime | None, lang: str) -> str:
    """Day and minute on a Kyiv clock, as pages say it: «22.11.2026, 17:05», «22 November 2026, 17:05»."""
    return NOTHING if moment is None else f"{day(moment, lang)}, {hour(moment, lang)}"


def stamp(moment: datetime | None, lang: str) -> str:
    """Day and minute as papers say when they were made."""
    return instant(moment, lang) if lang == ENGLISH or moment is None else f"{day(moment, lang)} {hour(moment, lang)}"


def second(moment: datetime | None, lang: str) -> str:
    """Day and second on a Kyiv clock: «22.11.2026 17:05:09», «22 November 2026, 17:05:09»."""
    return NOTHING if moment is None else f"{stamp(moment, lang)}:{clock.kyiv(moment):%S}"


def last_minute(end: datetime, lang: str) -> str:
    """The last minute before an exclusive end: «23:59 26.03.2027», «23:59 on 26 March 2027»."""
    last = end - timedelta(minutes=1)
    between = " on " if lang == ENGLISH else " "
    return f"{hour(last, lang)}{between}{day(last, lang)}"


def typed_sum(kop: int, lang: str) -> str:
    """A sum as it stands in a field: whoever sends it back is understood, whatever the language.

    >>> typed_sum(5_750_050, "en").replace(NBSP, " "), typed_sum(5_750_000, "uk").replace(NBSP, " ")
    ('57 500.50', '57 500')
    """
    return hryvnias(kop, "uk").replace(",", point(lang))


def typed_share(bp: int, lang: str) -> str:
    """A share as it stands in a field beside its sign of per cent."""
    return number(f"{bp // 100}.{bp % 100:02d}".removesuffix(".00"), lang)


def typed_quantity(milli: int, lang: str) -> str:
    """A quantity as it stands in a field; three decimals get a nought, lest they be taken for thousands.

    >>> typed_quantity(1_500, "en"), typed_quantity(1_234, "uk")
    ('1.5', '1,2340')
    """
    text = quantity(milli, lang)
    return f"{text}0" if milli % 10 and milli >= 1000 else text


def _day(value: date | datetime | None) -> date | None:
    return clock.kyiv(value).date() if isinstance(value, datetime) else value
