"""Columns of the tables of money."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from grants_app.budget.rules import KINDS, SOURCES
from grants_app.web.columns import Columns, Moment, Money, Number, Text, Word


class SourceWord(Word):
    """Whose money it is."""

    def shown(self, value: Any) -> str:
        """The word of the source."""
        return gettext(SOURCES[value])


class KindWord(Word):
    """What happened to the money."""

    def shown(self, value: Any) -> str:
        """The word of the kind."""
        return gettext(KINDS[value])


class BudgetLineSchema(Columns):
    """Lines with their counters."""

    code = Text(label=_l("Line"), width=2.5)
    title = Text(label=_l("Title"), width=4)
    parent = Text(label=_l("Part of"), width=2)
    year = Number(label=_l("Year"))
    source = SourceWord(label=_l("Source"), width=1.5)
    kpkvk = Text(label=_l("Programme code"), width=1.5)
    limit_kop = Money(label=_l("Limit, UAH"))
    reserved_kop = Money(label=_l("Reserved, UAH"))
    spent_kop = Money(label=_l("Paid, UAH"))
    free_kop = Money(label=_l("Free, UAH"))


class BudgetEntrySchema(Columns):
    """Movements of a line."""

    at = Moment(label=_l("When"))
    kind = KindWord(label=_l("What"), width=1.5)
    amount_kop = Money(label=_l("Sum, UAH"))
    thing = Text(label=_l("For what"), width=2)
    thing_code = Text(label=_l("Code"), width=2)
    note = Text(label=_l("Reason"), width=3)
