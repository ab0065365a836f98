"""Figures in the reader's language: `core.figures` with the locale of the page, or of the paper being made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import Domain, get_locale, gettext, ngettext

from grants_app.core import clock, figures
from grants_app.core.figures import Figure

# Facts of refusals and findings that are sums in kopiykas.
_SUMS = frozenset(("available", "promised", "limit", "amount", "minimum", "maximum", "excess"))
# Facts that count something: characters, words, rows.
_COUNTS = frozenset(("over", "least", "most", "longest", "length", "limit_count"))


class Catalogue(Domain):  # type: ignore[misc]  # Flask-Babel is untyped
    """The texts of pages and papers: what a plural sentence counts is written like every other figure."""

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """«1 знак», «4 000 знаків», “4,000 characters”."""
        text = str(self.get_translations().ungettext(singular, plural, num))
        return text.replace("%(num)d", "%(num)s") % {"num": count(num), **variables}


def language() -> str:
    """The language being spoken: the reader's, or the one that a paper was given."""
    return str(get_locale() or "uk")


def money(kop: int | None) -> str:
    """«148 000 грн», «UAH 148,000»: kopiykas only when not zero."""
    return figures.money(kop, language())


def money_exact(kop: int | None) -> str:
    """«148 000,00 грн», «UAH 148,000.00», as documents write it."""
    return figures.money(kop, language(), exact=True)


def money_span(least_kop: int, most_kop: int) -> str:
    """«500,50–800 грн», «UAH 500.50–800»."""
    lang = language()
    return figures.with_currency(f"{figures.hryvnias(least_kop, lang)}–{figures.hryvnias(most_kop, lang)}", lang)


def hryvnias(kop: int | None) -> str:
    """«148 000» under a heading that names the currency."""
    return figures.hryvnias(kop, language())


def hryvnias_exact(kop: int | None) -> str:
    """«148 000,00» under a heading that names the currency."""
    return figures.hryvnias(kop, language(), exact=True)


def number(text: str | None) -> str:
    """An exact decimal text: a score, points, a limit."""
    return figures.number(text, language())


def mean(text: str | None) -> str:
    """A mean, at most two decimals."""
    return figures.mean(text, language())


def expression(text: str) -> str:
    """Arithmetic of the engine as people write it."""
    return figures.expression(text, language())


def fixed(value: float | None, places: int = 2) -> str:
    """A figure of statistics."""
    return figures.fixed(value, language(), places)


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return figures.count(value, language())


def share(bp: int | None) -> str:
    """«26,0 %», «26.0%»."""
    return figures.share(bp, language())


def share_two(bp: int | None) -> str:
    """«26,00 %», «26.00%»: where a hundredth of a per cent decides."""
    return figures.share(bp, language(), places=2)


def share_exact(bp: int) -> str:
    """A share as short as it can be said exactly."""
    return figures.share_exact(bp, language())


def per_cent(text: str) -> str:
    """A decimal text with its sign of per cent."""
    return figures.per_cent(text, language())


def quantity(milli: int | None) -> str:
    """«12» or «1,5» of a quantity held in thousandths."""
    return figures.quantity(milli, language())


def day_short(value: date | datetime | None) -> str:
    """«03.03.2027», «3 March 2027» (Kyiv day of an instant)."""
    return figures.day(value, language())


def day_long(value: date | datetime | None) -> str:
    """«3 березня 2027 року», «3 March 2027»."""
    return figures.day_long(value, language())


def days(first: date, last: date) -> str:
    """A span of days."""
    return figures.days(first, last, language())


def hour(moment: datetime | None) -> str:
    """«23:59» on a Kyiv clock."""
    return figures.hour(moment, language())


def instant(moment: datetime | None) -> str:
    """«03.03.2027, 23:59», «3 March 2027, 23:59» on a Kyiv clock."""
    return figures.instant(moment, language())


def stamp(moment: datetime | None) -> str:
    """Day and minute as papers say when they were made."""
    return figures.stamp(moment, language())


def second(moment: datetime | None) -> str:
    """Day and second."""
    return figures.second(moment, language())


def last_minute(end: datetime) -> str:
    """The last minute before an exclusive end."""
    return figures.last_minute(end, language())


def typed_sum(kop: int) -> str:
    """A sum as it stands in a field."""
    return figures.typed_sum(kop, language())


def typed_share(bp: int) -> str:
    """A share as it stands in a field."""
    return figures.typed_share(bp, language())


def typed_quantity(milli: int) -> str:
    """A quantity as it stands in a field."""
    return figures.typed_quantity(milli, language())


def clock_words(moment: datetime | None) -> str:
    """What is left: «12 днів», «5 годин», or that the term is over."""
    if moment is None:
        return figures.NOTHING
    left = moment - clock.now()
    if left.total_seconds() <= 0:
        return gettext("The deadline has passed")
    if left.days >= 1:
        return ngettext("%(num)d day left", "%(num)d days left", left.days)
    hours = int(left.total_seconds() // 3600)
    if hours >= 1:
        return ngettext("%(num)d hour left", "%(num)d hours left", hours)
    return ngettext("%(num)d minute left", "%(num)d minutes left", int(left.total_seconds() // 60))


def facts_shown(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts of a refusal or a finding as the sentence prints them: figures in the language, sums written out."""
    return {name: _fact(name, value) for name, value in facts.items()}


def _fact(name: str, value: object) -> object:
    if isinstance(value, Figure):
        return value.said(language())
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return money(value) if name in _SUMS else count(value) if name in _COUNTS else value


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "money_exact": money_exact,
    "hryvnias": hryvnias,
    "share": share,
    "share_exact": share_exact,
    "points": number,
    "quantity": quantity,
    "date": day_short,
    "date_long": day_long,
    "instant": instant,
    "second": second,
    "clock_words": clock_words,
}
